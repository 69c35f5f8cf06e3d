/**
 * Which block to ask of which peer: pieces already begun first, then the rarest piece, then, when every missing block is
 * under way, duplicates (end game, BEP 3's common practice). Knows nothing of connections: a peer is a number and a
 * bitfield.
 *
 * Invariant: a block is free, asked of at least one peer, or received; `free + asked + received = blocks` of each active
 * piece, and at most `maxActive` pieces hold a buffer at a time, so memory is bounded whatever the torrent's size.
 */
import { type RandomBytes, randomInt } from "@everseed/core";
import type { Bitfield } from "./bitfield.ts";

export interface Block {
  readonly piece: number;
  readonly block: number;
}

const FREE = 0;
const ASKED = 1;
const RECEIVED = 2;

/** A piece that is being fetched. */
export interface ActivePiece {
  readonly index: number;
  /** The piece's data, without padding. */
  readonly buffer: Uint8Array;
  readonly states: Uint8Array;
  /** How many peers each block is asked of. */
  readonly askedOf: Uint8Array;
  /** Which peer delivered each block (0: none). */
  readonly deliveredBy: Int32Array;
  free: number;
  received: number;
  /** Set after a failed check: only this peer may be asked, so that the culprit is known next time. */
  soleSource: number | undefined;
  /** Leaf hashes of the piece (BEP 52), when a peer has sent them and they match the piece's own hash. */
  leaves?: Uint8Array;
  /** True once every block has arrived and the piece is being hashed and written. */
  closing: boolean;
}

export interface PickerInit {
  readonly pieceCount: number;
  readonly have: Bitfield;
  readonly blockCount: (piece: number) => number;
  readonly allocate: (piece: number) => Uint8Array;
  readonly random: RandomBytes;
  readonly maxActive: number;
}

export class PiecePicker {
  readonly #init: PickerInit;
  readonly #availability: Uint16Array;
  /** Peers that hold everything are counted once here and not in each piece. */
  #seeds = 0;
  readonly #active = new Map<number, ActivePiece>();
  readonly #suspect = new Set<number>();
  #sequential = false;

  constructor(init: PickerInit) {
    this.#init = init;
    this.#availability = new Uint16Array(init.pieceCount);
  }

  get active(): ReadonlyMap<number, ActivePiece> {
    return this.#active;
  }

  /** Lowest index first instead of rarest first. */
  setSequential(on: boolean): void {
    this.#sequential = on;
  }

  availability(piece: number): number {
    return (this.#availability[piece] as number) + this.#seeds;
  }

  addPeer(have: Bitfield): void {
    if (have.full) this.#seeds++;
    else this.#count(have, 1);
  }

  removePeer(have: Bitfield): void {
    if (have.full) this.#seeds--;
    else this.#count(have, -1);
  }

  /** A `have` message; call it after the bit was added to the peer's own field. */
  addHave(have: Bitfield, piece: number): void {
    if (!have.full) {
      this.#availability[piece] = (this.#availability[piece] as number) + 1;
      return;
    }
    have.remove(piece);
    this.#count(have, -1);
    have.add(piece);
    this.#seeds++;
  }

  #count(have: Bitfield, by: 1 | -1): void {
    for (let i = 0; i < have.length; i++) {
      if (have.has(i)) this.#availability[i] = (this.#availability[i] as number) + by;
    }
  }

  /** True when the peer has a piece that we lack. */
  interestedIn(have: Bitfield): boolean {
    const mine = this.#init.have;
    if (mine.full) return false;
    for (let i = 0; i < have.bytes.length; i++) {
      if (((have.bytes[i] as number) & ~(mine.bytes[i] as number)) !== 0) return true;
    }
    return false;
  }

  /** Chooses up to `count` blocks to ask of the peer and marks them asked. */
  pick(peer: number, have: Bitfield, count: number): Block[] {
    const out: Block[] = [];
    for (const piece of this.#active.values()) {
      if (out.length >= count) return out;
      if (piece.free > 0 && this.#allowed(piece, peer, have)) this.#take(piece, peer, count, out);
    }
    while (out.length < count && this.#active.size < this.#init.maxActive) {
      const index = this.#nextPiece(have);
      if (index === undefined) break;
      this.#take(this.#activate(index), peer, count, out);
    }
    return out;
  }

  /**
   * End game: blocks that are under way with others and that this peer has, at most two peers a block. Empty as long as
   * the peer has a piece that is not begun. `accept` lets the caller hold back what is not yet late.
   */
  pickDuplicates(have: Bitfield, count: number, accept: (block: Block) => boolean): Block[] {
    const out: Block[] = [];
    if (this.#init.have.count + this.#active.size < this.#init.pieceCount && this.#nextPiece(have) !== undefined)
      return out;
    for (const piece of this.#active.values()) {
      if (piece.closing || piece.soleSource !== undefined || !have.has(piece.index)) continue;
      for (let b = 0; b < piece.states.length && out.length < count; b++) {
        if (piece.states[b] !== ASKED || piece.askedOf[b] !== 1) continue;
        const block = { piece: piece.index, block: b };
        if (!accept(block)) continue;
        piece.askedOf[b] = 2;
        out.push(block);
      }
    }
    return out;
  }

  #allowed(piece: ActivePiece, peer: number, have: Bitfield): boolean {
    return have.has(piece.index) && (piece.soleSource === undefined || piece.soleSource === peer);
  }

  #take(piece: ActivePiece, peer: number, count: number, out: Block[]): void {
    if (this.#suspect.has(piece.index)) piece.soleSource ??= peer;
    for (let b = 0; b < piece.states.length && out.length < count && piece.free > 0; b++) {
      if (piece.states[b] !== FREE) continue;
      piece.states[b] = ASKED;
      piece.askedOf[b] = 1;
      piece.free--;
      out.push({ piece: piece.index, block: b });
    }
  }

  #nextPiece(have: Bitfield): number | undefined {
    const mine = this.#init.have;
    const n = this.#init.pieceCount;
    let best: number | undefined;
    let rarity = Number.POSITIVE_INFINITY;
    const start = this.#sequential ? 0 : randomInt(this.#init.random, n);
    for (let k = 0; k < n; k++) {
      const i = start + k < n ? start + k : start + k - n;
      if (!have.has(i) || mine.has(i) || this.#active.has(i)) continue;
      if (this.#sequential) return i;
      const copies = this.#availability[i] as number;
      if (copies < rarity) {
        best = i;
        rarity = copies;
        if (copies === 0) break;
      }
    }
    return best;
  }

  #activate(index: number): ActivePiece {
    const blocks = this.#init.blockCount(index);
    const piece: ActivePiece = {
      index,
      buffer: this.#init.allocate(index),
      states: new Uint8Array(blocks),
      askedOf: new Uint8Array(blocks),
      deliveredBy: new Int32Array(blocks),
      free: blocks,
      received: 0,
      soleSource: undefined,
      closing: false,
    };
    this.#active.set(index, piece);
    return piece;
  }

  /** The peer will not deliver the block (choke, reject, timeout, gone): it becomes free unless another was asked too. */
  release(piece: number, block: number): void {
    const active = this.#active.get(piece);
    if (!active || active.states[block] !== ASKED) return;
    const left = (active.askedOf[block] as number) - 1;
    active.askedOf[block] = left;
    if (left > 0) return;
    active.states[block] = FREE;
    active.free++;
  }

  /** A sole source that left makes room for another. */
  forgetPeer(peer: number): void {
    for (const piece of this.#active.values()) if (piece.soleSource === peer) piece.soleSource = undefined;
  }

  /** Records a block that arrived; returns the piece when that was its last. `undefined` when it was there already. */
  receive(piece: number, block: number, peer: number): { piece: ActivePiece; complete: boolean } | undefined {
    const active = this.#active.get(piece);
    if (!active || active.states[block] === RECEIVED) return undefined;
    if (active.states[block] === FREE) active.free--;
    active.states[block] = RECEIVED;
    active.askedOf[block] = 0;
    active.deliveredBy[block] = peer;
    active.received++;
    const complete = active.received === active.states.length;
    if (complete) active.closing = true;
    return { piece: active, complete };
  }

  isReceived(piece: number, block: number): boolean {
    return this.#active.get(piece)?.states[block] === RECEIVED;
  }

  /** The piece is verified and stored, or is given up; its buffer may be used again. */
  finish(piece: number, verified: boolean): void {
    this.#active.delete(piece);
    if (verified) this.#suspect.delete(piece);
    else this.#suspect.add(piece);
  }

  /** One block failed its own leaf hash: fetch just that one again. */
  discardBlock(piece: number, block: number): void {
    const active = this.#active.get(piece);
    if (!active || active.states[block] !== RECEIVED) return;
    active.states[block] = FREE;
    active.deliveredBy[block] = 0;
    active.free++;
    active.received--;
    active.closing = false;
  }
}
