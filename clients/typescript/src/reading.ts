/** From the columns of a pack or a page to sites and services. */

import { bitOf, renumbered } from "./facts.ts";
import type { Schedule } from "./hours.ts";
import { PLAIN_OF_SERVICES, PLAIN_OF_SITES } from "./listing.ts";
import type { Kind, Service, Site } from "./listing.ts";
import { PackError, rowsAsObjects } from "./pack.ts";
import type { Body, WireSchedule } from "./pack.ts";
import { dateCalled } from "./zones.ts";
import type { Zone } from "./zones.ts";

/** What services share, so that it is held once: by name, or by what it says. */
export class Shared {
  kinds: Map<string, Kind> = new Map();
  private zones: Map<string, Zone> = new Map();
  private schedules: Map<string, Schedule> = new Map();

  /** The kind of a row of `kinds`; a later body may know its numbers better. */
  kind([name, prior, half_life_minutes]: Body["kinds"][number]): Kind {
    const known = this.kinds.get(name) ?? { name, prior, half_life_minutes };
    this.kinds.set(name, Object.assign(known, { prior, half_life_minutes }));
    return known;
  }

  zone(told: Zone): Zone {
    return kept(this.zones, JSON.stringify(told), () => told);
  }

  schedule(told: WireSchedule, zone: Zone): Schedule {
    const key = JSON.stringify([zone, told.week, told.days]);
    return kept(this.schedules, key, () => {
      const days = Object.entries(told.days).map(([date, times]) => [dateCalled(date), times]);
      return { zone, week: told.week, days: new Map(days as [number, Schedule["week"][0]][]) };
    });
  }
}

function kept<T>(known: Map<string, T>, key: string, make: () => T): T {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}

/**
 * The services of a body, with their sites.
 *
 * @throws PackError if a row names what is not there
 */
export function servicesOf(body: Body, shared: Shared): { services: Service[]; sites: Site[] } {
  const kinds = body.kinds.map((row) => shared.kind(row));
  const bits = body.facts.map(bitOf);
  const zones = body.zones.map((zone) => shared.zone(zone));
  const schedules = body.schedules.map((told) => shared.schedule(told, at(zones, told.zone)));
  const sites = rowsAsObjects(body.sites, [...PLAIN_OF_SITES, "zone"]).map((row) =>
    siteOf(row, zones),
  );
  const names = [...PLAIN_OF_SERVICES, "site", "kind", "access_yes", "access_no", "care", "door"];
  const services = rowsAsObjects(body.services, names).map((row) => {
    const from = { sites, kinds, bits, schedules };
    return serviceOf(row, from);
  });
  return { services, sites };
}

function siteOf(row: Record<string, unknown>, zones: Zone[]): Site {
  row["id"] = plainId(row["id"]);
  row["zone"] = at(zones, row["zone"]);
  return row as unknown as Site;
}

interface From {
  sites: Site[];
  kinds: Kind[];
  bits: number[];
  schedules: Schedule[];
}

function serviceOf(row: Record<string, unknown>, from: From): Service {
  row["id"] = plainId(row["id"]);
  row["site"] = at(from.sites, row["site"]);
  row["kind"] = at(from.kinds, row["kind"]);
  for (const name of ["access_yes", "access_no"]) {
    row[name] = renumbered(row[name] as number, from.bits);
  }
  for (const name of ["care", "door"]) {
    const number = row[name];
    row[name] = number === null || number === -1 ? null : at(from.schedules, number);
  }
  return row as unknown as Service;
}

function at<T>(values: T[], number: unknown): T {
  const value = typeof number === "number" ? values[number] : undefined;
  if (value === undefined) throw new PackError("A row names what is not there.");
  return value;
}

/**
 * An id as reports name it and as it is compared: with hyphens, which packs leave out, and in lower
 * case, where the order of the text is that of the number.
 *
 * @throws PackError if it is none
 */
export function plainId(id: unknown): string {
  const digits = typeof id === "string" ? id.toLowerCase().replaceAll("-", "") : "";
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(digits);
  if (parts === null) throw new PackError("An id is missing.");
  return parts.slice(1).join("-");
}
