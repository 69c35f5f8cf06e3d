/**
 * Hashing with WebCrypto, which browsers (and Node) run off the main thread. WebCrypto takes no shared memory and has no
 * running state: shared data is copied, and padding zeros are appended by a copy.
 */

import { EverseedError } from "@everseed/core";
import { BLOCK_BYTES, merkleRoot } from "@everseed/metainfo";
import type { Hasher } from "./hasher.ts";

const LEAF_BYTES = 32;
/** Blocks digested at a time: keeps the threads busy without a thousand promises for one large piece. */
const BLOCKS_AT_ONCE = 64;

export function createWebHasher(): Hasher {
  let closed = false;

  const sha1 = async (data: Uint8Array<ArrayBuffer>, paddingBytes: number): Promise<Uint8Array> => {
    let input = data;
    if (paddingBytes > 0) {
      input = new Uint8Array(data.length + paddingBytes);
      input.set(data);
    }
    return new Uint8Array(await crypto.subtle.digest("SHA-1", input));
  };

  const leafHashes = async (data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
    const count = Math.ceil(data.length / BLOCK_BYTES);
    const out = new Uint8Array(count * LEAF_BYTES);
    const one = async (leaf: number): Promise<void> => {
      const block = data.subarray(leaf * BLOCK_BYTES, (leaf + 1) * BLOCK_BYTES);
      out.set(new Uint8Array(await crypto.subtle.digest("SHA-256", block)), leaf * LEAF_BYTES);
    };
    for (let first = 0; first < count; first += BLOCKS_AT_ONCE) {
      const last = Math.min(count, first + BLOCKS_AT_ONCE);
      await Promise.all(Array.from({ length: last - first }, (_, i) => one(first + i)));
    }
    return out;
  };

  return {
    async digest(data, want) {
      if (closed) throw new EverseedError("hasher-closed", "Cannot hash a piece: the hasher is closed");
      const own = isShared(data) ? new Uint8Array(data) : (data as Uint8Array<ArrayBuffer>);
      const [v1, leaves] = await Promise.all([
        want.sha1 ? sha1(own, want.paddingBytes ?? 0) : undefined,
        want.leaves || want.rootWidth ? leafHashes(own) : undefined,
      ]);
      return {
        ...(v1 ? { sha1: v1 } : {}),
        ...(leaves && want.leaves ? { leaves } : {}),
        ...(leaves && want.rootWidth ? { root: merkleRoot(leaves, want.rootWidth) } : {}),
      };
    },
    allocate: (lengthBytes) => new Uint8Array(lengthBytes),
    async close() {
      closed = true;
    },
  };
}

/** Pages that are not cross-origin isolated have no `SharedArrayBuffer` at all. */
function isShared(data: Uint8Array): boolean {
  return typeof SharedArrayBuffer !== "undefined" && data.buffer instanceof SharedArrayBuffer;
}
