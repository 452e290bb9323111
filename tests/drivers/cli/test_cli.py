"""Snowflake's command line, `snow`, run as its users run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers.server import Server

SNOW = Path(sys.executable).with_name("snow")


@pytest.fixture(scope="module")
def snow(tmp_path_factory):
    """Runs the program with a connection to a server as its default; what it printed."""
    home = tmp_path_factory.mktemp("snow")
    server = Server(tmp_path_factory.mktemp("server"), "--memory")
    config = home / "config.toml"
    config.write_text(
        f"""
default_connection_name = "snowglobe"

[connections.snowglobe]
account = "snowglobe"
host = "127.0.0.1"
port = {server.ports["http"]}
protocol = "http"
user = "tester"
password = "any"
database = "TEST_DB"
schema = "PUBLIC"
warehouse = "COMPUTE_WH"
role = "SYSADMIN"
"""
    )
    config.chmod(0o600)

    def run(*arguments, fails=False):
        environment = os.environ | {"SNOWFLAKE_HOME": str(home), "HOME": str(home), "COLUMNS": "200"}
        done = subprocess.run([SNOW, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + (done.stderr if fails else "")

    yield run
    server.stop()


def as_json(text):
    return json.loads(text)


def test_connection(snow):
    told = as_json(snow("connection", "test", "--format", "json"))
    assert told["Status"] == "OK"
    assert (told["Database"], told["Role"], told["Warehouse"]) == ("TEST_DB", "SYSADMIN", "COMPUTE_WH")


def test_sql(snow, tmp_path):
    assert as_json(snow("sql", "-q", "select 1 as a, 'x' as b", "--format", "json")) == [{"A": 1, "B": "x"}]
    assert snow("sql", "-q", "select 1 as a, 'x' as b", "--format", "csv").splitlines() == ["A,B", "1,x"]
    several = snow("sql", "-q", "create or replace table t (n int); insert into t values (1), (2); select sum(n) s from t")
    assert "Table T successfully created." in several and "| 3 |" in several
    script = tmp_path / "script.sql"
    script.write_text(
        """
        -- a comment; with a semicolon
        create or replace table <% name %> (n int);
        execute immediate $$
        begin
          insert into <% name %> values (1);
          insert into <% name %> values (41);
        end;
        $$;
        select sum(n) as total from <% name %>;
        """
    )
    told = as_json(snow("sql", "-f", str(script), "-D", "name=from_file", "--format", "json"))
    assert told[-1] == [{"TOTAL": 42}]


def test_errors(snow):
    told = " ".join(snow("sql", "-q", "select * from nothing", fails=True).replace("│", " ").split())
    assert "002003 (42S02)" in told and "Object 'NOTHING' does not exist or not authorized" in told


def test_objects(snow):
    snow("sql", "-q", "create or replace table pets (name varchar(10) not null); create or replace view seen as select * from pets")
    tables = as_json(snow("object", "list", "table", "--like", "PETS", "--format", "json"))
    assert [(table["name"], table["kind"], table["rows"]) for table in tables] == [("PETS", "TABLE", 0)]
    views = as_json(snow("object", "list", "view", "--in", "schema", "PUBLIC", "--format", "json"))
    assert [view["name"] for view in views] == ["SEEN"]
    listed = as_json(snow("object", "list", "warehouse", "--format", "json"))
    assert "COMPUTE_WH" in [found["name"] for found in listed]
    [column] = as_json(snow("object", "describe", "table", "pets", "--format", "json"))
    assert (column["name"], column["type"], column["null?"]) == ("NAME", "VARCHAR(10)", "N")
    told = as_json(snow("object", "drop", "view", "seen", "--format", "json"))
    assert told == [{"status": "SEEN successfully dropped."}]


def test_kinds_that_are_empty(snow):
    # what `snow object list` sends, in one run
    kinds = ["functions", "procedures", "stages", "streams", "tasks"]
    told = as_json(snow("sql", "-q", "; ".join(f"show {kind} like '%'" for kind in kinds), "--format", "json"))
    assert told == [[] for _ in kinds]
