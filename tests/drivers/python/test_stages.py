"""Files through stages: PUT, GET, LIST, REMOVE. The driver transfers the bytes itself, over the server's own ports."""

import gzip
import hashlib
import io
import os

import pytest
import snowflake.connector

from conftest import CONNECTOR_VERSION


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows(cursor, text, **options):
    return cursor.execute(text, **options).fetchall()


def refusal(cursor, text):
    with pytest.raises(snowflake.connector.errors.Error) as caught:
        cursor.execute(text)
    return caught.value


@pytest.fixture
def folders(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    return source, target


def test_one_file(cursor, folders):
    source, target = folders
    file = source / "data.bin"
    file.write_bytes(os.urandom(300_000))
    cursor.execute("create stage st")
    (row,) = rows(cursor, f"put file://{file} @st/a auto_compress=false")
    assert row[:7] == ("data.bin", "data.bin", 300_000, 300_000, "NONE", "NONE", "UPLOADED")
    (row,) = rows(cursor, f"get @st/a/data.bin file://{target}")
    assert row[1:3] == (300_000, "DOWNLOADED")
    assert digest(target / "data.bin") == digest(file)
    (row,) = rows(cursor, "ls @st")
    assert row[:3] == ("st/a/data.bin", 300_000, hashlib.md5(file.read_bytes()).hexdigest())


def test_a_wildcard(cursor, folders):
    source, target = folders
    for number in range(20):
        (source / f"part{number:02}.csv").write_text(f"{number},x\n" * 1000)
    cursor.execute("create stage st")
    assert {row[6] for row in rows(cursor, f"put file://{source}/part*.csv @st/w parallel=8")} == {"UPLOADED"}
    names = [row[0] for row in rows(cursor, "list @st/w")]
    assert names == [f"st/w/part{number:02}.csv.gz" for number in range(20)]
    assert len(rows(cursor, f"get @st/w/ file://{target}/")) == 20
    for number in range(20):
        text = gzip.open(target / f"part{number:02}.csv.gz", "rt").read()
        assert text == f"{number},x\n" * 1000
    assert len(rows(cursor, f"get @st file://{target} pattern='.*part1[0-4].*'")) == 5
    assert rows(cursor, "rm @st pattern='.*part0.*'")[0] == ("st/w/part00.csv.gz", "removed")
    assert len(rows(cursor, "list @st")) == 10


def test_overwrite(cursor, folders):
    source, target = folders
    file = source / "a.csv"
    cursor.execute("create stage st")
    options = "auto_compress=false"
    for content, more in (("1", ""), ("22", ""), ("333", "overwrite=true")):
        file.write_text(content)
        rows(cursor, f"put file://{file} @st {options} {more}")
        rows(cursor, f"get @st/a.csv file://{target}")
        # what is there stays, though connector 4 believes that it has been uploaded
        assert (target / "a.csv").read_text() == ("1" if not more else "333")


def test_names_with_spaces_and_letters_of_all_kinds(cursor, folders):
    source, target = folders
    file = source / "na me ü+%20#?.csv"
    file.write_text("x")
    cursor.execute('create stage "My Stage"')
    rows(cursor, f"put 'file://{source}/na me*' '@\"My Stage\"/fol der/ö' auto_compress=false")
    assert rows(cursor, "list '@\"My Stage\"'")[0][0] == "my stage/fol der/ö/na me ü+%20#?.csv"
    rows(cursor, f"get '@\"My Stage\"/fol der/' 'file://{target}'")
    assert digest(target / file.name) == digest(file)


def test_empty_files_and_streams(cursor, folders):
    source, target = folders
    (source / "empty.csv").touch()
    cursor.execute("create temporary stage st")
    rows(cursor, f"put file://{source}/empty.csv @st auto_compress=false")
    content = os.urandom(200_000)
    rows(cursor, "put file:///nowhere/stream.bin @st auto_compress=false", file_stream=io.BytesIO(content))
    assert [row[:2] for row in rows(cursor, "list @st")] == [("st/empty.csv", 0), ("st/stream.bin", 200_000)]
    rows(cursor, f"get @st file://{target}")
    assert (target / "empty.csv").read_bytes() == b""
    assert (target / "stream.bin").read_bytes() == content


def test_stages_of_tables_and_users(cursor, folders):
    source, _ = folders
    file = source / "a.csv"
    file.write_text("1")
    cursor.execute("create table t (n int)")
    rows(cursor, f"put file://{file} @%t")
    assert [row[0] for row in rows(cursor, "list @%t")] == ["a.csv.gz"]
    rows(cursor, f"put file://{file} @~/mine")
    assert [row[0] for row in rows(cursor, "list @~/mine")] == ["mine/a.csv.gz"]
    assert rows(cursor, "rm @~/mine") == [("mine/a.csv.gz", "removed")]


def test_other_users_and_sessions(connect, folders):
    source, _ = folders
    (source / "a.csv").write_text("1")
    one, other = connect(user="one").cursor(), connect(user="other").cursor()
    rows(one, f"put file://{source}/a.csv @~/secret")
    assert rows(other, "list @~/secret") == []
    one.execute("create temporary stage mine")
    assert refusal(other, "list @mine").errno == 2003
    rows(one, "rm @~/secret")


def test_paths_that_climb(cursor, folders):
    source, target = folders
    (source / "a.csv").write_text("1")
    cursor.execute("create stage st")
    for path in ("../x", "a/../../x", "/etc", "./x"):
        assert "invalid path in a stage" in refusal(cursor, f"put file://{source}/a.csv @st/{path}").msg
        assert "invalid path in a stage" in refusal(cursor, f"get @st/{path} file://{target}").msg
    assert "does not exist or not authorized" in refusal(cursor, f"put file://{source}/a.csv @nothing").msg


@pytest.mark.skipif(CONNECTOR_VERSION >= 5, reason="a private way of connector 4, which write_pandas takes")
def test_files_that_are_collected_by_one_url(cursor, folders):
    source, _ = folders
    for number in range(3):
        (source / f"file{number}.txt").write_text(str(number))
    cursor.execute("create temporary stage st")
    cursor._upload(f"file://{source}/*", "@st", {"auto_compress": False})
    assert len(rows(cursor, "list @st")) == 3


def test_array_binds_through_a_stage(connect):
    connection = connect(session_parameters={"CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 10}, paramstyle="qmark")
    cursor = connection.cursor()
    cursor.execute("create table t (n int, s varchar, d date)")
    values = [(number, None if number % 3 else f"it's, \"{number}\"\n", "2020-02-03") for number in range(100)]
    cursor.executemany("insert into t values (?, ?, ?)", values)
    assert cursor.execute("select count(*), sum(n), count(s), max(d)::varchar from t").fetchone() == (100, 4950, 34, "2020-02-03")
    stage = "SYSTEMBIND" if CONNECTOR_VERSION < 5 else "SYSTEM$BIND"
    assert len(rows(cursor, f"list @{stage}")) == 1
    assert cursor.execute("select s from t where n = 3").fetchone() == ("it's, \"3\"\n",)
