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

/** The kept reports, in order. Whoever changes them writes first: memory never knows more. */
export class KeptReports {
  private readonly storage: Storage;
  private entries: Map<string, Entry> | null = null;
  private last = 0;

  constructor(storage: Storage) {
    this.storage = storage;
  }

  async all(): Promise<Entry[]> {
    return [...(await this.loaded()).values()];
  }

  /** Keep a report, as the last one. */
  async add(report: QueuedReport): Promise<void> {
    const entries = await this.loaded();
    this.last += 1;
    const number = String(this.last).padStart(DIGITS, "0");
    const entry: Entry = { key: `${PREFIX}${number}-${report.id}`, report, tries: 0 };
    await this.storage.set(entry.key, JSON.stringify({ report }));
    entries.set(entry.key, entry);
  }

  /** Set a report aside, with what the server said of it. */
  async refuse(entry: Entry, problem: unknown): Promise<void> {
    await this.storage.set(entry.key, JSON.stringify({ report: entry.report, problem }));
    entry.problem = problem;
  }

  async remove(entry: Entry): Promise<void> {
    const entries = await this.loaded();
    await this.storage.remove(entry.key);
    entries.delete(entry.key);
  }

  private async loaded(): Promise<Map<string, Entry>> {
    if (this.entries !== null) return this.entries;
    const entries = new Map<string, Entry>();
    for (const key of (await this.storage.keys(PREFIX)).sort()) {
      const kept = objectIn((await this.storage.get(key)) ?? "");
      this.last = Math.max(this.last, parseInt(key.slice(PREFIX.length), 10) || 0);
      // What cannot be read is left where it is: somebody may still be able to.
      if (kept?.["report"] === undefined) continue;
      entries.set(key, { ...(kept as { report: QueuedReport; problem?: unknown }), key, tries: 0 });
    }
    return (this.entries ??= entries);
  }
}
