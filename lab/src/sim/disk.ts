/**
 * Disks and hashing of simulated nodes. A node's payload is a bitmap over the one true content, so that two hundred nodes
 * of a gigabyte fit in memory; what is written must be that content, which makes every verified byte of a run a check.
 */

import { createHash, hash } from "node:crypto";
import { type Clock, EverseedError, equalBytes } from "@everseed/core";
import type { Hasher, Storage } from "@everseed/engine";
import { merkleRoot } from "@everseed/metainfo";

const BLOCK_BYTES = 16_384;
const LEAF_BYTES = 32;
/** A page cache takes a write at once; a read may have to wait for the disk. */
const READ_MS = 2;
const WRITE_MS = 1;
const HASH_BYTES_PER_MS = 1_000_000;

/** What survives the process. */
export class Disk {
  readonly #content: Uint8Array;
  readonly #blocks: Uint8Array;
  /** What it reads is not what was written. */
  corrupt = false;

  constructor(content: Uint8Array, full: boolean) {
    this.#content = content;
    this.#blocks = new Uint8Array(Math.ceil(content.length / BLOCK_BYTES)).fill(full ? 1 : 0);
  }

  get complete(): boolean {
    return this.#blocks.every((there) => there === 1);
  }

  storage(clock: Clock): Storage {
    const content = this.#content;
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
    return {
      async open() {},
      write: async (offsetBytes, parts) => {
        await pause(WRITE_MS);
        let at = offsetBytes;
        for (const part of parts) {
          if (!equalBytes(part, content.subarray(at, at + part.length))) {
            throw new Error(`Data was verified that is not the torrent's, at byte ${at}`);
          }
          at += part.length;
        }
        this.#blocks.fill(1, Math.floor(offsetBytes / BLOCK_BYTES), Math.ceil(at / BLOCK_BYTES));
      },
      read: async (offsetBytes, target) => {
        await pause(READ_MS);
        const end = Math.min(content.length, offsetBytes + target.length);
        for (let b = Math.floor(offsetBytes / BLOCK_BYTES); b * BLOCK_BYTES < end; b++) {
          if (this.#blocks[b] !== 1) throw new EverseedError("storage-missing", "Cannot read what was never written");
        }
        target.set(content.subarray(offsetBytes, end));
        if (this.corrupt) target[0] = (target[0] as number) ^ 1;
      },
      async sync() {},
      async close() {},
    };
  }
}

export function simulatedHasher(clock: Clock): Hasher {
  return {
    digest: (data, want) =>
      new Promise((resolve) => {
        clock.after(data.length / HASH_BYTES_PER_MS, () => {
          const padding = new Uint8Array(want.paddingBytes ?? 0);
          resolve({
            ...(want.sha1 ? { sha1: new Uint8Array(createHash("sha1").update(data).update(padding).digest()) } : {}),
            ...(want.leaves ? { leaves: leavesOf(data) } : {}),
            ...(want.rootWidth ? { root: merkleRoot(leavesOf(data), want.rootWidth) } : {}),
          });
        });
      }),
    allocate: (lengthBytes) => new Uint8Array(lengthBytes),
    async close() {},
  };
}

/** SHA-256 of each 16 KiB block, one after the other (BEP 52). */
export function leavesOf(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / BLOCK_BYTES) * LEAF_BYTES);
  for (let at = 0, leaf = 0; at < data.length; at += BLOCK_BYTES, leaf += LEAF_BYTES) {
    out.set(hash("sha256", data.subarray(at, at + BLOCK_BYTES), "buffer"), leaf);
  }
  return out;
}
