/** All services held, as columns of numbers: what a search looks at for each of them. */

import { areaKey } from "./areas.ts";
import { earthPoint } from "./geodesy.ts";
import type { Schedule } from "./hours.ts";
import { reachOf } from "./listing.ts";
import type { Service } from "./listing.ts";
import type { Store } from "./store.ts";
import type { Zone } from "./zones.ts";

/** One row a service; numbers of schedules, zones, kinds and areas are places in their lists. */
export interface Rows {
  services: Service[];
  schedules: Schedule[];
  zones: Zone[];
  kinds: string[];
  areas: string[]; // of services without a point, as keys
  x: Float64Array; // metres from the Earth's middle; not a number without a point
  y: Float64Array;
  z: Float64Array;
  area: Int32Array; // -1 on the map
  kind: Int32Array;
  care: Int32Array; // -1 if the hours are unknown
  zone: Int32Array;
  remote: Uint8Array; // 1 for those that are no way
  prior: Float64Array;
  evidenceFor: Float64Array;
  evidenceAgainst: Float64Array;
  evidenceAt: Float64Array;
  halfLife: Float64Array; // minutes
}

interface Made {
  stores: readonly Store[];
  versions: number[];
  rows: Rows;
}

const made = new WeakMap<Store, Made>(); // by the first store

/** The rows of stores as they are now. A service of two of them is told by the later one. */
export function rowsOf(stores: readonly Store[]): Rows {
  const [first] = stores;
  const known = first === undefined ? undefined : made.get(first);
  if (known !== undefined && isCurrent(known, stores)) return known.rows;
  const rows = makeRows(stores);
  const versions = stores.map(({ version }) => version);
  if (first !== undefined) made.set(first, { stores: [...stores], versions, rows });
  return rows;
}

function isCurrent(known: Made, stores: readonly Store[]): boolean {
  if (known.stores.length !== stores.length) return false;
  return stores.every((store, n) => {
    return store === known.stores[n] && store.version === known.versions[n];
  });
}

function makeRows(stores: readonly Store[]): Rows {
  const all = new Map(stores.flatMap(({ services }) => [...services]));
  const services = [...all.values()];
  const schedules = new Numbers<Schedule>();
  const zones = new Numbers<Zone>();
  const kinds = new Numbers<string>();
  const areas = new Numbers<string>();
  const columns = emptyColumns(services.length);
  services.forEach((service, row) => {
    const { site, kind, care } = service;
    const onMap = reachOf(site) === "map";
    columns.area[row] = onMap ? -1 : areas.of(areaKey([site.country, site.region]));
    columns.kind[row] = kinds.of(kind.name);
    columns.care[row] = care === null ? -1 : schedules.of(care);
    columns.zone[row] = zones.of(site.zone);
    placeIn(columns, row, service);
    weighIn(columns, row, service);
  });
  const named = { schedules: schedules.all, zones: zones.all, kinds: kinds.all, areas: areas.all };
  return { services, ...named, ...columns };
}

type Columns = Omit<Rows, "services" | "schedules" | "zones" | "kinds" | "areas">;

function emptyColumns(size: number): Columns {
  const numbers = (): Int32Array => new Int32Array(size);
  const values = (): Float64Array => new Float64Array(size);
  return {
    x: values(),
    y: values(),
    z: values(),
    area: numbers(),
    kind: numbers(),
    care: numbers(),
    zone: numbers(),
    remote: new Uint8Array(size),
    prior: values(),
    evidenceFor: values(),
    evidenceAgainst: values(),
    evidenceAt: values(),
    halfLife: values(),
  };
}

function placeIn(columns: Columns, row: number, { site }: Service): void {
  const { lat, lon } = site;
  const [x, y, z] = lat === null || lon === null ? [NaN, NaN, NaN] : earthPoint(lat, lon);
  columns.x[row] = x;
  columns.y[row] = y;
  columns.z[row] = z;
  columns.remote[row] = reachOf(site) === "remote" ? 1 : 0;
}

function weighIn(columns: Columns, row: number, service: Service): void {
  columns.prior[row] = service.prior ?? service.kind.prior;
  columns.evidenceFor[row] = service.evidence_for;
  columns.evidenceAgainst[row] = service.evidence_against;
  columns.evidenceAt[row] = service.evidence_at;
  columns.halfLife[row] = service.kind.half_life_minutes;
}

/** Numbers for things, in the order in which they come. */
class Numbers<T> {
  private readonly numbers: Map<T, number> = new Map();

  of(thing: T): number {
    let number = this.numbers.get(thing);
    if (number === undefined) this.numbers.set(thing, (number = this.numbers.size));
    return number;
  }

  get all(): T[] {
    return [...this.numbers.keys()];
  }
}
