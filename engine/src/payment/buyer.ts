/**
 * The buyer's side of one connection: finds or opens a channel, opens lanes, and ticks as data verifies. Where the seller's
 * price is the market's, it changes under way (`reprice`): what came before is paid from the lanes of its price.
 *
 * Invariants: a voucher is stored before it is sent; what is paid and not verified, over all connections to this payee
 * and earlier ones, never exceeds `aheadLimit` (`@everseed/channel`, exposure.ts); spending over all sellers of a
 * download never exceeds its budget.
 */
import {
  aheadLimit,
  type ChannelCopy,
  creditBytes,
  type HashChain,
  MAX_LANE_BYTES,
  MAX_STEPS,
  type Offer,
  openLane,
  SETTLE_BYTES,
  SETTLE_STEPS,
  settle,
  stepsDue,
  unsettledSteps,
} from "@everseed/channel";
import { type Address, EverseedError, equalBytes, NANO, ProtocolError, toHex, unitPriceNano } from "@everseed/core";
import type { BuyerInit, BuyerStats } from "./buyer-types.ts";
import type { LiveRecord } from "./channel-book.ts";
import { ChannelFinder } from "./channel-finder.ts";

/** The next lane is signed when this share of the present one is used, so that no border ever waits for a signature. */
const NEXT_LANE_AT = 0.75;
/** Requests beyond what is paid and credited wait at the seller, so that a tick sets data flowing without a round trip. */
const REQUEST_SLACK_UNITS = 16;
const DEFAULT_AHEAD_BYTES = 32 << 20;
/** What is due waits for more, up to this part of the credit and this long. */
const [BATCH_DIVISOR, BATCH_MS] = [8, 250];
/** Nothing verified for this long although a lane is open: pay up to the limit once, in case the seller waits for it. */
const STUCK_MS = 2_000;
const MAX_RETRY_MS = 15_000;
const DAY_MS = 86_400_000;

interface OpenedLane {
  readonly id: string;
  readonly root: Uint8Array;
  readonly chain: HashChain;
  readonly unit: bigint;
  steps: number;
  /** The price changed: it pays so much of this connection in all, what came at its price. Bytes. */
  paysUpTo?: number;
}

export class Buyer {
  readonly #init: BuyerInit;
  readonly #payee: Address;
  #offer: Offer;
  readonly #finder: ChannelFinder;
  readonly #record: LiveRecord;
  /** The seller saw that our channel can pay. */
  #entered = false;
  readonly #lanes: OpenedLane[] = [];
  #id: string | undefined;
  #opening = false;
  /** The seller took our first lane: ticks may flow. */
  #accepted = false;
  /**
   * Lanes that the seller has not taken yet, by root in hex. They stay in use, `done` or not: a voucher of another connection that
   * no longer names one might overtake the one that brings it, which then would look like an old one.
   */
  readonly #awaited = new Map<string, { readonly id: string; done: boolean }>();
  #copies: readonly ChannelCopy[] = [];
  /** Verified of what came while it was charged. */
  #verified = 0;
  #watched = 0;
  #paid = 0;
  #ticks = 0;
  #signatures = 0;
  #paidNano = 0n;
  #maxPrepaid = 0;
  #nothingWanted = false;
  /** Steps that were revealed on this connection since it settled last. */
  #unsettled = 0;
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
    this.#record = init.book.record(payee);
    this.#record.connections++;
    this.#finder = new ChannelFinder({ ...init, payee, record: this.#record });
    init.port.setCharged(!this.#free);
  }

  /** The seller serves for nothing now. */
  get #free(): boolean {
    return this.#init.market !== undefined && this.#offer.unit === 0n;
  }

  /** The peer may come to have something again. */
  get #finishing(): boolean {
    return this.#nothingWanted && !this.#init.port.wanted;
  }

  get stats(): BuyerStats {
    return {
      verifiedBytes: this.#verified,
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
    if (
      this.#init.market === undefined &&
      terms.maxPrice !== undefined &&
      offer.unit > unitPriceNano(terms.maxPrice, offer.unitBytes)
    )
      return "price-above-limit";
    if (offer.minWindow > (terms.window ?? 86_400)) return "window-too-long";
    if (offer.minDeposit > terms.deposit) return "deposit-too-large";
    return undefined;
  }

  /**
   * Finds or opens the channel, takes over what the seller can prove of it, and opens the first lane. Throws `ProtocolError`
   * `offer-price` for a price that the market did not agree to.
   */
  start(copies: readonly ChannelCopy[]): void {
    this.#requireAgreed(this.#offer);
    this.#copies = copies;
    this.#watch();
    if (this.#init.market === undefined) this.#ensureLane(copies);
    else this.#begin();
  }

  /** The market moved: we bid, or raised our bid. */
  bidChanged(): void {
    if (this.#free && !this.#entered && !this.#stopped) this.#ensureLane(this.#copies);
  }

  #requireAgreed({ unit }: Offer): void {
    const { market } = this.#init;
    if (market === undefined || unit === 0n) return;
    const allowed = market.allowedUnit();
    if (allowed !== undefined && unit > allowed)
      throw new ProtocolError("offer-price", "es_pay offer", `at most ${allowed}`, `${unit}`);
  }

  /** In a market: an offer that stands allows the present price. Bids fall and offers lapse; nothing is asked for then. */
  get #agreed(): boolean {
    const { market } = this.#init;
    if (market === undefined) return true;
    const allowed = this.#free ? 0n : market.allowedUnit();
    return allowed !== undefined && this.#offer.unit <= allowed;
  }

  /** The seller's price from here on. Throws `ProtocolError` `offer-price` when no offer in es_market allows it. */
  reprice(offer: Offer): void {
    const { market, port } = this.#init;
    if (market === undefined) return;
    this.#requireAgreed(offer);
    const { unitBytes } = this.#offer;
    // Requests that crossed the choke are taken back; what is served all the same counts at the new price.
    port.takeBackRequests();
    const paysUpTo = Math.ceil(port.chargedBytes / unitBytes) * unitBytes;
    for (const lane of this.#lanes) {
      if (lane.unit === offer.unit) delete lane.paysUpTo;
      else lane.paysUpTo ??= paysUpTo;
    }
    // What came at an earlier price is paid first.
    const until = (lane: OpenedLane): number => lane.paysUpTo ?? Number.MAX_SAFE_INTEGER;
    this.#lanes.sort((a, b) => until(a) - until(b));
    this.#offer = { ...offer, unitBytes };
    port.setCharged(!this.#free);
    this.#begin();
  }

  /** A stretch of one price begins: what is free is asked for at once, the rest when its lane is open. */
  #begin(): void {
    const { port } = this.#init;
    if (this.#free) port.setRequestAllowance(undefined, Number.POSITIVE_INFINITY);
    else port.setRequestAllowance(port.requestedBytes, 0);
    this.#pay();
    this.bidChanged();
  }

  #watch(): void {
    this.#cancelWatch = this.#init.clock.after(STUCK_MS, () => {
      if (this.#closed || this.#stopped) return;
      this.#stuck = this.#accepted && !this.#finishing && !this.#free && this.#watched === this.#verified;
      this.#watched = this.#verified;
      // An offer may have lapsed, or stand again.
      if (this.#stuck || this.#init.market !== undefined) this.#pay();
      this.#watch();
    });
  }

  /** One lane at a time; what fails for a while is tried again, slower each time. */
  #ensureLane(copies: readonly ChannelCopy[] = []): void {
    if (this.#opening || this.#closed || this.#stopped || this.#cancelRetry !== undefined) return;
    if (this.#free ? this.#entered || this.#init.market?.wantedUnit() === 0n : !this.#agreed) return;
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
    const { market, book } = this.#init;
    const unit = this.#free ? (market?.wantedUnit() ?? 0n) : this.#offer.unit;
    if (this.#id === undefined || !this.#finder.hasRoom(this.#id, unit))
      this.#id = await this.#finder.find(this.#offer, copies, unit);
    if (this.#closed) return;
    const id = this.#id;
    await book.exclusive(`lane:${id}`, () => this.#openLane(id));
  }

  async #openLane(id: string): Promise<void> {
    const { book, signer, domain, random, port, clock } = this.#init;
    if (this.#closed) return;
    const { unitBytes, unit } = this.#offer;
    // A lane of one step for nothing shows the seller a channel that can pay; it is folded with the next.
    const entry = this.#free;
    const { state, chain, root, receipt } = openLane(book.payer(id), {
      unit,
      maxSteps: entry ? 1 : Math.min(MAX_STEPS, Math.max(1, Math.floor(MAX_LANE_BYTES / unitBytes))),
      delivery: {
        infoHash: port.wireInfoHash,
        uploader: this.#payee,
        downloader: signer.address,
        unitBytes,
        epoch: Math.floor(clock.unixMs() / DAY_MS),
      },
      // A lane of an earlier price is not used up: what it says comes before would not have come.
      own: this.#lanes.filter((lane) => lane.paysUpTo === undefined).map((lane) => lane.root),
      keep: this.#finder.inUse(id),
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
    if (entry) this.#entered = true;
    // It was closed, or the price changed, while it was signed: nobody pays with it.
    if (this.#closed || unit !== this.#offer.unit || state.voucher === undefined)
      return book.releaseLane(id, toHex(root));
    if (!entry) this.#lanes.push({ id, root, chain, unit, steps: 0 });
    const { bytesBefore, epoch } = receipt;
    this.#init.send({ type: "voucher", terms: state.terms, signed: state.voucher, receipt: { bytesBefore, epoch } });
    this.#awaited.set(toHex(root), { id, done: entry });
    if (entry) return;
    this.#init.onEvent({ type: "lane-opened", address: this.#payee, channelId: id, maxSteps: chain.maxSteps });
    // Requests go with the voucher: the seller holds them until it has checked it.
    this.#allowRequests();
  }

  onAccepted(root: Uint8Array): void {
    const taken = this.#awaited.get(toHex(root));
    this.#awaited.delete(toHex(root));
    if (taken?.done === true) this.#init.book.releaseLane(taken.id, toHex(root));
    this.#accepted = true;
    this.#pay();
  }

  /** `chargedBytes`: verified of what came while it was charged. */
  onVerified(chargedBytes: number): void {
    const bytes = chargedBytes - this.#verified;
    if (bytes <= 0) return;
    this.#verified = chargedBytes;
    this.#stuck = false;
    const id = this.#lanes[0]?.id ?? this.#id;
    if (id !== undefined && this.#init.book.payers.has(id)) this.#init.book.deliverPayer(id, bytes);
    this.#pay();
  }

  onNothingWanted(): void {
    this.#nothingWanted = true;
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
    if (!this.#free) this.#init.port.setRequestAllowance(0, 0);
    this.#init.market?.onHalted();
  }

  #pay(now = false): void {
    if (now) this.#cancelBatch = undefined;
    if (this.#closed || this.#stopped) return;
    if (!this.#accepted) {
      if (!this.#free && this.#init.market !== undefined) this.#ensureLane(this.#copies);
      return;
    }
    const { unitBytes, creditCapBytes } = this.#offer;
    const capBytes = this.#init.terms.aheadCapBytes ?? DEFAULT_AHEAD_BYTES;
    const { outstandingBytes, chargedBytes } = this.#init.port;
    const asks = !this.#free && this.#agreed;
    const askedBytes = asks ? Math.max(0, outstandingBytes + chargedBytes - this.#verified) : 0;
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
      const owing = lane.paysUpTo === undefined ? due : (lane.paysUpTo - this.#paid) / unitBytes;
      const left = Math.min(lane.chain.maxSteps - lane.steps, owing);
      if (left <= 0) {
        this.#lanes.shift();
        this.#leave(lane);
        continue;
      }
      const steps = Math.min(due, left, this.#affordable(lane.unit, due));
      if (steps === 0) return this.#outOfBudget();
      this.#tick(lane, steps);
      due -= steps;
    }
    if (this.#free) return;
    if (this.#finishing && due === 0 && outstandingBytes === 0 && chargedBytes === this.#verified) this.#settle();
    const current = this.#lanes.filter((lane) => lane.unit === this.#offer.unit);
    const left = current.reduce((sum, lane) => sum + lane.chain.maxSteps - lane.steps, 0);
    const whole = current.at(-1)?.chain.maxSteps ?? 0;
    if (this.#finishing ? due > 0 : left <= whole * (1 - NEXT_LANE_AT)) this.#ensureLane();
    this.#allowRequests();
  }

  /**
   * The purchase is over, or at least this part of it: what was revealed becomes a sum, which costs the seller less to claim. A
   * settlement that gets lost loses nothing, since the ticks say the same. It waits until the seller has all our
   * lanes (`#awaited`).
   */
  #settle(): void {
    const { book, signer, domain, send, onError } = this.#init;
    const id = this.#id;
    const least = Math.max(SETTLE_STEPS, SETTLE_BYTES / this.#offer.unitBytes);
    if (id === undefined || this.#awaited.size > 0 || this.#unsettled < least) return;
    const unsettled = (keep: readonly Uint8Array[]): boolean => unsettledSteps(book.payer(id), keep) >= SETTLE_STEPS;
    const own = (root: Uint8Array): boolean => this.#lanes.some((lane) => equalBytes(lane.root, root));
    if (!unsettled(this.#finder.inUse(id).filter((root) => !own(root)))) return;
    this.#release();
    this.#unsettled = 0;
    book
      .exclusive(`lane:${id}`, async () => {
        const keep = this.#finder.inUse(id);
        if (this.#closed || this.#stopped || !unsettled(keep)) return;
        const state = settle(book.payer(id), { keep, signer, domain });
        await book.savePayer(id, state);
        this.#signatures++;
        if (state.voucher !== undefined) send({ type: "voucher", terms: state.terms, signed: state.voucher });
      })
      .catch((error: unknown) => onError(failureOf(error)));
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
    this.#unsettled += steps;
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
    if (this.#stopped || this.#free) return;
    if (!this.#agreed) return this.#init.port.setRequestAllowance(this.#init.port.requestedBytes, 0);
    // Before the lane of the present price is open, nothing is asked for at that price.
    if (!this.#lanes.some((lane) => lane.unit === this.#offer.unit)) return;
    const { unitBytes, creditCapBytes } = this.#offer;
    const { terms, port } = this.#init;
    const credit = creditBytes(this.#record.paidBytes, unitBytes, creditCapBytes);
    const ahead = aheadLimit(this.#record, unitBytes, terms.aheadCapBytes ?? DEFAULT_AHEAD_BYTES);
    const settled = port.receivedBytes - port.chargedBytes + Math.max(this.#paid, this.#verified);
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
    const failure = failureOf(error);
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

  /** The lane pays no more: it is folded with the next voucher, once the seller has it. */
  #leave({ id, root }: OpenedLane): void {
    const awaited = this.#awaited.get(toHex(root));
    if (awaited === undefined) this.#init.book.releaseLane(id, toHex(root));
    else awaited.done = true;
  }

  #release(): void {
    for (const lane of this.#lanes.splice(0)) this.#leave(lane);
  }

  onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#init.book.leaveRecord(this.#payee);
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#cancelBatch?.();
    for (const [root, { id }] of this.#awaited) {
      this.#init.book.doubted.add(id);
      this.#init.book.releaseLane(id, root);
    }
    this.#awaited.clear();
    this.#release();
  }
}

function failureOf(error: unknown): EverseedError {
  if (error instanceof EverseedError) return error;
  return new EverseedError("payment-failed", `Cannot pay: ${(error as Error).message}`, { cause: error });
}
