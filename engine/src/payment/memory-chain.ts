/**
 * The contract's rules for channels in memory: what it would pay out, to the base unit, and who holds how much. For the
 * simulator and tests; transactions cost nothing and take no time.
 *
 * Invariant: the balances and the deposits less what was claimed of them add up to what was ever `fund`ed.
 */
import {
  type ChannelDomain,
  type ChannelTerms,
  channelId,
  leadsTo,
  openableUntil,
  type PayeeState,
  voucherSigner,
} from "@everseed/channel";
import { type Address, type Curve, EverseedError, NANO, toHex } from "@everseed/core";
import type { ChainChannel, ChannelChain } from "./ports.ts";

export class MemoryChain implements ChannelChain {
  readonly channels = new Map<string, { readonly deposit: bigint; claimed: bigint; closesAt: number }>();
  /** Base units. An account that was never funded may open channels all the same and goes below zero. */
  readonly balances = new Map<Address, bigint>();
  opened = 0;
  /** Unix seconds of the newest block. Stands still unless it is moved. */
  seconds = 1_800_000_000;
  readonly #domain: ChannelDomain;
  readonly #curve: Curve;

  constructor(domain: ChannelDomain, curve: Curve) {
    this.#domain = domain;
    this.#curve = curve;
  }

  fund(account: Address, amount: bigint): void {
    this.balances.set(account, (this.balances.get(account) ?? 0n) + amount);
  }

  /** What all accounts and all channels hold. Base units. */
  get total(): bigint {
    let sum = 0n;
    for (const balance of this.balances.values()) sum += balance;
    for (const { deposit, claimed } of this.channels.values()) sum += deposit - claimed;
    return sum;
  }

  async open(terms: ChannelTerms, deposit: bigint): Promise<void> {
    const id = this.#id(terms);
    if (this.seconds > openableUntil(terms))
      throw new EverseedError(
        "channel-opened-too-late",
        "Cannot open the channel: its nonce says that it was to be opened earlier",
      );
    if (this.channels.has(id)) throw new EverseedError("channel-exists", "Cannot open the channel: it is there");
    this.opened++;
    this.fund(terms.payer, -deposit);
    this.channels.set(id, { deposit, claimed: 0n, closesAt: 0 });
  }

  async read(terms: ChannelTerms): Promise<ChainChannel | undefined> {
    return this.channels.get(this.#id(terms));
  }

  async time(): Promise<number> {
    return this.seconds;
  }

  /** Pays out what the payee can prove. Returns base units. */
  claim(state: PayeeState): bigint {
    const channel = this.channels.get(this.#id(state.terms));
    if (channel === undefined || state.voucher === undefined) return 0n;
    if (voucherSigner(state.voucher, this.#domain, this.#curve) !== state.terms.signer) throw new Error("BadSignature");
    const { voucher } = state.voucher;
    let total = voucher.cumulative;
    for (const lane of state.lanes) {
      const signed = voucher.lanes.find(({ root }) => toHex(root) === toHex(lane.root));
      if (signed === undefined || lane.steps > signed.maxSteps) throw new Error("BadProof");
      if (!leadsTo(lane.preimage, lane.steps, signed.root)) throw new Error("BadProof");
      total += BigInt(lane.steps) * signed.unit;
    }
    const payable = total / NANO < channel.deposit ? total / NANO : channel.deposit;
    const amount = payable > channel.claimed ? payable - channel.claimed : 0n;
    channel.claimed += amount;
    this.fund(state.terms.payee, amount);
    return amount;
  }

  #id(terms: ChannelTerms): string {
    return toHex(channelId(terms, this.#domain));
  }
}
