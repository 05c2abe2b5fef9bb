import assert from "node:assert/strict";
import { test } from "node:test";

import { doorState, isOpen, openingsAround, openingsOn, usableMinutes } from "../src/hours.ts";
import type { Interval, Schedule } from "../src/hours.ts";
import { dateCalled, localClock, midnight, nameOfDate } from "../src/zones.ts";
import { NEW_YORK } from "./builders.ts";

function at(text: string): number {
  return Date.parse(text) / 1000;
}

function schedule(week: Interval[][], days: Record<string, Interval[]> = {}): Schedule {
  const numbered = Object.entries(days).map(([date, times]) => [dateCalled(date), times] as const);
  return { zone: NEW_YORK, week, days: new Map(numbered) };
}

function daily(...intervals: Interval[]): Interval[][] {
  return Array.from({ length: 7 }, () => intervals);
}

test("a date has a number, and a number its date", () => {
  assert.equal(dateCalled("1970-01-02"), 1);
  assert.equal(nameOfDate(dateCalled("2026-12-25")), "2026-12-25");
});

test("the local clock follows daylight saving", () => {
  assert.deepEqual(localClock(NEW_YORK, at("2026-11-01T05:59:00Z")), {
    date: dateCalled("2026-11-01"),
    weekday: 6,
    hour: 1,
  });
  assert.equal(localClock(NEW_YORK, at("2026-11-01T06:00:00Z")).hour, 1);
  assert.equal(localClock(NEW_YORK, at("2026-11-01T07:00:00Z")).hour, 2);
});

test("a date begins when the clock first shows it, even where midnight is left out", () => {
  assert.equal(midnight(NEW_YORK, dateCalled("2026-11-01")), at("2026-11-01T04:00:00Z"));
  assert.equal(midnight(NEW_YORK, dateCalled("2026-11-02")), at("2026-11-02T05:00:00Z"));
  const leap = at("2026-10-04T04:00:00Z"); // 00:00 becomes 01:00
  const zone = { name: "X", offsets: [[0, -240], [leap, -180]] as [number, number][] };
  assert.equal(midnight(zone, dateCalled("2026-10-04")), leap);
});

test("a date that the clock falls back into begins only then", () => {
  const back = at("2026-10-04T04:00:00Z"); // 24:00 becomes 23:00
  const zone = { name: "X", offsets: [[0, -240], [back, -300]] as [number, number][] };
  assert.equal(midnight(zone, dateCalled("2026-10-04")), back + 3600);
});

test("a night is one opening", () => {
  const night = schedule(daily([0, 360], [1320, 1440]));
  const monday = dateCalled("2026-11-23");
  assert.deepEqual(openingsOn(night, monday, monday + 1), [
    [at("2026-11-23T05:00:00Z"), at("2026-11-23T11:00:00Z")],
    [at("2026-11-24T03:00:00Z"), at("2026-11-24T11:00:00Z")],
    [at("2026-11-25T03:00:00Z"), at("2026-11-25T05:00:00Z")],
  ]);
});

test("a holiday takes the place of its weekday", () => {
  const closed = schedule(daily([540, 1020]), { "2026-12-25": [] });
  assert.equal(isOpen(closed, at("2026-12-24T18:00:00Z")), true);
  assert.equal(isOpen(closed, at("2026-12-25T18:00:00Z")), false);
});

test("a day of 25 hours is told in minutes gone by", () => {
  const always = schedule(daily([0, 1440]), { "2026-11-01": [[0, 1500]] });
  const sunday = dateCalled("2026-11-01");
  assert.deepEqual(openingsOn(always, sunday, sunday), [
    [at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z")],
  ]);
});

test("a door is open from the minute it opens until the minute it closes", () => {
  const office = schedule(daily([540, 1020]));
  const moments = ["13:59:59", "14:00:00", "21:59:59", "22:00:00"];
  const open = moments.map((time) => isOpen(office, at(`2026-11-23T${time}Z`)));
  assert.deepEqual(open, [false, true, true, false]);
});

test("who arrives a quarter of an hour before the end is seen, later only tomorrow", () => {
  const office = schedule(daily([540, 1020]));
  const now = at("2026-11-23T21:00:00Z"); // 16:00
  const openings = openingsAround(office, now);
  assert.equal(usableMinutes(openings, 45, now), 45);
  assert.equal(usableMinutes(openings, 45.1, now), 17 * 60);
  assert.equal(usableMinutes(openings, 90, now), 17 * 60);
});

test("who arrives before it opens waits until it does", () => {
  const office = schedule(daily([540, 1020]));
  const now = at("2026-11-23T13:00:00Z"); // 08:00
  assert.equal(usableMinutes(openingsAround(office, now), 20, now), 60);
});

test("no opening in sight is none", () => {
  const never = schedule(daily());
  assert.equal(usableMinutes(openingsAround(never, 0), 5, 0), Infinity);
});

test("a person is told until when a door is open, or when it opens", () => {
  const office = schedule(daily([540, 1020]));
  const open = doorState(office, at("2026-11-23T15:00:00Z"));
  assert.deepEqual(open, { state: "open", closes_at: at("2026-11-23T22:00:00Z") });
  const closed = doorState(office, at("2026-11-23T23:00:00Z"));
  assert.deepEqual(closed, { state: "closed", opens_at: at("2026-11-24T14:00:00Z") });
  assert.deepEqual(doorState(schedule(daily([0, 1440])), 1e9), { state: "open" });
  assert.deepEqual(doorState(null, 1e9), { state: "unknown" });
});
