/** The best services of all that match: exact, and without weighing those that cannot be. */

import { earthPoint, geodesicM } from "./geodesy.ts";
import { Heap } from "./heap.ts";
import { leastUsableMinutes, openingsAround } from "./hours.ts";
import { reachOf } from "./listing.ts";
import type { Service } from "./listing.ts";
import { factsMatch, wishesMatch } from "./matching.ts";
import type { Facts } from "./matching.ts";
import type { Ask } from "./question.ts";
import {
  AREA_TRAVEL_MINUTES,
  CLOSED_KNOWN,
  expectedMinutes,
  fade,
  HORIZON_MINUTES,
  successChance,
  travelMinutes,
} from "./ranking.ts";
import type { Rows } from "./rows.ts";
import { chanceOpenIn, comesBefore, scoreOf } from "./scoring.ts";
import type { Score } from "./scoring.ts";

const SURELY = 1 - 1e-9; // a bound stays a bound when floating point rounds

/** What each schedule and each zone promises at best, at the time asked about. */
interface Outlook {
  waits: Float64Array; // fewest minutes until use, by number of schedule
  opens: Float64Array; // best chance to find it open, likewise
  chances: Float64Array; // that a door of unknown hours is open, by number of zone
}

/**
 * The best, in order.
 *
 * Each service gets a bound: the least it can cost, by the straight line and its next opening.
 * Those with the least bound are weighed first, until the bound passes the last of the best.
 */
export function bestOf(rows: Rows, ask: Ask, facts: Facts, limit: number): Score[] {
  const { bounds, candidates, size } = candidatesOf(rows, ask, facts);
  const heap = new Heap(candidates, bounds, size);
  const best: Score[] = [];
  for (let row = heap.take(); row >= 0; row = heap.take()) {
    const last = best.length < limit ? undefined : best[best.length - 1];
    if (last !== undefined && (bounds[row] ?? 0) > last.expected_minutes) break;
    const service = rows.services[row] as Service;
    const distanceM = wishesMatch(service, ask) ? distanceTo(service, ask) : null;
    if (distanceM !== null) keep(scoreOf(service, distanceM, ask), best, limit);
  }
  return best;
}

/** Metres to a service, 0 without a point; null if that is too far. */
function distanceTo(service: Service, ask: Ask): number | null {
  const { site } = service;
  const reach = reachOf(site);
  if (reach === "area" && ask.strict && ask.maxM < Infinity) return null;
  if (reach !== "map") return 0;
  const metres = geodesicM(ask.lat, ask.lon, site.lat ?? 0, site.lon ?? 0);
  return metres > ask.maxM ? null : metres;
}

function keep(score: Score, best: Score[], limit: number): void {
  let place = best.length;
  while (place > 0 && comesBefore(score, best[place - 1] as Score)) place -= 1;
  if (place >= limit) return;
  best.splice(place, 0, score);
  if (best.length > limit) best.pop();
}

function outlookAt(rows: Rows, at: number): Outlook {
  const waits = new Float64Array(rows.schedules.length);
  const opens = new Float64Array(rows.schedules.length);
  rows.schedules.forEach((schedule, number) => {
    const wait = leastUsableMinutes(openingsAround(schedule, at), at);
    waits[number] = Math.min(wait, HORIZON_MINUTES);
    opens[number] = wait > HORIZON_MINUTES ? CLOSED_KNOWN : 1;
  });
  const chances = Float64Array.from(rows.zones, (zone) => chanceOpenIn(zone, at));
  return { waits, opens, chances };
}

interface Candidates {
  candidates: Int32Array;
  bounds: Float64Array;
  size: number;
}

/** The rows that may match, and the least that each can cost. */
function candidatesOf(rows: Rows, ask: Ask, facts: Facts): Candidates {
  const count = rows.services.length;
  const bounds = new Float64Array(count);
  const candidates = new Int32Array(count);
  const areas = rows.areas.map((area) => ask.areas.has(area));
  const kinds = rows.kinds.map((kind) => ask.kinds.has(kind));
  const outlook = outlookAt(rows, ask.at);
  const here = earthPoint(ask.lat, ask.lon);
  let size = 0;
  for (let row = 0; row < count; row++) {
    if (kinds[rows.kind[row] ?? 0] !== true) continue;
    const area = rows.area[row] ?? -1;
    if (area >= 0 && areas[area] !== true) continue;
    if (facts.length > 0 && !factsMatch(rows.services[row] as Service, facts, ask.strict)) continue;
    const travel = leastTravel(rows, row, here, ask);
    if (travel === Infinity) continue;
    bounds[row] = boundOf(rows, row, travel, outlook, ask.at);
    candidates[size++] = row;
  }
  return { candidates, bounds, size };
}

/** The fewest minutes to get to a row; infinite if it is surely too far. */
function leastTravel(rows: Rows, row: number, here: [number, number, number], ask: Ask): number {
  if ((rows.area[row] as number) >= 0) return rows.remote[row] === 1 ? 0 : AREA_TRAVEL_MINUTES;
  const dx = (rows.x[row] as number) - here[0];
  const dy = (rows.y[row] as number) - here[1];
  const dz = (rows.z[row] as number) - here[2];
  const metres = Math.sqrt(dx * dx + dy * dy + dz * dz) * SURELY;
  return metres > ask.maxM ? Infinity : travelMinutes(metres, ask.speedKmh);
}

function boundOf(rows: Rows, row: number, travel: number, outlook: Outlook, at: number): number {
  const care = rows.care[row] as number;
  const open = care < 0 ? outlook.chances[rows.zone[row] as number] : outlook.opens[care];
  const wait = care < 0 ? 0 : Math.max(0, (outlook.waits[care] as number) - travel);
  return expectedMinutes(travel, wait, open as number, servedIn(rows, row, at)) * SURELY;
}

function servedIn(rows: Rows, row: number, at: number): number {
  const [pro, contra] = [rows.evidenceFor[row] as number, rows.evidenceAgainst[row] as number];
  const prior = rows.prior[row] as number;
  if (pro === 0 && contra === 0) return prior;
  const left = fade((at - (rows.evidenceAt[row] as number)) / 60, rows.halfLife[row] as number);
  return successChance(prior, pro, contra, left);
}
