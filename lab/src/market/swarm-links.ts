/**
 * Connections and pieces of a simulated swarm, in typed arrays. Peer x has places x * width to x * width + width - 1 for its
 * connections; a link is such a place, and stands for what x sends to the peer at the other end. `back` is the same
 * connection seen from there.
 *
 * Invariants: `wanted[link]` is the number of pieces that the link's owner has and the other lacks; `available[x, p]` the
 * number of x's neighbours that have p; `claims[y, p]` the number of links that send p to y now.
 */
import type { Chance } from "./swarm-random.ts";

const PARTIAL_SCORE = 0;
const WHOLE_SCORE = 1_000;
const CLAIMED_SCORE = 100_000;

export class SwarmLinks {
  readonly width: number;
  readonly pieces: number;
  readonly pieceBytes: number;
  /** The peer at the other end; -1: a free place. */
  readonly other: Int32Array;
  readonly back: Int32Array;
  readonly wanted: Int32Array;
  /** The piece that the link sends; -1: none. */
  readonly sending: Int32Array;
  readonly degree: Int32Array;
  readonly haveCount: Int32Array;
  readonly #have: Uint8Array;
  readonly #progress: Int32Array;
  readonly #claims: Uint8Array;
  readonly #available: Uint8Array;
  readonly #chance: Chance;

  constructor(peers: number, width: number, pieces: number, pieceBytes: number, chance: Chance) {
    this.width = width;
    this.pieces = pieces;
    this.pieceBytes = pieceBytes;
    this.other = new Int32Array(peers * width).fill(-1);
    this.back = new Int32Array(peers * width);
    this.wanted = new Int32Array(peers * width);
    this.sending = new Int32Array(peers * width).fill(-1);
    this.degree = new Int32Array(peers);
    this.haveCount = new Int32Array(peers);
    this.#have = new Uint8Array(peers * pieces);
    this.#progress = new Int32Array(peers * pieces);
    this.#claims = new Uint8Array(peers * pieces);
    this.#available = new Uint8Array(peers * pieces);
    this.#chance = chance;
  }

  ownerOf(link: number): number {
    return Math.floor(link / this.width);
  }

  complete(peer: number): boolean {
    return this.haveCount[peer] === this.pieces;
  }

  has(peer: number, piece: number): boolean {
    return this.#have[peer * this.pieces + piece] === 1;
  }

  /** Bytes of pieces that are whole, and of those that are not yet. */
  bytesOf(peer: number): number {
    let bytes = (this.haveCount[peer] as number) * this.pieceBytes;
    const base = peer * this.pieces;
    for (let p = 0; p < this.pieces; p++) if (this.#have[base + p] === 0) bytes += this.#progress[base + p] as number;
    return bytes;
  }

  /** Before it has neighbours. */
  fill(peer: number): void {
    this.#have.fill(1, peer * this.pieces, (peer + 1) * this.pieces);
    this.haveCount[peer] = this.pieces;
  }

  connected(a: number, b: number): boolean {
    for (let link = a * this.width; link < (a + 1) * this.width; link++) if (this.other[link] === b) return true;
    return false;
  }

  /** The new link of `a`, or -1 where one of both has no place. */
  connect(a: number, b: number): number {
    const [mine, theirs] = [this.#freePlace(a), this.#freePlace(b)];
    if (mine < 0 || theirs < 0) return -1;
    for (const [link, reverse, from, to] of [
      [mine, theirs, a, b],
      [theirs, mine, b, a],
    ] as const) {
      this.other[link] = to;
      this.back[link] = reverse;
      this.sending[link] = -1;
      this.degree[from] = (this.degree[from] as number) + 1;
      let wanted = 0;
      for (let p = 0; p < this.pieces; p++) {
        if (this.#have[from * this.pieces + p] === 0) continue;
        this.#bump(this.#available, to * this.pieces + p, 1);
        if (this.#have[to * this.pieces + p] === 0) wanted++;
      }
      this.wanted[link] = wanted;
    }
    return mine;
  }

  /** Takes the connection away from both ends. */
  disconnect(link: number): void {
    for (const end of [link, this.back[link] as number]) {
      const [from, to] = [this.ownerOf(end), this.other[end] as number];
      this.stopSending(end);
      for (let p = 0; p < this.pieces; p++)
        if (this.#have[from * this.pieces + p] === 1) this.#bump(this.#available, to * this.pieces + p, -1);
      this.degree[from] = (this.degree[from] as number) - 1;
    }
    this.other[this.back[link] as number] = -1;
    this.other[link] = -1;
  }

  /** The piece that was being sent is free for others; what arrived of it is kept. */
  stopSending(link: number): void {
    const piece = this.sending[link] as number;
    if (piece < 0) return;
    this.#bump(this.#claims, (this.other[link] as number) * this.pieces + piece, -1);
    this.sending[link] = -1;
  }

  /** Moves at most `bytes` over the link. Calls `completed` for each piece that is whole with it. Returns what was moved. */
  send(link: number, bytes: number, completed: (peer: number, piece: number) => void): number {
    const to = this.other[link] as number;
    let left = bytes;
    while (left > 0) {
      const piece = this.#current(link, to);
      if (piece < 0) break;
      const at = to * this.pieces + piece;
      const part = Math.min(left, this.pieceBytes - (this.#progress[at] as number));
      this.#progress[at] = (this.#progress[at] as number) + part;
      left -= part;
      if (this.#progress[at] !== this.pieceBytes) continue;
      this.#release(to, piece);
      completed(to, piece);
      if ((this.other[link] as number) !== to) break;
    }
    return bytes - left;
  }

  /** `peer` has the piece: neighbours know. Calls `interested` for links of `peer` whose other end begins to want something. */
  announce(peer: number, piece: number, interested: (link: number) => void): void {
    this.#have[peer * this.pieces + piece] = 1;
    this.haveCount[peer] = (this.haveCount[peer] as number) + 1;
    for (let link = peer * this.width; link < (peer + 1) * this.width; link++) {
      const to = this.other[link] as number;
      if (to < 0) continue;
      this.#bump(this.#available, to * this.pieces + piece, 1);
      if (this.#have[to * this.pieces + piece] === 1) {
        const reverse = this.back[link] as number;
        this.wanted[reverse] = (this.wanted[reverse] as number) - 1;
      } else {
        this.wanted[link] = (this.wanted[link] as number) + 1;
        if (this.wanted[link] === 1) interested(link);
      }
    }
  }

  #current(link: number, to: number): number {
    if (this.sending[link] === -1 && (this.wanted[link] as number) > 0) {
      const piece = this.#pick(this.ownerOf(link), to);
      this.sending[link] = piece;
      if (piece >= 0) this.#bump(this.#claims, to * this.pieces + piece, 1);
    }
    return this.sending[link] as number;
  }

  /** One begun and left by another first, then the rarest among the neighbours, by lot; then beside another sender. */
  #pick(from: number, to: number): number {
    const [source, target] = [from * this.pieces, to * this.pieces];
    let best = -1;
    let bestScore = Number.POSITIVE_INFINITY;
    let p = this.#chance.below(this.pieces);
    for (let i = 0; i < this.pieces; i++, p = p + 1 === this.pieces ? 0 : p + 1) {
      if (this.#have[source + p] === 0 || this.#have[target + p] === 1) continue;
      const claimed = this.#claims[target + p] as number;
      const begun = (this.#progress[target + p] as number) > 0;
      const score =
        claimed > 0
          ? CLAIMED_SCORE * claimed
          : (begun ? PARTIAL_SCORE : WHOLE_SCORE) + (this.#available[target + p] as number);
      if (score < bestScore) [best, bestScore] = [p, score];
    }
    return best;
  }

  #release(peer: number, piece: number): void {
    this.#claims[peer * this.pieces + piece] = 0;
    for (let link = peer * this.width; link < (peer + 1) * this.width; link++) {
      if ((this.other[link] as number) < 0) continue;
      const incoming = this.back[link] as number;
      if (this.sending[incoming] === piece) this.sending[incoming] = -1;
    }
  }

  #freePlace(peer: number): number {
    for (let link = peer * this.width; link < (peer + 1) * this.width; link++) if (this.other[link] === -1) return link;
    return -1;
  }

  #bump(array: Uint8Array, at: number, by: number): void {
    array[at] = (array[at] as number) + by;
  }
}
