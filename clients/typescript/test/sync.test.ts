import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { NoSuchRegionError, PackRefusedError } from "../src/directory.ts";
import { HttpError, NetworkError } from "../src/http.ts";
import { PackError } from "../src/pack.ts";
import type { Changes, Pack } from "../src/pack.ts";
import { MemoryStorage } from "../src/storage.ts";
import { Sync } from "../src/sync.ts";
import type { SyncOptions } from "../src/sync.ts";
import { aPack, aPage, NOON, uuid } from "./builders.ts";
import { say, serve } from "./loopback.ts";
import type { Loopback } from "./loopback.ts";
import { aSigner } from "./signing.ts";

const SIGNER = aSigner();

/** What the server holds; a test may change it at any time. */
interface World {
  packs: Pack[];
  pages: Record<string, Partial<Changes> | number>; // by cursor; a number is a refusal
  entry: (pack: Pack) => Record<string, unknown>;
  sent: (pack: Pack) => string;
  publicKey: string;
}

function aWorld(changed: Partial<World> = {}): World {
  return {
    packs: [aPack([{}, {}])],
    pages: { c0: aPage([]), c1: aPage([]) },
    entry: SIGNER.entry,
    sent: (pack) => JSON.stringify(pack),
    publicKey: SIGNER.publicKey,
    ...changed,
  };
}

async function serveWorld(context: TestContext, world: World): Promise<Loopback> {
  return serve(context, ({ path, query, headers }, response) => {
    const unless = (etag: string, body: string): void => {
      if (headers["if-none-match"] === etag) say(response, 304, "", { ETag: etag });
      else say(response, 200, body, { ETag: etag });
    };
    if (path === "/api/v1/packs/") {
      const packs = world.packs.map(world.entry);
      const list = JSON.stringify({ public_key: world.publicKey, packs });
      return unless(`"list-${list.length}-${world.packs[0]?.cursor}"`, list);
    }
    if (path === "/api/v1/changes/") {
      const page = world.pages[query.get("cursor") ?? ""] ?? 410;
      return typeof page === "number" ? say(response, page, {}) : say(response, 200, page);
    }
    const pack = world.packs.find(({ region }) => path === `/api/v1/packs/${region}/`);
    if (pack === undefined) return say(response, 404, {});
    return unless(`"${pack.cursor}"`, world.sent(pack));
  });
}

function aSync(base: string, changed: Partial<SyncOptions> = {}): Sync {
  const storage = new MemoryStorage();
  const { publicKey } = SIGNER;
  return new Sync({ base, storage, publicKey, clock: () => NOON * 1000, ...changed });
}

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

const forgeries: [string, Partial<World>][] = [
  ["another's key", { entry: aSigner().entry }],
  ["no signature at all", { entry: (pack) => ({ ...SIGNER.entry(pack), signature: "" }) }],
  ["a changed body", { sent: (pack) => JSON.stringify({ ...pack, day: "2026-11-27" }) }],
  [
    "another region's pack",
    { entry: (pack) => ({ ...SIGNER.entry({ ...pack, region: "US-NY" }), region: "US-PA" }) },
  ],
];
for (const [name, changed] of forgeries) {
  test(`a pack with ${name} is refused, and takes the place of none`, async (context) => {
    const world = aWorld();
    const { base } = await serveWorld(context, world);
    const sync = aSync(base);
    const before = await sync.update("US-PA");
    Object.assign(world, changed, { packs: [aPack([], { cursor: "c9" })], pages: {} });
    await assert.rejects(sync.update("US-PA"), PackRefusedError);
    assert.equal(await sync.open("US-PA"), before);
    assert.equal(before.services.size, 2);
  });
}

test("without a key of its own a phone stays with the first one it saw", async (context) => {
  const world = aWorld();
  const { base } = await serveWorld(context, world);
  const storage = new MemoryStorage();
  const { publicKey: _key, ...options } = { publicKey: "", storage };
  const firstUse = (): Sync => new Sync({ base, ...options, clock: () => NOON * 1000 });
  await firstUse().update("US-PA");
  const other = aSigner();
  Object.assign(world, { entry: other.entry, publicKey: other.publicKey, pages: {} });
  world.packs = [aPack([], { cursor: "c9" })];
  await assert.rejects(firstUse().update("US-PA"), PackRefusedError);
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
