/** Rig for tests of the DHT: nodes in one process over a simulated network, with time that is moved by hand. */
import { seededRandom } from "@everseed/core";
import type { DatagramPort, DatagramReceiver } from "../datagrams.ts";
import { Dht, type DhtInit } from "./dht.ts";

/** A clock that is moved by hand, with room for promises in between. */
export class SimClock {
  #now = 0;
  #tasks: { at: number; order: number; task: () => void }[] = [];
  #order = 0;
  now = (): number => this.#now;
  unixMs = (): number => this.#now;
  after = (delayMs: number, task: () => void): (() => void) => {
    const entry = { at: this.#now + delayMs, order: this.#order++, task };
    this.#tasks.push(entry);
    return () => {
      const at = this.#tasks.indexOf(entry);
      if (at >= 0) this.#tasks.splice(at, 1);
    };
  };

  /** Runs until the promise settles. */
  async run<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    const end = this.#now + limitMs;
    while (!settled) {
      for (let i = 0; i < 8; i++) await Promise.resolve();
      if (settled) break;
      let next = 0;
      for (let i = 1; i < this.#tasks.length; i++) {
        const [a, b] = [this.#tasks[i], this.#tasks[next]] as [
          { at: number; order: number },
          { at: number; order: number },
        ];
        if (a.at < b.at || (a.at === b.at && a.order < b.order)) next = i;
      }
      const [entry] = this.#tasks.splice(next, 1);
      if (entry === undefined || entry.at > end) throw new Error("it never settles");
      this.#now = Math.max(this.#now, entry.at);
      entry.task();
    }
    return promise;
  }

  wait(ms: number): Promise<void> {
    return this.run(new Promise<void>((resolve) => void this.after(ms, resolve)), ms + 1);
  }
}

/** UDP between addresses: packets take a while, and some are lost. */
export class Network {
  readonly clock = new SimClock();
  readonly #ports = new Map<string, Set<DatagramReceiver>>();
  readonly #random: (length: number) => Uint8Array;
  readonly lossPercent: number;
  sent = 0;

  constructor(seed: number, lossPercent = 0) {
    this.#random = seededRandom(seed);
    this.lossPercent = lossPercent;
  }

  port(host: string, port = 6881): DatagramPort {
    const receivers = new Set<DatagramReceiver>();
    this.#ports.set(`${host}|${port}`, receivers);
    return {
      port,
      send: (packet, to, toPort) => {
        this.sent++;
        const [roll, delay] = this.#random(2) as unknown as [number, number];
        if (roll % 100 < this.lossPercent) return;
        const copy = packet.slice();
        this.clock.after(10 + delay / 4, () => {
          for (const receive of this.#ports.get(`${to}|${toPort}`) ?? []) if (receive(copy.slice(), host, port)) return;
        });
      },
      subscribe: (receive) => {
        receivers.add(receive);
        return () => void receivers.delete(receive);
      },
      close: async () => undefined,
    };
  }

  drop(host: string): void {
    this.#ports.delete(`${host}|6881`);
  }
}

export const hostOf = (i: number): string => `20.${i >> 8}.${i & 255}.7`;

/** Nodes that have joined one after the other. */
export async function swarm(network: Network, count: number, changes: Partial<DhtInit> = {}): Promise<Dht[]> {
  const nodes: Dht[] = [];
  for (let i = 0; i < count; i++) {
    const random = seededRandom(1_000 + i);
    const dht = new Dht({
      port: network.port(hostOf(i)),
      clock: network.clock,
      random,
      bootstrap: i === 0 ? [] : [{ host: hostOf((i * 7) % Math.min(i, 8)), port: 6881 }],
      ...changes,
    });
    await network.clock.run(dht.start());
    nodes.push(dht);
  }
  return nodes;
}
