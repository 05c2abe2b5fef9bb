/** A store as a pack again, so that a phone keeps what changes made of it, and nothing older. */

import { allFacts } from "./facts.ts";
import type { Schedule } from "./hours.ts";
import { PLAIN_OF_SERVICES, PLAIN_OF_SITES } from "./listing.ts";
import type { Service } from "./listing.ts";
import { FORMAT } from "./pack.ts";
import type { Column, Pack, Table, WireSchedule } from "./pack.ts";
import type { Store } from "./store.ts";
import { nameOfDate } from "./zones.ts";
import type { Zone } from "./zones.ts";

/** The pack that a store came to. Read again, it answers every search alike. */
export function packOf(store: Store): Pack {
  return {
    format: FORMAT,
    region: store.region,
    areas: store.areas,
    language: store.language,
    cursor: store.cursor,
    day: store.day,
    until: store.until,
    labels: store.labels,
    kinds: store.kinds.map((kind) => [kind.name, kind.prior, kind.half_life_minutes]),
    facts: allFacts(),
    ...rows(store),
    towns: store.toldTowns,
  };
}

function rows(store: Store): Pick<Pack, "zones" | "schedules" | "sites" | "services"> {
  const services = [...store.services.values()];
  const sites = numbered(services.map((service) => service.site));
  const hours = services.flatMap((service) => [service.care, service.door]);
  const schedules = numbered(hours.filter((one) => one !== null));
  const places = [...sites.keys()];
  const zones = numbered([...places, ...schedules.keys()].map(({ zone }) => zone));
  return {
    zones: [...zones.keys()],
    schedules: [...schedules.keys()].map((schedule) => told(schedule, zones)),
    sites: {
      ...table(places, PLAIN_OF_SITES),
      zone: column(places.map((site) => zones.get(site.zone))),
    },
    services: {
      ...table(services, [...PLAIN_OF_SERVICES, "access_yes", "access_no"]),
      ...numbers(store, services, sites, schedules),
    },
  };
}

/** The columns of services that are numbers of something else. */
function numbers(
  store: Store,
  services: Service[],
  sites: Map<unknown, number>,
  schedules: Map<unknown, number>,
): Table {
  const kinds = numbered(store.kinds);
  return {
    site: column(services.map((service) => sites.get(service.site))),
    kind: column(services.map((service) => kinds.get(service.kind))),
    care: column(services.map((service) => schedules.get(service.care) ?? -1)),
    door: column(services.map((service) => schedules.get(service.door) ?? -1)),
  };
}

function told(schedule: Schedule, zones: Map<Zone, number>): WireSchedule {
  const days = [...schedule.days].map(([date, times]) => [nameOfDate(date), times] as const);
  return {
    zone: zones.get(schedule.zone) ?? 0,
    week: schedule.week,
    days: Object.fromEntries(days),
  };
}

function numbered<T>(things: Iterable<T>): Map<T, number> {
  const numbers = new Map<T, number>();
  for (const thing of things) if (!numbers.has(thing)) numbers.set(thing, numbers.size);
  return numbers;
}

function table<T extends object>(rows: T[], names: readonly (keyof T & string)[]): Table {
  return Object.fromEntries(names.map((name) => [name, column(rows.map((row) => row[name]))]));
}

/** Most columns of most regions hold one value alone, or few. */
function column(values: unknown[]): Column {
  const first = values[0];
  const isPlain = typeof first !== "object" || first === null;
  if (values.length > 1 && isPlain && values.every((value) => value === first)) {
    return { all: first };
  }
  return values;
}
