/** Turns peers into the choker's candidates and its decision into peer ids: the one place where unchoking is decided. */
import type { ChokeDecision, Choker } from "@everseed/choking";
import type { Peer } from "../peer/peer.ts";

export interface ChokeRound {
  /** Free slots, the optimistic one included. */
  readonly slots: number;
  readonly seeding: boolean;
  /** Holders of the optimistic slot that are not due to rotate. */
  readonly optimistic: readonly number[];
  /** Milliseconds. */
  readonly now: number;
  readonly salt: number;
}

export function chokeRound(choker: Choker, peers: readonly Peer[], round: ChokeRound): ChokeDecision {
  return choker({
    ...round,
    optimisticSlots: Math.min(1, round.slots),
    candidates: peers.map((peer) => ({
      id: peer.id,
      interested: peer.peerInterested,
      unchoked: !peer.amChoking,
      downloadRate: peer.downloadRate.bytesPerSecond,
      uploadRate: peer.uploadRate.bytesPerSecond,
      connectedAt: peer.connectedAt,
      lastUnchokedAt: peer.lastUnchokedAt,
      paying: peer.paying,
      barred: peer.barred,
    })),
  });
}
