/**
 * Makes a torrent of a file or folder. Invariant: the torrent describes every file that is there, in an order that does
 * not depend on the disk (raw bytes of the path); what it cannot describe (a link, a device, a name that is not UTF-8) is refused
 * with a sentence, never left out. A file that changes size meanwhile is an error too.
 */

import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { compareBytes, EverseedError, utf8 } from "@everseed/core";
import {
  buildTorrent,
  choosePieceLength,
  type Layout,
  layoutFiles,
  type Metainfo,
  type PieceHashes,
  parseTorrent,
  type SourceFile,
  type TorrentExtras,
  type TorrentKind,
} from "@everseed/metainfo";
import type { Hasher } from "../hasher.ts";
import { createFileStorage } from "./file-storage.ts";
import { storageError } from "./storage-errors.ts";

/** Payload in memory at a time; at least two pieces. */
const WINDOW_BYTES = 16 << 20;
const MAX_WINDOW_PIECES = 8;
/** Folders below folders; deeper is a loop or a mistake. */
const MAX_DEPTH = 128;

export interface CreateTorrentOptions extends TorrentExtras {
  /** @default "hybrid" */
  readonly kind?: TorrentKind;
  /** A power of two from 16384. @default chosen from the size: about a thousand pieces */
  readonly pieceLengthBytes?: number;
  /** Name in the torrent. @default the last component of the path */
  readonly name?: string;
}

export interface CreateProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Mean since the start. */
  readonly bytesPerSecond: number;
}

export interface CreatedTorrent {
  readonly torrentBytes: Uint8Array;
  readonly metainfo: Metainfo;
}

/**
 * Hashes what is at `source` and builds the torrent. Rejects with EverseedError: `source-unsupported`, `source-changed`,
 * `create-empty`, `piece-length`, `storage-missing`, `storage-denied`, or `aborted` when `signal` fires.
 */
export async function createTorrent(
  source: string,
  options: CreateTorrentOptions,
  hasher: Hasher,
  onProgress?: (progress: CreateProgress) => void,
  signal?: AbortSignal,
): Promise<CreatedTorrent> {
  const { kind = "hybrid", pieceLengthBytes, name, ...extras } = options;
  const root = path.resolve(source);
  const { singleFile, files } = await walk(root, signal);
  const totalBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0);
  const torrentName = name ?? path.basename(root);
  const layout = layoutFiles({
    name: torrentName,
    singleFile,
    files: singleFile ? files.map((file) => ({ ...file, path: [torrentName] })) : files,
    kind,
    pieceLengthBytes: pieceLengthBytes ?? choosePieceLength(totalBytes),
  });
  // The storage looks for the data under its name on disk, which need not be the torrent's.
  const storage = createFileStorage(path.dirname(root), { ...layout, name: path.basename(root) });
  await storage.open();
  try {
    const pieces = await hashPieces(layout, storage.read.bind(storage), hasher, totalBytes, onProgress, signal);
    const after = await walk(root, signal);
    if (!sameFiles(files, after.files)) throw changed(root);
    const torrentBytes = buildTorrent(layout, pieces, extras);
    return { torrentBytes, metainfo: parseTorrent(torrentBytes) };
  } catch (error) {
    // A file that ends early was cut while we read it.
    if (error instanceof EverseedError && error.code === "storage-missing") throw changed(root, error);
    throw error;
  } finally {
    await storage.close();
  }
}

async function hashPieces(
  layout: Layout,
  read: (offsetBytes: number, target: Uint8Array) => Promise<void>,
  hasher: Hasher,
  totalBytes: number,
  onProgress?: (progress: CreateProgress) => void,
  signal?: AbortSignal,
): Promise<PieceHashes[]> {
  const { kind, pieceLengthBytes, pieceCount } = layout;
  const dataBytes = pieceSizes(layout);
  const out = new Array<PieceHashes>(pieceCount);
  const startMs = performance.now();
  let next = 0;
  let doneBytes = 0;
  const lane = async (): Promise<void> => {
    const buffer = hasher.allocate(pieceLengthBytes);
    while (next < pieceCount) {
      checkAborted(signal);
      const piece = next++;
      const bytes = dataBytes(piece);
      const data = buffer.subarray(0, bytes);
      await read(piece * pieceLengthBytes, data);
      out[piece] = await hasher.digest(data, {
        sha1: kind !== "v2",
        leaves: kind !== "v1",
        paddingBytes: kind === "hybrid" && piece < pieceCount - 1 ? pieceLengthBytes - bytes : 0,
      });
      doneBytes += bytes;
      onProgress?.({
        doneBytes,
        totalBytes,
        bytesPerSecond: doneBytes / Math.max(1e-3, (performance.now() - startMs) / 1000),
      });
    }
  };
  const lanes = Math.min(pieceCount, MAX_WINDOW_PIECES, Math.max(2, Math.floor(WINDOW_BYTES / pieceLengthBytes)));
  const stop = (error: unknown): never => {
    next = pieceCount;
    throw error;
  };
  // All lanes end before an error leaves, because the storage is closed next.
  const results = await Promise.allSettled(Array.from({ length: lanes }, () => lane().catch(stop)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return out;
}

/** Bytes of data in each piece, padding not counted. */
function pieceSizes(layout: Layout): (piece: number) => number {
  const { kind, pieceLengthBytes, pieceCount } = layout;
  const sizes = new Float64Array(pieceCount);
  if (kind === "v1") {
    const total = layout.files.reduce((sum, file) => sum + file.lengthBytes, 0);
    for (let piece = 0; piece < pieceCount; piece++)
      sizes[piece] = Math.min(pieceLengthBytes, total - piece * pieceLengthBytes);
  } else {
    for (const { offsetBytes, lengthBytes } of layout.files) {
      for (let at = 0; at < lengthBytes; at += pieceLengthBytes) {
        sizes[(offsetBytes + at) / pieceLengthBytes] = Math.min(pieceLengthBytes, lengthBytes - at);
      }
    }
  }
  return (piece) => sizes[piece] as number;
}

/** All files at and below `root`, in raw byte order of their paths; paths are relative to `root`. */
async function walk(root: string, signal?: AbortSignal): Promise<{ singleFile: boolean; files: SourceFile[] }> {
  const files: SourceFile[] = [];
  const visit = async (at: string, parts: readonly string[]): Promise<boolean> => {
    checkAborted(signal);
    if (parts.length > MAX_DEPTH)
      throw unsupported(at, `folders nested deeper than ${MAX_DEPTH}`, "Flatten the folder.");
    const stat = await lstat(at).catch((error: unknown) => {
      throw storageError(`read ${at}`, error);
    });
    if (stat.isFile()) {
      files.push({ path: parts, lengthBytes: stat.size });
      return true;
    }
    if (stat.isSymbolicLink())
      throw unsupported(at, "a symbolic link", "Replace it with the file it points to, or remove it.");
    if (!stat.isDirectory()) throw unsupported(at, "a device, pipe or socket", "Remove it from the folder.");
    for (const name of await listFolder(at)) await visit(path.join(at, name), [...parts, name]);
    return false;
  };
  const singleFile = await visit(root, []);
  return { singleFile, files: singleFile ? files : files.sort((a, b) => comparePaths(a.path, b.path)) };
}

async function listFolder(at: string): Promise<string[]> {
  const names = await readdir(at, { encoding: "buffer" }).catch((error: unknown) => {
    throw storageError(`list ${at}`, error);
  });
  return names.map((raw) => {
    const name = raw.toString("utf8");
    if (Buffer.compare(Buffer.from(name), raw) !== 0) {
      throw unsupported(path.join(at, name), "a name that is not UTF-8", "Rename the file.");
    }
    return name;
  });
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareBytes(utf8(a[i] as string), utf8(b[i] as string));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function sameFiles(a: readonly SourceFile[], b: readonly SourceFile[]): boolean {
  return (
    a.length === b.length &&
    a.every((file, i) => file.lengthBytes === b[i]?.lengthBytes && file.path.join("/") === b[i]?.path.join("/"))
  );
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new EverseedError("aborted", "Cannot make the torrent: it was cancelled", { cause: signal.reason });
}

function unsupported(at: string, received: string, hint: string): EverseedError {
  return new EverseedError(
    "source-unsupported",
    `Cannot put ${at} in a torrent: expected a file or folder, received ${received}`,
    { hint },
  );
}

function changed(root: string, cause?: unknown): EverseedError {
  return new EverseedError(
    "source-changed",
    `Cannot make a torrent of ${root}: its files changed while they were read`,
    {
      hint: "Wait until nothing writes to them, then try again.",
      retryable: true,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
