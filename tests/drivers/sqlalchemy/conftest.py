"""A server, and an engine in a schema of each test's own."""

import itertools

import pytest
from snowflake.sqlalchemy import URL
from sqlalchemy import create_engine

from tests.drivers.server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), "--memory")
    yield running
    running.stop()


@pytest.fixture
def engine(server):
    url = URL(
        account="snowglobe",
        user="tester",
        password="any",
        host="127.0.0.1",
        port=server.ports["http"],
        database="ALCHEMY",
        schema=f"S{next(_numbers)}",
        warehouse="COMPUTE_WH",
    )
    engine = create_engine(url, connect_args={"protocol": "http"})
    yield engine
    engine.dispose()
