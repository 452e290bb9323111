"""A server for all tests, and connections to it by each scheme. The same tests run with connector 4 and 5."""

import itertools
import os
import subprocess

import pytest
import snowflake.connector

CONNECTOR_VERSION = int(snowflake.connector.__version__.split(".")[0])

_numbers = itertools.count(1)


class Server:
    """The program under test, with its addresses read from its banner."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.log = open(folder / "log.txt", "a")
        command = [os.environ["SNOWGLOBE_BINARY"], "--http-port", "0", "--https-port", "0", *arguments]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.ports = {}
        for line in self.process.stdout:
            words = line.split()
            if len(words) == 2 and words[0] in ("http", "https"):
                self.ports[words[0]] = int(words[1].rsplit(":", 1)[1])
            if len(self.ports) == 2:
                break
        assert self.ports, (folder / "log.txt").read_text()
        self.authority = folder / "certs" / "ca.pem"

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

    def interrupt(self):
        """Ctrl-C; the exit code."""
        self.process.send_signal(subprocess.signal.SIGINT)
        return self.process.wait(timeout=20)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), "--memory")
    yield server
    server.stop()


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
