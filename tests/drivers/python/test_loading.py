"""COPY INTO both ways and write_pandas, as programs use them."""

import datetime
import decimal

import pandas
import pytest
from snowflake.connector import ProgrammingError
from snowflake.connector.pandas_tools import write_pandas


def test_a_file_is_put_and_loaded(cursor, tmp_path):
    (tmp_path / "pets.csv").write_text('name,born\n"Rex, the dog",2021-03-04\nAda,2019-12-10\n')
    cursor.execute("create or replace table pets (name varchar, born date)")
    cursor.execute(f"put 'file://{tmp_path}/pets.csv' @%pets")
    cursor.execute(
        """copy into pets file_format = (type = csv skip_header = 1 field_optionally_enclosed_by = '"')"""
    )
    assert cursor.fetchall() == [("pets.csv.gz", "LOADED", 2, 2, 1, 0, None, None, None, None)]
    cursor.execute("select * from pets order by born")
    assert cursor.fetchall() == [
        ("Ada", datetime.date(2019, 12, 10)),
        ("Rex, the dog", datetime.date(2021, 3, 4)),
    ]
    # a file is not loaded twice
    cursor.execute("copy into pets")
    assert cursor.fetchall() == [("Copy executed with 0 files processed.",)]


def test_a_bad_record_is_named(cursor, tmp_path):
    (tmp_path / "bad.csv").write_text("1,x\nNOPE,y\n")
    cursor.execute("create or replace table loaded (a integer, b varchar)")
    cursor.execute(f"put 'file://{tmp_path}/bad.csv' @%loaded auto_compress = false")
    with pytest.raises(ProgrammingError) as caught:
        cursor.execute("copy into loaded")
    assert caught.value.errno == 100038
    assert "File 'bad.csv', line 2, character 1" in caught.value.msg
    assert cursor.execute("select count(*) from loaded").fetchone() == (0,)
    cursor.execute("copy into loaded on_error = continue")
    assert cursor.fetchall()[0][1:4] == ("PARTIALLY_LOADED", 2, 1)


def test_a_truncated_file_loads_nothing(cursor, tmp_path):
    import gzip

    packed = gzip.compress(b"1,x\n2,y\n" * 50_000)
    (tmp_path / "cut.csv.gz").write_bytes(packed[: len(packed) // 2])
    cursor.execute("create or replace table cut (a integer, b varchar)")
    cursor.execute(f"put 'file://{tmp_path}/cut.csv.gz' @%cut auto_compress = false")
    with pytest.raises(ProgrammingError) as caught:
        cursor.execute("copy into cut")
    assert caught.value.errno == 100076
    assert cursor.execute("select count(*) from cut").fetchone() == (0,)


def test_rows_are_unloaded_and_fetched(cursor, tmp_path):
    cursor.execute("create or replace temporary stage outgoing")
    cursor.execute(
        "copy into @outgoing/rows.csv from (select seq4() as n, 'a,b' as t from table(generator(rowcount => 3)))"
        " file_format = (type = csv compression = none field_optionally_enclosed_by = '\"') single = true header = true"
    )
    assert cursor.fetchone()[0] == 3
    cursor.execute(f"get @outgoing/rows.csv 'file://{tmp_path}'")
    assert (tmp_path / "rows.csv").read_text() == '"N","T"\n0,"a,b"\n1,"a,b"\n2,"a,b"\n'


def test_write_pandas(connect):
    connection = connect()
    cursor = connection.cursor()
    frame = pandas.DataFrame(
        {
            "ID": [1, 2, 3],
            "NAME": ["a", None, 'q"x\ny,'],
            "BORN": [datetime.date(2024, 1, 2), None, datetime.date(1999, 12, 31)],
            "SEEN": pandas.to_datetime(
                ["2024-01-01 10:11:12.123456", "2024-06-01 00:00:00.000000", None]
            ),
            "PRICE": [decimal.Decimal("1.25"), decimal.Decimal("2.50"), None],
            "WEIGHT": [1.5, None, -2.25],
        }
    )
    cursor.execute(
        "create or replace table frames"
        " (id int, name varchar, born date, seen timestamp_ntz, price number(10, 2), weight float)"
    )
    assert write_pandas(connection, frame, "FRAMES")[0]
    cursor.execute("select * from frames order by id")
    assert cursor.fetchall() == [
        (
            1,
            "a",
            datetime.date(2024, 1, 2),
            datetime.datetime(2024, 1, 1, 10, 11, 12, 123456),
            decimal.Decimal("1.25"),
            1.5,
        ),
        (2, None, None, datetime.datetime(2024, 6, 1), decimal.Decimal("2.50"), None),
        (3, 'q"x\ny,', datetime.date(1999, 12, 31), None, None, -2.25),
    ]
