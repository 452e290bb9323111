// Files through stages with Snowflake's Node.js driver: it transfers the bytes itself, over the server's own ports.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import snowflake from "snowflake-sdk";

snowflake.configure({ logLevel: "OFF", disableOCSPChecks: true, additionalLogToConsole: false });

const ports = { http: process.env.SNOWGLOBE_HTTP_PORT, https: process.env.SNOWGLOBE_HTTPS_PORT };

let schemas = 0;

async function connect(scheme, options = {}) {
  const connection = snowflake.createConnection({
    account: "snowglobe",
    username: "tester",
    password: "any",
    accessUrl: `${scheme}://127.0.0.1:${ports[scheme]}`,
    database: "NODE_STAGES",
    schema: `S${(schemas += 1)}`,
    ...options,
  });
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

function run(connection, sqlText, binds) {
  return new Promise((resolve, reject) => {
    connection.execute({ sqlText, binds, complete: (error, _, rows) => (error ? reject(error) : resolve(rows)) });
  });
}

function folders() {
  const folder = mkdtempSync(join(tmpdir(), "snowglobe-node-stages-"));
  const [source, target] = [join(folder, "source"), join(folder, "target")];
  mkdirSync(source);
  mkdirSync(target);
  return { source, target };
}

const digest = (...path) => createHash("sha256").update(readFileSync(join(...path))).digest("hex");

for (const scheme of ["http", "https"]) {
  describe(`stages over ${scheme}`, () => {
    test("one file", async () => {
      const connection = await connect(scheme);
      const { source, target } = folders();
      writeFileSync(join(source, "data.bin"), randomBytes(300_000));
      await run(connection, "create stage st");
      const put = `put file://${source}/data.bin @st/a auto_compress=false`;
      assert.equal((await run(connection, put))[0].status, "UPLOADED");
      assert.equal((await run(connection, put))[0].status, "SKIPPED");
      assert.equal((await run(connection, `${put} overwrite=true`))[0].status, "UPLOADED");
      const [row] = await run(connection, `get @st/a/data.bin file://${target}`);
      assert.deepEqual([Number(row.size), row.status], [300_000, "DOWNLOADED"]);
      assert.equal(digest(target, "data.bin"), digest(source, "data.bin"));
      const [listed] = await run(connection, "list @st");
      assert.deepEqual([listed.name, Number(listed.size)], ["st/a/data.bin", 300_000]);
    });

    test("a wildcard", async () => {
      const connection = await connect(scheme);
      const { source, target } = folders();
      const names = Array.from({ length: 20 }, (_, number) => `part${String(number).padStart(2, "0")}.csv`);
      for (const name of names) writeFileSync(join(source, name), `${name},x\n`.repeat(1000));
      await run(connection, "create stage st");
      const put = await run(connection, `put file://${source}/part*.csv @st/w auto_compress=false`);
      assert.deepEqual(new Set(put.map((row) => row.status)), new Set(["UPLOADED"]));
      const listed = await run(connection, "list @st/w");
      assert.deepEqual(listed.map((row) => row.name), names.map((name) => `st/w/${name}`));
      assert.equal((await run(connection, `get @st/w/ file://${target}`)).length, 20);
      for (const name of names) assert.equal(digest(target, name), digest(source, name));
      assert.equal((await run(connection, "rm @st pattern='.*part0.*'")).length, 10);
    });

    test("an array bind through a stage", async () => {
      const connection = await connect(scheme);
      await run(connection, "alter session set CLIENT_STAGE_ARRAY_BINDING_THRESHOLD = 10");
      await run(connection, "create table t (n int, s varchar)");
      const binds = Array.from({ length: 100 }, (_, number) => [number, number % 3 ? null : `it's, "${number}"`]);
      await run(connection, "insert into t values (?, ?)", binds);
      const rows = await run(connection, "select count(*) as c, sum(n) as n, count(s) as s from t");
      assert.deepEqual(rows, [{ C: 100, N: 4950, S: 34 }]);
    });
  });
}
