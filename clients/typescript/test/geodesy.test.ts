import assert from "node:assert/strict";
import { test } from "node:test";

import { earthPoint, geodesicM, greatCircleM } from "../src/geodesy.ts";

function near(found: number, wanted: number, within: number): void {
  assert.ok(Math.abs(found - wanted) <= within, `${found} is not ${wanted}`);
}

test("a degree of the equator is as long as the ellipsoid's axis says", () => {
  near(geodesicM(0, 0, 0, 1), (6378137 * Math.PI) / 180, 1e-4);
});

test("a quarter of a meridian is ten million metres and a little", () => {
  near(geodesicM(0, 12, 90, 12), 10_001_965.729, 1e-3);
});

test("the way over the date line is the short one", () => {
  near(geodesicM(10, 179.9, 10, -179.9), geodesicM(10, 0, 10, 0.2), 1e-6);
});

test("a point is no way from itself", () => {
  assert.equal(geodesicM(39.95, -75.16, 39.95, -75.16), 0);
});

test("between opposite points the great circle stands in", () => {
  assert.equal(geodesicM(0, 0, 0.3, 179.7), greatCircleM(0, 0, 0.3, 179.7));
});

test("the straight line is never longer than the way over the surface", () => {
  const places = [
    [39.9, -75.1],
    [39.9, -75.1001],
    [-60, 179.9],
    [89.9, 0],
  ] as [number, number][];
  for (const one of places) {
    for (const other of places) {
      const here = earthPoint(...one);
      const apart = earthPoint(...other).map((value, axis) => value - (here[axis] ?? 0));
      assert.ok(Math.hypot(...apart) <= geodesicM(...one, ...other) + 1e-6);
    }
  }
});
