/**
 * Hashing on worker threads. Invariant: every promise of `digest` settles: a worker that dies rejects what it held with
 * EverseedError `hasher-crashed` and is replaced when the next digest comes.
 *
 * Data in a `SharedArrayBuffer` (what `allocate` gives) is hashed where it lies. Other data is copied once into shared
 * scratch buffers, which are kept and used again. A worker holds at most two jobs, so that it never idles between them;
 * the rest wait here in order, and beyond `MAX_QUEUED` a digest is refused. Threads start when they are first needed and
 * keep the process alive only while they hold a job.
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { EverseedError } from "@everseed/core";
import type { DigestWant, Hasher, PieceDigests } from "../hasher.ts";
import type { HashAnswer, HashJob } from "./hash-protocol.ts";
import { SharedBytes } from "./shared-bytes.ts";

const MAX_THREADS = 4;
const JOBS_PER_THREAD = 2;
/** Digests that may wait. The engine's window of pieces is far smaller; more is a runaway caller. */
const MAX_QUEUED = 16_384;
/** Scratch buffers kept for data that is not shared, and the most bytes each may have to be kept. */
const MAX_SCRATCH = 2 * MAX_THREADS;
const MAX_SCRATCH_BYTES = 1 << 24;

export interface WorkerHasherOptions {
  /** Threads, 1 to 4. @default one fewer than the processors, at most 2 */
  readonly threads?: number;
}

/** A worker-thread hasher that can be watched, and made to crash by its tests. */
export interface WorkerHasher extends Hasher {
  /** Threads that run now. */
  readonly threadCount: number;
  /** Ends one thread as a crash would. Resolves when it is gone. */
  crashThread(): Promise<void>;
}

interface Pending {
  readonly data: Uint8Array;
  readonly want: DigestWant;
  readonly resolve: (digests: PieceDigests) => void;
  readonly reject: (error: EverseedError) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, { readonly pending: Pending; readonly scratch?: SharedArrayBuffer }>;
}

export function createWorkerHasher(options: WorkerHasherOptions = {}): WorkerHasher {
  const limit = Math.max(1, Math.min(MAX_THREADS, options.threads ?? Math.min(2, availableParallelism() - 1)));
  const threads = new Set<Thread>();
  const queue: Pending[] = [];
  /** Index of the first live element of `queue`: taking from the front costs nothing. */
  let head = 0;
  const scratch: SharedArrayBuffer[] = [];
  let nextId = 0;
  let closed = false;

  const fail = (thread: Thread, cause: unknown): void => {
    if (!threads.delete(thread)) return;
    const message = cause instanceof Error ? cause.message : String(cause);
    for (const { pending, scratch: buffer } of thread.jobs.values()) {
      keep(buffer);
      pending.reject(
        new EverseedError("hasher-crashed", `Cannot hash a piece: the worker thread ended (${message})`, {
          cause,
          retryable: true,
        }),
      );
    }
    thread.jobs.clear();
    if (!closed) pump();
  };

  const spawn = (): Thread => {
    const worker = new Worker(new URL("./hash-worker.ts", import.meta.url), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    const thread: Thread = { worker, jobs: new Map() };
    worker.unref();
    worker.on("message", (answer: HashAnswer) => settle(thread, answer));
    worker.on("error", (error) => fail(thread, error));
    worker.on("exit", (code) => fail(thread, `exit code ${code}`));
    threads.add(thread);
    return thread;
  };

  const settle = (thread: Thread, answer: HashAnswer): void => {
    const job = thread.jobs.get(answer.id);
    if (job === undefined) return;
    thread.jobs.delete(answer.id);
    keep(job.scratch);
    if (thread.jobs.size === 0) thread.worker.unref();
    pump();
    const { sha1, leaves, root, error } = answer;
    if (error !== undefined) job.pending.reject(new EverseedError("hasher-failed", `Cannot hash a piece: ${error}`));
    else job.pending.resolve({ ...(sha1 ? { sha1 } : {}), ...(leaves ? { leaves } : {}), ...(root ? { root } : {}) });
  };

  const keep = (buffer: SharedArrayBuffer | undefined): void => {
    if (buffer !== undefined && buffer.byteLength <= MAX_SCRATCH_BYTES && scratch.length < MAX_SCRATCH)
      scratch.push(buffer);
  };

  const toShared = (data: Uint8Array): { buffer: SharedArrayBuffer; offsetBytes: number; own: boolean } => {
    if (data.buffer instanceof SharedArrayBuffer)
      return { buffer: data.buffer, offsetBytes: data.byteOffset, own: false };
    const fit = scratch.findIndex((buffer) => buffer.byteLength >= data.length);
    const buffer =
      fit >= 0 ? (scratch.splice(fit, 1)[0] as SharedArrayBuffer) : new SharedArrayBuffer(Math.max(data.length, 1));
    if (fit < 0 && scratch.length >= MAX_SCRATCH) scratch.shift();
    new SharedBytes(buffer).set(data);
    return { buffer, offsetBytes: 0, own: true };
  };

  /** The least busy thread with room, or a new one while there may be more. */
  const pick = (): Thread | undefined => {
    let best: Thread | undefined;
    for (const thread of threads) if (best === undefined || thread.jobs.size < best.jobs.size) best = thread;
    if (best?.jobs.size === 0) return best;
    if (threads.size < limit) return spawn();
    return best !== undefined && best.jobs.size < JOBS_PER_THREAD ? best : undefined;
  };

  const pump = (): void => {
    while (head < queue.length) {
      const thread = pick();
      if (thread === undefined) return;
      const pending = queue[head] as Pending;
      head++;
      if (head > 1024 || head === queue.length) {
        queue.splice(0, head);
        head = 0;
      }
      const shared = toShared(pending.data);
      const id = nextId++;
      const job: HashJob = {
        id,
        buffer: shared.buffer,
        offsetBytes: shared.offsetBytes,
        lengthBytes: pending.data.length,
        sha1: pending.want.sha1 ?? false,
        leaves: pending.want.leaves ?? false,
        rootWidth: pending.want.rootWidth ?? 0,
        paddingBytes: pending.want.paddingBytes ?? 0,
      };
      if (thread.jobs.size === 0) thread.worker.ref();
      thread.jobs.set(id, { pending, ...(shared.own ? { scratch: shared.buffer } : {}) });
      thread.worker.postMessage(job);
    }
  };

  return {
    digest(data, want) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new EverseedError("hasher-closed", "Cannot hash a piece: the hasher is closed"));
        if (queue.length - head >= MAX_QUEUED) {
          return reject(
            new EverseedError("hasher-busy", `Cannot hash a piece: ${MAX_QUEUED} digests wait already`, {
              retryable: true,
            }),
          );
        }
        queue.push({ data, want, resolve, reject });
        pump();
      });
    },
    allocate: SharedBytes.ofLength,
    get threadCount() {
      return threads.size;
    },
    async crashThread() {
      const [thread] = threads;
      await thread?.worker.terminate();
    },
    async close() {
      closed = true;
      const error = new EverseedError("hasher-closed", "Cannot hash a piece: the hasher was closed");
      for (const pending of queue.splice(0).slice(head)) pending.reject(error);
      head = 0;
      const ending = [...threads];
      for (const thread of ending) {
        for (const { pending } of thread.jobs.values()) pending.reject(error);
        thread.jobs.clear();
        threads.delete(thread);
      }
      await Promise.all(ending.map((thread) => thread.worker.terminate()));
      scratch.length = 0;
    },
  };
}
