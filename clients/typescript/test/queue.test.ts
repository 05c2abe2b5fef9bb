import assert from "node:assert/strict";
import { test } from "node:test";

import { ReportQueue } from "../src/queue.ts";
import { MemoryStorage } from "../src/storage.ts";
import { aQueue, fill } from "./a_queue.ts";
import { uuid } from "./builders.ts";
import { refuse, serveReports } from "./reports_server.ts";
import type { Fault } from "./reports_server.ts";

test("a report gets its id and its moment when it is queued", async (context) => {
  const server = await serveReports(context);
  const [queue, slept] = aQueue(server.base);
  const queued = await queue.add({ service: uuid(1), state: "available", remaining: 3 });
  assert.equal(queued.observed_at, "2026-11-27T19:00:00.000Z");
  assert.deepEqual(await queue.waiting(), [queued]);
  const sent = await queue.send();
  assert.deepEqual(sent, { taken: 1, refused: 0, waiting: 0, signed_out: false });
  assert.deepEqual(JSON.parse(server.stored.get(queued.id) ?? ""), queued);
  assert.deepEqual(slept, []);
});

test("reports outlive the app, in their order", async (context) => {
  const server = await serveReports(context);
  const storage = new MemoryStorage();
  const [before] = aQueue(server.base, { storage });
  await fill(before, 12);
  const waiting = await before.waiting();
  const [after] = aQueue(server.base, { storage, newId: () => uuid(99, 8) });
  await fill(after, 1);
  assert.deepEqual((await after.waiting()).slice(0, 12), waiting);
  await after.send();
  assert.deepEqual(server.counted, [...waiting.map(({ id }) => id), uuid(99, 8)]);
  assert.deepEqual(await aQueue(server.base, { storage })[0].waiting(), []);
});

test("batches hold no more than five hundred, nor more than two megabytes", async (context) => {
  const server = await serveReports(context);
  const [queue] = aQueue(server.base);
  await fill(queue, 501);
  await fill(queue, 3, { note: "é".repeat(400_000) });
  await queue.send();
  assert.deepEqual(server.batches, [500, 3, 1]);
  for (const { body } of server.asked) assert.ok(Buffer.byteLength(body) <= 2_000_000);
});

test("who is signed out keeps all, and sends nothing until there is a token", async (context) => {
  const server = await serveReports(context, { token: "new" });
  let told = 0;
  const [queue] = aQueue(server.base, { onSignedOut: () => (told += 1) });
  await fill(queue, 2);
  const stopped = { taken: 0, refused: 0, waiting: 2, signed_out: true };
  assert.deepEqual(await queue.send(), stopped);
  assert.deepEqual(await queue.send(), stopped);
  assert.deepEqual([server.asked.length, told], [1, 1]);
  queue.signIn("new");
  assert.equal((await queue.send()).taken, 2);
});

test("without a token nothing is sent", async (context) => {
  const server = await serveReports(context);
  const [queue] = aQueue(server.base, { token: null });
  await fill(queue, 1);
  assert.equal((await queue.send()).signed_out, true);
  assert.equal(server.asked.length, 0);
});

test("what is refused is set aside with its problem and holds up no other", async (context) => {
  const refusals = [400, 404, 409, 410, 422];
  const server = await serveReports(context, {
    statusOf: ({ service }) => refusals[Number(`0x${service.slice(-2)}`)] ?? null,
  });
  const storage = new MemoryStorage();
  const [queue] = aQueue(server.base, { storage });
  await fill(queue, 8);
  const sent = await queue.send();
  assert.deepEqual(sent, { taken: 3, refused: 5, waiting: 0, signed_out: false });
  const [again] = aQueue(server.base, { storage });
  const problems = (await again.refused()).map(({ problem }) => problem);
  assert.deepEqual(problems, refusals.map((status) => ({ status })));
});

test("a refused report is dropped, or mended and sent as another one", async (context) => {
  const server = await serveReports(context, {
    statusOf: ({ state }) => (state === "splendid" ? 400 : null),
  });
  const [queue] = aQueue(server.base);
  await fill(queue, 2, { state: "splendid" });
  await queue.send();
  const [one, other] = await queue.refused();
  assert.ok(one && other);
  await queue.drop(one.report.id);
  const mended = await queue.mend(other.report.id, { state: "full" });
  assert.deepEqual(await queue.refused(), []);
  assert.equal((await queue.send()).taken, 1);
  assert.deepEqual(server.counted, [mended?.id]);
  assert.equal(mended?.observed_at, other.report.observed_at);
});

test("reports that the server stumbles over go behind the others", async (context) => {
  let stumbles = 700;
  const server = await serveReports(context, {
    statusOf: ({ note }) => (note === "poison" && stumbles-- > 0 ? 500 : null),
  });
  const [queue, slept] = aQueue(server.base);
  await fill(queue, 500, { note: "poison" });
  await fill(queue, 3);
  assert.equal((await queue.send()).taken, 503);
  assert.deepEqual(server.counted.slice(0, 3), [501, 502, 503].map((n) => uuid(n, 7)));
  assert.ok(slept.length > 0);
});

test("a result that is missing keeps its report", async (context) => {
  const short: Fault = (response, results) => {
    const all = (results() as { results: unknown[] }).results;
    response.end(JSON.stringify({ results: [all[0], null] }));
  };
  const server = await serveReports(context, { faults: [short] });
  const [queue] = aQueue(server.base);
  await fill(queue, 3);
  assert.equal((await queue.send()).taken, 3);
  assert.deepEqual(server.batches, [3, 2]);
});

test("batches that are too large are halved", async (context) => {
  const server = await serveReports(context, { most: 3 });
  const [queue, slept] = aQueue(server.base);
  await fill(queue, 8);
  assert.equal((await queue.send()).taken, 8);
  assert.deepEqual(server.batches, [8, 4, 2, 2, 2, 2]);
  assert.deepEqual(slept, []);
});

test("a single report that is too large is refused, and the others go on", async (context) => {
  const tooLarge: Fault = refuse(413);
  const server = await serveReports(context, { faults: [tooLarge, tooLarge] });
  const [queue] = aQueue(server.base);
  await fill(queue, 2);
  const sent = await queue.send();
  assert.deepEqual(sent, { taken: 1, refused: 1, waiting: 0, signed_out: false });
  assert.deepEqual((await queue.refused()).map(({ problem }) => problem), [{ status: 413 }]);
});

test("who gives up after some failures keeps everything", async (context) => {
  const server = await serveReports(context, { faults: Array<Fault>(9).fill(refuse(503)) });
  const [queue] = aQueue(server.base);
  await fill(queue, 1);
  assert.equal((await queue.send({ tries: 3 })).waiting, 1);
  assert.equal(server.asked.length, 3);
});

test("a queue that is told to stop wakes up and comes to an end", async (context) => {
  const server = await serveReports(context, { faults: [refuse(503, { "Retry-After": "3600" })] });
  const { sleep: _sleep, ...rest } = { sleep: null, storage: new MemoryStorage(), token: "token" };
  const queue = new ReportQueue({ base: server.base, ...rest });
  await queue.add({ service: uuid(1), state: "full" });
  const sent = queue.send();
  while (server.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  queue.stop();
  assert.equal((await sent).waiting, 1);
});

test("two calls of send at once send nothing twice", async (context) => {
  const server = await serveReports(context);
  const [queue] = aQueue(server.base);
  await fill(queue, 2);
  await Promise.all([queue.send(), queue.send()]);
  assert.equal(server.asked.length, 1);
});
