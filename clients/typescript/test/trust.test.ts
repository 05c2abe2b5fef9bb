/** Only a pack that the right key signed takes the place of what is held. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { PackRefusedError } from "../src/directory.ts";
import { MemoryStorage } from "../src/storage.ts";
import { Sync } from "../src/sync.ts";
import { aPack, NOON } from "./builders.ts";
import { aSync, aWorld, serveWorld, SIGNER } from "./packs_server.ts";
import type { World } from "./packs_server.ts";
import { aSigner } from "./signing.ts";

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
