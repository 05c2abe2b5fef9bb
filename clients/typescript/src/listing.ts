/** What a phone holds of sites and services. Times are POSIX seconds, 0 for never. */

import { answerOf, bitOf } from "./facts.ts";
import type { Schedule } from "./hours.ts";
import type { Zone } from "./zones.ts";

export type State =
  | "available"
  | "limited"
  | "waitlist"
  | "full"
  | "closed_temporarily"
  | "unknown";

/** A door on the map, a van's stop, or a remote service. */
export interface Site {
  id: string;
  name: string;
  organization: string;
  address: string | null;
  city: string;
  region: string;
  postal_code: string;
  country: string;
  lat: number | null;
  lon: number | null;
  phones: [string, string | null, string][];
  website: string;
  zone: Zone;
  visibility: string;
  location_accuracy: string;
  delivery: string;
  confirmed_at: number;
}

/** One kind of help at one site. */
export interface Service {
  id: string;
  site: Site;
  kind: Kind;
  name: string | null; // null: its site's
  description: string;
  access_yes: number; // bits, see facts.ts
  access_no: number;
  languages: string[];
  min_age: number | null;
  max_age: number | null;
  care: Schedule | null; // when new people are taken in; null if unknown
  door: Schedule | null;
  windows: Record<string, string>;
  prior: number | null; // learned for this very service; null: its kind's
  evidence_for: number;
  evidence_against: number;
  evidence_at: number;
  state: State;
  remaining: number | null;
  wait_days: number | null;
  note: string;
  as_of: number;
  expires_at: number;
  reported_by: string;
  disputed: boolean;
  closed_at: number;
  closed_until: number;
  closed_by: string;
  confirmed_at: number;
}

/** A kind of help: the chance to be served when nothing is known, and how fast reports fade. */
export interface Kind {
  name: string;
  prior: number;
  half_life_minutes: number;
}

/** Columns that are taken over as they are. */
export const PLAIN_OF_SITES = [
  "id",
  "name",
  "organization",
  "address",
  "city",
  "region",
  "postal_code",
  "country",
  "lat",
  "lon",
  "phones",
  "website",
  "visibility",
  "location_accuracy",
  "delivery",
  "confirmed_at",
] as const;

export const PLAIN_OF_SERVICES = [
  "id",
  "name",
  "description",
  "languages",
  "min_age",
  "max_age",
  "windows",
  "prior",
  "evidence_for",
  "evidence_against",
  "evidence_at",
  "state",
  "remaining",
  "wait_days",
  "note",
  "as_of",
  "expires_at",
  "reported_by",
  "disputed",
  "closed_at",
  "closed_until",
  "closed_by",
  "confirmed_at",
] as const;

/** How a service is reached, as ranking sees it. */
export type Reach = "map" | "area" | "remote";

/** Whether one travels to a site, finds it somewhere in its area, or stays where one is. */
export function reachOf(site: Site): Reach {
  if (site.lat !== null && site.lon !== null) return "map";
  return site.delivery === "remote" ? "remote" : "area";
}

/** What a service is called. */
export function nameOf(service: Service): string {
  return service.name || service.site.name;
}

/** What a service says of an access fact; null if nobody knows. */
export function accessOf(service: Service, fact: string): boolean | null {
  return answerOf(service.access_yes, service.access_no, bitOf(fact));
}

/** The state at a POSIX second: unknown once it has expired. */
export function stateAt(service: Service, at: number): State {
  if (at < service.closed_until) return "closed_temporarily";
  return at < service.expires_at ? service.state : "unknown";
}
