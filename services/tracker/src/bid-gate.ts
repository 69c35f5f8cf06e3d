/**
 * Bids as they are announced: read, and their signature checked. A signature costs 0.05 ms with the native curve and 1 ms
 * without: the same bytes are checked once while they are remembered, and new ones no more often than the limits allow.
 *
 * Invariant: a bid that comes out was signed by its bidder for this torrent, and has not expired.
 */
import { type Curve, ProtocolError, toHex } from "@everseed/core";
import { checkTrackerBid, decodeTrackerBid, encodeBidMarket } from "@everseed/market";
import type { BidFields } from "@everseed/wire";
import type { LiveBid } from "./live-bids.ts";
import type { RequestLimiter } from "./request-limiter.ts";
import type { BidTerms } from "./swarm-table.ts";

/** Bids whose signature is remembered, some 600 bytes each. */
const MAX_REMEMBERED = 10_000;

/** Said with an answer whose bid was left out. */
export const BID_UNCHECKED = "too many bids to check: yours was left out";

/** An error as clients are told of it: those of bids begin with their code. */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof ProtocolError && error.code.startsWith("market-") ? `${error.code}: ${message}` : message;
}

export interface BidGateInit {
  readonly curve: Curve;
  /** Checks for one address. */
  readonly perAddress: RequestLimiter;
  /** Checks altogether, whoever asks. */
  readonly altogether: RequestLimiter;
}

export class BidGate {
  /** In the order of their last use; what is in it was signed. */
  readonly #signed = new Map<string, LiveBid>();
  readonly #init: BidGateInit;

  constructor(init: BidGateInit) {
    this.#init = init;
  }

  /** What an announce says of bids, checked; `now` in ms. Throws as `admit` does. */
  terms({ bid, sortByBid }: BidFields, infoHash: Uint8Array, host: string, now: number): BidTerms {
    const admitted = bid && this.admit(bid, infoHash, host, now);
    return { ...(admitted && { bid: admitted }), ...(sortByBid && { sortMarket: toHex(sortByBid) }) };
  }

  /**
   * `now` in ms. `undefined` when there were too many to check: nothing is said of the bid. Throws `ProtocolError`
   * `market-message`, `market-expiry` or `market-signature`.
   */
  admit(bytes: Uint8Array, infoHash: Uint8Array, host: string, now: number): LiveBid | undefined {
    const seconds = Math.floor(now / 1_000);
    const key = `${toHex(infoHash)}${toHex(bytes)}`;
    const known = this.#signed.get(key);
    this.#signed.delete(key);
    if (known !== undefined && known.expiry > seconds) return this.#remember(key, known);
    const bid = decodeTrackerBid(bytes);
    const { perAddress, altogether, curve } = this.#init;
    if (!perAddress.allow(host, now) || !altogether.allow("", now)) return undefined;
    checkTrackerBid(bid, infoHash, seconds, curve);
    const { bidder, price, expiry } = bid;
    return this.#remember(key, { market: toHex(encodeBidMarket(bid)), bidder, price, expiry, bytes: bytes.slice() });
  }

  #remember(key: string, bid: LiveBid): LiveBid {
    this.#signed.set(key, bid);
    for (const oldest of this.#signed.keys()) {
      if (this.#signed.size <= MAX_REMEMBERED) break;
      this.#signed.delete(oldest);
    }
    return bid;
  }
}
