/**
 * The ranking: minutes a person should expect to spend until served, if they try a service first.
 *
 * Pure functions of numbers; nothing here knows a clock. Their numbers are the server's.
 */

const DETOUR = 1.3; // streets are longer than the straight line
export const SPEED_KMH = { walk: 4.8, transit: 15, drive: 35 } as const;
const WAIT_WEIGHT = 0.5; // waiting costs less than travelling
const ATTEMPT_MINUTES = 10; // what a try costs even next door
export const HORIZON_MINUTES = 72 * 60; // from the search; an opening beyond it is none
export const STAY_MINUTES = 15; // a door that closes sooner than this after arrival is closed
const LEAST_CHANCE = 0.02;
const PRIOR_STRENGTH = 2; // the prior is worth this many reports

export const OPEN_KNOWN = 1;
export const CLOSED_KNOWN = 0.02;
const OPEN_UNKNOWN_OFFICE_HOURS = 0.85; // local Monday to Friday, 09 to 17
const OPEN_UNKNOWN_OTHERWISE = 0.25;
const OFFICE_OPENS = 9; // local hours
const OFFICE_CLOSES = 17;
const SATURDAY = 5;

/** A service without a point is reached by phone first, then somewhere in its region. */
export const AREA_TRAVEL_MINUTES = 60;

export type Mode = keyof typeof SPEED_KMH;

/** Minutes to get there, for geodesic metres and a speed in km/h. */
export function travelMinutes(distanceM: number, speedKmh: number): number {
  return ((distanceM / 1000) * DETOUR) / speedKmh * 60;
}

/** Share of a report's weight left after so many minutes, in [0, 1]; 1 for the future. */
export function fade(ageMinutes: number, halfLifeMinutes: number): number {
  return 2 ** (-Math.max(0, ageMinutes) / halfLifeMinutes);
}

/**
 * Chance that a visit succeeds, in (0, 1), from reports that fade with age.
 *
 * Source: Beta posterior with exponential forgetting.
 *
 * @param prior chance when nothing is known, in (0, 1)
 * @param evidenceFor weight of reports of success at their time, not negative
 * @param evidenceAgainst weight of reports of failure, likewise
 * @param left share of that weight left now, in [0, 1]
 */
export function successChance(
  prior: number,
  evidenceFor: number,
  evidenceAgainst: number,
  left: number,
): number {
  const seen = (evidenceFor + evidenceAgainst) * left;
  return (PRIOR_STRENGTH * prior + evidenceFor * left) / (PRIOR_STRENGTH + seen);
}

/** Chance that a door of unknown hours is open, at a local weekday (Monday 0) and hour (0–23). */
export function chanceOpenByClock(weekday: number, hour: number): number {
  const inOffice = weekday < SATURDAY && OFFICE_OPENS <= hour && hour < OFFICE_CLOSES;
  return inOffice ? OPEN_UNKNOWN_OFFICE_HOURS : OPEN_UNKNOWN_OTHERWISE;
}

/**
 * Minutes of waiting at a door whose hours are known, and the chance to find it open.
 *
 * @param travel minutes from the search to the arrival
 * @param usable minutes from the search until the door can be used, see hours.ts; the horizon
 *   counts from the search, so that coming nearer never makes either worse
 */
export function waitAndChanceOpen(travel: number, usable: number): [number, number] {
  if (usable > HORIZON_MINUTES) return [HORIZON_MINUTES, CLOSED_KNOWN];
  return [usable - travel, OPEN_KNOWN];
}

/**
 * Expected minutes until served: smaller is better.
 *
 * Source: cost over chance, the index that orders independent tries optimally (Mitten 1960).
 */
export function expectedMinutes(
  travel: number,
  wait: number,
  chanceOpen: number,
  chanceServed: number,
): number {
  const cost = travel + WAIT_WEIGHT * wait + ATTEMPT_MINUTES;
  return cost / Math.max(LEAST_CHANCE, chanceOpen * chanceServed);
}
