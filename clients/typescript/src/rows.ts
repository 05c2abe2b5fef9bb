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
    const { site } = service;
    const onMap = reachOf(site) === "map";
    const [x, y, z] = onMap ? earthPoint(site.lat ?? 0, site.lon ?? 0) : [NaN, NaN, NaN];
    columns.x[row] = x;
    columns.y[row] = y;
    columns.z[row] = z;
    columns.area[row] = onMap ? -1 : areas.of(areaKey([site.country, site.region]));
    columns.kind[row] = kinds.of(service.kind.name);
    columns.care[row] = service.care === null ? -1 : schedules.of(service.care);
    columns.zone[row] = zones.of(site.zone);
  });
  const named = { schedules: schedules.all, zones: zones.all, kinds: kinds.all, areas: areas.all };
  return { services, ...named, ...columns };
}

type Columns = Pick<Rows, "x" | "y" | "z" | "area" | "kind" | "care" | "zone">;

function emptyColumns(size: number): Columns {
  return {
    x: new Float64Array(size),
    y: new Float64Array(size),
    z: new Float64Array(size),
    area: new Int32Array(size),
    kind: new Int32Array(size),
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
