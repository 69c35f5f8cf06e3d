/**
 * A laboratory for payments: the real extension on both ends, over a connection whose data plane obeys the allowances as
 * the engine does, with a clock turned by hand, disks that survive crashes, and the contract's rules in memory.
 * One run is the same every time.
 */
import { type ChannelDomain, encodePayMessage, type PayMessage } from "@everseed/channel";
import {
  type Address,
  type Clock,
  createSigner,
  NANO,
  nobleCurve,
  ProtocolError,
  type Signer,
  seededRandom,
  sha256,
  utf8,
} from "@everseed/core";
import { marketHandshake } from "@everseed/market";
import type { PeerExtension, PeerExtensionSession, PeerPort } from "../extension.ts";
import type { BuyingTerms } from "./buyer-types.ts";
import { ChannelBook } from "./channel-book.ts";
import { MemoryChain } from "./memory-chain.ts";
import {
  createMemoryChannelStore,
  createMemoryDisk,
  type MemoryChannelStore,
  type MemoryDisk,
} from "./memory-channel-store.ts";
import { createPaymentExtension, type PaymentEvent, type PaymentExtension } from "./payment-extension.ts";
import type { ChannelChain } from "./ports.ts";
import { rememberingChain } from "./remembering-chain.ts";
import type { SellingTerms } from "./seller-types.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const UNIT = 16 * KIB;
export const TOKEN: Address = `0x${"70".repeat(20)}`;
/** A base unit a GiB would vanish in rounding: 16384 base units a GiB are 0.25 a unit. */
export const PRICE = 16_384n;
export const UNIT_NANO = NANO / 4n;
export const DOMAIN: ChannelDomain = { chainId: 31337n, contract: `0x${"c0".repeat(20)}` };

export function handClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  let tasks: { readonly at: number; readonly task: () => void }[] = [];
  return {
    now: () => now,
    unixMs: () => 1_800_000_000_000 + now,
    after(delayMs, task) {
      const entry = { at: now + delayMs, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        tasks = tasks.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.task();
      }
      now = until;
    },
  };
}

export function memoryChain(): MemoryChain {
  return new MemoryChain(DOMAIN, nobleCurve);
}

export class RigNode {
  readonly name: string;
  readonly clock: Clock;
  readonly chain: ChannelChain;
  readonly signer: Signer;
  readonly disk: MemoryDisk = createMemoryDisk();
  readonly events: PaymentEvent[] = [];
  store!: MemoryChannelStore;
  book!: ChannelBook;
  #runs = 0;

  constructor(name: string, clock: Clock, chain: ChannelChain) {
    this.name = name;
    this.clock = clock;
    this.chain = rememberingChain(chain, { domain: DOMAIN, clock });
    this.signer = createSigner(sha256(utf8(name)), nobleCurve);
  }

  /** Starts, or starts again after a crash: everything but the disk is new. */
  async start(): Promise<this> {
    this.#runs++;
    this.store = createMemoryChannelStore({ clock: this.clock, disk: this.disk });
    this.book = await ChannelBook.open(this.store);
    return this;
  }

  extension(options: { readonly selling?: SellingTerms; readonly buying?: BuyingTerms }): PaymentExtension {
    return createPaymentExtension({
      ...options,
      domain: DOMAIN,
      signer: this.signer,
      curve: nobleCurve,
      clock: this.clock,
      random: seededRandom(this.#runs * 1000 + (this.name.charCodeAt(0) << 8) + this.events.length),
      book: this.book,
      chain: this.chain,
      onEvent: (event) => this.events.push(event),
    });
  }
}

/** The extended handshake says what es_market would. */
export function inMarket(extension: PaymentExtension, sells: boolean): PaymentExtension {
  const wrapped: PeerExtension = {
    ...extension,
    connect(port) {
      const session = extension.connect(port);
      const fields = (): ReturnType<typeof session.handshakeFields> =>
        new Map([...session.handshakeFields(), ...marketHandshake({ bids: !sells, sells })]);
      return new Proxy(session, {
        get: (target, key) => {
          if (key === "handshakeFields") return fields;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
  return { ...extension, ...wrapped };
}

/** Two nodes that have never met, on one clock and one chain. */
export async function pair() {
  const clock = handClock();
  const chain = memoryChain();
  const alice = await new RigNode("alice", clock, chain).start();
  const bob = await new RigNode("bob", clock, chain).start();
  return { clock, chain, alice, bob };
}

export function budget(baseUnits: bigint): BuyingTerms["budget"] {
  return { limitNano: baseUnits * NANO, spentNano: 0n };
}

export interface LinkInit {
  readonly clock: ReturnType<typeof handClock>;
  readonly buyer: PaymentExtension;
  readonly seller: PaymentExtension;
  /** What the buyer still wants of this seller. Bytes. */
  readonly wantBytes: number;
  readonly unitBytes?: number;
  readonly blockBytes?: number;
  /**
   * Data verifies in whole pieces where the buyer says that two of them come before they must be paid, as in the engine; else
   * block by block. Bytes. @default 0, always block by block
   */
  readonly pieceBytes?: number;
  /** One way. Milliseconds. @default 0 */
  readonly latencyMs?: number;
  /** Requests under way. Bytes. @default 4 MiB */
  readonly depthBytes?: number;
  readonly torrent?: string;
  /** Data is sent but never arrives. */
  readonly withholdAfterBytes?: number;
  /** Changes or drops a message of the buyer. */
  readonly tamper?: (payload: Uint8Array) => Uint8Array | undefined;
}

interface End {
  session: PeerExtensionSession;
  allowance: number | undefined;
  creditBytes: number;
  paying: boolean;
  charged: boolean;
  unchargedBytes: number;
}

/** One connection. The buyer asks, the seller serves within its allowance, all that arrives verifies. */
export class Link {
  readonly #init: Required<Omit<LinkInit, "tamper" | "withholdAfterBytes">> & LinkInit;
  readonly #buyer: End;
  readonly #seller: End;
  requested = 0;
  served = 0;
  verified = 0;
  #received = 0;
  firstByteAt: number | undefined;
  dropped: ProtocolError | undefined;
  closed = false;
  /** Set where slots are given by hand. */
  inSlot: boolean | undefined;
  /** The seller has no more than this yet; `wanted` is then said by hand. Bytes. */
  limitBytes = Number.POSITIVE_INFINITY;
  /** Whether the buyer may still want something; by default until it has all. */
  wanted: boolean | undefined;
  #finished = false;
  #greeted = false;

  constructor(init: LinkInit) {
    this.#init = {
      unitBytes: UNIT,
      blockBytes: UNIT,
      pieceBytes: 0,
      latencyMs: 0,
      depthBytes: 4 * MIB,
      torrent: "file",
      ...init,
    };
    const end = () => ({ session: undefined as never, allowance: undefined, creditBytes: 0 });
    this.#buyer = { ...end(), paying: false, charged: false, unchargedBytes: 0 };
    this.#seller = { ...end(), paying: false, charged: false, unchargedBytes: 0 };
    this.#buyer.session = init.buyer.connect(this.#port("b", () => this.#seller, this.#buyer));
    this.#seller.session = init.seller.connect(this.#port("s", () => this.#buyer, this.#seller));
    const greet = (from: End, to: End): void => {
      const fields = from.session.handshakeFields();
      this.#later(() => {
        to.session.onHandshake(fields, true);
        this.#greeted ||= to === this.#seller;
      });
    };
    greet(this.#buyer, this.#seller);
    greet(this.#seller, this.#buyer);
  }

  /** The seller has nothing more that the buyer wants, for now. */
  nothingWanted(): void {
    this.wanted = false;
    this.#buyer.session.onNothingWanted();
  }

  get serveAllowance(): number | undefined {
    return this.#seller.allowance;
  }

  get paying(): boolean {
    return this.#seller.paying;
  }

  #port(role: "b" | "s", other: () => End, own: End): PeerPort {
    const { torrent, unitBytes } = this.#init;
    const id = (letter: string): Uint8Array => utf8(`-ES-${letter}-${torrent}`.padEnd(20, "0").slice(0, 20));
    const requested = (): number => this.requested;
    const received = (): number => this.#received;
    const wanted = (): boolean => this.wanted ?? !this.#finished;
    const setAllowance = (bytes: number | undefined): void => {
      own.allowance = bytes;
    };
    return {
      connection: this,
      get wanted() {
        return wanted();
      },
      complete: false,
      data: undefined,
      remote: role === "b" ? "seller:1" : "buyer:1",
      wireInfoHash: sha256(utf8(torrent)).subarray(0, 20),
      localPeerId: id(role),
      remotePeerId: id(role === "b" ? "s" : "b"),
      verifyUnitBytes: unitBytes,
      get requestedBytes() {
        return requested();
      },
      get outstandingBytes() {
        return requested() - received();
      },
      get receivedBytes() {
        return received();
      },
      get chargedBytes() {
        return received() - own.unchargedBytes;
      },
      setCharged: (charged) => {
        own.charged = charged;
      },
      send: (payload) => {
        const sent = role === "b" && this.#init.tamper ? this.#init.tamper(payload) : payload;
        if (sent !== undefined) this.#later(() => this.#guard(() => other().session.onMessage(sent)));
      },
      setServeAllowance: setAllowance,
      setRequestAllowance: (bytes, creditBytes) => {
        own.creditBytes = creditBytes;
        setAllowance(bytes);
      },
      takeBackRequests: () => undefined,
      setPaying: (paying) => {
        own.paying = paying;
      },
      drop: (error) => this.close(error),
    };
  }

  /** What was asked for is void. */
  choke(): void {
    this.inSlot = false;
    this.requested = this.served;
  }

  /** A message of the buyer that its own code would not send. */
  inject(message: PayMessage): void {
    this.#guard(() => this.#seller.session.onMessage(encodePayMessage(message)));
  }

  #guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(error);
    }
  }

  #later(task: () => void): void {
    this.#init.clock.after(this.#init.latencyMs, () => {
      if (!this.closed) task();
    });
  }

  close(error?: ProtocolError): void {
    if (this.closed) return;
    this.closed = true;
    this.dropped = error;
    this.#buyer.session.onClosed();
    this.#seller.session.onClosed();
  }

  /** A process is gone without a word; the other side sees the connection end. */
  cut(side: "buyer" | "seller"): void {
    if (this.closed) return;
    this.closed = true;
    (side === "buyer" ? this.#seller : this.#buyer).session.onClosed();
  }

  pump(): void {
    if (this.closed) return;
    const { wantBytes, blockBytes, depthBytes, withholdAfterBytes = Number.POSITIVE_INFINITY } = this.#init;
    const plain = this.#greeted && this.#seller.allowance === undefined;
    const unchoked = this.inSlot ?? (this.#seller.paying || plain);
    const mayAsk = this.#buyer.allowance ?? Number.POSITIVE_INFINITY;
    const most = Math.min(wantBytes, this.limitBytes);
    while (unchoked && this.requested < most && this.requested - this.verified < depthBytes) {
      const length = Math.min(blockBytes, wantBytes - this.requested);
      if (this.requested >= mayAsk) break;
      this.requested += length;
    }
    while (unchoked && this.served < this.requested) {
      const length = Math.min(blockBytes, wantBytes - this.served);
      if (this.served + length > (this.#seller.allowance ?? Number.POSITIVE_INFINITY)) break;
      this.served += length;
      this.#seller.session.onUploaded(this.served);
      if (this.served <= withholdAfterBytes) this.#later(() => this.#arrive(length));
    }
  }

  #arrive(length: number): void {
    this.firstByteAt ??= this.#init.clock.now();
    this.#received += length;
    if (!this.#buyer.charged) this.#buyer.unchargedBytes += length;
    const { pieceBytes, wantBytes } = this.#init;
    const whole = pieceBytes > 0 && this.#buyer.creditBytes >= 2 * pieceBytes && this.#received < wantBytes;
    const verified = whole ? this.#received - (this.#received % pieceBytes) : this.#received;
    if (verified <= this.verified) return;
    this.verified = verified;
    this.#buyer.session.onVerified(verified, Math.max(0, verified - this.#buyer.unchargedBytes));
    if (this.verified === this.#init.wantBytes && !this.#finished) {
      this.#finished = true;
      this.#buyer.session.onNothingWanted();
    }
  }

  get done(): boolean {
    return this.verified === this.#init.wantBytes;
  }
}

/** Promises between two turns of the clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}

/** Turns the clock until `until` holds or the time is over. Returns the milliseconds it took. */
export async function run(
  clock: ReturnType<typeof handClock>,
  links: readonly Link[],
  options: { readonly maxMs?: number; readonly stepMs?: number; readonly until?: () => boolean } = {},
): Promise<number> {
  const { maxMs = 60_000, stepMs = 1, until = () => links.every((link) => link.done || link.closed) } = options;
  const start = clock.now();
  while (!until() && clock.now() - start < maxMs) {
    for (const link of links) link.pump();
    await settle();
    clock.advance(stepMs);
    await settle();
  }
  return clock.now() - start;
}
