/** Queues of reports that take no time. */

import { ReportQueue } from "../src/queue.ts";
import type { QueueOptions } from "../src/queue.ts";
import { MemoryStorage } from "../src/storage.ts";
import { NOON, uuid } from "./builders.ts";

/** A queue whose sleep takes no time; how long it would have slept is written down. */
export function aQueue(base: string, changed: Partial<QueueOptions> = {}): [ReportQueue, number[]] {
  const slept: number[] = [];
  let last = 0;
  const queue = new ReportQueue({
    base,
    storage: new MemoryStorage(),
    token: "token",
    clock: () => NOON * 1000,
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
    newId: () => uuid((last += 1), 7),
    timeoutMs: 5_000,
    ...changed,
  });
  return [queue, slept];
}

export async function fill(queue: ReportQueue, count: number, changed: object = {}): Promise<void> {
  for (let n = 0; n < count; n++) {
    await queue.add({ service: uuid(n), state: "full", ...changed });
  }
}
