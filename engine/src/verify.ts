/** Checks stored data against the torrent: used at start, on resume and by `everseed verify`. */
import { EverseedError } from "@everseed/core";
import { createPieceMap, type Metainfo, verifyPiece } from "@everseed/metainfo";
import type { Hasher } from "./hasher.ts";
import { Bitfield } from "./piece/bitfield.ts";
import type { Storage } from "./storage.ts";

/** Pieces read and hashed at a time: enough to keep two hashing threads busy. */
const IN_FLIGHT = 4;

export interface VerifyOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  readonly signal?: AbortSignal;
}

/** The pieces that are stored whole. Stops early, with what it found, when `signal` aborts. */
export async function verifyStorage(
  metainfo: Metainfo,
  storage: Storage,
  hasher: Hasher,
  options: VerifyOptions = {},
): Promise<Bitfield> {
  const pieces = createPieceMap(metainfo);
  const have = new Bitfield(metainfo.pieceCount);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    const buffer = hasher.allocate(metainfo.pieceLengthBytes);
    while (next < metainfo.pieceCount && options.signal?.aborted !== true) {
      const piece = next++;
      const data = buffer.subarray(0, pieces.pieceBytes(piece));
      try {
        await storage.read(pieces.pieceOffset(piece), data);
        const digests = await hasher.digest(data, {
          sha1: pieces.v2Hash(piece) === undefined,
          leaves: pieces.v2Hash(piece) !== undefined,
          paddingBytes: pieces.v1PaddingBytes(piece),
        });
        if (verifyPiece(pieces, piece, digests)) have.add(piece);
      } catch (error) {
        // Only what is not there yet is no error: a disk that refuses to be read must not look like missing data.
        if (!(error instanceof EverseedError && error.code === "storage-missing")) throw error;
      }
      done += data.length;
      options.onProgress?.(done, metainfo.totalBytes);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, metainfo.pieceCount) }, worker));
  return have;
}
