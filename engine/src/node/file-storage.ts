/**
 * Payload in files: `folder/name` for a single file, `folder/name/path...` for several. Files are sparse, made when the
 * first byte is written and opened through a bounded pool; empty files are made by `open`. One `write` is one positional
 * `writev` per file it touches, one at a time per file: the kernel lets a single writer into a file, and those that wait
 * spin (0.6 more CPU seconds per written second, measured with four). Where handles may point is `file-opener.ts`'s matter.
 */

import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { EverseedError } from "@everseed/core";
import { syncFolder } from "@everseed/core/node";
import type { TorrentFile } from "@everseed/metainfo";
import type { Storage } from "../storage.ts";
import { createSpans, type FileSpan, type StorageLayout, sliceParts, zeroGaps } from "../storage-layout.ts";
import { createFileOpener } from "./file-opener.ts";
import { createGate } from "./gate.ts";
import { type HandlePool, sharedHandles } from "./handle-pool.ts";
import { storageError } from "./storage-errors.ts";
import { createStoredFiles } from "./stored-files.ts";

export interface FileStorageOptions {
  /** Open files, shared with other storages. @default the process's pool of 256 */
  readonly handles?: HandlePool;
  /** Makes nothing: for looking at what is there. Writes are refused as the system refuses them. @default false */
  readonly readOnly?: boolean;
  /** Paths below the folder that replace those of the torrent (`ResumeState.renamed`). */
  readonly renamed?: ReadonlyMap<number, readonly string[]>;
}

/** Where the torrent's file lies below `folder`. */
export function filePath(
  folder: string,
  metainfo: Pick<StorageLayout, "name" | "singleFile">,
  file: TorrentFile,
): string {
  return metainfo.singleFile ? path.join(folder, metainfo.name) : path.join(folder, metainfo.name, ...file.path);
}

/** Storage of one torrent below `folder`. Throws EverseedError `storage-denied` when a name would leave the folder. */
export function createFileStorage(folder: string, metainfo: StorageLayout, options: FileStorageOptions = {}): Storage {
  const spansOf = createSpans(metainfo);
  const opener = createFileOpener(folder, metainfo, options.renamed);
  const gate = createGate();
  const pool = (options.handles ?? sharedHandles).files((file, write) =>
    write ? opener.openWrite(file) : opener.openRead(file),
  );
  /** Files written since the last sync, whether their handle is still open or not. */
  let dirty = new Set<number>();
  let state: "new" | "open" | "closed" = "new";

  const checkOpen = (): void => {
    if (state === "open") return;
    throw new EverseedError(
      "storage-closed",
      `Cannot use the storage of ${metainfo.name}: expected open, received ${state}`,
    );
  };

  const makeEmptyFile = async (file: number): Promise<void> => {
    try {
      await pool.use(file, false, async () => undefined);
    } catch (error) {
      if (!(error instanceof EverseedError) || error.code !== "storage-missing") throw error;
      await pool.use(file, true, async () => undefined);
    }
  };

  const writing = new Map<number, Promise<void>>();
  /** Runs `write` when the file's earlier writes have ended, well or not. */
  const inTurn = (file: number, write: () => Promise<void>): Promise<void> => {
    const turn = (writing.get(file) ?? Promise.resolve()).then(write, write);
    writing.set(file, turn);
    const leave = (): void => {
      if (writing.get(file) === turn) writing.delete(file);
    };
    turn.then(leave, leave);
    return turn;
  };

  const writeSpan = async (parts: readonly Uint8Array[], span: FileSpan): Promise<void> => {
    dirty.add(span.file);
    const buffers = sliceParts(parts, span.rangeOffsetBytes, span.lengthBytes);
    try {
      await inTurn(span.file, () =>
        pool.use(span.file, true, (handle) => writeAll(handle, buffers, span.fileOffsetBytes)),
      );
    } catch (error) {
      throw storageError(`write to ${opener.path(span.file)}`, error);
    }
  };

  const read = async (offsetBytes: number, target: Uint8Array): Promise<void> => {
    checkOpen();
    const spans = spansOf(offsetBytes, target.length);
    zeroGaps(target, spans);
    for (const span of spans) {
      const name = opener.path(span.file);
      const into = target.subarray(span.rangeOffsetBytes, span.rangeOffsetBytes + span.lengthBytes);
      try {
        await pool.use(span.file, false, (handle) => readAll(handle, into, span.fileOffsetBytes, name));
      } catch (error) {
        throw storageError(`read ${name}`, error);
      }
    }
  };

  const sync = async (): Promise<void> => {
    checkOpen();
    const files = dirty;
    dirty = new Set();
    const folders = new Set<string>();
    const { root } = opener;
    let at = root;
    try {
      for (const file of files) {
        at = opener.path(file);
        await pool.use(file, true, (handle) => handle.datasync());
        for (let above = path.dirname(at); above.length > root.length; above = path.dirname(above)) folders.add(above);
        folders.add(root);
      }
      for (at of folders) await syncFolder(at);
    } catch (error) {
      for (const again of files) dirty.add(again);
      throw storageError(`sync ${at}`, error);
    }
  };

  return {
    async open() {
      await opener.prepare(options.readOnly !== true);
      state = "open";
      if (options.readOnly === true) return;
      for (const [index, file] of metainfo.files.entries()) if (file.lengthBytes === 0) await makeEmptyFile(index);
    },

    write: (offsetBytes, parts) =>
      gate.pass(async () => {
        checkOpen();
        const lengthBytes = parts.reduce((sum, part) => sum + part.length, 0);
        for (const span of spansOf(offsetBytes, lengthBytes)) await writeSpan(parts, span);
      }),

    read: (offsetBytes, target) => gate.pass(() => read(offsetBytes, target)),

    sync: () => gate.pass(sync),

    async close() {
      state = "closed";
      await pool.close();
    },

    files: createStoredFiles({
      opener,
      lengthsBytes: metainfo.files.map(({ lengthBytes }) => lengthBytes),
      checkOpen,
      alone: (task) => gate.alone(() => pool.close().then(task)),
      onDeleted: () => {
        state = "closed";
      },
    }),
  };
}

/** Writes all of `buffers`; the system may take less than it was given, as when a disk fills up. */
async function writeAll(handle: FileHandle, buffers: readonly Uint8Array[], offsetBytes: number): Promise<void> {
  let rest = buffers;
  let at = offsetBytes;
  while (rest.length > 0) {
    const [only] = rest;
    const { bytesWritten } =
      rest.length === 1 && only !== undefined
        ? await handle.write(only, 0, only.length, at)
        : await handle.writev(rest as Uint8Array[], at);
    const total = rest.reduce((sum, buffer) => sum + buffer.length, 0);
    if (bytesWritten === total) return;
    if (bytesWritten === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
    rest = sliceParts(rest, bytesWritten, total - bytesWritten);
    at += bytesWritten;
  }
}

async function readAll(handle: FileHandle, target: Uint8Array, offsetBytes: number, name: string): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, offsetBytes + done);
    if (bytesRead === 0) {
      throw new EverseedError(
        "storage-missing",
        `Cannot read ${name}: expected ${target.length} bytes at ${offsetBytes}, received ${done}`,
      );
    }
    done += bytesRead;
  }
}
