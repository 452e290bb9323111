"""What goes on between driver and server beside single statements: binds and batches, several statements in one request,
asynchronous execution, cancels, earlier results."""

import datetime
import decimal
import threading
import time

import pytest
import snowflake.connector
from snowflake.connector.constants import QueryStatus

ROW_COUNT = 20_000


@pytest.fixture
def qmark(connect):
    return connect(paramstyle="qmark").cursor()


@pytest.mark.parametrize(
    "value",
    [
        1,
        -(10**30),
        1.5,
        float("inf"),
        decimal.Decimal("-12.340"),
        "",
        "it's \\ \u00e9\U0001f600",
        True,
        None,
        b"\x00\xff",
        datetime.date(1969, 12, 31),
        datetime.date(9999, 12, 31),
        datetime.time(23, 59, 59, 999999),
        datetime.datetime(1, 1, 1),
        datetime.datetime(2020, 2, 3, 4, 5, 6, 789),
    ],
)
def test_a_bound_value_comes_back(qmark, value):
    assert qmark.execute("select ?", (value,)).fetchall() == [(value,)]


def test_binds_stand_anywhere(qmark):
    qmark.execute("create table t (n int, s varchar)")
    assert qmark.execute("insert into t values (?, upper(?)), (?, null)", (1, "a", 2)).rowcount == 2
    found = qmark.execute("select ?, s from t where n = ? or s like ? limit ?", ("x", 1, "no", 1))
    assert found.fetchall() == [("x", "A")]


def test_numbered_binds(qmark):
    assert qmark.execute("select :2, :1, :2", (1, "x")).fetchall() == [("x", 1, "x")]


def test_a_missing_bind_is_an_error(qmark):
    with pytest.raises(snowflake.connector.ProgrammingError) as error:
        qmark.execute("select ? + ?", (1,))
    assert (error.value.errno, error.value.sqlstate) == (2049, "42601")
    assert "error line 1 at position 11" in str(error.value)
    assert "Bind variable ? not set." in str(error.value)


def rows(count):
    for number in range(count):
        moment = datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=number)
        yield number, f"it's {number}", number / 4, moment.date(), moment


@pytest.mark.parametrize("paramstyle", ["qmark", "pyformat"])
def test_executemany_writes_all_rows_at_once(connect, paramstyle):
    cursor = connect(paramstyle=paramstyle).cursor()
    cursor.execute("create table t (n int, s varchar, f float, d date, m timestamp_ntz)")
    places = ",".join(["?" if paramstyle == "qmark" else "%s"] * 5)
    cursor.executemany(f"insert into t values ({places})", list(rows(ROW_COUNT)))
    assert cursor.rowcount == ROW_COUNT
    cursor.execute("select * from t order by n")
    assert cursor.fetchall() == list(rows(ROW_COUNT))


def test_a_batch_with_a_bad_row_writes_nothing(qmark):
    qmark.execute("create table t (n int, s varchar(3))")
    for bad in [("x", "a"), (1, "long")]:
        with pytest.raises(snowflake.connector.ProgrammingError):
            qmark.executemany("insert into t values (?, ?)", [("1", "a"), tuple(map(str, bad))])
    assert qmark.execute("select count(*) from t").fetchone() == (0,)


def test_a_batch_with_expressions_nulls_and_wide_numbers(qmark):
    qmark.execute("create table t (n int, s varchar)")
    batch = [("a", 1), ("b", 10**25), ("c", -5)]
    qmark.executemany("insert into t (s, n) values (upper(?), ? + 1)", batch)
    assert qmark.execute("select n, s from t order by s").fetchall() == [(2, "A"), (10**25 + 1, "B"), (-4, "C")]
    qmark.executemany("insert into t (s, n) values (?, ?)", [(None, None), ("d", None)])
    assert qmark.execute("select count(*), count(s), count(n) from t").fetchone() == (5, 4, 3)


def test_several_statements(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("create table t (n int); insert into t values (1), (2); select n from t order by n", num_statements=3)
    assert "successfully created" in cursor.fetchone()[0]
    assert cursor.nextset() and cursor.fetchall() == [(2,)]
    assert cursor.nextset() and cursor.fetchall() == [(1,), (2,)]
    assert cursor.nextset() is None
    results = connection.execute_string("select 1; -- one\nselect ';', 2; insert into t values (3)")
    assert [list(result) for result in results] == [[(1,)], [(";", 2)], [(1,)]]
    for count, found in [(1, 2), (3, 2)]:
        with pytest.raises(snowflake.connector.ProgrammingError, match=f"statement count {found} did not match") as error:
            cursor.execute("select 1; select 2", num_statements=count)
        assert error.value.errno == 8


def test_several_statements_end_at_the_first_error(connect):
    cursor = connect().cursor()
    with pytest.raises(snowflake.connector.ProgrammingError) as error:
        cursor.execute("create table t (n int); insert into t values (1); select nope; drop table t", num_statements=0)
    assert error.value.errno == 904
    assert cursor.execute("select count(*) from t").fetchone() == (1,)


def test_asynchronous_execution(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute_async("select system$wait(1) as waited")
    query = cursor.sfqid
    assert connection.is_still_running(connection.get_query_status(query))
    cursor.get_results_from_sfqid(query)
    assert cursor.fetchall() == [("waited 1 seconds",)]
    assert connection.get_query_status(query) == QueryStatus.SUCCESS
    other = connect().cursor()
    other.get_results_from_sfqid(query)
    assert other.fetchall() == [("waited 1 seconds",)]


def test_a_failed_asynchronous_query(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute_async("select nope")
    deadline = time.monotonic() + 10
    while connection.is_still_running(connection.get_query_status(cursor.sfqid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert connection.get_query_status(cursor.sfqid) == QueryStatus.FAILED_WITH_ERROR
    with pytest.raises(snowflake.connector.ProgrammingError, match="NOPE"):
        connection.get_query_status_throw_if_error(cursor.sfqid)


def test_cancel_from_another_session(connect):
    connection, other = connect(), connect().cursor()
    cursor = connection.cursor()
    cursor.execute_async("select system$wait(60)")
    query = cursor.sfqid
    assert other.execute(f"select system$cancel_query('{query}')").fetchone() == (f"query [{query}] terminated.",)
    assert connection.is_an_error(connection.get_query_status(query))
    threading.Timer(0.5, other.execute, [f"select system$cancel_all_queries({connection.session_id})"]).start()
    began = time.monotonic()
    with pytest.raises(snowflake.connector.ProgrammingError) as error:
        cursor.execute("call system$wait(60)")
    assert (error.value.errno, error.value.sqlstate) == (604, "57014")
    assert time.monotonic() - began < 10


def test_cancel_reaches_the_engine(connect):
    connection, other = connect(), connect().cursor()
    cursor = connection.cursor()
    cursor.execute("create table t as select 1 as n union all select 2 union all select 3 union all select 4")
    endless = "select count(*) from " + ", ".join(f"t t{number}" for number in range(30))
    threading.Timer(0.5, other.execute, [f"select system$cancel_all_queries({connection.session_id})"]).start()
    with pytest.raises(snowflake.connector.ProgrammingError) as error:
        cursor.execute(endless)
    assert error.value.errno == 604


def test_a_statement_times_out(connect):
    cursor = connect().cursor()
    cursor.execute("alter session set statement_timeout_in_seconds = 1")
    with pytest.raises(snowflake.connector.ProgrammingError) as error:
        cursor.execute("call system$wait(60)")
    assert error.value.errno == 630


def test_describe(connect):
    connection = connect()
    cursor = connection.cursor()
    columns = cursor.describe("select 1 as n, 'abc' as s, current_date() as d")
    assert [(column.name, column.type_code) for column in columns] == [("N", 0), ("S", 2), ("D", 3)]


def test_earlier_results_are_relations(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute(
        "select 1 as n, 'x' as \"s s\", 1.25 as d, true as b, '2020-01-02'::date as day,"
        " '12:00:00.123456'::time as t, '2020-01-02 03:04:05.123456'::timestamp_ntz as m"
    )
    first, query = cursor.fetchall(), cursor.sfqid
    assert cursor.execute("select last_query_id()").fetchone() == (query,)
    assert cursor.execute(f"select * from table(result_scan('{query}'))").fetchall() == first
    found = connect().cursor().execute(f'select "s s", n + 1 from table(result_scan(\'{query}\')) r where r.b')
    assert found.fetchall() == [("x", 2)]
    cursor.execute("create table t (n int)")
    cursor.execute("show tables")
    cursor.execute('select "name" from table(result_scan(last_query_id()))')
    assert ("T",) in cursor.fetchall()
    cursor.execute("insert into t values (1), (2)")
    cursor.execute('select "number of rows inserted" from table(result_scan(last_query_id(-1)))')
    assert cursor.fetchall() == [(2,)]
    with pytest.raises(snowflake.connector.ProgrammingError, match="not found"):
        cursor.execute("select * from table(result_scan('01000000-0000-0000-0000-000000000000'))")


def test_an_empty_result(connect):
    cursor = connect().cursor()
    cursor.execute("create table t (n int, s varchar)")
    assert cursor.execute("select * from t").fetchall() == []
    assert list(cursor.execute("select * from t").fetch_pandas_all().columns) == ["N", "S"]
