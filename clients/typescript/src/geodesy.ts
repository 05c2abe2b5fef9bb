/** Distances on the Earth. */

// WGS 84, the ellipsoid of GPS.
const EQUATOR_M = 6378137.0;
const FLATTENING = 1 / 298.257223563;
const POLE_M = EQUATOR_M * (1 - FLATTENING);
const MEAN_RADIUS_M = (2 * EQUATOR_M + POLE_M) / 3;
const ECCENTRICITY2 = FLATTENING * (2 - FLATTENING);

const MAX_ROUNDS = 50;
const ENOUGH = 1e-13; // radians, less than a micrometre

export function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

/**
 * Metres on a sphere of the Earth's mean radius, between points in degrees.
 *
 * Source: the haversine formula.
 */
export function greatCircleM(
  lat: number,
  lon: number,
  otherLat: number,
  otherLon: number,
): number {
  const phi = radians(lat);
  const otherPhi = radians(otherLat);
  const halfChord =
    Math.sin((otherPhi - phi) / 2) ** 2 +
    Math.cos(phi) * Math.cos(otherPhi) * Math.sin(radians(otherLon - lon) / 2) ** 2;
  return 2 * MEAN_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(halfChord)));
}

/**
 * Metres of the shortest line on the ellipsoid, between points in degrees.
 *
 * Between points nearly opposite on the globe, where the formula does not converge, the
 * great-circle distance.
 *
 * Source: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application
 * of nested equations", Survey Review 23 (1975), with Helmert's expansion parameter.
 */
export function geodesicM(lat: number, lon: number, otherLat: number, otherLon: number): number {
  if (lat === otherLat && lon === otherLon) return 0;
  let difference = radians(otherLon - lon);
  difference -= 2 * Math.PI * Math.floor((difference + Math.PI) / (2 * Math.PI));
  const own = reduced(lat);
  const other = reduced(otherLat);
  let along = difference;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const arc = arcAlong(own, other, along);
    if (arc === null) return 0;
    const before = along;
    along = difference + excess(arc);
    if (Math.abs(along - before) < ENOUGH) return lengthM(arc);
  }
  return greatCircleM(lat, lon, otherLat, otherLon);
}

/** A latitude on the auxiliary sphere. */
interface Reduced {
  sin: number;
  cos: number;
}

/** An arc on the auxiliary sphere: its length in radians, and where it crosses the equator. */
interface Arc {
  length: number;
  sin: number;
  cos: number;
  sinAzimuth: number;
  cos2Azimuth: number;
  cosMiddle: number;
}

function reduced(lat: number): Reduced {
  const tangent = (1 - FLATTENING) * Math.tan(radians(lat));
  const cos = 1 / Math.sqrt(1 + tangent * tangent);
  return { sin: tangent * cos, cos };
}

/** The arc between two reduced latitudes whose longitudes differ so much; null for no arc. */
function arcAlong(own: Reduced, other: Reduced, along: number): Arc | null {
  const sinAlong = Math.sin(along);
  const cosAlong = Math.cos(along);
  const aside = other.cos * sinAlong;
  const ahead = own.cos * other.sin - own.sin * other.cos * cosAlong;
  const sin = Math.sqrt(aside * aside + ahead * ahead);
  if (sin === 0) return null;
  const cos = own.sin * other.sin + own.cos * other.cos * cosAlong;
  const sinAzimuth = (own.cos * other.cos * sinAlong) / sin;
  const cos2Azimuth = 1 - sinAzimuth * sinAzimuth;
  const cosMiddle = cos2Azimuth > 0 ? cos - (2 * own.sin * other.sin) / cos2Azimuth : 0;
  return { length: Math.atan2(sin, cos), sin, cos, sinAzimuth, cos2Azimuth, cosMiddle };
}

/** By how much the longitudes on the sphere differ more than those on the ellipsoid. */
function excess(arc: Arc): number {
  const { sin, cos, cosMiddle, cos2Azimuth } = arc;
  const c = (FLATTENING / 16) * cos2Azimuth * (4 + FLATTENING * (4 - 3 * cos2Azimuth));
  const inner = cosMiddle + c * cos * (2 * cosMiddle * cosMiddle - 1);
  return (1 - c) * FLATTENING * arc.sinAzimuth * (arc.length + c * sin * inner);
}

function lengthM(arc: Arc): number {
  const { sin, cos, cosMiddle } = arc;
  const bulge = (EQUATOR_M * EQUATOR_M - POLE_M * POLE_M) / (POLE_M * POLE_M);
  const stretch = Math.sqrt(1 + arc.cos2Azimuth * bulge);
  const k = (stretch - 1) / (stretch + 1);
  const a = (1 + (k * k) / 4) / (1 - k);
  const b = k * (1 - (3 * k * k) / 8);
  const third = (b / 6) * cosMiddle * (4 * sin * sin - 3) * (4 * cosMiddle * cosMiddle - 3);
  const second = cos * (2 * cosMiddle * cosMiddle - 1) - third;
  const correction = b * sin * (cosMiddle + (b / 4) * second);
  return POLE_M * a * (arc.length - correction);
}

/**
 * Where a point in degrees is in space: metres from the Earth's middle.
 *
 * The straight line between two such points is never longer than the way over the surface, so it
 * bounds the distance from below, across the poles and the date line too.
 */
export function earthPoint(lat: number, lon: number): [number, number, number] {
  const phi = radians(lat);
  const lambda = radians(lon);
  const normal = EQUATOR_M / Math.sqrt(1 - ECCENTRICITY2 * Math.sin(phi) ** 2);
  return [
    normal * Math.cos(phi) * Math.cos(lambda),
    normal * Math.cos(phi) * Math.sin(lambda),
    normal * (1 - ECCENTRICITY2) * Math.sin(phi),
  ];
}
