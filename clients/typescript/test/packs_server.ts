/** A server of packs and changes, as a test wants it. */

import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";

import type { Fetch } from "../src/http.ts";
import type { Changes, Pack } from "../src/pack.ts";
import { MemoryStorage } from "../src/storage.ts";
import { Sync } from "../src/sync.ts";
import type { SyncOptions } from "../src/sync.ts";
import { aPack, aPage, NOON } from "./builders.ts";
import { say, serve } from "./loopback.ts";
import type { Asked, Loopback } from "./loopback.ts";
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
  return serve(context, (asked, response) => {
    const { path, query, headers } = asked;
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
    return sendPack(asked, response, world.sent(pack));
  });
}

/** A pack as the server sends it: compressed or not, or a part of it. */
function sendPack({ headers }: Asked, response: ServerResponse, text: string): void {
  const isGzip = (headers["accept-encoding"] ?? "").includes("gzip");
  const body = isGzip ? gzipSync(text) : Buffer.from(text);
  const tag = createHash("sha256").update(text).digest("hex").slice(0, 32);
  const etag = isGzip ? `"${tag}-gzip"` : `"${tag}"`;
  if (headers["if-none-match"] === etag) return say(response, 304, "", { ETag: etag });
  const from = headers["if-range"] === etag ? Number(/\d+/.exec(headers.range ?? "")?.[0] ?? 0) : 0;
  if (from >= body.length) return say(response, 416, {});
  response.writeHead(from > 0 ? 206 : 200, {
    ETag: etag,
    "Content-Length": body.length - from,
    ...(isGzip ? { "Content-Encoding": "gzip" } : {}),
    ...(from > 0 ? { "Content-Range": `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
  });
  response.end(body.subarray(from));
}

/** A line that breaks after so many bytes of a pack, once each; then it holds. */
export function aBadLine(cuts: number[]): Fetch {
  return async (url, init) => {
    const response = await globalThis.fetch(url, init);
    const cut = url.includes("/packs/US") ? cuts.shift() : undefined;
    return cut === undefined ? response : cutAfter(cut, response);
  };
}

function cutAfter(bytes: number, response: Response): Response {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value = new Uint8Array(0) } = await reader.read();
      if (left === 0) return controller.error(new TypeError("terminated"));
      controller.enqueue(value.subarray(0, left));
      left -= Math.min(left, value.length);
    },
  }, { highWaterMark: 0 }); // what waits in a stream is lost with it
  return new Response(body, { status: response.status, headers: response.headers });
}

export function aSync(base: string, changed: Partial<SyncOptions> = {}): Sync {
  const storage = new MemoryStorage();
  const { publicKey } = SIGNER;
  return new Sync({ base, storage, publicKey, clock: () => NOON * 1000, ...changed });
}
