/**
 * What has arrived and cannot be handed on yet: packets that came before ones they follow, and packets the owner has paused.
 * They lie in the memory they came in. Room is what is left of a connection's own bound and of one that all share, and is
 * told to the other side; what comes beyond it is dropped, and sent again later.
 */
import { MAX_SELECTIVE_ACK_BYTES } from "@everseed/wire";
import { stepped, stepsBetween } from "./sequence.ts";

const MAX_WINDOW_BYTES = 1 << 20;
/** A connection's own, however much the others hold. */
const OWN_ROOM_BYTES = 1 << 14;
/** Packets that came early, and the span of the bitmask that tells of them. */
const MAX_EARLY = 1_024;
/** What a small packet is counted as: it keeps its buffer and an entry. */
const LEAST_COUNTED_BYTES = 256;

/** Bytes that all connections of a transport hold together. */
export interface SharedRoom {
  freeBytes: number;
}

export class ReceiveWindow {
  readonly #shared: SharedRoom;
  readonly #early = new Map<number, Uint8Array>();
  #waiting: Uint8Array[] = [];
  #heldBytes = 0;
  /** The last packet that came in order. */
  acknowledged: number;
  #finSequence: number | undefined;

  constructor(shared: SharedRoom, acknowledged: number) {
    this.#shared = shared;
    this.acknowledged = acknowledged;
  }

  get roomBytes(): number {
    const freeBytes = Math.max(this.#shared.freeBytes, OWN_ROOM_BYTES - this.#heldBytes);
    return Math.max(0, Math.min(MAX_WINDOW_BYTES - this.#heldBytes, freeBytes));
  }

  get hasEarly(): boolean {
    return this.#early.size > 0;
  }

  /** All there will ever be has come in order. */
  get complete(): boolean {
    return this.#finSequence === this.acknowledged;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** A packet that ends the stream. The first one counts. */
  end(sequence: number): void {
    const steps = stepsBetween(this.acknowledged, sequence);
    if (this.#finSequence === undefined && steps > 0 && steps <= MAX_EARLY) this.#finSequence = sequence;
  }

  /** Takes a packet of the stream; false when it is of no use now. What came in order waits for `next`. */
  take(sequence: number, payload: Uint8Array): boolean {
    const steps = stepsBetween(this.acknowledged, sequence);
    if (steps === 0 || steps > MAX_EARLY || this.#early.has(sequence)) return false;
    const end = this.#finSequence;
    if (end !== undefined && steps > stepsBetween(this.acknowledged, end)) return false;
    // The one that all others wait for is always taken: refusing it would keep them for ever.
    const awaited = steps === 1 && this.#waiting.length === 0;
    if (!awaited && payload.length > 0 && this.roomBytes < payload.length) return false;
    this.#hold(payload);
    if (steps > 1) {
      this.#early.set(sequence, payload);
      return true;
    }
    this.acknowledged = sequence;
    if (payload.length > 0) this.#waiting.push(payload);
    else this.#release(payload);
    this.#advance();
    return true;
  }

  /** The next chunk of the stream; its memory is the caller's. */
  next(): Uint8Array | undefined {
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) this.#release(chunk);
    return chunk;
  }

  /** The bitmask of what came early, by BEP 29; undefined when nothing did. */
  selectiveAck(): Uint8Array | undefined {
    if (this.#early.size === 0) return undefined;
    let last = 0;
    for (const sequence of this.#early.keys()) last = Math.max(last, stepsBetween(this.acknowledged, sequence) - 2);
    const mask = new Uint8Array(Math.min(MAX_SELECTIVE_ACK_BYTES, 4 * Math.ceil((last + 1) / 32)));
    for (const sequence of this.#early.keys()) {
      const bit = stepsBetween(this.acknowledged, sequence) - 2;
      if (bit < 8 * mask.length) (mask[bit >> 3] as number) |= 1 << (bit & 7);
    }
    return mask;
  }

  /** Nobody wants what has come in order. */
  discard(): void {
    for (const chunk of this.#waiting) this.#release(chunk);
    this.#waiting = [];
  }

  clear(): void {
    this.#shared.freeBytes += this.#heldBytes;
    this.#heldBytes = 0;
    this.#early.clear();
    this.#waiting = [];
  }

  #advance(): void {
    // What a peer sent beyond its own end is never reached.
    while (!this.complete) {
      const sequence = stepped(this.acknowledged, 1);
      const payload = this.#early.get(sequence);
      if (payload === undefined) return;
      this.#early.delete(sequence);
      this.acknowledged = sequence;
      if (payload.length > 0) this.#waiting.push(payload);
      else this.#release(payload);
    }
  }

  #hold(payload: Uint8Array): void {
    const counted = Math.max(payload.length, LEAST_COUNTED_BYTES);
    this.#heldBytes += counted;
    this.#shared.freeBytes -= counted;
  }

  #release(payload: Uint8Array): void {
    const counted = Math.max(payload.length, LEAST_COUNTED_BYTES);
    this.#heldBytes -= counted;
    this.#shared.freeBytes += counted;
  }
}
