/** Time zones as packs tell them: from which second on the clock is how far ahead of UTC. */

const MINUTE = 60;
const HOUR = 3600;
export const DAY = 86_400; // seconds; also what tells one local date's number from the next

/** A zone's offsets: [POSIX second, minutes ahead of UTC], in order; the first holds before too. */
export interface Zone {
  name: string;
  offsets: [number, number][];
}

/** What a local clock shows: a date as days since 1970-01-01, its weekday (Monday 0), the hour. */
export interface LocalClock {
  date: number;
  weekday: number;
  hour: number;
}

/** What the clocks of a zone show at a POSIX second. */
export function localClock(zone: Zone, at: number): LocalClock {
  const local = at + offsetMinutes(zone, at) * MINUTE;
  const date = Math.floor(local / DAY);
  return { date, weekday: weekdayOf(date), hour: Math.floor((local - date * DAY) / HOUR) };
}

/** The weekday of a date, Monday 0. 1970-01-01 was a Thursday. */
export function weekdayOf(date: number): number {
  return (((date + 3) % 7) + 7) % 7;
}

/** The number of a date such as "2026-12-25". */
export function dateCalled(text: string): number {
  return Math.floor(Date.parse(`${text}T00:00:00Z`) / 1000 / DAY);
}

/** A date's number as text, such as "2026-12-25". */
export function nameOfDate(date: number): string {
  return new Date(date * DAY * 1000).toISOString().slice(0, 10);
}

function offsetMinutes(zone: Zone, at: number): number {
  let ahead = zone.offsets[0]?.[1] ?? 0;
  for (const [from, minutes] of zone.offsets.slice(1)) {
    if (from > at) break;
    ahead = minutes;
  }
  return ahead;
}

const midnights = new WeakMap<Zone, Map<number, number>>();

/** The first POSIX second at which a zone's clocks show a date; it need not be 00:00. */
export function midnight(zone: Zone, date: number): number {
  let known = midnights.get(zone);
  if (known === undefined) midnights.set(zone, (known = new Map()));
  let found = known.get(date);
  if (found === undefined) known.set(date, (found = firstSecond(zone, date)));
  return found;
}

function firstSecond(zone: Zone, date: number): number {
  const offsets = zone.offsets.length > 0 ? zone.offsets : [[0, 0] as [number, number]];
  let second = 0;
  for (const [n, [from, minutes]] of offsets.entries()) {
    const start = n === 0 ? -Infinity : from;
    const end = offsets[n + 1]?.[0] ?? Infinity;
    second = Math.max(start, date * DAY - minutes * MINUTE);
    if (second < end) return second;
  }
  return second;
}
