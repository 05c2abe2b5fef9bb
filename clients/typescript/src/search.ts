/** Searching: the services held to try, best first. Nothing of a question is kept. */

import { areasNear } from "./areas.ts";
import { bestOf } from "./best.ts";
import { allFacts } from "./facts.ts";
import { reachOf } from "./listing.ts";
import { factsWanted, unmetWishes } from "./matching.ts";
import type { Facts } from "./matching.ts";
import type { Answer, Ask, Question, Result, Wish } from "./question.ts";
import { SPEED_KMH } from "./ranking.ts";
import type { Mode } from "./ranking.ts";
import { rowsOf } from "./rows.ts";
import type { Score } from "./scoring.ts";
import { Store } from "./store.ts";

const LIMIT = 20;

/**
 * The services to try, best first; never none where any is held.
 *
 * Where nothing meets all wishes, they are given up one after the other until something is found:
 * the distance first, since somebody can travel, the kind of help last.
 *
 * @param held one region, or all that are held
 * @throws RangeError if a kind or a fact is none that any pack knows, or the mode none that there is
 */
export function search(held: Store | readonly Store[], question: Question): Answer {
  const stores = held instanceof Store ? [held] : held;
  const limit = question.limit ?? LIMIT;
  const offset = question.offset ?? 0;
  let ask = askOf(stores, question);
  let found = attempt(stores, ask, offset + limit);
  const relaxed: Wish[] = [];
  for (const { wish, less } of givenUp(stores, ask)) {
    if (found.best.length > 0) break;
    ask = { ...ask, ...less };
    relaxed.push(wish);
    found = attempt(stores, ask, offset + limit);
  }
  const results = found.best.map((score, n) => resultOf(score, n + 1, ask, found.facts));
  return { results: results.slice(offset), relaxed };
}

interface Attempt {
  best: Score[];
  facts: Facts;
}

function attempt(stores: readonly Store[], ask: Ask, limit: number): Attempt {
  const facts = factsWanted(ask);
  return { best: bestOf(rowsOf(stores), ask, facts, limit), facts };
}

function askOf(stores: readonly Store[], question: Question): Ask {
  const { lat, lon, at, kinds, max_km } = question;
  refuseUnknown(stores, question);
  return {
    lat,
    lon,
    at,
    speedKmh: speedOf(question.mode ?? "transit"),
    kinds: kinds === undefined || kinds.length === 0 ? allKinds(stores) : new Set(kinds),
    areas: areasNear(stores.map(({ towns }) => towns), lat, lon),
    open_now: question.open_now ?? false,
    available_only: question.available_only ?? false,
    maxM: max_km === null || max_km === undefined ? Infinity : max_km * 1000,
    access: question.access ?? {},
    strict: question.strict ?? false,
  };
}

/** Plain JavaScript may name a way to travel that is none. */
function speedOf(mode: Mode): number {
  if (!Object.hasOwn(SPEED_KMH, mode)) throw new RangeError(`No way to travel: ${mode}.`);
  return SPEED_KMH[mode];
}

/** A slip in a name must not look like a wish that nothing meets. */
function refuseUnknown(stores: readonly Store[], { kinds = [], access = {} }: Question): void {
  const [known, facts] = [allKinds(stores), new Set(allFacts())];
  const unknown = Object.keys(access).filter((fact) => !facts.has(fact));
  unknown.push(...kinds.filter((kind) => !known.has(kind)));
  if (unknown.length > 0 && stores.length === 0) throw new RangeError("No pack is held yet: take one.");
  if (unknown.length > 0) throw new RangeError(`No pack knows of ${unknown.join(", ")}.`);
}

/** The wishes of a question that can be given up, each with what stands in its place. */
function givenUp(stores: readonly Store[], ask: Ask): { wish: Wish; less: Partial<Ask> }[] {
  const kinds = allKinds(stores);
  const areas = new Set(rowsOf(stores).areas);
  const all: { wish: Wish; isSet: boolean; less: Partial<Ask> }[] = [
    { wish: "max_km", isSet: ask.maxM < Infinity, less: { maxM: Infinity } },
    { wish: "available_only", isSet: ask.available_only, less: { available_only: false } },
    { wish: "open_now", isSet: ask.open_now, less: { open_now: false } },
    { wish: "access", isSet: Object.keys(ask.access).length > 0, less: { access: {} } },
    { wish: "areas", isSet: !areEqual(ask.areas, areas) && areas.size > 0, less: { areas } },
    { wish: "kinds", isSet: !areEqual(ask.kinds, kinds), less: { kinds } },
  ];
  return all.filter(({ isSet }) => isSet);
}

function allKinds(stores: readonly Store[]): Set<string> {
  return new Set(stores.flatMap(({ kinds }) => kinds.map(({ name }) => name)));
}

function areEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

function resultOf(score: Score, rank: number, ask: Ask, facts: Facts): Result {
  const { service, distance_m, ...parts } = score;
  return {
    id: service.id,
    rank,
    service,
    distance_m: reachOf(service.site) === "map" ? distance_m : null,
    ...parts,
    unmet: unmetWishes(service, ask, facts),
  };
}
