"""Row counts, statuses, large results."""

ROW_COUNT = 250_000


def test_row_counts_and_statuses(cursor):
    assert cursor.execute("create table t (n int)").fetchone() == ("Table T successfully created.",)
    cursor.execute("insert into t values (1), (2)")
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(2,)])
    cursor.execute("insert into t select n + 2 from t")
    assert cursor.rowcount == 2
    cursor.execute("select n from t order by n")
    assert (cursor.rowcount, cursor.fetchmany(3), cursor.fetchone()) == (4, [(1,), (2,), (3,)], (4,))
    assert cursor.fetchone() is None
    assert cursor.execute("drop table t").fetchone() == ("T successfully dropped.",)


def test_each_statement_has_a_query_id(cursor):
    cursor.execute("select 1")
    first = cursor.sfqid
    cursor.execute("select 1")
    assert first != cursor.sfqid
    assert [len(part) for part in first.split("-")] == [8, 4, 4, 4, 12]


def test_show_and_describe(cursor):
    cursor.execute("create table b (n number(5,2) not null comment 'why', s varchar(3) default 'x')")
    cursor.execute("create table a (n int)")
    cursor.execute("show tables")
    names = [column.name for column in cursor.description]
    assert [row[names.index("name")] for row in cursor] == ["A", "B"]
    rows = cursor.execute("describe table b").fetchall()
    assert [row[:5] for row in rows] == [
        ("N", "NUMBER(5,2)", "COLUMN", "N", None),
        ("S", "VARCHAR(3)", "COLUMN", "Y", "'x'"),
    ]


def test_client_side_binds(cursor):
    cursor.execute("create table t (n int, s varchar)")
    cursor.execute("insert into t values (%s, %s)", (1, "it's"))
    cursor.execute("insert into t values (%(n)s, %(s)s)", {"n": 2, "s": None})
    assert cursor.execute("select * from t order by n").fetchall() == [(1, "it's"), (2, None)]
    cursor.executemany("insert into t values (%s, %s)", [(3, "a"), (4, "b")])
    assert cursor.rowcount == 2


def test_several_sessions(connect):
    one, other = connect().cursor(), connect().cursor()
    one.execute("create table t (n int)")
    other.execute("insert into t values (1)")
    assert one.execute("select n from t").fetchall() == [(1,)]


def large(cursor):
    """A table of ROW_COUNT rows: 0, 1, 2, …"""
    cursor.execute("create table digits as select column1 as d from values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")
    cursor.execute(
        """
        create table large as
        select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d as n,
               'row number ' || n as s, n / 8 as q, '2024-01-01'::date + (n %% 1000)::int as at
        from digits a, digits b, digits c, digits e, digits f, digits g
        where n < %s
        """,
        (ROW_COUNT,),
    )


def test_results_of_many_chunks(connect):
    cursor = connect().cursor()
    large(cursor)
    cursor.execute("select n, s, q, at from large order by n")
    assert cursor.rowcount == ROW_COUNT
    batches = cursor.get_result_batches()
    assert len(batches) > 1
    assert sum(batch.rowcount for batch in batches) == ROW_COUNT
    for expected, (n, s, _, _) in enumerate(cursor):
        assert (n, s) == (expected, f"row number {expected}")
    assert expected == ROW_COUNT - 1

    frame = cursor.execute("select n, s from large order by n").fetch_pandas_all()
    assert (len(frame), int(frame["N"].sum())) == (ROW_COUNT, ROW_COUNT * (ROW_COUNT - 1) // 2)
    table = cursor.execute("select s from large order by n").fetch_arrow_all()
    assert table.column("S")[ROW_COUNT - 1].as_py() == f"row number {ROW_COUNT - 1}"


def test_results_of_many_chunks_as_json(connect):
    cursor = connect(session_parameters={"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON"}).cursor()
    large(cursor)
    rows = cursor.execute("select n, s from large order by n").fetchall()
    assert len(rows) == ROW_COUNT
    assert rows[0] == (0, "row number 0") and rows[-1] == (ROW_COUNT - 1, f"row number {ROW_COUNT - 1}")
