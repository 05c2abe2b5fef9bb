/** A pack comes over a bad line in parts, and is believed as a whole. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { PackRefusedError } from "../src/directory.ts";
import { NetworkError } from "../src/http.ts";
import type { Fetch } from "../src/http.ts";
import { FileStorage } from "../src/node/files.ts";
import type { Pack } from "../src/pack.ts";
import { MemoryStorage } from "../src/storage.ts";
import type { Sync } from "../src/sync.ts";
import { aPack, aPage, randomNumbers, uuid } from "./builders.ts";
import { aBadLine, aSync, aWorld, serveWorld } from "./packs_server.ts";
import type { World } from "./packs_server.ts";
import type { Loopback } from "./loopback.ts";

const SERVICES = 600;

/** A pack of some hundred kilobytes, which gzip makes little smaller, with letters of two bytes. */
function aLargePack(changed: Partial<Pack> = {}): Pack {
  const random = randomNumbers(5);
  const note = (): string => `é${[1, 2, 3, 4, 5].map(() => random().toString(36)).join("")}`;
  return aPack(Array.from({ length: SERVICES }, () => ({ note: note() })), changed);
}

function aLargeWorld(changed: Partial<World> = {}): World {
  return aWorld({ packs: [aLargePack()], ...changed });
}

const rangesOf = ({ asked }: Loopback): unknown[] =>
  asked.filter(({ path }) => path.endsWith("/US-PA/")).map(({ headers }) => headers.range);

test("a download that broke off goes on where it did, over restarts", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "locator-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const server = await serveWorld(context, aLargeWorld());
  const fetch = aBadLine([30_001, 60_000, 0]);
  const again = async (): Promise<Sync> =>
    aSync(server.base, { fetch, storage: await FileStorage.open(folder) });
  for (let n = 0; n < 3; n++) await assert.rejects((await again()).update("US-PA"), NetworkError);
  const store = await (await again()).update("US-PA");
  assert.equal(store.services.size, SERVICES);
  const [first, second, third, fourth] = rangesOf(server);
  const begin = (range: unknown): number => Number(/^bytes=(\d+)-$/.exec(String(range))?.[1]);
  assert.equal(first, undefined);
  assert.ok([30_000, 30_001].includes(begin(second))); // never half of an é
  assert.ok([59_999, 60_000].includes(begin(third) - begin(second)));
  assert.equal(fourth, third);
  assert.deepEqual(await (await FileStorage.open(folder)).keys("parts/"), []);
});

test("the rest is not compressed, and asked for by the listed SHA-256", async (context) => {
  const world = aLargeWorld();
  const { base, asked } = await serveWorld(context, world);
  const sync = aSync(base, { fetch: aBadLine([30_000]) });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  const { sha256 } = (await sync.list()).packs[0] as { sha256: string };
  await sync.update("US-PA");
  const rest = asked.find(({ headers }) => headers.range !== undefined);
  assert.equal(rest?.headers["if-range"], `"${sha256.slice(0, 32)}"`);
  assert.equal(rest?.headers["accept-encoding"], "identity");
});

test("what came of a pack that was replaced meanwhile is of no use", async (context) => {
  const world = aLargeWorld();
  const server = await serveWorld(context, world);
  const storage = new MemoryStorage();
  const sync = aSync(server.base, { storage, fetch: aBadLine([30_000]) });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  world.packs = [aLargePack({ cursor: "c1" })];
  assert.equal((await sync.update("US-PA")).services.size, SERVICES);
  assert.deepEqual(rangesOf(server), [undefined, undefined]);
  assert.deepEqual(await storage.keys("parts/"), []);
});

test("what was damaged on the phone is taken anew", async (context) => {
  const server = await serveWorld(context, aLargeWorld());
  const storage = new MemoryStorage();
  const sync = aSync(server.base, { storage, fetch: aBadLine([30_000]) });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  const [key = ""] = await storage.keys("parts/");
  await storage.set(key, `${await storage.get(key)}`.replaceAll("é", "e"));
  assert.equal((await sync.update("US-PA")).services.size, SERVICES);
});

test("a part that is longer than the pack is taken anew", async (context) => {
  const world = aLargeWorld();
  const server = await serveWorld(context, world);
  const storage = new MemoryStorage();
  const sync = aSync(server.base, { storage, fetch: aBadLine([30_000]) });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  const [key = ""] = await storage.keys("parts/");
  await storage.set(key, JSON.stringify(world.packs[0]));
  assert.equal((await sync.update("US-PA")).services.size, SERVICES);
});

test("what comes is kept before the line breaks: an app may be killed", async (context) => {
  const server = await serveWorld(context, aLargeWorld());
  const storage = new MemoryStorage();
  const written: string[] = [];
  const set = storage.set.bind(storage);
  storage.set = (key, text) => (written.push(key), set(key, text));
  await aSync(server.base, { storage }).update("US-PA");
  assert.ok(written.filter((key) => key.startsWith("parts/US-PA/")).length >= 2);
  assert.deepEqual(await storage.keys("parts/"), []);
});

test("a server that ignores what is asked for begins anew", async (context) => {
  const world = aLargeWorld();
  const server = await serveWorld(context, world);
  const line = aBadLine([30_000]);
  const fetch: Fetch = (url, { headers: asked, ...init }) => {
    const { "If-Range": _condition, ...headers } = { ...(asked as Record<string, string>) };
    return line(url, { ...init, headers });
  };
  const sync = aSync(server.base, { fetch });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  assert.equal((await sync.update("US-PA")).services.size, SERVICES);
});

test("more than was announced is not taken", async (context) => {
  const world = aLargeWorld({ sent: (pack) => `${JSON.stringify(pack)}${" ".repeat(500_000)}` });
  const { base } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  await assert.rejects(aSync(base, { storage }).update("US-PA"), PackRefusedError);
  assert.deepEqual(await storage.keys("parts/"), []);
});

test("a region that is held no longer leaves nothing behind", async (context) => {
  const { base } = await serveWorld(context, aLargeWorld());
  const storage = new MemoryStorage();
  const sync = aSync(base, { storage, fetch: aBadLine([30_000]) });
  await assert.rejects(sync.update("US-PA"), NetworkError);
  assert.equal((await storage.keys("parts/")).length > 0, true);
  await sync.forget("US-PA");
  assert.deepEqual(await storage.keys("parts/"), []);
});

for (const status of [400, 404, 410]) {
  test(`a cursor that is answered with ${status} leads to the pack again`, async (context) => {
    const world = aWorld();
    const { base, asked } = await serveWorld(context, world);
    const storage = new MemoryStorage();
    await storage.set("reports/000000000001-x", "a report");
    const sync = aSync(base, { storage });
    await sync.update("US-PA");
    world.packs = [aPack([{ note: "another history" }], { cursor: "c9" })];
    world.pages = { c1: status, c9: aPage([], { cursor: "c9" }) };
    asked.length = 0;
    const store = await sync.update("US-PA");
    assert.equal(store.services.get(uuid(0))?.note, "another history");
    assert.equal(asked.length, 4); // changes, list, pack, changes
    assert.equal(await storage.get("reports/000000000001-x"), "a report");
  });

  test(`a server that answers ${status} to any cursor is not asked for ever`, async (context) => {
    const world = aWorld({ pages: { c0: status } });
    const { base, asked } = await serveWorld(context, world);
    await assert.rejects(aSync(base).update("US-PA"));
    assert.equal(asked.filter(({ path }) => path.endsWith("/US-PA/")).length, 2);
  });
}

test("a pack that a failing disk has broken is taken again", async (context) => {
  const { base } = await serveWorld(context, aWorld());
  const storage = new MemoryStorage();
  await aSync(base, { storage }).update("US-PA");
  const kept = JSON.parse((await storage.get("packs/US-PA")) ?? "") as { pack: Pack };
  for (const broken of ['{"format":"locator-p', JSON.stringify({ ...kept, pack: {} })]) {
    await storage.set("packs/US-PA", broken);
    const sync = aSync(base, { storage });
    assert.equal(await sync.open("US-PA"), null);
    assert.equal((await sync.update("US-PA")).services.size, 2);
  }
});
