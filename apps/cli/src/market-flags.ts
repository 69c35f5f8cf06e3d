/** Flags about the market: what slots cost, what is bid for those of others, and how to stay out of it. */
import { EverseedError, parsePrice } from "@everseed/core";
import type { ReserveRule } from "@everseed/engine";
import { FULL_SPEND_RATE_PPM, type Price, priceFromPerGib, type StrategyName } from "@everseed/market";
import type { TorrentMarketTerms } from "@everseed/node";
import { text } from "./flags.ts";

export interface MarketFlags {
  readonly price?: string;
  readonly reserve: string;
  readonly reserveMax: string;
  readonly possession: boolean;
}

export interface StrategyFlag {
  readonly strategy: StrategyName;
}

export const strategyFlag = {
  strategy: {
    kind: "enum",
    values: ["auction", "paper", "proportional", "tit-for-tat"],
    default: "auction",
    brief: "Who gets an upload slot where they are auctioned; the others are there to be compared",
  },
} as const;

export interface BidFlags {
  readonly bid: string;
  readonly spendRate: number;
  readonly maxPrice?: string;
}

/** A week without another copy brings the reserve to 63 % of its maximum. */
const RESERVE_TAU_SECONDS = 7 * 86_400;
/** Ten rivals halve the reserve; where one did, swarms hardly lived longer (`lab market-lifetime`). */
const RIVAL_WEIGHT_PPM = 100_000;

export const marketFlags = {
  price: { ...text("Price, like 0.01/GiB; auto: upload slots are auctioned", "AMOUNT|auto"), optional: true },
  reserve: {
    kind: "parsed",
    parse: String,
    default: "auto",
    brief:
      "Least price of an auctioned slot: an amount; auto: grows with time, and is less the more others prove to hold the torrent; paper: starts anew with each proof",
    placeholder: "auto|paper|AMOUNT",
  },
  reserveMax: {
    kind: "parsed",
    parse: String,
    default: "0.01/GiB",
    brief: "What the reserve grows to",
    placeholder: "AMOUNT",
  },
  possession: { kind: "boolean", default: true, brief: "Ask for and give proofs of holding a torrent" },
} as const;

export const bidFlags = {
  bid: {
    kind: "parsed",
    parse: String,
    default: "auto",
    brief: "What to bid for upload slots of others, like 0.02/GiB; auto: by what is left to spend; off: nothing",
    placeholder: "auto|off|AMOUNT",
  },
  spendRate: {
    kind: "parsed",
    parse: parseSpendRate,
    default: "1",
    brief: "Share of the budget that auto-bid would spend on what is left to download",
    placeholder: "0..1",
  },
} as const;

export function reserveRule(flags: MarketFlags, decimals: number): ReserveRule {
  const price = (amount: string): Price => priceFromPerGib(parsePrice(amount, decimals), "up");
  const curve = { max: price(flags.reserveMax), tauSeconds: RESERVE_TAU_SECONDS };
  if (flags.reserve === "paper") return { type: "paper", ...curve };
  if (flags.reserve === "auto") return { type: "hardened", ...curve, rivalWeightPpm: RIVAL_WEIGHT_PPM };
  return { type: "fixed", price: price(flags.reserve) };
}

export function biddingTerms(flags: BidFlags, decimals: number): NonNullable<TorrentMarketTerms["bidding"]> {
  if (flags.bid === "off") return false;
  const price = (amount: string): Price => priceFromPerGib(parsePrice(amount, decimals), "down");
  const limit = flags.maxPrice === undefined ? undefined : price(flags.maxPrice);
  const bid = flags.bid === "auto" ? undefined : price(flags.bid);
  if (bid !== undefined && limit !== undefined && bid > limit)
    throw new EverseedError("bid-above-limit", `Cannot bid ${flags.bid}: it is above --max-price ${flags.maxPrice}`);
  return {
    spendRatePpm: flags.spendRate,
    ...(limit === undefined ? {} : { limit }),
    ...(bid === undefined ? {} : { price: bid }),
  };
}

/** A share from 0 to 1, in parts per million. */
function parseSpendRate(input: string): number {
  const rate = Number(input);
  if (input.trim() === "" || !(rate >= 0 && rate <= 1))
    throw new Error(`expected a share from 0 to 1, received ${input}`);
  return Math.round(rate * FULL_SPEND_RATE_PPM);
}
