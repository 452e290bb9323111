"""Logins, sessions, and what is there after a restart."""

import pytest
import snowflake.connector
from conftest import Server


def test_the_context_of_the_login_is_created_on_demand(connect):
    connection = connect(database="my_db", schema="my_schema", warehouse="my_wh", role="my_role")
    assert (connection.database, connection.schema) == ("MY_DB", "MY_SCHEMA")
    assert (connection.warehouse, connection.role) == ("MY_WH", "MY_ROLE")
    row = connection.cursor().execute("select current_database(), current_schema(), current_user()").fetchone()
    assert row == ("MY_DB", "MY_SCHEMA", "TESTER")


def test_a_login_without_context_gets_the_defaults(connect):
    connection = connect(database=None, schema=None)
    row = connection.cursor().execute("select current_database(), current_schema(), current_warehouse()").fetchone()
    assert row == ("TEST_DB", "PUBLIC", "COMPUTE_WH")


def test_any_account_name_leads_to_the_same_tables(connect):
    connect(account="xy123.us-east-1").cursor().execute("create or replace table shared (n int)")
    assert connect(account="other").cursor().execute("select * from shared").fetchall() == []


def test_use_changes_what_the_connection_says(connect):
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("create or replace schema elsewhere")
    assert connection.schema == "ELSEWHERE"
    cursor.execute("use schema test_db.public")
    assert (connection.database, connection.schema) == ("TEST_DB", "PUBLIC")


def test_session_parameters_of_the_login(connect):
    connection = connect(session_parameters={"TIMEZONE": "Europe/Berlin", "QUERY_TAG": "tests"})
    row = connection.cursor().execute("select '2024-07-01 12:00:00'::timestamp_ltz::varchar").fetchone()
    assert row == ("2024-07-01 12:00:00.000 +0200",)


def test_a_kept_alive_session_and_its_end(connect):
    connection = connect(client_session_keep_alive=True)
    assert connection.is_valid()
    connection.close()
    assert connection.is_closed()
    with pytest.raises(snowflake.connector.errors.Error):
        connection.cursor().execute("select 1")


def test_data_are_there_after_ctrl_c_and_a_restart(tmp_path):
    first = Server(tmp_path)
    with first.connect() as connection:
        connection.cursor().execute("create table pets (name varchar, born date)")
        connection.cursor().execute("insert into pets values ('Rex', '2021-03-04'), ('Ada', '2019-12-10')")
    assert first.interrupt() == 0
    first.stop()
    second = Server(tmp_path)
    with second.connect("https") as connection:
        names = connection.cursor().execute("select name from pets order by born").fetchall()
    second.stop()
    assert names == [("Ada",), ("Rex",)]
