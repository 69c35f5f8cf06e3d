/** Reads the peer wire between two plain hosts: every message as it was sent, and as it arrived. */
import type { Actor, Scene } from "./scene.ts";

const HANDSHAKE_BYTES = 68;
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, "choke"],
  [1, "unchoke"],
  [6, "request"],
  [7, "piece"],
  [16, "reject"],
]);
const EXTENDED = 20;
/** Ids that our engine gives its extensions, in the order of the simulated node. */
const EXTENSIONS: ReadonlyMap<number, string> = new Map([
  [16, "es_pay"],
  [17, "es_market"],
]);

export interface Frame {
  readonly from: Actor;
  /** Numbers connections: two that dial each other at once have two for a moment. */
  readonly stream: number;
  readonly atMs: number;
  /** Counts what was sent and what arrived over both directions. */
  readonly order: number;
  /** A name, `es_market 1` for an extension's message and its kind, else the id. */
  readonly what: string;
  /** Piece and byte of a request, a block or a reject. */
  readonly block?: string;
  readonly payload: Uint8Array;
}

export interface WireTap {
  readonly sent: readonly Frame[];
  readonly arrived: readonly Frame[];
}

/** Call before the two connect. */
export function tapWire(scene: Scene, a: Actor, b: Actor): WireTap {
  const tap = { sent: [] as Frame[], arrived: [] as Frame[] };
  const streams = { sent: new Map<object, Stream>(), arrived: new Map<object, Stream>() };
  let order = 0;
  const numbers = new Map<object, number>();
  const numberOf = (pair: object): number => {
    if (!numbers.has(pair)) numbers.set(pair, numbers.size);
    return numbers.get(pair) as number;
  };
  scene.network.onBytes = (when, connection, { from, to, pair }, bytes) => {
    const sender = [a, b].find(({ address }) => address === from);
    if (sender === undefined || ![a, b].some(({ address }) => address === to)) return;
    const stream = streams[when].get(connection) ?? new Stream(numberOf(pair));
    streams[when].set(connection, stream);
    for (const frame of stream.push(bytes))
      tap[when].push({ ...frame, from: sender, stream: stream.number, atMs: scene.world.now, order: order++ });
  };
  return tap;
}

class Stream {
  readonly number: number;
  #held: Uint8Array = new Uint8Array();
  #greeted = false;

  constructor(number: number) {
    this.number = number;
  }

  *push(bytes: Uint8Array): Generator<Pick<Frame, "what" | "block" | "payload">> {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    const view = new DataView(all.buffer);
    let at = 0;
    if (!this.#greeted && all.length >= HANDSHAKE_BYTES) {
      this.#greeted = true;
      at = HANDSHAKE_BYTES;
    }
    while (this.#greeted && at + 4 <= all.length && at + 4 + view.getUint32(at) <= all.length) {
      const payload = all.subarray(at + 4, at + 4 + view.getUint32(at));
      at += 4 + payload.length;
      if (payload.length > 0) yield read(payload);
    }
    this.#held = all.slice(at);
  }
}

function read(payload: Uint8Array): Pick<Frame, "what" | "block" | "payload"> {
  const id = payload[0] as number;
  const view = new DataView(payload.buffer, payload.byteOffset);
  if (id === EXTENDED) {
    const extension = EXTENSIONS.get(payload[1] as number);
    return { what: extension === undefined ? "extended" : `${extension} ${payload[2]}`, payload };
  }
  const what = NAMES.get(id) ?? `${id}`;
  const named = what === "request" || what === "piece" || what === "reject";
  return { what, payload, ...(named ? { block: `${view.getUint32(1)} ${view.getUint32(5)}` } : {}) };
}
