/** Taking a pack over a bad line: what came is kept, and the next time only the rest is asked for. */

import { NetworkError, streamed } from "./http.ts";
import type { Fetch } from "./http.ts";
import type { Storage } from "./storage.ts";

const PIECE_LETTERS = 65_536; // so much is written at once
const DIGITS = 12; // so that keys are ordered as their numbers
const ETAG_LETTERS = 32; // of the SHA-256: the entity tag of what is not compressed

/** The way to the server, and where what came is kept. */
export interface Way {
  fetch: Fetch;
  storage: Storage;
  timeoutMs: number; // without a byte for so long, an answer is given up
}

/** A pack as the list tells it. */
export interface Wanted {
  url: string;
  region: string;
  sha256: string;
  bytes: number; // not compressed
  etag: string | null; // of the pack that is held
}

export interface Downloaded {
  status: number;
  etag: string | null;
  text: string; // whole, if the status is 200
}

/** More came than was announced. */
export class TooLargeError extends Error {
  override name = "TooLargeError";
}

/**
 * A pack's text, from where it broke off the last time if it did.
 *
 * `fetch` unpacks what it gives, so bytes of the compressed answer cannot be counted: the rest is
 * taken as it is. What all of it comes to is checked by whoever asks.
 *
 * @throws NetworkError, TooLargeError
 */
export async function download(way: Way, wanted: Wanted): Promise<Downloaded> {
  const part = await Part.of(way.storage, wanted);
  const request = { headers: headersFor(part, wanted), timeoutMs: way.timeoutMs };
  const came = await streamed(way.fetch, wanted.url, request, async (response, pieces) => {
    const { status } = response;
    const etag = response.headers.get("etag");
    if (status !== 200 && status !== 206) return { status, etag, text: "" };
    if (!goesOn(response, part)) await part.drop();
    if (status === 206 && part.text === "") throw new NetworkError("Another part came.");
    await part.fill(pieces, wanted.bytes);
    return { status: 200, etag, text: part.text };
  });
  if (came.status === 416 && part.text !== "") {
    await part.drop();
    return download(way, wanted);
  }
  if (came.status === 200) await part.drop();
  return came;
}

/** Forget what came of a region's pack. */
export async function dropPart(storage: Storage, region: string): Promise<void> {
  for (const key of await storage.keys(prefixOf(region))) await storage.remove(key);
}

function headersFor(part: Part, { sha256, etag }: Wanted): Record<string, string> {
  if (part.text !== "") {
    const ifRange = `"${sha256.slice(0, ETAG_LETTERS)}"`;
    return { "Range": `bytes=${part.bytes}-`, "If-Range": ifRange };
  }
  return etag === null ? {} : { "If-None-Match": etag };
}

function goesOn(response: Response, part: Part): boolean {
  const range = response.headers.get("content-range") ?? "";
  return response.status === 206 && range.startsWith(`bytes ${part.bytes}-`);
}

/** What has come of a pack, in pieces by the letter at which each begins. */
class Part {
  text = "";
  private written = 0; // letters
  private readonly storage: Storage;
  private readonly wanted: Wanted;

  private constructor(storage: Storage, wanted: Wanted) {
    this.storage = storage;
    this.wanted = wanted;
  }

  /** What is kept of a pack; nothing if it is of another one. */
  static async of(storage: Storage, wanted: Wanted): Promise<Part> {
    const part = new Part(storage, wanted);
    const prefix = `${prefixOf(wanted.region)}${wanted.sha256}/`;
    for (const key of (await storage.keys(prefix)).sort()) {
      if (key !== part.keyOfNext()) break;
      part.text += (await storage.get(key)) ?? "";
      part.written = part.text.length;
    }
    return part;
  }

  get bytes(): number {
    return new TextEncoder().encode(this.text).length;
  }

  /** Add what comes; it is kept if the line breaks, and now and then before. */
  async fill(pieces: AsyncIterable<string>, most: number): Promise<void> {
    try {
      for await (const piece of pieces) {
        this.text += piece;
        if (this.text.length > most) throw new TooLargeError("More came than was announced.");
        if (this.text.length - this.written >= PIECE_LETTERS) await this.write();
      }
    } catch (error) {
      if (error instanceof TooLargeError) await this.drop();
      if (error instanceof NetworkError && this.text.length > this.written) await this.write();
      throw error;
    }
  }

  async drop(): Promise<void> {
    await dropPart(this.storage, this.wanted.region);
    this.text = "";
    this.written = 0;
  }

  private async write(): Promise<void> {
    await this.storage.set(this.keyOfNext(), this.text.slice(this.written));
    this.written = this.text.length;
  }

  private keyOfNext(): string {
    const { region, sha256 } = this.wanted;
    return `${prefixOf(region)}${sha256}/${String(this.written).padStart(DIGITS, "0")}`;
  }
}

function prefixOf(region: string): string {
  return `parts/${region}/`;
}
