/** Whatever a search passes over could not have been among the best. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { areaKey } from "../src/areas.ts";
import { geodesicM } from "../src/geodesy.ts";
import { reachOf } from "../src/listing.ts";
import { factsMatch, factsWanted, wishesMatch } from "../src/matching.ts";
import type { Ask, Question } from "../src/question.ts";
import { SPEED_KMH } from "../src/ranking.ts";
import type { Mode } from "../src/ranking.ts";
import { comesBefore, scoreOf } from "../src/scoring.ts";
import type { Score } from "../src/scoring.ts";
import { search } from "../src/search.ts";
import type { Store } from "../src/store.ts";
import { aRegion } from "./region.ts";
import { aQuestion, NOON, randomNumbers } from "./builders.ts";

test("the best are those of a look at each service", () => {
  const random = randomNumbers(5);
  const store = aRegion(600, random);
  let compared = 0;
  for (let round = 0; round < 300; round++) {
    const question = anyQuestion(random);
    const { results, relaxed } = search(store, question);
    if (relaxed.length > 0) continue;
    compared += 1;
    const wanted = lookAtEach(store, question);
    assert.deepEqual(
      results.map(({ id, expected_minutes }) => [id, expected_minutes]),
      wanted.map(({ service, expected_minutes }) => [service.id, expected_minutes]),
    );
  }
  assert.ok(compared > 200, `only ${compared} were compared`);
});

function anyQuestion(random: () => number): Question {
  const is = (chance: number): boolean => random() < chance;
  return aQuestion({
    lat: 39.5 + random() * 2,
    lon: -76 + random() * 2,
    at: NOON + Math.floor(random() * 10 * 86_400),
    mode: (["walk", "transit", "drive"] as Mode[])[Math.floor(random() * 3)] ?? "walk",
    kinds: is(0.5) ? ["detox"] : [],
    open_now: is(0.3),
    available_only: is(0.3),
    max_km: is(0.3) ? random() * 80 : null,
    access: is(0.3) ? { walk_in: true, id_required: false } : {},
    strict: is(0.3),
    limit: 1 + Math.floor(random() * 20),
  });
}

function lookAtEach(store: Store, question: Question): Score[] {
  const ask = plainAsk(question);
  const facts = factsWanted(ask);
  const scores: Score[] = [];
  for (const service of store.services.values()) {
    const { site, kind } = service;
    const reach = reachOf(site);
    const isNear = reach === "map" || ask.areas.has(areaKey([site.country, site.region]));
    if (!isNear || (ask.kinds.size > 0 && !ask.kinds.has(kind.name))) continue;
    if (!factsMatch(service, facts, ask.strict) || !wishesMatch(service, ask)) continue;
    const metres =
      reach === "map" ? geodesicM(ask.lat, ask.lon, site.lat ?? 0, site.lon ?? 0) : 0;
    if (metres > ask.maxM) continue;
    if (reach === "area" && ask.strict && ask.maxM < Infinity) continue;
    scores.push(scoreOf(service, metres, ask));
  }
  scores.sort((one, other) => (comesBefore(one, other) ? -1 : 1));
  return scores.slice(0, question.limit);
}

/** The region's one area is everybody's. */
function plainAsk(question: Question): Ask {
  return {
    lat: question.lat,
    lon: question.lon,
    at: question.at,
    speedKmh: SPEED_KMH[question.mode ?? "transit"],
    kinds: new Set(question.kinds),
    areas: new Set(["US/PA", "US/"]),
    open_now: question.open_now ?? false,
    available_only: question.available_only ?? false,
    maxM: (question.max_km ?? Infinity) * 1000,
    access: question.access ?? {},
    strict: question.strict ?? false,
  };
}
