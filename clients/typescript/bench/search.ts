/** How long a search takes over 50,000 services: `node bench/search.ts`. */

import { aRegion } from "../test/region.ts";
import { aQuestion, NOON, randomNumbers } from "../test/builders.ts";
import { search } from "../src/search.ts";

const SIZE = 50_000;
const ROUNDS = 300;

const random = randomNumbers(1);
const store = aRegion(SIZE, random);

function ask(at: number): number {
  const question = aQuestion({ lat: 39 + random() * 2, lon: -76 + random() * 2, at });
  const start = performance.now();
  search(store, question);
  return performance.now() - start;
}

const first = ask(NOON);
const all = Array.from({ length: ROUNDS }, () => ask(NOON + Math.floor(random() * 3600)));
const sorted = all.toSorted((one, other) => one - other);
const at = (share: number): string => (sorted[Math.floor(ROUNDS * share)] ?? 0).toFixed(2);
console.log(`${SIZE} services: first search ${first.toFixed(1)} ms, then median ${at(0.5)} ms,`);
console.log(`nine of ten within ${at(0.9)} ms, 99 of 100 within ${at(0.99)} ms.`);
