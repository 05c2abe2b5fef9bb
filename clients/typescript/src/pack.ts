/** The form of a pack and of a page of changes, and how its columns are read. */

import type { Interval } from "./hours.ts";
import type { Zone } from "./zones.ts";

export const FORMAT = "locator-pack/1";

/** A column: each value, one value for all rows, or numbers of values (-1 is null). */
export type Column = unknown[] | { all: unknown } | { of: unknown[]; is: number[] };
export type Table = Record<string, Column>;

/** Country and region; "" for the whole country. */
export type Area = [string, string];

export interface WireSchedule {
  zone: number;
  week: Interval[][];
  days: Record<string, Interval[]>;
}

/** About where an area has towns: steps on a grid, see `townsOf`. */
export interface WireTowns {
  area: Area;
  rows: number[][];
}

/** What people read: by kind, by access fact, by state, and what `remaining` counts by kind. */
export interface Labels {
  kinds?: Record<string, string>;
  facts?: Record<string, string>;
  states?: Record<string, string>;
  units?: Record<string, string>;
}

/** What a pack and a page of changes have in common. */
export interface Body {
  format: string;
  region: string;
  areas: Area[];
  language: string;
  cursor: string;
  day: string;
  until: string;
  kinds: [string, number, number][];
  facts: string[];
  zones: Zone[];
  schedules: WireSchedule[];
  sites: Table;
  services: Table;
}

export interface Pack extends Body {
  labels: Labels;
  towns: WireTowns[];
}

export interface Changes extends Body {
  gone: string[];
  more: boolean;
}

/** What was received is no pack, or not one this client can read. */
export class PackError extends Error {
  override name = "PackError";
}

/**
 * The body that a text holds.
 *
 * @throws PackError if it is no JSON object of a known format
 */
export function parsed(text: string): Body {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new PackError("This is not JSON.");
  }
  if (typeof body !== "object" || body === null) throw new PackError("This is not an object.");
  const { format } = body as { format?: unknown };
  if (format !== FORMAT) throw new PackError(`The format is not ${FORMAT}.`);
  return body as Body;
}

/** A table's columns as they were before packing: one value a row each. */
export function unpacked(table: Table): { rows: number; columns: Map<string, unknown[]> } {
  const rows = rowsOf(table);
  const columns = new Map<string, unknown[]>();
  for (const [name, column] of Object.entries(table)) {
    const values = plain(column, rows);
    if (values.length !== rows) throw new PackError(`The column ${name} has another length.`);
    columns.set(name, values);
  }
  return { rows, columns };
}

/** How many rows there are. A table of nothing but `all` has one: it says no other number. */
function rowsOf(table: Table): number {
  const columns = Object.values(table);
  for (const column of columns) {
    if (Array.isArray(column)) return column.length;
    if ("is" in column) return column.is.length;
  }
  return columns.length === 0 ? 0 : 1;
}

function plain(column: Column, rows: number): unknown[] {
  if (Array.isArray(column)) return column;
  if ("is" in column) return column.is.map((n) => (n < 0 ? null : (column.of[n] ?? null)));
  return new Array<unknown>(rows).fill(column.all);
}

/** A table's rows as objects of the columns named; a column that is not there is null. */
export function rowsAsObjects(table: Table, names: readonly string[]): Record<string, unknown>[] {
  const { rows, columns } = unpacked(table);
  const wanted = names.map((name) => [name, columns.get(name)] as const);
  return Array.from({ length: rows }, (_, row) => {
    const entries = wanted.map(([name, values]) => [name, values?.[row] ?? null]);
    return Object.fromEntries(entries) as Record<string, unknown>;
  });
}
