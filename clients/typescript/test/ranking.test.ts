import assert from "node:assert/strict";
import { test } from "node:test";

import * as ranking from "../src/ranking.ts";

test("a kilometre on foot takes sixteen minutes and a quarter", () => {
  const minutes = ranking.travelMinutes(1000, ranking.SPEED_KMH.walk);
  assert.ok(Math.abs(minutes - 16.25) < 1e-12);
});

test("a report weighs half after its half-life, and no more for being of the future", () => {
  assert.equal(ranking.fade(360, 360), 0.5);
  assert.equal(ranking.fade(-60, 360), 1);
});

test("evidence moves the chance away from the prior", () => {
  assert.equal(ranking.successChance(0.3, 0, 0, 1), 0.3);
  assert.equal(ranking.successChance(0.3, 7.4, 0.6, 1), 0.8);
  assert.equal(ranking.successChance(0.3, 7.4, 0.6, 0), 0.3);
});

test("a door of unknown hours is likelier open in office hours", () => {
  const chances = [
    [0, 8],
    [0, 9],
    [4, 16],
    [4, 17],
    [5, 12],
  ].map(([weekday, hour]) => ranking.chanceOpenByClock(weekday ?? 0, hour ?? 0));
  assert.deepEqual(chances, [0.25, 0.85, 0.85, 0.25, 0.25]);
});

test("an opening beyond the horizon is none, counted from the search", () => {
  assert.deepEqual(ranking.waitAndChanceOpen(20, 4320), [4300, 1]);
  assert.deepEqual(ranking.waitAndChanceOpen(20, 4320.1), [4320, 0.02]);
});

test("expected minutes are cost over chance, and the chance has a floor", () => {
  assert.equal(ranking.expectedMinutes(20, 30, 1, 0.5), 90);
  assert.equal(ranking.expectedMinutes(0, 0, 0, 0.5), 500);
});
