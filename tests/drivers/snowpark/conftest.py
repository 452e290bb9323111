"""A server, and a session in a schema of each test's own."""

import itertools

import pytest
from snowflake.snowpark import Session

from tests.drivers.server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), "--memory")
    yield running
    running.stop()


@pytest.fixture
def session(server):
    options = dict(
        account="snowglobe",
        user="tester",
        password="any",
        host="127.0.0.1",
        port=server.ports["http"],
        protocol="http",
        database="SNOWPARK",
        schema=f"S{next(_numbers)}",
        warehouse="COMPUTE_WH",
    )
    session = Session.builder.configs(options).create()
    yield session
    session.close()


@pytest.fixture
def people(session):
    return session.create_dataframe(
        [[1, "Ada", 1.5], [2, "Grace", None], [3, None, 2.5]], schema=["id", "name", "score"]
    )
