/** The services of a store as columns of numbers: what a search looks at for each of them. */

import { areaKey } from "./areas.ts";
import { earthPoint } from "./geodesy.ts";
import type { Schedule } from "./hours.ts";
import { reachOf } from "./listing.ts";
import type { Service } from "./listing.ts";
import type { Store } from "./store.ts";
import type { Zone } from "./zones.ts";

export interface Rows {
  version: number; // of the store
  services: Service[];
  schedules: Schedule[];
  zones: Zone[];
  /** Areas of services without a point, as keys. */
  areas: string[];
  x: Float64Array; // metres from the Earth's middle; not a number without a point
  y: Float64Array;
  z: Float64Array;
  area: Int32Array; // number of the area; -1 on the map
  care: Int32Array; // number of the schedule; -1 if unknown
  zone: Int32Array;
}

const made = new WeakMap<Store, Rows>();

/** The rows of a store as it is now. */
export function rowsOf(store: Store): Rows {
  let rows = made.get(store);
  if (rows?.version !== store.version) made.set(store, (rows = makeRows(store)));
  return rows;
}

function makeRows(store: Store): Rows {
  const services = [...store.services.values()];
  const schedules = new Numbers<Schedule>();
  const zones = new Numbers<Zone>();
  const areas = new Numbers<string>();
  const rows = emptyRows(store.version, services);
  services.forEach((service, row) => {
    const { site } = service;
    const onMap = reachOf(site) === "map";
    const point = onMap ? earthPoint(site.lat ?? 0, site.lon ?? 0) : [NaN, NaN, NaN];
    [rows.x[row], rows.y[row], rows.z[row]] = point as [number, number, number];
    rows.area[row] = onMap ? -1 : areas.of(areaKey([site.country, site.region]));
    rows.care[row] = service.care === null ? -1 : schedules.of(service.care);
    rows.zone[row] = zones.of(site.zone);
  });
  return { ...rows, schedules: schedules.all, zones: zones.all, areas: areas.all };
}

function emptyRows(version: number, services: Service[]): Rows {
  const size = services.length;
  return {
    version,
    services,
    schedules: [],
    zones: [],
    areas: [],
    x: new Float64Array(size),
    y: new Float64Array(size),
    z: new Float64Array(size),
    area: new Int32Array(size),
    care: new Int32Array(size),
    zone: new Int32Array(size),
  };
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
