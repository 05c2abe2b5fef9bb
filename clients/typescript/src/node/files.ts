/** Storage in a folder, for node. Several processes may use a folder. */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Storage } from "../storage.ts";

const UNFINISHED = "#"; // no key's file name holds it, nor the next
const RUN = randomUUID(); // of this process: another may have had its number before
const SHORTENED = "=";
const LONGEST_NAME = 200; // systems allow 255 bytes
const LETTERS_KEPT = 100;
const LONGEST_KEY = 2_000; // bytes of the first line of a file with a shortened name

export class FileStorage implements Storage {
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The storage in a folder, which is made if need be, for its owner alone. */
  static async open(folder: string): Promise<FileStorage> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = (await readdir(folder)).filter(isLeftBehind);
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
    return new FileStorage(folder);
  }

  async keys(prefix: string): Promise<string[]> {
    const names = (await readdir(this.folder)).filter((name) => !name.includes(UNFINISHED));
    const keys = await Promise.all(names.map((name) => this.keyOf(name)));
    return keys.filter((key) => key !== null).filter((key) => key.startsWith(prefix));
  }

  async get(key: string): Promise<string | null> {
    const text = await unlessGone(readFile(this.path(key), "utf8"));
    return text === null ? null : text.slice(headOf(key).length);
  }

  async set(key: string, text: string): Promise<void> {
    const unfinished = join(this.folder, `${UNFINISHED}${process.pid}.${RUN}.${randomUUID()}`);
    try {
      await writeDown(unfinished, headOf(key) + text);
      await rename(unfinished, this.path(key));
    } catch (error) {
      await rm(unfinished, { force: true }); // a full disk needs the room
      throw error;
    }
    await this.settle();
  }

  async remove(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
    await this.settle();
  }

  /** A new name is on the disk only once its folder is. */
  private async settle(): Promise<void> {
    const folder = await open(this.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  private path(key: string): string {
    return join(this.folder, nameOf(key));
  }

  /** The key of a file; null if somebody has just removed it. */
  private async keyOf(name: string): Promise<string | null> {
    if (!name.includes(SHORTENED)) return decodeURIComponent(name);
    const file = await unlessGone(open(join(this.folder, name), "r"));
    if (file === null) return null;
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_KEY), 0, LONGEST_KEY, 0);
      const [head = ""] = buffer.toString("utf8", 0, bytesRead).split("\n");
      return decodeURIComponent(head);
    } finally {
      await file.close();
    }
  }
}

/** A key's file. A union of many regions has a name too long for one: the file tells the rest. */
function nameOf(key: string): string {
  const name = encodeURIComponent(key);
  if (name.length <= LONGEST_NAME) return name;
  if (name.length >= LONGEST_KEY) throw new RangeError("This key is too long.");
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${name.slice(0, LETTERS_KEPT)}${SHORTENED}${hash}`;
}

/** What stands before the text of a file with a shortened name: its key. */
function headOf(key: string): string {
  const name = encodeURIComponent(key);
  return name.length <= LONGEST_NAME ? "" : `${name}\n`;
}

async function writeDown(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether a file was never finished, and whoever wrote it is no more. */
function isLeftBehind(name: string): boolean {
  if (!name.startsWith(UNFINISHED)) return false;
  const writer = parseInt(name.slice(UNFINISHED.length), 10);
  return writer === process.pid ? !name.includes(RUN) : !isRunning(writer);
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** What is there, or null. */
async function unlessGone<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}
