/**
 * Super-seeding (BEP 16), the rules: which piece is revealed to which peer, and when. The only seed of a torrent says that
 * it has nothing, and shows each peer one piece that the swarm lacks most; the next one comes when another peer has got that
 * piece from it. So hardly a piece is uploaded twice before everything is out. Time is an argument; nothing is sent here.
 *
 * Invariant: no piece is revealed a second time while there is one that no peer has or is being shown, unless the peer was
 * shown all of those before. A peer that waits is shown another piece after `PATIENCE_MS` at the latest, whatever others do.
 */
import type { RandomBytes } from "@everseed/core";
import { Bitfield } from "../piece/bitfield.ts";
import { DEFAULT_PRIORITY } from "../piece/picker.ts";
import { RarityIndex } from "../piece/rarity-index.ts";

/** A peer that has its piece waits this long for another to get it. Each time in vain halves the next wait. */
export const PATIENCE_MS = 30_000;
const LEAST_PATIENCE_MS = 5_000;
/** Nothing of a piece was fetched for this long: it is shown to others. */
const ABANDONED_MS = 60_000;
/** Everything is out, and for this long no peer got a piece from another: the swarm needs an ordinary seed. */
const STALLED_MS = 60_000;
/** With so many copies of every piece among the peers, the swarm lives without us. */
const ENOUGH_COPIES = 3;

export interface Reveal {
  readonly peer: number;
  readonly piece: number;
}

interface Watched {
  readonly have: Bitfield;
  readonly given: Bitfield;
  /** The piece that must be seen elsewhere before the next. */
  open: { readonly piece: number; since: number } | undefined;
  revealedAt: number;
  patienceMs: number;
  /** Everything is shown to it. */
  exempt: boolean;
}

export class SuperSeeding {
  readonly #pieceCount: number;
  readonly #peers = new Map<number, Watched>();
  /** Peers that have each piece, and those that are being shown it. */
  readonly #copies: Uint16Array;
  readonly #shown: Uint16Array;
  readonly #rarest: RarityIndex;
  /** Pieces that no peer has or is being shown. */
  #unseen: number;
  /** Pieces that no peer has. */
  #missing: number;
  /** Pieces of fewer than `ENOUGH_COPIES` copies. */
  #scarce: number;
  /** When a peer got a piece that it was not shown by us, or no peer had some piece. */
  #movedAt = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(pieceCount: number, random: RandomBytes) {
    this.#pieceCount = pieceCount;
    this.#copies = new Uint16Array(pieceCount);
    this.#shown = new Uint16Array(pieceCount);
    this.#rarest = new RarityIndex(pieceCount, random);
    for (let piece = 0; piece < pieceCount; piece++) this.#rarest.put(piece, DEFAULT_PRIORITY, 0);
    this.#unseen = pieceCount;
    this.#missing = pieceCount;
    this.#scarce = pieceCount;
  }

  /** There is another seed, or copies enough: from now on we are a seed like any other. Final. */
  get over(): boolean {
    return this.#over;
  }

  /** The peer says what it has: at first, or anew. */
  declared(peer: number, field: Bitfield, now: number): void {
    let watched = this.#peers.get(peer);
    if (watched === undefined) {
      const [have, given] = [new Bitfield(this.#pieceCount), new Bitfield(this.#pieceCount)];
      const [open, exempt, patienceMs] = [undefined, false, PATIENCE_MS];
      watched = { have, given, open, exempt, patienceMs, revealedAt: Number.NEGATIVE_INFINITY };
      this.#peers.set(peer, watched);
    }
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (field.has(piece)) this.#got(watched, piece, now);
      else if (watched.have.has(piece)) this.#lost(watched, piece);
    }
    for (const other of this.#peers.values()) if (other.open && watched.have.has(other.open.piece)) this.#passOn(other);
  }

  /** The peer has one more piece. */
  seen(peer: number, piece: number, now: number): void {
    const watched = this.#peers.get(peer);
    if (watched === undefined) return;
    this.#got(watched, piece, now);
    for (const other of this.#peers.values()) if (other.open?.piece === piece) this.#passOn(other);
  }

  left(peer: number): void {
    const watched = this.#peers.get(peer);
    if (watched === undefined) return;
    this.#peers.delete(peer);
    this.#close(watched);
    for (let piece = 0; piece < this.#pieceCount; piece++) if (watched.have.has(piece)) this.#lost(watched, piece);
  }

  /** It is fetching what it was shown. */
  progressed(peer: number, now: number): void {
    const open = this.#peers.get(peer)?.open;
    if (open !== undefined) open.since = now;
  }

  /** Shows it everything: it pays, or we are a seed like any other. */
  exempt(peer: number): void {
    const watched = this.#peers.get(peer);
    if (watched === undefined || watched.exempt) return;
    watched.exempt = true;
    this.#close(watched);
  }

  /** The peer was not shown the piece. */
  hides(peer: number, piece: number): boolean {
    if (this.#over) return false;
    const watched = this.#peers.get(peer);
    return watched === undefined || !(watched.exempt || watched.given.has(piece));
  }

  /** What is to be revealed now; it counts as done. At most one piece a peer. */
  reveals(now: number): Reveal[] {
    const out: Reveal[] = [];
    this.#checkOver(now);
    for (const [peer, watched] of this.#peers) {
      if (this.#over) break;
      const piece = watched.exempt ? undefined : this.#next(watched, now);
      if (piece === undefined) continue;
      watched.given.add(piece);
      watched.open = { piece, since: now };
      watched.revealedAt = now;
      this.#count(this.#shown, piece, 1);
      out.push({ peer, piece });
    }
    return out;
  }

  #checkOver(now: number): void {
    if (this.#peers.size === 0 || this.#missing > 0) this.#movedAt = now;
    if (this.#scarce === 0 || now - this.#movedAt >= STALLED_MS) this.#over = true;
  }

  #next(watched: Watched, now: number): number | undefined {
    const { open } = watched;
    if (open !== undefined) {
      const has = watched.have.has(open.piece);
      if (now - open.since < (has ? watched.patienceMs : ABANDONED_MS)) return undefined;
      if (has) watched.patienceMs = Math.max(LEAST_PATIENCE_MS, watched.patienceMs / 2);
      this.#close(watched);
    }
    // Once all is out peers serve each other, and we help now and then.
    if (this.#unseen === 0 && now - watched.revealedAt < watched.patienceMs) return undefined;
    return this.#rarest.first((piece) => !watched.have.has(piece) && !watched.given.has(piece));
  }

  #got(watched: Watched, piece: number, now: number): void {
    if (!watched.have.add(piece)) return;
    this.#count(this.#copies, piece, 1);
    if (watched.open?.piece === piece) {
      this.#count(this.#shown, piece, -1);
      watched.open.since = now;
    }
    if (!watched.given.has(piece)) this.#movedAt = now;
    if (watched.have.full) this.#over = true;
  }

  /** The next piece may come if this one is there, and at another peer or nobody is left to get it. */
  #passOn(watched: Watched): void {
    const piece = watched.open?.piece as number;
    if (!watched.have.has(piece)) return;
    const lacking = (this.#copies[piece] as number) < this.#peers.size;
    if (lacking && (this.#copies[piece] as number) < 2) return;
    watched.open = undefined;
    watched.patienceMs = PATIENCE_MS;
  }

  #lost(watched: Watched, piece: number): void {
    watched.have.remove(piece);
    this.#count(this.#copies, piece, -1);
  }

  /** Waits for its piece no more. */
  #close(watched: Watched): void {
    const { open, have } = watched;
    watched.open = undefined;
    if (open !== undefined && !have.has(open.piece)) this.#count(this.#shown, open.piece, -1);
  }

  #count(counts: Uint16Array, piece: number, step: 1 | -1): void {
    const [before, copies] = [this.#known(piece), this.#copies[piece] as number];
    counts[piece] = (counts[piece] as number) + step;
    const [after, copiesAfter] = [this.#known(piece), this.#copies[piece] as number];
    this.#unseen += Number(after === 0) - Number(before === 0);
    this.#missing += Number(copiesAfter === 0) - Number(copies === 0);
    this.#scarce += Number(copiesAfter < ENOUGH_COPIES) - Number(copies < ENOUGH_COPIES);
    this.#rarest.put(piece, DEFAULT_PRIORITY, after);
  }

  #known(piece: number): number {
    return (this.#copies[piece] as number) + (this.#shown[piece] as number);
  }
}
