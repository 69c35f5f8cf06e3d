/**
 * Super-seeding (BEP 16) on real peers: carries out what `super-seeding.ts` decides. Peers that pay are shown everything:
 * they buy what they choose. When the swarm can do without, everything is shown to everybody, and the rest is a plain seed.
 *
 * Invariant: a peer is served only what it was shown.
 */
import type { RandomBytes } from "@everseed/core";
import { encodeMessage } from "@everseed/wire";
import type { Peer } from "../peer/peer.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import { SuperSeeding } from "./super-seeding.ts";

/** A peer that says nothing of its pieces by then has none. */
const SILENT_MS = 3_000;
/** `have` messages to one peer at a time: a torrent of millions of pieces is shown little by little. */
const BATCH = 4_096;

export interface SuperSeederInit {
  readonly pieceCount: number;
  readonly peers: ReadonlyMap<number, Peer>;
  readonly now: () => number;
  readonly random: RandomBytes;
}

/** A peer that was told that we have nothing. */
interface Known {
  /** It said what it has. */
  watched: boolean;
  uploadedBytes: number;
  /** Where to go on for a peer that is shown everything. */
  shownTo: number;
}

export class SuperSeeder {
  readonly #init: SuperSeederInit;
  readonly #plan: SuperSeeding;
  readonly #known = new Map<number, Known>();

  constructor(init: SuperSeederInit) {
    this.#init = init;
    this.#plan = new SuperSeeding(init.pieceCount, init.random);
  }

  /** False: we are a seed like any other. */
  get active(): boolean {
    return !this.#plan.over;
  }

  /** Says that we have nothing; false when we do not pretend any more. */
  greet(peer: Peer): boolean {
    if (!this.active) return false;
    this.#known.set(peer.id, { watched: false, uploadedBytes: 0, shownTo: 0 });
    if (peer.fast) peer.send({ type: "haveNone" });
    return true;
  }

  /** The peer said what it has; `piece`: one more. */
  heard(peer: Peer, field: Bitfield, piece?: number): void {
    const known = this.#known.get(peer.id);
    if (!this.active || known === undefined) return;
    const now = this.#init.now();
    if (piece !== undefined && known.watched) this.#plan.seen(peer.id, piece, now);
    else this.#watch(peer.id, known, field, now);
    this.#reveal(now);
  }

  /** The peer may not have the piece from us. */
  hides(peer: Peer, piece: number): boolean {
    return this.#plan.hides(peer.id, piece);
  }

  /** About once a second. */
  tick(now: number): void {
    const { peers } = this.#init;
    for (const [id, known] of this.#known) {
      const peer = peers.get(id);
      if (peer === undefined) {
        this.#forget(id);
        continue;
      }
      const silent = !known.watched && now - peer.connectedAt >= SILENT_MS;
      if (silent && this.active && peer.have !== undefined) this.#watch(id, known, peer.have, now);
      if (peer.uploadedBytes > known.uploadedBytes) this.#plan.progressed(peer.id, now);
      known.uploadedBytes = peer.uploadedBytes;
      if (peer.paying) this.#plan.exempt(peer.id);
      if (peer.paying || !this.active) this.#showMore(peer, known);
    }
    if (this.active) this.#reveal(now);
  }

  #watch(id: number, known: Known, field: Bitfield, now: number): void {
    known.watched = true;
    this.#plan.declared(id, field, now);
  }

  #forget(id: number): void {
    this.#known.delete(id);
    this.#plan.left(id);
  }

  #reveal(now: number): void {
    for (const { peer, piece } of this.#plan.reveals(now)) this.#init.peers.get(peer)?.send({ type: "have", piece });
  }

  /** It may have seen some of them before. */
  #showMore(peer: Peer, known: Known): void {
    const parts: Uint8Array[] = [];
    for (; known.shownTo < this.#init.pieceCount && parts.length < BATCH; known.shownTo++)
      if (peer.have?.has(known.shownTo) !== true) parts.push(encodeMessage({ type: "have", piece: known.shownTo }));
    if (parts.length > 0) peer.sendRaw(parts);
  }
}
