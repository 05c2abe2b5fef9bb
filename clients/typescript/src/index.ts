/** Harm-reduction services on a phone without signal. See README.md. */

export type { PackEntry, PackList } from "./directory.ts";
export { NoSuchRegionError, PackRefusedError } from "./directory.ts";
export { allFacts } from "./facts.ts";
export type { DoorState, Schedule } from "./hours.ts";
export { doorState, isOpen } from "./hours.ts";
export { HttpError, NetworkError } from "./http.ts";
export type { Kind, Service, Site, State } from "./listing.ts";
export { accessOf, nameOf, stateAt } from "./listing.ts";
export type { Changes, Pack } from "./pack.ts";
export { PackError, parsed } from "./pack.ts";
export type { Answer, Question, Result, Wish } from "./question.ts";
export type { QueueOptions, Sent } from "./queue.ts";
export { ReportQueue } from "./queue.ts";
export type { QueuedReport, RefusedReport, Report } from "./reports.ts";
export { search } from "./search.ts";
export type { Storage } from "./storage.ts";
export { MemoryStorage } from "./storage.ts";
export { Store } from "./store.ts";
export type { SyncOptions } from "./sync.ts";
export { Sync } from "./sync.ts";
export type { Verifier } from "./trust.ts";
export { webCryptoVerifier } from "./trust.ts";
export { packOf } from "./writing.ts";
