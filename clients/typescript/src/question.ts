/** What is asked, and what is found. A question is kept nowhere and sent to nobody. */

import type { Service } from "./listing.ts";
import type { Mode } from "./ranking.ts";

/** What somebody asks for. */
export interface Question {
  lat: number; // degrees
  lon: number;
  at: number; // POSIX seconds
  kinds?: string[]; // empty for all
  mode?: Mode; // transit, if left out
  open_now?: boolean;
  available_only?: boolean;
  max_km?: number | null; // null for no limit
  access?: Record<string, boolean>; // fact → the answer wanted
  strict?: boolean; // an unknown fact hides a service instead of being marked
  limit?: number; // 20, if left out
  offset?: number;
}

/** What can be given up until something is found, in this order. */
export type Wish = "max_km" | "available_only" | "open_now" | "access" | "areas" | "kinds";

/** A question with everything said. */
export interface Ask {
  lat: number;
  lon: number;
  at: number;
  speedKmh: number;
  kinds: ReadonlySet<string>;
  areas: ReadonlySet<string>; // keys, see areas.ts
  open_now: boolean;
  available_only: boolean;
  maxM: number; // infinite for no limit
  access: Readonly<Record<string, boolean>>;
  strict: boolean;
}

/** One service that was found, with the parts its rank is made of. */
export interface Result {
  id: string;
  rank: number;
  service: Service;
  distance_m: number | null; // null without a point on the map
  travel_minutes: number;
  wait_minutes: number;
  p_open: number;
  p_served: number;
  expected_minutes: number;
  unmet: string[]; // wishes of which nobody knows whether they are met
}

export interface Answer {
  results: Result[];
  /** Wishes that were given up, since nothing met all of them. */
  relaxed: Wish[];
}
