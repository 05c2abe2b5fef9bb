/** A server of reports that fails as servers do: it stores, and then may not answer. */

import type { ServerResponse } from "node:http";
import type { TestContext } from "node:test";

import type { QueuedReport } from "../src/reports.ts";
import { say, serve } from "./loopback.ts";
import type { Asked, Loopback } from "./loopback.ts";

/** What becomes of one request; each may look at what was asked. */
export type Fault = (response: ServerResponse, results: () => unknown) => void;

export interface ReportsServer extends Loopback {
  stored: Map<string, string>; // id → the report as it came first
  counted: string[]; // ids, each as often as it was counted
  batches: number[]; // how many reports each request held
}

export interface Behaviour {
  token?: string;
  faults?: Fault[]; // of the first requests, in order; then all goes well
  statusOf?: (report: QueuedReport) => number | null; // null: as usual
  most?: number; // reports in a batch
}

export async function serveReports(
  context: TestContext,
  behaviour: Behaviour = {},
): Promise<ReportsServer> {
  const stored = new Map<string, string>();
  const counted: string[] = [];
  const batches: number[] = [];
  const faults = [...(behaviour.faults ?? [])];
  const store = (report: QueuedReport): unknown => {
    const status = behaviour.statusOf?.(report) ?? null;
    if (status !== null) return { id: report.id, status, problem: { status } };
    const text = JSON.stringify(report);
    const before = stored.get(report.id);
    if (before !== undefined) return { id: report.id, status: before === text ? 200 : 409 };
    stored.set(report.id, text);
    counted.push(report.id);
    return { id: report.id, status: 201, report };
  };
  const loopback = await serve(context, (asked: Asked, response) => {
    const reports = (JSON.parse(asked.body) as { reports: QueuedReport[] }).reports;
    batches.push(reports.length);
    if (asked.headers.authorization !== `Bearer ${behaviour.token ?? "token"}`) {
      return say(response, 401, {});
    }
    if (reports.length > (behaviour.most ?? 500)) return say(response, 413, { status: 413 });
    const results = (): unknown => ({ results: reports.map(store) });
    const fault = faults.shift();
    if (fault !== undefined) return fault(response, results);
    say(response, 200, results());
  });
  return { ...loopback, stored, counted, batches };
}

/** Answer with a status, and store nothing. */
export function refuse(status: number, headers: Record<string, string> = {}): Fault {
  return (response) => say(response, status, { status }, headers);
}

/** Store all, and lose the answer on the way: none of it, or half of it, arrives. */
export function losing(answer: "whole" | "half"): Fault {
  return (response, results) => {
    const text = JSON.stringify(results());
    if (answer === "whole") return void response.destroy();
    response.writeHead(200, { "Content-Length": text.length });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };
}

/** Store all, and say nothing, for ever. */
export const silent: Fault = (_response, results) => {
  results();
};

/** Answer as a hotspot's sign-in page does. */
export const hotspot: Fault = (response) => {
  say(response, 200, "<html>Accept our terms</html>", { "Content-Type": "text/html" });
};
