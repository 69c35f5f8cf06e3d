/**
 * A node's money: the channels of its wallet, the store that keeps them and the contract on chain. Loaded only by nodes that
 * pay or sell, because the chain client is the largest thing a node can load.
 */

import { type ChannelsClient, createChannelsClient } from "@everseed/chain";
import {
  type ChannelTerms,
  channelId,
  closeDigest,
  hashChain,
  laneProofs,
  MAX_STEPS,
  owedBaseUnits,
  type PayeeState,
  payable,
} from "@everseed/channel";
import { type Address, EverseedError, fromHex, systemClock, systemRandom } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import {
  type BuyingTerms,
  ChannelBook,
  type ChannelChain,
  type ChannelStore,
  type ClosingEvent,
  createPaymentExtension,
  DEFAULT_MIN_WINDOW,
  type PaymentEvent,
  type PaymentExtension,
  rememberingChain,
  type SellingTerms,
  watchClosings,
} from "@everseed/engine";
import type { ChainConfig } from "./chain-config.ts";
import { openChannelStore } from "./channel-store.ts";
import { jsonRpcFetch } from "./json-rpc-fetch.ts";
import type { Wallet } from "./wallet.ts";

/** Channels that the chain is asked about at start: those a buyer is most likely to use. */
const WARM_CHANNELS = 8;

export interface ClaimResult {
  readonly terms: ChannelTerms;
  readonly amount: bigint;
  readonly gasUsed: bigint;
  readonly error?: string;
}

export interface TorrentPayments {
  readonly selling?: SellingTerms;
  readonly buying?: BuyingTerms;
  /** See `PaymentInit`. */
  readonly identify?: boolean;
  readonly onEvent?: (event: PaymentEvent) => void;
}

export class NodePayments {
  readonly #book: ChannelBook;
  readonly #store: ChannelStore;
  readonly #client: ChannelsClient;
  readonly #chain: ChannelChain;
  readonly #wallet: Wallet;
  readonly #config: ChainConfig;
  /** Channels that this process opened. */
  readonly opened: { readonly payee: Address; readonly deposit: bigint; readonly gasUsed: bigint }[] = [];

  readonly #onClosing: ((event: ClosingEvent) => void) | undefined;
  #stopWatching: (() => void) | undefined;

  private constructor(
    store: ChannelStore,
    book: ChannelBook,
    wallet: Wallet,
    config: ChainConfig,
    onClosing: ((event: ClosingEvent) => void) | undefined,
  ) {
    this.#onClosing = onClosing;
    this.#store = store;
    this.#book = book;
    this.#wallet = wallet;
    this.#config = config;
    this.#client = createChannelsClient({ ...config, privateKey: wallet.privateKey, fetch: jsonRpcFetch });
    this.#chain = this.#chainOf(this.#client);
  }

  /** Opens the wallet's channels. `onClosing` hears of payers that close. Rejects with EverseedError of the store. */
  static async open(
    wallet: Wallet,
    config: ChainConfig,
    onClosing?: (event: ClosingEvent) => void,
  ): Promise<NodePayments> {
    const store = openChannelStore(wallet.dir);
    const payments = new NodePayments(store, await ChannelBook.open(store), wallet, config, onClosing);
    payments.#warmUp();
    return payments;
  }

  /**
   * The first call to the chain, signature and lane load and compile what they need, some 80 ms that a buyer should not wait
   * between the handshake and the first byte. A chain that does not answer now is told of when it is needed.
   */
  #warmUp(): void {
    const latest = [...this.#book.payers.values()].slice(-WARM_CHANNELS);
    if (latest.length === 0) this.#client.read(new Uint8Array(32)).catch(() => undefined);
    for (const { terms } of latest) this.#chain.read(terms).catch(() => undefined);
    this.#wallet.signer.sign(new Uint8Array(32));
    hashChain(new Uint8Array(32), MAX_STEPS);
  }

  get address(): Address {
    return this.#wallet.address;
  }

  /** The engine extension by which one torrent is sold or bought. */
  extension(terms: TorrentPayments): PaymentExtension {
    if (terms.selling !== undefined) this.#watchClosings(terms.selling);
    return createPaymentExtension({
      domain: this.#domain,
      signer: this.#wallet.signer,
      curve: nativeCurve,
      clock: systemClock,
      random: systemRandom,
      book: this.#book,
      chain: this.#chain,
      ...terms,
    });
  }

  get #domain() {
    return { chainId: BigInt(this.#config.chainId), contract: this.#config.contract };
  }

  /** One for all connections: what the chain said to one of them the others need not ask. */
  #chainOf(client: ChannelsClient): ChannelChain {
    const chain: ChannelChain = {
      open: async (terms, deposit) => {
        const { gasUsed } = await client.open(terms, deposit);
        this.opened.push({ payee: terms.payee, deposit, gasUsed });
      },
      read: (terms) => client.read(channelId(terms, this.#domain)),
      time: () => client.time(),
    };
    return rememberingChain(chain, { domain: this.#domain, clock: systemClock });
  }

  /**
   * Claims on chain all that was earned and not yet paid out, channel by channel: one that fails (`error` says why) does
   * not hold up the others. Amounts are base units.
   */
  async claimAll(): Promise<ClaimResult[]> {
    const out: ClaimResult[] = [];
    for (const [id, { terms }] of this.#book.payees) {
      try {
        const claimed = await this.#claim(id);
        if (claimed !== undefined) out.push({ terms, ...claimed });
      } catch (error) {
        out.push({ terms, amount: 0n, gasUsed: 0n, error: (error as Error).message });
      }
    }
    return out;
  }

  /** `undefined` when nothing is owed. One claim of a channel at a time. */
  #claim(id: string): Promise<{ amount: bigint; gasUsed: bigint } | undefined> {
    const [book, client] = [this.#book, this.#client];
    return book.exclusive(`claim:${id}`, async () => {
      const state = book.payees.get(id);
      const amount = state === undefined ? 0n : payable(state) - state.claimed;
      if (state?.voucher === undefined || amount <= 0n) return undefined;
      const { gasUsed } = await client.claim({ terms: state.terms, signed: state.voucher, proofs: laneProofs(state) });
      const onChain = await client.read(fromHex(id) as Uint8Array);
      await book.savePayee(id, {
        ...(book.payees.get(id) as PayeeState),
        claimed: onChain?.claimed ?? payable(state),
      });
      return { amount, gasUsed };
    });
  }

  /** Begins to close every channel we pay, and withdraws those whose window is over. */
  async closeAll(): Promise<
    { counterparty: Address; state: "closing" | "withdrawn" | "gone"; availableAt?: number }[]
  > {
    const [book, client] = [this.#book, this.#client];
    const out: { counterparty: Address; state: "closing" | "withdrawn" | "gone"; availableAt?: number }[] = [];
    for (const [id, { terms }] of book.payers) {
      const counterparty = terms.payee;
      const before = await client.read(fromHex(id) as Uint8Array);
      if (before === undefined) {
        out.push({ counterparty, state: "gone" });
        continue;
      }
      if (before.closesAt === 0) await client.startClose(terms);
      // Asked where buyers are answered from, so that none of them pays from a channel that was open a moment ago.
      const closesAt = (await this.#chain.read(terms))?.closesAt ?? before.closesAt;
      if (before.closesAt > 0 && (await client.time()) >= before.closesAt) {
        await client.withdraw(terms);
        out.push({ counterparty, state: "withdrawn" });
      } else {
        out.push({ counterparty, state: "closing", availableAt: closesAt });
      }
    }
    return out;
  }

  /** Adds to the deposit of the channel to `payee`. Returns the new deposit. Base units. */
  async deposit(payee: Address, token: Address, amount: bigint): Promise<bigint> {
    const [book, client] = [this.#book, this.#client];
    const found = book.payerChannel(payee, token);
    if (found === undefined) {
      throw new EverseedError("channel-missing", `Cannot deposit for ${payee}: there is no channel to it`, {
        hint: "A channel opens by itself at the first purchase.",
      });
    }
    const [id, state] = found;
    await client.topUp(state.terms, amount);
    const deposit = (await client.read(fromHex(id) as Uint8Array))?.deposit ?? state.deposit;
    await book.savePayer(id, { ...state, deposit });
    return deposit;
  }

  /** All channels of this node and how they stand on chain, for `everseed wallet channels`. Amounts in base units. */
  async channels() {
    const known = this.#knownChannels();
    return Promise.all(
      known.map(async (channel) => {
        const found = await this.#client.read(fromHex(channel.id) as Uint8Array);
        const state = found === undefined ? "closed" : found.closesAt > 0 ? "closing" : "open";
        return { ...channel, state: state as "open" | "closing" | "closed" };
      }),
    );
  }

  #knownChannels() {
    const book = this.#book;
    return [
      ...[...book.payers].map(([id, state]) => ({
        id,
        role: "payer" as const,
        counterparty: state.terms.payee,
        deposit: state.deposit,
        amount: owedBaseUnits(state),
        paidBytes: state.paidBytes,
      })),
      ...[...book.payees].map(([id, state]) => ({
        id,
        role: "payee" as const,
        counterparty: state.terms.payer,
        deposit: state.deposit,
        amount: payable(state),
        paidBytes: state.paidBytes,
      })),
    ];
  }

  /**
   * Closes the channel to another node at once: both sign what the payee gets in all. `undefined` when there is none.
   * Throws EverseedError `close-disagreement` when the two sides count differently.
   */
  async closeWith(payee: NodePayments): Promise<{ gasUsed: bigint } | undefined> {
    const found = this.#book.payerChannel(payee.address, this.#config.token.address as Address);
    const theirs = found && payee.#book.payees.get(found[0]);
    if (found === undefined || theirs === undefined) return undefined;
    const [, { terms }] = found;
    const claimed = payable(theirs);
    if (claimed > owedBaseUnits(found[1])) {
      throw new EverseedError(
        "close-disagreement",
        `Cannot close together: the payee counts ${claimed}, we owe ${owedBaseUnits(found[1])}`,
      );
    }
    const { gasUsed } = await this.#client.closeWith(terms, claimed, payee.signClose(terms, claimed));
    // So that no buyer of ours is told that it is open still.
    await this.#chain.read(terms).catch(() => undefined);
    return { gasUsed };
  }

  /** Our signature under "the payee gets `claimed` in all", for the cooperative close. */
  signClose(terms: ChannelTerms, claimed: bigint): Uint8Array {
    return this.#wallet.signer.sign(closeDigest(channelId(terms, this.#domain), claimed, this.#domain));
  }

  #watchClosings({ minWindow = DEFAULT_MIN_WINDOW }: SellingTerms): void {
    this.#stopWatching ??= watchClosings({
      book: this.#book,
      chain: this.#chain,
      clock: systemClock,
      minWindow,
      claim: async (id) => (await this.#claim(id))?.amount ?? 0n,
      onEvent: (event) => this.#onClosing?.(event),
    });
  }

  async close(): Promise<void> {
    this.#stopWatching?.();
    await this.#store.close();
  }
}
