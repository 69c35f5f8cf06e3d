/**
 * One simulated program: the real engine, choker, tracker client and payments, over the simulated network, disk and clock.
 * `crash` is kill -9: what was on its disks stays, the rest is gone.
 */

import { channelId, owedBaseUnits, type PayeeState, payable } from "@everseed/channel";
import { titForTat } from "@everseed/choking";
import {
  type Address,
  createSigner,
  NANO,
  type RandomBytes,
  type Signer,
  seededRandom,
  sha256,
  utf8,
  wireInfoHash,
} from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import {
  ChannelBook,
  type ChannelChain,
  createMemoryChannelStore,
  createMemoryDisk,
  createPaymentExtension,
  createTrackerClient,
  type EncryptionPolicy,
  Engine,
  type EngineLoad,
  type HttpGet,
  infoHashesOf,
  Market,
  type MarketEvent,
  type MemoryDisk,
  type PaymentEvent,
  type PaymentExtension,
  type PeerExtension,
  type ReserveRule,
  rememberingChain,
  type Torrent,
  type TrackerClient,
} from "@everseed/engine";
import { priceFromPerGib, type StrategyName, ZERO_PRICE } from "@everseed/market";
import type { Metainfo } from "@everseed/metainfo";
import { type Disk, simulatedHasher } from "./disk.ts";
import type { Network } from "./network.ts";
import type { World } from "./world.ts";

export const DOMAIN = { chainId: 31_337n, contract: `0x${"c0".repeat(20)}` as Address };
export const TOKEN: Address = `0x${"70".repeat(20)}`;
const PORT = 6_881;

export interface NodeTerms {
  /** Base units per GiB. */
  readonly price?: bigint | "market";
  /** Takes part in the market: sells slots where `price` is `market`, bids where there is a budget. */
  readonly market?: {
    readonly slots?: number;
    readonly strategy?: StrategyName;
    readonly reserve?: ReserveRule;
    /** Bids this, base units per GiB; absent: by auto-bid. */
    readonly bid?: bigint;
  };
  /** Base units; a buyer when given. */
  readonly budget?: bigint;
  readonly deposit?: bigint;
}

export interface NodeInit {
  readonly name: string;
  readonly address: string;
  readonly seed: number;
  readonly world: World;
  readonly network: Network;
  readonly chain: ChannelChain;
  readonly metainfo: Metainfo;
  readonly disk: Disk;
  readonly tracker: (from: string) => HttpGet;
  readonly terms: NodeTerms;
  /** Bytes per second. */
  readonly uploadLimit?: number;
  /** How far its clock is ahead of the others'. Milliseconds. */
  readonly unixOffsetMs?: number;
  readonly encryption?: EncryptionPolicy;
  /** Stands between an extension and its connections. */
  readonly wrap?: (extension: PeerExtension) => PeerExtension;
  readonly onPayment?: (event: PaymentEvent) => void;
  /** Its disk holds everything: said in each run. */
  readonly onComplete?: () => void;
}

/** Highest figures over all runs of the node. */
export interface Losses {
  /** Served to one payer and not paid for. */
  unpaidBytes: number;
  /** Paid to one payee and not delivered. */
  prepaidBytes: number;
}

interface Running {
  readonly clock: ReturnType<World["clock"]>;
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly tracker: TrackerClient;
  readonly book: ChannelBook;
  readonly payments: PaymentExtension | undefined;
  readonly market: Market | undefined;
}

export class SimNode {
  readonly name: string;
  readonly signer: Signer;
  readonly channels: MemoryDisk = createMemoryDisk();
  readonly losses: Losses = { unpaidBytes: 0, prepaidBytes: 0 };
  readonly faults: string[] = [];
  readonly marketEvents: MarketEvent[] = [];
  /** Milliseconds of the world; `undefined` while it downloads. */
  completedAtMs: number | undefined;
  startedAtMs: number | undefined;
  crashes = 0;
  downloadedBytes = 0;
  uploadedBytes = 0;
  spentNano = 0n;
  readonly #init: NodeInit;
  #runs = 0;
  #running: Running | undefined;

  constructor(init: NodeInit) {
    this.#init = init;
    this.name = init.name;
    this.signer = createSigner(sha256(utf8(`${init.seed} ${init.name}`)), nativeCurve);
  }

  get market(): Market | undefined {
    return this.#running?.market;
  }

  get payments(): PaymentExtension | undefined {
    return this.#running?.payments;
  }

  get torrent(): Torrent | undefined {
    return this.#running?.torrent;
  }

  get load(): EngineLoad | undefined {
    return this.#running?.engine.load;
  }

  get online(): boolean {
    return this.#running !== undefined;
  }

  get seeds(): boolean {
    return this.#init.disk.complete;
  }

  async start(): Promise<void> {
    const { world, network, address, seed, metainfo, disk, name } = this.#init;
    const { unixOffsetMs = 0 } = this.#init;
    const real = world.clock();
    const clock = { ...real, unixMs: () => real.unixMs() + unixOffsetMs };
    const random: RandomBytes = seededRandom(seed + 7919 * hashOf(name) + 104_729 * this.#runs++);
    this.startedAtMs ??= world.now;
    network.goOnline(address);
    const market = this.#market(clock, random);
    const engine = new Engine({
      clock,
      random,
      hasher: simulatedHasher(clock),
      transports: [network.transport(address)],
      choker: titForTat,
      ...(this.#init.uploadLimit === undefined ? {} : { uploadLimit: this.#init.uploadLimit }),
      ...(market === undefined ? {} : { slotRule: market }),
      ...(this.#init.encryption === undefined ? {} : { encryption: this.#init.encryption }),
    });
    await engine.listen(PORT);
    const store = createMemoryChannelStore({ clock, disk: this.channels });
    const book = await ChannelBook.open(store);
    const payments = this.#payments(clock, random, book);
    const bidding = market && payments ? this.#marketExtension(market, payments, () => torrent) : undefined;
    // What was there from the start is no news to trackers.
    let tracker: TrackerClient | undefined;
    const torrent = await engine.add({
      metainfo,
      storage: () => disk.storage(clock),
      extensions: [payments, bidding]
        .filter((extension) => extension !== undefined)
        .map(this.#init.wrap ?? ((extension) => extension)),
      onEvent: (event) => {
        if (event.type === "complete") {
          this.completedAtMs ??= world.now;
          tracker?.completed();
          this.#init.onComplete?.();
        }
        if (event.type === "fault") this.faults.push(`${event.remote} ${event.error.code}`);
        if (event.type === "failed") throw event.error;
        world.note(`${name} ${event.type}`);
      },
    });
    const progress = () => {
      const { uploadedBytes, downloadedBytes, totalBytes, haveBytes } = torrent.stats();
      return {
        port: PORT,
        uploaded: uploadedBytes,
        downloaded: downloadedBytes,
        left: totalBytes - haveBytes,
        wantsPeers: torrent.wantsPeers,
      };
    };
    tracker = createTrackerClient({
      tiers: [["http://tracker.sim/announce"]],
      wireInfoHashes: torrent.wireInfoHashes,
      peerId: engine.peerId,
      http: this.#init.tracker(address),
      openUdp: () => Promise.reject(new Error("the simulated tracker speaks HTTP")),
      clock,
      random,
      progress,
      onPeers: (peers) => engine.addPeers(torrent, peers),
    });
    tracker.start();
    this.#running = { clock, engine, torrent, tracker, book, payments, market };
  }

  #market(clock: Running["clock"], random: RandomBytes): Market | undefined {
    const { market } = this.#init.terms;
    if (market === undefined) return undefined;
    return new Market({
      ...{ clock, random, curve: nativeCurve, signer: this.signer, domain: DOMAIN, token: TOKEN },
      ...(market.slots === undefined ? {} : { slots: market.slots }),
      ...(market.strategy === undefined ? {} : { strategy: market.strategy }),
      onEvent: (event) => {
        if (event.type === "fault") this.faults.push(`${event.remote} ${event.error.code}`);
        this.marketEvents.push(event);
        this.#init.world.note(`${this.name} market ${event.type}`);
      },
    });
  }

  #marketExtension(market: Market, payments: PaymentExtension, torrent: () => Torrent): PeerExtension {
    const { terms, metainfo } = this.#init;
    const { budget, price, market: { bid, reserve } = {} } = terms;
    const spent = (): bigint =>
      payments.peers().reduce((sum, { bought }) => sum + (bought?.paidNano ?? 0n), this.spentNano) / NANO;
    const stats = () => torrent().stats();
    return market.extension({
      names: infoHashesOf(metainfo).map(wireInfoHash),
      payments,
      ...(price === "market" ? { selling: { reserve: reserve ?? { type: "fixed", price: ZERO_PRICE } } } : {}),
      ...(budget === undefined
        ? {}
        : {
            bidding: {
              ...(bid === undefined ? {} : { price: priceFromPerGib(bid, "down") }),
              balance: () => budget - spent(),
              bytesLeft: () => stats().totalBytes - stats().haveBytes,
              totalBytes: () => stats().totalBytes,
            },
          }),
    });
  }

  #payments(clock: Running["clock"], random: RandomBytes, book: ChannelBook): PaymentExtension | undefined {
    const { price, budget, deposit } = this.#init.terms;
    if (price === undefined && budget === undefined) return undefined;
    return createPaymentExtension({
      domain: DOMAIN,
      signer: this.signer,
      curve: nativeCurve,
      clock,
      random,
      book,
      chain: rememberingChain(this.#init.chain, { domain: DOMAIN, clock }),
      identify: this.#init.terms.market !== undefined,
      ...(price === undefined ? {} : { selling: { price, token: TOKEN } }),
      ...(budget === undefined
        ? {}
        : {
            buying: {
              budget: { limitNano: budget * NANO, spentNano: this.spentNano },
              token: TOKEN,
              deposit: deposit ?? budget,
            },
          }),
      onEvent: (event) => {
        if (event.type === "refused") this.faults.push(`${event.remote} ${event.error.code}`);
        this.#init.onPayment?.(event);
        this.#init.world.note(`${this.name} pay ${event.type}`);
      },
    });
  }

  /** As told of by a friend: trackers tell seeders of no seeders. */
  meet(host: string): void {
    const running = this.#running;
    if (running !== undefined) running.engine.addPeers(running.torrent, [{ host, port: PORT }]);
  }

  #measure(): void {
    for (const { bought, sold } of this.#running?.payments?.peers() ?? []) {
      this.losses.prepaidBytes = Math.max(this.losses.prepaidBytes, bought?.maxPrepaidBytes ?? 0);
      this.losses.unpaidBytes = Math.max(this.losses.unpaidBytes, sold?.maxUnpaidBytes ?? 0);
    }
  }

  #leave(running: Running): void {
    this.#measure();
    const stats = running.torrent.stats();
    this.downloadedBytes += stats.downloadedBytes;
    this.uploadedBytes += stats.uploadedBytes;
    for (const { bought } of running.payments?.peers() ?? []) this.spentNano += bought?.paidNano ?? 0n;
    this.#running = undefined;
  }

  crash(): void {
    const running = this.#running;
    if (running === undefined) return;
    this.crashes++;
    running.clock.kill();
    this.#init.network.crash(this.#init.address);
    this.#leave(running);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const stopping = running.tracker.stop();
    this.#leave(running);
    await running.engine.stop();
    await running.book.flush();
    void stopping;
    running.clock.after(5_000, () => running.clock.kill());
  }

  /** What it can claim, channel by channel. */
  earnings(): PayeeState[] {
    return [...this.channels.payees.values()];
  }

  /** Base units this node signed away to others, by channel id and payee. */
  owed(): { id: Uint8Array; payee: Address; amount: bigint }[] {
    return [...this.channels.payers.values()].map((state) => ({
      id: channelId(state.terms, DOMAIN),
      payee: state.terms.payee,
      amount: owedBaseUnits(state),
    }));
  }
}

export function claimable(state: PayeeState): bigint {
  return payable(state);
}

function hashOf(name: string): number {
  const [a, b, c] = sha256(utf8(name)) as unknown as [number, number, number];
  return (a << 16) | (b << 8) | c;
}
