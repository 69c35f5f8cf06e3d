/**
 * uTP (BEP 29) as a `Transport` on a UDP port that others share: packets find their connection by address and id, SYNs
 * begin one, and what is neither is left to the other receivers of the port.
 *
 * One timer serves all connections, and one task at the end of each burst of packets. All counts are bounded; of
 * connections that are half open the oldest gives way, so that a flood of SYNs cannot keep others out for long.
 */
import { type Clock, EverseedError, type RandomBytes } from "@everseed/core";
import { decodeUtpPacket, formatIpv6, parseIpv4, parseIpv6, type UtpPacket, UtpType } from "@everseed/wire";
import type { DatagramPort } from "../datagrams.ts";
import type { Connection, ConnectionHandlers, Transport } from "../transport.ts";
import type { SharedRoom } from "./receive-window.ts";
import { UtpSocket } from "./utp-socket.ts";

const MAX_CONNECTIONS = 1_024;
const MAX_HALF_OPEN = 128;
/** Packets that wait for earlier ones or for their owners, of all connections together. */
const MAX_HELD_BYTES = 64 << 20;
const TICK_MS = 100;
/** How long `close` waits for what is on its way. */
const CLOSE_MS = 500;

const UNSET: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };

export interface UtpTransportInit {
  /** Stays open when the transport closes. */
  readonly port: DatagramPort;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** `listen` binds nothing: it resolves with the number of the port. Hosts are addresses, not names. */
export function createUtpTransport(init: UtpTransportInit): Transport {
  return new UtpTransport(init);
}

/** A connection's address and state machine, and what its owner is told by. */
interface Entry {
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly socket: UtpSocket;
}

interface Opening {
  established(connection: Connection): void;
  /** The connection ended before it was established. */
  failed(error: Error | undefined): void;
}

class UtpTransport implements Transport {
  readonly name = "utp";
  readonly #init: UtpTransportInit;
  readonly #entries = new Map<string, Entry>();
  /** In the order in which they came. */
  readonly #halfOpen = new Set<Entry>();
  readonly #dirty = new Set<Entry>();
  readonly #shared: SharedRoom = { freeBytes: MAX_HELD_BYTES };
  readonly #unsubscribe: () => void;
  #accept: ((connection: Connection) => void) | undefined;
  #cancelTick: (() => void) | undefined;
  #flushing = false;
  #closed = false;
  #closing: { readonly promise: Promise<void>; readonly done: () => void } | undefined;

  constructor(init: UtpTransportInit) {
    this.#init = init;
    this.#unsubscribe = init.port.subscribe((packet, host, port) => this.#receive(packet, host, port));
  }

  connect(host: string, port: number, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(new EverseedError("connect-failed", `Cannot connect to ${host}:${port}`, { retryable: true, cause }));
      const { timeoutMs, signal } = options;
      const address = canonical(host);
      if (signal?.aborted) return fail(signal.reason);
      if (this.#closing !== undefined) return fail(new Error("the transport is closed"));
      if (address === undefined) return fail(new Error("the host is not an address"));
      if (!this.#makeRoom()) return fail(new Error(`there are ${MAX_CONNECTIONS} connections`));
      const settle = (): void => {
        cancelTimeout();
        signal?.removeEventListener("abort", abort);
      };
      const entry = this.#open(address, port, this.#freeId(address, port), true, {
        established(connection) {
          settle();
          resolve(connection);
        },
        failed(error) {
          settle();
          fail(error ?? new Error("closed"));
        },
      });
      const giveUp = (why: string): void => entry.socket.abort(new Error(why), this.#init.clock.now());
      const abort = (): void => giveUp("aborted");
      const cancelTimeout = this.#init.clock.after(timeoutMs, () => giveUp(`no answer within ${timeoutMs} ms`));
      signal?.addEventListener("abort", abort, { once: true });
      entry.socket.connect(this.#init.clock.now());
    });
  }

  async listen(_port: number, accept: (connection: Connection) => void): Promise<number> {
    this.#accept = accept;
    return this.#init.port.port;
  }

  /** Closes all connections; what has not arrived after half a second is given up. */
  async close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing.promise;
    this.#accept = undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = { promise, done: resolve };
    const { clock } = this.#init;
    for (const { socket } of [...this.#entries.values()]) socket.close(clock.now());
    const cancel = clock.after(CLOSE_MS, resolve);
    this.#flushSoon();
    await promise;
    cancel();
    this.#closed = true;
    for (const { socket } of [...this.#entries.values()]) if (!socket.delivered) socket.abort(undefined, clock.now());
    this.#unsubscribe();
    this.#cancelTick?.();
    this.#entries.clear();
    this.#halfOpen.clear();
  }

  #receive(packet: Uint8Array, host: string, port: number): boolean {
    const decoded = decodeUtpPacket(packet);
    if (decoded === undefined) return false;
    const entry = this.#find(decoded, host, port);
    if (entry === undefined) return decoded.type === UtpType.syn && this.#incoming(decoded, host, port);
    entry.socket.receive(decoded, this.#init.clock.now());
    if (entry.socket.state === "closed") this.#forget(entry);
    return true;
  }

  #find({ type, connectionId: id }: UtpPacket, host: string, port: number): Entry | undefined {
    if (type === UtpType.syn) return this.#entries.get(keyOf(host, port, id + 1));
    const entry = this.#entries.get(keyOf(host, port, id));
    if (entry !== undefined || type !== UtpType.reset) return entry;
    // Who does not know a connection can only answer with the id of the packet it got.
    return this.#entries.get(keyOf(host, port, id - 1)) ?? this.#entries.get(keyOf(host, port, id + 1));
  }

  #incoming(syn: UtpPacket, host: string, port: number): boolean {
    const id = (syn.connectionId + 1) & 0xffff;
    if (this.#accept === undefined || port === 0) return false;
    if (!this.#makeRoom()) return true;
    const oldest = this.#halfOpen.values().next().value;
    if (this.#halfOpen.size >= MAX_HALF_OPEN && oldest !== undefined) this.#forget(oldest);
    const entry = this.#open(host, port, id, false, {
      established: (connection) => {
        this.#halfOpen.delete(entry);
        if (this.#accept === undefined) connection.close();
        else this.#accept(connection);
      },
      failed: () => undefined,
    });
    this.#halfOpen.add(entry);
    entry.socket.accept(syn, this.#init.clock.now());
    return true;
  }

  /** Whether one more connection may be; one that is half open gives way to it. */
  #makeRoom(): boolean {
    if (this.#entries.size < MAX_CONNECTIONS) return true;
    const oldest = this.#halfOpen.values().next().value;
    if (oldest === undefined) return false;
    this.#forget(oldest);
    return true;
  }

  #freeId(host: string, port: number): number {
    for (;;) {
      const id = this.#random16();
      if (!this.#entries.has(keyOf(host, port, id)) && !this.#entries.has(keyOf(host, port, id + 1))) return id;
    }
  }

  #random16(): number {
    const bytes = this.#init.random(2);
    return ((bytes[0] as number) << 8) | (bytes[1] as number);
  }

  #open(host: string, port: number, receiveId: number, initiator: boolean, opening: Opening): Entry {
    let connection: Connection | undefined;
    const socket = new UtpSocket({
      initiator,
      receiveId,
      firstSequence: this.#random16(),
      shared: this.#shared,
      events: {
        transmit: (packet) => this.#init.port.send(packet, host, port),
        established: () => {
          connection = this.#connection(entry, initiator);
          opening.established(connection);
        },
        data: (chunk) => connection?.handlers.onData(chunk),
        drain: () => connection?.handlers.onDrain(),
        ended: (error) => {
          if (connection === undefined) opening.failed(error);
          else connection.handlers.onClose(error);
        },
        wantsFlush: () => {
          this.#dirty.add(entry);
          this.#flushSoon();
        },
      },
    });
    const entry: Entry = { key: keyOf(host, port, receiveId), host, port, socket };
    this.#entries.set(entry.key, entry);
    this.#cancelTick ??= this.#scheduleTick();
    return entry;
  }

  #connection({ socket, host, port }: Entry, initiator: boolean): Connection {
    const { clock } = this.#init;
    return {
      remote: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
      initiator,
      transport: "utp",
      handlers: UNSET,
      get queuedBytes() {
        return socket.queuedBytes;
      },
      send: (parts, sent) => socket.send(parts, sent, clock.now()),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: () => socket.close(clock.now()),
    };
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#halfOpen.delete(entry);
  }

  /** Once all packets that are there have been handled: sockets are read before timers run. */
  #flushSoon(): void {
    if (this.#flushing || this.#closed) return;
    this.#flushing = true;
    this.#init.clock.after(0, () => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const now = this.#init.clock.now();
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const entry of dirty) {
      entry.socket.flush(now);
      if (entry.socket.state === "closed") this.#forget(entry);
    }
    this.#checkClosing();
  }

  #scheduleTick(): () => void {
    return this.#init.clock.after(TICK_MS, () => {
      const now = this.#init.clock.now();
      for (const entry of [...this.#entries.values()]) {
        entry.socket.tick(now);
        if (entry.socket.state === "closed") this.#forget(entry);
      }
      this.#checkClosing();
      this.#cancelTick = this.#entries.size > 0 && !this.#closed ? this.#scheduleTick() : undefined;
    });
  }

  #checkClosing(): void {
    if (this.#closing === undefined) return;
    for (const { socket } of this.#entries.values()) if (!socket.delivered) return;
    this.#closing.done();
  }
}

function keyOf(host: string, port: number, receiveId: number): string {
  return `${receiveId & 0xffff} ${host} ${port}`;
}

/** The address as it stands on packets that come from it; undefined when it is none. */
function canonical(host: string): string | undefined {
  const bare = host.replace(/^\[|\]$/g, "");
  const v4 = parseIpv4(bare);
  if (v4 !== undefined) return v4.join(".");
  const v6 = parseIpv6(bare);
  if (v6 === undefined) return undefined;
  return formatIpv6(v6);
}
