import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { FileStorage } from "../src/node/files.ts";
import { ReportQueue } from "../src/queue.ts";
import { uuid } from "./builders.ts";

async function aFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "locator-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "data");
}

test("texts are kept by key, whatever letters it has", async (context) => {
  const folder = await aFolder(context);
  const storage = await FileStorage.open(folder);
  await storage.set("packs/US-ND.US-SD", "old");
  await storage.set("packs/US-ND.US-SD", "new");
  await storage.set("reports/../#1", "é");
  const again = await FileStorage.open(folder);
  assert.equal(await again.get("packs/US-ND.US-SD"), "new");
  assert.equal(await again.get("reports/../#1"), "é");
  assert.equal(await again.get("nothing"), null);
  assert.deepEqual(await again.keys("reports/"), ["reports/../#1"]);
  await again.remove("packs/US-ND.US-SD");
  await again.remove("packs/US-ND.US-SD");
  assert.deepEqual(await again.keys("packs/"), []);
});

test("nobody else may read them", async (context) => {
  const folder = await aFolder(context);
  const storage = await FileStorage.open(folder);
  await storage.set("key", "text");
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.equal((await stat(join(folder, "key"))).mode & 0o777, 0o600);
});

test("what a crash left half written is no text, and is cleared away", async (context) => {
  const folder = await aFolder(context);
  const storage = await FileStorage.open(folder);
  await writeFile(join(folder, "#half"), "hal");
  assert.deepEqual(await storage.keys(""), []);
  await FileStorage.open(folder);
  assert.deepEqual(await readdir(folder), []);
});

test("a queue in a folder outlives its process", async (context) => {
  const folder = await aFolder(context);
  const base = "http://localhost";
  const queue = new ReportQueue({ base, storage: await FileStorage.open(folder) });
  const queued = await queue.add({ service: uuid(1), state: "full" });
  const later = new ReportQueue({ base, storage: await FileStorage.open(folder) });
  assert.deepEqual(await later.waiting(), [queued]);
});

const EVERYWHERE = Array.from({ length: 60 }, (_, n) => `US-${String(n).padStart(2, "0")}`).join(".");

test("keys longer than a file's name may be are kept and listed, too", async (context) => {
  const folder = await aFolder(context);
  const storage = await FileStorage.open(folder);
  const keys = [`packs/${EVERYWHERE}`, `packs/${EVERYWHERE}.US-ZZ`, `parts/${EVERYWHERE}/a/0é`];
  for (const key of keys) await storage.set(key, `text of\n${key}`);
  const again = await FileStorage.open(folder);
  assert.deepEqual((await again.keys("pa")).sort(), keys);
  for (const key of keys) assert.equal(await again.get(key), `text of\n${key}`);
  await again.remove(keys[1] as string);
  assert.deepEqual((await again.keys("packs/")).sort(), [keys[0]]);
  for (const name of await readdir(folder)) assert.ok(name.length <= 200);
});

test("what could not be written leaves nothing behind, and the old text in place", async (context) => {
  const folder = await aFolder(context);
  const storage = await FileStorage.open(folder);
  await mkdir(join(folder, "key")); // a file cannot take its place
  await assert.rejects(storage.set("key", "text"));
  assert.deepEqual(await readdir(folder), ["key"]);
});

test("what another process is writing is left to it", async (context) => {
  const folder = await aFolder(context);
  await FileStorage.open(folder);
  const names = [`#${process.ppid}.run.1`, `#${process.pid}.another-run.1`, "#999999999.run.1"];
  for (const name of names) await writeFile(join(folder, name), "hal");
  await FileStorage.open(folder);
  assert.deepEqual(await readdir(folder), names.slice(0, 1));
});
