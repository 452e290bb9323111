// Snowflake's Go driver, unmodified, against the release binary.
package snowglobe_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	sf "github.com/snowflakedb/gosnowflake"
)

var (
	ports  = map[string]int{}
	folder string
)

func TestMain(m *testing.M) {
	os.Exit(withServer(m))
}

// withServer runs the tests beside a server of their own, whose addresses are read from its banner.
func withServer(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "snowglobe-go"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	server := exec.Command(os.Getenv("SNOWGLOBE_BINARY"), "--memory", "--http-port", "0", "--https-port", "0")
	server.Dir = folder
	output, err := server.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := server.Start(); err != nil {
		panic(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	for lines := bufio.NewScanner(output); len(ports) < 2 && lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 2 && (words[0] == "http" || words[0] == "https") {
			ports[words[0]], _ = strconv.Atoi(words[1][strings.LastIndex(words[1], ":")+1:])
		}
	}
	return m.Run()
}

func open(t *testing.T, scheme string) *sql.DB {
	t.Helper()
	config := sf.Config{
		Account: "snowglobe", User: "tester", Password: "any", Database: "GO", Schema: t.Name(),
		Host: "127.0.0.1", Port: ports[scheme], Protocol: scheme,
		DisableOCSPChecks: true,
	}
	config.Schema = strings.NewReplacer("/", "_").Replace(strings.ToUpper(config.Schema))
	if scheme == "https" {
		pem, err := os.ReadFile(filepath.Join(folder, "certs", "ca.pem"))
		check(t, err)
		authorities := x509.NewCertPool()
		authorities.AppendCertsFromPEM(pem)
		config.Transporter = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}
	}
	db := sql.OpenDB(sf.NewConnector(sf.SnowflakeDriver{}, config))
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func one[T any](t *testing.T, db *sql.DB, query string, arguments ...any) T {
	t.Helper()
	var value T
	check(t, db.QueryRow(query, arguments...).Scan(&value))
	return value
}

func TestConnect(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			db := open(t, scheme)
			check(t, db.Ping())
			equal(t, one[string](t, db, "select current_database()"), "GO")
		})
	}
}

func TestTypes(t *testing.T) {
	db := open(t, "http")
	row := db.QueryRow(`select 42, 1.25, 1.5::float, 'é', true, '2020-02-03'::date, '01:02:03.123456'::time,
		'2020-02-03 04:05:06.789'::timestamp_ntz, '2020-02-03 04:05:06.789 +02:00'::timestamp_tz, x'00ff', null`)
	var (
		number       int64
		exact        string
		float        float64
		text         string
		boolean      bool
		date, clock  time.Time
		plain, zoned time.Time
		binary       []byte
		null         sql.NullString
	)
	check(t, row.Scan(&number, &exact, &float, &text, &boolean, &date, &clock, &plain, &zoned, &binary, &null))
	equal(t, number, 42)
	equal(t, exact, "1.25")
	equal(t, float, 1.5)
	equal(t, text, "é")
	equal(t, boolean, true)
	equal(t, date.Format(time.DateOnly), "2020-02-03")
	equal(t, clock.Format("15:04:05.000000"), "01:02:03.123456")
	equal(t, plain.Format(time.RFC3339Nano), "2020-02-03T04:05:06.789Z")
	equal(t, zoned.Format(time.RFC3339Nano), "2020-02-03T04:05:06.789+02:00")
	equal(t, string(binary), "\x00\xff")
	equal(t, null.Valid, false)
}

func TestHugeNumbers(t *testing.T) {
	db := open(t, "http")
	rows, err := db.QueryContext(sf.WithHigherPrecision(context.Background()), "select 99999999999999999999999999999999999999")
	check(t, err)
	defer rows.Close()
	rows.Next()
	var value *big.Int
	check(t, rows.Scan(&value))
	equal(t, value.String(), strings.Repeat("9", 38))
}

func TestBinds(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t (n int, f float, s varchar, b boolean, d date, c time, m timestamp_ntz, z timestamp_tz, x binary)")
	check(t, err)
	moment := time.Date(2020, 2, 3, 4, 5, 6, 789_000_000, time.FixedZone("", 7200))
	result, err := db.Exec("insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		7, 1.5, "it's", true, sf.DataTypeDate, moment, sf.DataTypeTime, moment, sf.DataTypeTimestampNtz, moment,
		sf.DataTypeTimestampTz, moment, sf.DataTypeBinary, []byte{0, 255})
	check(t, err)
	count, err := result.RowsAffected()
	check(t, err)
	equal(t, count, 1)
	equal(t, one[string](t, db, "select s from t where n = ? and f = ? and b = ?", 7, 1.5, true), "it's")
	equal(t, one[string](t, db, "select to_varchar(d) || ' ' || to_varchar(c) from t"), "2020-02-03 04:05:06")
	zoned := one[time.Time](t, db, "select z from t")
	equal(t, zoned.Equal(moment), true)
	equal(t, string(one[[]byte](t, db, "select x from t")), "\x00\xff")
	var null sql.NullInt64
	check(t, db.QueryRow("select ?", nil).Scan(&null))
	equal(t, null.Valid, false)
}

func TestArrayBinds(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t (n int, s varchar, f float)")
	check(t, err)
	const rowCount = 10_000
	numbers, texts, floats := make([]int, rowCount), make([]string, rowCount), make([]float64, rowCount)
	for i := range rowCount {
		numbers[i], texts[i], floats[i] = i, fmt.Sprint("row ", i), float64(i)/4
	}
	result, err := db.Exec("insert into t values (?, ?, ?)", sf.Array(&numbers), sf.Array(&texts), sf.Array(&floats))
	check(t, err)
	count, err := result.RowsAffected()
	check(t, err)
	equal(t, count, rowCount)
	equal(t, one[int](t, db, "select sum(n) from t where s = 'row ' || n and f = n / 4"), rowCount*(rowCount-1)/2)
}

func TestArrayBindsThatChangeRows(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t as select column1 as n, 'old' as s from values (1), (2), (3), (4)")
	check(t, err)
	texts, numbers := []string{"uno", "dos", "none"}, []int{1, 2, 99}
	result, err := db.Exec("update t set s = ? where n = ?", sf.Array(&texts), sf.Array(&numbers))
	check(t, err)
	count, err := result.RowsAffected()
	check(t, err)
	equal(t, count, 2)
	gone := []int{3, 4}
	_, err = db.Exec("delete from t where n = ?", sf.Array(&gone))
	check(t, err)
	equal(t, one[string](t, db, "select listagg(s, ',') within group (order by n) from t"), "uno,dos")
}

func TestNamedBinds(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t (n int, s varchar)")
	check(t, err)
	_, err = db.Exec("insert into t values (:number, :text)", sql.Named("text", "it's"), sql.Named("number", 7))
	check(t, err)
	query := "select s || :more from t where n = :number and :number > 0"
	equal(t, one[string](t, db, query, sql.Named("number", 7), sql.Named("more", "!")), "it's!")
}

func TestDescribe(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t (n number(10,2) not null, s varchar(5))")
	check(t, err)
	rows, err := db.QueryContext(sf.WithDescribeOnly(context.Background()), "select n, s from t")
	check(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	check(t, err)
	equal(t, types[0].Name(), "N")
	equal(t, types[0].DatabaseTypeName(), "FIXED")
	precision, scale, _ := types[0].DecimalSize()
	equal(t, precision, 10)
	equal(t, scale, 2)
	nullable, _ := types[0].Nullable()
	equal(t, nullable, false)
	length, _ := types[1].Length()
	equal(t, length, 5)
	equal(t, rows.Next(), false)
}

func TestRowsAsJSON(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("alter session set GO_QUERY_RESULT_FORMAT = 'JSON'")
	check(t, err)
	equal(t, one[string](t, db, "select 'é' || 1.50"), "é1.50")
}

func TestQueriesAtOnce(t *testing.T) {
	db := open(t, "http")
	db.SetMaxOpenConns(1)
	connection, err := db.Conn(context.Background())
	check(t, err)
	defer connection.Close()
	began := time.Now()
	var all []*sql.Rows
	for range 3 {
		rows, err := connection.QueryContext(sf.WithAsyncMode(context.Background()), "select system$wait(1)")
		check(t, err)
		all = append(all, rows)
	}
	for _, rows := range all {
		equal(t, rows.Next(), true)
		check(t, rows.Close())
	}
	if time.Since(began) > 20*time.Second {
		t.Fatal("one after the other")
	}
}

func TestSeveralStatements(t *testing.T) {
	db := open(t, "http")
	several, err := sf.WithMultiStatement(context.Background(), 0)
	check(t, err)
	result, err := db.ExecContext(several, "create table t (n int); insert into t values (1), (2); insert into t values (3)")
	check(t, err)
	count, err := result.RowsAffected()
	check(t, err)
	equal(t, count, 3)
	rows, err := db.QueryContext(several, "select count(*) from t; select 'a' union all select 'b'")
	check(t, err)
	defer rows.Close()
	var number, texts int
	for rows.Next() {
		check(t, rows.Scan(&number))
	}
	equal(t, number, 3)
	equal(t, rows.NextResultSet(), true)
	for rows.Next() {
		texts++
	}
	equal(t, texts, 2)
	_, err = db.Exec("select 1; select 2")
	equal(t, snowflakeError(t, err).Number, 8)
}

func snowflakeError(t *testing.T, err error) *sf.SnowflakeError {
	t.Helper()
	var snowflake *sf.SnowflakeError
	if !errors.As(err, &snowflake) {
		t.Fatalf("no Snowflake error: %v", err)
	}
	return snowflake
}

func TestErrors(t *testing.T) {
	db := open(t, "http")
	for _, c := range []struct {
		query, state string
		number       int
	}{
		{"select * fro t", "42000", 1003},
		{"select nope", "42000", 904},
		{"select * from nope", "42S02", 2003},
		{"select 1 / 0", "22012", 100051},
	} {
		_, err := db.Query(c.query)
		found := snowflakeError(t, err)
		equal(t, found.Number, c.number)
		equal(t, found.SQLState, c.state)
		equal(t, len(found.QueryID), 36)
	}
}

func TestAsync(t *testing.T) {
	db := open(t, "http")
	ids := make(chan string, 1)
	rows, err := db.QueryContext(sf.WithQueryIDChan(sf.WithAsyncMode(context.Background()), ids), "select system$wait(1)")
	check(t, err)
	id := <-ids
	rows.Next()
	var text string
	check(t, rows.Scan(&text))
	equal(t, text, "waited 1 seconds")
	check(t, rows.Close())
	equal(t, func() string {
		rows, err := db.QueryContext(sf.WithFetchResultByID(context.Background(), id), "")
		check(t, err)
		defer rows.Close()
		rows.Next()
		check(t, rows.Scan(&text))
		return text
	}(), "waited 1 seconds")
}

func TestCancel(t *testing.T) {
	db := open(t, "http")
	patience, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	began := time.Now()
	_, err := db.QueryContext(patience, "select system$wait(60)")
	if err == nil || time.Since(began) > 20*time.Second {
		t.Fatalf("not canceled: %v", err)
	}
}

func TestTransaction(t *testing.T) {
	db := open(t, "http")
	_, err := db.Exec("create table t (n int)")
	check(t, err)
	for _, commit := range []bool{true, false} {
		transaction, err := db.Begin()
		check(t, err)
		_, err = transaction.Exec("insert into t values (1)")
		check(t, err)
		if commit {
			check(t, transaction.Commit())
		} else {
			check(t, transaction.Rollback())
		}
	}
	equal(t, one[int](t, db, "select count(*) from t"), 1)
}

func TestBigResult(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			db := open(t, scheme)
			_, err := db.Exec("create table d (n int)")
			check(t, err)
			_, err = db.Exec("insert into d values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
			check(t, err)
			rows, err := db.Query(`select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n as n, 'some text ' || a.n
				from d a, d b, d c, d d, d e, d f where f.n < 5`)
			check(t, err)
			defer rows.Close()
			var count, sum, n int
			var text string
			for rows.Next() {
				check(t, rows.Scan(&n, &text))
				count, sum = count+1, sum+n
			}
			check(t, rows.Err())
			equal(t, count, 500_000)
			equal(t, sum, 500_000*499_999/2)
		})
	}
}
