"""Runs statements through Snowflake's Python connector: a line of JSON with the statement in, one with the answer out."""

import json
import sys
import time
from urllib.parse import urlsplit

import snowflake.connector
from snowflake.connector.constants import FIELD_ID_TO_NAME

url = urlsplit(sys.argv[1])
connection = snowflake.connector.connect(
    account="bench", user="bench", password="bench", host=url.hostname, port=url.port, protocol=url.scheme
)
cursor = connection.cursor()
for line in sys.stdin:
    statement = json.loads(line)["sql"]
    began = time.perf_counter()
    rows = cursor.execute(statement).fetchall()
    seconds = time.perf_counter() - began
    answer = {
        "seconds": seconds,
        "columns": [f"{c.name} {FIELD_ID_TO_NAME[c.type_code]}({c.precision},{c.scale})" for c in cursor.description],
        "rows": [[None if cell is None else str(cell) for cell in row] for row in rows],
    }
    print(json.dumps(answer), flush=True)
