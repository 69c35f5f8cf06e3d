/**
 * The seller's side of one connection: offers a price, checks vouchers and ticks, and says how far may be served. Where the
 * market sets the price (`charge`), stretches that are free and stretches of different prices follow each other; each change
 * happens while the peer is choked, so that both sides count the same bytes at the same price.
 *
 * Invariant: what this payer was served for money and has not paid for, over all its connections and earlier ones, never
 * exceeds the credit (`@everseed/channel`, exposure.ts); the engine holds requests beyond the allowance back.
 */
import {
  acceptSettlement,
  acceptTick,
  acceptVoucher,
  type ChannelTerms,
  channelId,
  earned,
  type Lane,
  laneProofs,
  newPayeeState,
  type Offer,
  type PayeeState,
  type PayMessage,
  ROOT_PREFIX_BYTES,
  recoveredBytes,
} from "@everseed/channel";
import { type Address, EverseedError, equalBytes, NANO, ProtocolError, toHex, unitPriceNano } from "@everseed/core";
import type { Seat } from "./channel-book.ts";
import type { ChainChannel } from "./ports.ts";
import { PriceHistory } from "./price-history.ts";
import { DEFAULT_MIN_WINDOW, lookEveryMs, type SellerInit, type SellerStats } from "./seller-types.ts";

/** A payer that owes its whole credit and sends no tick for this long is held. */
const STALL_MS = 20_000;
/** A connection that is idle this long gives its share of the credit to one that waits. */
const REST_MS = 1_000;
const CHAIN_RETRIES = 8;
/** Vouchers beyond one for each 4 MiB that was paid. */
const SPARE_VOUCHERS = 16;
/** A buyer signs for 8 MiB at least, and that it has bought them: twice as often is no fault. */
const VOUCHER_BYTES = 4 << 20;

/** A lane of this connection. */
interface SoldLane {
  readonly id: string;
  readonly root: Uint8Array;
  readonly unit: bigint;
  /** Its price is below the present one: it may pay so much of this connection in all, and no more. Bytes. */
  paysUpTo?: number;
}

const AHEAD_SLACK_UNITS = 4;
/** Each price needs a lane, and its lane may be half used when the price comes again. */
const VOUCHERS_A_PRICE = 2;

export class Seller {
  readonly #init: SellerInit;
  readonly #payer: Address;
  readonly #creditCap: number;
  /** Channel id by prefix of root, of this connection's lanes. */
  readonly #lanes = new Map<string, SoldLane>();
  readonly #prices: PriceHistory;
  /** Bytes uploaded that nobody pays for. */
  #freeBytes: number;
  #seatAllowance = 0;
  #seat: Seat | undefined;
  #terms: ChannelTerms | undefined;
  readonly #metAt: number;
  /** Channels that were open when this connection looked. */
  readonly #seen = new Set<string>();
  #uploaded = 0;
  #uploadedAt = 0;
  #paid = 0;
  #ticks = 0;
  #signatures = 0;
  #earned = 0n;
  #maxUnpaid = 0;
  #stalled = false;
  #ended = false;
  #cancelStall: (() => void) | undefined;
  #inSlot = false;
  /** Since when the payer is waited for, and how long it was in slots before. Milliseconds. */
  #watchedAt = 0;
  #idleMs = 0;
  #spareVouchers = SPARE_VOUCHERS;
  #cancelRest: (() => void) | undefined;
  #closed = false;

  constructor(init: SellerInit, payer: Address) {
    this.#init = init;
    this.#payer = payer;
    this.#creditCap = init.terms.creditCapBytes ?? 32 << 20;
    this.#freeBytes = init.uploadedBefore;
    const { price } = init.terms;
    this.#prices = new PriceHistory(price === "market" ? 0n : unitPriceNano(price, init.port.verifyUnitBytes));
    init.send({ type: "offer", offer: this.#offer(), copies: this.#copies() });
    // While the buyer signs a lane the chain says how its channel stands.
    this.#metAt = init.clock.now();
    const known = init.book.payeeChannels(payer, init.terms.token)[0]?.terms;
    if (known !== undefined) init.chain.read(known).catch(() => undefined);
    // Unchoked already, so that its first requests come with the voucher; the allowance of 0 holds them.
    if (!this.#inMarket) init.port.setPaying(true);
  }

  get #inMarket(): boolean {
    return this.#init.terms.price === "market";
  }

  /** What a step costs now; 0 is free. Nano base units. */
  get #unit(): bigint {
    return this.#prices.present;
  }

  /** The peer is served for nothing now. */
  get #free(): boolean {
    return this.#inMarket && this.#unit === 0n;
  }

  /** True when the buyer's channel to us has room for a step of this price. Nano base units. */
  canPay(unit: bigint): boolean {
    const { book, terms } = this.#init;
    if (this.#terms === undefined) return false;
    return book
      .payeeChannels(this.#payer, terms.token)
      .some((state) => state.deposit > 0n && state.deposit * NANO - earned(state) >= unit);
  }

  /** The market's price from here on; 0 is free. Nano base units a step. Call while the peer is choked. */
  charge(unit: bigint): void {
    if (this.#ended || unit === this.#unit) return;
    const bound = this.#paid + Math.max(0, this.#exposure()) + this.#aheadBytes();
    for (const lane of this.#lanes.values()) {
      if (lane.unit < unit) lane.paysUpTo ??= bound;
      else delete lane.paysUpTo;
    }
    this.#prices.change(unit, bound);
    this.#spareVouchers += VOUCHERS_A_PRICE;
    this.#init.send({ type: "offer", offer: this.#offer(), copies: [] });
    if (this.#free) return this.#init.port.setServeAllowance(undefined);
    this.#allow();
  }

  /** The peer's slot in the market begins, or ends: a peer that is choked misses no ticks. */
  slot(open: boolean): void {
    if (!this.#inMarket) return;
    this.#inSlot = open;
    this.#stalled = false;
    // A winner that never opens its lane keeps the slot from others.
    if (open) this.#watchStall();
    else this.#unwatchStall();
  }

  #watchStall(): void {
    const { clock } = this.#init;
    if (this.#closed || this.#stalled || this.#cancelStall !== undefined) return;
    if (!this.#owes() || (this.#inMarket && !this.#inSlot)) return;
    this.#watchedAt = clock.now();
    // Slots that end and begin again do not start the time anew.
    // A rest too small to move a clock of fractions would come back at the same instant for ever.
    this.#cancelStall = clock.after(Math.max(1, STALL_MS - this.#idleMs), () => this.#stall());
  }

  #unwatchStall(): void {
    if (this.#cancelStall === undefined) return;
    this.#cancelStall();
    this.#cancelStall = undefined;
    this.#idleMs = Math.min(STALL_MS - 1, this.#idleMs + this.#init.clock.now() - this.#watchedAt);
  }

  /**
   * How far an honest buyer goes ahead (`aheadLimit`, which it counts by what it verified). More would be data of a later
   * price, bought at an earlier one.
   */
  #aheadBytes(): number {
    const unit = this.#init.port.verifyUnitBytes;
    return ((this.#seat?.creditBytes ?? unit) * 5) / 4 + AHEAD_SLACK_UNITS * unit;
  }

  /** True when a lane pays the present price. */
  get #paidFor(): boolean {
    return [...this.#lanes.values()].some(({ unit }) => unit >= this.#unit);
  }

  #allow(): void {
    if (this.#closed || this.#ended || this.#free) return;
    const bytes = this.#paidFor ? this.#seatAllowance : this.#uploaded;
    this.#init.port.setServeAllowance(this.#freeBytes + bytes);
  }

  get stats(): SellerStats {
    return {
      uploadedBytes: this.#uploaded,
      paidBytes: this.#paid,
      ticks: this.#ticks,
      signatures: this.#signatures,
      earnedNano: this.#earned,
      maxUnpaidBytes: this.#maxUnpaid,
      stalled: this.#stalled,
    };
  }

  #offer(): Offer {
    const { terms, domain, port } = this.#init;
    const unit = this.#unit;
    return {
      chainId: domain.chainId,
      contract: domain.contract,
      token: terms.token,
      unit,
      unitBytes: port.verifyUnitBytes,
      creditCapBytes: this.#creditCap,
      minWindow: terms.minWindow ?? DEFAULT_MIN_WINDOW,
      minDeposit: terms.minDeposit ?? 0n,
      owedBytes: Math.max(0, this.#init.book.debt(this.#payer)),
    };
  }

  #copies() {
    return this.#init.book
      .payeeChannels(this.#payer, this.#init.terms.token)
      .slice(0, 4)
      .map((state) => ({
        terms: state.terms,
        proofs: laneProofs(state),
        paidBytes: state.paidBytes,
        ...(state.voucher === undefined ? {} : { voucher: state.voucher }),
      }));
  }

  /** Checks and stores a voucher, then opens the tap. */
  async onVoucher(message: Extract<PayMessage, { type: "voucher" }>): Promise<void> {
    const { book, domain } = this.#init;
    const { terms, signed } = message;
    this.#requireTerms(terms);
    if (this.#ended) throw new ProtocolError("pay-order", "voucher", "nothing after stop", "a voucher");
    if (this.#signatures >= this.#spareVouchers + this.#paid / VOUCHER_BYTES) {
      throw new ProtocolError("voucher-flood", "vouchers", "about one for each 16 MiB", `${this.#signatures + 1}`);
    }
    this.#signatures++;
    const id = toHex(channelId(terms, domain));
    const recovered = await book.exclusive(`payee:${id}`, () => this.#takeVoucher(id, message));
    if (this.#closed) return;
    this.#terms = terms;
    const lane = message.receipt === undefined ? undefined : signed.voucher.lanes.at(-1);
    if (lane !== undefined) this.#takeLane(id, lane);
    if (recovered > 0) this.#seat?.recovered(recovered);
  }

  #takeLane(id: string, lane: Lane): void {
    const paysUpTo = this.#prices.boundOf(lane.unit);
    const bound = paysUpTo === undefined ? {} : { paysUpTo };
    this.#lanes.set(toHex(lane.root.subarray(0, ROOT_PREFIX_BYTES)), {
      id,
      root: lane.root,
      unit: lane.unit,
      ...bound,
    });
    this.#init.send({ type: "accepted", root: lane.root });
    this.#init.onEvent({ type: "lane-accepted", address: this.#payer, channelId: id, maxSteps: lane.maxSteps });
    this.#sit();
    this.#allow();
  }

  /** Returns the bytes that the voucher pays for beyond the ticks that arrived. */
  async #takeVoucher(
    id: string,
    { terms, signed, receipt }: Extract<PayMessage, { type: "voucher" }>,
  ): Promise<number> {
    const { book, domain, curve, port, self } = this.#init;
    const unitBytes = port.verifyUnitBytes;
    const lane = receipt && {
      // What was offered last may not have reached the buyer yet; a lane of an earlier price pays for what came before.
      unit: this.#prices.least,
      unitBytes,
      receipt: { ...receipt, infoHash: port.wireInfoHash, uploader: self, downloader: this.#payer, unitBytes },
    };
    let onChain = await this.#readChain(terms, this.#maxAgeMs(id, terms));
    this.#seen.add(id);
    const accept = (): PayeeState => {
      // Read after the wait: ticks of other connections may have come meanwhile.
      const known = book.payees.get(id) ?? newPayeeState(terms, 0n, 0n);
      // We may have claimed since the chain was asked.
      const claimed = known.claimed > onChain.claimed ? known.claimed : onChain.claimed;
      const state = { ...known, deposit: onChain.deposit, claimed };
      return lane === undefined
        ? acceptSettlement(state, signed, { domain, curve })
        : acceptVoucher(state, signed, { domain, curve, ...lane });
    };
    let next: PayeeState;
    try {
      next = accept();
    } catch (error) {
      // The payer may have topped the channel up since.
      if (!(error instanceof ProtocolError) || error.code !== "voucher-deposit") throw error;
      onChain = await this.#readChain(terms, 0);
      next = accept();
    }
    const known = book.payees.get(id);
    const dearest = { unit: this.#prices.most, unitBytes };
    const recovered = known === undefined ? 0 : recoveredBytes(known, next, dearest);
    await book.savePayee(id, { ...next, paidBytes: next.paidBytes + recovered });
    return recovered;
  }

  /**
   * How old the chain's word on a channel may be. A payer that starts to close has its window (`lookEveryMs`). Each connection looks for itself, since a channel may have been closed after the last; what it was told when it
   * began grows old too, for a payer may hold its voucher back until the channel is gone.
   */
  #maxAgeMs(id: string, terms: ChannelTerms): number {
    const oldestMs = Math.min(lookEveryMs(terms.window), 900_000);
    return this.#seen.has(id) ? oldestMs : Math.min(oldestMs, this.#init.clock.now() - this.#metAt);
  }

  async #readChain(terms: ChannelTerms, maxAgeMs: number): Promise<ChainChannel> {
    const { chain, clock, terms: selling } = this.#init;
    for (let attempt = 0; ; attempt++) {
      try {
        const found = await chain.read(terms, maxAgeMs);
        if (found === undefined || found.closesAt > 0) {
          throw new ProtocolError(
            "channel-closed",
            "channel",
            "an open channel on chain",
            found === undefined ? "none" : "one that closes",
          );
        }
        if (found.deposit < (selling.minDeposit ?? 0n)) {
          // The payer may have topped it up since.
          if (maxAgeMs > 0) return await this.#readChain(terms, 0);
          throw new ProtocolError(
            "channel-deposit",
            "channel",
            `a deposit of at least ${selling.minDeposit} base units`,
            `${found.deposit}`,
          );
        }
        return found;
      } catch (error) {
        const again = error instanceof EverseedError && error.retryable && attempt < CHAIN_RETRIES && !this.#closed;
        if (!again) throw error;
        await new Promise<void>((resolve) => clock.after(Math.min(15_000, 250 * 2 ** attempt), resolve));
      }
    }
  }

  #requireTerms(terms: ChannelTerms): void {
    const { self, terms: selling } = this.#init;
    const refuse = (expected: string, received: string): ProtocolError =>
      new ProtocolError("channel-terms", "channel terms", expected, received);
    if (terms.payee !== self) throw refuse(`payee ${self}`, terms.payee);
    if (terms.payer !== this.#payer) throw refuse(`payer ${this.#payer}`, terms.payer);
    if (terms.token !== selling.token) throw refuse(`token ${selling.token}`, terms.token);
    if (terms.window < (selling.minWindow ?? DEFAULT_MIN_WINDOW))
      throw refuse(`a window of at least ${selling.minWindow ?? DEFAULT_MIN_WINDOW} s`, `${terms.window}`);
  }

  /** The first lane is open: the connection takes part in the payer's credit. */
  #sit(): void {
    if (this.#seat !== undefined) return;
    const { book, port, clock } = this.#init;
    const seat = { unitBytes: port.verifyUnitBytes, capBytes: this.#creditCap };
    this.#seat = book.join(this.#payer, seat, (bytes) => {
      this.#seatAllowance = bytes;
      this.#allow();
    });
    // The allowance was told before `#seat` was set; what was served meanwhile is counted here.
    this.#seat.served(this.#uploaded);
    this.#uploadedAt = clock.now();
    this.#rest();
  }

  #rest(): void {
    this.#cancelRest = this.#init.clock.after(REST_MS, () => {
      if (this.#closed || this.#seat === undefined) return;
      if (this.#init.clock.now() - this.#uploadedAt >= REST_MS) this.#seat.rest();
      this.#rest();
    });
  }

  onTick(tick: Extract<PayMessage, { type: "tick" }>): void {
    const { book } = this.#init;
    const lane = this.#lanes.get(toHex(tick.root));
    const state = lane === undefined ? undefined : book.payees.get(lane.id);
    if (lane === undefined || state === undefined) {
      throw new ProtocolError("tick-lane", "tick", "a lane of this connection", toHex(tick.root));
    }
    // Folded by a voucher that came faster on another connection: it is paid already.
    if (!state.lanes.some((known) => equalBytes(known.root, lane.root))) return;
    const next = acceptTick(state, tick, (root) => equalBytes(root, lane.root));
    if (next === state) return;
    const bytes = next.paidBytes - state.paidBytes;
    // What costs nothing is paid for by no tick.
    if (this.#inMarket && lane.unit === 0n) return;
    const most = lane.paysUpTo ?? this.#paid + this.#exposure() + this.#aheadBytes();
    if (this.#inMarket && this.#paid + bytes > most)
      throw new ProtocolError("tick-price", "tick", "a lane of the present price", "one of an earlier price");
    book.notePayee(lane.id, next);
    const amountNano = earned(next) - earned(state);
    this.#ticks++;
    this.#paid += bytes;
    this.#earned += amountNano;
    this.#seat?.paid(bytes);
    this.#unwatchStall();
    this.#idleMs = 0;
    if (this.#stalled) {
      this.#stalled = false;
      if (!this.#inMarket) this.#init.port.setPaying(true);
      this.#init.onEvent({ type: "resumed", address: this.#payer, unpaidBytes: this.#exposure() });
    }
    this.#init.onEvent({ type: "earned", address: this.#payer, bytes, amountNano });
    if (book.closing.has(lane.id))
      throw new ProtocolError("channel-closed", "tick", "one on an open channel", "one on a channel that closes");
  }

  #exposure(): number {
    return this.#seat?.exposureBytes ?? this.#init.book.debt(this.#payer);
  }

  onUploaded(totalBytes: number): void {
    if (this.#free) {
      this.#freeBytes = totalBytes - this.#uploaded;
      return;
    }
    this.#uploaded = totalBytes - this.#freeBytes;
    this.#uploadedAt = this.#init.clock.now();
    if (this.#seat === undefined) return;
    this.#seat.served(this.#uploaded);
    this.#maxUnpaid = Math.max(this.#maxUnpaid, this.#seat.exposureBytes);
    this.#watchStall();
  }

  #owes(): boolean {
    if (this.#free) return false;
    if (this.#inMarket && !this.#paidFor) return true;
    return this.#seat?.starved === true && this.#uploaded > this.#paid;
  }

  #stall(): void {
    this.#cancelStall = undefined;
    this.#idleMs = 0;
    if (this.#closed || !this.#owes()) return;
    const waitsForLane = this.#inMarket && !this.#paidFor;
    const sinceUploadMs = this.#init.clock.now() - this.#uploadedAt;
    if (!waitsForLane && sinceUploadMs < STALL_MS) {
      this.#idleMs = sinceUploadMs;
      return this.#watchStall();
    }
    this.#stalled = true;
    this.#init.send({ type: "stop", code: "payment-stalled" });
    if (!this.#inMarket) this.#init.port.setPaying(false);
    this.#init.onMissedTicks?.();
    this.#init.onEvent({ type: "stalled", address: this.#payer, unpaidBytes: this.#exposure() });
  }

  /** The buyer buys no more. One that owes nothing is left to the plain rules; one that owes is held. */
  onStop(code: string): void {
    const unpaidBytes = this.#exposure();
    this.#init.onEvent({ type: "buyer-stopped", address: this.#payer, code, unpaidBytes });
    // In the market its slot is taken with the next choice, and what it owes keeps its account.
    if (this.#inMarket) return;
    this.#init.port.setPaying(false);
    if (unpaidBytes > 0) return;
    this.#ended = true;
    this.#leave();
    this.#init.port.setServeAllowance(undefined);
  }

  #leave(): void {
    this.#cancelStall?.();
    this.#cancelRest?.();
    this.#seat?.leave();
    this.#seat = undefined;
  }

  onClosed(): void {
    this.#closed = true;
    // What stays unpaid is remembered, or a payer could come back for a fresh credit each time.
    this.#leave();
  }
}
