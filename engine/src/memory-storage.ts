/**
 * Payload in memory, for tests, the simulator and short-lived torrents in a browser. Sparse: only chunks that were written
 * take room, and reading one that was not rejects with `storage-missing`. Nothing survives `close`.
 */
import { EverseedError } from "@everseed/core";
import type { Storage } from "./storage.ts";
import { createSpans, type FileSpan, type StorageLayout, sliceParts, zeroGaps } from "./storage-layout.ts";

/** Large enough that a piece touches few chunks, small enough that one stray block costs little. */
const CHUNK_BYTES = 1 << 16;

export function createMemoryStorage(metainfo: StorageLayout): Storage {
  const spansOf = createSpans(metainfo);
  /** By the chunk's index in the torrent's linear space. */
  const chunks = new Map<number, Uint8Array>();
  let state: "new" | "open" | "closed" = "new";

  const checkOpen = (): void => {
    if (state !== "open") {
      throw new EverseedError(
        "storage-closed",
        `Cannot use the storage of ${metainfo.name}: expected open, received ${state}`,
      );
    }
  };
  /** Calls `visit` for each run of the span that lies in one chunk. */
  const eachChunk = (
    start: number,
    span: FileSpan,
    visit: (chunk: number, from: number, at: number, length: number) => void,
  ): void => {
    let at = span.rangeOffsetBytes;
    const end = at + span.lengthBytes;
    while (at < end) {
      const linear = start + at;
      const from = linear % CHUNK_BYTES;
      const length = Math.min(end - at, CHUNK_BYTES - from);
      visit(Math.floor(linear / CHUNK_BYTES), from, at, length);
      at += length;
    }
  };

  return {
    async open() {
      state = "open";
    },
    async write(offsetBytes, parts) {
      checkOpen();
      const lengthBytes = parts.reduce((sum, part) => sum + part.length, 0);
      for (const span of spansOf(offsetBytes, lengthBytes)) {
        eachChunk(offsetBytes, span, (index, from, at, length) => {
          let chunk = chunks.get(index);
          if (chunk === undefined) {
            chunk = new Uint8Array(CHUNK_BYTES);
            chunks.set(index, chunk);
          }
          let to = from;
          for (const part of sliceParts(parts, at, length)) {
            chunk.set(part, to);
            to += part.length;
          }
        });
      }
    },
    async read(offsetBytes, target) {
      checkOpen();
      const spans = spansOf(offsetBytes, target.length);
      zeroGaps(target, spans);
      for (const span of spans) {
        eachChunk(offsetBytes, span, (index, from, at, length) => {
          const chunk = chunks.get(index);
          if (chunk === undefined) {
            throw new EverseedError(
              "storage-missing",
              `Cannot read ${metainfo.name} at byte ${offsetBytes + at}: it was never written`,
            );
          }
          target.set(chunk.subarray(from, from + length), at);
        });
      }
    },
    async sync() {
      checkOpen();
    },
    async close() {
      state = "closed";
      chunks.clear();
    },
  };
}
