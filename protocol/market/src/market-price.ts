/**
 * What a slot costs around here, from what sellers offered and from what our bids won and lost. One vote per address group,
 * its latest, and the lower median of the votes: while fewer than half of the groups lie, the estimate lies within what the
 * honest ones said. A lost bid says only that the price is above it, so it votes where it is above the median of the rest.
 */
import { dearer, type Price } from "./price.ts";

export type PriceSignal = "offer" | "win" | "loss";

export interface PriceVote {
  /** The seller's address group. */
  readonly addressGroup: string;
  readonly signal: PriceSignal;
  /** The offered price, the price that was paid, or our bid that lost. */
  readonly price: Price;
  /** Milliseconds of the caller's clock. */
  readonly at: number;
}

const WINDOW_MS = 1_800_000;
const MAX_VOTES = 256;
const MIN_VOTES = 3;

/** Takes a vote in place of the group's earlier one; keeps the 256 latest of the last half hour. */
export function recordPrice(votes: readonly PriceVote[], vote: PriceVote): readonly PriceVote[] {
  const kept = votes.filter(({ addressGroup, at }) => addressGroup !== vote.addressGroup && vote.at - at < WINDOW_MS);
  return [...kept.slice(Math.max(0, kept.length - MAX_VOTES + 1)), vote];
}

/** `undefined` below three groups: there is no market to speak of. */
export function estimatePrice(votes: readonly PriceVote[], now: number): Price | undefined {
  const live = votes.filter(({ at }) => now - at < WINDOW_MS);
  const told = live.filter(({ signal }) => signal !== "loss").map(({ price }) => price);
  if (told.length < MIN_VOTES) return undefined;
  const first = lowerMedian(told);
  const lost = live.filter(({ signal, price }) => signal === "loss" && price > first).map(({ price }) => price);
  return lowerMedian([...told, ...lost]);
}

function lowerMedian(prices: readonly Price[]): Price {
  const sorted = [...prices].sort((a, b) => dearer(b, a));
  return sorted[(sorted.length - 1) >> 1] as Price;
}

/**
 * True when a peer's live bid is less than half of what a tracker told of it: trackers' bids are hints, and a peer that was
 * sorted to the front by one that it does not make is dropped.
 */
export function contradictsHint(live: Price, told: Price): boolean {
  return live * 2n < told;
}
