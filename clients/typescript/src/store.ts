/** The services of one region, as a phone holds them. */

import type { Kind, Service, Site } from "./listing.ts";
import type { Area, Body, Changes, Labels, Pack, WireTowns } from "./pack.ts";
import { plainId, servicesOf, Shared } from "./reading.ts";
import { townsOf } from "./towns.ts";
import type { Towns } from "./towns.ts";

export class Store {
  readonly region: string;
  readonly areas: Area[];
  readonly language: string;
  readonly labels: Labels;
  readonly towns: Towns;
  /** As the pack told them. */
  readonly toldTowns: WireTowns[];
  /** Where `GET /changes/` goes on. */
  cursor: string;
  /** UTC days from and until which hours are told with their exceptions. */
  day: string;
  until: string;
  /** Grows with each change, so that what was worked out from the services can be known as old. */
  version = 0;
  readonly services: Map<string, Service> = new Map();
  private readonly sites: Map<string, Site> = new Map();
  private readonly shared: Shared = new Shared();

  /** @throws PackError if the pack contradicts itself */
  constructor(pack: Pack) {
    this.region = pack.region;
    this.areas = pack.areas;
    this.language = pack.language;
    this.labels = pack.labels ?? {};
    this.toldTowns = pack.towns ?? [];
    this.towns = townsOf(this.toldTowns);
    this.cursor = pack.cursor;
    this.day = pack.day;
    this.until = pack.until;
    this.take(pack);
  }

  /** All kinds, in order. */
  get kinds(): Kind[] {
    return [...this.shared.kinds.values()];
  }

  /**
   * Take a page of changes in. To take one in again does no harm.
   *
   * @throws PackError if the page contradicts itself; nothing has changed then
   */
  apply(page: Changes): void {
    this.take(page);
    this.remove(page.gone ?? []);
    this.cursor = page.cursor;
  }

  private take(body: Body): void {
    const { services, sites } = servicesOf(body, this.shared);
    for (const site of sites) this.put(site);
    for (const service of services) {
      service.site = this.sites.get(service.site.id) ?? service.site;
      this.services.set(service.id, service);
    }
    if (services.length > 0) this.version += 1;
  }

  /** A site is told wholly, for all of its services: those held already see it change. */
  private put(site: Site): void {
    const known = this.sites.get(site.id);
    if (known === undefined) this.sites.set(site.id, site);
    else Object.assign(known, site);
  }

  private remove(ids: string[]): void {
    const gone = ids.filter((id) => this.services.delete(plainId(id)));
    if (gone.length === 0) return;
    this.version += 1;
    this.forgetEmptySites();
  }

  /** What is listed no longer, a hidden site among it, must not lie about on a phone. */
  private forgetEmptySites(): void {
    const used = new Set([...this.services.values()].map((service) => service.site.id));
    for (const id of this.sites.keys()) if (!used.has(id)) this.sites.delete(id);
  }
}
