/** About where towns are: they tell which areas are near. */

import { PackError } from "./pack.ts";
import type { Area, WireTowns } from "./pack.ts";

const MARKS_PER_DEGREE = 3; // of the grid that towns are told on

/** Latitudes and longitudes in degrees, and numbers of areas; one of each a town. */
export interface Towns {
  lat: number[];
  lon: number[];
  area: number[];
  areas: Area[];
}

/**
 * The towns that a pack tells of. A row is a latitude, as steps north of the row before; then a
 * longitude, and steps to the east from each to the next.
 *
 * @throws PackError if a row is none
 */
export function townsOf(told: readonly WireTowns[]): Towns {
  const towns: Towns = { lat: [], lon: [], area: [], areas: told.map(({ area }) => area) };
  told.forEach(({ rows }, area) => {
    let lat = 0;
    for (const [north, ...steps] of rows) {
      if (north === undefined) throw new PackError("A row of towns is empty.");
      lat += north;
      let lon = 0;
      for (const step of steps) {
        lon += step;
        towns.lat.push(lat / MARKS_PER_DEGREE);
        towns.lon.push(lon / MARKS_PER_DEGREE);
        towns.area.push(area);
      }
    }
  });
  return towns;
}
