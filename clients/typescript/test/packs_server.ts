/** A server of packs and changes, as a test wants it. */

import type { TestContext } from "node:test";

import type { Changes, Pack } from "../src/pack.ts";
import { MemoryStorage } from "../src/storage.ts";
import { Sync } from "../src/sync.ts";
import type { SyncOptions } from "../src/sync.ts";
import { aPack, aPage, NOON } from "./builders.ts";
import { say, serve } from "./loopback.ts";
import type { Loopback } from "./loopback.ts";
import { aSigner } from "./signing.ts";

export const SIGNER = aSigner();

/** What the server holds; a test may change it at any time. */
export interface World {
  packs: Pack[];
  pages: Record<string, Partial<Changes> | number>; // by cursor; a number is a refusal
  entry: (pack: Pack) => Record<string, unknown>;
  sent: (pack: Pack) => string;
  publicKey: string;
}

export function aWorld(changed: Partial<World> = {}): World {
  return {
    packs: [aPack([{}, {}])],
    pages: { c0: aPage([]), c1: aPage([]) },
    entry: SIGNER.entry,
    sent: (pack) => JSON.stringify(pack),
    publicKey: SIGNER.publicKey,
    ...changed,
  };
}

export async function serveWorld(context: TestContext, world: World): Promise<Loopback> {
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

export function aSync(base: string, changed: Partial<SyncOptions> = {}): Sync {
  const storage = new MemoryStorage();
  const { publicKey } = SIGNER;
  return new Sync({ base, storage, publicKey, clock: () => NOON * 1000, ...changed });
}
