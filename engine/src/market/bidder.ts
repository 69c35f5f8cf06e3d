/**
 * The bidding side of one connection: what we bid, when we say so again, and whether the seller's offer is what we agreed
 * to. The rules are in `@everseed/market` (auto-bid.ts, offers.ts).
 *
 * Invariant: what the seller may charge is never above the price of its last checked offer, which is never above our bid.
 */
import type { Address, Clock, Curve, RandomBytes, Signer } from "@everseed/core";
import {
  autoBid,
  BID_LIFE_MS,
  checkOffer,
  higher,
  laneUnit,
  type MarketMessage,
  type MarketParties,
  nextBid,
  OFFER_LIFE_MS,
  type OfferMessage,
  type Price,
  type SentBid,
  signBid,
  ZERO_PRICE,
} from "@everseed/market";
import type { BiddingTerms } from "./types.ts";

/** The last sixteenth of a download is bid for like the sixteenth before it: the bid diverges towards the end. */
const LEAST_SHARE = 16;
/** A seller keeps a price for half a minute; by then it has heard of the bid that is lower. */
const CROSSING_MS = 30_000;

export interface BidderInit {
  readonly terms: BiddingTerms;
  readonly parties: MarketParties;
  readonly unitBytes: () => number;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signer: Signer;
  readonly curve: Curve;
  /** What a slot costs around here; undefined while nobody knows. */
  readonly marketPrice: () => Price | undefined;
  readonly send: (message: MarketMessage) => void;
  readonly onBid: (price: Price) => void;
}

/** What a slot is worth to us now; `undefined` when nothing is wanted, or nothing is left to spend. */
export function wantedBid(terms: BiddingTerms, marketPrice: Price | undefined): Price | undefined {
  const bytesLeft = terms.bytesLeft();
  const balance = terms.balance();
  if (bytesLeft <= 0 || balance <= 0n) return undefined;
  if (terms.price !== undefined) return terms.price;
  return autoBid({
    ...(terms.spendRatePpm === undefined ? {} : { spendRatePpm: terms.spendRatePpm }),
    ...(terms.limit === undefined ? {} : { limit: terms.limit }),
    ...(marketPrice === undefined ? {} : { marketPrice }),
    balance,
    bytesLeft: Math.max(bytesLeft, Math.ceil(terms.totalBytes() / LEAST_SHARE)),
  });
}

export class Bidder {
  readonly #init: BidderInit;
  #sent: SentBid | undefined;
  /** The bid before, which the seller may still offer by: what it signs may cross what we send. */
  #crossing: Price = ZERO_PRICE;
  #offer: OfferMessage | undefined;
  /** Milliseconds of our own clock. */
  #offerLapsesAt = Number.NEGATIVE_INFINITY;
  #misfit = false;
  #offeredAt: number | undefined;
  #halted = false;
  #userChanged = false;

  constructor(init: BidderInit) {
    this.#init = init;
  }

  get bid(): Price | undefined {
    return this.#sent?.price;
  }

  get offer(): OfferMessage | undefined {
    return this.#offer;
  }

  /** Our bid stood for a minute and got nothing. */
  get lost(): boolean {
    const sent = this.#sent;
    return sent !== undefined && this.#offeredAt === undefined && this.#init.clock.now() - sent.sentAt > 60_000;
  }

  wantedUnit(): bigint {
    return this.#halted || this.#sent === undefined ? 0n : laneUnit(this.#sent.price, this.#init.unitBytes());
  }

  /** Nano base units a step; 0 without an offer that stands, undefined where the seller's offers do not fit us. */
  allowedUnit(): bigint | undefined {
    if (this.#misfit) return undefined;
    const offer = this.#offer;
    if (offer === undefined || this.#offerLapsesAt <= this.#init.clock.now() || offer.price > this.#ownBid) return 0n;
    return laneUnit(offer.price, this.#init.unitBytes());
  }

  /** The most that an offer may ask. */
  get #ownBid(): Price {
    const sent = this.#sent;
    if (sent === undefined) return ZERO_PRICE;
    const crossing = this.#init.clock.now() - sent.sentAt < CROSSING_MS;
    return crossing ? higher(sent.price, this.#crossing) : sent.price;
  }

  /** An offer in another token, or of another time: we do not deal with this seller, and take what is free. */
  onMisfit(): void {
    this.#misfit = true;
    this.halt();
  }

  /** The user changed limit, budget or spend rate: the next bid need not wait. */
  changed(): void {
    this.#userChanged = true;
  }

  halt(): void {
    if (this.#halted) return;
    this.#halted = true;
    if (this.#sent !== undefined) this.#init.send({ type: "refuse", code: "withdrawn" });
  }

  /** Bids when it is time to. */
  tick(): void {
    if (this.#halted) return;
    const wanted = wantedBid(this.#init.terms, this.#init.marketPrice());
    if (wanted === undefined || wanted === 0n) return;
    const now = this.#init.clock.now();
    const next = nextBid({ last: this.#sent, wanted, now, userChanged: this.#userChanged });
    this.#userChanged = false;
    if (next === undefined) return;
    this.#crossing = this.#sent?.price ?? ZERO_PRICE;
    this.#sent = next;
    const { clock, random, parties, signer, send, onBid } = this.#init;
    const expiry = Math.floor((clock.unixMs() + BID_LIFE_MS) / 1000);
    send({ type: "bid", bid: signBid({ price: next.price, expiry, nonce: random(32) }, parties, signer) });
    onBid(next.price);
  }

  /** Throws `ProtocolError` `market-*` or `offer-*`: the seller breaks the rules. */
  onOffer(offer: OfferMessage): void {
    const { parties, clock, curve } = this.#init;
    checkOffer(offer, parties, { ownBid: this.#ownBid, now: Math.floor(clock.unixMs() / 1000), curve });
    this.#offer = offer;
    // A clock that is a minute ahead of the seller's must not make us stop before the seller offers again.
    this.#offerLapsesAt = clock.now() + Math.max(OFFER_LIFE_MS, offer.expiry * 1000 - clock.unixMs());
    if (offer.price > 0n || offer.reason.type !== "free") this.#offeredAt = clock.now();
  }

  get seller(): Address {
    return this.#init.parties.seller;
  }
}
