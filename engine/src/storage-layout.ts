/**
 * How the torrent's linear space falls onto files. Invariant: the spans of a range are in order, do not overlap, and
 * leave out exactly the padding. Files are found by binary search, so a torrent of a million files costs no more.
 */
import { assert } from "@everseed/core";
import type { Metainfo, TorrentFile } from "@everseed/metainfo";

/** What a storage must know of a torrent; every `Metainfo` is one. */
export type StorageLayout = Pick<Metainfo, "name" | "singleFile" | "files" | "pieceLengthBytes" | "pieceCount">;

/** A run of bytes inside one file. */
export interface FileSpan {
  /** Index in `layout.files`. */
  readonly file: number;
  /** Offset in the file. */
  readonly fileOffsetBytes: number;
  /** Offset from the start of the range that was asked for. */
  readonly rangeOffsetBytes: number;
  readonly lengthBytes: number;
}

/** Makes a function that cuts a range of the linear space into file spans. */
export function createSpans(layout: StorageLayout): (offsetBytes: number, lengthBytes: number) => FileSpan[] {
  const filled: { file: TorrentFile; index: number }[] = [];
  layout.files.forEach((file, index) => {
    if (file.lengthBytes > 0) filled.push({ file, index });
  });
  const endBytes = layout.pieceCount * layout.pieceLengthBytes;
  return (offsetBytes, lengthBytes) => {
    assert(
      Number.isSafeInteger(offsetBytes) && offsetBytes >= 0 && offsetBytes + lengthBytes <= endBytes,
      `storage range ${offsetBytes}+${lengthBytes} lies within the torrent's ${endBytes} bytes`,
    );
    const out: FileSpan[] = [];
    const rangeEnd = offsetBytes + lengthBytes;
    for (let i = firstEndingAfter(filled, offsetBytes); i < filled.length; i++) {
      const { file, index } = filled[i] as { file: TorrentFile; index: number };
      if (file.offsetBytes >= rangeEnd) break;
      const from = Math.max(offsetBytes, file.offsetBytes);
      const to = Math.min(rangeEnd, file.offsetBytes + file.lengthBytes);
      out.push({
        file: index,
        fileOffsetBytes: from - file.offsetBytes,
        rangeOffsetBytes: from - offsetBytes,
        lengthBytes: to - from,
      });
    }
    return out;
  };
}

/** Index of the first file that ends after the offset. */
function firstEndingAfter(files: readonly { file: TorrentFile }[], offsetBytes: number): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { file } = files[middle] as { file: TorrentFile };
    if (file.offsetBytes + file.lengthBytes <= offsetBytes) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The pieces of `parts`, taken as one string, that make up [at, at + lengthBytes); nothing is copied. */
export function sliceParts(parts: readonly Uint8Array[], at: number, lengthBytes: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  let skip = at;
  let left = lengthBytes;
  for (const part of parts) {
    if (left === 0) break;
    if (skip >= part.length) {
      skip -= part.length;
      continue;
    }
    const take = Math.min(part.length - skip, left);
    out.push(take === part.length ? part : part.subarray(skip, skip + take));
    skip = 0;
    left -= take;
  }
  return out;
}

/** Fills with zeros what no span of the range covers: the padding. */
export function zeroGaps(target: Uint8Array, spans: readonly FileSpan[]): void {
  let at = 0;
  for (const span of spans) {
    if (span.rangeOffsetBytes > at) target.fill(0, at, span.rangeOffsetBytes);
    at = span.rangeOffsetBytes + span.lengthBytes;
  }
  if (at < target.length) target.fill(0, at);
}
