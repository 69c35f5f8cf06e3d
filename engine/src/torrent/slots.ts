/**
 * Upload slots: the one place where choking and unchoking is carried out. Who gets a slot is decided by the `Choker`, a
 * pure function, or by a rule over all torrents (`SlotRule`); here the decision becomes messages.
 */
import type { Candidate, Choker } from "@everseed/choking";
import type { Peer } from "../peer/peer.ts";

const ROUND_MS = 10_000;
const OPTIMISTIC_MS = 30_000;

export interface SlotsInit {
  readonly choker: Choker;
  /** Told of newcomers when a rule over all torrents gives the slots; the choker is not asked then. */
  readonly onInterested?: (peer: Peer) => void;
  readonly peers: ReadonlyMap<number, Peer>;
  /** Free slots, the optimistic one included; paying peers are beside them. */
  readonly slots: number;
  readonly salt: number;
  readonly now: () => number;
  /** The peer's queue is void. */
  readonly onChoked: (peer: Peer) => void;
}

export class Slots {
  readonly #init: SlotsInit;
  #optimistic: readonly number[] = [];
  #optimisticAt = Number.NEGATIVE_INFINITY;
  #roundAt = Number.NEGATIVE_INFINITY;

  constructor(init: SlotsInit) {
    this.#init = init;
  }

  /** A newcomer need not wait for the next round when a slot is free. */
  interested(peer: Peer): void {
    const { onInterested } = this.#init;
    if (onInterested !== undefined) return onInterested(peer);
    if (!peer.amChoking || peer.barred) return;
    let used = 0;
    for (const other of this.#init.peers.values())
      if (!other.amChoking && !other.paying && other.peerInterested) used++;
    if (peer.paying || used < this.#init.slots) this.unchoke(peer);
  }

  /** A peer began to pay, or stopped. */
  payingChanged(peer: Peer): void {
    if (peer.paying) this.unchoke(peer);
    else if (peer.barred) this.choke(peer);
  }

  /** Runs a round when one is due. */
  tick(now: number, seeding: boolean): void {
    if (this.#init.onInterested !== undefined || now - this.#roundAt < ROUND_MS) return;
    this.#roundAt = now;
    if (now - this.#optimisticAt >= OPTIMISTIC_MS) {
      this.#optimistic = [];
      this.#optimisticAt = now;
    }
    const peers = [...this.#init.peers.values()];
    const { unchoke, optimistic } = this.#init.choker({
      slots: this.#init.slots,
      optimisticSlots: Math.min(1, this.#init.slots),
      seeding,
      optimistic: this.#optimistic,
      now,
      salt: this.#init.salt,
      candidates: peers.map(candidateOf),
    });
    this.#optimistic = optimistic;
    const chosen = new Set(unchoke);
    for (const peer of peers) {
      if (chosen.has(peer.id)) this.unchoke(peer);
      else this.choke(peer);
    }
  }

  get peers(): Iterable<Peer> {
    return this.#init.peers.values();
  }

  /** What the peer asked for is void with it, and rejected before anything else is said. */
  choke(peer: Peer): void {
    if (peer.amChoking || peer.closed) return;
    peer.amChoking = true;
    peer.send({ type: "choke" });
    this.#init.onChoked(peer);
  }

  unchoke(peer: Peer): void {
    if (!peer.amChoking || peer.closed) return;
    peer.amChoking = false;
    peer.send({ type: "unchoke" });
    peer.lastUnchokedAt = this.#init.now();
  }
}

/** The peer as rules about slots see it. */
export function candidateOf(peer: Peer): Candidate {
  return {
    id: peer.id,
    interested: peer.peerInterested,
    unchoked: !peer.amChoking,
    downloadRate: peer.downloadRate.bytesPerSecond,
    uploadRate: peer.uploadRate.bytesPerSecond,
    connectedAt: peer.connectedAt,
    lastUnchokedAt: peer.lastUnchokedAt,
    paying: peer.paying,
    barred: peer.barred,
  };
}
