/**
 * The seller's side of one connection: offers a price, checks vouchers and ticks, and says how far may be served.
 *
 * Invariant: bytes served and not paid for on this connection, together with the payer's old debt, never exceed the
 * credit; the engine holds requests beyond the allowance back.
 */
import {
  acceptTick,
  acceptVoucher,
  type ChannelDomain,
  channelId,
  creditBytes,
  type Keccak,
  laneProofs,
  newPayeeState,
  type Offer,
  type PayeeState,
  type PayMessage,
} from "@everseed/channel";
import { type Address, type Clock, type Curve, ProtocolError, toHex, unitPriceNano } from "@everseed/core";
import type { PeerPort } from "../extension.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";

/** A payer whose ticks stop for this long while it owes the whole credit is held. */
const STALL_MS = 10_000;

export interface SellingTerms {
  /** Base units per GiB. */
  readonly price: bigint;
  readonly token: Address;
  /** Most that is served ahead of payment. Bytes. @default 32 MiB */
  readonly creditCapBytes?: number;
  /** Least challenge window accepted. Seconds. @default 3600 */
  readonly minWindow?: number;
}

export interface SellerInit {
  readonly port: PeerPort;
  readonly terms: SellingTerms;
  readonly self: Address;
  readonly domain: ChannelDomain;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly curve: Curve;
  readonly keccak: Keccak;
  readonly clock: Clock;
  readonly send: (message: PayMessage) => void;
  readonly onRefused: (error: ProtocolError) => void;
}

export interface SellerStats {
  readonly uploadedBytes: number;
  readonly paidBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly earnedNano: bigint;
  /** Most that was ever served and not paid for. Bytes. */
  readonly maxUnpaidBytes: number;
  readonly stalled: boolean;
}

export class Seller {
  readonly #init: SellerInit;
  readonly #payer: Address;
  readonly #creditCap: number;
  #id: string | undefined;
  #uploaded = 0;
  #paid = 0;
  #ticks = 0;
  #signatures = 0;
  #earned = 0n;
  #maxUnpaid = 0;
  #stalled = false;
  #cancelStall: (() => void) | undefined;
  #closed = false;

  constructor(init: SellerInit, payer: Address) {
    this.#init = init;
    this.#payer = payer;
    this.#creditCap = init.terms.creditCapBytes ?? 32 << 20;
    init.port.setServeAllowance(0);
    init.send({ type: "offer", offer: this.#offer(), copies: this.#copies() });
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
    return {
      chainId: domain.chainId,
      contract: domain.contract,
      token: terms.token,
      unit: unitPriceNano(terms.price, port.verifyUnitBytes),
      unitBytes: port.verifyUnitBytes,
      creditCapBytes: this.#creditCap,
      minWindow: terms.minWindow ?? 3600,
      owedBytes: this.#init.book.debt(this.#payer),
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

  #state(): PayeeState | undefined {
    return this.#id === undefined ? undefined : this.#init.book.payees.get(this.#id);
  }

  /** Checks and stores a voucher, then opens the tap. */
  async onVoucher(message: Extract<PayMessage, { type: "voucher" }>): Promise<void> {
    const { book, domain, curve, port, chain, terms: selling } = this.#init;
    const { terms, signed } = message;
    this.#requireTerms(terms);
    const id = toHex(channelId(terms, domain));
    await book.exclusive(`payee:${id}`, async () => {
      const known = book.payees.get(id);
      let state = known;
      if (state === undefined || this.#id === undefined) {
        const onChain = await chain.read(terms);
        if (onChain === undefined || onChain.closesAt > 0) {
          throw new ProtocolError(
            "channel-closed",
            "channel",
            "an open channel on chain",
            onChain === undefined ? "none" : "one that closes",
          );
        }
        state = { ...(known ?? newPayeeState(terms, 0n, 0n)), deposit: onChain.deposit, claimed: onChain.claimed };
      }
      const next = acceptVoucher(state, signed, {
        domain,
        curve,
        unit: unitPriceNano(selling.price, port.verifyUnitBytes),
      });
      await book.savePayee(id, next);
    });
    if (this.#closed) return;
    this.#id = id;
    this.#signatures++;
    const lane = signed.voucher.lanes[signed.voucher.lanes.length - 1];
    if (lane !== undefined) this.#init.send({ type: "accepted", root: lane.root });
    this.#allow();
    port.setPaying(true);
  }

  #requireTerms(terms: Extract<PayMessage, { type: "voucher" }>["terms"]): void {
    const { self, terms: selling } = this.#init;
    const refuse = (expected: string, received: string): ProtocolError =>
      new ProtocolError("channel-terms", "channel terms", expected, received);
    if (terms.payee !== self) throw refuse(`payee ${self}`, terms.payee);
    if (terms.payer !== this.#payer) throw refuse(`payer ${this.#payer}`, terms.payer);
    if (terms.token !== selling.token) throw refuse(`token ${selling.token}`, terms.token);
    if (terms.window < (selling.minWindow ?? 3600))
      throw refuse(`a window of at least ${selling.minWindow ?? 3600} s`, `${terms.window}`);
  }

  onTick(tick: Extract<PayMessage, { type: "tick" }>): void {
    const { book, keccak, port } = this.#init;
    const state = this.#state();
    if (this.#id === undefined || state === undefined) {
      throw new ProtocolError("tick-lane", "tick", "a voucher first", "none");
    }
    const next = acceptTick(state, tick, port.verifyUnitBytes, keccak);
    if (next === state) return;
    book.notePayee(this.#id, next);
    this.#ticks++;
    this.#paid += next.paidBytes - state.paidBytes;
    this.#earned += next.lanes.reduce(
      (sum, lane, i) => sum + BigInt(lane.steps - (state.lanes[i]?.steps ?? 0)) * lane.unit,
      0n,
    );
    this.#cancelStall?.();
    this.#cancelStall = undefined;
    if (this.#stalled) {
      this.#stalled = false;
      port.setPaying(true);
    }
    this.#allow();
  }

  #allow(): void {
    const { port, book } = this.#init;
    const state = this.#state();
    if (state === undefined) return;
    const credit = creditBytes(state.paidBytes, port.verifyUnitBytes, this.#creditCap);
    port.setServeAllowance(Math.max(0, this.#paid + credit - book.debt(this.#payer)));
    this.#allowance = Math.max(0, this.#paid + credit - book.debt(this.#payer));
  }

  #allowance = 0;

  onUploaded(totalBytes: number): void {
    this.#uploaded = totalBytes;
    this.#maxUnpaid = Math.max(this.#maxUnpaid, totalBytes - this.#paid);
    if (this.#id === undefined || this.#stalled || this.#cancelStall !== undefined) return;
    if (totalBytes + this.#init.port.verifyUnitBytes <= this.#allowance) return;
    this.#cancelStall = this.#init.clock.after(STALL_MS, () => this.#stall());
  }

  #stall(): void {
    this.#cancelStall = undefined;
    if (this.#closed || this.#uploaded + this.#init.port.verifyUnitBytes <= this.#allowance) return;
    this.#stalled = true;
    this.#init.send({ type: "stop", code: "payment-stalled" });
    this.#init.port.setPaying(false);
    this.#init.onRefused(new ProtocolError("payment-stalled", "ticks", `payment within ${STALL_MS / 1000} s`, "none"));
  }

  onClosed(): void {
    this.#closed = true;
    this.#cancelStall?.();
    // What stays unpaid is remembered, or a payer could come back for a fresh credit each time.
    const unpaid = this.#init.book.debt(this.#payer) + this.#uploaded - this.#paid;
    this.#init.book.setDebt(this.#payer, Math.max(0, unpaid));
  }
}
