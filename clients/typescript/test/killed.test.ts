/** Processes are killed while they queue and send: what was queued is counted, and once. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { FileStorage } from "../src/node/files.ts";
import { ReportQueue } from "../src/queue.ts";
import { losing, serveReports } from "./reports_server.ts";

const PROGRAM = fileURLToPath(new URL("reporting_process.ts", import.meta.url));
const LIVES = 5;
const REPORTS = 20; // in each life

test("no report is lost or doubled when its process is killed", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "locator-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const server = await serveReports(context, { faults: [losing("whole"), losing("half")] });
  const queued: string[] = [];
  for (let life = 0; life < LIVES; life++) queued.push(...(await live(folder, server.base)));
  const storage = await FileStorage.open(folder);
  const queue = new ReportQueue({ base: server.base, storage, token: "token" });
  await queue.send();
  const counted = new Set(server.counted);
  assert.equal(counted.size, server.counted.length);
  assert.deepEqual(queued.filter((id) => !counted.has(id)), []);
  assert.ok(queued.length >= LIVES * REPORTS);
});

/** Let a process report, kill it, and give the ids of what it had queued. */
async function live(folder: string, base: string): Promise<string[]> {
  const child = spawn(process.execPath, [PROGRAM, folder, base], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const ids: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.length === 36) ids.push(line);
    if (ids.length === REPORTS) child.kill("SIGKILL");
  }
  await ended;
  return ids;
}
