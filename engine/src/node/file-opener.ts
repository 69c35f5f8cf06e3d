/**
 * Opens the files of one torrent and nothing else. Invariant: no handle it returns names a file outside the download
 * folder, whatever names the torrent carries and whatever links lie in the folder.
 *
 * Names are checked again here although the metainfo parser did. Folders are made one component at a time and each is
 * resolved before the next is touched; the leaf is opened without following links; and on Linux the open handle itself is
 * asked where it points, which settles a race with someone who swaps a folder for a link in between.
 */

import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { EverseedError } from "@everseed/core";
import type { StorageLayout } from "../storage-layout.ts";
import { storageError } from "./storage-errors.ts";

/** Missing on Windows, where links are caught by the folder check. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** Keeps a named pipe or a device in a file's place from blocking the thread that opens it. */
const NON_BLOCK = constants.O_NONBLOCK ?? 0;

export interface FileOpener {
  /** The download folder. */
  readonly root: string;
  /** Handles that are opened from now on point below another folder. */
  setRoot(folder: string): void;
  /** The file's path below the folder from now on. Throws EverseedError `storage-denied`, `storage-exists`. */
  setPath(index: number, parts: readonly string[]): void;
  /** Path of a file, for messages. */
  path(index: number): string;
  /** Makes the download folder and resolves it. */
  prepare(make?: boolean): Promise<void>;
  /** Opens for reading; rejects with `storage-missing` when the file is not there. */
  openRead(index: number): Promise<FileHandle>;
  /** Opens for reading and writing; makes the file and its folders, and cuts off what lies beyond the file's length. */
  openWrite(index: number): Promise<FileHandle>;
}

/** `renamed`: paths below the folder that replace those of the torrent. */
export function createFileOpener(
  folder: string,
  layout: StorageLayout,
  renamed: ReadonlyMap<number, readonly string[]> = new Map(),
): FileOpener {
  let root = path.resolve(folder);
  const components = layout.files.map(
    (file, index) => renamed.get(index) ?? (layout.singleFile ? [layout.name] : [layout.name, ...file.path]),
  );
  for (const parts of components) parts.forEach(checkComponent);
  let realRoot: string | undefined;
  /** Folders below the root that were resolved and found inside. */
  const safeFolders = new Set<string>();
  const pathOf = (index: number): string => path.join(root, ...(components[index] as readonly string[]));

  const prepare = async (make = true): Promise<void> => {
    try {
      if (make) await mkdir(root, { recursive: true });
      realRoot = await realpath(root);
    } catch (error) {
      throw storageError(`use the folder ${root}`, error);
    }
  };

  const checkFolders = async (index: number, make: boolean): Promise<void> => {
    const real = realRoot as string;
    let at = root;
    for (const part of (components[index] as readonly string[]).slice(0, -1)) {
      at = path.join(at, part);
      if (safeFolders.has(at)) continue;
      if (make) {
        await mkdir(at).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "EEXIST") throw error;
        });
      }
      const resolved = await realpath(at);
      if (!isInside(real, resolved)) throw leavesFolder(at, resolved, root);
      safeFolders.add(at);
    }
  };

  const openFile = async (index: number, write: boolean): Promise<FileHandle> => {
    const file = pathOf(index);
    const action = `${write ? "write to" : "read"} ${file}`;
    const flags = (write ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY) | NO_FOLLOW | NON_BLOCK;
    let handle: FileHandle | undefined;
    try {
      await checkFolders(index, write);
      handle = await open(file, flags, 0o644);
      const stat = await handle.stat();
      if (!stat.isFile()) throw notAFile(action);
      const actual = await handlePath(handle);
      if (actual !== undefined && !isInside(realRoot as string, actual)) throw leavesFolder(file, actual, root);
      const length = layout.files[index]?.lengthBytes as number;
      if (write && stat.size > length) await handle.truncate(length);
      return handle;
    } catch (error) {
      await handle?.close().catch(() => undefined);
      const errno = (error as NodeJS.ErrnoException).code;
      if (errno === "ENXIO" || (!write && errno === "EISDIR")) throw notAFile(action);
      if (errno === "ENOENT") safeFolders.clear();
      throw storageError(action, error);
    }
  };

  return {
    get root() {
      return root;
    },
    setRoot(to) {
      root = path.resolve(to);
      safeFolders.clear();
      realRoot = undefined;
    },
    setPath(index, parts) {
      if (parts.length === 0) checkComponent("");
      parts.forEach(checkComponent);
      const name = parts.join("/");
      if (components.some((other, i) => i !== index && overlaps(other.join("/"), name))) {
        throw new EverseedError("storage-exists", `Cannot name a file ${name}: another file of the torrent is there`, {
          hint: "Choose another name.",
        });
      }
      components[index] = [...parts];
      safeFolders.clear();
    },
    path: pathOf,
    prepare,
    openRead: (index) => openFile(index, false),
    async openWrite(index) {
      try {
        return await openFile(index, true);
      } catch (error) {
        // A folder that was known is gone: make it again, once.
        if (!(error instanceof EverseedError) || error.code !== "storage-missing") throw error;
        await prepare();
        return openFile(index, true);
      }
    },
  };
}

function checkComponent(name: string): void {
  const bad = name === "" || name === "." || name === ".." || /[/\0]/.test(name) || name.includes(path.sep);
  if (!bad) return;
  throw new EverseedError("storage-denied", `Cannot store ${JSON.stringify(name)}: expected a plain file name`, {
    hint: "The torrent names a path outside its folder. Do not use it.",
  });
}

/** One is the other, or a folder that the other lies in. */
function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

function isInside(root: string, file: string): boolean {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}

/** Where the open handle points, on systems that can tell. */
async function handlePath(handle: FileHandle): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
}

function leavesFolder(at: string, actual: string, root: string): EverseedError {
  return new EverseedError("storage-denied", `Cannot use ${at}: it leads to ${actual}, outside ${root}`, {
    hint: "Remove the symbolic link from the download folder, or choose another folder.",
  });
}

function notAFile(action: string): EverseedError {
  return new EverseedError(
    "storage-denied",
    `Cannot ${action}: expected a regular file, received a folder, device or pipe`,
    {
      hint: "Move it away, or choose another download folder.",
    },
  );
}
