/** Payload in memory: for tests, the simulator and short-lived torrents in a browser. Sparse: unwritten pieces cost nothing. */
import { EverseedError } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import type { Storage } from "./storage.ts";

const CHUNK_BYTES = 1 << 16;

export function createMemoryStorage(_metainfo?: Metainfo): Storage {
  const chunks = new Map<number, Uint8Array>();
  const eachChunk = (offset: number, length: number, visit: (index: number, at: number, from: number, size: number) => void): void => {
    for (let from = 0; from < length; ) {
      const index = Math.floor((offset + from) / CHUNK_BYTES);
      const at = offset + from - index * CHUNK_BYTES;
      const size = Math.min(CHUNK_BYTES - at, length - from);
      visit(index, at, from, size);
      from += size;
    }
  };
  return {
    async open() {},
    async write(offsetBytes, parts) {
      let offset = offsetBytes;
      for (const part of parts) {
        eachChunk(offset, part.length, (index, at, from, size) => {
          const chunk = chunks.get(index) ?? new Uint8Array(CHUNK_BYTES);
          chunks.set(index, chunk);
          chunk.set(part.subarray(from, from + size), at);
        });
        offset += part.length;
      }
    },
    async read(offsetBytes, target) {
      eachChunk(offsetBytes, target.length, (index, at, from, size) => {
        const chunk = chunks.get(index);
        if (chunk === undefined) {
          throw new EverseedError("storage-missing", `Cannot read byte ${offsetBytes + from}: it was never written`);
        }
        target.set(chunk.subarray(at, at + size), from);
      });
    },
    async sync() {},
    async close() {
      chunks.clear();
    },
  };
}
