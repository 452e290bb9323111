// Starts a server, then the tests in a process that trusts the server's authority from its start: Node reads it only then.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-node-"));
const flags = ["--memory", "--http-port", "0", "--https-port", "0"];
const server = spawn(process.env.SNOWGLOBE_BINARY, flags, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
const ports = {};
for await (const line of createInterface({ input: server.stdout })) {
  const [scheme, url, ...rest] = line.trim().split(/\s+/);
  if (["http", "https"].includes(scheme) && url && rest.length === 0) ports[scheme] = url.split(":").pop();
  if (Object.keys(ports).length === 2) break;
}
server.stdout.resume();

const tests = spawn(process.execPath, ["--test"], {
  stdio: "inherit",
  env: {
    ...process.env,
    SNOWGLOBE_HTTP_PORT: ports.http,
    SNOWGLOBE_HTTPS_PORT: ports.https,
    NODE_EXTRA_CA_CERTS: join(folder, "certs", "ca.pem"),
  },
});
tests.on("exit", (code) => {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
