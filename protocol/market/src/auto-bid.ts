/**
 * What to bid, from what is left to spend and to download: `spendRate x balance / bytesLeft`, so that at a spend rate of 1
 * the balance just lasts when every byte costs the bid. The bid diverges as the end comes near, so it is capped, and it is
 * never above the user's limit. Nothing is shaded: the auction charges the first loser's bid (auction-choker.ts).
 *
 * Invariant: a bid is sent again at most once a minute, and only when it moved by 10 % or is about to lapse, unless the
 * user changed something.
 */
import { EverseedError } from "@everseed/core";
import { MAX_PRICE, type Price } from "./price.ts";

export const REBID_MS = 60_000;
/** A bid is good for this long. */
export const BID_LIFE_MS = 600_000;
/** A bid that lapses within this time is signed anew at its price. */
const RENEW_MS = 120_000;
export const FULL_SPEND_RATE_PPM = 1_000_000;
const MOVED_PERCENT = 10n;
const MIB = 1n << 20n;
const MARKET_MULTIPLE = 4n;

export interface AutoBidInput {
  /** Parts per million: 0 to 1,000,000. @default 1,000,000 */
  readonly spendRatePpm?: number;
  /** What channels and wallet hold for this. Base units. */
  readonly balance: bigint;
  /** What the user lets this download cost, less what it cost already. Base units; absent: the whole balance. */
  readonly budgetLeft?: bigint;
  readonly bytesLeft: number;
  /** Keeps the last bytes from costing the whole balance. */
  readonly cap?: Price;
  /** What slots cost around here (market-price.ts): four times as much is always enough, and a spike costs no more. */
  readonly marketPrice?: Price;
  /** Copies of the rarest piece that we lack among our peers: what may be gone soon is worth up to twice as much. */
  readonly rarestCopies?: number;
  /** The user's limit. */
  readonly limit?: Price;
}

/** `undefined`: nothing is wanted. Throws EverseedError `spend-rate` outside [0, 1]. */
export function autoBid(input: AutoBidInput): Price | undefined {
  const rate = input.spendRatePpm ?? FULL_SPEND_RATE_PPM;
  if (!Number.isInteger(rate) || rate < 0 || rate > FULL_SPEND_RATE_PPM)
    throw new EverseedError(
      "spend-rate",
      `Cannot bid: expected a spend rate from 0 to ${FULL_SPEND_RATE_PPM} parts per million, received ${rate}`,
    );
  if (input.bytesLeft <= 0) return undefined;
  const budget = input.budgetLeft ?? input.balance;
  const spendable = least(input.balance, budget) > 0n ? least(input.balance, budget) : 0n;
  // Base units times 10^6 are micro base units, and the rate divides by 10^6 again.
  const even = (BigInt(rate) * spendable * MIB) / BigInt(input.bytesLeft);
  const copies = input.rarestCopies ?? 0;
  const bid = copies > 0 ? even + even / BigInt(Math.floor(copies)) : even;
  // Where slots were free, nothing is known of what they cost when they are not.
  const known = input.marketPrice !== undefined && input.marketPrice > 0n;
  const enough = known ? (input.marketPrice as bigint) * MARKET_MULTIPLE : MAX_PRICE;
  const caps: readonly (bigint | undefined)[] = [input.cap, input.limit, enough, MAX_PRICE];
  return caps.reduce<bigint>((low, cap) => least(low, cap ?? low), bid) as Price;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The last bid that was sent. */
export interface SentBid {
  readonly price: Price;
  /** Milliseconds of the caller's clock. */
  readonly sentAt: number;
}

export interface RebidInput {
  readonly last: SentBid | undefined;
  readonly wanted: Price;
  readonly now: number;
  /** The user changed limit, budget or spend rate since `last`. */
  readonly userChanged: boolean;
}

/** The bid to sign and send now, if any. Only a caller that has a bid to send calls it; a withdrawal is a `refuse`. */
export function nextBid({ last, wanted, now, userChanged }: RebidInput): SentBid | undefined {
  const bid = (price: Price): SentBid => ({ price, sentAt: now });
  if (last === undefined) return bid(wanted);
  if (userChanged && wanted !== last.price) return bid(wanted);
  if (now - last.sentAt < REBID_MS) return undefined;
  const moved = wanted > last.price ? wanted - last.price : last.price - wanted;
  if (moved > 0n && moved * 100n >= last.price * MOVED_PERCENT) return bid(wanted);
  return now - last.sentAt >= BID_LIFE_MS - RENEW_MS ? bid(last.price) : undefined;
}
