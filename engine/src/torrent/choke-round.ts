/** Turns peers into the choker's candidates and its decision into peer ids: the one place where unchoking is decided. */
import type { Choker } from "@everseed/choking";
import type { Peer } from "../peer/peer.ts";

export interface ChokeRound {
  readonly slots: number;
  readonly seeding: boolean;
  readonly optimistic: number | undefined;
  /** Milliseconds. */
  readonly now: number;
  readonly salt: Uint8Array;
}

export function chokeRound(
  choker: Choker,
  peers: readonly Peer[],
  round: ChokeRound,
): { unchoked: ReadonlySet<number>; optimistic: number | undefined } {
  void choker;
  void peers;
  return { unchoked: new Set(), optimistic: round.optimistic };
}
