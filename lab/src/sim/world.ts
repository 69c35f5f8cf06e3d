/**
 * Time and the trace of a simulated run. One queue of tasks in the order of their time (ties in the order they were set), one
 * generator of chance, and a running hash of everything that crossed the network: two runs of the same seed give the same.
 *
 * Promises settle between two tasks: nothing in a simulation waits for a real disk, socket or thread.
 */
import { createHash } from "node:crypto";
import { type Clock, type RandomBytes, randomInt, seededRandom } from "@everseed/core";

/** 2026-01-01, so that epochs and expiries look like the real thing. */
const UNIX_START_MS = 1_767_225_600_000;

/** Tasks at one instant: more are a timer that sets itself again with no time between. */
const MAX_AT_ONCE = 1_000_000;

interface Task {
  readonly atMs: number;
  readonly order: number;
  /** The process that planned it. */
  readonly owner: { readonly alive: boolean } | undefined;
  run: (() => void) | undefined;
}

export class World {
  readonly random: RandomBytes;
  readonly #trace = createHash("sha256");
  /** A binary heap. */
  #tasks: Task[] = [];
  #order = 0;
  #now = 0;
  events = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  get now(): number {
    return this.#now;
  }

  /** A number in [0, 1). */
  chance(): number {
    return randomInt(this.random, 1 << 30) / (1 << 30);
  }

  /** Adds to the trace: what happened now. */
  note(what: string, bytes?: Uint8Array): void {
    this.#trace.update(`${this.#now.toFixed(3)} ${what}\n`);
    if (bytes !== undefined) this.#trace.update(bytes);
  }

  /** The hash of all that was noted so far, in hex. */
  digest(): string {
    return this.#trace.copy().digest("hex");
  }

  /** Calls `run` at `delayMs` from now. Returns a function that cancels it. */
  after(delayMs: number, run: () => void, owner?: Task["owner"]): () => void {
    const task: Task = { atMs: this.#now + Math.max(0, delayMs), order: this.#order++, owner, run };
    this.#push(task);
    return () => {
      task.run = undefined;
    };
  }

  /** A clock for one process: what it has planned dies with it. */
  clock(): Clock & { kill(): void } {
    const life = { alive: true };
    return {
      now: () => this.#now,
      unixMs: () => Math.floor(UNIX_START_MS + this.#now),
      after: (delayMs, run) => this.after(delayMs, run, life),
      kill: () => {
        life.alive = false;
      },
    };
  }

  /** How many tasks are planned. Lets go of what was cancelled or died with its process. */
  timers(): number {
    // Sorted by time and order: that is a heap too.
    this.#tasks = this.#tasks.filter(isLive).sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    return this.#tasks.length;
  }

  /** Runs until `done` says so, the time is `untilMs`, or nothing is planned any more. */
  async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
    let atOnce = 0;
    await settled();
    while (!done()) {
      const next = this.#tasks[0];
      if (next === undefined || next.atMs > untilMs) {
        if (next !== undefined) this.#now = untilMs;
        return;
      }
      this.#pop();
      if (!isLive(next)) continue;
      atOnce = next.atMs === this.#now ? atOnce + 1 : 0;
      if (atOnce > MAX_AT_ONCE) throw new Error(`Time stands still at ${this.#now} ms`);
      this.#now = next.atMs;
      this.events++;
      next.run?.();
      await settled();
    }
  }

  #push(task: Task): void {
    const heap = this.#tasks;
    let i = heap.length;
    heap.push(task);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(task, heap[parent] as Task)) break;
      heap[i] = heap[parent] as Task;
      i = parent;
    }
    heap[i] = task;
  }

  #pop(): void {
    const heap = this.#tasks;
    const last = heap.pop() as Task;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Task, heap[child] as Task)) child++;
      if (!before(heap[child] as Task, last)) break;
      heap[i] = heap[child] as Task;
      i = child;
    }
    heap[i] = last;
  }
}

function isLive({ run, owner }: Task): boolean {
  return run !== undefined && owner?.alive !== false;
}

function before(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Every promise that can settle without the outside world has settled when the next turn of the event loop begins. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
