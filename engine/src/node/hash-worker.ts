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

/** A Buffer may be a view of a large pool; a message would carry the whole pool. */
function plain(buffer: Uint8Array): Uint8Array {
  return Uint8Array.from(buffer);
}

function answer(job: HashJob): HashAnswer {
  try {
    const data = new Uint8Array(job.buffer, job.offsetBytes, job.lengthBytes);
    return {
      id: job.id,
      ...(job.sha1 ? { sha1: sha1Padded(data, job.paddingBytes) } : {}),
      ...(job.leaves ? { leaves: leafHashes(data) } : {}),
    };
  } catch (error) {
    return { id: job.id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (job: HashJob) => parentPort?.postMessage(answer(job)));
