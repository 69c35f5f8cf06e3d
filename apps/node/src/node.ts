/**
 * One Everseed node: the engine with its Node shells, and payments where a wallet and a chain are given. The command line
 * and the local network are thin layers over this.
 */

import { type ChannelsClient, createChannelsClient } from "@everseed/chain";
import {
  type ChannelTerms,
  channelId,
  closeDigest,
  laneProofs,
  owedBaseUnits,
  type PayeeState,
  payable,
} from "@everseed/channel";
import { type Address, EverseedError, fromHex, type InfoHash, NANO, systemClock, systemRandom } from "@everseed/core";
import { nativeCurve, wasmKeccak256 } from "@everseed/core/node";
import {
  type BuyingTerms,
  ChannelBook,
  type ChannelChain,
  type ChannelStore,
  createPaymentExtension,
  Engine,
  type PaymentEvent,
  type PaymentExtension,
  type SellingTerms,
  type Torrent,
  type TorrentEvent,
} from "@everseed/engine";
import { createFileStorage, createTcpTransport, createWorkerHasher } from "@everseed/engine/node";
import type { Metainfo } from "@everseed/metainfo";
import type { ChainConfig } from "./chain-config.ts";
import { openChannelStore } from "./channel-store.ts";
import { Discovery } from "./discovery.ts";
import type { Wallet } from "./wallet.ts";

export interface NodeInit {
  /** TCP port to listen on; 0 takes any free one. */
  readonly port: number;
  readonly host?: string;
  readonly wallet?: Wallet;
  readonly chain?: ChainConfig;
  /** Bytes per second. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  readonly hashThreads?: number;
}

export interface NodeTorrentInit {
  readonly metainfo?: Metainfo;
  readonly infoHashes?: readonly InfoHash[];
  readonly dir: string;
  /** Tracker tiers. */
  readonly announce?: readonly (readonly string[])[];
  readonly selling?: SellingTerms;
  readonly buying?: BuyingTerms;
  readonly uploadSlots?: number;
  readonly sequential?: boolean;
  readonly onEvent?: (event: TorrentEvent) => void;
  readonly onPayment?: (event: PaymentEvent) => void;
  readonly onTracker?: (message: string) => void;
  readonly onCheck?: (doneBytes: number, totalBytes: number) => void;
}

export interface NodeTorrent {
  readonly torrent: Torrent;
  readonly payments: PaymentExtension | undefined;
  /** Stops announcing and serving; data stays. */
  remove(): Promise<void>;
}

export interface ClaimResult {
  readonly terms: ChannelTerms;
  readonly amount: bigint;
  readonly gasUsed: bigint;
  readonly error?: string;
}

interface Payments {
  readonly book: ChannelBook;
  readonly store: ChannelStore;
  readonly client: ChannelsClient;
  readonly wallet: Wallet;
  readonly config: ChainConfig;
}

export class EverseedNode {
  readonly engine: Engine;
  readonly #payments: Payments | undefined;
  /** Channels that this process opened. */
  readonly opened: { readonly payee: Address; readonly deposit: bigint; readonly gasUsed: bigint }[] = [];
  readonly #discovery = new Set<Discovery>();
  readonly #hasher: ReturnType<typeof createWorkerHasher>;

  private constructor(init: NodeInit, payments: Payments | undefined) {
    this.#payments = payments;
    this.#hasher = createWorkerHasher(init.hashThreads === undefined ? {} : { threads: init.hashThreads });
    this.engine = new Engine({
      clock: systemClock,
      random: systemRandom,
      hasher: this.#hasher,
      transports: [createTcpTransport()],
      ...(init.downloadLimit === undefined ? {} : { downloadLimit: init.downloadLimit }),
      ...(init.uploadLimit === undefined ? {} : { uploadLimit: init.uploadLimit }),
    });
  }

  /** Opens wallet and channels, and listens. Rejects with EverseedError. */
  static async start(init: NodeInit): Promise<EverseedNode> {
    let payments: Payments | undefined;
    if (init.wallet !== undefined && init.chain !== undefined) {
      const store = openChannelStore(init.wallet.dir);
      payments = {
        store,
        book: await ChannelBook.open(store),
        client: createChannelsClient({ ...init.chain, privateKey: init.wallet.privateKey }),
        wallet: init.wallet,
        config: init.chain,
      };
    }
    const node = new EverseedNode(init, payments);
    try {
      await node.engine.listen(init.port, init.host);
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  /** The wallet's address, where there is one. */
  get address(): Address | undefined {
    return this.#payments?.wallet.address;
  }

  get client(): ChannelsClient {
    return this.#required.client;
  }

  get #required(): Payments {
    if (this.#payments === undefined) {
      throw new EverseedError("payments-off", "Cannot use channels: this node has no wallet and no chain");
    }
    return this.#payments;
  }

  async add(options: NodeTorrentInit): Promise<NodeTorrent> {
    const payments = options.selling || options.buying ? this.#paymentExtension(options) : undefined;
    const torrent = await this.engine.add({
      ...(options.metainfo === undefined ? {} : { metainfo: options.metainfo }),
      ...(options.infoHashes === undefined ? {} : { infoHashes: options.infoHashes }),
      storage: (metainfo) => createFileStorage(options.dir, metainfo),
      extensions: payments === undefined ? [] : [payments],
      ...(options.uploadSlots === undefined ? {} : { uploadSlots: options.uploadSlots }),
      ...(options.sequential === undefined ? {} : { sequential: options.sequential }),
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
      ...(options.onCheck === undefined ? {} : { onCheck: options.onCheck }),
    });
    const discovery = new Discovery({
      engine: this.engine,
      torrent,
      announce: options.announce ?? options.metainfo?.announce ?? [],
      ...(options.onTracker === undefined ? {} : { onMessage: options.onTracker }),
    });
    this.#discovery.add(discovery);
    discovery.start();
    return {
      torrent,
      payments,
      remove: async () => {
        this.#discovery.delete(discovery);
        await discovery.stop();
        await this.engine.remove(torrent);
      },
    };
  }

  #paymentExtension(options: NodeTorrentInit): PaymentExtension {
    const { wallet, config, book } = this.#required;
    return createPaymentExtension({
      domain: { chainId: BigInt(config.chainId), contract: config.contract },
      signer: wallet.signer,
      curve: nativeCurve,
      keccak: wasmKeccak256,
      clock: systemClock,
      random: systemRandom,
      book,
      chain: this.#chain(),
      ...(options.selling === undefined ? {} : { selling: options.selling }),
      ...(options.buying === undefined ? {} : { buying: options.buying }),
      ...(options.onPayment === undefined ? {} : { onEvent: options.onPayment }),
    });
  }

  #chain(): ChannelChain {
    const { client, config } = this.#required;
    const domain = { chainId: BigInt(config.chainId), contract: config.contract };
    return {
      open: async (terms, deposit) => {
        const { gasUsed } = await client.open(terms, deposit);
        this.opened.push({ payee: terms.payee, deposit, gasUsed });
      },
      read: (terms) => client.read(channelId(terms, domain)),
    };
  }

  /**
   * Claims on chain all that was earned and not yet paid out, channel by channel: one that fails (`error` says why) does
   * not hold up the others. Amounts are base units.
   */
  async claimAll(): Promise<ClaimResult[]> {
    const { book, client } = this.#required;
    const out: ClaimResult[] = [];
    for (const [id, state] of book.payees) {
      const amount = payable(state) - state.claimed;
      if (state.voucher === undefined || amount <= 0n) continue;
      try {
        const { gasUsed } = await client.claim({
          terms: state.terms,
          signed: state.voucher,
          proofs: laneProofs(state),
        });
        const onChain = await client.read(fromHex(id) as Uint8Array);
        await book.savePayee(id, {
          ...(book.payees.get(id) as PayeeState),
          claimed: onChain?.claimed ?? payable(state),
        });
        out.push({ terms: state.terms, amount, gasUsed });
      } catch (error) {
        out.push({ terms: state.terms, amount: 0n, gasUsed: 0n, error: (error as Error).message });
      }
    }
    return out;
  }

  /** Begins to close every channel we pay, and withdraws those whose window is over. */
  async closeAll(): Promise<
    { counterparty: Address; state: "closing" | "withdrawn" | "gone"; availableAt?: number }[]
  > {
    const { book, client } = this.#required;
    const out: { counterparty: Address; state: "closing" | "withdrawn" | "gone"; availableAt?: number }[] = [];
    for (const [id, { terms }] of book.payers) {
      const counterparty = terms.payee;
      const before = await client.read(fromHex(id) as Uint8Array);
      if (before === undefined) {
        out.push({ counterparty, state: "gone" });
        continue;
      }
      if (before.closesAt === 0) await client.startClose(terms);
      const closesAt = before.closesAt || ((await client.read(fromHex(id) as Uint8Array))?.closesAt ?? 0);
      if (before.closesAt > 0 && Date.now() / 1000 >= before.closesAt) {
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
    const { book, client } = this.#required;
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

  /** All channels of this node, for `everseed wallet channels`. Amounts in base units. */
  channels() {
    const { book } = this.#required;
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
  async closeWith(payee: EverseedNode): Promise<{ gasUsed: bigint } | undefined> {
    const { book, config, client } = this.#required;
    const found = book.payerChannel(payee.address as Address, config.token.address as Address);
    const theirs = found && payee.#required.book.payees.get(found[0]);
    if (found === undefined || theirs === undefined) return undefined;
    const [, { terms }] = found;
    const claimed = payable(theirs);
    if (claimed > owedBaseUnits(found[1])) {
      throw new EverseedError(
        "close-disagreement",
        `Cannot close together: the payee counts ${claimed}, we owe ${owedBaseUnits(found[1])}`,
      );
    }
    const { gasUsed } = await client.closeTogether(
      terms,
      claimed,
      this.signClose(terms, claimed),
      payee.signClose(terms, claimed),
    );
    return { gasUsed };
  }

  /** Our signature under "the payee gets `claimed` in all", for the cooperative close. */
  signClose(terms: ChannelTerms, claimed: bigint): Uint8Array {
    const { wallet, config } = this.#required;
    const domain = { chainId: BigInt(config.chainId), contract: config.contract };
    return wallet.signer.sign(closeDigest(channelId(terms, domain), claimed, domain));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#discovery].map((discovery) => discovery.stop()));
    await this.engine.stop();
    await this.#hasher.close();
    await this.#payments?.store.close();
  }
}

/** A budget in base units as the nano base units that lanes count in. */
export function budgetOf(baseUnits: bigint): BuyingTerms["budget"] {
  return { limitNano: baseUnits * NANO, spentNano: 0n };
}
