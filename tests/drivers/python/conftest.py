"""A server for all tests, and connections to it by each scheme. The same tests run with connector 4 and 5."""

import itertools
import os

import pytest
import snowflake.connector

from tests.drivers.server import Server as Process

CONNECTOR_VERSION = int(snowflake.connector.__version__.split(".")[0])

_numbers = itertools.count(1)


class Server(Process):
    """With connections to it."""

    def connect(self, scheme="http", **options):
        arguments = dict(
            account="snowglobe",
            user="tester",
            password="any",
            host="127.0.0.1",
            port=self.ports[scheme],
            protocol=scheme,
        )
        if scheme == "https" and CONNECTOR_VERSION >= 5:
            arguments["custom_root_store_path"] = str(self.authority)
        elif scheme == "https":
            os.environ["REQUESTS_CA_BUNDLE"] = str(self.authority)
            arguments["disable_ocsp_checks"] = True
        return snowflake.connector.connect(**(arguments | options))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"), "--memory")
    yield running
    running.stop()


@pytest.fixture(params=["http", "https"])
def connect(request, server):
    """Opens connections by this scheme, in a schema of the test's own, and closes them."""
    schema = f"S{next(_numbers)}"
    opened = []

    def connect(**options):
        connection = server.connect(request.param, **({"database": "TESTS", "schema": schema} | options))
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def cursor(connect):
    return connect().cursor()
