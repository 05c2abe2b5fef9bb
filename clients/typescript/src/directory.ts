/** The list of packs, and one pack, from the server: checked before anybody sees it. */

import { download, TooLargeError } from "./downloads.ts";
import type { Downloaded } from "./downloads.ts";
import { exchange, HttpError, objectIn } from "./http.ts";
import type { Fetch, Reply } from "./http.ts";
import { PackError, parsed } from "./pack.ts";
import type { Area, Pack } from "./pack.ts";
import type { Storage } from "./storage.ts";
import { isSigned, sha256Of } from "./trust.ts";
import type { Verifier } from "./trust.ts";

/** A row of the list of packs. */
export interface PackEntry {
  region: string;
  name: string;
  areas: Area[];
  services: number;
  sites: number;
  cursor: string;
  day: string;
  built_at: string;
  bytes: number;
  bytes_gzip: number;
  sha256: string;
  signature: string;
}

export interface PackList {
  public_key: string; // base64, of 32 bytes
  packs: PackEntry[];
}

/** A pack is not what was signed under the key that counts. What is held stays as it is. */
export class PackRefusedError extends Error {
  override name = "PackRefusedError";
}

/** There is no such region (any more): look at the list. */
export class NoSuchRegionError extends Error {
  override name = "NoSuchRegionError";

  constructor(region: string) {
    super(`There is no region ${region} (any more): show the list.`);
  }
}

export interface DirectoryOptions {
  base: string; // such as https://locator.example
  language: string;
  storage: Storage;
  /** The key that packs must be signed with, base64. Without it, the first one seen counts. */
  publicKey?: string | undefined;
  fetch: Fetch;
  verifier: Verifier;
  timeoutMs: number;
}

/** A pack that was checked; null where the one with the given entity tag still holds. */
export interface Received {
  pack: Pack;
  etag: string | null;
}

const KEY = "public-key";

export class Directory {
  private readonly options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.options = options;
  }

  /**
   * The regions there are.
   *
   * @throws NetworkError, HttpError
   */
  async list(): Promise<PackList> {
    const { storage, language } = this.options;
    const key = `pack-list/${language}`;
    const known = objectIn((await storage.get(key)) ?? "") as { etag: string; text: string } | null;
    const reply = await this.get("packs/", known?.etag ?? null);
    if (reply.status === 304 && known !== null) return listIn(known.text);
    if (reply.status !== 200) throw new HttpError(reply.status);
    const list = listIn(reply.text);
    const etag = reply.headers.get("etag");
    if (etag !== null) await storage.set(key, JSON.stringify({ etag, text: reply.text }));
    return list;
  }

  /**
   * A region's pack, if it is signed.
   *
   * @param etag of the pack that is held, if that is as good
   * @throws NoSuchRegionError, PackRefusedError, PackError, NetworkError, HttpError
   */
  async pack(region: string, etag: string | null): Promise<Received | null> {
    const received = await this.attempt(region, etag);
    // Between the list and the pack it may have been built anew: then the next list knows it.
    const again = received === "other" ? await this.attempt(region, etag) : received;
    if (again === "other") throw new PackRefusedError("The pack is not the one that is listed.");
    return again;
  }

  private async attempt(region: string, etag: string | null): Promise<Received | null | "other"> {
    const list = await this.list();
    const entry = list.packs.find((each) => each.region === region);
    if (entry === undefined) throw new NoSuchRegionError(region);
    const came = await this.download(entry, etag);
    if (came === "other") return "other";
    if (came.status === 304) return null;
    if (came.status === 404) throw new NoSuchRegionError(region);
    if (came.status !== 200) throw new HttpError(came.status);
    if ((await sha256Of(this.options.verifier, came.text)) !== entry.sha256) return "other";
    const pack = parsed(came.text) as Pack;
    await this.check(pack, entry, list.public_key);
    return { pack, etag: came.etag };
  }

  private async download(entry: PackEntry, etag: string | null): Promise<Downloaded | "other"> {
    const { region, sha256, bytes } = entry;
    const url = this.url(`packs/${encodeURIComponent(region)}/`);
    try {
      return await download(this.options, { url, region, sha256, bytes, etag });
    } catch (error) {
      if (error instanceof TooLargeError) return "other";
      throw error;
    }
  }

  private async check(pack: Pack, entry: PackEntry, listedKey: string): Promise<void> {
    const key = await this.keyThatCounts(listedKey);
    const { language, cursor } = pack;
    const signed = { region: entry.region, language, cursor, sha256: entry.sha256 };
    const { verifier, storage } = this.options;
    const holds = await isSigned(verifier, signed, entry.signature, key);
    if (pack.region !== entry.region || !holds) {
      throw new PackRefusedError("The pack is not signed by the key that counts.");
    }
    if (this.options.publicKey === undefined) await storage.set(KEY, key);
  }

  private async keyThatCounts(listed: string): Promise<string> {
    return this.options.publicKey ?? (await this.options.storage.get(KEY)) ?? listed;
  }

  private get(path: string, etag: string | null): Promise<Reply> {
    const { fetch, timeoutMs } = this.options;
    const headers: Record<string, string> = etag === null ? {} : { "If-None-Match": etag };
    return exchange(fetch, this.url(path), { headers, timeoutMs });
  }

  private url(path: string): string {
    const { base, language } = this.options;
    return `${base}/api/v1/${path}?language=${encodeURIComponent(language)}`;
  }
}

function listIn(text: string): PackList {
  const list = objectIn(text);
  if (typeof list?.["public_key"] !== "string" || !Array.isArray(list["packs"])) {
    throw new PackError("This is not a list of packs.");
  }
  return list as unknown as PackList;
}
