/**
 * UDP between two hosts in virtual time, for tests: from one seed, packets are lost, delayed, overtaken and doubled, and wait
 * in the queue of a line of limited rate. Nothing here takes real time, so a minute of a slow line is a moment of a test.
 */
import { type Clock, type RandomBytes, seededRandom } from "@everseed/core";
import type { DatagramPort, DatagramReceiver } from "../datagrams.ts";

export interface RigLine {
  /** Shares of packets, 0 to 1. */
  readonly loss?: number;
  readonly doubled?: number;
  /** One way. */
  readonly delayMs: number;
  /** Up to this much more, by chance, so that packets overtake each other. */
  readonly jitterMs?: number;
  /** Each direction. @default no limit */
  readonly bytesPerSecond?: number;
  /** What waits for the line; the rest is dropped. @default no limit */
  readonly queueBytes?: number;
}

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

export class DatagramRig {
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** Longest time a packet has waited for the line, by the sender's address. */
  readonly queuedMs = new Map<string, number>();
  sent = 0;
  /** By the sender's address. */
  readonly lastPacket = new Map<string, Uint8Array>();
  line: RigLine;
  readonly #ports = new Map<string, Set<DatagramReceiver>>();
  readonly #freeAt = new Map<string, number>();
  readonly #tasks: Task[] = [];
  #now = 1_000;
  #order = 0;

  constructor(seed: number, line: RigLine) {
    this.random = seededRandom(seed);
    this.line = line;
    this.clock = {
      now: () => this.#now,
      unixMs: () => this.#now,
      after: (delayMs, run) => {
        const task: Task = { at: this.#now + delayMs, order: this.#order++, run, cancelled: false };
        this.#add(task);
        return () => {
          task.cancelled = true;
        };
      },
    };
  }

  /** The port `port` of `host`. */
  open(host: string, port: number): DatagramPort {
    const receivers = new Set<DatagramReceiver>();
    this.#ports.set(`${host} ${port}`, receivers);
    return {
      port,
      send: (packet, toHost, toPort) => this.#send(packet.slice(), { host, port }, { host: toHost, port: toPort }),
      subscribe: (receive) => {
        receivers.add(receive);
        return () => void receivers.delete(receive);
      },
      close: async () => void this.#ports.delete(`${host} ${port}`),
    };
  }

  /** Delivers a packet as it is, at once. Returns whether a receiver took it. */
  inject(packet: Uint8Array, from: { host: string; port: number }, to: { host: string; port: number }): boolean {
    const receivers = this.#ports.get(`${to.host} ${to.port}`);
    return [...(receivers ?? [])].some((receive) => receive(packet, from.host, from.port));
  }

  /** Lets time pass until the condition holds; false when it does not after `limitMs` of virtual time. */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#now + limitMs;
    for (;;) {
      // What waits for a promise goes on before the next event.
      for (let i = 0; i < 4; i++) await Promise.resolve();
      if (condition()) return true;
      const task = this.#next();
      if (task === undefined) return false;
      if (task.at > end) {
        this.#add(task);
        this.#now = end;
        return false;
      }
      this.#now = Math.max(this.#now, task.at);
      if (!task.cancelled) task.run();
    }
  }

  pass(ms: number): Promise<boolean> {
    return this.until(() => false, ms);
  }

  #chance(): number {
    const bytes = this.random(4);
    return new DataView(bytes.buffer).getUint32(0) / 0x1_0000_0000;
  }

  #send(packet: Uint8Array, from: { host: string; port: number }, to: { host: string; port: number }): void {
    this.sent++;
    this.lastPacket.set(from.host, packet);
    const { loss = 0, doubled = 0, delayMs, jitterMs = 0, bytesPerSecond, queueBytes } = this.line;
    const name = `${from.host}>${to.host}`;
    let leavesAt = this.#now;
    if (bytesPerSecond !== undefined) {
      const freeAt = Math.max(this.#now, this.#freeAt.get(name) ?? 0);
      const waitMs = freeAt - this.#now;
      if ((waitMs / 1_000) * bytesPerSecond > (queueBytes ?? Number.POSITIVE_INFINITY)) return;
      this.queuedMs.set(from.host, Math.max(waitMs, this.queuedMs.get(from.host) ?? 0));
      leavesAt = freeAt + ((packet.length + 28) / bytesPerSecond) * 1_000;
      this.#freeAt.set(name, leavesAt);
    }
    const copies = this.#chance() < doubled ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (this.#chance() < loss) continue;
      const at = leavesAt + delayMs + this.#chance() * jitterMs;
      const run = (): void => void this.inject(packet, from, to);
      this.#add({ at, order: this.#order++, run, cancelled: false });
    }
  }

  // A binary heap, earliest first.

  #add(task: Task): void {
    const tasks = this.#tasks;
    let at = tasks.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(tasks[parent] as Task, task)) break;
      tasks[at] = tasks[parent] as Task;
      at = parent;
    }
    tasks[at] = task;
  }

  #next(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (first === undefined || last === undefined || tasks.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= tasks.length) break;
      if (child + 1 < tasks.length && before(tasks[child + 1] as Task, tasks[child] as Task)) child++;
      if (before(last, tasks[child] as Task)) break;
      tasks[at] = tasks[child] as Task;
      at = child;
    }
    tasks[at] = last;
    return first;
  }
}

function before(a: Task, b: Task): boolean {
  return a.at !== b.at ? a.at < b.at : a.order < b.order;
}
