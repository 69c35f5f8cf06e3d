/**
 * The buyer's side of one connection: finds or opens a channel, opens lanes, and ticks as data verifies.
 *
 * Invariants: a voucher is stored before it is sent; paid minus verified bytes never exceed our own credit; spending
 * over all sellers of a download never exceeds its budget.
 */
import {
  advance,
  type ChannelCopy,
  type ChannelDomain,
  type ChannelTerms,
  channelId,
  creditBytes,
  type HashChain,
  type Keccak,
  LANE_BYTES,
  newPayerState,
  type Offer,
  openLane,
  type PayerState,
  type PayMessage,
  receiptHash,
  restore,
} from "@everseed/channel";
import {
  type Address,
  type Clock,
  EverseedError,
  equalBytes,
  fromHex,
  NANO,
  type RandomBytes,
  type Signer,
  toHex,
  unitPriceNano,
} from "@everseed/core";
import type { PeerPort } from "../extension.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";

/** The next lane is signed when this share of the present one is used, so that no border ever waits for a signature. */
const NEXT_LANE_AT = 0.5;
/** Requests beyond what is paid and credited wait at the seller, so that a tick sets data flowing without a round trip. */
const REQUEST_SLACK_UNITS = 16;

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
  readonly keccak: Keccak;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly send: (message: PayMessage) => void;
  readonly onError: (error: EverseedError) => void;
}

export interface BuyerStats {
  readonly verifiedBytes: number;
  readonly paidBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly paidNano: bigint;
  /** Most that was ever paid for and not verified. Bytes. */
  readonly maxPrepaidBytes: number;
}

interface OpenedLane {
  readonly root: Uint8Array;
  readonly chain: HashChain;
  readonly unit: bigint;
  steps: number;
  accepted: boolean;
}

export class Buyer {
  readonly #init: BuyerInit;
  readonly #payee: Address;
  readonly #offer: Offer;
  #id: string | undefined;
  readonly #lanes: OpenedLane[] = [];
  #opening = false;
  #verified = 0;
  #steps = 0;
  #ticks = 0;
  #signatures = 0;
  #paidNano = 0n;
  #maxPrepaid = 0;
  #finishing = false;
  #closed = false;
  #stopped = false;

  constructor(init: BuyerInit, payee: Address, offer: Offer) {
    this.#init = init;
    this.#payee = payee;
    this.#offer = offer;
    init.port.setRequestAllowance(0, 0);
  }

  get stats(): BuyerStats {
    return {
      verifiedBytes: this.#verified,
      paidBytes: this.#steps * this.#offer.unitBytes,
      ticks: this.#ticks,
      signatures: this.#signatures,
      paidNano: this.#paidNano,
      maxPrepaidBytes: this.#maxPrepaid,
    };
  }

  /** True when the offer is one that we accept; else says why not. */
  declines(): string | undefined {
    const { domain, terms, port } = this.#init;
    const { offer } = { offer: this.#offer };
    if (offer.chainId !== domain.chainId || offer.contract !== domain.contract) return "other-chain";
    if (offer.token !== terms.token) return "other-token";
    if (offer.unitBytes !== port.verifyUnitBytes) return "other-unit";
    if (terms.maxPrice !== undefined && offer.unit > unitPriceNano(terms.maxPrice, offer.unitBytes))
      return "price-above-limit";
    if (offer.minWindow > (terms.window ?? 86_400)) return "window-too-long";
    return undefined;
  }

  /** Finds or opens the channel, takes over what the seller can prove of it, and opens the first lane. */
  async start(copies: readonly ChannelCopy[]): Promise<void> {
    const { book, signer, terms, chain, keccak, domain } = this.#init;
    const key = `payer:${this.#payee}:${terms.token}`;
    this.#id = await book.exclusive(key, async () => {
      const known = book.payerChannel(this.#payee, terms.token);
      if (known !== undefined) {
        const [id, state] = known;
        const copy = copies.find((c) => toHex(channelId(c.terms, domain)) === id);
        if (copy !== undefined) await book.savePayer(id, restore(state, copy.proofs, keccak));
        return id;
      }
      const fresh: ChannelTerms = {
        payer: signer.address,
        payee: this.#payee,
        signer: signer.address,
        token: terms.token,
        window: terms.window ?? 86_400,
        nonce: BigInt(`0x${toHex(this.#init.random(8))}`),
      };
      await chain.open(fresh, terms.deposit);
      const id = toHex(channelId(fresh, domain));
      await book.savePayer(id, newPayerState(fresh, terms.deposit));
      return id;
    });
    if (!this.#closed) await this.#nextLane();
  }

  #state(): PayerState {
    return this.#init.book.payers.get(this.#id as string) as PayerState;
  }

  async #nextLane(): Promise<void> {
    if (this.#opening || this.#closed || this.#id === undefined) return;
    this.#opening = true;
    const { book, signer, domain, keccak, random, port } = this.#init;
    const id = this.#id;
    try {
      await book.exclusive(`lane:${id}`, async () => {
        const { state, chain, root } = openLane(this.#state(), {
          unit: this.#offer.unit,
          maxSteps: Math.max(1, Math.floor(LANE_BYTES / this.#offer.unitBytes)),
          receiptHash: receiptHash({
            infoHash: port.wireInfoHash,
            uploader: this.#payee,
            downloader: signer.address,
            bytesBefore: this.#steps * this.#offer.unitBytes,
            unitBytes: this.#offer.unitBytes,
            epoch: 0,
          }),
          keep: [...book.lanesInUse(id)].map((hex) => fromHex(hex) as Uint8Array),
          random,
          keccak,
          signer,
          domain,
        });
        book.useLane(id, toHex(root));
        await book.savePayer(id, state);
        this.#signatures++;
        this.#lanes.push({ root, chain, unit: this.#offer.unit, steps: 0, accepted: false });
        if (state.voucher !== undefined)
          this.#init.send({ type: "voucher", terms: state.terms, signed: state.voucher });
      });
    } finally {
      this.#opening = false;
    }
    this.#pay();
  }

  onAccepted(root: Uint8Array): void {
    for (const lane of this.#lanes) {
      lane.accepted = true;
      if (equalBytes(lane.root, root)) break;
    }
    this.#pay();
  }

  onVerified(totalBytes: number): void {
    this.#verified = totalBytes;
    this.#pay();
  }

  onNothingWanted(): void {
    this.#finishing = true;
    this.#pay();
    this.#init.book.flush().catch(() => undefined);
  }

  onStop(): void {
    this.#stopped = true;
    this.#init.port.setRequestAllowance(0, 0);
  }

  /** What we pay before it is delivered: nothing at first contact but an old debt, then a sixteenth of what was delivered. */
  #aheadBytes(): number {
    const cap = this.#init.terms.aheadCapBytes ?? 32 << 20;
    const trusted = Math.min(cap, Math.floor(this.#state().paidBytes / 16));
    const owed = Math.min(this.#offer.owedBytes, Math.max(this.#offer.unitBytes, trusted));
    return Math.max(this.#finishing ? 0 : trusted, owed);
  }

  #pay(): void {
    if (this.#closed || this.#stopped || this.#id === undefined) return;
    const { unitBytes } = this.#offer;
    // Data is paid ahead only once it is asked for, so that nothing is left over at the end.
    const due = Math.max(this.#verified, Math.min(this.#verified + this.#aheadBytes(), this.#init.port.requestedBytes));
    const wanted = this.#finishing ? Math.ceil(due / unitBytes) : Math.floor(due / unitBytes);
    while (this.#steps < wanted) {
      const lane = this.#lanes[0];
      if (lane === undefined || !lane.accepted) break;
      if (lane.steps === lane.chain.maxSteps) {
        this.#init.book.releaseLane(this.#id, toHex(lane.root));
        this.#lanes.shift();
        continue;
      }
      const affordable =
        lane.unit === 0n
          ? wanted
          : Number((this.#init.terms.budget.limitNano - this.#init.terms.budget.spentNano) / lane.unit);
      const steps = Math.min(wanted - this.#steps, lane.chain.maxSteps - lane.steps, affordable);
      if (steps <= 0) return this.#outOfBudget();
      this.#tick(lane, steps);
    }
    const first = this.#lanes[0];
    const low = first === undefined || (this.#lanes.length < 2 && first.steps >= first.chain.maxSteps * NEXT_LANE_AT);
    if (low && !this.#finishing) {
      this.#nextLane().catch((error: unknown) => this.#failed(error));
    }
    this.#allowRequests();
  }

  #tick(lane: OpenedLane, steps: number): void {
    const { book, terms, send } = this.#init;
    const { unitBytes } = this.#offer;
    lane.steps += steps;
    this.#steps += steps;
    this.#ticks++;
    const cost = BigInt(steps) * lane.unit;
    terms.budget.spentNano += cost;
    this.#paidNano += cost;
    this.#maxPrepaid = Math.max(this.#maxPrepaid, this.#steps * unitBytes - this.#verified);
    book.notePayer(this.#id as string, advance(this.#state(), lane.root, lane.steps, steps * unitBytes));
    send({ type: "tick", root: lane.root, steps: lane.steps, preimage: lane.chain.at(lane.steps) });
  }

  #allowRequests(): void {
    const { unitBytes, creditCapBytes } = this.#offer;
    if (!this.#lanes.some((lane) => lane.accepted)) return;
    const credit = creditBytes(this.#state().paidBytes, unitBytes, creditCapBytes);
    this.#init.port.setRequestAllowance(
      this.#steps * unitBytes + 2 * credit + REQUEST_SLACK_UNITS * unitBytes,
      credit + this.#aheadBytes(),
    );
  }

  #outOfBudget(): void {
    this.#stopped = true;
    this.#init.send({ type: "stop", code: "budget-used" });
    this.#init.port.setRequestAllowance(0, 0);
    const { limitNano } = this.#init.terms.budget;
    this.#init.onError(
      new EverseedError("budget-used", `Cannot buy more: the budget of ${limitNano / NANO} base units is used up`, {
        hint: "Raise --budget, or go on with --free.",
      }),
    );
  }

  #failed(error: unknown): void {
    this.#stopped = true;
    this.#init.port.setRequestAllowance(0, 0);
    this.#init.onError(
      error instanceof EverseedError
        ? error
        : new EverseedError("payment-failed", `Cannot pay: ${(error as Error).message}`, { cause: error }),
    );
  }

  onClosed(): void {
    this.#closed = true;
    for (const lane of this.#lanes) if (this.#id !== undefined) this.#init.book.releaseLane(this.#id, toHex(lane.root));
  }
}
