/**
 * Pieces that may be begun, in the order in which they should be: highest priority first, rarest first among equals, at
 * random among equally rare ones (every client has its own shuffle, so that two do not fetch the same copy). Kept as one
 * array cut into buckets, so that a `have` moves a piece by one swap and the best piece is the first one: a torrent of a
 * million pieces costs no more per request than one of a hundred.
 *
 * Invariant: `#order` is a permutation of all pieces, `#place` its inverse, and bucket b is [#ends[b - 1], #ends[b]).
 */
import { type RandomBytes, randomInt } from "@everseed/core";

/** Priorities are 0 (not wanted) to 7 (first), as in libtorrent; 4 is the default. */
export const TOP_PRIORITY = 7;
/** Pieces with more copies than this are equally common. */
const COPIES = 64;
/** The last bucket: not wanted, begun already, or there already. */
const OUT = TOP_PRIORITY * COPIES;

export class RarityIndex {
  readonly #order: Int32Array;
  readonly #place: Int32Array;
  readonly #bucket: Uint16Array;
  readonly #ends: Int32Array;
  #seed: number;

  /** All pieces begin outside. */
  constructor(pieceCount: number, random: RandomBytes) {
    this.#order = Int32Array.from({ length: pieceCount }, (_, i) => i);
    this.#place = this.#order.slice();
    this.#seed = randomInt(random, 0xffff_ffff) | 1;
    this.#bucket = new Uint16Array(pieceCount).fill(OUT);
    this.#ends = new Int32Array(OUT + 1);
    this.#ends[OUT] = pieceCount;
  }

  /** How many pieces may be begun. */
  get size(): number {
    return this.#ends[OUT - 1] as number;
  }

  has(piece: number): boolean {
    return this.#bucket[piece] !== OUT;
  }

  /** Puts the piece where its priority (0 to 7) and its copies (the seeds' not counted) place it. */
  put(piece: number, priority: number, copies: number): void {
    this.#move(piece, priority === 0 ? OUT : (TOP_PRIORITY - priority) * COPIES + Math.min(copies, COPIES - 1));
  }

  remove(piece: number): void {
    this.#move(piece, OUT);
  }

  /** The first piece that `accept` takes. */
  first(accept: (piece: number) => boolean): number | undefined {
    const { size } = this;
    for (let at = 0; at < size; at++) {
      const piece = this.#order[at] as number;
      if (accept(piece)) return piece;
    }
    return undefined;
  }

  #move(piece: number, to: number): void {
    let from = this.#bucket[piece] as number;
    for (; from < to; from++) {
      const last = (this.#ends[from] as number) - 1;
      this.#swap(piece, last);
      this.#ends[from] = last;
    }
    for (; from > to; from--) {
      const first = this.#ends[from - 1] as number;
      this.#swap(piece, first);
      this.#ends[from - 1] = first + 1;
    }
    this.#bucket[piece] = to;
    if (to === OUT) return;
    // A random place among its equals, so that the order of arrival shows nowhere.
    const first = to === 0 ? 0 : (this.#ends[to - 1] as number);
    this.#swap(piece, first + (this.#draw() % ((this.#ends[to] as number) - first)));
  }

  /** xorshift32 from one seed: a draw from `random` for each of a million pieces would take a second. */
  #draw(): number {
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    return this.#seed >>> 0;
  }

  #swap(piece: number, at: number): void {
    const was = this.#place[piece] as number;
    const other = this.#order[at] as number;
    this.#order[at] = piece;
    this.#order[was] = other;
    this.#place[piece] = at;
    this.#place[other] = was;
  }
}
