/** The vectors that the server's own code gave: questions, and the order and minutes found. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import type { Pack } from "../src/pack.ts";
import type { Question, Result } from "../src/question.ts";
import { search } from "../src/search.ts";
import { Store } from "../src/store.ts";

const FILE = new URL("../../../fixtures/ranking_vectors.json", import.meta.url);
const RELATIVE = 1e-6;

type Numbers = (number | null)[];

interface Case {
  name: string;
  search: Question;
  results: [id: string, ...numbers: (number | null)[], unmet: string[]][];
  relaxed: string[];
}

const { packs, cases } = JSON.parse(readFileSync(FILE, "utf8")) as { packs: Pack[]; cases: Case[] };
const stores = packs.map((pack) => new Store(pack));

test("there are at least five hundred cases", () => {
  assert.ok(cases.length >= 500);
});

test("each case has the server's order, minutes and chances", () => {
  for (const { name, search: question, results, relaxed } of cases) {
    const answer = search(stores, question);
    const ids = answer.results.map(({ id }) => id);
    assert.deepEqual(ids, results.map(([id]) => id), name);
    assert.deepEqual(answer.relaxed, relaxed, name);
    for (const [n, found] of answer.results.entries()) {
      const wanted = results[n] ?? [];
      areNear(numbersOf(found), wanted.slice(1, -1) as Numbers, `${name}, ${found.id}`);
      assert.deepEqual(found.unmet, wanted.at(-1), name);
    }
  }
});

function numbersOf(found: Result): Numbers {
  const { expected_minutes, distance_m, travel_minutes, wait_minutes } = found;
  return [expected_minutes, distance_m, travel_minutes, wait_minutes, found.p_open, found.p_served];
}

function areNear(found: Numbers, wanted: Numbers, about: string): void {
  assert.equal(found.length, wanted.length);
  found.forEach((number, n) => {
    const other = wanted[n] ?? null;
    if (number === null || other === null) return assert.equal(number, other, about);
    const within = RELATIVE * Math.max(1, Math.abs(other));
    assert.ok(Math.abs(number - other) <= within, `${about}: ${number} is not ${other}`);
  });
}
