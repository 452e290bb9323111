"""A server, the example project in a folder of its own, and dbt itself."""

import os
import shutil
from pathlib import Path

import pytest
import snowflake.connector
from dbt.cli.main import dbtRunner

from tests.drivers.server import Server

HERE = Path(__file__).parent


class Project:
    """Runs dbt in a copy of the project, and asks the server what came out."""

    def __init__(self, folder, port):
        self.folder = folder
        self.runner = dbtRunner()
        self.connection = snowflake.connector.connect(
            account="snowglobe",
            user="tester",
            password="any",
            host="127.0.0.1",
            port=port,
            protocol="http",
            database="TEST_DB",
            schema="SHOP",
        )

    def invoke(self, *arguments):
        return self.runner.invoke([*arguments, "--project-dir", str(self.folder), "--profiles-dir", str(HERE)])

    def dbt(self, *arguments):
        """The answer of a command that succeeds."""
        answer = self.invoke(*arguments)
        assert answer.success, answer.exception or [
            (result.node.name, result.message)
            for result in answer.result
            if result.status.value in ("error", "fail", "runtime error")
        ]
        return answer.result

    def results(self, *arguments):
        """What a command that succeeds says of each node but hooks."""
        return [result for result in self.dbt(*arguments) if result.node.resource_type != "operation"]

    def statuses(self, *arguments):
        """How each node of a command ended, by name."""
        return {result.node.name: result.status.value for result in self.results(*arguments)}

    def rows(self, sql):
        return self.connection.cursor().execute(sql).fetchall()

    def shown(self, sql, *columns):
        """These columns of what SHOW answers."""
        cursor = self.connection.cursor(snowflake.connector.DictCursor).execute(sql)
        return [tuple(row[column] for column in columns) for row in cursor.fetchall()]

    def values(self, sql):
        return [row[0] for row in self.rows(sql)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"), "--memory")
    folder = tmp_path_factory.mktemp("dbt") / "project"
    shutil.copytree(HERE / "project", folder)
    os.environ["SNOWGLOBE_PORT"] = str(server.ports["http"])
    project = Project(folder, server.ports["http"])
    yield project
    project.connection.close()
    server.stop()
