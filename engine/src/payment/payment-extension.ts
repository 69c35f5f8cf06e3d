/**
 * The `es_pay` extension (docs/spec/es_pay.md) on the engine's connections: the shell around the pure session, with a
 * selling and a buying side. A peer that does not know the extension, or does not buy, is left to the plain rules.
 */
import {
  type ChannelDomain,
  EXTENSION_NAME,
  encodePayMessage,
  MAX_MESSAGE_BYTES,
  NONCE_BYTES,
  newSession,
  type PayMessage,
  payHandshake,
  type SessionEffect,
  type SessionEnv,
  type SessionEvent,
  sessionStep,
} from "@everseed/channel";
import {
  type Address,
  type Clock,
  type Curve,
  EverseedError,
  ProtocolError,
  type RandomBytes,
  type Signer,
} from "@everseed/core";
import { readMarketHandshake } from "@everseed/market";
import type { BencodeDict } from "@everseed/metainfo";
import type { PeerExtension, PeerExtensionSession, PeerPort } from "../extension.ts";
import { Buyer } from "./buyer.ts";
import type { BuyerEvent, BuyerMarket, BuyerStats, BuyingTerms } from "./buyer-types.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";
import { Seller } from "./seller.ts";
import type { SellerEvent, SellerStats, SellingTerms } from "./seller-types.ts";

/** Connections that are remembered for `peers()`, and of those that are over as many. */
const MAX_SESSIONS = 1_000;
/** What is being saved when a connection ends still counts. */
const SETTLE_MS = 10_000;
/** Each new price costs the buyer a lane and a signature. */
const [OFFER_BURST, OFFER_PAUSE_MS] = [32, 2_000];

export interface PaymentInit {
  readonly domain: ChannelDomain;
  readonly signer: Signer;
  readonly curve: Curve;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly selling?: SellingTerms;
  readonly buying?: BuyingTerms;
  /** Addresses are proven to peers that ask for it, although neither side buys: es_market's proofs are signed. */
  readonly identify?: boolean;
  readonly onEvent?: (event: PaymentEvent) => void;
}

export type PaymentEvent = { readonly remote: string } & (
  | { readonly type: "authenticated"; readonly address: Address }
  | { readonly type: "declined"; readonly code: string }
  | { readonly type: "refused"; readonly error: ProtocolError }
  | { readonly type: "failed"; readonly error: EverseedError }
  | BuyerEvent
  | SellerEvent
);

type WithoutRemote<T> = T extends unknown ? Omit<T, "remote"> : never;

/** One counterparty of this torrent, past or present. */
export interface PaymentPeer {
  readonly address: Address;
  readonly remote: string;
  readonly connected: boolean;
  readonly bought?: BuyerStats;
  readonly sold?: SellerStats;
}

export interface PaymentExtension extends PeerExtension {
  /** Connections that are remembered, with those that are over. */
  readonly sessionCount: number;
  peers(): PaymentPeer[];
  /** The payments of one connection (`PeerPort.connection`), for the market. */
  link(connection: object): PaymentLink | undefined;
}

/** What es_market needs of es_pay on the same connection. Prices in nano base units a step. */
export interface PaymentLink {
  /** What the peer proved. */
  readonly address: Address | undefined;
  readonly unitBytes: number;
  /** The peer has a channel with us, either way, that holds money. */
  readonly funded: boolean;
  /** The peer buys, over a channel to us with room for a step of this price. */
  canPay(unit: bigint): boolean;
  /** What the peer is served costs this from here on; 0 is free. Call while it is choked. */
  charge(unit: bigint): void;
  /** The peer was unchoked, or choked. */
  slot(open: boolean): void;
  /** Our bid is another. */
  bidChanged(): void;
  /** Sets what the market says and hears of this connection. Call once, before the peer's handshake. */
  attach(market: PaymentMarket): void;
}

export interface PaymentMarket extends BuyerMarket {
  onAuthenticated(address: Address): void;
  /** The peer won a slot and does not pay. */
  onMissedTicks(): void;
  /** The peer buys no more. */
  onBuyerStopped(): void;
  /** The seller's data failed verification. */
  onCorrupt(): void;
}

export function createPaymentExtension(init: PaymentInit): PaymentExtension {
  const sessions = new Set<PaymentSession>();
  const past: PaymentPeer[] = [];
  const links = new WeakMap<object, PaymentSession>();
  /** A session holds its peer, and through it the connection: of those that are over only the figures stay. */
  const letGo = (): void => {
    const before = init.clock.now() - (sessions.size > MAX_SESSIONS ? 0 : SETTLE_MS);
    for (const session of sessions) {
      if (session.closedAt === undefined || session.closedAt > before) continue;
      sessions.delete(session);
      const report = session.report();
      if (report !== undefined && hasTraded(report)) past.push(report);
    }
    past.splice(0, past.length - MAX_SESSIONS);
  };
  return {
    name: EXTENSION_NAME,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    connect(port) {
      letGo();
      const session = new PaymentSession(init, port);
      sessions.add(session);
      links.set(port.connection, session);
      return session;
    },
    get sessionCount() {
      return sessions.size + past.length;
    },
    link: (connection) => links.get(connection),
    peers: () => [...past, ...[...sessions].flatMap((session) => session.report() ?? [])],
  };
}

function hasTraded({ bought, sold }: PaymentPeer): boolean {
  return (bought?.paidBytes ?? 0) + (bought?.verifiedBytes ?? 0) > 0 || (sold?.uploadedBytes ?? 0) > 0;
}

/** Of a node that takes no part in the market: it gets what is free. */
const NO_BIDS: BuyerMarket = { allowedUnit: () => 0n, wantedUnit: () => 0n, onHalted: () => undefined };

class PaymentSession implements PeerExtensionSession, PaymentLink {
  readonly #init: PaymentInit;
  readonly #port: PeerPort;
  readonly #env: SessionEnv;
  #state = newSession;
  #address: Address | undefined;
  #seller: Seller | undefined;
  #buyer: Buyer | undefined;
  readonly #openedAt: number;
  closedAt: number | undefined;
  #offers = 0;
  #uploaded = 0;
  #market: PaymentMarket | undefined;
  /** The peer's price is the market's. */
  #theyAuction = false;

  constructor(init: PaymentInit, port: PeerPort) {
    this.#init = init;
    this.#port = port;
    this.#openedAt = init.clock.now();
    this.#env = {
      domain: init.domain,
      signer: init.signer,
      curve: init.curve,
      nonce: init.random(NONCE_BYTES),
      wireInfoHash: port.wireInfoHash,
      localPeerId: port.localPeerId,
      remotePeerId: port.remotePeerId,
      selling: init.selling !== undefined,
      buying: init.buying !== undefined,
      identify: init.identify === true,
    };
  }

  get address(): Address | undefined {
    return this.#state.phase === "authenticated" ? this.#address : undefined;
  }

  get unitBytes(): number {
    return this.#port.verifyUnitBytes;
  }

  get funded(): boolean {
    const address = this.address;
    if (address === undefined) return false;
    const { payees, payers } = this.#init.book;
    const theirs = [...payees.values()].some(({ terms, deposit }) => terms.payer === address && deposit > 0n);
    return theirs || [...payers.values()].some(({ terms, deposit }) => terms.payee === address && deposit > 0n);
  }

  attach(market: PaymentMarket): void {
    this.#market = market;
  }

  canPay(unit: bigint): boolean {
    return this.#seller?.canPay(unit) === true;
  }

  charge(unit: bigint): void {
    this.#seller?.charge(unit);
  }

  slot(open: boolean): void {
    this.#seller?.slot(open);
  }

  bidChanged(): void {
    this.#buyer?.bidChanged();
  }

  get closed(): boolean {
    return this.#state.phase === "closed";
  }

  handshakeFields(): BencodeDict {
    return payHandshake(this.#env);
  }

  onHandshake(fields: BencodeDict, supported: boolean): void {
    this.#theyAuction = readMarketHandshake(fields)?.sells === true;
    this.#step({ type: "handshake", fields, supported });
  }

  /** Throws `ProtocolError`, upon which the engine drops the peer. */
  onMessage(payload: Uint8Array): void {
    try {
      this.#step({ type: "message", payload });
    } catch (error) {
      if (error instanceof ProtocolError) this.#refused(error);
      throw error;
    }
  }

  #step(event: SessionEvent): void {
    const [next, effects] = sessionStep(this.#state, event, this.#env);
    this.#state = next;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: SessionEffect): void {
    switch (effect.type) {
      case "send":
        return this.#send(effect.message);
      case "hold":
        if (effect.sells && this.#init.selling?.price !== "market") this.#port.setServeAllowance(0);
        if (effect.buys && !this.#theyAuction) this.#port.setRequestAllowance(0, 0);
        return;
      case "authenticated":
        return this.#authenticated(effect.address, effect.sells);
      case "deliver":
        return this.#deliver(effect.message);
    }
  }

  #send(message: PayMessage): void {
    if (!this.closed) this.#port.send(encodePayMessage(message));
  }

  #tell(event: WithoutRemote<PaymentEvent>): void {
    this.#init.onEvent?.({ ...event, remote: this.#port.remote } as PaymentEvent);
  }

  #refused(error: ProtocolError): void {
    this.#send({ type: "stop", code: error.code });
    this.#tell({ type: "refused", error });
  }

  #authenticated(address: Address, sells: boolean): void {
    this.#address = address;
    this.#tell({ type: "authenticated", address });
    const { selling } = this.#init;
    if (sells && selling !== undefined) this.#sell(address, selling);
    this.#market?.onAuthenticated(address);
  }

  #sell(address: Address, selling: SellingTerms): void {
    const { signer, curve } = this.#init;
    this.#seller = new Seller(
      {
        ...this.#shared(),
        terms: selling,
        self: signer.address,
        curve,
        uploadedBefore: this.#uploaded,
        onEvent: (event) => this.#tell(event as WithoutRemote<PaymentEvent>),
        onMissedTicks: () => this.#market?.onMissedTicks(),
      },
      address,
    );
  }

  #shared() {
    const { domain, book, chain, clock } = this.#init;
    return { port: this.#port, domain, book, chain, clock, send: (message: PayMessage) => this.#send(message) };
  }

  #deliver(message: PayMessage): void {
    switch (message.type) {
      case "offer":
        return this.#onOffer(message);
      case "voucher":
        if (this.#seller !== undefined) this.#wait(this.#seller.onVoucher(message));
        return;
      case "tick":
        return this.#seller?.onTick(message);
      case "accepted":
        return this.#buyer?.onAccepted(message.root);
      case "stop":
        this.#buyer?.onStop(message.code);
        this.#seller?.onStop(message.code);
        this.#market?.onBuyerStopped();
        return;
      case "auth":
        return;
    }
  }

  #onOffer({ offer, copies }: Extract<PayMessage, { type: "offer" }>): void {
    const { buying, signer, random, curve } = this.#init;
    if (!this.#state.buys || buying === undefined || this.#address === undefined) return;
    const sinceOpen = this.#init.clock.now() - this.#openedAt;
    if (++this.#offers > OFFER_BURST + sinceOpen / OFFER_PAUSE_MS)
      throw new ProtocolError("pay-flood", "es_pay offers", "one for each new price", `${this.#offers}`);
    if (this.#buyer !== undefined) return this.#buyer.reprice(offer);
    const buyer = new Buyer(
      {
        ...this.#shared(),
        terms: buying,
        signer,
        random,
        curve,
        ...(this.#theyAuction ? { market: this.#market ?? NO_BIDS } : {}),
        onError: (error) => this.#tell({ type: "failed", error }),
        onEvent: (event) => this.#tell(event),
      },
      this.#address,
      offer,
    );
    const declined = buyer.declines();
    if (declined !== undefined) {
      buyer.onClosed();
      this.#send({ type: "stop", code: declined });
      this.#tell({ type: "declined", code: declined });
      // Not buying here: what the peer gives for nothing is still welcome.
      this.#port.setRequestAllowance(undefined, 0);
      return;
    }
    this.#buyer = buyer;
    buyer.start(copies);
  }

  /** Messages that come while one is being checked wait their turn. */
  #wait(task: Promise<void>): void {
    this.#step({ type: "busy" });
    task.then(
      () => this.#resume(),
      (error: unknown) => {
        if (error instanceof ProtocolError) {
          this.#refused(error);
          this.#port.drop(error);
          return;
        }
        const known = error instanceof EverseedError ? error : undefined;
        this.#tell({
          type: "failed",
          error:
            known ??
            new EverseedError("payment-failed", `Cannot check a payment: ${(error as Error).message}`, {
              cause: error,
            }),
        });
        this.#resume();
      },
    );
  }

  #resume(): void {
    try {
      this.#step({ type: "ready" });
      while (!this.#state.busy && this.#state.waiting.length > 0) this.#step({ type: "ready" });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refused(error);
      this.#port.drop(error);
    }
  }

  onUploaded(totalBytes: number): void {
    this.#uploaded = totalBytes;
    this.#seller?.onUploaded(totalBytes);
  }

  onVerified(_totalBytes: number, chargedBytes: number): void {
    this.#buyer?.onVerified(chargedBytes);
  }

  onCorrupt(_bytes: number): void {
    this.#buyer?.onCorrupt();
    this.#market?.onCorrupt();
  }

  onNothingWanted(): void {
    this.#buyer?.onNothingWanted();
  }

  onClosed(): void {
    this.closedAt ??= this.#init.clock.now();
    this.#step({ type: "closed" });
    this.#seller?.onClosed();
    this.#buyer?.onClosed();
  }

  report(): PaymentPeer | undefined {
    if (this.#address === undefined) return undefined;
    return {
      address: this.#address,
      remote: this.#port.remote,
      connected: !this.closed,
      ...(this.#buyer === undefined ? {} : { bought: this.#buyer.stats }),
      ...(this.#seller === undefined ? {} : { sold: this.#seller.stats }),
    };
  }
}
