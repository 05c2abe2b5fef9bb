import assert from "node:assert/strict";
import { test } from "node:test";

import { NoSuchRegionError } from "../src/directory.ts";
import { HttpError, NetworkError } from "../src/http.ts";
import { PackError } from "../src/pack.ts";
import type { Pack } from "../src/pack.ts";
import { MemoryStorage } from "../src/storage.ts";
import { aPack, aPage, NOON, uuid } from "./builders.ts";
import { serve } from "./loopback.ts";
import { aSync, aWorld, serveWorld } from "./packs_server.ts";

test("a region comes as its signed pack and what changed since", async (context) => {
  const world = aWorld({
    pages: {
      c0: aPage([{ note: "first" }], { cursor: "c1", more: true }),
      c1: aPage([{ note: "second" }], { cursor: "c2", gone: [uuid(1)] }),
    },
  });
  const { base, asked } = await serveWorld(context, world);
  const store = await aSync(base, { language: "es" }).update("US-PA");
  assert.equal(store.services.get(uuid(0))?.note, "second");
  assert.deepEqual([...store.services.keys()], [uuid(0)]);
  assert.equal(store.cursor, "c2");
  const paths = asked.map(({ path, query }) => `${path}?${query}`);
  assert.deepEqual(paths, [
    "/api/v1/packs/?language=es",
    "/api/v1/packs/US-PA/?language=es",
    "/api/v1/changes/?cursor=c0&region=US-PA",
    "/api/v1/changes/?cursor=c1&region=US-PA",
  ]);
});

test("what is held outlives the app, and goes on from its cursor", async (context) => {
  const world = aWorld({ pages: { c0: aPage([{ note: "new" }]), c1: aPage([]) } });
  const { base, asked } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  await aSync(base, { storage }).update("US-PA");
  const later = aSync(base, { storage });
  assert.deepEqual(await later.regions(), ["US-PA"]);
  assert.equal((await later.open("US-PA"))?.services.get(uuid(0))?.note, "new");
  asked.length = 0;
  await later.update("US-PA");
  assert.deepEqual(asked.map(({ query }) => query.get("cursor")), ["c1"]);
});

test("the store that the app has in its hands is brought up to date", async (context) => {
  const world = aWorld();
  const { base } = await serveWorld(context, world);
  const sync = aSync(base);
  const store = await sync.update("US-PA");
  world.pages["c1"] = aPage([{ note: "later" }], { cursor: "c2" });
  await sync.update("US-PA");
  assert.equal(store.services.get(uuid(0))?.note, "later");
  assert.equal(await sync.open("US-PA"), store);
});

test("a cursor that is too old leads to the pack again", async (context) => {
  const world = aWorld();
  const { base } = await serveWorld(context, world);
  const sync = aSync(base);
  await sync.update("US-PA");
  world.packs = [aPack([{ note: "rebuilt" }], { cursor: "c9" })];
  world.pages = { c9: aPage([], { cursor: "c9" }) };
  const store = await sync.update("US-PA");
  assert.equal(store.services.get(uuid(0))?.note, "rebuilt");
  assert.equal(store.services.size, 1);
  assert.equal(await sync.open("US-PA"), store);
});

test("a region that is none any more is said to be so, and stays as it was", async (context) => {
  const world = aWorld();
  const { base } = await serveWorld(context, world);
  const sync = aSync(base);
  await sync.update("US-PA");
  world.packs = [];
  world.pages = {};
  await assert.rejects(sync.update("US-PA"), NoSuchRegionError);
  assert.equal((await sync.open("US-PA"))?.services.size, 2);
  await sync.forget("US-PA");
  assert.equal(await sync.open("US-PA"), null);
});

test("a pack built anew between the list and its download is looked up again", async (context) => {
  const world = aWorld();
  const old = world.packs[0] as Pack;
  const rebuilt = aPack([{ note: "rebuilt" }], { cursor: "c1" });
  world.sent = (pack) => {
    world.packs = [rebuilt];
    return JSON.stringify(pack === old ? rebuilt : pack);
  };
  const { base } = await serveWorld(context, world);
  const store = await aSync(base).update("US-PA");
  assert.equal(store.services.get(uuid(0))?.note, "rebuilt");
});

test("the list and an unchanged pack are not sent twice", async (context) => {
  const world = aWorld();
  const { base, asked } = await serveWorld(context, world);
  let now = NOON;
  const sync = aSync(base, { clock: () => now * 1000 });
  const store = await sync.update("US-PA");
  assert.equal((await sync.list()).packs.length, 1);
  now += 61 * 86_400; // so old that its hours may run out: is there another one?
  assert.equal(await sync.update("US-PA"), store);
  const conditional = asked.filter(({ headers }) => headers["if-none-match"] !== undefined);
  assert.deepEqual(
    conditional.map(({ path }) => path),
    ["/api/v1/packs/", "/api/v1/packs/", "/api/v1/packs/US-PA/"],
  );
});

test("another language is another pack", async (context) => {
  const { base } = await serveWorld(context, aWorld());
  const storage = new MemoryStorage();
  const english = await aSync(base, { storage }).update("US-PA");
  const spanish = await aSync(base, { storage, language: "es" }).update("US-PA");
  assert.notEqual(spanish, english);
});

test("two updates at once are one", async (context) => {
  const { base, asked } = await serveWorld(context, aWorld());
  const sync = aSync(base);
  const [one, other] = await Promise.all([sync.update("US-PA"), sync.update("US-PA")]);
  assert.equal(one, other);
  assert.equal(asked.length, 3);
});

test("pages that were taken in are kept when a later one fails", async (context) => {
  const world = aWorld({
    pages: { c0: aPage([{ note: "first" }], { cursor: "c1", more: true }), c1: 503 },
  });
  const { base } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  await assert.rejects(aSync(base, { storage }).update("US-PA"), HttpError);
  const store = await aSync(base, { storage }).open("US-PA");
  assert.equal(store?.cursor, "c1");
  assert.equal(store?.services.get(uuid(0))?.note, "first");
});

test("a server that says more for ever is not followed for ever", async (context) => {
  const world = aWorld({ pages: { c0: aPage([], { cursor: "c0", more: true }) } });
  const { base } = await serveWorld(context, world);
  await assert.rejects(aSync(base).update("US-PA"), PackError);
});

test("without a network what is held can be opened, but not updated", async (context) => {
  const world = aWorld();
  const { base } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  await aSync(base, { storage }).update("US-PA");
  const fetch = (): Promise<Response> => Promise.reject(new TypeError("offline"));
  const offline = aSync(base, { storage, fetch });
  assert.equal((await offline.open("US-PA"))?.services.size, 2);
  await assert.rejects(offline.update("US-PA"), NetworkError);
});

test("an answer that never ends is given up", async (context) => {
  const { base } = await serve(context, (_asked, response) => {
    response.writeHead(200);
    response.write("{");
  });
  await assert.rejects(aSync(base, { timeoutMs: 50 }).list(), NetworkError);
});

test("regions are given together, the one that changed last as the last", async (context) => {
  const other = aPack([{ note: "other" }], { region: "US-NY", cursor: "n0" });
  const quiet = aPage([], { region: "US-NY", cursor: "n0" });
  const world = aWorld({ packs: [aPack([{}]), other], pages: { c0: aPage([]), n0: quiet } });
  const { base } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  let now = NOON;
  const sync = aSync(base, { storage, clock: () => (now += 1) * 1000 });
  for (const region of ["US-NY", "US-PA"]) await sync.update(region);
  world.pages["n0"] = { ...aPage([{}], { region: "US-NY", cursor: "n1" }) };
  await sync.update("US-NY");
  for (const held of [sync, aSync(base, { storage })]) {
    assert.deepEqual((await held.stores()).map(({ region }) => region), ["US-PA", "US-NY"]);
  }
});

test("what did not change is not written again, but once a day", async (context) => {
  const { base } = await serveWorld(context, aWorld());
  const storage = new MemoryStorage();
  const written: string[] = [];
  const set = storage.set.bind(storage);
  storage.set = (key, text) => (written.push(key), set(key, text));
  let now = NOON;
  const sync = aSync(base, { storage, clock: () => now * 1000 });
  await sync.update("US-PA");
  written.length = 0;
  await sync.update("US-PA");
  assert.deepEqual(written, []);
  now += 86_401;
  await sync.update("US-PA");
  assert.deepEqual(written, ["packs/US-PA"]);
});

test("who waits for changes says for how long", async (context) => {
  const { base, asked } = await serveWorld(context, aWorld());
  await aSync(base).update("US-PA", { wait: 25 });
  assert.equal(asked.at(-1)?.query.get("wait"), "25");
});
