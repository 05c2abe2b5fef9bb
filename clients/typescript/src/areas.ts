/** Which areas are a searcher's: there, services without a point are found. */

import { radians } from "./geodesy.ts";
import type { Area } from "./pack.ts";
import type { Towns } from "./store.ts";

const NEAR_KM = 40; // regions with a town this near are the searcher's, across a state line too
const KM_PER_DEGREE = 111.195;

/** An area as a key of sets and maps. */
export function areaKey([country, region]: Area): string {
  return `${country}/${region}`;
}

/** The areas with a town near, or else that of the nearest town; and their whole countries. */
export function areasNear(towns: Towns, lat: number, lon: number): Set<string> {
  const found = new Set<string>();
  for (const number of numbersNear(towns, lat, lon)) {
    const area = towns.areas[number];
    if (area === undefined) continue;
    found.add(areaKey(area));
    found.add(areaKey([area[0], ""]));
  }
  return found;
}

function numbersNear(towns: Towns, lat: number, lon: number): Set<number> {
  const near = new Set<number>();
  const narrower = Math.cos(radians(lat));
  let nearestKm = Infinity;
  let nearest = -1;
  for (let town = 0; town < towns.lat.length; town++) {
    const area = towns.area[town] ?? -1;
    const km = flatKm(towns.lat[town] ?? 0, towns.lon[town] ?? 0, lat, lon, narrower);
    if (km <= NEAR_KM) near.add(area);
    if (km < nearestKm) {
      nearestKm = km;
      nearest = area;
    }
  }
  return near.size > 0 || nearest < 0 ? near : new Set([nearest]);
}

/** Kilometres on a flat map; near enough for this, and the same everywhere. */
function flatKm(
  townLat: number,
  townLon: number,
  lat: number,
  lon: number,
  narrower: number,
): number {
  const apart = Math.abs(townLon - lon);
  const east = Math.min(apart, 360 - apart) * narrower;
  const north = townLat - lat;
  return Math.sqrt(north * north + east * east) * KM_PER_DEGREE;
}
