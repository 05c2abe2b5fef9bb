/** What one service is worth to a searcher: its expected minutes, and what they are made of. */

import { openingsAround, usableMinutes } from "./hours.ts";
import { reachOf, stateAt } from "./listing.ts";
import type { Reach, Service } from "./listing.ts";
import type { Ask } from "./question.ts";
import {
  AREA_TRAVEL_MINUTES,
  chanceOpenByClock,
  expectedMinutes,
  fade,
  successChance,
  travelMinutes,
  waitAndChanceOpen,
} from "./ranking.ts";
import { localClock } from "./zones.ts";
import type { Zone } from "./zones.ts";

export interface Score {
  service: Service;
  distance_m: number; // 0 without a point
  travel_minutes: number;
  wait_minutes: number;
  p_open: number;
  p_served: number;
  expected_minutes: number;
}

/** Minutes to get to a service, by the way it is reached. */
export function travelTo(reach: Reach, distanceM: number, speedKmh: number): number {
  if (reach === "map") return travelMinutes(distanceM, speedKmh);
  return reach === "area" ? AREA_TRAVEL_MINUTES : 0;
}

/** Chance that a visit succeeds if the door is open. */
export function chanceServed(service: Service, at: number): number {
  const left = fade((at - service.evidence_at) / 60, service.kind.half_life_minutes);
  const prior = service.prior ?? service.kind.prior;
  return successChance(prior, service.evidence_for, service.evidence_against, left);
}

/** Chance at a POSIX second that a door of unknown hours in this zone is open. */
export function chanceOpenIn(zone: Zone, at: number): number {
  const { weekday, hour } = localClock(zone, at);
  return chanceOpenByClock(weekday, hour);
}

export function scoreOf(service: Service, distanceM: number, ask: Ask): Score {
  const travel = travelTo(reachOf(service.site), distanceM, ask.speedKmh);
  let [wait, open] = waitAndOpen(service, travel, ask.at);
  if (stateAt(service, ask.at) === "closed_temporarily") open = 0;
  const served = chanceServed(service, ask.at);
  return {
    service,
    distance_m: distanceM,
    travel_minutes: travel,
    wait_minutes: wait,
    p_open: open,
    p_served: served,
    expected_minutes: expectedMinutes(travel, wait, open, served),
  };
}

function waitAndOpen(service: Service, travel: number, at: number): [number, number] {
  if (service.care === null) return [0, chanceOpenIn(service.site.zone, at)];
  const usable = usableMinutes(openingsAround(service.care, at), travel, at);
  return waitAndChanceOpen(travel, usable);
}

/** Ties are common: expected minutes, then distance, then id. */
export function comesBefore(one: Score, other: Score): boolean {
  if (one.expected_minutes !== other.expected_minutes) {
    return one.expected_minutes < other.expected_minutes;
  }
  if (one.distance_m !== other.distance_m) return one.distance_m < other.distance_m;
  return one.service.id < other.service.id;
}
