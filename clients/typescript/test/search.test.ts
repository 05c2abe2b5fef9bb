import assert from "node:assert/strict";
import { test } from "node:test";

import type { Question } from "../src/question.ts";
import { areasNear } from "../src/areas.ts";
import type { Mode } from "../src/ranking.ts";
import { search } from "../src/search.ts";
import type { Store } from "../src/store.ts";
import { aQuestion, aStore, NOON, uuid } from "./builders.ts";
import type { ASite } from "./builders.ts";

function found(store: Store, changed: Partial<Question> = {}): string[] {
  return search(store, aQuestion(changed)).results.map(({ id }) => id);
}

function relaxed(store: Store, changed: Partial<Question> = {}): string[] {
  return search(store, aQuestion(changed)).relaxed;
}

const BY_PHONE: ASite = { lat: null, lon: null };
const REMOTE: ASite = { lat: null, lon: null, delivery: "remote" };
const NEW_YORK: ASite = { region: "NY", lat: 40.7128, lon: -74.006 };

test("the parts of a result are those the rank is made of", () => {
  const evidence = { evidence_for: 7.4, evidence_against: 0.6, evidence_at: NOON - 6 * 3600 };
  const [first] = search(aStore([evidence]), aQuestion({ mode: "walk" })).results;
  assert.ok(first);
  assert.equal(first.rank, 1);
  assert.equal(first.wait_minutes, 0);
  assert.equal(first.p_open, 0.85);
  assert.equal(first.p_served, (2 * 0.3 + 3.7) / 6);
  assert.equal(first.travel_minutes, ((((first.distance_m ?? 0) / 1000) * 1.3) / 4.8) * 60);
  const expected = (first.travel_minutes + 10) / (0.85 * first.p_served);
  assert.ok(Math.abs(first.expected_minutes - expected) < 1e-9);
});

test("an open site two kilometres off comes before a full one nearby", () => {
  const reported = { evidence_at: NOON, expires_at: NOON + 3600 };
  const store = aStore([
    { state: "full", evidence_for: 0.16, evidence_against: 7.84, ...reported },
    { state: "available", evidence_for: 7, evidence_against: 1, ...reported, at: { lat: 39.97 } },
  ]);
  assert.deepEqual(found(store), [uuid(1), uuid(0)]);
});

test("ties are told apart by distance, then by id", () => {
  const store = aStore([{ id: uuid(9) }, { id: uuid(10) }, { id: uuid(8) }]);
  assert.deepEqual(found(store), [uuid(8), uuid(9), uuid(10)]);
});

test("ids are compared as numbers, whatever the case of their letters", () => {
  const upper = "0000000A-0000-4000-8000-000000000000";
  assert.deepEqual(found(aStore([{ id: uuid(1, 11) }, { id: upper }])), [
    upper.toLowerCase(),
    uuid(1, 11),
  ]);
});

test("a page of results goes on where the last one ended", () => {
  const store = aStore([{}, {}, {}, {}]);
  const { results } = search(store, aQuestion({ limit: 2, offset: 1 }));
  assert.deepEqual(results.map(({ id, rank }) => [id, rank]), [
    [uuid(1), 2],
    [uuid(2), 3],
  ]);
  assert.deepEqual(found(store, { offset: 10 }), []);
  assert.deepEqual(relaxed(store, { offset: 10, open_now: true }), []);
});

test("a known no hides a service, and an unknown is told as unmet unless one is strict", () => {
  const store = aStore([{ access_yes: 1 }, { access_no: 1 }, {}]);
  const wish = { access: { walk_in: true } };
  const { results } = search(store, aQuestion(wish));
  assert.deepEqual(results.map(({ id, unmet }) => [id, unmet]), [
    [uuid(0), []],
    [uuid(2), ["walk_in"]],
  ]);
  assert.deepEqual(found(store, { ...wish, strict: true }), [uuid(0)]);
});

test("closed for now is neither open nor available, and ranks with the least chance", () => {
  const store = aStore([{ closed_until: NOON + 60 }, { at: { lat: 39.99 } }]);
  assert.deepEqual(found(store, { open_now: true }), [uuid(1)]);
  assert.deepEqual(found(store, { available_only: true }), [uuid(1)]);
  assert.equal(search(store, aQuestion()).results[1]?.p_open, 0);
});

test("a state that has expired is unknown", () => {
  const store = aStore([
    { state: "full", expires_at: NOON },
    { state: "full", expires_at: NOON + 1 },
    { state: "limited", expires_at: NOON + 1 },
  ]);
  const { results } = search(store, aQuestion({ available_only: true }));
  assert.deepEqual(
    results.map(({ id, unmet }) => [id, unmet]),
    [
      [uuid(0), ["available_only"]],
      [uuid(2), []],
    ],
  );
});

test("services without a point are found in the searcher's areas, near town or nearest", () => {
  const store = aStore([
    { at: BY_PHONE },
    { at: { ...BY_PHONE, region: "NY" } },
    { at: { ...REMOTE, region: "" } },
  ]);
  assert.deepEqual(found(store), [uuid(2), uuid(0)]);
  assert.deepEqual(found(store, { lat: 44, lon: -74 }), [uuid(2), uuid(1)]);
});

test("remote is no way, and by phone is an hour", () => {
  const { results } = search(aStore([{ at: BY_PHONE }, { at: REMOTE }]), aQuestion());
  assert.deepEqual(
    results.map(({ travel_minutes, distance_m }) => [travel_minutes, distance_m]),
    [
      [0, null],
      [60, null],
    ],
  );
});

test("beyond the greatest distance only what has no point is left", () => {
  const store = aStore([{ at: NEW_YORK }, { at: BY_PHONE }, { at: REMOTE }]);
  const { results } = search(store, aQuestion({ max_km: 20 }));
  assert.deepEqual(results.map(({ id, unmet }) => [id, unmet]), [
    [uuid(2), []],
    [uuid(1), ["max_km"]],
  ]);
  assert.deepEqual(found(store, { max_km: 20, strict: true }), [uuid(2)]);
});

test("wishes are given up one after the other until something is found", () => {
  const far = aStore([{ at: NEW_YORK, access_no: 1 }]);
  assert.deepEqual(relaxed(far, { max_km: 20 }), ["max_km"]);
  assert.deepEqual(relaxed(far, { max_km: 20, open_now: true, access: { walk_in: true } }), [
    "max_km",
    "open_now",
    "access",
  ]);
  assert.deepEqual(relaxed(far, { kinds: ["methadone"] }), ["kinds"]);
  const elsewhere = aStore([{ at: { ...BY_PHONE, region: "NY" } }]);
  assert.deepEqual(relaxed(elsewhere), ["areas"]);
});

test("where nothing is listed nothing is found", () => {
  const { results } = search(aStore([]), aQuestion({ kinds: ["detox"] }));
  assert.deepEqual(results, []);
});

test("regions that are held are searched as one, and a service of two is the later one's", () => {
  const one = aStore([{ note: "old" }, {}]);
  const other = aStore([{ note: "new", at: NEW_YORK }, {}, { at: { ...BY_PHONE, region: "NY" } }], {
    towns: [{ area: ["US", "NY"], rows: [[120, -226]] }],
  });
  const { results } = search([one, other], aQuestion());
  assert.deepEqual(results.map(({ id }) => id), [uuid(1), uuid(2), uuid(0)]);
  assert.equal(results[2]?.service.note, "new");
});

test("a kind or a fact that no pack knows is a slip of whoever asks", () => {
  const store = aStore([{}]);
  assert.throws(() => search(store, aQuestion({ kinds: ["detoxx"] })), RangeError);
  assert.throws(() => search(store, aQuestion({ access: { walkin: true } })), RangeError);
  assert.throws(() => search(store, aQuestion({ mode: "car" as Mode })), RangeError);
  assert.throws(() => search([], aQuestion({ kinds: ["detox"] })), /No pack is held/);
});

test("areas that share the nearest mark all count, whatever pack is held first", () => {
  const mark = { lat: [45], lon: [-75], area: [0] };
  const areas = [["CA", "ON"], ["CA", "QC"]] as [string, string][];
  const packs = areas.map((area) => ({ ...mark, areas: [area] }));
  for (const held of [packs, packs.reverse()]) {
    assert.deepEqual([...areasNear(held, 46, -76)].sort(), ["CA/", "CA/ON", "CA/QC"]);
  }
});
