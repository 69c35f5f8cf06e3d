/**
 * A worker thread that hashes shared memory with node:crypto, synchronously. It imports nothing but built-ins at run time
 * (the imports of types vanish), so that it starts in a few milliseconds.
 */
import { createHash, hash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import type { HashAnswer, HashJob } from "./hash-protocol.ts";

const BLOCK_BYTES = 16384;
const LEAF_BYTES = 32;
const ZEROS = new Uint8Array(1 << 16);

function sha1Padded(data: Uint8Array, paddingBytes: number): Uint8Array {
  if (paddingBytes === 0) return plain(hash("sha1", data, "buffer"));
  const state = createHash("sha1").update(data);
  for (let left = paddingBytes; left > 0; left -= ZEROS.length) {
    state.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
  }
  return plain(state.digest());
}

function leafHashes(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / BLOCK_BYTES) * LEAF_BYTES);
  for (let at = 0, leaf = 0; at < data.length; at += BLOCK_BYTES, leaf += LEAF_BYTES) {
    out.set(hash("sha256", data.subarray(at, at + BLOCK_BYTES), "buffer"), leaf);
  }
  return out;
}

/** Root of the tree over `leaves`, padded with zero leaves to `width` (BEP 52). Works in one buffer, layer by layer. */
function treeRoot(leaves: Uint8Array, width: number): Uint8Array {
  const layer = new Uint8Array(Math.max(2, width) * LEAF_BYTES);
  layer.set(leaves);
  let used = leaves.length / LEAF_BYTES;
  let pad: Uint8Array = new Uint8Array(LEAF_BYTES);
  for (let w = width; w > 1; w /= 2) {
    if (used % 2 === 1) layer.set(pad, used * LEAF_BYTES);
    used = Math.ceil(used / 2);
    for (let i = 0; i < used; i++) {
      const pair = layer.subarray(2 * i * LEAF_BYTES, 2 * (i + 1) * LEAF_BYTES);
      layer.set(hash("sha256", pair, "buffer"), i * LEAF_BYTES);
    }
    const pads = new Uint8Array(2 * LEAF_BYTES);
    pads.set(pad);
    pads.set(pad, LEAF_BYTES);
    pad = hash("sha256", pads, "buffer");
  }
  return used === 0 ? plain(pad) : layer.slice(0, LEAF_BYTES);
}

/** A Buffer may be a view of a large pool; a message would carry the whole pool. */
function plain(buffer: Uint8Array): Uint8Array {
  return Uint8Array.from(buffer);
}

function answer(job: HashJob): HashAnswer {
  try {
    const data = new Uint8Array(job.buffer, job.offsetBytes, job.lengthBytes);
    const leaves = job.leaves || job.rootWidth > 0 ? leafHashes(data) : new Uint8Array();
    return {
      id: job.id,
      ...(job.sha1 ? { sha1: sha1Padded(data, job.paddingBytes) } : {}),
      ...(job.leaves ? { leaves } : {}),
      ...(job.rootWidth > 0 ? { root: treeRoot(leaves, job.rootWidth) } : {}),
    };
  } catch (error) {
    return { id: job.id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (job: HashJob) => parentPort?.postMessage(answer(job)));
