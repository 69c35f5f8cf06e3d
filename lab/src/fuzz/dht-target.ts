/**
 * A whole DHT node on a port that goes nowhere: each input is a packet from one of many strangers, some of whom have a token.
 * The node's answers go back to them at times, so that what it asks is answered with lies as well.
 */
import { type Clock, ProtocolError, seededRandom, utf8 } from "@everseed/core";
import { type DatagramReceiver, Dht } from "@everseed/engine";
import { asBytes } from "@everseed/metainfo";
import { decodeKrpc, encodeNodes, encodeQuery, encodeResponse } from "@everseed/wire";
import { type FuzzTarget, sample } from "./target.ts";

/** A node lives for so many packets: a little less than its tokens do. */
const LIFE = 20_000;
const STEP_MS = 10;
const HOLDER = "10.1.2.3";
/** An answer may be longer than what was asked, but not for ever. */
const MAX_ANSWER_BYTES = 1_500;
/** Packets that one packet may set off on average: its answer, and a ping to whoever sent it. */
const MAX_SENT_EACH = 2;
/** What lookups and ticks send on their own. */
const MAX_SENT_ALONE = 2_000;

/** Time that is moved by hand. */
class HandClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #tasks = new Map<number, { readonly at: number; readonly task: () => void }>();
  now = (): number => this.#now;
  unixMs = (): number => this.#now;
  after(delayMs: number, task: () => void): () => void {
    const key = this.#order++;
    this.#tasks.set(key, { at: this.#now + delayMs, task });
    return () => this.#tasks.delete(key);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const [key, { at, task }] of this.#tasks) {
      if (at > this.#now || !this.#tasks.delete(key)) continue;
      task();
    }
  }
  get waiting(): number {
    return this.#tasks.size;
  }
}

class Subject {
  readonly #clock = new HandClock();
  readonly #dht: Dht;
  #receive: DatagramReceiver = () => false;
  #sent = 0;
  #packets = 0;
  /** What it asked last, with whom it asked. */
  #asked: { readonly transaction: Uint8Array; readonly host: string; readonly port: number } | undefined;
  #token = new Uint8Array(8);

  constructor() {
    this.#dht = new Dht({
      clock: this.#clock,
      random: seededRandom(5),
      bootstrap: [],
      local: true,
      port: {
        port: 6_881,
        send: (packet, host, port) => this.#onSent(packet, host, port),
        subscribe: (receive) => {
          this.#receive = receive;
          return () => undefined;
        },
        close: async () => undefined,
      },
    });
    void this.#dht.start();
    this.#receive(query("get_peers", { info_hash: sample(20, 2) }), HOLDER, 1);
  }

  get over(): boolean {
    return this.#packets >= LIFE;
  }

  packet(input: Uint8Array): boolean {
    this.#packets++;
    const stranger = (input[input.length - 1] ?? 0) % 64;
    const bytes = withToken(input, this.#token);
    const asked = stranger % 4 === 0 ? this.#asked : undefined;
    this.#asked = asked === undefined ? this.#asked : undefined;
    if (asked !== undefined) replace(bytes, utf8("TRAN"), asked.transaction);
    const host = asked?.host ?? (stranger < 8 ? HOLDER : `10.0.${this.#packets % 256}.${stranger}`);
    const before = this.#sent;
    const known = this.#receive(bytes, host, asked?.port ?? 6_881 + stranger);
    if (this.#sent - before > 2) throw new Error(`one packet set off ${this.#sent - before} at once`);
    this.#clock.advance(STEP_MS);
    this.#check();
    return known && decodeKrpc(bytes) !== undefined;
  }

  #check(): void {
    const { nodes, nodes6, torrents, items } = this.#dht.stats;
    if (nodes > 160 * 8 || nodes6 > 160 * 8 || torrents > 4_000 || items > 2_000) throw new Error("it keeps too much");
    if (this.#clock.waiting > 4_096) throw new Error(`${this.#clock.waiting} things under way`);
    if (this.#sent > MAX_SENT_EACH * this.#packets + MAX_SENT_ALONE)
      throw new Error(`${this.#sent} packets for ${this.#packets}`);
  }

  #onSent(packet: Uint8Array, host: string, port: number): void {
    this.#sent++;
    if (packet.length > MAX_ANSWER_BYTES) throw new Error(`a packet of ${packet.length} bytes`);
    const message = decodeKrpc(packet);
    if (message?.type === "query") this.#asked = { transaction: message.transaction.slice(), host, port };
    const token = message?.type === "response" && host === HOLDER ? asBytes(message.values.get("token")) : undefined;
    if (token?.length === 8) this.#token = token.slice();
  }
}

const TOKEN = utf8("TOKENTOK");

function query(method: string, args: Readonly<Record<string, Uint8Array | number>>): Uint8Array {
  return encodeQuery({ transaction: utf8("aa"), method, args: { id: sample(20), ...args }, readOnly: false });
}

/** Tokens are the node's own secret: inputs name a place for one. */
function withToken(input: Uint8Array, token: Uint8Array): Uint8Array {
  replace(input, TOKEN, token);
  return input;
}

function replace(bytes: Uint8Array, what: Uint8Array, by: Uint8Array): void {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(what);
  if (at >= 0 && by.length === what.length) bytes.set(by, at);
}

let subject: Subject | undefined;

export const DHT_TARGET: FuzzTarget = {
  name: "dht-node",
  corpus: () => {
    subject = new Subject();
    const nodes = encodeNodes([{ id: sample(20, 8), host: "10.9.9.9", port: 6_881 }], 4);
    return [
      query("ping", {}),
      query("find_node", { target: sample(20, 4) }),
      query("get_peers", { info_hash: sample(20, 5) }),
      query("announce_peer", { info_hash: sample(20, 5), port: 6_881, token: TOKEN }),
      query("get", { target: sample(20, 6) }),
      query("put", { v: sample(100), token: TOKEN }),
      encodeResponse(utf8("TRAN"), { id: sample(20, 7), nodes, token: sample(8) }, { host: "10.9.8.7", port: 5 }),
    ];
  },
  run: (input) => {
    if (subject === undefined || subject.over) subject = new Subject();
    if (!subject.packet(input))
      throw new ProtocolError("krpc-invalid", "packet", "a message of the DHT", "other bytes");
  },
};
