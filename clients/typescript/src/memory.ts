/** What a queue remembers over restarts beside its reports: when to try again, and with whom not. */

import { backoffMs } from "./backoff.ts";
import { objectIn } from "./http.ts";
import type { Storage } from "./storage.ts";

const FAULT = "queue/fault";
const REFUSED_TOKEN = "queue/refused-token";
const LONGEST_MS = 86_400_000; // longer a Retry-After is a mistake, and the reports too old

/** Failures in a row; a clock that was set back to before the last one says nothing. */
interface Fault {
  failures: number;
  atMs: number;
  untilMs: number;
}

export class QueueMemory {
  private readonly storage: Storage;
  private readonly clock: () => number;
  private readonly random: () => number;

  constructor(storage: Storage, clock: () => number, random: () => number) {
    this.storage = storage;
    this.clock = clock;
    this.random = random;
  }

  /** Milliseconds still to wait. */
  async leftMs(): Promise<number> {
    const [fault, now] = [await this.fault(), this.clock()];
    return fault === null || now < fault.atMs ? 0 : Math.max(0, fault.untilMs - now);
  }

  /**
   * Remember a failure.
   *
   * @param atLeastMs what the server asked for
   * @returns how long to wait: longer than the last time, in milliseconds
   */
  async addFault(atLeastMs: number): Promise<number> {
    const failures = ((await this.fault())?.failures ?? 0) + 1;
    const asked = Math.min(atLeastMs, LONGEST_MS);
    const ms = Math.max(asked, backoffMs(failures, this.random()));
    const atMs = this.clock();
    const fault: Fault = { failures, atMs, untilMs: atMs + ms };
    await this.storage.set(FAULT, JSON.stringify(fault));
    return ms;
  }

  /** The server answers again. */
  async forgetFault(): Promise<void> {
    if ((await this.fault()) !== null) await this.storage.remove(FAULT);
  }

  async isRefused(token: string): Promise<boolean> {
    return (await this.storage.get(REFUSED_TOKEN)) === tagOf(token);
  }

  async refuse(token: string): Promise<void> {
    await this.storage.set(REFUSED_TOKEN, tagOf(token));
  }

  /** Somebody signed in: whatever was before counts no longer. */
  async forget(): Promise<void> {
    await this.storage.remove(FAULT);
    await this.storage.remove(REFUSED_TOKEN);
  }

  private async fault(): Promise<Fault | null> {
    const kept = objectIn((await this.storage.get(FAULT)) ?? "");
    const isFault = typeof kept?.["failures"] === "number" && typeof kept["untilMs"] === "number";
    return isFault ? (kept as unknown as Fault) : null;
  }
}

/** What tells that a token is the same and cannot be turned back into it (FNV-1a, 32 bits). */
function tagOf(token: string): string {
  let tag = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(token)) tag = Math.imul(tag ^ byte, 0x01000193);
  return (tag >>> 0).toString(16);
}
