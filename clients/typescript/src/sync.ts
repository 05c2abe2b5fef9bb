/** Packs and changes: how a phone comes to hold a region, and how it keeps up. */

import { Directory, NoSuchRegionError } from "./directory.ts";
import type { PackList } from "./directory.ts";
import { dropPart } from "./downloads.ts";
import { exchange, HttpError, objectIn } from "./http.ts";
import type { Fetch } from "./http.ts";
import { FORMAT, PackError, parsed } from "./pack.ts";
import type { Changes, Pack } from "./pack.ts";
import type { Storage } from "./storage.ts";
import { Store } from "./store.ts";
import { webCryptoVerifier } from "./trust.ts";
import type { Verifier } from "./trust.ts";
import { packOf } from "./writing.ts";
import { dateCalled, DAY } from "./zones.ts";

const OLD_DAYS = 60; // hours are told for 120 days: a pack half used up is taken anew
const TIMEOUT_MS = 60_000;
const GONE = 410;
/** Answers to a cursor that mean: take the pack. 400 is that of a server with another history. */
const CURSOR_NO_LONGER_GOOD = new Set([400, 404, GONE]);

export interface SyncOptions {
  base: string; // such as https://locator.example
  storage: Storage;
  language?: string; // of labels; "en", if left out
  /** The key that packs must be signed with, base64. Without it, the first one seen counts. */
  publicKey?: string;
  fetch?: Fetch;
  verifier?: Verifier;
  clock?: () => number; // milliseconds, as Date.now
  timeoutMs?: number; // for one answer; for a pack, how long the line may be silent
}

/** What is kept of a region beside its store. */
interface Held {
  store: Store;
  etag: string | null; // of the pack
  asked: string; // language; the pack may answer in another one
  savedMs: number;
}

export class Sync {
  private readonly options: Required<Omit<SyncOptions, "publicKey">>;
  private readonly directory: Directory;
  private readonly held: Map<string, Held> = new Map();
  private readonly running: Map<string, Promise<Store>> = new Map();

  constructor(options: SyncOptions) {
    this.options = {
      language: "en",
      fetch: (url, init) => globalThis.fetch(url, init),
      verifier: webCryptoVerifier,
      clock: Date.now,
      timeoutMs: TIMEOUT_MS,
      ...options,
      base: options.base.replace(/\/+$/, ""),
    };
    this.directory = new Directory({ ...this.options, publicKey: options.publicKey });
  }

  /**
   * The regions there are.
   *
   * @throws NetworkError, HttpError
   */
  list(): Promise<PackList> {
    return this.directory.list();
  }

  /** The regions that are held. */
  async regions(): Promise<string[]> {
    const keys = await this.options.storage.keys(keyOf(""));
    return keys.map((key) => key.slice(keyOf("").length));
  }

  /** All regions that are held, the one that changed last as the last. */
  async stores(): Promise<Store[]> {
    const all = await Promise.all((await this.regions()).map((region) => this.read(region)));
    const held = all.filter((one) => one !== null);
    return held.sort((one, other) => one.savedMs - other.savedMs).map(({ store }) => store);
  }

  /** A region as it is held, without the network; null if it is not. */
  async open(region: string): Promise<Store | null> {
    return (await this.read(region))?.store ?? null;
  }

  /**
   * A region brought up to date: by its changes, or by its pack where there is none yet, or where
   * the server knows the cursor no longer. What is held stays if anything goes wrong. A download
   * that broke off goes on where it did.
   *
   * @param wait seconds that the server may wait for changes if there are none, up to 25
   * @throws NoSuchRegionError, PackRefusedError, PackError, NetworkError, HttpError
   */
  update(region: string, { wait = 0 }: { wait?: number } = {}): Promise<Store> {
    let running = this.running.get(region);
    if (running === undefined) {
      running = this.updated(region, wait).finally(() => this.running.delete(region));
      this.running.set(region, running);
    }
    return running;
  }

  /** Hold a region no longer. */
  async forget(region: string): Promise<void> {
    await this.running.get(region)?.catch(() => undefined);
    this.held.delete(region);
    await this.options.storage.remove(keyOf(region));
    await dropPart(this.options.storage, region);
  }

  private async updated(region: string, wait: number): Promise<Store> {
    let held = await this.read(region);
    if (held === null || held.asked !== this.options.language) held = await this.replace(region);
    else if (this.isOld(held.store)) held = await this.replace(region, held);
    if ((await this.follow(held, wait)) === null) return held.store;
    held = await this.replace(region);
    const refused = await this.follow(held, 0);
    // A pack whose own cursor is refused: the region has just ceased to be.
    if (refused === GONE || refused === 404) throw new NoSuchRegionError(region);
    if (refused !== null) throw new HttpError(refused);
    return held.store;
  }

  private isOld(store: Store): boolean {
    const today = Math.floor(this.options.clock() / 1000 / DAY);
    return today - dateCalled(store.day) > OLD_DAYS;
  }

  /** Take changes in until there are no more, then null; or the status that refuses the cursor. */
  private async follow(held: Held, wait: number): Promise<number | null> {
    const before = held.store.version;
    try {
      for (;;) {
        const page = await this.page(held.store, wait);
        if (typeof page === "number") return page;
        const isStuck = page.more && page.cursor === held.store.cursor;
        if (isStuck) throw new PackError("There is more, but the cursor stays.");
        held.store.apply(page);
        if (!page.more) return null;
      }
    } finally {
      if (held.store.version !== before || this.isSavedLongAgo(held)) await this.save(held);
    }
  }

  /** Where nothing changes for months, the cursor must not grow too old. */
  private isSavedLongAgo({ savedMs }: Held): boolean {
    return this.options.clock() - savedMs > DAY * 1000;
  }

  private async page(store: Store, wait: number): Promise<Changes | number> {
    const { base, fetch, timeoutMs } = this.options;
    const cursor = encodeURIComponent(store.cursor);
    const region = encodeURIComponent(store.region);
    const waiting = wait > 0 ? `&wait=${wait}` : "";
    const url = `${base}/api/v1/changes/?cursor=${cursor}&region=${region}${waiting}`;
    const reply = await exchange(fetch, url, { timeoutMs: timeoutMs + wait * 1000 });
    if (CURSOR_NO_LONGER_GOOD.has(reply.status)) return reply.status;
    if (reply.status !== 200) throw new HttpError(reply.status);
    const page = parsed(reply.text) as Changes;
    if (page.region !== store.region) throw new PackError("These are another region's changes.");
    return page;
  }

  /** Take the pack, if it is another than the one held. */
  private async replace(region: string, held: Held | null = null): Promise<Held> {
    const received = await this.directory.pack(region, held?.etag ?? null);
    if (received === null && held !== null) return held;
    if (received === null) throw new HttpError(304);
    const { pack, etag } = received;
    const { language, clock } = this.options;
    const made: Held = { store: new Store(pack), etag, asked: language, savedMs: clock() };
    await this.save(made);
    this.held.set(region, made);
    return made;
  }

  private async save(held: Held): Promise<void> {
    held.savedMs = this.options.clock();
    const { store, ...rest } = held;
    const text = JSON.stringify({ format: FORMAT, ...rest, pack: packOf(store) });
    await this.options.storage.set(keyOf(store.region), text);
  }

  private async read(region: string): Promise<Held | null> {
    const known = this.held.get(region);
    if (known !== undefined) return known;
    const kept = objectIn((await this.options.storage.get(keyOf(region))) ?? "");
    if (kept === null || kept["format"] !== FORMAT) return null;
    const { pack, etag, asked, savedMs } = kept as unknown as Held & { pack: Pack };
    const store = storeOf(pack);
    if (store === null) return null;
    const held = this.held.get(region) ?? { store, etag, asked, savedMs };
    this.held.set(region, held); // two that read at once share one store
    return held;
  }
}

/** What a kept pack holds; null for one that a failing disk has broken: it is taken again. */
function storeOf(pack: Pack): Store | null {
  try {
    return new Store(pack);
  } catch {
    return null;
  }
}

function keyOf(region: string): string {
  return `packs/${region}`;
}
