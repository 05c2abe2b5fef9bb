/** How long a search takes: `node bench/search.ts [SERVICES]`, 50,000 if it is left out. */

import { search } from "../src/search.ts";
import { aQuestion, NOON, randomNumbers } from "../test/builders.ts";
import { aRegion } from "../test/region.ts";

const SIZE = Number(process.argv[2] ?? 50_000);
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
for (let n = 0; n < ROUNDS; n++) ask(NOON);
const before = process.cpuUsage();
const all = Array.from({ length: ROUNDS }, () => ask(NOON + Math.floor(random() * 3600)));
const { user, system } = process.cpuUsage(before);
const sorted = all.toSorted((one, other) => one - other);
const at = (share: number): string => (sorted[Math.floor(ROUNDS * share)] ?? 0).toFixed(2);
console.log(`${SIZE} services: the first search ${first.toFixed(1)} ms, then`);
console.log(`${((user + system) / ROUNDS / 1000).toFixed(2)} ms of processor time each;`);
console.log(`median ${at(0.5)} ms, nine of ten within ${at(0.9)} ms, 99 of 100 ${at(0.99)} ms.`);
