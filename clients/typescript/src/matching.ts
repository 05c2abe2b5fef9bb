/** Which services meet the wishes of a question, and which of these nobody knows. */

import { isOpen } from "./hours.ts";
import { reachOf, stateAt } from "./listing.ts";
import type { Service } from "./listing.ts";
import type { Ask } from "./question.ts";
import type { Store } from "./store.ts";

/** The facts wished for, with their values in `access_yes` and `access_no`. */
export type Facts = readonly { fact: string; bit: number; wanted: boolean }[];

/** Whether a set of bits, which may be wider than 32, holds a bit of this value. */
function holds(set: number, bit: number): boolean {
  return Math.floor(set / bit) % 2 === 1;
}

/** A fact that the store has never heard of is unknown of every service. */
export function factsWanted(store: Store, ask: Ask): Facts {
  return Object.entries(ask.access).map(([fact, wanted]) => {
    const number = store.facts.indexOf(fact);
    return { fact, bit: 2 ** (number < 0 ? 52 : number), wanted };
  });
}

/** A known "no" hides a service; an unknown does if the question is strict. */
export function factsMatch(service: Service, facts: Facts, strict: boolean): boolean {
  for (const { bit, wanted } of facts) {
    const isYes = holds(service.access_yes, bit);
    const isNo = holds(service.access_no, bit);
    if (wanted ? isNo : isYes) return false;
    if (strict && !isYes && !isNo) return false;
  }
  return true;
}

/** Whether what is wished for besides facts, kinds and distance holds. */
export function wishesMatch(service: Service, ask: Ask): boolean {
  if (!ask.available_only && !ask.open_now) return true;
  const state = stateAt(service, ask.at);
  if (ask.available_only) {
    if (state === "unknown" ? ask.strict : state !== "available" && state !== "limited") {
      return false;
    }
  }
  if (!ask.open_now) return true;
  if (state === "closed_temporarily") return false;
  return service.door === null ? !ask.strict : isOpen(service.door, ask.at);
}

/** The wishes that a service may or may not meet, in the order in which they are told. */
export function unmetWishes(service: Service, ask: Ask, facts: Facts): string[] {
  const unmet = facts
    .filter(({ bit }) => !holds(service.access_yes, bit) && !holds(service.access_no, bit))
    .map(({ fact }) => fact);
  if (ask.open_now && service.door === null) unmet.push("open_now");
  if (ask.available_only && stateAt(service, ask.at) === "unknown") unmet.push("available_only");
  if (ask.maxM < Infinity && reachOf(service.site) === "area") unmet.push("max_km");
  return unmet;
}
