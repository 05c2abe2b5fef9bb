import assert from "node:assert/strict";
import { test } from "node:test";

import { accessOf } from "../src/listing.ts";
import { PackError, parsed, rowsAsObjects } from "../src/pack.ts";
import type { Pack } from "../src/pack.ts";
import { search } from "../src/search.ts";
import { Store } from "../src/store.ts";
import { packOf } from "../src/writing.ts";
import { aPack, aPage, aQuestion, aStore, FACTS, uuid } from "./builders.ts";

test("a column may be plain, the same for all, or numbers of values", () => {
  const table = { id: ["a", "b", "c"], all: { all: 7 }, few: { of: ["x", "y"], is: [1, -1, 0] } };
  assert.deepEqual(rowsAsObjects(table, ["id", "all", "few", "other"]), [
    { id: "a", all: 7, few: "y", other: null },
    { id: "b", all: 7, few: null, other: null },
    { id: "c", all: 7, few: "x", other: null },
  ]);
});

test("a table of one row may say nothing but values for all rows", () => {
  assert.deepEqual(rowsAsObjects({ id: { all: "a" } }, ["id"]), [{ id: "a" }]);
});

test("what is no pack is refused", () => {
  for (const text of ["<html>", "[]", "null", '{"format":"locator-pack/2"}']) {
    assert.throws(() => parsed(text), PackError);
  }
});

test("a pack whose columns differ in length is refused", () => {
  const pack = aPack([{}, {}]);
  pack.services["note"] = ["only one"];
  assert.throws(() => new Store(pack), PackError);
});

test("keys and columns that nobody knows yet are passed over", () => {
  const pack = { ...aPack([{}]), weather: "fine" };
  pack.services["colour"] = ["blue"];
  assert.equal(new Store(pack).services.size, 1);
});

test("a page puts services in, changes them with their sites, and takes them out", () => {
  const store = aStore([{}, {}, {}]);
  store.apply(
    aPage([{ note: "new", at: { city: "Chester" } }, {}, {}, { kind: 2 }], { gone: [uuid(1)] }),
  );
  assert.deepEqual([...store.services.keys()].sort(), [uuid(0), uuid(2), uuid(3)]);
  assert.equal(store.services.get(uuid(0))?.note, "new");
  assert.equal(store.services.get(uuid(0))?.site.city, "Chester");
  assert.equal(store.cursor, "c1");
});

test("a site that changes does so for services that the page does not tell", () => {
  const pack = aPack([{}, {}]);
  pack.services["site"] = [0, 0];
  const store = new Store(pack);
  store.apply(aPage([{ at: { city: "Chester" } }]));
  assert.equal(store.services.get(uuid(1))?.site.city, "Chester");
});

test("to take a page in twice does no harm", () => {
  const page = aPage([{ note: "new" }], { gone: [uuid(1)] });
  const store = aStore([{}, {}]);
  store.apply(page);
  const once = JSON.stringify(packOf(store));
  store.apply(page);
  assert.equal(JSON.stringify(packOf(store)), once);
});

test("a page that contradicts itself changes nothing", () => {
  const store = aStore([{ note: "old" }]);
  const page = aPage([{ note: "new" }, {}]);
  page.services["kind"] = [0, 99];
  assert.throws(() => store.apply(page), PackError);
  assert.equal(store.services.get(uuid(0))?.note, "old");
});

test("facts and kinds are told by name, whatever their numbers on a page", () => {
  const store = aStore([{ kind: 1, access_yes: 0b0010, access_no: 0b1000 }]);
  const facts = ["pets", ...FACTS];
  store.apply(aPage([{ kind: 2, access_yes: 0b00101, access_no: 0b10000 }], { facts }));
  const service = store.services.get(uuid(0));
  assert.ok(service);
  const told = ["pets", ...FACTS].map((fact) => accessOf(service, fact));
  assert.deepEqual(told, [true, null, true, null, false]);
  assert.equal(service.kind.name, "naloxone");
});

test("facts beyond the thirty-second are told apart", () => {
  const facts = Array.from({ length: 40 }, (_, n) => `fact_${n}`);
  const store = aStore([{ access_yes: 2 ** 39, access_no: 2 ** 31 }], { facts });
  const wanting = (access: Record<string, boolean>): unknown =>
    search(store, aQuestion({ access })).relaxed;
  assert.deepEqual(wanting({ fact_39: true }), []);
  assert.deepEqual(wanting({ fact_31: true }), ["access"]);
  assert.deepEqual(wanting({ fact_39: false }), ["access"]);
});

test("a store written as a pack and read again is the same", () => {
  const week = [[], [[540, 1020]], [], [], [], [], []] as Pack["schedules"][0]["week"];
  const schedules = [{ zone: 0, week, days: { "2026-12-25": [] } }];
  const store = aStore([{ care: 0, door: 0, prior: 0.4 }, { at: { lat: null, lon: null } }], {
    schedules,
  });
  const written = JSON.stringify(packOf(store));
  const again = new Store(parsed(written) as Pack);
  assert.equal(JSON.stringify(packOf(again)), written);
  assert.deepEqual([...again.services.values()], [...store.services.values()]);
});

test("a site without services is forgotten", () => {
  const store = aStore([{}, { at: { city: "Hidden" } }]);
  store.apply(aPage([], { gone: [uuid(1)] }));
  assert.ok(!JSON.stringify(packOf(store)).includes("Hidden"));
});
