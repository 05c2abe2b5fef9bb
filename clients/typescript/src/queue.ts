/** The outreach queue: reports are kept until the server has them, whatever happens on the way. */

import { backoffMs, retryAfterMs, sleep } from "./backoff.ts";
import type { Sleep } from "./backoff.ts";
import { exchange, NetworkError, objectIn } from "./http.ts";
import type { Fetch, Reply } from "./http.ts";
import { KeptReports } from "./reports.ts";
import type { Entry, QueuedReport, RefusedReport, Report } from "./reports.ts";
import type { Storage } from "./storage.ts";

const MOST_AT_ONCE = 500;
const LARGEST_BYTES = 2_000_000;
const AROUND_BYTES = '{"reports":[]}'.length;
const TIMEOUT_MS = 30_000;

const TAKEN = new Set([200, 201]);
const REFUSED = new Set([400, 404, 409, 410, 422]);
const SIGNED_OUT = new Set([401, 403]);
const TOO_LARGE = 413;

export interface QueueOptions {
  base: string; // such as https://locator.example
  storage: Storage;
  token?: string | null; // without one nothing is sent
  onSignedOut?: () => void;
  fetch?: Fetch;
  clock?: () => number; // milliseconds, as Date.now
  random?: () => number; // in [0, 1), as Math.random
  sleep?: Sleep;
  newId?: () => string; // a random UUID
  timeoutMs?: number; // for one answer
}

/** What a call of `send` came to. */
export interface Sent {
  taken: number;
  refused: number;
  waiting: number;
  signed_out: boolean;
}

/** What came of one batch: whether to go on at once, to wait, or to stop. */
type Round = { next: "go on" } | { next: "wait"; atLeastMs: number } | { next: "stop" };

export class ReportQueue {
  private readonly options: Required<Omit<QueueOptions, "token">>;
  private readonly kept: KeptReports;
  private token: string | null;
  private most = MOST_AT_ONCE;
  private running: Promise<Sent> | null = null;
  private given = new AbortController();

  constructor(options: QueueOptions) {
    this.options = {
      onSignedOut: () => undefined,
      fetch: (url, init) => globalThis.fetch(url, init),
      clock: Date.now,
      random: Math.random,
      sleep,
      newId: () => crypto.randomUUID(),
      timeoutMs: TIMEOUT_MS,
      ...options,
      base: options.base.replace(/\/+$/, ""),
    };
    this.token = options.token ?? null;
    this.kept = new KeptReports(options.storage);
  }

  /** Keep a report. It is on the disk, with its id and time, when this is done. */
  async add(report: Report): Promise<QueuedReport> {
    const observed_at = new Date(this.options.clock()).toISOString();
    const queued = { ...report, id: this.options.newId(), observed_at };
    await this.kept.add(queued);
    return queued;
  }

  async waiting(): Promise<QueuedReport[]> {
    return (await this.entriesWaiting()).map(({ report }) => report);
  }

  /** Reports that the server refused. They hold up no other one, and stay until a person looks. */
  async refused(): Promise<RefusedReport[]> {
    const entries = (await this.kept.all()).filter(({ problem }) => problem !== undefined);
    return entries.map(({ report, problem }) => ({ report, problem }));
  }

  /** Drop a refused report. */
  async drop(id: string): Promise<void> {
    const entry = await this.refusedEntry(id);
    if (entry !== undefined) await this.kept.remove(entry);
  }

  /** Queue a refused report again, mended: as another event, of the same moment. */
  async mend(id: string, changes: Partial<QueuedReport>): Promise<QueuedReport | null> {
    const entry = await this.refusedEntry(id);
    if (entry === undefined) return null;
    const mended = { ...entry.report, ...changes, id: this.options.newId() };
    await this.kept.add(mended);
    await this.kept.remove(entry);
    return mended;
  }

  /** Send with this token from now on. */
  signIn(token: string): void {
    this.token = token;
  }

  /** Let a running `send` come to an end. What is on its way may still arrive. */
  stop(): void {
    this.given.abort();
  }

  /**
   * Send what waits, until nothing does. It waits between failures, and may be called at any time.
   *
   * @param tries give up after so many failures in a row; endless, if left out
   */
  send({ tries = Infinity }: { tries?: number } = {}): Promise<Sent> {
    this.running ??= this.sent(tries).finally(() => (this.running = null));
    return this.running;
  }

  private async sent(tries: number): Promise<Sent> {
    this.given = new AbortController();
    const sent: Sent = { taken: 0, refused: 0, waiting: 0, signed_out: false };
    let failures = 0;
    while (!this.given.signal.aborted) {
      const batch = await this.nextBatch();
      if (batch.length === 0) break;
      const round = this.token === null ? this.stopped(sent) : await this.round(batch, sent);
      if (round.next === "stop") break;
      failures = round.next === "wait" ? failures + 1 : 0;
      if (failures >= tries) break;
      if (round.next === "wait") await this.pause(failures, round.atLeastMs);
    }
    sent.waiting = (await this.entriesWaiting()).length;
    return sent;
  }

  private stopped(sent: Sent): Round {
    sent.signed_out = true;
    return { next: "stop" };
  }

  private pause(failures: number, atLeastMs: number): Promise<void> {
    const ms = Math.max(atLeastMs, backoffMs(failures, this.options.random()));
    return this.options.sleep(ms, this.given.signal);
  }

  private async round(batch: Entry[], sent: Sent): Promise<Round> {
    const token = this.token;
    let reply: Reply;
    try {
      reply = await this.post(batch);
    } catch (error) {
      if (error instanceof NetworkError) return { next: "wait", atLeastMs: 0 };
      throw error;
    }
    if (SIGNED_OUT.has(reply.status)) {
      return this.token === token ? this.signedOut(sent) : { next: "go on" };
    }
    if (reply.status === TOO_LARGE) return this.halved(batch, reply, sent);
    const results = reply.status === 200 ? objectIn(reply.text)?.["results"] : undefined;
    if (!Array.isArray(results)) {
      const header = reply.headers.get("retry-after");
      return { next: "wait", atLeastMs: retryAfterMs(header, this.options.clock()) };
    }
    return this.settle(batch, results, sent);
  }

  private post(batch: Entry[]): Promise<Reply> {
    const { base, fetch, timeoutMs } = this.options;
    return exchange(fetch, `${base}/api/v1/reports/batch/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ reports: batch.map(({ report }) => report) }),
      timeoutMs,
      signal: this.given.signal,
    });
  }

  private signedOut(sent: Sent): Round {
    this.token = null;
    this.options.onSignedOut();
    return this.stopped(sent);
  }

  private async halved(batch: Entry[], reply: Reply, sent: Sent): Promise<Round> {
    const [only] = batch;
    if (batch.length > 1 || only === undefined) {
      this.most = Math.floor(batch.length / 2);
      return { next: "go on" };
    }
    await this.kept.refuse(only, objectIn(reply.text) ?? { status: TOO_LARGE });
    sent.refused += 1;
    this.most = MOST_AT_ONCE; // it was this one that was too large
    return { next: "go on" };
  }

  /** Do with each report what its result says. One that got none stays, behind the others. */
  private async settle(batch: Entry[], results: unknown[], sent: Sent): Promise<Round> {
    const before = sent.taken + sent.refused;
    for (const [place, entry] of batch.entries()) {
      const result = results[place] as { status?: number; problem?: unknown } | null | undefined;
      const status = result?.status ?? 0;
      if (TAKEN.has(status)) {
        await this.kept.remove(entry);
        sent.taken += 1;
      } else if (REFUSED.has(status)) {
        await this.kept.refuse(entry, result?.problem ?? { status });
        sent.refused += 1;
      } else {
        entry.tries += 1;
      }
    }
    const isSettled = sent.taken + sent.refused > before;
    return isSettled ? { next: "go on" } : { next: "wait", atLeastMs: 0 };
  }

  private async nextBatch(): Promise<Entry[]> {
    const waiting = await this.entriesWaiting();
    waiting.sort((one, other) => one.tries - other.tries); // stable: the oldest first
    const batch: Entry[] = [];
    let bytes = AROUND_BYTES;
    for (const entry of waiting.slice(0, this.most)) {
      bytes += new TextEncoder().encode(JSON.stringify(entry.report)).length + 1;
      if (bytes > LARGEST_BYTES && batch.length > 0) break;
      batch.push(entry);
    }
    return batch;
  }

  private async entriesWaiting(): Promise<Entry[]> {
    return (await this.kept.all()).filter(({ problem }) => problem === undefined);
  }

  private async refusedEntry(id: string): Promise<Entry | undefined> {
    const entries = await this.kept.all();
    return entries.find(({ report, problem }) => report.id === id && problem !== undefined);
  }
}
