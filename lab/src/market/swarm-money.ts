/**
 * Money of a simulated swarm: balances, bids by the real `autoBid`, and what was charged.
 *
 * Amounts are whole micro base units times bytes per MiB, so that price x bytes is exact and nothing is rounded away. Left
 * out: channels and their deposits (any two peers can pay each other), ticks, fees, and whoever pays late or not at all.
 */
import { autoBid, BID_LIFE_MS, type LiveBid, nextBid, type Price, type SentBid } from "@everseed/market";

/** Amounts of this file in a base unit: micro base units, times the bytes of a MiB. */
export const FINE_PER_BASE = 1_000_000n << 20n;
/** What a channel must be able to pay before a slot is sold: one tick. */
const TICK_BYTES = 256n << 10n;
const NO_SIGNATURE = new Uint8Array(65);

export class SwarmMoney {
  readonly balance: bigint[];
  readonly spent: bigint[];
  readonly earned: bigint[];
  /** Peers that bid. */
  readonly bids: readonly boolean[];
  readonly #live: (LiveBid | undefined)[];
  readonly #sent: (SentBid | undefined)[];
  readonly #cap: Price;

  /** `balances` in base units; who has none does not bid. */
  constructor(balances: readonly number[], cap: Price) {
    this.balance = balances.map((base) => BigInt(base) * FINE_PER_BASE);
    this.spent = balances.map(() => 0n);
    this.earned = balances.map(() => 0n);
    this.bids = balances.map((base) => base > 0);
    this.#live = balances.map(() => undefined);
    this.#sent = balances.map(() => undefined);
    this.#cap = cap;
  }

  bidOf(peer: number): LiveBid | undefined {
    return this.#live[peer];
  }

  /** Bids anew where a bidder would send one. Returns true when the bid is another one now. */
  rebid(peer: number, bytesLeft: number, now: number): boolean {
    if (this.bids[peer] !== true) return false;
    const balance = (this.balance[peer] as bigint) / FINE_PER_BASE;
    const wanted = autoBid({ balance, bytesLeft, cap: this.#cap });
    if (wanted === undefined) return false;
    const next = nextBid({ last: this.#sent[peer], wanted, now, userChanged: false });
    if (next === undefined) return false;
    this.#sent[peer] = next;
    this.#live[peer] = { price: next.price, expiresAt: now + BID_LIFE_MS, signature: NO_SIGNATURE };
    return true;
  }

  canPay(peer: number): boolean {
    const bid = this.#live[peer];
    return bid !== undefined && (this.balance[peer] as bigint) >= bid.price * TICK_BYTES;
  }

  charge(buyer: number, seller: number, price: Price, bytes: number): void {
    const amount = price * BigInt(bytes);
    this.balance[buyer] = (this.balance[buyer] as bigint) - amount;
    this.spent[buyer] = (this.spent[buyer] as bigint) + amount;
    this.balance[seller] = (this.balance[seller] as bigint) + amount;
    this.earned[seller] = (this.earned[seller] as bigint) + amount;
  }
}
