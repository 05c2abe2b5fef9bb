/** What a queue keeps to: over restarts, between processes, and on a disk that fails. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MemoryStorage } from "../src/storage.ts";
import { aQueue, fill } from "./a_queue.ts";
import { NOON, uuid } from "./builders.ts";
import { say, serve } from "./loopback.ts";
import { refuse, serveReports } from "./reports_server.ts";
import type { Fault } from "./reports_server.ts";

test("neither another call nor a restart begins to hurry", async (context) => {
  const server = await serveReports(context, { faults: [refuse(429, { "Retry-After": "3600" })] });
  const storage = new MemoryStorage();
  let now = NOON;
  const options = { storage, clock: () => now * 1000 };
  const [queue, slept] = aQueue(server.base, options);
  await fill(queue, 1);
  for (let n = 0; n < 3; n++) assert.equal((await queue.send({ tries: 1 })).waiting, 1);
  const [later, sleptLater] = aQueue(server.base, options);
  await later.send({ tries: 1 });
  assert.equal(server.asked.length, 1);
  now += 600;
  assert.equal((await later.send()).taken, 1);
  assert.deepEqual([slept, sleptLater], [[], [3_000_000]]);
});

test("waits grow over restarts, and a success ends them", async (context) => {
  const faults = Array<Fault>(4).fill(refuse(503));
  const server = await serveReports(context, { faults });
  const storage = new MemoryStorage();
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  await fill(aQueue(server.base, { storage })[0], 1);
  for (const tries of [2, 3]) await aQueue(server.base, { storage, sleep })[0].send({ tries });
  assert.deepEqual(slept, [500, 1000, 2000]);
  await aQueue(server.base, { storage, sleep })[0].send();
  assert.deepEqual(await storage.keys(""), []);
});

test("a clock that was set back, and a wait of years, hold up nothing", async (context) => {
  const faults = [refuse(503, { "Retry-After": "9".repeat(12) }), refuse(503)];
  const server = await serveReports(context, { faults });
  const storage = new MemoryStorage();
  let now = NOON;
  const [queue] = aQueue(server.base, { storage, clock: () => now * 1000 });
  await fill(queue, 1);
  await queue.send({ tries: 1 });
  now += 86_401;
  await queue.send({ tries: 1 });
  assert.equal(server.asked.length, 2);
  now -= 1_000_000;
  assert.equal((await queue.send({ tries: 1 })).taken, 1);
});

test("who has just signed in does not wait", async (context) => {
  const server = await serveReports(context, { faults: [refuse(503, { "Retry-After": "3600" })] });
  const [queue] = aQueue(server.base);
  await fill(queue, 1);
  await queue.send({ tries: 1 });
  queue.signIn("token");
  assert.equal((await queue.send({ tries: 1 })).taken, 1);
});

test("a refused token is not used again after a restart, and not kept", async (context) => {
  const server = await serveReports(context, { token: "new" });
  const storage = new MemoryStorage();
  const token = "a-secret-of-somebody";
  await fill(aQueue(server.base, { storage })[0], 1);
  for (let n = 0; n < 3; n++) await aQueue(server.base, { storage, token })[0].send();
  assert.equal(server.asked.length, 1);
  for (const key of await storage.keys("")) {
    assert.ok(!`${await storage.get(key)}`.includes("secret"));
  }
  assert.equal((await aQueue(server.base, { storage, token: "new" })[0].send()).taken, 1);
});

const strangers: [string, (ids: string[]) => unknown][] = [
  ["other reports", () => [{ id: uuid(1, 99), status: 200 }]],
  ["more reports than were sent", (ids) => [...ids, ids[0]].map((id) => ({ id, status: 200 }))],
  ["something else", () => [{ status: "200" }]],
];
for (const [name, results] of strangers) {
  test(`for an answer about ${name} nothing is forgotten`, async (context) => {
    const ids = [uuid(1, 7), uuid(2, 7)];
    const strange: Fault = (response) => say(response, 200, { results: results(ids) });
    const server = await serveReports(context, { faults: [strange] });
    const [queue] = aQueue(server.base);
    await fill(queue, 2);
    assert.equal((await queue.send({ tries: 1 })).waiting, 2);
    assert.equal((await queue.send()).taken, 2);
  });
}

test("one that spoils a whole batch is found", async (context) => {
  const spoilt: Fault = (response) =>
    say(response, 400, { status: 400 }, { "Content-Type": "application/problem+json" });
  const server = await serveReports(context, { faults: [spoilt, spoilt, spoilt] });
  const [queue, slept] = aQueue(server.base);
  await fill(queue, 4);
  assert.equal((await queue.send()).taken, 3);
  assert.deepEqual((await queue.refused()).map(({ report }) => report.id), [uuid(1, 7)]);
  assert.deepEqual(slept, []);
});

test("a 400 of somebody on the way is a fault like others", async (context) => {
  const server = await serveReports(context, { faults: [refuse(400)] });
  const [queue] = aQueue(server.base);
  await fill(queue, 1);
  assert.equal((await queue.send({ tries: 1 })).waiting, 1);
});

test("a redirect gets neither reports nor the token", async (context) => {
  const elsewhere = await serve(context, (_asked, response) => say(response, 200, {}));
  const away = refuse(307, { Location: elsewhere.base });
  const server = await serveReports(context, { faults: [away] });
  const [queue] = aQueue(server.base);
  await fill(queue, 1);
  assert.equal((await queue.send({ tries: 1 })).waiting, 1);
  assert.equal(elsewhere.asked.length, 0);
});

test("two queues over one storage send all, and count none twice", async (context) => {
  const server = await serveReports(context);
  const storage = new MemoryStorage();
  const one = aQueue(server.base, { storage })[0];
  const other = aQueue(server.base, { storage, newId: () => uuid((last += 1), 8) })[0];
  let last = 0;
  await fill(one, 3);
  await fill(other, 3);
  await fill(one, 1);
  assert.equal((await one.waiting()).length, 7);
  await Promise.all([one.send(), other.send()]);
  assert.deepEqual([await one.waiting(), await other.waiting()], [[], []]);
  assert.equal(server.counted.length, 7);
});

test("a report that is not on the disk is not said to be", async () => {
  const storage = new MemoryStorage();
  const set = storage.set.bind(storage);
  const [queue] = aQueue("http://localhost", { storage });
  storage.set = () => Promise.reject(new Error("ENOSPC"));
  await assert.rejects(fill(queue, 1), /ENOSPC/);
  storage.set = set;
  assert.deepEqual(await queue.waiting(), []);
  await fill(queue, 1);
  assert.equal((await queue.waiting()).length, 1);
});

test("on a full disk what is refused holds up nothing", async (context) => {
  const server = await serveReports(context, {
    statusOf: ({ note }) => (note === "wrong" ? 400 : null),
  });
  const storage = new MemoryStorage();
  const [queue] = aQueue(server.base, { storage });
  await fill(queue, 1, { note: "wrong" });
  await fill(queue, 2);
  const set = storage.set.bind(storage);
  storage.set = () => Promise.reject(new Error("ENOSPC"));
  await assert.rejects(queue.send(), /ENOSPC/);
  assert.deepEqual((await queue.waiting()).map(({ note }) => note), ["wrong"]);
  storage.set = set;
  assert.equal((await queue.send()).refused, 1);
});

test("a report that is half on the disk is left there, and holds up nothing", async (context) => {
  const server = await serveReports(context);
  const storage = new MemoryStorage();
  const broken = ["", '{"rep', "[]", '{"report":null}', '{"report":{}}'];
  for (const [n, text] of broken.entries()) await storage.set(`reports/00000000000${n}-x`, text);
  const [queue] = aQueue(server.base, { storage });
  await fill(queue, 2);
  assert.equal((await queue.send()).taken, 2);
  assert.equal((await storage.keys("reports/")).length, broken.length);
});
