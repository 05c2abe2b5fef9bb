/** Packs that say only what a test is about. */

import type { Changes, Pack, Table } from "../src/pack.ts";
import type { Question } from "../src/question.ts";
import { Store } from "../src/store.ts";

/** Friday 2026-11-27, 14:00 in New York. */
export const NOON = Date.parse("2026-11-27T19:00:00Z") / 1000;

export const NEW_YORK = {
  name: "America/New_York",
  offsets: [
    [0, -300],
    [1741503600, -240],
    [1762063200, -300],
    [1772953200, -240],
    [1793512800, -300],
    [1805007600, -240],
  ] as [number, number][],
};

export const KINDS: [string, number, number][] = [
  ["detox", 0.3, 360],
  ["methadone", 0.5, 1440],
  ["naloxone", 0.8, 2880],
];
export const FACTS = ["walk_in", "medicaid", "id_required", "low_barrier"];

export const SITE = {
  name: "A site",
  organization: "An organization",
  address: "1 Main St",
  city: "Philadelphia",
  region: "PA",
  postal_code: "19104",
  country: "US",
  lat: 39.95 as number | null,
  lon: -75.16 as number | null,
  phones: [["+12155550100", null, "main"]],
  website: "",
  zone: 0,
  visibility: "public",
  location_accuracy: "rooftop",
  delivery: "door",
  confirmed_at: 0,
};

export const SERVICE = {
  kind: 0,
  name: "",
  description: "",
  access_yes: 0,
  access_no: 0,
  languages: ["en"],
  min_age: null as number | null,
  max_age: null as number | null,
  care: -1,
  door: -1,
  windows: {},
  prior: null as number | null,
  evidence_for: 0,
  evidence_against: 0,
  evidence_at: 0,
  state: "unknown",
  remaining: null as number | null,
  wait_days: null as number | null,
  note: "",
  as_of: 0,
  expires_at: 0,
  reported_by: "",
  disputed: false,
  closed_at: 0,
  closed_until: 0,
  closed_by: "",
  confirmed_at: 0,
};

export type ASite = Partial<typeof SITE>;
export type AService = Partial<typeof SERVICE> & { id?: string; at?: ASite };

/** A UUID of a small number. */
export function uuid(number: number, first = 0): string {
  const digits = number.toString(16).padStart(12, "0");
  return `${first.toString(16).padStart(8, "0")}-0000-4000-8000-${digits}`;
}

/** A pack of services, each at a site of its own. */
export function aPack(services: AService[], changed: Partial<Pack> = {}): Pack {
  const sites = services.map(({ at }, n) => ({ ...SITE, ...at, id: uuid(n, 1) }));
  const rows = services.map(({ at: _at, ...own }, n) => {
    return { ...SERVICE, id: uuid(n), ...own, site: n };
  });
  return {
    format: "locator-pack/1",
    region: "US-PA",
    areas: [
      ["US", "PA"],
      ["US", ""],
    ],
    language: "en",
    cursor: "c0",
    day: "2026-11-26",
    until: "2027-03-26",
    labels: { kinds: { detox: "Withdrawal management (detox)" } },
    kinds: KINDS,
    facts: FACTS,
    zones: [NEW_YORK],
    schedules: [],
    towns: [
      { area: ["US", "PA"], rows: [[120, -225]] },
      { area: ["US", "NY"], rows: [[122, -222]] },
    ],
    sites: columnsOf(sites),
    services: columnsOf(rows),
    ...changed,
  };
}

/** A page of changes with these services, and without those that are gone. */
export function aPage(
  services: AService[],
  changed: Partial<Changes> = {},
): Changes {
  const { labels: _labels, towns: _towns, ...body } = aPack(services);
  return { ...body, gone: [], more: false, cursor: "c1", ...changed };
}

export function aStore(services: AService[], changed: Partial<Pack> = {}): Store {
  return new Store(aPack(services, changed));
}

export function aQuestion(changed: Partial<Question> = {}): Question {
  return { lat: 39.9526, lon: -75.1652, at: NOON, ...changed };
}

function columnsOf(rows: object[]): Table {
  const names = Object.keys(rows[0] ?? { id: "" });
  return Object.fromEntries(
    names.map((name) => [name, rows.map((row) => (row as Record<string, unknown>)[name])]),
  );
}

/** Numbers in [0, 1) that come in the same order each time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
