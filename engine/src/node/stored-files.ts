/**
 * Moving, renaming, cutting, deleting and looking at a torrent's files. Invariant: a move or a rename that rejects has changed
 * nothing: files that were moved before the failure are moved back.
 */
import { copyFile, lstat, mkdir, realpath, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { EverseedError } from "@everseed/core";
import type { FileMark, StoredFiles } from "../storage.ts";
import type { FileOpener } from "./file-opener.ts";
import { storageError } from "./storage-errors.ts";

export interface StoredFilesInit {
  readonly opener: FileOpener;
  readonly lengthsBytes: readonly number[];
  /** Runs the task while no file is open. */
  readonly alone: <T>(task: () => Promise<T>) => Promise<T>;
  readonly onDeleted: () => void;
  /** Throws EverseedError `storage-closed`. */
  readonly checkOpen: () => void;
}

export function createStoredFiles({ opener, lengthsBytes, alone, onDeleted, checkOpen }: StoredFilesInit): StoredFiles {
  const paths = (): string[] => lengthsBytes.map((_, file) => opener.path(file));

  /** Moves each pair, or none. */
  const moveAll = async (pairs: readonly { from: string; to: string }[], madeIn: string): Promise<void> => {
    for (const { to } of pairs) await refuseExisting(to);
    const moved: { from: string; to: string }[] = [];
    try {
      for (const pair of pairs) {
        if (!(await exists(pair.from))) continue;
        await refuseOutside(pair.from, opener.root);
        await mkdir(path.dirname(pair.to), { recursive: true });
        await refuseOutside(pair.to, madeIn);
        moved.push(pair);
        await moveFile(pair.from, pair.to);
      }
    } catch (error) {
      for (const { from, to } of moved.reverse()) {
        if (!(await exists(from))) await moveFile(to, from);
        await removeEmptyFolders(path.dirname(to), madeIn);
      }
      throw storageError(`move to ${madeIn}`, error);
    }
  };

  return {
    move: (folder) =>
      alone(async () => {
        const from = opener.root;
        const to = path.resolve(folder);
        if (from === to) return;
        const pairs = paths().map((file) => ({ from: file, to: path.join(to, path.relative(from, file)) }));
        try {
          await mkdir(to, { recursive: true });
        } catch (error) {
          throw storageError(`use the folder ${to}`, error);
        }
        await moveAll(pairs, to);
        for (const pair of pairs) await removeEmptyFolders(path.dirname(pair.from), from);
        opener.setRoot(to);
        await opener.prepare();
      }),

    rename: (file, parts) =>
      alone(async () => {
        const from = opener.path(file);
        const before = path.relative(opener.root, from).split(path.sep);
        opener.setPath(file, parts);
        const to = opener.path(file);
        if (from === to) return;
        try {
          await moveAll([{ from, to }], opener.root);
        } catch (error) {
          opener.setPath(file, before);
          throw error;
        }
        await removeEmptyFolders(path.dirname(from), opener.root);
      }),

    delete: () =>
      alone(async () => {
        for (const file of paths()) await refuseOutside(file, opener.root);
        onDeleted();
        const folders = new Set<string>();
        for (const file of paths()) {
          await unlink(file).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw storageError(`delete ${file}`, error);
          });
          folders.add(path.dirname(file));
        }
        for (const folder of folders) await removeEmptyFolders(folder, opener.root);
      }),

    trim: (files) =>
      alone(async () => {
        // Another torrent may have the files by now.
        checkOpen();
        for (const file of files) {
          const mark = await markOf(opener.path(file));
          if (mark === undefined || mark.sizeBytes <= (lengthsBytes[file] as number)) continue;
          // Whoever opens a file to write cuts it.
          const handle = await opener.openWrite(file);
          await handle.datasync().finally(() => handle.close());
        }
      }),

    marks: () => Promise.all(paths().map(markOf)),
  };
}

async function markOf(file: string): Promise<FileMark | undefined> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { sizeBytes: size, modifiedMs: mtimeMs };
  } catch {
    return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

/** A folder on the way may be a link: what it leads to is not the torrent's. */
async function refuseOutside(file: string, root: string): Promise<void> {
  const folder = await realpath(path.dirname(file)).catch(() => undefined);
  const real = await realpath(root).catch(() => undefined);
  if (folder === undefined || real === undefined || folder === real || folder.startsWith(`${real}${path.sep}`)) return;
  throw new EverseedError("storage-denied", `Cannot use ${file}: it leads to ${folder}, outside ${root}`, {
    hint: "Remove the symbolic link from the download folder, or choose another folder.",
  });
}

async function refuseExisting(file: string): Promise<void> {
  if (!(await exists(file))) return;
  throw new EverseedError("storage-exists", `Cannot move to ${file}: something is there already`, {
    hint: "Choose another folder or name, or move what is there away.",
  });
}

/** Across file systems the file is copied, and deleted only when the copy is whole. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    try {
      await copyFile(from, to);
    } catch (copying) {
      await rm(to, { force: true });
      throw copying;
    }
    await unlink(from);
  }
}

/** From `folder` upwards, as long as they are empty; `root` itself stays. */
async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at !== root && at.startsWith(root); at = path.dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}
