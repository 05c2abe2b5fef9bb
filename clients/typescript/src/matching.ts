/** Which services meet the wishes of a question, and which of these nobody knows. */

import { answerOf, bitOf } from "./facts.ts";
import { isOpen } from "./hours.ts";
import { reachOf, stateAt } from "./listing.ts";
import type { Service } from "./listing.ts";
import type { Ask } from "./question.ts";

/** The facts wished for, with their bits. */
export type Facts = readonly { fact: string; bit: number; wanted: boolean }[];

export function factsWanted(ask: Ask): Facts {
  return Object.entries(ask.access).map(([fact, wanted]) => ({ fact, bit: bitOf(fact), wanted }));
}

/** A known "no" hides a service; an unknown does if the question is strict. */
export function factsMatch(service: Service, facts: Facts, strict: boolean): boolean {
  for (const { bit, wanted } of facts) {
    const answer = answerOf(service.access_yes, service.access_no, bit);
    if (answer === null ? strict : answer !== wanted) return false;
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
    .filter(({ bit }) => answerOf(service.access_yes, service.access_no, bit) === null)
    .map(({ fact }) => fact);
  if (ask.open_now && service.door === null) unmet.push("open_now");
  if (ask.available_only && stateAt(service, ask.at) === "unknown") unmet.push("available_only");
  if (ask.maxM < Infinity && reachOf(service.site) === "area") unmet.push("max_km");
  return unmet;
}
