"""What the server spends on each model of a large dbt project.

    target/test-env/dbt/bin/python benches/dbt/run.py target/release/snowglobe [models] [kept folder]

Makes a project of so many models (500), a third of them views, tables and incremental ones, in layers that read each other,
runs it twice on 4 threads, and adds up the durations in the server's log.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROFILES = Path(__file__).resolve().parents[2] / "tests" / "drivers" / "dbt"
LAYER = 25


def make(folder, count):
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: large\nprofile: snowglobe\nmodels:\n  large:\n    +materialized: view\n")
    for number in range(count):
        kind = ("view", "table", "incremental")[number % 3]
        config = f"materialized='{kind}'" + (", unique_key='id'" if kind == "incremental" else "")
        if number < LAYER:
            source = "select seq4() as id, 1 as n from table(generator(rowcount => 100))"
        else:
            below = number - LAYER
            other = below // LAYER * LAYER + (below + 1) % LAYER
            source = (
                f"select a.id, a.n + b.n as n from {{{{ ref('m{below}') }}}} a join {{{{ ref('m{other}') }}}} b on a.id = b.id"
            )
        (folder / "models" / f"m{number}.sql").write_text(f"{{{{ config({config}) }}}}\n{source}\n")


def main(binary, count=500, kept=None):
    work = Path(kept or tempfile.mkdtemp())
    make(work / "project", int(count))
    log = work / "log.txt"
    server = subprocess.Popen(
        [binary, "--http-port", "0", "--https-port", "0", "--data-dir", str(work / "data"), "--certs-dir", str(work / "certs")],
        stdout=subprocess.PIPE,
        stderr=open(log, "w"),
        text=True,
    )
    try:
        for line in server.stdout:
            if found := re.search(r"http:\S*:(\d+)", line):
                port = found.group(1)
                break
        environment = os.environ | {"SNOWGLOBE_PORT": port, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        dbt = Path(sys.executable).with_name("dbt")
        command = [dbt, "--quiet", "run", "--project-dir", str(work / "project"), "--profiles-dir", str(PROFILES)]
        seen = 0
        for run in ("first", "second"):
            began = time.monotonic()
            subprocess.run(command, env=environment, check=True)
            took = time.monotonic() - began
            durations = durations_in(log)
            statements = len(durations) - seen
            # the log has whole milliseconds, cut
            spent = sum(durations[seen:]) + statements / 2
            seen = len(durations)
            print(
                f"{run} run: {took:.1f} s, {statements} statements, in the server {spent / 1000:.1f} s,"
                f" {spent / int(count):.1f} ms a model"
            )
    finally:
        server.kill()


def durations_in(log):
    durations = []
    for line in log.read_text().splitlines():
        if found := re.search(r"duration_ms=(\d+)", line):
            durations.append(int(found.group(1)))
    return durations


if __name__ == "__main__":
    main(*sys.argv[1:])
