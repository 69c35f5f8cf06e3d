/**
 * The `es_market` extension on one connection (docs/spec/es_market.md): takes the peer's bid, carries its slot's offers, bids
 * ourselves, and asks for and gives proofs of possession. Who gets which slot at what price is decided for all connections
 * together (slot-rounds.ts).
 *
 * Invariants: nothing is handled before es_pay proved the peer's address; a message that breaks a rule ends the connection
 * with its name, one that merely does not fit (another token, a clock an hour away) is refused and the peer served plainly.
 */
import { type Address, ProtocolError } from "@everseed/core";
import {
  checkBid,
  contradictsHint,
  decodeMarketMessage,
  encodeMarketMessage,
  type LiveBid,
  laneUnit,
  type MarketHandshake,
  type MarketMessage,
  type MarketParties,
  marketHandshake,
  NO_SLOT,
  type OfferReason,
  type Price,
  readMarketHandshake,
  type SignedSealedBid,
  type SlotState,
  signOffer,
} from "@everseed/market";
import type { BencodeDict } from "@everseed/metainfo";
import type { PeerExtensionSession, PeerPort } from "../extension.ts";
import type { PaymentLink } from "../payment/payment-extension.ts";
import { addressGroup } from "./address-group.ts";
import { Bidder } from "./bidder.ts";
import { PossessionAudit } from "./possession-audit.ts";
import type { ReserveBook } from "./reserve-book.ts";
import type { MarketInit, MarketNews, TorrentMarket } from "./types.ts";

/** A bid a minute is the rule; users that change their mind may be quicker for a while. */
const BID_BURST = 16;
const BID_PAUSE_MS = 15_000;
/** All other messages together: an offer for each price, a proof an hour, a refusal of what does not fit. */
const [MESSAGE_BURST, MESSAGE_PAUSE_MS] = [64, 2_000];
/** A connection between two that have everything is kept so long for a proof. */
const HOLD_MS = 8_000;
/** Refusals for things that do not fit, which say nothing bad of the peer. */
const MISFITS: ReadonlySet<string> = new Set(["market-token", "market-expiry"]);

/** What all sessions of a node share. */
export interface MarketSessions {
  readonly init: MarketInit;
  readonly secret: Uint8Array;
  nextCounter(): bigint;
  reserves(torrent: string): ReserveBook;
  marketPrice(): Price | undefined;
  notePrice(session: MarketSession, signal: "offer" | "win" | "loss", price: Price): void;
  /** What a tracker told of the address; undefined: nothing. */
  hint(remote: string): Price | undefined;
  /** True when the seller gets no bid of ours. */
  shuns(address: Address): boolean;
  onMissedTicks(session: MarketSession): void;
  onCorrupt(session: MarketSession): void;
  onWithdrawn(session: MarketSession): void;
  tell(session: MarketSession, news: MarketNews): void;
}

export class MarketSession implements PeerExtensionSession {
  readonly port: PeerPort;
  readonly addressGroup: string;
  /** Name of the torrent in the market. */
  readonly torrent: string;
  readonly #market: MarketSessions;
  readonly #terms: TorrentMarket;
  readonly #link: PaymentLink | undefined;
  readonly #openedAt: number;
  #theirs: MarketHandshake | undefined;
  #bid: { readonly live: LiveBid; readonly sealed: SignedSealedBid } | undefined;
  #bids = 0;
  #messages = 0;
  #heldSince: number | undefined;
  #bidder: Bidder | undefined;
  #audit: PossessionAudit | undefined;
  #closed = false;
  /** Where its slot stands; `slot-rounds.ts` moves it. */
  slot: SlotState = NO_SLOT;

  constructor(market: MarketSessions, terms: TorrentMarket, torrent: string, port: PeerPort) {
    this.#market = market;
    this.#terms = terms;
    this.torrent = torrent;
    this.port = port;
    this.addressGroup = addressGroup(port.remote);
    this.#openedAt = market.init.clock.now();
    this.#link = terms.payments.link(port.connection);
    this.#link?.attach({
      onAuthenticated: (address) => this.#authenticated(address),
      onMissedTicks: () => this.#dropBid("missed-ticks", () => market.onMissedTicks(this)),
      onBuyerStopped: () => this.#dropBid(undefined, () => market.onWithdrawn(this)),
      onCorrupt: () => market.onCorrupt(this),
      onHalted: () => this.#bidder?.halt(),
      allowedUnit: () => (this.#bidder === undefined ? 0n : this.#bidder.allowedUnit()),
      wantedUnit: () => this.#bidder?.wantedUnit() ?? 0n,
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The address that the peer proved, if it speaks es_market. */
  get identity(): Address | undefined {
    return this.#theirs === undefined ? undefined : this.#link?.address;
  }

  /** The peer hears what its slot costs. */
  get hearsOffers(): boolean {
    return this.identity !== undefined && this.#theirs?.bids === true && this.#terms.selling !== undefined;
  }

  get bid(): LiveBid | undefined {
    return this.#bid?.live;
  }

  /** The peer's last bid as an offer to somebody else shows it. */
  get sealedBid(): SignedSealedBid | undefined {
    return this.#bid?.sealed;
  }

  get canPay(): boolean {
    const { bid } = this;
    return bid !== undefined && this.#link?.canPay(laneUnit(bid.price, this.#link.unitBytes)) === true;
  }

  get ourBid(): Price | undefined {
    return this.#bidder?.bid;
  }

  get theirOffer(): Price | undefined {
    return this.#bidder?.offer?.price;
  }

  get holds(): boolean {
    // A seeder says that it only uploads before it says what it has: what the peer has is not asked here.
    if (!this.#audits || this.#theirs === undefined || this.port.data?.complete !== true) return false;
    const now = this.#market.init.clock.now();
    // The engine asks once both have nothing to fetch, be it from the start or after hours.
    this.#heldSince ??= now;
    const auditing = this.#audit?.waiting === true || now - this.#heldSince < HOLD_MS / 4;
    return now - this.#heldSince < HOLD_MS && (this.identity === undefined || auditing);
  }

  get #audits(): boolean {
    return this.#terms.possession !== false;
  }

  handshakeFields(): BencodeDict {
    const { bidding, selling } = this.#terms;
    return marketHandshake({ bids: bidding !== undefined, sells: selling !== undefined });
  }

  onHandshake(fields: BencodeDict, supported: boolean): void {
    if (supported) this.#theirs = readMarketHandshake(fields);
    // es_pay comes first, and may have proven the address already.
    const address = this.identity;
    if (address !== undefined) this.#authenticated(address);
  }

  #parties(buyer: Address, seller: Address): MarketParties {
    const { domain, token } = this.#market.init;
    return { domain, infoHash: this.port.wireInfoHash, token, buyer, seller };
  }

  #authenticated(address: Address): void {
    if (this.#theirs === undefined || this.#audit !== undefined) return;
    const { init, secret } = this.#market;
    const { clock, random, signer, curve, domain } = init;
    const { port } = this;
    const send = (message: MarketMessage): void => this.#send(message);
    this.#audit = new PossessionAudit({
      ...{ port, domain, signer, curve, random, secret, send },
      now: () => clock.now(),
      nextCounter: () => this.#market.nextCounter(),
      onProved: () => this.#proved(address),
      onLate: () => {
        this.#refuse("possession-late");
        this.#market.tell(this, { type: "possession-late", address });
      },
      onFault: (error) => this.#fault(error),
    });
    const { bidding } = this.#terms;
    const link = this.#link;
    if (bidding === undefined || !this.#theirs.sells || link === undefined) return;
    this.#bidder = new Bidder({
      ...{ clock, random, signer, curve, send, terms: bidding },
      parties: this.#parties(signer.address, address),
      unitBytes: () => link.unitBytes,
      marketPrice: () => this.#market.marketPrice(),
      onBid: (price) => {
        this.#market.tell(this, { type: "bid-sent", address, price });
        link.bidChanged();
      },
    });
  }

  /** Once a second. */
  tick(): void {
    const address = this.identity;
    if (this.#closed || address === undefined) return;
    const bidder = this.#bidder;
    if (bidder !== undefined && this.port.wanted && !this.#market.shuns(address)) bidder.tick();
    if (bidder?.lost === true && bidder.bid !== undefined) this.#market.notePrice(this, "loss", bidder.bid);
    this.#ask(address);
  }

  /** The user changed what may be spent. */
  bidChanged(): void {
    this.#bidder?.changed();
  }

  #ask(address: Address): void {
    if (!this.#audits || !this.port.complete || this.#terms.selling === undefined) return;
    const { clock } = this.#market.init;
    const reserves = this.#market.reserves(this.torrent);
    if (this.#audit?.waiting === true || !reserves.mayAsk(address, clock.now())) return;
    if (this.#audit?.ask() === true) reserves.asked(address, clock.now());
  }

  #proved(address: Address): void {
    const { clock } = this.#market.init;
    const at = Math.floor(clock.unixMs() / 1000);
    const { addressGroup: group } = this;
    this.#market.reserves(this.torrent).proved({ addressGroup: group, at, funded: this.#link?.funded === true });
    this.#market.tell(this, { type: "possession-proved", address });
  }

  /** Throws `ProtocolError`, upon which the engine drops the peer. */
  onMessage(payload: Uint8Array): void {
    if (this.#theirs === undefined) return;
    try {
      this.#handle(decodeMarketMessage(payload));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (MISFITS.has(error.code)) return this.#refuse(error.code);
      this.#market.tell(this, { type: "fault", error });
      throw error;
    }
  }

  #handle(message: MarketMessage): void {
    const address = this.identity;
    if (address === undefined)
      throw new ProtocolError("market-order", "es_market message", "es_pay's proof of address first", message.type);
    if (message.type !== "bid") this.#countMessage();
    switch (message.type) {
      case "bid":
        return this.#onBid(message, address);
      case "offer":
        return this.#onOffer(message, address);
      case "challenge":
        if (!this.#audits) return this.#refuse("possession-off");
        return this.#audit?.onChallenge(message.challenge, address);
      case "proof":
        return this.#audit?.onProof(message, address);
      case "refuse":
        return this.#onRefuse(message, address);
    }
  }

  #countMessage(): void {
    const sinceOpen = this.#market.init.clock.now() - this.#openedAt;
    if (++this.#messages > MESSAGE_BURST + sinceOpen / MESSAGE_PAUSE_MS)
      throw new ProtocolError("market-flood", "es_market messages", "one for each new price", `${this.#messages}`);
  }

  #onOffer({ offer }: Extract<MarketMessage, { type: "offer" }>, address: Address): void {
    // Who does not bid is offered nothing: it neither pays by such an offer nor learns from it.
    if (this.#bidder === undefined) return;
    const { price, reason } = offer;
    try {
      this.#bidder.onOffer(offer);
    } catch (error) {
      if (error instanceof ProtocolError && MISFITS.has(error.code)) {
        this.#refuse(error.code);
        return this.#bidder.onMisfit();
      }
      throw error;
    }
    this.#market.tell(this, { type: "offer-received", address, price, reason: reason.type });
    if (reason.type !== "free") this.#market.notePrice(this, "offer", price);
  }

  #onBid({ bid }: Extract<MarketMessage, { type: "bid" }>, buyer: Address): void {
    const { init } = this.#market;
    const { clock, signer, curve } = init;
    if (this.#theirs?.bids !== true)
      throw new ProtocolError("market-order", "bid", "a handshake that says so", "one without bids");
    const sinceOpen = clock.now() - this.#openedAt;
    if (++this.#bids > BID_BURST + sinceOpen / BID_PAUSE_MS)
      throw new ProtocolError("market-flood", "bids", "about one a minute", `${this.#bids}`);
    if (this.#terms.selling === undefined) return this.#refuse("nothing-for-sale");
    const now = Math.floor(clock.unixMs() / 1000);
    const sealed = checkBid(bid, this.#parties(buyer, signer.address), now, curve);
    const hint = this.#market.hint(this.port.remote);
    if (hint !== undefined && contradictsHint(bid.price, hint))
      throw new ProtocolError("bid-hint", "bid", `about ${hint}, as a tracker told`, `${bid.price}`);
    const expiresAt = clock.now() + bid.expiry * 1000 - clock.unixMs();
    this.#bid = { live: { price: bid.price, expiresAt, signature: bid.signature }, sealed };
    this.#market.tell(this, { type: "bid-received", address: buyer, price: bid.price });
    const reserve = this.#market.reserves(this.torrent).price(now);
    if (bid.price < reserve) this.#refuse("below-reserve", reserve);
  }

  #onRefuse({ code, price }: Extract<MarketMessage, { type: "refuse" }>, address: Address): void {
    this.#market.tell(this, { type: "refused", address, code, ...(price === undefined ? {} : { price }) });
    if (price !== undefined && this.#bidder !== undefined) this.#market.notePrice(this, "offer", price);
    if (code === "withdrawn") this.#dropBid(undefined, () => this.#market.onWithdrawn(this));
  }

  #refuse(code: string, price?: Price): void {
    this.#send({ type: "refuse", code, ...(price === undefined ? {} : { price }) });
  }

  #dropBid(code: string | undefined, then: () => void): void {
    this.#bid = undefined;
    if (code !== undefined) this.#refuse(code);
    then();
  }

  #fault(error: ProtocolError): void {
    this.#market.tell(this, { type: "fault", error });
    this.port.drop(error);
  }

  /** Tells the peer what its slot costs from here on, and charges it. The peer is choked, or the price stays. */
  offer(price: Price, reason: OfferReason, expiresAt: number): void {
    const buyer = this.identity;
    const { clock, signer } = this.#market.init;
    if (buyer === undefined) return;
    const expiry = Math.floor((clock.unixMs() + expiresAt - clock.now()) / 1000);
    const offer = signOffer({ price, expiry, reason }, this.#parties(buyer, signer.address), signer);
    this.#send({ type: "offer", offer });
    this.#market.tell(this, { type: "offer-sent", address: buyer, price, reason: reason.type });
    this.#link?.charge(laneUnit(price, this.#link.unitBytes));
  }

  /** The peer was unchoked, or choked. */
  slotChanged(open: boolean): void {
    this.#link?.slot(open);
  }

  #send(message: MarketMessage): void {
    if (!this.#closed) this.port.send(encodeMarketMessage(message));
  }

  onUploaded(): void {}

  onVerified(): void {}

  onCorrupt(): void {}

  onNothingWanted(): void {}

  onClosed(): void {
    this.#closed = true;
  }
}
