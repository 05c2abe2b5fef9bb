/** Reports that wait on the phone, as they are kept. */

import { objectIn } from "./http.ts";
import type { Storage } from "./storage.ts";

/** What somebody saw of a service; see docs/reporting.md. */
export interface Report {
  service: string;
  state: string;
  remaining?: number | null;
  wait_days?: number | null;
  note?: string;
}

/** A report with what makes it one event for ever. */
export interface QueuedReport extends Report {
  id: string;
  observed_at: string;
}

/** A report that the server will not take as it is, and why (RFC 9457). */
export interface RefusedReport {
  report: QueuedReport;
  problem: unknown;
}

/** A report in its place in the queue. */
export interface Entry {
  key: string; // in storage; in order of age
  report: QueuedReport;
  problem?: unknown; // of a refused one
  tries: number; // that the server answered, but not to this one; forgotten over restarts
}

const PREFIX = "reports/";
const DIGITS = 12; // so that keys are ordered as their numbers

/**
 * The kept reports, in order. Whoever changes them writes first: memory never knows more. What
 * another process keeps in the same storage, or takes out of it, is seen.
 */
export class KeptReports {
  private readonly storage: Storage;
  private readonly entries: Map<string, Entry> = new Map();
  private last = 0;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  async all(): Promise<Entry[]> {
    const keys = (await this.storage.keys(PREFIX)).sort();
    const held = new Set(keys);
    for (const key of this.entries.keys()) if (!held.has(key)) this.entries.delete(key);
    for (const key of keys) if (!this.entries.has(key)) await this.load(key);
    return keys.flatMap((key) => this.entries.get(key) ?? []);
  }

  /** Keep a report, as the last one. */
  async add(report: QueuedReport): Promise<void> {
    if (this.last === 0) await this.all();
    this.last += 1;
    const number = String(this.last).padStart(DIGITS, "0");
    const entry: Entry = { key: `${PREFIX}${number}-${report.id}`, report, tries: 0 };
    await this.storage.set(entry.key, JSON.stringify({ report }));
    this.entries.set(entry.key, entry);
  }

  /** Set a report aside, with what the server said of it. */
  async refuse(entry: Entry, problem: unknown): Promise<void> {
    await this.storage.set(entry.key, JSON.stringify({ report: entry.report, problem }));
    entry.problem = problem;
  }

  async remove(entry: Entry): Promise<void> {
    await this.storage.remove(entry.key);
    this.entries.delete(entry.key);
  }

  private async load(key: string): Promise<void> {
    this.last = Math.max(this.last, parseInt(key.slice(PREFIX.length), 10) || 0);
    const kept = objectIn((await this.storage.get(key)) ?? "") as Partial<Entry> | null;
    // What cannot be read is left where it is: somebody may still be able to.
    if (kept?.report?.id === undefined || this.entries.has(key)) return;
    this.entries.set(key, { ...kept, report: kept.report, key, tries: 0 });
  }
}
