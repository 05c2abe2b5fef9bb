/** Batches of reports: what one holds, and what the server says of it. */

import { objectIn } from "./http.ts";
import type { Reply } from "./http.ts";
import type { Entry } from "./reports.ts";

export const MOST_AT_ONCE = 500;
const LARGEST_BYTES = 2_000_000;
const AROUND_BYTES = '{"reports":[]}'.length;
const PROBLEM = "application/problem+json";
const TOO_LARGE = 413;
const SPOILT = new Set([400, 422]);

/** What became of one report; null of one that got no result. */
export type ItemResult = { status: number; id?: string | null; problem?: unknown } | null;

/** Whether the server refuses a batch as a whole, and not somebody on the way to it. */
export function isAboutBatch({ status, headers }: Reply): boolean {
  const isOurs = (headers.get("content-type") ?? "").startsWith(PROBLEM);
  return status === TOO_LARGE || (SPOILT.has(status) && isOurs);
}

/**
 * The results of a batch by position; null if this is no answer to it.
 *
 * Whatever cannot be an answer to these very reports may come from anywhere, such as a network's
 * sign-in page: nothing is forgotten for it.
 */
export function resultsOf(reply: Reply, batch: Entry[]): ItemResult[] | null {
  const results = reply.status === 200 ? objectIn(reply.text)?.["results"] : undefined;
  if (!Array.isArray(results) || results.length > batch.length) return null;
  const isAnswer = results.every((result, place) => isOf(result as ItemResult, batch[place]));
  return isAnswer ? (results as ItemResult[]) : null;
}

function isOf(result: ItemResult, entry: Entry | undefined): boolean {
  if (result === null) return true;
  if (typeof result !== "object" || typeof result.status !== "number") return false;
  return result.id === undefined || result.id === null || result.id === entry?.report.id;
}

/** The next batch: the oldest of those that were tried least, one at least even if too large. */
export function batchOf(waiting: Entry[], most: number): Entry[] {
  waiting.sort((one, other) => one.tries - other.tries); // stable
  const batch: Entry[] = [];
  let bytes = AROUND_BYTES;
  for (const entry of waiting.slice(0, most)) {
    bytes += new TextEncoder().encode(JSON.stringify(entry.report)).length + 1;
    if (bytes > LARGEST_BYTES && batch.length > 0) break;
    batch.push(entry);
  }
  return batch;
}
