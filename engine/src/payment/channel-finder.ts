/**
 * The channel that a purchase is paid from: the latest to this payee that is open and has room, restored from the payee's
 * copy; else a new one.
 */

import type { ChannelTerms } from "@everseed/channel";
import {
  adopt,
  type ChannelCopy,
  channelId,
  type Offer,
  openableUntil,
  type PayerState,
  promised,
  restore,
  roomForSteps,
} from "@everseed/channel";
import { type Address, type Curve, equalBytes, fromHex, toHex } from "@everseed/core";
import type { LiveRecord } from "./channel-book.ts";
import { type ChannelOpening, openChannel } from "./channel-opening.ts";
import type { ChainChannel } from "./ports.ts";

/** Nobody but us closes or fills a channel of ours; another process with the same wallet may have. */
const OWN_AGE_MS = 60_000;

export interface ChannelFinderInit extends ChannelOpening {
  readonly payee: Address;
  readonly curve: Curve;
  readonly record: LiveRecord;
  readonly onEvent: (event: ChannelEvent) => void;
}

export type ChannelEvent =
  | { readonly type: "channel-opened"; readonly address: Address; readonly channelId: string; readonly deposit: bigint }
  | {
      readonly type: "channel-restored";
      readonly address: Address;
      readonly channelId: string;
      readonly amountNano: bigint;
    };

/** Bytes that we ticked for and the payee's copy does not show. */
function unseenBytes(ours: PayerState, copy: ChannelCopy | undefined): number {
  // A payee that has the settlement has no proofs of its lanes any more.
  const settled = (copy?.voucher?.voucher.cumulative ?? -1n) >= ours.folded ? [] : ours.settled;
  return [...ours.lanes, ...settled].reduce((sum, lane) => {
    const seen = copy?.proofs.find(({ root }) => equalBytes(root, lane.root))?.steps ?? 0;
    return lane.unit === 0n ? sum : sum + Math.max(0, lane.steps - seen) * lane.receipt.unitBytes;
  }, 0);
}

export class ChannelFinder {
  readonly #init: ChannelFinderInit;

  constructor(init: ChannelFinderInit) {
    this.#init = init;
  }

  /** Roots of lanes that live connections use. */
  inUse(id: string): Uint8Array[] {
    return [...this.#init.book.lanesInUse(id)].map((hex) => fromHex(hex) as Uint8Array);
  }

  /** True when the channel can pay a step of this price. Nano base units. */
  hasRoom(id: string, unit: bigint): boolean {
    return roomForSteps(this.#init.book.payer(id), unit, this.inUse(id)) > 0;
  }

  /** Resolves with the channel's id, in hex. Rejects with EverseedError of the chain or the store. */
  find(offer: Offer, copies: readonly ChannelCopy[], unit: bigint): Promise<string> {
    const { book, payee, terms } = this.#init;
    return book.exclusive(`payer:${payee}:${terms.token}`, () => this.#find(offer, copies, unit));
  }

  async #find(offer: Offer, copies: readonly ChannelCopy[], unit: bigint): Promise<string> {
    await this.#adoptCopies(copies);
    const usable = await this.#findOpen(offer, copies, unit, OWN_AGE_MS);
    if (usable.id !== undefined) return usable.id;
    // Before money is put into another the chain is asked once more: one may have been topped up.
    const { id: found, intended } = await this.#findOpen(offer, copies, unit, 0);
    if (found !== undefined) return found;
    const { payee } = this.#init;
    const { id, deposit } = await openChannel(this.#init, payee, intended);
    this.#init.onEvent({ type: "channel-opened", address: payee, channelId: id, deposit });
    return id;
  }

  /** A channel that can be used, as the chain was at most `maxAgeMs` ago; or else the terms of an opening to go on with. */
  async #findOpen(
    offer: Offer,
    copies: readonly ChannelCopy[],
    unit: bigint,
    maxAgeMs: number,
  ): Promise<{ id?: string; intended?: ChannelTerms | undefined }> {
    const { book, payee, terms, domain, chain } = this.#init;
    let intended: ChannelTerms | undefined;
    for (const [id, { terms: found, deposit: known }] of book.payerChannels(payee, terms.token)) {
      const onChain = await this.#readChain(found, known, book.doubted.delete(id) ? 0 : maxAgeMs);
      // An opening that we died over. One that nobody may mine any more is given up.
      if (onChain === undefined && known === 0n && (await chain.time()) <= openableUntil(found)) intended = found;
      if (onChain === undefined || onChain.closesAt > 0) continue;
      const copy = copies.find((c) => toHex(channelId(c.terms, domain)) === id);
      const before = book.payer(id);
      const restored = restore({ ...before, deposit: onChain.deposit }, copy?.proofs ?? []);
      await book.savePayer(id, restored);
      this.#tellRestored(id, promised(restored) - promised(before));
      if (!this.hasRoom(id, unit)) continue;
      this.#countLosses(offer, unseenBytes(restored, copy));
      return { id };
    }
    return { intended };
  }

  /** What the seller counts as served and we never got, once the ticks it missed (`unseen`) come with the voucher. */
  #countLosses({ owedBytes }: Offer, unseen: number): void {
    const { record } = this.#init;
    // With other live connections the difference is what is under way there.
    if (record.connections > 1) return;
    record.lostBytes = owedBytes - unseen - (record.deliveredBytes - record.paidBytes);
  }

  async #adoptCopies(copies: readonly ChannelCopy[]): Promise<void> {
    const { book, signer, domain, curve, terms, payee } = this.#init;
    for (const copy of copies) {
      const id = toHex(channelId(copy.terms, domain));
      const ours = copy.terms.payer === signer.address && copy.terms.signer === signer.address;
      if (book.payers.has(id) || !ours || copy.terms.payee !== payee || copy.terms.token !== terms.token) continue;
      const state = adopt(copy, { domain, curve });
      if (state === undefined) continue;
      await book.savePayer(id, state);
      this.#tellRestored(id, promised(state));
    }
  }

  #tellRestored(id: string, amountNano: bigint): void {
    if (amountNano > 0n)
      this.#init.onEvent({ type: "channel-restored", address: this.#init.payee, channelId: id, amountNano });
  }

  /** A chain that does not answer is no reason to stop using a channel that we know. */
  async #readChain(terms: ChannelTerms, known: bigint, maxAgeMs: number): Promise<ChainChannel | undefined> {
    try {
      return await this.#init.chain.read(terms, maxAgeMs);
    } catch (error) {
      if (known === 0n) throw error;
      return { deposit: known, claimed: 0n, closesAt: 0 };
    }
  }
}
