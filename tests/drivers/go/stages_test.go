package snowglobe_test

// Files through stages: the driver transfers the bytes itself, over the server's own ports.

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sf "github.com/snowflakedb/gosnowflake"
)

// column runs a statement and gives the text of one of its columns.
func column(t *testing.T, db *sql.DB, ctx context.Context, name, text string) []string {
	t.Helper()
	rows, err := db.QueryContext(ctx, text)
	check(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	check(t, err)
	var found []string
	for rows.Next() {
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(sql.NullString)
		}
		check(t, rows.Scan(cells...))
		for i := range names {
			if strings.EqualFold(names[i], name) {
				found = append(found, cells[i].(*sql.NullString).String)
			}
		}
	}
	check(t, rows.Err())
	return found
}

func digest(t *testing.T, path string) [32]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	check(t, err)
	return sha256.Sum256(content)
}

func TestStages(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			ctx := context.Background()
			db := open(t, scheme)
			db.SetMaxOpenConns(1)
			source, target := t.TempDir(), t.TempDir()
			content := make([]byte, 300_000)
			_, _ = rand.Read(content)
			check(t, os.WriteFile(filepath.Join(source, "data.bin"), content, 0o600))
			_, err := db.Exec("create or replace stage st")
			check(t, err)

			put := fmt.Sprintf("put file://%s/data.bin @st/a auto_compress=false overwrite=true", source)
			equal(t, column(t, db, ctx, "status", put)[0], "UPLOADED")
			equal(t, column(t, db, ctx, "name", "list @st")[0], "st/a/data.bin")
			get := fmt.Sprintf("get @st/a/data.bin file://%s", target)
			equal(t, column(t, db, ctx, "status", get)[0], "DOWNLOADED")
			equal(t, digest(t, filepath.Join(target, "data.bin")), digest(t, filepath.Join(source, "data.bin")))

			for number := range 20 {
				text := strings.Repeat(fmt.Sprintf("%d,x\n", number), 1000)
				check(t, os.WriteFile(fmt.Sprintf("%s/part%02d.csv", source, number), []byte(text), 0o600))
			}
			put = fmt.Sprintf("put file://%s/part*.csv @st/w auto_compress=false", source)
			equal(t, len(column(t, db, ctx, "status", put)), 20)
			names := column(t, db, ctx, "name", "list @st/w")
			equal(t, len(names), 20)
			equal(t, names[19], "st/w/part19.csv")
			equal(t, len(column(t, db, ctx, "status", fmt.Sprintf("get @st/w/ file://%s", target))), 20)
			for number := range 20 {
				name := fmt.Sprintf("part%02d.csv", number)
				equal(t, digest(t, filepath.Join(target, name)), digest(t, filepath.Join(source, name)))
			}

			stream := sf.WithFileStream(ctx, bytes.NewReader(content))
			put = "put file:///nowhere/stream.bin @st/s auto_compress=false"
			equal(t, column(t, db, stream, "status", put)[0], "UPLOADED")
			var out bytes.Buffer
			options := &sf.SnowflakeFileTransferOptions{GetFileToStream: true}
			streamed := sf.WithFileTransferOptions(sf.WithFileGetStream(ctx, &out), options)
			column(t, db, streamed, "status", fmt.Sprintf("get @st/s/stream.bin file://%s", target))
			equal(t, sha256.Sum256(out.Bytes()), sha256.Sum256(content))
		})
	}
}

func TestArrayBindThroughStage(t *testing.T) {
	db := open(t, "http")
	db.SetMaxOpenConns(1)
	_, err := db.Exec("alter session set CLIENT_STAGE_ARRAY_BINDING_THRESHOLD = 10")
	check(t, err)
	_, err = db.Exec("create or replace table t (n int, s varchar)")
	check(t, err)
	numbers, texts := make([]int, 100), make([]string, 100)
	for i := range numbers {
		numbers[i], texts[i] = i, fmt.Sprintf("it's, \"%d\"\n", i)
	}
	_, err = db.Exec("insert into t values (?, ?)", sf.Array(&numbers), sf.Array(&texts))
	check(t, err)
	equal(t, one[int](t, db, "select sum(n) from t"), 4950)
	equal(t, one[string](t, db, "select s from t where n = 7"), "it's, \"7\"\n")
	equal(t, len(column(t, db, context.Background(), "name", "list @SYSTEM$BIND")), 1)
}
