/**
 * Checks stored data against the torrent's hashes: on resume, on `verify`, and before data is trusted. Invariant: a bit is
 * set only when the piece was read in full and its digest agreed. Data that is missing is a piece that is not there, not
 * a failure; a disk that refuses is.
 */
import { EverseedError } from "@everseed/core";
import { createPieceMap, type Metainfo, verifyPiece } from "@everseed/metainfo";
import type { Hasher } from "./hasher.ts";
import { Bitfield } from "./piece/bitfield.ts";
import type { Storage } from "./storage.ts";

/** Payload in memory at a time; at least two pieces, so that the disk reads while the hasher hashes. */
const WINDOW_BYTES = 16 << 20;
const MAX_WINDOW_PIECES = 8;

export interface VerifyOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** When it fires, the pieces that were not checked yet count as missing. */
  readonly signal?: AbortSignal;
  /** What is known of a piece without reading it; undefined: look. */
  readonly known?: (piece: number) => boolean | undefined;
}

/** Resolves with the pieces that are good. Rejects with the storage's EverseedError, `storage-missing` excepted. */
export async function verifyStorage(
  metainfo: Metainfo,
  storage: Storage,
  hasher: Hasher,
  options: VerifyOptions = {},
): Promise<Bitfield> {
  const pieces = createPieceMap(metainfo);
  const good = new Bitfield(pieces.pieceCount);
  let next = 0;
  let doneBytes = 0;

  const lane = async (): Promise<void> => {
    let buffer: Uint8Array | undefined;
    while (next < pieces.pieceCount && options.signal?.aborted !== true) {
      const piece = next++;
      const known = options.known?.(piece);
      if (known !== undefined) {
        if (known) good.add(piece);
        doneBytes += pieces.pieceBytes(piece);
        continue;
      }
      buffer ??= hasher.allocate(metainfo.pieceLengthBytes);
      const data = buffer.subarray(0, pieces.pieceBytes(piece));
      if (await readPiece(storage, pieces.pieceOffset(piece), data)) {
        const v2 = pieces.v2Hash(piece) !== undefined;
        const digests = await hasher.digest(data, {
          sha1: !v2,
          ...(v2 ? { rootWidth: pieces.v2Leaves(piece) } : {}),
          paddingBytes: v2 ? 0 : pieces.v1PaddingBytes(piece),
        });
        if (verifyPiece(pieces, piece, digests)) good.add(piece);
      }
      doneBytes += data.length;
      options.onProgress?.(doneBytes, metainfo.totalBytes);
    }
  };

  const wanted = Math.min(MAX_WINDOW_PIECES, Math.max(2, Math.floor(WINDOW_BYTES / metainfo.pieceLengthBytes)));
  const lanes = Array.from({ length: Math.min(wanted, pieces.pieceCount) }, lane);
  // All lanes end before an error leaves: nobody reads from a storage that the caller closes next.
  const results = await Promise.allSettled(
    lanes.map((running) =>
      running.catch((error: unknown) => {
        next = pieces.pieceCount;
        throw error;
      }),
    ),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return good;
}

/** False when the data is not there. */
async function readPiece(storage: Storage, offsetBytes: number, target: Uint8Array): Promise<boolean> {
  try {
    await storage.read(offsetBytes, target);
    return true;
  } catch (error) {
    if (error instanceof EverseedError && error.code === "storage-missing") return false;
    throw error;
  }
}
