/** Which areas are a searcher's: there, services without a point are found. */

import { radians } from "./geodesy.ts";
import type { Area } from "./pack.ts";
import type { Towns } from "./towns.ts";

const NEAR_KM = 40; // regions with a town this near are the searcher's, across a state line too
const KM_PER_DEGREE = 111.195;

/** An area as a key of sets and maps. */
export function areaKey([country, region]: Area): string {
  return `${country}/${region}`;
}

/** The areas with a town near, or else those of the nearest town; and their whole countries. */
export function areasNear(all: readonly Towns[], lat: number, lon: number): Set<string> {
  const near: Area[] = [];
  let nearest: Area[] = []; // several if they share a town's mark: packs may be held in any order
  let nearestKm = Infinity;
  for (const towns of all) {
    for (const { area, km } of areasAround(towns, lat, lon)) {
      if (km <= NEAR_KM) near.push(area);
      if (km < nearestKm) [nearest, nearestKm] = [[area], km];
      else if (km === nearestKm && km < Infinity) nearest.push(area);
    }
  }
  const own = near.length > 0 ? near : nearest;
  return new Set(own.flatMap((area) => [areaKey(area), areaKey([area[0], ""])]));
}

/** Each area with the kilometres to its nearest town. */
function areasAround(towns: Towns, lat: number, lon: number): { area: Area; km: number }[] {
  const narrower = Math.cos(radians(lat));
  const nearest = new Array<number>(towns.areas.length).fill(Infinity);
  towns.area.forEach((number, town) => {
    const km = flatKm(towns.lat[town] ?? 0, towns.lon[town] ?? 0, lat, lon, narrower);
    nearest[number] = Math.min(km, nearest[number] ?? Infinity);
  });
  return towns.areas.map((area, number) => ({ area, km: nearest[number] ?? Infinity }));
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
