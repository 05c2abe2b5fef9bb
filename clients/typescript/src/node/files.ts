/** Storage in a folder, for node. One process at a time may use a folder. */

import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import type { Storage } from "../storage.ts";

const UNFINISHED = "#"; // no key's file name holds it

export class FileStorage implements Storage {
  private readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The storage in a folder, which is made if need be, for its owner alone. */
  static async open(folder: string): Promise<FileStorage> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const left = (await readdir(folder)).filter((name) => name.includes(UNFINISHED));
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
    return new FileStorage(folder);
  }

  async keys(prefix: string): Promise<string[]> {
    const names = (await readdir(this.folder)).filter((name) => !name.includes(UNFINISHED));
    return names.map(decodeURIComponent).filter((key) => key.startsWith(prefix));
  }

  async get(key: string): Promise<string | null> {
    try {
      return await readFile(this.path(key), "utf8");
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return null;
      throw error;
    }
  }

  async set(key: string, text: string): Promise<void> {
    const unfinished = join(this.folder, `${UNFINISHED}${randomUUID()}`);
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, this.path(key));
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
    return join(this.folder, encodeURIComponent(key));
  }
}
