/**
 * One Everseed node: the engine with its Node shells, and payments where a wallet and a chain are given. The command line
 * and the local network are thin layers over this.
 */

import {
  type Address,
  assert,
  EverseedError,
  type InfoHash,
  NANO,
  systemClock,
  systemRandom,
  toHex,
  wireInfoHash,
} from "@everseed/core";
import {
  type AddressFilter,
  type BuyingTerms,
  type ClosingEvent,
  createUtpTransport,
  type EncryptionPolicy,
  Engine,
  Follower,
  type FollowerInit,
  infoHashesOf,
  type MutableItem,
  type PaymentEvent,
  type PaymentExtension,
  type PresentTorrent,
  type QueueLimits,
  resumedNames,
  type SellingTerms,
  type Torrent,
  type TorrentEvent,
  type Transport,
  WebRtc,
} from "@everseed/engine";
import {
  createFileStorage,
  createTcpTransport,
  createWorkerHasher,
  loadWebRtc,
  unloadWebRtc,
} from "@everseed/engine/node";
import type { Metainfo } from "@everseed/metainfo";
import type { ChainConfig } from "./chain-config.ts";
import { Discovery } from "./discovery.ts";
import { keepHeldItem } from "./held-items.ts";
import type { MarketSettings, MarketTorrentParts, NodeMarket, TorrentMarketTerms } from "./market.ts";
import type { MarketSocket } from "./market-socket.ts";
import { type DhtSettings, NodeNetwork } from "./network.ts";
import type { NodePayments } from "./payments.ts";
import { mapPort, type PortMapping } from "./port-mapping.ts";
import { forgetResume, keepResume, loadResume } from "./resume-store.ts";
import type { Wallet } from "./wallet.ts";
import { keepWebSeeds } from "./web-seeds.ts";

/** Free ports are tried this often when any will do. */
const PORT_ATTEMPTS = 8;

export interface NodeInit {
  /** TCP port to listen on; 0 takes any free one. */
  readonly port: number;
  readonly host?: string;
  readonly wallet?: Wallet;
  readonly chain?: ChainConfig;
  /** A payer closes its channel, and what it owed was claimed, or was not. */
  readonly onClosing?: (event: ClosingEvent) => void;
  /** Bytes per second. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  readonly hashThreads?: number;
  /** How many torrents run at a time. @default the engine's */
  readonly queue?: QueueLimits;
  /** Takes part in the DHT. @default off */
  readonly dht?: DhtSettings;
  /** Finds peers on the same network by multicast (BEP 14). @default off */
  readonly localDiscovery?: boolean;
  /** Asks the router to let peers in (UPnP, NAT-PMP). @default off */
  readonly mapPort?: { readonly onMapped?: (mapped: boolean) => void };
  /** @default prefer */
  readonly encryption?: EncryptionPolicy;
  /** Addresses that are no peers of ours. */
  readonly filter?: AddressFilter;
  /** How peers are dialled, in this order, and heard. @default TCP */
  readonly transports?: readonly ("tcp" | "utp")[];
  /** In place of TCP, for measurements. */
  readonly transport?: Transport;
  /** Auctions upload slots, and bids for those of others; needs wallet and chain. @default off */
  readonly market?: MarketSettings;
  /** Meets browsers through WebSocket trackers. `iceServers`: what STUN and TURN servers to ask. @default off */
  readonly webRtc?: { readonly iceServers?: readonly RTCIceServer[]; readonly host?: string };
}

export interface NodeTorrentInit {
  readonly metainfo?: Metainfo;
  readonly infoHashes?: readonly InfoHash[];
  readonly dir: string;
  /** Tracker tiers. */
  readonly announce?: readonly (readonly string[])[];
  readonly selling?: SellingTerms;
  readonly buying?: BuyingTerms;
  /** How it takes part in the node's market; false: not at all. */
  readonly market?: TorrentMarketTerms | false;
  readonly uploadSlots?: number;
  readonly sequential?: boolean;
  /** See `AddTorrent.superSeeding`. */
  readonly superSeeding?: boolean;
  /** See `AddTorrent.priorities`. */
  readonly priorities?: (metainfo: Metainfo) => readonly number[];
  /** Remembers between runs what is there, and believes it of files that did not change. @default true */
  readonly remember?: boolean;
  /** Web seeds (BEP 19) beside the torrent's own; false: none at all. @default [] */
  readonly webSeeds?: readonly string[] | false;
  readonly onEvent?: (event: TorrentEvent) => void;
  readonly onPayment?: (event: PaymentEvent) => void;
  readonly onTracker?: (message: string) => void;
  readonly onCheck?: (doneBytes: number, totalBytes: number) => void;
}

export interface NodeTorrent {
  readonly torrent: Torrent;
  readonly payments: PaymentExtension | undefined;
  /** Stops announcing and serving. Data stays, unless `deleteData`. */
  remove(options?: { deleteData?: boolean }): Promise<void>;
}

export class EverseedNode {
  readonly engine: Engine;
  readonly #market: NodeMarket | undefined;
  #socket: MarketSocket | undefined;
  readonly #payments: NodePayments | undefined;
  /** Over when the newest items that were followed are kept. */
  #keeping: Promise<void> = Promise.resolve();
  /** What ends with each torrent. */
  readonly #torrents = new Map<
    Torrent,
    {
      readonly discovery: Discovery;
      readonly resume?: { stop(): Promise<void> };
      readonly webSeeds?: { stop(): void };
      readonly market: MarketTorrentParts | undefined;
      readonly payments: PaymentExtension | undefined;
    }
  >();
  readonly #hasher: ReturnType<typeof createWorkerHasher>;
  readonly #webRtcInit: NodeInit["webRtc"];
  #webRtc: Promise<WebRtc> | undefined;

  readonly #network: NodeNetwork | undefined;
  #mapping: PortMapping | undefined;
  /** It talks to this machine alone. */
  readonly #loopback: boolean;

  private constructor(
    init: NodeInit,
    money: { readonly payments: NodePayments; readonly market: NodeMarket | undefined } | undefined,
    network: NodeNetwork | undefined,
  ) {
    this.#payments = money?.payments;
    this.#market = money?.market;
    this.#network = network;
    this.#loopback = init.host !== undefined && isLocalHost(init.host);
    const dht = network?.dht;
    this.#webRtcInit = init.webRtc;
    this.#hasher = createWorkerHasher(init.hashThreads === undefined ? {} : { threads: init.hashThreads });
    this.engine = new Engine({
      clock: systemClock,
      random: systemRandom,
      hasher: this.#hasher,
      transports: (init.transports ?? ["tcp"]).map((name) => {
        if (name === "tcp") return init.transport ?? createTcpTransport();
        assert(network !== undefined, "uTP has a UDP port");
        return createUtpTransport({ port: network.udp, clock: systemClock, random: systemRandom });
      }),
      ...(network === undefined || dht === undefined
        ? {}
        : { dht: { port: () => network.udp.port, onNode: (node) => void dht.addNode(node) } }),
      ...(money?.market === undefined ? {} : { slotRule: money.market.market }),
      ...(init.encryption === undefined ? {} : { encryption: init.encryption }),
      ...(init.filter === undefined ? {} : { filter: init.filter }),
      ...(init.queue === undefined ? {} : { queue: init.queue }),
      ...(init.downloadLimit === undefined ? {} : { downloadLimit: init.downloadLimit }),
      ...(init.uploadLimit === undefined ? {} : { uploadLimit: init.uploadLimit }),
    });
  }

  /** Opens wallet and channels, and listens. Rejects with EverseedError. */
  static async start(init: NodeInit): Promise<EverseedNode> {
    const money = await openMoney(init);
    const utp = init.transports?.includes("utp") === true;
    const open = init.dht !== undefined || init.localDiscovery === true || utp;
    for (let attempt = 0; ; attempt++) {
      const network = open ? await NodeNetwork.open(init) : undefined;
      const node = new EverseedNode(init, money, network);
      try {
        // Peers expect TCP and UDP on one port: what was free for the one may be taken for the other.
        await node.engine.listen(network?.udp.port ?? init.port, init.host);
      } catch (error) {
        await node.#close();
        if (open && init.port === 0 && attempt < PORT_ATTEMPTS) continue;
        await money?.payments.close();
        throw error;
      }
      node.#startNetwork(init.localDiscovery === true);
      if (init.wallet !== undefined && money?.market !== undefined) await node.#showMarket(init.wallet);
      if (init.mapPort !== undefined)
        node.#mapping = mapPort(node.engine.port, init.mapPort.onMapped ?? (() => undefined));
      return node;
    }
  }

  #startNetwork(localDiscovery: boolean): void {
    this.#network?.start(localDiscovery ? () => this.engine.port : undefined, (infoHash, peer) => {
      for (const torrent of this.#torrents.keys())
        if (torrent.wireInfoHashes.some((name) => toHex(name) === infoHash)) this.engine.addPeers(torrent, [peer]);
    });
  }

  async #showMarket(wallet: Wallet): Promise<void> {
    const { openMarketSocket } = await import("./market-socket.ts");
    this.#socket = await openMarketSocket(wallet.dir, () =>
      JSON.stringify(this.marketReport(), (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    );
  }

  /** What `everseed market` shows; undefined where the node takes no part. Money in nano base units. */
  marketReport() {
    const stats = this.#market?.market.stats();
    if (stats === undefined) return undefined;
    const peers = [...this.#torrents.values()].flatMap(({ payments }) => payments?.peers() ?? []);
    const torrents = stats.torrents.map(({ torrent: hash, reserve }) => {
      const torrent = [...this.#torrents.keys()].find(({ wireInfoHashes: [name] }) => name && toHex(name) === hash);
      return { infohash: hash, reserve, ...(torrent?.metainfo === undefined ? {} : { name: torrent.metainfo.name }) };
    });
    return {
      type: "market" as const,
      address: this.address,
      ...stats,
      torrents,
      earnedNano: peers.reduce((sum, { sold }) => sum + (sold?.earnedNano ?? 0n), 0n),
      spentNano: peers.reduce((sum, { bought }) => sum + (bought?.paidNano ?? 0n), 0n),
    };
  }

  /** The wallet's address, where there is one. */
  get address(): Address | undefined {
    return this.#payments?.address;
  }

  /** Throws EverseedError `payments-off` when the node was started without wallet and chain. */
  get payments(): NodePayments {
    if (this.#payments === undefined) {
      throw new EverseedError("payments-off", "Cannot use channels: this node has no wallet and no chain");
    }
    return this.#payments;
  }

  /** Loaded once, when the first torrent needs it. */
  #loadWebRtc({ iceServers = [], host }: NonNullable<NodeInit["webRtc"]>): Promise<WebRtc> {
    this.#webRtc ??= loadWebRtc(host === undefined ? {} : { host }).then(
      (RTCPeerConnection) => new WebRtc({ RTCPeerConnection, clock: systemClock, iceServers }),
    );
    return this.#webRtc;
  }

  /**
   * The torrent that the holder of a key names at present (BEP 46), as the DHT has it. Rejects with EverseedError `dht-off` or
   * `mutable-torrent`.
   */
  async presentTorrent(publicKey: Uint8Array, salt?: Uint8Array, until?: AbortSignal): Promise<PresentTorrent> {
    if (this.#network?.dht === undefined)
      throw new EverseedError("dht-off", "Cannot look up a torrent that changes: this node takes no part in the DHT", {
        hint: "On loopback the DHT is on when --dht-node names a node; elsewhere leave out --no-dht.",
      });
    const found = await this.#network.presentTorrent(publicKey, salt, until);
    if (found !== undefined) return found;
    throw new EverseedError("mutable-torrent", `Cannot find which torrent ${toHex(publicKey)} names: nobody has it`, {
      retryable: true,
    });
  }

  /** Looks now and then which torrent a key names, until it is stopped, and remembers the newest item between runs. Throws EverseedError `dht-off`. */
  follow(init: Omit<FollowerInit, "dht" | "clock" | "random" | "onItem">): Follower {
    const dht = this.#network?.dht;
    if (dht === undefined)
      throw new EverseedError("dht-off", "Cannot follow a torrent that changes: this node takes no part in the DHT");
    const keep = (item: MutableItem): void => {
      this.#keeping = this.#keeping.then(() => keepHeldItem(item));
    };
    const follower = new Follower({ ...init, dht, clock: systemClock, random: systemRandom, onItem: keep });
    if (init.item !== undefined) keep(init.item);
    follower.start();
    return follower;
  }

  async add(options: NodeTorrentInit): Promise<NodeTorrent> {
    const { selling, buying, onPayment } = options;
    const payments =
      selling === undefined && buying === undefined
        ? undefined
        : this.payments.extension({
            ...(selling === undefined ? {} : { selling }),
            ...(buying === undefined ? {} : { buying }),
            ...(options.market === false ? {} : { identify: this.#market !== undefined }),
            ...(onPayment === undefined ? {} : { onEvent: onPayment }),
          });
    const hashes = options.metainfo === undefined ? (options.infoHashes ?? []) : infoHashesOf(options.metainfo);
    const [name] = hashes;
    let torrent: Torrent | undefined;
    const market =
      payments === undefined || options.market === false
        ? undefined
        : this.#market?.torrent({
            names: hashes.map(wireInfoHash),
            payments,
            sells: selling?.price === "market",
            ...(buying === undefined ? {} : { buying }),
            terms: options.market ?? {},
            torrent: () => torrent,
          });
    const resume =
      options.remember === false || name === undefined ? undefined : await loadResume(wireInfoHash(name), options.dir);
    let discovery: Discovery | undefined;
    const added = await this.engine.add({
      ...(options.metainfo === undefined ? {} : { metainfo: options.metainfo }),
      ...(options.infoHashes === undefined ? {} : { infoHashes: options.infoHashes }),
      storage: (metainfo) =>
        createFileStorage(
          options.dir,
          metainfo,
          resume === undefined ? {} : { renamed: resumedNames(resume, metainfo) },
        ),
      ...(resume === undefined ? {} : { resume }),
      ...(options.priorities === undefined ? {} : { priorities: options.priorities }),
      // The market's sessions look for those of the payments.
      extensions: [payments, market?.extension].filter((extension) => extension !== undefined),
      ...(options.uploadSlots === undefined ? {} : { uploadSlots: options.uploadSlots }),
      ...(options.sequential === undefined ? {} : { sequential: options.sequential }),
      ...(options.superSeeding === undefined ? {} : { superSeeding: options.superSeeding }),
      onEvent: (event) => {
        // What was there from the start is no news to trackers.
        if (event.type === "complete") discovery?.completed();
        options.onEvent?.(event);
      },
      ...(options.onCheck === undefined ? {} : { onCheck: options.onCheck }),
    });
    torrent = added;
    const webRtc = this.#webRtcInit;
    discovery = new Discovery({
      engine: this.engine,
      torrent: added,
      ...(market === undefined ? {} : { market }),
      ...(this.#network === undefined ? {} : { network: this.#network }),
      ...(webRtc === undefined ? {} : { webRtc: () => this.#loadWebRtc(webRtc) }),
      announce: options.announce ?? options.metainfo?.announce ?? [],
      ...(options.onTracker === undefined ? {} : { onMessage: options.onTracker }),
    });
    const kept = options.remember === false ? {} : { resume: keepResume(added, options.dir) };
    const { webSeeds = [], onTracker } = options;
    const seeds =
      webSeeds === false
        ? {}
        : {
            webSeeds: keepWebSeeds({
              engine: this.engine,
              torrent: added,
              urls: webSeeds,
              allowLocal: this.#loopback,
              ...(onTracker === undefined ? {} : { onMessage: onTracker }),
            }),
          };
    this.#torrents.set(added, { discovery, market, payments, ...kept, ...seeds });
    discovery.start();
    return {
      torrent: added,
      payments,
      remove: async ({ deleteData = false } = {}) => {
        await this.#leave(added);
        if (deleteData && name !== undefined) await forgetResume(wireInfoHash(name), options.dir);
        await this.engine.remove(added, { deleteData });
      },
    };
  }

  async #leave(torrent: Torrent): Promise<void> {
    const { discovery, resume, webSeeds, market } = this.#torrents.get(torrent) ?? {};
    this.#torrents.delete(torrent);
    webSeeds?.stop();
    market?.stop();
    await Promise.all([discovery?.stop(), resume?.stop()]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#torrents.keys()].map((torrent) => this.#leave(torrent)));
    await this.#close();
    await this.#payments?.close();
    await this.#keeping;
  }

  async #close(): Promise<void> {
    await this.#socket?.close();
    await this.engine.stop();
    await Promise.all([this.#network?.close(), this.#mapping?.stop()]);
    const webRtc = await this.#webRtc?.catch(() => undefined);
    webRtc?.close();
    if (webRtc !== undefined) await unloadWebRtc();
    await this.#hasher.close();
  }
}

/** Wallet, channels and market, where a wallet and a chain are given. Rejects with EverseedError. */
async function openMoney({ wallet, chain, market, onClosing }: NodeInit) {
  if (wallet === undefined || chain === undefined) return undefined;
  const { NodePayments } = await import("./payments.ts");
  const payments = await NodePayments.open(wallet, chain, onClosing);
  if (market === undefined) return { payments, market: undefined };
  const { NodeMarket } = await import("./market.ts");
  return { payments, market: new NodeMarket(wallet, chain, market) };
}

function isLocalHost(host: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(host);
}

/** A budget in base units as the nano base units that lanes count in. */
export function budgetOf(baseUnits: bigint): BuyingTerms["budget"] {
  return { limitNano: baseUnits * NANO, spentNano: 0n };
}
