/**
 * Answers questions from packs: `node answering.ts FOLDER`. FOLDER/asked.json names the packs, the
 * earliest first, each with its pages of changes, and tells the questions. Answers go to stdout.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parsed } from "../src/pack.ts";
import type { Changes, Pack } from "../src/pack.ts";
import type { Question } from "../src/question.ts";
import { search } from "../src/search.ts";
import { Store } from "../src/store.ts";

const [folder = ""] = process.argv.slice(2);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Asked {
  held: { pack: string; pages: string[] }[];
  questions: Question[];
}

const { held, questions } = JSON.parse(read("asked.json")) as Asked;
const stores = held.map(({ pack, pages }) => {
  const store = new Store(parsed(read(pack)) as Pack);
  for (const page of pages) store.apply(parsed(read(page)) as Changes);
  return store;
});
const answers = questions.map((question) => {
  const { results, relaxed } = search(stores, question);
  const rows = results.map((one) => [one.id, one.expected_minutes, one.distance_m, one.unmet]);
  return { rows, relaxed };
});
process.stdout.write(JSON.stringify(answers));
