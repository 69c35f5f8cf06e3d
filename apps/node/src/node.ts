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
  createUtpTransport,
  type EncryptionPolicy,
  Engine,
  infoHashesOf,
  type PaymentEvent,
  type PaymentExtension,
  type QueueLimits,
  resumedNames,
  type SellingTerms,
  type Torrent,
  type TorrentEvent,
  type Transport,
  WebRtc,
} from "@everseed/engine";
import { createFileStorage, createTcpTransport, createWorkerHasher, loadWebRtc } from "@everseed/engine/node";
import type { Metainfo } from "@everseed/metainfo";
import type { ChainConfig } from "./chain-config.ts";
import { Discovery } from "./discovery.ts";
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
  readonly #payments: NodePayments | undefined;
  /** What ends with each torrent. */
  readonly #torrents = new Map<
    Torrent,
    { readonly discovery: Discovery; readonly resume?: { stop(): Promise<void> }; readonly webSeeds?: { stop(): void } }
  >();
  readonly #hasher: ReturnType<typeof createWorkerHasher>;
  readonly #webRtcInit: NodeInit["webRtc"];
  #webRtc: Promise<WebRtc> | undefined;

  readonly #network: NodeNetwork | undefined;
  #mapping: PortMapping | undefined;
  /** It talks to this machine alone. */
  readonly #loopback: boolean;

  private constructor(init: NodeInit, payments: NodePayments | undefined, network: NodeNetwork | undefined) {
    this.#payments = payments;
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
      ...(init.encryption === undefined ? {} : { encryption: init.encryption }),
      ...(init.filter === undefined ? {} : { filter: init.filter }),
      ...(init.queue === undefined ? {} : { queue: init.queue }),
      ...(init.downloadLimit === undefined ? {} : { downloadLimit: init.downloadLimit }),
      ...(init.uploadLimit === undefined ? {} : { uploadLimit: init.uploadLimit }),
    });
  }

  /** Opens wallet and channels, and listens. Rejects with EverseedError. */
  static async start(init: NodeInit): Promise<EverseedNode> {
    const payments =
      init.wallet !== undefined && init.chain !== undefined
        ? await (await import("./payments.ts")).NodePayments.open(init.wallet, init.chain)
        : undefined;
    const utp = init.transports?.includes("utp") === true;
    const open = init.dht !== undefined || init.localDiscovery === true || utp;
    for (let attempt = 0; ; attempt++) {
      const network = open ? await NodeNetwork.open(init) : undefined;
      const node = new EverseedNode(init, payments, network);
      try {
        // Peers expect TCP and UDP on one port: what was free for the one may be taken for the other.
        await node.engine.listen(network?.udp.port ?? init.port, init.host);
      } catch (error) {
        await node.#close();
        if (open && init.port === 0 && attempt < PORT_ATTEMPTS) continue;
        await payments?.close();
        throw error;
      }
      node.#startNetwork(init.localDiscovery === true);
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

  async add(options: NodeTorrentInit): Promise<NodeTorrent> {
    const { selling, buying, onPayment } = options;
    const payments =
      selling === undefined && buying === undefined
        ? undefined
        : this.payments.extension({
            ...(selling === undefined ? {} : { selling }),
            ...(buying === undefined ? {} : { buying }),
            ...(onPayment === undefined ? {} : { onEvent: onPayment }),
          });
    const [name] = options.metainfo === undefined ? (options.infoHashes ?? []) : infoHashesOf(options.metainfo);
    const resume =
      options.remember === false || name === undefined ? undefined : await loadResume(wireInfoHash(name), options.dir);
    let discovery: Discovery | undefined;
    const torrent = await this.engine.add({
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
      extensions: payments === undefined ? [] : [payments],
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
    const webRtc = this.#webRtcInit;
    discovery = new Discovery({
      engine: this.engine,
      torrent,
      ...(this.#network === undefined ? {} : { network: this.#network }),
      ...(webRtc === undefined ? {} : { webRtc: () => this.#loadWebRtc(webRtc) }),
      announce: options.announce ?? options.metainfo?.announce ?? [],
      ...(options.onTracker === undefined ? {} : { onMessage: options.onTracker }),
    });
    const kept = options.remember === false ? {} : { resume: keepResume(torrent, options.dir) };
    const { webSeeds = [], onTracker } = options;
    const seeds =
      webSeeds === false
        ? {}
        : {
            webSeeds: keepWebSeeds({
              engine: this.engine,
              torrent,
              urls: webSeeds,
              allowLocal: this.#loopback,
              ...(onTracker === undefined ? {} : { onMessage: onTracker }),
            }),
          };
    this.#torrents.set(torrent, { discovery, ...kept, ...seeds });
    discovery.start();
    return {
      torrent,
      payments,
      remove: async ({ deleteData = false } = {}) => {
        await this.#leave(torrent);
        if (deleteData && name !== undefined) await forgetResume(wireInfoHash(name), options.dir);
        await this.engine.remove(torrent, { deleteData });
      },
    };
  }

  async #leave(torrent: Torrent): Promise<void> {
    const { discovery, resume, webSeeds } = this.#torrents.get(torrent) ?? {};
    this.#torrents.delete(torrent);
    webSeeds?.stop();
    await Promise.all([discovery?.stop(), resume?.stop()]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#torrents.keys()].map((torrent) => this.#leave(torrent)));
    await this.#close();
    await this.#payments?.close();
  }

  async #close(): Promise<void> {
    await this.engine.stop();
    await Promise.all([this.#network?.close(), this.#mapping?.stop()]);
    (await this.#webRtc?.catch(() => undefined))?.close();
    await this.#hasher.close();
  }
}

function isLocalHost(host: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(host);
}

/** A budget in base units as the nano base units that lanes count in. */
export function budgetOf(baseUnits: bigint): BuyingTerms["budget"] {
  return { limitNano: baseUnits * NANO, spentNano: 0n };
}
