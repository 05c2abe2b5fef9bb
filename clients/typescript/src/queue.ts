/** The outreach queue: reports are kept until the server has them, whatever happens on the way. */

import { retryAfterMs, sleep } from "./backoff.ts";
import type { Sleep } from "./backoff.ts";
import { batchOf, isAboutBatch, MOST_AT_ONCE, resultsOf } from "./batches.ts";
import type { ItemResult } from "./batches.ts";
import { exchange, NetworkError, objectIn } from "./http.ts";
import type { Fetch, Reply } from "./http.ts";
import { QueueMemory } from "./memory.ts";
import { KeptReports } from "./reports.ts";
import type { Entry, QueuedReport, RefusedReport, Report } from "./reports.ts";
import type { Storage } from "./storage.ts";

const TIMEOUT_MS = 30_000;

const TAKEN = new Set([200, 201]);
const REFUSED = new Set([400, 404, 409, 410, 422]);
const SIGNED_OUT = new Set([401, 403]);

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
  private readonly memory: QueueMemory;
  private token: string | null;
  private isNew = false; // whether the person has just signed in
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
    const { storage, clock, random } = this.options;
    this.memory = new QueueMemory(storage, clock, random);
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

  /** Send with this token from now on, and at once. */
  signIn(token: string): void {
    this.token = token;
    this.isNew = true;
  }

  /** Let a running `send` come to an end. What is on its way may still arrive. */
  stop(): void {
    this.given.abort();
  }

  /**
   * Send what waits, until nothing does. It waits between failures, and may be called at any time:
   * the wait that a failure began goes on over calls and restarts.
   *
   * @param tries give up after so many failures in a row; endless, if left out
   */
  send({ tries = Infinity }: { tries?: number } = {}): Promise<Sent> {
    this.running ??= this.sent(tries).finally(() => (this.running = null));
    return this.running;
  }

  private async sent(tries: number): Promise<Sent> {
    this.given = new AbortController();
    this.most = MOST_AT_ONCE;
    const sent: Sent = { taken: 0, refused: 0, waiting: 0, signed_out: false };
    let failures = 0;
    let ms = await this.msToWait();
    while (!this.given.signal.aborted) {
      const batch = batchOf(await this.entriesWaiting(), this.most);
      if (batch.length === 0) break;
      failures = ms > 0 ? failures + 1 : 0;
      if (failures >= tries) break;
      if (ms > 0) await this.options.sleep(ms, this.given.signal);
      if (this.given.signal.aborted) break;
      const round = await this.round(batch, sent);
      if (round.next === "stop") break;
      ms = round.next === "wait" ? await this.memory.addFault(round.atLeastMs) : 0;
    }
    sent.waiting = (await this.entriesWaiting()).length;
    return sent;
  }

  private async msToWait(): Promise<number> {
    if (this.isNew) await this.memory.forget();
    this.isNew = false;
    return this.memory.leftMs();
  }

  private async round(batch: Entry[], sent: Sent): Promise<Round> {
    const token = this.token;
    if (token === null || (await this.memory.isRefused(token))) return stopped(sent);
    const reply = await this.post(batch);
    if (reply === null) return { next: "wait", atLeastMs: 0 };
    if (SIGNED_OUT.has(reply.status)) {
      return this.token === token ? this.signedOut(token, sent) : { next: "go on" };
    }
    if (isAboutBatch(reply)) return this.halved(batch, reply, sent);
    const results = resultsOf(reply, batch);
    if (results === null) {
      const header = reply.headers.get("retry-after");
      return { next: "wait", atLeastMs: retryAfterMs(header, this.options.clock()) };
    }
    return this.settle(batch, results, sent);
  }

  /** The answer to a batch; null if none came. */
  private post(batch: Entry[]): Promise<Reply | null> {
    const { base, fetch, timeoutMs } = this.options;
    return exchange(fetch, `${base}/api/v1/reports/batch/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ reports: batch.map(({ report }) => report) }),
      timeoutMs,
      signal: this.given.signal,
    }).catch((error: unknown) => {
      if (error instanceof NetworkError) return null;
      throw error;
    });
  }

  private async signedOut(token: string, sent: Sent): Promise<Round> {
    await this.memory.refuse(token);
    this.options.onSignedOut();
    return stopped(sent);
  }

  private async halved(batch: Entry[], reply: Reply, sent: Sent): Promise<Round> {
    const [only] = batch;
    if (batch.length > 1 || only === undefined) {
      this.most = Math.floor(batch.length / 2);
      return { next: "go on" };
    }
    await this.kept.refuse(only, objectIn(reply.text) ?? { status: reply.status });
    sent.refused += 1;
    this.most = MOST_AT_ONCE; // it was this one that the server would not take
    return { next: "go on" };
  }

  /**
   * Do with each report what its result says. One that got none stays, behind the others. What is
   * taken is forgotten first: a full disk takes no problem to set aside, but gives up a file.
   */
  private async settle(batch: Entry[], results: ItemResult[], sent: Sent): Promise<Round> {
    const each = batch.map((entry, place) => ({ entry, result: results[place] }));
    const taken = each.filter(({ result }) => TAKEN.has(result?.status ?? 0));
    const refused = each.filter(({ result }) => REFUSED.has(result?.status ?? 0));
    for (const { entry } of taken) await this.kept.remove(entry);
    sent.taken += taken.length;
    const settled = new Set([...taken, ...refused]);
    for (const one of each) if (!settled.has(one)) one.entry.tries += 1;
    if (settled.size > 0) await this.memory.forgetFault();
    for (const { entry, result } of refused) {
      await this.kept.refuse(entry, result?.problem ?? { status: result?.status });
      sent.refused += 1;
    }
    return settled.size > 0 ? { next: "go on" } : { next: "wait", atLeastMs: 0 };
  }

  private async entriesWaiting(): Promise<Entry[]> {
    return (await this.kept.all()).filter(({ problem }) => problem === undefined);
  }

  private async refusedEntry(id: string): Promise<Entry | undefined> {
    return (await this.kept.all()).find(({ report, problem }) => report.id === id && problem !== undefined);
  }
}

function stopped(sent: Sent): Round {
  sent.signed_out = true;
  return { next: "stop" };
}
