/**
 * A bounded number of open file handles, least recently used first out. Invariant: at most `limit` handles are open or
 * being opened, a handle in use is never closed, and one file has at most one handle.
 */
import type { FileHandle } from "node:fs/promises";

interface Entry {
  readonly writable: boolean;
  readonly handle: Promise<FileHandle>;
  users: number;
}

export interface HandlePool {
  /** Lends the file's handle to `task`, opening it first when needed. */
  use<T>(file: number, write: boolean, task: (handle: FileHandle) => Promise<T>): Promise<T>;
  readonly openCount: number;
  /** Waits for the tasks that run, then closes every handle. */
  close(): Promise<void>;
}

export function createHandlePool(
  limit: number,
  open: (file: number, write: boolean) => Promise<FileHandle>,
): HandlePool {
  /** In order of last use, oldest first. */
  const entries = new Map<number, Entry>();
  const waiting: (() => void)[] = [];
  let closing = 0;

  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume();
  };
  const discard = async (file: number, entry: Entry): Promise<void> => {
    entries.delete(file);
    closing++;
    try {
      await (await entry.handle).close();
    } catch {
      // A handle that did not open needs no closing; one that fails to close is gone all the same.
    } finally {
      closing--;
      wake();
    }
  };
  const evictIdle = (): boolean => {
    for (const [file, entry] of entries) {
      if (entry.users > 0) continue;
      void discard(file, entry);
      return true;
    }
    return false;
  };

  const take = async (file: number, write: boolean): Promise<Entry> => {
    for (;;) {
      const known = entries.get(file);
      if (known !== undefined && (known.writable || !write)) {
        entries.delete(file);
        entries.set(file, known);
        known.users++;
        return known;
      }
      if (known !== undefined && known.users === 0) {
        void discard(file, known);
      } else if (known === undefined && entries.size + closing < limit) {
        const entry: Entry = { writable: write, handle: open(file, write), users: 1 };
        entry.handle.catch(() => {
          if (entries.get(file) === entry) entries.delete(file);
          wake();
        });
        entries.set(file, entry);
        return entry;
      } else if (known === undefined) {
        evictIdle();
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  return {
    async use(file, write, task) {
      const entry = await take(file, write);
      try {
        return await task(await entry.handle);
      } finally {
        entry.users--;
        if (waiting.length > 0) wake();
      }
    },
    get openCount() {
      return entries.size + closing;
    },
    async close() {
      while (entries.size > 0 || closing > 0) {
        for (const [file, entry] of [...entries]) if (entry.users === 0) void discard(file, entry);
        if (entries.size > 0 || closing > 0) await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
