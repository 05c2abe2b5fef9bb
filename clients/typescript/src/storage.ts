/** Where a phone keeps what must outlive the app: texts by key. */

/**
 * Implement it over whatever the platform has. `set` must be atomic: after a crash a key has its
 * old text or its new one. What `set` and `remove` did must be on the disk when they are done.
 */
export interface Storage {
  keys(prefix: string): Promise<string[]>;
  get(key: string): Promise<string | null>;
  set(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Keeps nothing over a restart: for tests, and to try things out. */
export class MemoryStorage implements Storage {
  private readonly texts: Map<string, string> = new Map();

  async keys(prefix: string): Promise<string[]> {
    return [...this.texts.keys()].filter((key) => key.startsWith(prefix));
  }

  async get(key: string): Promise<string | null> {
    return this.texts.get(key) ?? null;
  }

  async set(key: string, text: string): Promise<void> {
    this.texts.set(key, text);
  }

  async remove(key: string): Promise<void> {
    this.texts.delete(key);
  }
}
