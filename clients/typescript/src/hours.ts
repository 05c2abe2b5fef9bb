/** Opening hours: when a schedule is open, and when somebody who arrives can be seen. */

import { STAY_MINUTES } from "./ranking.ts";
import { DAY, midnight, weekdayOf } from "./zones.ts";
import type { Zone } from "./zones.ts";

/** From and to, in minutes since local midnight; in `days`, minutes that have gone by since. */
export type Interval = [number, number];

/** A week of intervals, Monday first, and the dates whose intervals differ. */
export interface Schedule {
  zone: Zone;
  week: Interval[][];
  days: Map<number, Interval[]>;
}

/** Openings in order, neither touching nor overlapping: [opens, closes] in POSIX seconds. */
export type Openings = readonly (readonly [number, number])[];

const DAYS_BEFORE = 2; // an opening that began earlier is a part of one that began then
const DAYS_AFTER = 5; // the ranking's horizon of 72 hours, the stay, and any zone's offset
const LOOK_AHEAD_DAYS = 14; // as far as a person is told when a door opens

interface Remembered {
  day: number;
  openings: Openings;
}

const remembered = new WeakMap<Schedule, Remembered>();

/** All openings that a search at a POSIX second may have to look at. */
export function openingsAround(schedule: Schedule, at: number): Openings {
  const day = Math.floor(at / DAY);
  const last = remembered.get(schedule);
  if (last?.day === day) return last.openings;
  const openings = openingsOn(schedule, day - DAYS_BEFORE, day + DAYS_AFTER);
  remembered.set(schedule, { day, openings });
  return openings;
}

/** The openings of local dates, the last one included; see `zones.ts` for their numbers. */
export function openingsOn(schedule: Schedule, first: number, last: number): Openings {
  const found: [number, number][] = [];
  for (let date = first; date <= last; date++) {
    const intervals = schedule.days.get(date) ?? schedule.week[weekdayOf(date)] ?? [];
    if (intervals.length === 0) continue;
    const start = midnight(schedule.zone, date);
    for (const [from, to] of intervals) found.push([start + from * 60, start + to * 60]);
  }
  return joined(found);
}

function joined(openings: [number, number][]): Openings {
  openings.sort((one, other) => one[0] - other[0]);
  const found: [number, number][] = [];
  for (const [opens, closes] of openings) {
    const last = found[found.length - 1];
    if (last !== undefined && opens <= last[1]) last[1] = Math.max(last[1], closes);
    else found.push([opens, closes]);
  }
  return found;
}

/** The place of the first opening that ends after a POSIX second; their number if none does. */
function firstAfter(openings: Openings, moment: number): number {
  const place = openings.findIndex(([, closes]) => closes > moment);
  return place < 0 ? openings.length : place;
}

/** Whether it is open at a POSIX second. */
export function isOpen(schedule: Schedule, at: number): boolean {
  const opening = openingsAround(schedule, at).find(([, closes]) => closes > at);
  return opening !== undefined && opening[0] <= at;
}

/**
 * Minutes from a search to the first moment of use at or after the arrival; infinite if none is in
 * sight. An opening under way must last long enough for a stay, otherwise the next one counts.
 */
export function usableMinutes(openings: Openings, arrivalMinutes: number, at: number): number {
  const arrival = at + arrivalMinutes * 60;
  let place = firstAfter(openings, arrival);
  const opening = openings[place];
  if (opening !== undefined && opening[0] <= arrival) {
    if (opening[1] - arrival >= STAY_MINUTES * 60) return arrivalMinutes;
    place += 1;
  }
  const next = openings[place];
  return next === undefined ? Infinity : (next[0] - at) / 60;
}

/** The least that `usableMinutes` can be for any arrival. */
export function leastUsableMinutes(openings: Openings, at: number): number {
  const next = openings[firstAfter(openings, at)];
  return next === undefined ? Infinity : Math.max(0, (next[0] - at) / 60);
}

/** What a door's hours say at one moment, for a person to read; times are POSIX seconds. */
export interface DoorState {
  state: "open" | "closed" | "unknown";
  opens_at?: number;
  closes_at?: number;
}

/** Whether a door is open, when it closes, or when it opens within two weeks. */
export function doorState(schedule: Schedule | null, at: number): DoorState {
  if (schedule === null) return { state: "unknown" };
  const day = Math.floor(at / DAY);
  const openings = openingsOn(schedule, day - DAYS_BEFORE, day + LOOK_AHEAD_DAYS + 1);
  const end = at + LOOK_AHEAD_DAYS * DAY;
  const opening = openings[firstAfter(openings, at)];
  if (opening === undefined || opening[0] >= end) return { state: "closed" };
  const [opens, closes] = opening;
  if (opens > at) return { state: "closed", opens_at: opens };
  return closes < end ? { state: "open", closes_at: closes } : { state: "open" };
}
