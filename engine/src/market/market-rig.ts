/**
 * Two markets over one connection without an engine: the real sessions, a hand-turned clock, and es_pay's part played by hand
 * (the address that was proven, the channel that is there, what is charged).
 */
import {
  type Address,
  type Clock,
  type Curve,
  createSigner,
  nobleCurve,
  ProtocolError,
  type Signer,
  seededRandom,
  sha256,
  toHex,
  utf8,
} from "@everseed/core";
import {
  decodeMarketMessage,
  encodeMarketMessage,
  type MarketMessage,
  type MarketParties,
  type Price,
  toPrice,
} from "@everseed/market";
import type { PeerData, PeerExtension, PeerExtensionSession, PeerPort } from "../extension.ts";
import type { PaymentExtension, PaymentLink, PaymentMarket } from "../payment/payment-extension.ts";
import { DOMAIN, handClock, TOKEN, UNIT } from "../payment/payment-rig.ts";
import { Market } from "./market.ts";
import type { BiddingTerms, MarketEvent, TorrentMarket } from "./types.ts";

export const INFO_HASH = sha256(utf8("a torrent")).subarray(0, 20);

export interface SideInit extends Pick<TorrentMarket, "selling" | "possession"> {
  /** When its copy was complete. Unix seconds. */
  readonly completedAt?: number;
  readonly name: string;
  readonly bids?: Price;
  /** What it holds; it has everything where this says so. */
  readonly data?: PeerData;
  readonly unixOffsetMs?: number;
  readonly infoHash?: Uint8Array;
  /** A faster one where there are thousands of keys. */
  readonly curve?: Curve;
}

/** One program's market, for any number of connections. */
export class Side {
  readonly init: SideInit;
  readonly signer: Signer;
  readonly market: Market;
  readonly events: MarketEvent[] = [];
  readonly extension: PeerExtension;
  readonly #links = new Map<object, FakeLink>();

  constructor(init: SideInit, clock: Clock) {
    this.init = init;
    const { unixOffsetMs = 0, bids, curve = nobleCurve } = init;
    this.signer = createSigner(sha256(utf8(init.name)), curve);
    this.market = new Market({
      clock: { ...clock, unixMs: () => clock.unixMs() + unixOffsetMs },
      random: seededRandom(init.name.length + init.name.charCodeAt(0)),
      curve,
      signer: this.signer,
      domain: DOMAIN,
      token: TOKEN,
      onEvent: (event) => this.events.push(event),
    });
    const bidding: BiddingTerms | undefined =
      bids === undefined
        ? undefined
        : { price: bids, balance: () => 1_000n, bytesLeft: () => 1_000, totalBytes: () => 1_000 };
    this.extension = this.market.extension({
      names: [init.infoHash ?? INFO_HASH],
      payments: { link: (connection: object) => this.#links.get(connection) } as PaymentExtension,
      ...(init.selling === undefined ? {} : { selling: init.selling }),
      ...(bidding === undefined ? {} : { bidding }),
      ...(init.possession === undefined ? {} : { possession: init.possession }),
    });
    if (init.completedAt !== undefined)
      this.market.reserves(toHex(init.infoHash ?? INFO_HASH)).completed(init.completedAt);
  }

  addLink(connection: object): FakeLink {
    const link = new FakeLink();
    this.#links.set(connection, link);
    return link;
  }

  /** Its connections are gone. */
  dropLinks(): void {
    this.#links.clear();
  }

  of<T extends MarketEvent["type"]>(type: T): Extract<MarketEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as never;
  }
}

/** es_pay on one connection, as the market sees it. */
export class FakeLink implements PaymentLink {
  address: Address | undefined;
  readonly unitBytes = UNIT;
  funded = false;
  payable = true;
  readonly charged: bigint[] = [];
  market: PaymentMarket | undefined;
  canPay = (): boolean => this.payable;
  charge = (unit: bigint): void => void this.charged.push(unit);
  slot = (): void => undefined;
  bidChanged = (): void => undefined;
  attach = (market: PaymentMarket): void => {
    this.market = market;
  };
}

/** One side's end. */
export interface End {
  readonly side: Side;
  readonly link: FakeLink;
  readonly session: PeerExtensionSession;
  /** What came, in order. */
  readonly heard: MarketMessage[];
  /** Why this side dropped the other. */
  dropped: ProtocolError | undefined;
  /** Says to the other side what our own code would not. */
  say(message: MarketMessage): void;
  /** Changes what our code says; `undefined` drops it. */
  tamper: ((message: MarketMessage) => MarketMessage | undefined) | undefined;
}

export interface ConnectInit {
  readonly latencyMs?: number;
  /** Addresses as each sees the other's. */
  readonly remotes?: readonly [string, string];
  /** False: es_pay proves no addresses. */
  readonly authenticated?: boolean;
}

let connections = 0;

/** Connects two sides; each has proven its address, unless told otherwise. */
export function connect(
  clock: ReturnType<typeof handClock>,
  sides: readonly [Side, Side],
  init: ConnectInit = {},
): [End, End] {
  const { latencyMs = 10, remotes = ["10.1.1.1:6881", "10.2.2.2:6881"], authenticated = true } = init;
  let closed = false;
  connections++;
  const make = (at: 0 | 1): End => {
    const side = sides[at];
    const connection = { number: connections, sold: false, amChoking: true };
    const link = side.addLink(connection);
    const heard: MarketMessage[] = [];
    const end: { -readonly [K in keyof End]: End[K] } = {
      ...{ side, link, heard, dropped: undefined, tamper: undefined, session: undefined as never },
      say: (message) => deliver(at, encodeMarketMessage(message)),
    };
    const drop = (error: ProtocolError): void => {
      end.dropped ??= error;
      close();
    };
    const data = (): PeerData | undefined => side.init.data;
    const theirs = (): PeerData | undefined => (sides[at === 0 ? 1 : 0] as Side).init.data;
    const port: PeerPort = {
      connection,
      remote: remotes[at === 0 ? 1 : 0],
      wireInfoHash: side.init.infoHash ?? INFO_HASH,
      localPeerId: new Uint8Array(20),
      remotePeerId: new Uint8Array(20),
      verifyUnitBytes: UNIT,
      requestedBytes: 0,
      outstandingBytes: 0,
      receivedBytes: 0,
      chargedBytes: 0,
      wanted: side.init.bids !== undefined,
      get complete() {
        return theirs()?.complete === true;
      },
      get data() {
        return data();
      },
      send: (payload) => {
        const sent = end.tamper === undefined ? payload : encoded(end.tamper(decodeMarketMessage(payload)));
        if (sent !== undefined) deliver(at, sent);
      },
      setServeAllowance: () => undefined,
      setRequestAllowance: () => undefined,
      setCharged: () => undefined,
      takeBackRequests: () => undefined,
      setPaying: () => undefined,
      drop,
    };
    end.session = side.extension.connect(port);
    return end;
  };
  const ends: [End, End] = [make(0), make(1)];
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const { session } of ends) session.onClosed();
  };
  function deliver(from: 0 | 1, payload: Uint8Array): void {
    clock.after(latencyMs, () => {
      if (closed) return;
      const to = ends[from === 0 ? 1 : 0];
      to.heard.push(decodeMarketMessage(payload));
      try {
        to.session.onMessage(payload);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        to.dropped ??= error;
        close();
      }
    });
  }
  for (const at of [0, 1] as const)
    ends[at === 0 ? 1 : 0].session.onHandshake(ends[at].session.handshakeFields(), true);
  if (authenticated)
    for (const at of [0, 1] as const) {
      const { link } = ends[at];
      link.address = (sides[at === 0 ? 1 : 0] as Side).signer.address;
      link.market?.onAuthenticated(link.address);
    }
  return ends;
}

function encoded(message: MarketMessage | undefined): Uint8Array | undefined {
  return message === undefined ? undefined : encodeMarketMessage(message);
}

/** Seconds pass; both markets do what they do each second, and reads from disks settle. */
export async function seconds(
  clock: ReturnType<typeof handClock>,
  sides: readonly Side[],
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    for (const { market } of sides) market.tick([], clock.now());
    for (let step = 0; step < 20; step++) {
      clock.advance(50);
      for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    }
  }
}

export function partiesOf(buyer: Side, seller: Side): MarketParties {
  return {
    domain: DOMAIN,
    infoHash: seller.init.infoHash ?? INFO_HASH,
    token: TOKEN,
    buyer: buyer.signer.address,
    seller: seller.signer.address,
  };
}

export const RESERVE = toPrice(1_000_000n);
export const SELLING = { reserve: { type: "fixed", price: RESERVE } } as const;
export { handClock };
