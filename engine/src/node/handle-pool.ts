/**
 * A bounded number of open file handles for all storages of a process together, least recently used first out: a thousand
 * idle torrents hold no more files open than one busy one. Invariant: at most `limit` handles are open or being opened, a
 * handle in use is never closed, and one file has at most one handle.
 */
import type { FileHandle } from "node:fs/promises";

interface Entry {
  readonly owner: number;
  readonly writable: boolean;
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** The files of one storage. */
export interface FileHandles {
  /** Lends the file's handle to `task`, opening it first when needed. */
  use<T>(file: number, write: boolean, task: (handle: FileHandle) => Promise<T>): Promise<T>;
  /** Waits for the tasks that run, then closes every handle. */
  close(): Promise<void>;
}

export interface HandlePool {
  files(open: (file: number, write: boolean) => Promise<FileHandle>): FileHandles;
}

export function createHandlePool(limit: number): HandlePool {
  /** By owner and file, in order of last use, oldest first. */
  const entries = new Map<string, Entry>();
  let owners = 0;
  const waiting: (() => void)[] = [];
  /** Handles that are being closed, by owner. */
  const closing = new Map<number, number>();
  let closingCount = 0;

  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume();
  };
  const discard = async (key: string, entry: Entry): Promise<void> => {
    entries.delete(key);
    closing.set(entry.owner, (closing.get(entry.owner) ?? 0) + 1);
    closingCount++;
    try {
      await (await entry.handle).close();
    } catch {
      // A handle that did not open needs no closing; one that fails to close is gone all the same.
    } finally {
      closingCount--;
      const left = (closing.get(entry.owner) as number) - 1;
      if (left > 0) closing.set(entry.owner, left);
      else closing.delete(entry.owner);
      wake();
    }
  };
  const evictIdle = (): boolean => {
    for (const [key, entry] of entries) {
      if (entry.users > 0) continue;
      void discard(key, entry);
      return true;
    }
    return false;
  };

  const take = async (
    owner: number,
    file: number,
    write: boolean,
    open: (file: number, write: boolean) => Promise<FileHandle>,
  ): Promise<Entry> => {
    const key = `${owner}:${file}`;
    for (;;) {
      const known = entries.get(key);
      if (known !== undefined && (known.writable || !write)) {
        entries.delete(key);
        entries.set(key, known);
        known.users++;
        return known;
      }
      if (known !== undefined && known.users === 0) {
        void discard(key, known);
      } else if (known === undefined && entries.size + closingCount < limit) {
        const entry: Entry = { owner, writable: write, handle: open(file, write), users: 1 };
        entry.handle.catch(() => {
          if (entries.get(key) === entry) entries.delete(key);
          wake();
        });
        entries.set(key, entry);
        return entry;
      } else if (known === undefined) {
        evictIdle();
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  const closeOf = async (owner: number): Promise<void> => {
    for (;;) {
      const own = [...entries].filter(([, entry]) => entry.owner === owner);
      for (const [key, entry] of own) if (entry.users === 0) void discard(key, entry);
      if (own.length === 0 && !closing.has(owner)) return;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };

  return {
    files(open) {
      const owner = owners++;
      return {
        async use(file, write, task) {
          const entry = await take(owner, file, write, open);
          try {
            return await task(await entry.handle);
          } finally {
            entry.users--;
            if (waiting.length > 0) wake();
          }
        },
        close: () => closeOf(owner),
      };
    },
  };
}

/** Far below the usual limit of 1024 files a process. */
const SHARED_LIMIT = 256;
/** Of this process. */
export const sharedHandles = createHandlePool(SHARED_LIMIT);
