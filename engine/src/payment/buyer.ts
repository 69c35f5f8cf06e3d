/**
 * The buyer's side of one connection: finds or opens a channel, opens lanes, and ticks as data verifies.
 *
 * Invariants: a voucher is stored before it is sent; what is paid and not verified, over all connections to this payee
 * and earlier ones, never exceeds `aheadLimit` (`@everseed/channel`, exposure.ts); spending over all sellers of a
 * download never exceeds its budget.
 */
import {
  adopt,
  aheadLimit,
  type ChannelCopy,
  type ChannelDomain,
  type ChannelTerms,
  channelId,
  creditBytes,
  earnedOf,
  type HashChain,
  LANE_BYTES,
  MAX_STEPS,
  type Offer,
  openLane,
  type PayMessage,
  promised,
  restore,
  roomForSteps,
  stepsDue,
} from "@everseed/channel";
import {
  type Address,
  type Clock,
  type Curve,
  EverseedError,
  fromHex,
  NANO,
  type RandomBytes,
  type Signer,
  toHex,
  unitPriceNano,
} from "@everseed/core";
import type { PeerPort } from "../extension.ts";
import type { ChannelBook, LiveRecord } from "./channel-book.ts";
import { openChannel } from "./channel-opening.ts";
import type { ChainChannel, ChannelChain } from "./ports.ts";

/** The next lane is signed when this share of the present one is used, so that no border ever waits for a signature. */
const NEXT_LANE_AT = 0.75;
/** Requests beyond what is paid and credited wait at the seller, so that a tick sets data flowing without a round trip. */
const REQUEST_SLACK_UNITS = 16;
const DEFAULT_AHEAD_BYTES = 32 << 20;
/** What is due waits for more, up to this part of the credit and this long. */
const [BATCH_DIVISOR, BATCH_MS] = [16, 250];
/** Nothing verified for this long although a lane is open: pay up to the limit once, in case the seller waits for it. */
const STUCK_MS = 2_000;
const MAX_RETRY_MS = 15_000;
const DAY_MS = 86_400_000;

/** Money for one download, shared by all its sellers. Nano base units. */
export interface Budget {
  readonly limitNano: bigint;
  spentNano: bigint;
}

export interface BuyingTerms {
  readonly budget: Budget;
  readonly token: Address;
  /** Base units per GiB; dearer offers are declined. */
  readonly maxPrice?: bigint;
  /** Base units put into a channel that must be opened. */
  readonly deposit: bigint;
  /** Most that is paid ahead of delivery. Bytes. @default 32 MiB */
  readonly aheadCapBytes?: number;
  /** Seconds. @default 86400 */
  readonly window?: number;
}

export interface BuyerInit {
  readonly port: PeerPort;
  readonly terms: BuyingTerms;
  readonly signer: Signer;
  readonly domain: ChannelDomain;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly curve: Curve;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** Bytes verified on this connection before payments began. */
  readonly verifiedBefore: number;
  readonly send: (message: PayMessage) => void;
  readonly onError: (error: EverseedError) => void;
  readonly onEvent: (event: BuyerEvent) => void;
}

export type BuyerEvent =
  | { readonly type: "paid"; readonly address: Address; readonly bytes: number; readonly amountNano: bigint }
  | { readonly type: "lane-opened"; readonly address: Address; readonly channelId: string; readonly maxSteps: number }
  | { readonly type: "channel-opened"; readonly address: Address; readonly channelId: string; readonly deposit: bigint }
  | {
      readonly type: "channel-restored";
      readonly address: Address;
      readonly channelId: string;
      readonly amountNano: bigint;
    }
  | { readonly type: "seller-stopped"; readonly address: Address; readonly code: string };

export interface BuyerStats {
  readonly verifiedBytes: number;
  readonly paidBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly paidNano: bigint;
  /** Most that was ever paid for and not verified, over all connections to this payee. Bytes. */
  readonly maxPrepaidBytes: number;
}

interface OpenedLane {
  readonly id: string;
  readonly root: Uint8Array;
  readonly chain: HashChain;
  readonly unit: bigint;
  steps: number;
}

export class Buyer {
  readonly #init: BuyerInit;
  readonly #payee: Address;
  readonly #offer: Offer;
  readonly #record: LiveRecord;
  readonly #lanes: OpenedLane[] = [];
  #id: string | undefined;
  #opening = false;
  /** The seller took our first lane: ticks may flow. */
  #accepted = false;
  #verified: number;
  #watched = 0;
  #paid = 0;
  #ticks = 0;
  #signatures = 0;
  #paidNano = 0n;
  #maxPrepaid = 0;
  #finishing = false;
  #stuck = false;
  #stopped = false;
  #closed = false;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #cancelBatch: (() => void) | undefined;

  constructor(init: BuyerInit, payee: Address, offer: Offer) {
    this.#init = init;
    this.#payee = payee;
    this.#offer = offer;
    this.#verified = init.verifiedBefore;
    this.#record = init.book.record(payee);
  }

  get stats(): BuyerStats {
    return {
      verifiedBytes: this.#verified - this.#init.verifiedBefore,
      paidBytes: this.#paid,
      ticks: this.#ticks,
      signatures: this.#signatures,
      paidNano: this.#paidNano,
      maxPrepaidBytes: this.#maxPrepaid,
    };
  }

  /** A code that says why the offer is none for us; `undefined` when we buy. */
  declines(): string | undefined {
    const { domain, terms, port } = this.#init;
    const offer = this.#offer;
    if (offer.chainId !== domain.chainId || offer.contract !== domain.contract) return "other-chain";
    if (offer.token !== terms.token) return "other-token";
    if (offer.unitBytes !== port.verifyUnitBytes) return "other-unit";
    if (terms.maxPrice !== undefined && offer.unit > unitPriceNano(terms.maxPrice, offer.unitBytes))
      return "price-above-limit";
    if (offer.minWindow > (terms.window ?? 86_400)) return "window-too-long";
    if (offer.minDeposit > terms.deposit) return "deposit-too-large";
    return undefined;
  }

  /** Finds or opens the channel, takes over what the seller can prove of it, and opens the first lane. */
  start(copies: readonly ChannelCopy[]): void {
    this.#record.connections++;
    this.#watch();
    this.#ensureLane(copies);
  }

  #watch(): void {
    this.#cancelWatch = this.#init.clock.after(STUCK_MS, () => {
      if (this.#closed || this.#stopped) return;
      this.#stuck = this.#accepted && !this.#finishing && this.#watched === this.#verified;
      this.#watched = this.#verified;
      if (this.#stuck) this.#pay();
      this.#watch();
    });
  }

  /** One lane at a time; what fails for a while is tried again, slower each time. */
  #ensureLane(copies: readonly ChannelCopy[] = []): void {
    if (this.#opening || this.#closed || this.#stopped || this.#cancelRetry !== undefined) return;
    this.#opening = true;
    this.#nextLane(copies).then(
      () => {
        this.#opening = false;
        this.#attempts = 0;
        this.#pay();
      },
      (error: unknown) => {
        this.#opening = false;
        this.#failed(error, copies);
      },
    );
  }

  async #nextLane(copies: readonly ChannelCopy[]): Promise<void> {
    const { book, terms } = this.#init;
    const room = (id: string): boolean => roomForSteps(book.payer(id), this.#offer.unit, this.#inUse(id)) > 0;
    if (this.#id === undefined || !room(this.#id)) {
      this.#id = await book.exclusive(`payer:${this.#payee}:${terms.token}`, () => this.#findChannel(copies));
    }
    if (this.#closed) return;
    const id = this.#id;
    await book.exclusive(`lane:${id}`, () => this.#openLane(id));
  }

  #inUse(id: string): Uint8Array[] {
    return [...this.#init.book.lanesInUse(id)].map((hex) => fromHex(hex) as Uint8Array);
  }

  /** The latest channel that is open and has room, restored from the seller's copy; else a new one. */
  async #findChannel(copies: readonly ChannelCopy[]): Promise<string> {
    const { book, terms } = this.#init;
    await this.#adoptCopies(copies);
    let intended: ChannelTerms | undefined;
    for (const [id, { terms: found, deposit: known }] of book.payerChannels(this.#payee, terms.token)) {
      const onChain = await this.#readChain(found, known);
      if (onChain === undefined && known === 0n) intended = found;
      if (onChain === undefined || onChain.closesAt > 0) continue;
      const copy = copies.find((c) => toHex(channelId(c.terms, this.#init.domain)) === id);
      const before = book.payer(id);
      const restored = restore({ ...before, deposit: onChain.deposit }, copy?.proofs ?? []);
      await book.savePayer(id, restored);
      this.#tellRestored(id, promised(restored) - promised(before));
      if (roomForSteps(restored, this.#offer.unit, this.#inUse(id)) === 0) continue;
      this.#countLosses(promised(restored) - earnedOf(copy?.voucher, copy?.proofs ?? []));
      return id;
    }
    return this.#newChannel(intended);
  }

  /** What the seller counts as served and we never got, once the ticks it missed (`unseenNano`) come with the voucher. */
  #countLosses(unseenNano: bigint): void {
    // With other live connections the difference is what is under way there.
    if (this.#record.connections > 1) return;
    const { unit, unitBytes, owedBytes } = this.#offer;
    const { deliveredBytes, paidBytes } = this.#record;
    const unseenBytes = unit > 0n && unseenNano > 0n ? Number(unseenNano / unit) * unitBytes : 0;
    this.#record.lostBytes = owedBytes - unseenBytes - (deliveredBytes - paidBytes);
  }

  async #adoptCopies(copies: readonly ChannelCopy[]): Promise<void> {
    const { book, signer, domain, curve, terms } = this.#init;
    for (const copy of copies) {
      const id = toHex(channelId(copy.terms, domain));
      const ours = copy.terms.payer === signer.address && copy.terms.signer === signer.address;
      if (book.payers.has(id) || !ours || copy.terms.payee !== this.#payee || copy.terms.token !== terms.token)
        continue;
      const state = adopt(copy, { domain, curve });
      if (state === undefined) continue;
      await book.savePayer(id, state);
      this.#tellRestored(id, promised(state));
    }
  }

  #tellRestored(id: string, amountNano: bigint): void {
    if (amountNano > 0n)
      this.#init.onEvent({ type: "channel-restored", address: this.#payee, channelId: id, amountNano });
  }

  /** A chain that does not answer is no reason to stop using a channel that we know. */
  async #readChain(terms: ChannelTerms, known: bigint): Promise<ChainChannel | undefined> {
    try {
      return await this.#init.chain.read(terms);
    } catch (error) {
      if (known === 0n) throw error;
      return { deposit: known, claimed: 0n, closesAt: 0 };
    }
  }

  async #newChannel(intended: ChannelTerms | undefined): Promise<string> {
    const { id, deposit } = await openChannel(this.#init, this.#payee, intended);
    this.#init.onEvent({ type: "channel-opened", address: this.#payee, channelId: id, deposit });
    return id;
  }

  async #openLane(id: string): Promise<void> {
    const { book, signer, domain, random, port, clock } = this.#init;
    if (this.#closed) return;
    const { unitBytes, unit } = this.#offer;
    const { state, chain, root, receipt } = openLane(book.payer(id), {
      unit,
      maxSteps: Math.min(MAX_STEPS, Math.max(1, Math.floor(LANE_BYTES / unitBytes))),
      delivery: {
        infoHash: port.wireInfoHash,
        uploader: this.#payee,
        downloader: signer.address,
        unitBytes,
        epoch: Math.floor(clock.unixMs() / DAY_MS),
      },
      own: this.#lanes.map((lane) => lane.root),
      keep: this.#inUse(id),
      random,
      signer,
      domain,
    });
    book.useLane(id, toHex(root));
    try {
      await book.savePayer(id, state);
    } catch (error) {
      book.releaseLane(id, toHex(root));
      throw error;
    }
    this.#signatures++;
    this.#lanes.push({ id, root, chain, unit, steps: 0 });
    if (this.#closed) return this.#release();
    if (state.voucher === undefined) return;
    const { bytesBefore, epoch } = receipt;
    this.#init.send({ type: "voucher", terms: state.terms, signed: state.voucher, receipt: { bytesBefore, epoch } });
    this.#init.onEvent({ type: "lane-opened", address: this.#payee, channelId: id, maxSteps: chain.maxSteps });
    // Requests go with the voucher: the seller holds them until it has checked it.
    this.#allowRequests();
  }

  onAccepted(_root: Uint8Array): void {
    this.#accepted = true;
    this.#pay();
  }

  onVerified(totalBytes: number): void {
    const bytes = totalBytes - this.#verified;
    if (bytes <= 0) return;
    this.#verified = totalBytes;
    this.#stuck = false;
    const id = this.#lanes[0]?.id ?? this.#id;
    if (id !== undefined && this.#init.book.payers.has(id)) this.#init.book.deliverPayer(id, bytes);
    this.#pay();
  }

  onNothingWanted(): void {
    this.#finishing = true;
    this.#pay();
    this.#init.book.flush().catch((error: unknown) => this.#failed(error, []));
  }

  /** Data of this seller failed verification: it gets no more money on this connection. */
  onCorrupt(): void {
    this.#halt();
  }

  onStop(code: string): void {
    this.#init.onEvent({ type: "seller-stopped", address: this.#payee, code });
    if (code === "payment-stalled") {
      // It waits for us, and we see nothing due: pay up to the limit.
      this.#stuck = this.#accepted && !this.#finishing;
      return this.#pay();
    }
    this.#halt();
  }

  #halt(): void {
    this.#stopped = true;
    this.#init.port.setRequestAllowance(0, 0);
  }

  #pay(now = false): void {
    if (now) this.#cancelBatch = undefined;
    if (this.#closed || this.#stopped || !this.#accepted) return;
    const { unitBytes, creditCapBytes } = this.#offer;
    const capBytes = this.#init.terms.aheadCapBytes ?? DEFAULT_AHEAD_BYTES;
    const askedBytes = Math.max(0, this.#init.port.requestedBytes - this.#verified);
    let due = stepsDue(this.#record, {
      unitBytes,
      capBytes,
      askedBytes,
      finishing: this.#finishing,
      stuck: this.#stuck,
      batchBytes: now ? 0 : creditBytes(this.#record.paidBytes, unitBytes, creditCapBytes) / BATCH_DIVISOR,
    });
    if (due === 0) this.#cancelBatch ??= this.#init.clock.after(BATCH_MS, () => this.#pay(true));
    while (due > 0) {
      const lane = this.#lanes[0];
      if (lane === undefined) break;
      const left = lane.chain.maxSteps - lane.steps;
      if (left === 0) {
        this.#init.book.releaseLane(lane.id, toHex(lane.root));
        this.#lanes.shift();
        continue;
      }
      const steps = Math.min(due, left, this.#affordable(lane.unit, due));
      if (steps === 0) return this.#outOfBudget();
      this.#tick(lane, steps);
      due -= steps;
    }
    const left = this.#lanes.reduce((sum, lane) => sum + lane.chain.maxSteps - lane.steps, 0);
    const whole = this.#lanes.at(-1)?.chain.maxSteps ?? 0;
    if (this.#finishing ? due > 0 : left <= whole * (1 - NEXT_LANE_AT)) this.#ensureLane();
    this.#allowRequests();
  }

  #affordable(unit: bigint, due: number): number {
    const { limitNano, spentNano } = this.#init.terms.budget;
    if (unit === 0n) return due;
    const steps = (limitNano - spentNano) / unit;
    return steps < BigInt(due) ? Number(steps) : due;
  }

  #tick(lane: OpenedLane, steps: number): void {
    const { book, terms, send, onEvent } = this.#init;
    const bytes = steps * this.#offer.unitBytes;
    const amountNano = BigInt(steps) * lane.unit;
    lane.steps += steps;
    this.#paid += bytes;
    this.#ticks++;
    terms.budget.spentNano += amountNano;
    this.#paidNano += amountNano;
    book.tickPayer(lane.id, lane.root, lane.steps);
    this.#maxPrepaid = Math.max(this.#maxPrepaid, this.#record.paidBytes - this.#record.deliveredBytes);
    send({ type: "tick", root: lane.root, steps: lane.steps, preimage: lane.chain.at(lane.steps) });
    onEvent({ type: "paid", address: this.#payee, bytes, amountNano });
  }

  #allowRequests(): void {
    if (this.#stopped) return;
    const { unitBytes, creditCapBytes } = this.#offer;
    const { terms, verifiedBefore, port } = this.#init;
    const credit = creditBytes(this.#record.paidBytes, unitBytes, creditCapBytes);
    const ahead = aheadLimit(this.#record, unitBytes, terms.aheadCapBytes ?? DEFAULT_AHEAD_BYTES);
    const settled = Math.max(verifiedBefore + this.#paid, this.#verified);
    // What was lost with an earlier connection stays open on both sides: only the rest comes before more must be paid, and
    // where that is less than a piece, waiting for whole pieces would be waiting for ever.
    const open = Math.max(0, credit + ahead - Math.max(0, this.#record.lostBytes));
    port.setRequestAllowance(settled + 2 * (credit + ahead) + REQUEST_SLACK_UNITS * unitBytes, open);
  }

  #outOfBudget(): void {
    const { limitNano } = this.#init.terms.budget;
    this.#stop(
      new EverseedError("budget-used", `Cannot buy more: the budget of ${limitNano / NANO} base units is used up`, {
        hint: "Raise --budget, or go on with --free.",
      }),
    );
  }

  #failed(error: unknown, copies: readonly ChannelCopy[]): void {
    if (this.#closed || this.#stopped) return;
    const known = error instanceof EverseedError ? error : undefined;
    const failure =
      known ?? new EverseedError("payment-failed", `Cannot pay: ${(error as Error).message}`, { cause: error });
    if (!failure.retryable) return this.#stop(failure);
    if (this.#attempts === 0) this.#init.onError(failure);
    this.#cancelRetry = this.#init.clock.after(Math.min(MAX_RETRY_MS, 250 * 2 ** this.#attempts++), () => {
      this.#cancelRetry = undefined;
      this.#ensureLane(copies);
    });
  }

  #stop(error: EverseedError): void {
    this.#halt();
    this.#init.send({ type: "stop", code: error.code });
    this.#init.onError(error);
  }

  #release(): void {
    for (const lane of this.#lanes.splice(0)) this.#init.book.releaseLane(lane.id, toHex(lane.root));
  }

  onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#record.connections--;
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#cancelBatch?.();
    this.#release();
  }
}
