"""Errors as an application meets them: class, errno, sqlstate, query id, text with its position."""

import pytest
from snowflake.connector.errors import DatabaseError, ProgrammingError

CASES = {
    "wrong column": (
        "select n,\n       nope from t",
        904,
        "42000",
        "SQL compilation error: error line 2 at position 7\ninvalid identifier 'NOPE'",
    ),
    "wrong table": (
        "select * from nowhere",
        2003,
        "42S02",
        "SQL compilation error:\nObject 'NOWHERE' does not exist or not authorized.",
    ),
    "syntax error": (
        "selec n from t",
        1003,
        "42000",
        "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'selec'.",
    ),
    "division by zero": ("select n / 0 from t", 100051, "22012", "Division by zero"),
    "no number": ("select 'abc'::int", 100038, "22018", "Numeric value 'abc' is not recognized"),
    "unsupported": ("select * from t at (offset => -60)", 2, "0A000", "Unsupported feature 'time travel'."),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_carries_everything(cursor, case):
    sql, errno, sqlstate, text = CASES[case]
    cursor.execute("create table t (n int)")
    cursor.execute("insert into t values (1)")
    with pytest.raises(ProgrammingError) as raised:
        cursor.execute(sql)
    error = raised.value
    assert type(error) is ProgrammingError
    assert isinstance(error, DatabaseError)
    assert (error.errno, error.sqlstate) == (errno, sqlstate)
    assert [len(part) for part in error.sfqid.split("-")] == [8, 4, 4, 4, 12]
    assert error.sfqid == cursor.sfqid
    assert text in error.msg
    # as it is printed: 000904 (42000): …
    assert f"{errno:06} ({sqlstate})" in str(error)
    # the session goes on
    assert cursor.execute("select n from t").fetchall() == [(1,)]


def test_a_failed_statement_changes_nothing(cursor):
    cursor.execute("create table t (s varchar(3))")
    with pytest.raises(ProgrammingError) as raised:
        cursor.execute("insert into t values ('ok'), ('too long')")
    assert (raised.value.errno, raised.value.sqlstate) == (100078, "22000")
    assert cursor.execute("select count(*) from t").fetchone() == (0,)
