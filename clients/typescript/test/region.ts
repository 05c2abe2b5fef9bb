/** A region of many services of all sorts. */

import type { Interval } from "../src/hours.ts";
import type { WireSchedule } from "../src/pack.ts";
import type { Store } from "../src/store.ts";
import { aStore, NOON } from "./builders.ts";
import type { AService, ASite } from "./builders.ts";

const STATES = ["available", "limited", "waitlist", "full", "unknown"];
const SCHEDULES = 40;

/** So many services in a square of two degrees around Philadelphia, some at the very same place. */
export function aRegion(size: number, random: () => number): Store {
  const services = Array.from({ length: size }, () => aService(random));
  services.forEach((service, n) => {
    const before = services[n - 1];
    if (before?.at !== undefined && random() < 0.2) service.at = before.at;
  });
  const schedules = Array.from({ length: SCHEDULES }, () => aSchedule(random));
  return aStore(services, {
    schedules,
    towns: [{ area: ["US", "PA"], rows: [[120, -225]] }],
  });
}

function aService(random: () => number): AService {
  const upTo = (most: number): number => Math.floor(random() * most);
  const yes = upTo(16);
  const isReported = random() < 0.5;
  return {
    kind: upTo(3),
    access_yes: yes,
    access_no: upTo(16) & ~yes,
    care: random() < 0.7 ? upTo(SCHEDULES) : -1,
    door: random() < 0.7 ? upTo(SCHEDULES) : -1,
    prior: random() < 0.2 ? random() : null,
    evidence_for: isReported ? random() * 8 : 0,
    evidence_against: isReported ? random() * 8 : 0,
    evidence_at: isReported ? NOON - upTo(10 * 86_400) : 0,
    state: STATES[upTo(5)] ?? "unknown",
    expires_at: NOON + upTo(10 * 86_400),
    closed_until: random() < 0.1 ? NOON + upTo(86_400) : 0,
    at: aSite(random),
  };
}

function aSite(random: () => number): ASite {
  const way = random();
  if (way < 0.05) return { lat: null, lon: null };
  if (way < 0.1) return { lat: null, lon: null, delivery: "remote", region: "" };
  return { lat: 39 + random() * 2, lon: -76 + random() * 2 };
}

function aSchedule(random: () => number): WireSchedule {
  const opens = Math.floor(random() * 16) * 60;
  const closes = opens + 60 + Math.floor(random() * 7) * 60;
  const week = Array.from({ length: 7 }, (): Interval[] =>
    random() < 0.7 ? [[opens, closes]] : [],
  );
  return { zone: 0, week, days: { "2026-11-30": [] } };
}
