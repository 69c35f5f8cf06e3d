/**
 * Which block to ask of which peer: pieces with a deadline first, then pieces already begun, then by priority and rarity,
 * then, when every missing block is under way, duplicates (end game, BEP 3's common practice). Knows nothing of
 * connections: a peer is a number and a bitfield.
 *
 * Invariant: a block is free, asked of at least one peer, or received; `free + asked + received = blocks` of each active
 * piece, and at most `maxActive` pieces (and a few with deadlines) hold a buffer at a time, so memory is bounded whatever
 * the torrent's size. A piece may be begun exactly when it is wanted, not there and not active.
 */
import type { RandomBytes } from "@everseed/core";
import { Bitfield } from "./bitfield.ts";
import { RarityIndex } from "./rarity-index.ts";

export const DEFAULT_PRIORITY = 4;
/** Pieces with deadlines that may be active beyond `maxActive`: a stream begins at once, whatever is under way. */
const MAX_EXTRA_ACTIVE = 4;

/** Peers that one block is asked of at a time, in the end. */
const MAX_ASKED = 3;

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
  /** Which blocks came while their peer was charged for. */
  charged?: Uint8Array;
  /** Only this peer is asked as long as it delivers: it is paid, and only whole pieces verify. */
  owner?: number;
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
  /** Complete pieces that may wait to be verified and stored while new ones are begun. @default `maxActive` */
  readonly maxClosing?: number;
}

export class PiecePicker {
  readonly #init: PickerInit;
  /** Active pieces that are complete. */
  #closing = 0;
  readonly #availability: Uint16Array;
  readonly #priority: Uint8Array;
  readonly #index: RarityIndex;
  /** Wanted pieces that are not there: what decides about interest. */
  readonly #missing: Bitfield;
  /** Peers that hold everything are counted once here and not in each piece. */
  #seeds = 0;
  readonly #active = new Map<number, ActivePiece>();
  readonly #suspect = new Set<number>();
  /** Pieces with deadlines, soonest first. */
  #urgent: { readonly piece: number; readonly deadline: number }[] = [];
  #sequential = false;
  /** No piece before this one may be begun. */
  #lowest = 0;
  /** Counts what makes a piece beginnable; with it peers that have none are known without looking again. */
  #version = 0;
  readonly #barren = new WeakMap<Bitfield, { version: number; count: number }>();

  constructor(init: PickerInit) {
    this.#init = init;
    this.#availability = new Uint16Array(init.pieceCount);
    this.#priority = new Uint8Array(init.pieceCount).fill(DEFAULT_PRIORITY);
    this.#index = new RarityIndex(init.pieceCount, init.random);
    this.#missing = new Bitfield(init.pieceCount);
    for (let piece = 0; piece < init.pieceCount; piece++) {
      if (init.have.has(piece)) continue;
      this.#missing.add(piece);
      this.#index.put(piece, DEFAULT_PRIORITY, 0);
    }
  }

  get active(): ReadonlyMap<number, ActivePiece> {
    return this.#active;
  }

  /** Wanted pieces that are not there yet. */
  get missing(): number {
    return this.#missing.count;
  }

  /** Lowest index first instead of rarest first; priorities but 0 are then left aside. */
  setSequential(on: boolean): void {
    this.#sequential = on;
  }

  priority(piece: number): number {
    return this.#priority[piece] as number;
  }

  /** 0: not wanted, to 7: first. A piece that is under way is finished whatever its priority. */
  setPriority(piece: number, priority: number): void {
    if (this.#priority[piece] === priority) return;
    this.#priority[piece] = priority;
    if (this.#init.have.has(piece)) return;
    if (priority === 0) this.#missing.remove(piece);
    else this.#missing.add(piece);
    if (!this.#active.has(piece)) this.#offer(piece);
  }

  /** The piece should be there by `deadline`, in the caller's time; `undefined` takes that back. */
  setDeadline(piece: number, deadline: number | undefined): void {
    this.#urgent = this.#urgent.filter((one) => one.piece !== piece);
    if (deadline === undefined || this.#init.have.has(piece)) return;
    this.#urgent.push({ piece, deadline });
    this.#urgent.sort((a, b) => a.deadline - b.deadline || a.piece - b.piece);
  }

  get urgent(): boolean {
    return this.#urgent.length > 0;
  }

  /** Puts a piece that is neither there nor active where it belongs in the order. */
  #offer(piece: number): void {
    this.#index.put(piece, this.#priority[piece] as number, this.#availability[piece] as number);
    if (!this.#index.has(piece)) return;
    this.#version++;
    this.#lowest = Math.min(this.#lowest, piece);
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
    if (!have.full) return this.#countOne(piece, 1);
    have.remove(piece);
    this.#count(have, -1);
    have.add(piece);
    this.#seeds++;
  }

  /** The peer no longer has the piece (lt_donthave); call it before the bit is removed from the peer's own field. */
  removeHave(have: Bitfield, piece: number): void {
    this.#version++;
    if (!have.full) return this.#countOne(piece, -1);
    this.#seeds--;
    have.remove(piece);
    this.#count(have, 1);
    have.add(piece);
  }

  #count(have: Bitfield, by: 1 | -1): void {
    for (let i = 0; i < have.length; i++) if (have.has(i)) this.#countOne(i, by);
  }

  #countOne(piece: number, by: 1 | -1): void {
    const copies = (this.#availability[piece] as number) + by;
    this.#availability[piece] = copies;
    if (this.#index.has(piece)) this.#index.put(piece, this.#priority[piece] as number, copies);
  }

  /** True when the peer has a piece that we want and lack. */
  interestedIn(have: Bitfield): boolean {
    const { bytes, count } = this.#missing;
    if (count === 0) return false;
    for (let i = 0; i < have.bytes.length; i++) {
      if (((have.bytes[i] as number) & (bytes[i] as number)) !== 0) return true;
    }
    return false;
  }

  wants(piece: number): boolean {
    return this.#missing.has(piece);
  }

  /**
   * Chooses up to `count` blocks to ask of the peer and marks them asked. `alone`: it gets pieces of its own as long as there
   * are any, so that what it delivers never waits for others to verify.
   */
  pick(peer: number, have: Bitfield, count: number, alone = false): Block[] {
    const out: Block[] = [];
    if (alone) this.#pickAlone(peer, have, count, out);
    for (const { piece } of this.#urgent) {
      if (out.length >= count) return out;
      const active = this.#active.get(piece) ?? this.#beginUrgent(piece, have);
      if (active !== undefined && active.free > 0 && allowed(active, peer, have)) this.#take(active, peer, count, out);
    }
    for (const piece of this.#active.values()) {
      if (out.length >= count) return out;
      if (piece.free === 0 || !allowed(piece, peer, have)) continue;
      // What another has left goes to one peer again.
      if (alone) piece.owner = peer;
      this.#take(piece, peer, count, out);
    }
    while (out.length < count && this.#mayBegin) {
      const index = this.#nextPiece(have);
      if (index === undefined) break;
      this.#take(this.#activate(index), peer, count, out);
    }
    return out;
  }

  /** Not where the disk or the hashes are behind: what arrives meanwhile would only wait in memory. */
  get #mayBegin(): boolean {
    const { maxActive, maxClosing = maxActive } = this.#init;
    return this.#active.size < maxActive && this.#closing < maxClosing;
  }

  #pickAlone(peer: number, have: Bitfield, count: number, out: Block[]): void {
    for (const piece of this.#active.values()) {
      if (out.length >= count) return;
      if (piece.owner === peer && piece.free > 0 && allowed(piece, peer, have)) this.#take(piece, peer, count, out);
    }
    while (out.length < count && this.#mayBegin) {
      const index = this.#nextPiece(have);
      if (index === undefined) return;
      const piece = this.#activate(index);
      piece.owner = peer;
      this.#take(piece, peer, count, out);
    }
  }

  /** The peer delivers no more for now: its own pieces are for all. */
  disown(peer: number): void {
    for (const piece of this.#active.values()) if (piece.owner === peer) delete piece.owner;
  }

  #beginUrgent(piece: number, have: Bitfield): ActivePiece | undefined {
    if (!have.has(piece) || !this.#index.has(piece)) return undefined;
    return this.#active.size < this.#init.maxActive + MAX_EXTRA_ACTIVE ? this.#activate(piece) : undefined;
  }

  /**
   * End game: blocks that are under way with others and that this peer has, at most three peers a block. Empty as long as
   * the peer has a piece that is not begun. `accept` lets the caller hold back what is not yet late.
   */
  pickDuplicates(have: Bitfield, count: number, accept: (block: Block) => boolean): Block[] {
    const out: Block[] = [];
    if (this.#nextPiece(have) !== undefined) return out;
    for (const piece of this.#active.values()) this.#duplicate(piece, have, count, accept, out);
    return out;
  }

  /** As `pickDuplicates`, for pieces with a deadline and whatever else the peer could fetch. */
  pickLate(have: Bitfield, count: number, accept: (block: Block) => boolean): Block[] {
    const out: Block[] = [];
    for (const { piece } of this.#urgent) {
      const active = this.#active.get(piece);
      if (active !== undefined) this.#duplicate(active, have, count, accept, out);
    }
    return out;
  }

  #duplicate(piece: ActivePiece, have: Bitfield, count: number, accept: (block: Block) => boolean, out: Block[]): void {
    if (piece.closing || piece.soleSource !== undefined || !have.has(piece.index)) return;
    for (let b = 0; b < piece.states.length && out.length < count; b++) {
      const asked = piece.askedOf[b] as number;
      if (piece.states[b] !== ASKED || asked >= MAX_ASKED) continue;
      const block = { piece: piece.index, block: b };
      if (!accept(block)) continue;
      piece.askedOf[b] = asked + 1;
      out.push(block);
    }
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
    const barren = this.#barren.get(have);
    if (barren !== undefined && barren.version === this.#version && barren.count === have.count) return undefined;
    const found = this.#sequential ? this.#lowestOf(have) : this.#index.first((piece) => have.has(piece));
    if (found === undefined) this.#barren.set(have, { version: this.#version, count: have.count });
    return found;
  }

  #lowestOf(have: Bitfield): number | undefined {
    const n = this.#init.pieceCount;
    while (this.#lowest < n && !this.#index.has(this.#lowest)) this.#lowest++;
    for (let piece = this.#lowest; piece < n; piece++) {
      if (this.#index.has(piece) && have.has(piece)) return piece;
    }
    return undefined;
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
    this.#index.remove(index);
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
    this.disown(peer);
  }

  /** Records a block that arrived; returns the piece when that was its last. `undefined` when it was there already. */
  receive(
    piece: number,
    block: number,
    peer: number,
    charged = false,
  ): { piece: ActivePiece; complete: boolean } | undefined {
    const active = this.#active.get(piece);
    if (!active || active.states[block] === RECEIVED) return undefined;
    if (active.states[block] === FREE) active.free--;
    active.states[block] = RECEIVED;
    active.askedOf[block] = 0;
    active.deliveredBy[block] = peer;
    if (charged) {
      active.charged ??= new Uint8Array(active.states.length);
      active.charged[block] = 1;
    }
    active.received++;
    const complete = active.received === active.states.length;
    if (complete) {
      active.closing = true;
      this.#closing++;
    }
    return { piece: active, complete };
  }

  isReceived(piece: number, block: number): boolean {
    return this.#active.get(piece)?.states[block] === RECEIVED;
  }

  /** The piece is verified and stored. */
  finish(piece: number): void {
    this.#remove(piece);
    this.#suspect.delete(piece);
    this.#index.remove(piece);
    this.#missing.remove(piece);
    this.#urgent = this.#urgent.filter((one) => one.piece !== piece);
  }

  /** The piece is given up. `suspect`: it failed its check, so next time it comes from one peer alone. */
  abandon(piece: number, suspect: boolean): void {
    if (!this.#remove(piece)) return;
    if (suspect) this.#suspect.add(piece);
    this.#offer(piece);
  }

  /** One block failed its own leaf hash: fetch just that one again. */
  discardBlock(piece: number, block: number): void {
    const active = this.#active.get(piece);
    if (!active || active.states[block] !== RECEIVED) return;
    active.states[block] = FREE;
    active.deliveredBy[block] = 0;
    active.free++;
    active.received--;
    if (active.closing) this.#closing--;
    active.closing = false;
  }

  #remove(piece: number): boolean {
    if (this.#active.get(piece)?.closing === true) this.#closing--;
    return this.#active.delete(piece);
  }
}

function allowed(piece: ActivePiece, peer: number, have: Bitfield): boolean {
  const only = piece.soleSource ?? piece.owner;
  return have.has(piece.index) && (only === undefined || only === peer);
}
