// Snowflake's Node.js driver, unmodified, against the server that run.js has started.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import snowflake from "snowflake-sdk";

snowflake.configure({ logLevel: "OFF", disableOCSPChecks: true, additionalLogToConsole: false });

const ports = { http: process.env.SNOWGLOBE_HTTP_PORT, https: process.env.SNOWGLOBE_HTTPS_PORT };

let schemas = 0;

async function connect(scheme = "http", options = {}) {
  const connection = snowflake.createConnection({
    account: "snowglobe",
    username: "tester",
    password: "any",
    accessUrl: `${scheme}://127.0.0.1:${ports[scheme]}`,
    database: "NODE",
    schema: `S${(schemas += 1)}`,
    ...options,
  });
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

/** Runs a statement; its rows and the statement itself. */
function run(connection, sqlText, binds, options = {}) {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      binds,
      ...options,
      complete: (error, statement, rows) => (error ? reject(error) : resolve({ statement, rows })),
    });
  });
}

for (const scheme of ["http", "https"]) {
  describe(scheme, () => {
    test("connects", async () => {
      const connection = await connect(scheme);
      const { rows } = await run(connection, "select current_database() as d, current_user() as u");
      assert.deepEqual(rows, [{ D: "NODE", U: "TESTER" }]);
      assert.equal(await connection.isValidAsync(), true);
      await new Promise((resolve, reject) => connection.destroy((error) => (error ? reject(error) : resolve())));
    });

    test("streams a big result", async () => {
      const connection = await connect(scheme);
      await run(connection, "create table d (n int)");
      await run(connection, "insert into d values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)");
      const { statement } = await run(
        connection,
        `select a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n as n, 'some longer text ' || a.n as s
         from d a, d b, d c, d d, d e`,
        undefined,
        { streamResult: true },
      );
      let count = 0;
      let sum = 0;
      for await (const row of statement.streamRows()) {
        count += 1;
        sum += row.N;
      }
      assert.equal(count, 100_000);
      assert.equal(sum, (100_000 * 99_999) / 2);
    });
  });
}

test("types", async () => {
  const connection = await connect();
  const { rows, statement } = await run(
    connection,
    `select 42 as n, 1.25 as d, 1.5::float as f, 'é' as s, true as b, '2020-02-03'::date as day,
     '01:02:03'::time as t, '2020-02-03 04:05:06.789'::timestamp_ntz as ntz,
     '2020-02-03 04:05:06.789 +02:00'::timestamp_tz as tz, x'00ff' as x, null as nothing`,
  );
  const [row] = rows;
  assert.deepEqual([row.N, row.D, row.F, row.S, row.B, row.NOTHING], [42, 1.25, 1.5, "é", true, null]);
  assert.equal(row.DAY.toISOString(), "2020-02-03T00:00:00.000Z");
  assert.equal(row.T, "01:02:03");
  assert.equal(row.NTZ.toISOString(), "2020-02-03T04:05:06.789Z");
  assert.equal(row.TZ.toISOString(), "2020-02-03T02:05:06.789Z");
  assert.equal(Buffer.from(row.X).toString("hex"), "00ff");
  const columns = statement.getColumns().map((column) => [column.getName(), column.getType()]);
  assert.deepEqual(columns.slice(0, 4), [["N", "fixed"], ["D", "fixed"], ["F", "real"], ["S", "text"]]);
});

test("numbers and formats of the session", async () => {
  const connection = await connect();
  await run(connection, "alter session set date_output_format = 'DD.MM.YYYY'");
  const { rows } = await run(connection, "select '2020-02-03'::date as d");
  assert.equal(rows[0].D.toJSON(), "03.02.2020");
});

test("binds", async () => {
  const connection = await connect();
  await run(connection, "create table t (n int, f float, s varchar, b boolean, d date)");
  const { statement } = await run(connection, "insert into t values (?, ?, ?, ?, ?)", [7, 1.5, "it's", true, "2020-02-03"]);
  assert.equal(statement.getNumUpdatedRows(), 1);
  const { rows } = await run(connection, "select * from t where n = :1 and s = :2", [7, "it's"]);
  assert.equal(rows.length, 1);
  assert.equal(rows[0].F, 1.5);
  const nothing = await run(connection, "select ? as n", [null]);
  assert.deepEqual(nothing.rows, [{ N: null }]);
});

test("array binds", async () => {
  const connection = await connect();
  await run(connection, "create table t (n int, s varchar)");
  const binds = Array.from({ length: 10_000 }, (_, n) => [n, n % 2 ? `row ${n}` : null]);
  const { statement } = await run(connection, "insert into t values (?, ?)", binds);
  assert.equal(statement.getNumUpdatedRows(), 10_000);
  const { rows } = await run(connection, "select count(*) as c, count(s) as s, sum(n) as n from t");
  assert.deepEqual(rows, [{ C: 10_000, S: 5_000, N: (10_000 * 9_999) / 2 }]);
});

test("array binds that change rows", async () => {
  const connection = await connect();
  await run(connection, "create table t as select column1 as n, 'old' as s from values (1), (2), (3)");
  const updated = await run(connection, "update t set s = ? where n = ?", [["uno", 1], ["none", 99], ["dos", 2]]);
  assert.equal(updated.statement.getNumUpdatedRows(), 2);
  const deleted = await run(connection, "delete from t where n = ?", [[3], [4]]);
  assert.equal(deleted.statement.getNumUpdatedRows(), 1);
  const { rows } = await run(connection, "select s from t order by n");
  assert.deepEqual(rows, [{ S: "uno" }, { S: "dos" }]);
});

test("objects and arrays are bound as VARIANT", async () => {
  const connection = await connect();
  await run(connection, "create table t (v variant)");
  await run(connection, "insert into t select ?", [{ a: [1, 2, { b: null }] }]);
  const { rows } = await run(connection, "select v, v:a[1]::int as n, typeof(v) as t from t");
  assert.deepEqual(rows, [{ V: { a: [1, 2, { b: null }] }, N: 2, T: "OBJECT" }]);
});

test("a name in a bind", async () => {
  const connection = await connect();
  await run(connection, "create table identifier(?) (n int)", ["by_name"]);
  const { rows } = await run(connection, "select count(*) as c from identifier(?)", ["by_name"]);
  assert.deepEqual(rows, [{ C: 0 }]);
});

test("rows in pieces, as strings, and columns of the same name", async () => {
  const connection = await connect();
  const { rows } = await run(connection, "select 1.50 as n, '2020-02-03'::date as d", undefined, { fetchAsString: ["Number", "Date"] });
  assert.deepEqual(rows, [{ N: "1.50", D: "2020-02-03" }]);
  const doubled = await run(connection, "select 1 as n, 2 as n", undefined, { rowMode: "array" });
  assert.deepEqual(doubled.rows, [[1, 2]]);
  const { statement } = await run(connection, "select column1 as n from values (1), (2), (3), (4) order by n", undefined, { streamResult: true });
  const part = [];
  for await (const row of statement.streamRows({ start: 1, end: 2 })) part.push(row.N);
  assert.deepEqual(part, [2, 3]);
});

test("several statements", async () => {
  const connection = await connect();
  const found = [];
  await new Promise((resolve, reject) => {
    connection.execute({
      sqlText: "create table t (n int); insert into t values (1), (2); select n from t order by n",
      parameters: { MULTI_STATEMENT_COUNT: 3 },
      complete: (error, statement, rows) => {
        if (error) return reject(error);
        const stream = statement.streamRows();
        const own = [];
        stream.on("data", (row) => own.push(row));
        stream.on("error", reject);
        stream.on("end", () => {
          found.push(own);
          if (statement.hasNext()) statement.NextResult();
          else resolve();
        });
      },
    });
  });
  assert.equal(found.length, 3);
  assert.deepEqual(found[1], [{ "number of rows inserted": 2 }]);
  assert.deepEqual(found[2], [{ N: 1 }, { N: 2 }]);
  await assert.rejects(run(connection, "select 1; select 2"), { code: "000008" });
});

test("errors", async () => {
  const connection = await connect();
  for (const [sqlText, code, sqlState] of [
    ["select * fro t", "001003", "42000"],
    ["select nope", "000904", "42000"],
    ["select * from nope", "002003", "42S02"],
    ["select 1 / 0", "100051", "22012"],
  ]) {
    await assert.rejects(run(connection, sqlText), (error) => {
      assert.deepEqual([error.code, error.sqlState], [code, sqlState]);
      assert.match(error.data.queryId, /^[0-9a-f-]{36}$/);
      return true;
    });
  }
});

test("asynchronous execution", async () => {
  const connection = await connect();
  const { statement } = await run(connection, "select system$wait(1) as w", undefined, { asyncExec: true });
  const queryId = statement.getQueryId();
  assert.equal(connection.isStillRunning(await connection.getQueryStatus(queryId)), true);
  const result = await connection.getResultsFromQueryId({ queryId });
  const rows = [];
  for await (const row of result.streamRows()) rows.push(row);
  assert.deepEqual(rows, [{ W: "waited 1 seconds" }]);
  assert.equal(await connection.getQueryStatus(queryId), "SUCCESS");
});

test("cancel", async () => {
  const connection = await connect();
  const began = Date.now();
  await assert.rejects(
    new Promise((resolve, reject) => {
      const statement = connection.execute({
        sqlText: "select system$wait(60)",
        complete: (error, _, rows) => (error ? reject(error) : resolve(rows)),
      });
      setTimeout(() => statement.cancel((error) => error && reject(error)), 500);
    }),
    { code: "000604" },
  );
  assert.ok(Date.now() - began < 20_000);
});

test("a result by the id of its query", async () => {
  const connection = await connect();
  const { statement } = await run(connection, "select 7 as n");
  const again = await run(connection, `select n + 1 as m from table(result_scan('${statement.getQueryId()}'))`);
  assert.deepEqual(again.rows, [{ M: 8 }]);
});
