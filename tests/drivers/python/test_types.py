"""Values there and back, and what the connector says of columns."""

import datetime
from decimal import Decimal

import pytest
from snowflake.connector import DictCursor
from snowflake.connector.constants import FIELD_ID_TO_NAME

UTC = datetime.timezone.utc
HOUR = datetime.timezone(datetime.timedelta(hours=1))

TABLE = """
create table everything (
    i int, n number(10,2), big number(38,0), f float, s varchar(20), c char, b boolean, x binary,
    d date, t time, ntz timestamp_ntz, ltz timestamp_ltz, tz timestamp_tz, ms timestamp_ntz(3)
)
"""

INSERT = """
insert into everything
values
    (1, 12.5, 12345678901234567890123456789012345678, 0.5, 'grüße', 'c', true, X'4F6B',
     '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.123456', '2024-02-29 12:34:56', '2024-02-29 12:34:56 +01:00',
     '2024-02-29 12:34:56.789'),
    (-1, -0.01, -1, -1e100, '', null, false, X'', '0001-01-01', '00:00:00', '1969-12-31 23:59:59.5',
     '1969-12-31 23:59:59.5', '1969-12-31 23:59:59.5 -08:00', '9999-12-31 23:59:59.999'),
    (null, null, null, null, null, null, null, null, null, null, null, null, null, null)
"""

ROWS = [
    (
        1,
        Decimal("12.50"),
        12345678901234567890123456789012345678,
        0.5,
        "grüße",
        "c",
        True,
        b"Ok",
        datetime.date(2024, 2, 29),
        datetime.time(12, 34, 56, 789000),
        datetime.datetime(2024, 2, 29, 12, 34, 56, 123456),
        datetime.datetime(2024, 2, 29, 20, 34, 56, tzinfo=UTC),
        datetime.datetime(2024, 2, 29, 12, 34, 56, tzinfo=HOUR),
        datetime.datetime(2024, 2, 29, 12, 34, 56, 789000),
    ),
    (
        -1,
        Decimal("-0.01"),
        -1,
        -1e100,
        "",
        None,
        False,
        b"",
        datetime.date(1, 1, 1),
        datetime.time(0, 0),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 500000),
        datetime.datetime(1970, 1, 1, 7, 59, 59, 500000, tzinfo=UTC),
        datetime.datetime(1970, 1, 1, 7, 59, 59, 500000, tzinfo=UTC),
        datetime.datetime(9999, 12, 31, 23, 59, 59, 999000),
    ),
    (None,) * 14,
]


@pytest.fixture
def everything(cursor):
    cursor.execute(TABLE)
    cursor.execute(INSERT)
    assert cursor.rowcount == 3
    return cursor


def test_values_there_and_back(everything):
    rows = everything.execute("select * from everything order by i desc nulls last").fetchall()
    for actual, expected in zip(rows, ROWS, strict=True):
        for a, e, column in zip(actual, expected, everything.description, strict=True):
            assert a == e, column.name
            # connector 5 gives bytes as a bytearray
            assert isinstance(a, (type(e), bytearray)), column.name


def test_values_there_and_back_as_json(everything):
    everything.execute("alter session set python_connector_query_result_format = 'JSON'")
    rows = everything.execute("select * from everything order by i desc nulls last").fetchall()
    assert rows == ROWS


def test_zones(cursor):
    cursor.execute("alter session set timezone = 'Asia/Kolkata'")
    ltz, tz = cursor.execute(
        "select '2024-07-01 12:00:00'::timestamp_ltz, '2024-07-01 12:00:00 -03:30'::timestamp_tz"
    ).fetchone()
    assert ltz.utcoffset() == datetime.timedelta(hours=5, minutes=30)
    assert tz.utcoffset() == -datetime.timedelta(hours=3, minutes=30)
    assert (ltz.hour, tz.hour) == (12, 12)


def test_the_description_of_each_type(everything):
    everything.execute("select * from everything")
    described = [
        (column.name, FIELD_ID_TO_NAME[column.type_code], column.internal_size, column.precision, column.scale)
        for column in everything.description
    ]
    assert described == [
        ("I", "FIXED", None, 38, 0),
        ("N", "FIXED", None, 10, 2),
        ("BIG", "FIXED", None, 38, 0),
        ("F", "REAL", None, None, None),
        ("S", "TEXT", 20, None, None),
        ("C", "TEXT", 1, None, None),
        ("B", "BOOLEAN", None, None, None),
        ("X", "BINARY", 8388608, None, None),
        ("D", "DATE", None, None, None),
        ("T", "TIME", None, 0, 9),
        ("NTZ", "TIMESTAMP_NTZ", None, 0, 9),
        ("LTZ", "TIMESTAMP_LTZ", None, 0, 9),
        ("TZ", "TIMESTAMP_TZ", None, 0, 9),
        ("MS", "TIMESTAMP_NTZ", None, 0, 3),
    ]
    assert all(column.is_nullable for column in everything.description)


def test_names_and_nullability(cursor):
    cursor.execute("create table t (id int not null, \"mixed Case\" varchar(3))")
    cursor.execute("select id, \"mixed Case\", id + 1, 'x' as x from t")
    assert [column.name for column in cursor.description] == ["ID", "mixed Case", "ID + 1", "X"]
    assert [column.is_nullable for column in cursor.description] == [False, True, False, False]
    described = cursor.describe("select id from t")
    assert [(column.name, column.is_nullable) for column in described] == [("ID", False)]


def test_rows_as_dictionaries(connect):
    cursor = connect().cursor(DictCursor)
    assert cursor.execute("select 1 as a, 'x' as \"b\"").fetchall() == [{"A": 1, "b": "x"}]


def test_arrow_and_pandas(everything):
    select = "select i, n, f, s, b, d, ntz from everything where i is not null order by i"
    table = everything.execute(select).fetch_arrow_all()
    assert table.column_names == ["I", "N", "F", "S", "B", "D", "NTZ"]
    assert table.column("I").to_pylist() == [-1, 1]
    # connector 5 gives floats unless it is asked for decimals
    assert [round(Decimal(n), 2) for n in table.column("N").to_pylist()] == [Decimal("-0.01"), Decimal("12.50")]
    assert table.column("D").to_pylist() == [datetime.date(1, 1, 1), datetime.date(2024, 2, 29)]
    frame = everything.execute(select).fetch_pandas_all()
    assert list(frame["S"]) == ["", "grüße"]
    assert list(frame["F"]) == [-1e100, 0.5]
    assert frame["NTZ"][1].isoformat() == "2024-02-29T12:34:56.123456"


def test_no_rows(cursor):
    cursor.execute("create table t (n int, s varchar)")
    assert cursor.execute("select * from t").fetchall() == []
    assert cursor.rowcount == 0
    frame = cursor.execute("select * from t").fetch_pandas_all()
    assert (list(frame.columns), len(frame)) == (["N", "S"], 0)
