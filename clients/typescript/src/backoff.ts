/** How long to wait before the next try. */

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/**
 * Milliseconds to wait after so many failures in a row (at least 1): anything up to a bound that
 * doubles, so that phones which failed together do not come back together.
 *
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
}

/** The milliseconds that a `Retry-After` asks for, in seconds or as a date; 0 for none. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  if (header === null) return 0;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

const LONGEST_TIMER_MS = 86_400_000; // timers of more than 24.8 days fire at once

/** Sleep, or wake up early when the signal says so. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_TIMER_MS));
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
