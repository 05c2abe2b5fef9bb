import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStorage } from "../src/storage.ts";
import { aQueue, fill } from "./a_queue.ts";
import { NOON, uuid } from "./builders.ts";
import { hotspot, losing, refuse, serveReports, silent } from "./reports_server.ts";
import type { Fault } from "./reports_server.ts";

const faults: [string, Fault][] = [
  ["408", refuse(408)],
  ["425", refuse(425)],
  ["429", refuse(429)],
  ["500", refuse(500)],
  ["503", refuse(503)],
  ["a page of a hotspot", hotspot],
  ["an answer lost after all was stored", losing("whole")],
  ["half an answer after all was stored", losing("half")],
  ["no results", (response) => void response.end('{"results": 3}')],
];
for (const [name, fault] of faults) {
  test(`after ${name} everything stays, and is counted once in the end`, async (context) => {
    const server = await serveReports(context, { faults: [fault, fault] });
    const [queue, slept] = aQueue(server.base);
    await fill(queue, 3);
    const sent = await queue.send();
    assert.equal(sent.taken, 3);
    assert.equal(new Set(server.counted).size, 3);
    assert.equal(server.counted.length, 3);
    assert.deepEqual(slept, [500, 1000]);
    assert.equal(new Set(server.asked.map(({ body }) => body)).size, 1);
  });
}

test("a server that takes the request and falls silent is asked again", async (context) => {
  const server = await serveReports(context, { faults: [silent] });
  const [queue] = aQueue(server.base, { timeoutMs: 100 });
  await fill(queue, 2);
  assert.equal((await queue.send()).taken, 2);
  assert.equal(server.counted.length, 2);
});

test("the wait doubles up to five minutes, and a success ends it", async (context) => {
  const server = await serveReports(context, { faults: Array<Fault>(12).fill(refuse(503)) });
  const [queue, slept] = aQueue(server.base, { random: () => 1 });
  await fill(queue, 1);
  await queue.send();
  const seconds = slept.map((ms) => ms / 1000);
  assert.deepEqual(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test("a longer Retry-After is kept to, in seconds or as a date", async (context) => {
  const date = new Date((NOON + 90) * 1000).toUTCString();
  const asking = ["120", date, "0", "soon"].map((after) => refuse(503, { "Retry-After": after }));
  const server = await serveReports(context, { faults: asking });
  const [queue, slept] = aQueue(server.base);
  await fill(queue, 1);
  await queue.send();
  assert.deepEqual(slept, [120_000, 90_000, 2_000, 4_000]);
});

test("whatever fails, each of a thousand reports is counted once", async (context) => {
  const kinds = [losing("whole"), losing("half"), refuse(503), refuse(429), hotspot];
  const all = Array.from({ length: 40 }, (_, n) => kinds[n % kinds.length] as Fault);
  const server = await serveReports(context, { faults: all, most: 100 });
  const storage = new MemoryStorage();
  let last = 0;
  for (let restart = 0; restart < 10; restart++) {
    const [queue] = aQueue(server.base, { storage, newId: () => uuid((last += 1), 9) });
    await fill(queue, 100);
    await queue.send({ tries: 3 });
  }
  await aQueue(server.base, { storage })[0].send();
  assert.equal(server.counted.length, 1000);
  assert.equal(new Set(server.counted).size, 1000);
});
