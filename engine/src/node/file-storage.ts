/**
 * Payload in files below one folder. Files are made on first write and stay sparse; handles are pooled; writes are
 * positional. Names were checked when the torrent was parsed; here no symbolic link is followed out of the folder.
 */
import { EverseedError } from "@everseed/core";
import type { Metainfo, TorrentFile } from "@everseed/metainfo";
import { constants, type FileHandle, lstat, mkdir, open, realpath, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { Storage } from "../storage.ts";

/** Open files at a time: well below the usual limit of 1,024 a process. */
const MAX_HANDLES = 64;

interface Handle {
  readonly file: Promise<FileHandle>;
  readonly writable: boolean;
  users: number;
}

/** Where the torrent's file lies below `folder`. */
export function filePath(folder: string, metainfo: Metainfo, file: TorrentFile): string {
  return metainfo.singleFile ? join(folder, metainfo.name) : join(folder, metainfo.name, ...file.path);
}

export function createFileStorage(folder: string, metainfo: Metainfo): Storage {
  const files = metainfo.files.filter((file) => file.lengthBytes > 0);
  const handles = new Map<TorrentFile, Handle>();
  const dirty = new Set<TorrentFile>();
  const retired = new Set<Promise<void>>();
  let root = folder;

  const checkInside = async (path: string): Promise<void> => {
    const parent = await realpath(dirname(path));
    if (parent !== root && !parent.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new EverseedError("storage-outside", `Cannot write ${path}: a symbolic link leads out of ${root}`, {
        hint: "Remove the link or choose another folder.",
      });
    }
  };

  const openFile = async (file: TorrentFile, writable: boolean): Promise<FileHandle> => {
    const path = filePath(root, metainfo, file);
    if (writable) await mkdir(dirname(path), { recursive: true });
    try {
      await checkInside(path);
      const flags = (writable ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY) | (constants.O_NOFOLLOW ?? 0);
      return await open(path, flags, 0o644);
    } catch (error) {
      throw explain(error, path);
    }
  };

  const use = async <T>(file: TorrentFile, writable: boolean, task: (handle: FileHandle) => Promise<T>): Promise<T> => {
    let handle = handles.get(file);
    if (handle === undefined || (writable && !handle.writable)) {
      if (handle !== undefined) retire(file, handle);
      handle = { file: openFile(file, writable), writable, users: 0 };
      handle.file.catch(() => handles.delete(file));
    }
    handles.delete(file);
    handles.set(file, handle);
    handle.users++;
    try {
      return await task(await handle.file);
    } catch (error) {
      throw explain(error, filePath(root, metainfo, file));
    } finally {
      handle.users--;
      evict();
    }
  };

  const retire = (file: TorrentFile, handle: Handle): void => {
    if (handles.get(file) === handle) handles.delete(file);
    const closing = (async (): Promise<void> => {
      const fh = await handle.file.catch(() => undefined);
      while (handle.users > 0) await new Promise((done) => setTimeout(done, 1));
      await fh?.close();
    })();
    retired.add(closing);
    void closing.finally(() => retired.delete(closing));
  };

  const evict = (): void => {
    for (const [file, handle] of handles) {
      if (handles.size <= MAX_HANDLES) return;
      if (handle.users === 0) retire(file, handle);
    }
  };

  /** Index of the last file that starts at or before the offset. */
  const indexAt = (offset: number): number => {
    let low = 0;
    let high = files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((files[middle] as TorrentFile).offsetBytes <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  /** The parts of a range that lie in files, with their place in the range; gaps are padding. */
  const extents = (offset: number, length: number): { file: TorrentFile; position: number; from: number; size: number }[] => {
    const out: { file: TorrentFile; position: number; from: number; size: number }[] = [];
    for (let i = indexAt(offset); i < files.length; i++) {
      const file = files[i] as TorrentFile;
      const start = Math.max(offset, file.offsetBytes);
      const end = Math.min(offset + length, file.offsetBytes + file.lengthBytes);
      if (file.offsetBytes >= offset + length) break;
      if (end > start) out.push({ file, position: start - file.offsetBytes, from: start - offset, size: end - start });
    }
    return out;
  };

  return {
    async open() {
      try {
        await mkdir(folder, { recursive: true });
        root = await realpath(folder);
        for (const file of metainfo.files) {
          if (file.lengthBytes > 0) continue;
          const path = filePath(root, metainfo, file);
          await mkdir(dirname(path), { recursive: true });
          await checkInside(path);
          if ((await lstat(path).catch(() => undefined)) === undefined) await writeFile(path, "", { flag: "wx" });
        }
      } catch (error) {
        throw explain(error, folder);
      }
    },
    async write(offsetBytes, parts) {
      let offset = offsetBytes;
      for (const part of parts) {
        for (const { file, position, from, size } of extents(offset, part.length)) {
          dirty.add(file);
          await use(file, true, async (handle) => {
            for (let done = 0; done < size; ) {
              const { bytesWritten } = await handle.write(part, from + done, size - done, position + done);
              done += bytesWritten;
            }
          });
        }
        offset += part.length;
      }
    },
    async read(offsetBytes, target) {
      const found = extents(offsetBytes, target.length);
      if (found.reduce((sum, { size }) => sum + size, 0) < target.length) target.fill(0);
      for (const { file, position, from, size } of found) {
        await use(file, false, async (handle) => {
          for (let done = 0; done < size; ) {
            const { bytesRead } = await handle.read(target, from + done, size - done, position + done);
            if (bytesRead === 0) {
              throw new EverseedError("storage-missing", `Cannot read ${filePath(root, metainfo, file)}: it ends before byte ${position + size}`);
            }
            done += bytesRead;
          }
        });
      }
    },
    async sync() {
      for (const file of [...dirty]) {
        dirty.delete(file);
        await use(file, true, (handle) => handle.datasync());
      }
    },
    async close() {
      for (const [file, handle] of [...handles]) retire(file, handle);
      await Promise.all(retired);
    },
  };
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof EverseedError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return new EverseedError("storage-missing", `Cannot read ${path}: it is not there`, { cause: error });
    case "ENOSPC":
    case "EDQUOT":
      return new EverseedError("storage-full", `Cannot write ${path}: the disk is full`, { cause: error, retryable: true, hint: "Free some room and start the torrent again." });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new EverseedError("storage-denied", `Cannot open ${path}: permission denied`, { cause: error, hint: "Check the folder's owner and mode, or choose another with --out or --data." });
    case "ELOOP":
      return new EverseedError("storage-outside", `Cannot open ${path}: it is a symbolic link`, { cause: error, hint: "Remove the link or choose another folder." });
    default:
      return new EverseedError("storage-failed", `Cannot use ${path}: ${(error as Error).message}`, { cause: error });
  }
}
