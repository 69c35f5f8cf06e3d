/**
 * A network of hosts as the engine's `Transport`: latency between two hosts, an access line of its own bandwidth each way
 * at each host, order kept, connections that break when a host goes down. Bytes are the real ones of the wire.
 */
import { EverseedError } from "@everseed/core";
import type { Connection, ConnectionHandlers, Transport } from "@everseed/engine";
import type { World } from "./world.ts";

/** As the TCP shell: `send` answers false from here on. */
const SEND_MARK_BYTES = 1 << 20;
/** What occupies a line at a time: connections of a host share it in turns of this size. */
const SEGMENT_BYTES = 1 << 16;
const UNSET: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };

export interface HostInit {
  readonly address: string;
  /** One way, to the middle of the network. */
  readonly latencyMs: number;
  /** Bytes per second. */
  readonly up: number;
  readonly down: number;
}

interface Host extends HostInit {
  online: boolean;
  /** Counts its crashes: what an earlier life began is nobody's. */
  life: number;
  upFreeAtMs: number;
  downFreeAtMs: number;
  readonly listeners: Map<number, (connection: Connection) => void>;
  readonly ends: Set<End>;
  nextPort: number;
}

/** One side of a connection. */
interface End {
  readonly host: Host;
  readonly connection: Connection;
  /** Of both sides. */
  readonly pair: object;
  other: End;
  open: boolean;
  /** The last byte towards this side arrives no earlier. */
  arrivesAtMs: number;
  queuedBytes: number;
  waiting: boolean;
}

export class Network {
  readonly #world: World;
  readonly #hosts = new Map<string, Host>();
  bytes = 0;
  /** Sees what is sent, before it is delayed or lost, and what arrives. */
  onBytes:
    | ((
        when: "sent" | "arrived",
        sender: Connection,
        way: { from: string; to: string; pair: object },
        bytes: Uint8Array,
      ) => void)
    | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  addHost(init: HostInit): void {
    this.#hosts.set(init.address, {
      ...init,
      online: false,
      life: 0,
      upFreeAtMs: 0,
      downFreeAtMs: 0,
      listeners: new Map(),
      ends: new Set(),
      nextPort: 40_000,
    });
  }

  goOnline(address: string): void {
    this.#host(address).online = true;
  }

  /** The process dies: its connections break, and nobody can reach it. It hears nothing of it. */
  crash(address: string): void {
    const host = this.#host(address);
    host.online = false;
    host.life++;
    host.listeners.clear();
    for (const end of host.ends) {
      end.connection.handlers = UNSET;
      this.#close(end, new Error("connection reset"));
    }
  }

  /** Of connections that are open on that side. */
  get ends(): number {
    let count = 0;
    for (const { ends } of this.#hosts.values()) count += ends.size;
    return count;
  }

  /** Milliseconds for a small message there. */
  latency(from: string, to: string): number {
    return this.#host(from).latencyMs + this.#host(to).latencyMs;
  }

  /** For one life of the process: what goes on in it after its crash reaches nobody. */
  transport(address: string): Transport {
    const host = this.#host(address);
    const { life } = host;
    return {
      name: "sim",
      connect: (to, port, { timeoutMs }) =>
        host.life === life ? this.#connect(host, life, to, port, timeoutMs) : new Promise(() => undefined),
      listen: async (port, accept) => {
        const bound = port === 0 ? host.nextPort++ : port;
        host.listeners.set(bound, accept);
        return bound;
      },
      close: async () => {
        host.listeners.clear();
        for (const end of [...host.ends]) this.#close(end);
      },
    };
  }

  #host(address: string): Host {
    const host = this.#hosts.get(address);
    if (host === undefined) throw new Error(`No host has the address ${address}`);
    return host;
  }

  #connect(from: Host, life: number, to: string, port: number, timeoutMs: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const target = this.#hosts.get(to);
      const refuse = (): void =>
        reject(new EverseedError("connect-failed", `Cannot connect to ${to}:${port}`, { retryable: true }));
      if (target === undefined) return void this.#world.after(timeoutMs, refuse);
      const oneWay = from.latencyMs + target.latencyMs;
      this.#world.after(oneWay, () => {
        const accept = target.listeners.get(port);
        if (!target.online) return void this.#world.after(timeoutMs - oneWay, refuse);
        if (accept === undefined) return void this.#world.after(oneWay, refuse);
        const pair = {};
        const near = this.#end(from, `${to}:${port}`, true, pair);
        const far = this.#end(target, `${from.address}:${from.nextPort++}`, false, pair);
        near.other = far;
        far.other = near;
        accept(far.connection);
        this.#world.after(oneWay, () => {
          if (!from.online || from.life !== life) return this.#close(near);
          resolve(near.connection);
        });
      });
    });
  }

  #end(host: Host, remote: string, initiator: boolean, pair: object): End {
    const end: { -readonly [K in keyof End]?: End[K] } = {
      host,
      pair,
      open: true,
      arrivesAtMs: 0,
      queuedBytes: 0,
      waiting: false,
    };
    end.connection = {
      remote,
      initiator,
      handlers: UNSET,
      get queuedBytes() {
        return end.queuedBytes as number;
      },
      send: (parts, sent) => this.#send(end as End, parts, sent),
      pause() {},
      resume() {},
      close: () => this.#close(end as End),
    };
    host.ends.add(end as End);
    return end as End;
  }

  #send(end: End, parts: readonly Uint8Array[], sent?: () => void): boolean {
    if (!end.open) {
      sent?.();
      return false;
    }
    const bytes = joined(parts);
    // The memory of the parts is free from now on: the segments are copies.
    sent?.();
    this.onBytes?.(
      "sent",
      end.connection,
      { from: end.host.address, to: end.other.host.address, pair: end.pair },
      bytes,
    );
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES)
      this.#sendSegment(end, bytes.subarray(at, at + SEGMENT_BYTES));
    end.waiting ||= end.queuedBytes >= SEND_MARK_BYTES;
    return end.queuedBytes < SEND_MARK_BYTES;
  }

  #sendSegment(end: End, segment: Uint8Array): void {
    const world = this.#world;
    const { host, other } = end;
    host.upFreeAtMs = Math.max(world.now, host.upFreeAtMs) + (segment.length * 1000) / host.up;
    const leavesAtMs = host.upFreeAtMs;
    end.queuedBytes += segment.length;
    world.after(leavesAtMs - world.now, () => {
      end.queuedBytes -= segment.length;
      if (end.open && end.waiting && end.queuedBytes < SEND_MARK_BYTES / 2) {
        end.waiting = false;
        end.connection.handlers.onDrain();
      }
    });
    const reachesAtMs = leavesAtMs + host.latencyMs + other.host.latencyMs;
    world.after(reachesAtMs - world.now, () => {
      const target = other.host;
      target.downFreeAtMs = Math.max(world.now, target.downFreeAtMs) + (segment.length * 1000) / target.down;
      other.arrivesAtMs = Math.max(other.arrivesAtMs, target.downFreeAtMs);
      world.after(other.arrivesAtMs - world.now, () => {
        if (!other.open) return;
        this.bytes += segment.length;
        this.onBytes?.("arrived", end.connection, { from: host.address, to: target.address, pair: end.pair }, segment);
        world.note(`${host.address} > ${target.address} ${segment.length}`, segment);
        other.connection.handlers.onData(segment);
      });
    });
  }

  /** This side ends at once; the other hears of it when all that was sent before has arrived. */
  #close(end: End, error?: Error): void {
    if (!end.open) return;
    const world = this.#world;
    end.open = false;
    end.host.ends.delete(end);
    world.after(0, () => end.connection.handlers.onClose(error));
    const { other } = end;
    if (other === undefined) return;
    const reachesMs = Math.max(world.now, end.host.upFreeAtMs) - world.now + end.host.latencyMs + other.host.latencyMs;
    world.after(reachesMs + 1, () => {
      if (!other.open) return;
      other.open = false;
      other.host.ends.delete(other);
      other.connection.handlers.onClose(error);
    });
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
