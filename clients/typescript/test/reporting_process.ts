/** A process that reports until it is killed: `node reporting_process.ts FOLDER BASE`. */

import { FileStorage } from "../src/node/files.ts";
import { ReportQueue } from "../src/queue.ts";
import { uuid } from "./builders.ts";

const SENT_EVERY = 4;

const [folder = "", base = ""] = process.argv.slice(2);
const storage = await FileStorage.open(folder);
const queue = new ReportQueue({ base, storage, token: "token" });
for (let n = 0; ; n++) {
  const { id } = await queue.add({ service: uuid(n), state: "full" });
  process.stdout.write(`${id}\n`);
  if (n % SENT_EVERY === 0) void queue.send({ tries: 1 });
}
