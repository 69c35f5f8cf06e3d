/**
 * What a choke round of the market knows and decides: the `Choker` idea of `@everseed/choking` across all torrents of a
 * node. Bids are checked before they come here (`offers.ts`); all prices of a round are in one token on one chain.
 */
import type { Candidate } from "@everseed/choking";
import { EverseedError } from "@everseed/core";
import type { Price } from "./price.ts";

export interface LiveBid {
  readonly price: Price;
  /** Milliseconds of the same clock as the round's `now`. */
  readonly expiresAt: number;
  /** Names the bid in the reason of a price; 65 bytes. */
  readonly signature: Uint8Array;
}

/** Why a slot costs what it costs: what the offer shows, so that the buyer can check it. */
export type PriceReason =
  | { readonly type: "loser"; readonly id: number; readonly signature: Uint8Array }
  | { readonly type: "reserve" };

/** A price that was set for a buyer in a torrent. It outlives the slot, so that leaving and coming back resets nothing. */
export interface SetPrice {
  readonly price: Price;
  /** The torrent's reserve when the price was set. */
  readonly reserve: Price;
  readonly reason: PriceReason;
  /** Milliseconds of the same clock as the round's `now`. */
  readonly setAt: number;
}

export interface MarketCandidate extends Omit<Candidate, "paying" | "barred"> {
  /** Key of `MarketRound.torrents`. */
  readonly torrent: string;
  /** The address that the peer proved; `undefined` for a plain client, which cannot bid. */
  readonly identity?: string;
  /** What is hard to have many of: the IPv4 /24 or the IPv6 /48. */
  readonly addressGroup: string;
  readonly banned: boolean;
  /** The last bid that was checked. */
  readonly bid?: LiveBid;
  /** A channel to us can pay at least one tick. */
  readonly channelCanPay: boolean;
  /** The price last set for this identity in this torrent, kept at least `PRICE_HOLD_MS`, over reconnections too. */
  readonly lastPrice?: SetPrice;
  /** Unchoked now in a slot that was sold: when it loses the auction it waits for a free slot like one just served. */
  readonly inSoldSlot: boolean;
}

export interface MarketTorrent {
  /** We have everything that we want of it. */
  readonly seeding: boolean;
  readonly reserve: Price;
}

export interface MarketRound {
  readonly candidates: readonly MarketCandidate[];
  readonly torrents: ReadonlyMap<string, MarketTorrent>;
  /** All slots, `optimisticSlots` included. */
  readonly slots: number;
  /** At least 1 wherever there is a slot. */
  readonly optimisticSlots: number;
  /** Who holds an optimistic slot that is not yet due to rotate (`OPTIMISTIC_MS`). */
  readonly optimistic: readonly number[];
  /** Bytes that each address group may still get by optimistic slots; a group that is not named has `OPTIMISTIC_GROUP_BYTES`. */
  readonly optimisticBytesLeft: ReadonlyMap<string, number>;
  readonly now: number;
  /** 32 secret bits: breaks ties, so that no peer can choose an id that wins them. */
  readonly salt: number;
}

export interface SoldSlot extends SetPrice {
  readonly id: number;
}

export interface OptimisticSlot {
  readonly id: number;
  /** The most that may be served by this slot before the next round. */
  readonly maxBytes: number;
}

export interface MarketDecision {
  /** Everybody who has a slot. */
  readonly unchoke: readonly number[];
  /** Free slots of peers that give to us. */
  readonly barter: readonly number[];
  readonly sold: readonly SoldSlot[];
  readonly optimistic: readonly OptimisticSlot[];
  /** Shares of the upload in parts per million, where the strategy divides it; else the shell does (docs/adr/0007). */
  readonly shares?: ReadonlyMap<number, number>;
}

export type MarketChoker = (round: MarketRound) => MarketDecision;

export const ROUND_MS = 10_000;
export const OPTIMISTIC_MS = 30_000;
export const PRICE_HOLD_MS = 30_000;
/** What one address group gets by optimistic slots in an hour: some pieces to trade with, not a film. */
export const OPTIMISTIC_GROUP_BYTES = 32 << 20;

/** Throws EverseedError `market-torrent` for a candidate whose torrent the round does not name. */
export function torrentOf(candidate: MarketCandidate, round: MarketRound): MarketTorrent {
  const torrent = round.torrents.get(candidate.torrent);
  if (torrent === undefined)
    throw new EverseedError(
      "market-torrent",
      `Cannot run the choke round: expected the torrent of candidate ${candidate.id}, received none`,
    );
  return torrent;
}
