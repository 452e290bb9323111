"""Every way in which a result is read, and what a cursor says of it."""

import pickle
import time
from decimal import Decimal

import pytest
import snowflake.connector
from conftest import CONNECTOR_VERSION
from snowflake.connector import DictCursor
from snowflake.connector.constants import FIELD_ID_TO_NAME
from snowflake.connector.errors import DatabaseError, ProgrammingError

ROW_COUNT = 30_000


@pytest.fixture
def rows(cursor):
    cursor.execute("create table digits as select column1 as d from values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
    cursor.execute(
        """
        create table many as
        select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d as n, repeat('x', 100) || n as s
        from digits a, digits b, digits c, digits e, digits f where n < %s
        """,
        (ROW_COUNT,),
    )
    return cursor


def test_fetches_in_pieces(rows):
    rows.execute("select n from many order by n")
    assert rows.rowcount == ROW_COUNT
    assert rows.fetchone() == (0,)
    assert rows.fetchmany(3) == [(1,), (2,), (3,)]
    assert [row for row, _ in zip(rows, range(2))] == [(4,), (5,)]
    rest = rows.fetchall()
    assert rest[-1] == (ROW_COUNT - 1,)
    assert rows.fetchone() is None and rows.fetchmany(2) == [] and rows.fetchall() == []


def test_batches_of_each_form(rows, request):
    rows.execute("select n, s from many order by n")
    batches = rows.get_result_batches()
    assert sum(batch.rowcount for batch in batches) == ROW_COUNT
    numbers = [row[0] for batch in batches for row in batch]
    assert numbers == list(range(ROW_COUNT))
    assert sum(batch.to_arrow().num_rows for batch in batches) == ROW_COUNT
    assert sum(len(batch.to_pandas()) for batch in batches) == ROW_COUNT
    # a batch travels to another process, where connector 5 no longer knows whom this connection trusts
    if CONNECTOR_VERSION >= 5 and request.node.callspec.params["connect"] == "https":
        return
    again = pickle.loads(pickle.dumps(batches[-1]))
    assert list(again)[-1][0] == ROW_COUNT - 1


def test_arrow_and_pandas_in_pieces(rows):
    rows.execute("select n, s from many order by n")
    assert sum(len(frame) for frame in rows.fetch_pandas_batches()) == ROW_COUNT
    rows.execute("select n, s from many order by n")
    assert sum(table.num_rows for table in rows.fetch_arrow_batches()) == ROW_COUNT
    rows.execute("select n, s from many order by n")
    table = rows.fetch_arrow_all()
    assert (table.num_rows, table.column("N")[-1].as_py()) == (ROW_COUNT, ROW_COUNT - 1)
    frame = rows.execute("select n, s from many order by n").fetch_pandas_all()
    assert list(frame.columns) == ["N", "S"] and int(frame["N"].iloc[-1]) == ROW_COUNT - 1


def test_dictionaries_by_each_fetch(connect):
    cursor = connect().cursor(DictCursor)
    cursor.execute("select column1 as n, column2 as s from values (1, 'a'), (2, 'b'), (3, null) order by n")
    assert cursor.fetchone() == {"N": 1, "S": "a"}
    assert cursor.fetchmany(1) == [{"N": 2, "S": "b"}]
    assert list(cursor) == [{"N": 3, "S": None}]


def test_describe_runs_nothing(cursor):
    cursor.execute("create table t (n number(10,2) not null, s varchar(5), v variant)")
    described = cursor.describe("insert into t select 1, 'a', null")
    assert [column.name for column in described] == ["number of rows inserted"]
    assert cursor.execute("select count(*) from t").fetchone() == (0,)
    described = cursor.describe("select n, s, v, n * 2 as twice from t")
    found = [(c.name, FIELD_ID_TO_NAME[c.type_code], c.precision, c.scale, c.internal_size, c.is_nullable) for c in described]
    assert found == [
        ("N", "FIXED", 10, 2, None, False),
        ("S", "TEXT", None, None, 5, True),
        ("V", "VARIANT", None, None, None, True),
        ("TWICE", "FIXED", 11, 2, None, False),
    ]
    with pytest.raises(ProgrammingError) as error:
        cursor.describe("select nope from t")
    assert (error.value.errno, error.value.sqlstate, len(error.value.sfqid)) == (904, "42000", 36)


def test_the_description_of_what_is_not_a_query(cursor):
    for sql, names in [
        ("create table t (n int)", ["status"]),
        ("insert into t values (1), (2)", ["number of rows inserted"]),
        ("update t set n = 3 where n = 1", ["number of rows updated", "number of multi-joined rows updated"]),
        ("delete from t", ["number of rows deleted"]),
        ("alter session set query_tag = 'x'", ["status"]),
        ("drop table t", ["status"]),
    ]:
        cursor.execute(sql)
        assert [column.name for column in cursor.description] == names, sql


def test_row_counts_of_all_that_writes(cursor):
    for sql, count in [
        ("create table t (n int, s varchar)", 1),
        ("insert into t values (1, 'a'), (2, 'b'), (3, 'c')", 3),
        ("update t set s = 'x' where n > 1", 2),
        ("merge into t using (select 3 as n union all select 4) u on t.n = u.n"
         " when matched then delete when not matched then insert values (u.n, 'new')", 2),
        ("delete from t where n = 1", 1),
        ("select * from t", 2),
        ("insert into t select * from t", 2),
    ]:
        cursor.execute(sql)
        assert cursor.rowcount == count, sql


@pytest.mark.parametrize("paramstyle", ["qmark", "numeric"])
def test_batches_that_change_rows(connect, paramstyle):
    cursor = connect(paramstyle=paramstyle).cursor()
    first, second = ("?", "?") if paramstyle == "qmark" else (":1", ":2")
    cursor.execute("create table t (n int, s varchar)")
    cursor.executemany(f"insert into t values ({first}, {second})", [(n, str(n)) for n in range(10)])
    assert cursor.rowcount == 10
    cursor.executemany(f"update t set s = {first} where n = {second}", [("one", 1), ("two", 2), ("none", 99)])
    assert cursor.rowcount == 2
    cursor.executemany(f"delete from t where n = {first}", [(8,), (9,)])
    assert cursor.rowcount == 2
    cursor.executemany(
        f"merge into t using (select {first}::int as n, {second} as s) u on t.n = u.n"
        " when matched then update set s = u.s when not matched then insert values (u.n, u.s)",
        [(1, "uno"), (20, "twenty")],
    )
    assert cursor.rowcount == 2
    found = cursor.execute("select s from t order by n").fetchall()
    assert found == [("0",), ("uno",), ("two",), ("3",), ("4",), ("5",), ("6",), ("7",), ("twenty",)]


def test_a_bound_name(connect):
    cursor = connect(paramstyle="qmark").cursor()
    cursor.execute("create table identifier(?) (n int)", ("some_table",))
    cursor.execute("insert into identifier(?) values (?)", ("some_table", 7))
    assert cursor.execute("select n from identifier(?) where n = ?", ("some_table", 7)).fetchall() == [(7,)]
    with pytest.raises(ProgrammingError) as error:
        cursor.execute("select n from identifier(?)", ("no_table",))
    assert error.value.errno == 2003


def test_bound_json(connect):
    cursor = connect(paramstyle="qmark").cursor()
    cursor.execute("create table t (v variant)")
    cursor.execute("insert into t select parse_json(?)", ('{"a": [1, 2.50, null]}',))
    assert cursor.execute("select v:a[1] + ? from t", (Decimal("0.25"),)).fetchall()[0][0] == Decimal("2.75")


def test_client_side_expansion(connect):
    cursor = connect().cursor()
    cursor.execute("create table t (n int, s varchar)")
    cursor.executemany("insert into t values (%(n)s, %(s)s)", [{"n": n, "s": "it's"} for n in range(3)])
    assert cursor.execute("select n from t where n in (%s, %s) order by n", (0, 2)).fetchall() == [(0,), (2,)]
    assert cursor.execute("select count(*) from t where s like 'it%%'").fetchone() == (3,)


def test_strings_of_statements(connect):
    connection = connect()
    cursors = connection.execute_string(
        """
        -- a comment; with a semicolon
        create table t (n int);
        insert into t values (1), (2); /* another; one */
        select 'a;b', $$c;d$$, count(*) from t;
        """
    )
    found = [cursor.fetchall() for cursor in cursors]
    assert found[1:] == [[(2,)], [("a;b", "c;d", 2)]]
    with pytest.raises(ProgrammingError):
        connection.execute_string("select 1; select nope; select 2")


def test_errors_of_asynchronous_queries(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute_async("select 1 / 0")
    query = cursor.sfqid
    while connection.is_still_running(connection.get_query_status(query)):
        time.sleep(0.05)
    with pytest.raises(ProgrammingError) as error:
        cursor.get_results_from_sfqid(query)
        cursor.fetchall()
    assert isinstance(error.value, DatabaseError)
    assert "Division by zero" in str(error.value)


def test_an_asynchronous_result_of_many_chunks(rows):
    rows.execute_async("select n, s from many order by n")
    query = rows.sfqid
    rows.get_results_from_sfqid(query)
    assert rows.fetchall()[-1][0] == ROW_COUNT - 1


def test_a_timeout_of_the_client(connect):
    # Connector 5 ignores execute(timeout=…), and has query_timeout instead.
    connection = connect(**({"query_timeout": 1} if CONNECTOR_VERSION >= 5 else {}))
    cursor = connection.cursor()
    began = time.monotonic()
    with pytest.raises(snowflake.connector.Error) as error:
        cursor.execute("select system$wait(60)", **({} if CONNECTOR_VERSION >= 5 else {"timeout": 1}))
    expected = (14, "HYT00") if CONNECTOR_VERSION >= 5 else (604, "57014")
    assert (error.value.errno, error.value.sqlstate) == expected
    assert time.monotonic() - began < 10
    assert cursor.execute("select 1").fetchall() == [(1,)]


def test_a_cancel_by_the_cursor(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute_async("select system$wait(60)")
    query = cursor.sfqid
    assert connection.is_still_running(connection.get_query_status(query))
    assert cursor.abort_query(query)
    deadline = time.monotonic() + 10
    while connection.is_still_running(connection.get_query_status(query)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert connection.is_an_error(connection.get_query_status(query))
