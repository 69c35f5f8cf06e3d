/** Keeps one torrent known to its trackers, and the engine supplied with their peers. */
import { lookup } from "node:dns/promises";
import { systemClock, systemRandom } from "@everseed/core";
import {
  createTrackerClient,
  createWebSocketTracker,
  type Engine,
  type Torrent,
  type TrackerClient,
  type WebRtc,
} from "@everseed/engine";
import { httpGet, openUdp } from "@everseed/engine/node";
import type { MarketTorrentParts } from "./market.ts";
import type { NodeNetwork } from "./network.ts";

/** BEP 5's nodes forget an announce after half an hour. */
const OPEN_ANNOUNCE_MS = 15 * 60_000;
/** A download that has found nobody, and whoever nobody listens to, look again this soon; then after twice as long. */
const LONELY_MS = 5_000;
/** Each is a socket that stays open. */
const MAX_WEB_TRACKERS = 8;

export interface DiscoveryInit {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly announce: readonly (readonly string[])[];
  /** Loads WebRTC, when the torrent has a tracker that needs it. Without it, WebSocket trackers are left out. */
  readonly webRtc?: () => Promise<WebRtc>;
  /** What trackers are told and tell of bids. */
  readonly market?: Pick<MarketTorrentParts, "tracker" | "onPeers">;
  /** The DHT and local discovery, for torrents that are not private. */
  readonly network?: NodeNetwork;
  readonly onMessage?: (message: string) => void;
}

export class Discovery {
  readonly #clients: TrackerClient[] = [];
  readonly #torrent: Torrent;
  readonly #init: DiscoveryInit;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(init: DiscoveryInit) {
    const { engine, torrent, announce, onMessage, market } = init;
    this.#init = init;
    this.#torrent = torrent;
    this.#clients.push(
      createTrackerClient({
        tiers: announce,
        wireInfoHashes: torrent.wireInfoHashes,
        peerId: engine.peerId,
        http: httpGet,
        openUdp,
        resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
        clock: systemClock,
        random: systemRandom,
        progress: () => ({ ...this.#progress(), port: engine.port }),
        onPeers: (peers, infoHash) => {
          market?.onPeers(peers, infoHash);
          engine.addPeers(torrent, peers);
        },
        ...market?.tracker,
        ...(onMessage === undefined ? {} : { onMessage }),
      }),
    );
  }

  #progress(): { uploaded: number; downloaded: number; left: number; wantsPeers: boolean } {
    const { uploadedBytes, downloadedBytes, totalBytes, haveBytes } = this.#torrent.stats();
    return {
      uploaded: uploadedBytes,
      downloaded: downloadedBytes,
      // Before the metadata nobody knows what is left; one byte says "not a seeder".
      left: this.#torrent.metainfo === undefined ? 1 : totalBytes - haveBytes,
      wantsPeers: this.#torrent.wantsPeers,
    };
  }

  /** WebSocket trackers carry offers, no addresses: each is asked beside the others, not in their order. */
  async #startWeb(load: () => Promise<WebRtc>, urls: readonly string[]): Promise<void> {
    const { engine, torrent, onMessage } = this.#init;
    let webRtc: WebRtc;
    try {
      webRtc = await load();
    } catch (error) {
      return onMessage?.((error as Error).message);
    }
    if (this.#stopped) return;
    for (const url of urls) {
      const client = createWebSocketTracker({
        url,
        wireInfoHashes: torrent.wireInfoHashes,
        peerId: engine.peerId,
        WebSocket,
        webRtc,
        clock: systemClock,
        random: systemRandom,
        progress: () => this.#progress(),
        ...this.#init.market?.tracker,
        onConnection: (connection, name) => engine.addConnection(torrent, connection, name),
        ...(onMessage === undefined ? {} : { onMessage }),
      });
      this.#clients.push(client);
      client.start();
    }
  }

  start(): void {
    for (const client of this.#clients) client.start();
    const { announce, webRtc } = this.#init;
    const urls = [...new Set(announce.flat().filter((url) => /^wss?:\/\//i.test(url)))].slice(0, MAX_WEB_TRACKERS);
    const { network, torrent } = this.#init;
    if (network !== undefined && torrent.metainfo?.private !== true) this.#startOpen(network);
    if (webRtc !== undefined && urls.length > 0) void this.#startWeb(webRtc, urls);
  }

  /**
   * Announces in the DHT and near by, again and again. A magnet's torrent may prove private (BEP 27): it was asked for in
   * the open by then, and is taken back.
   */
  #startOpen(network: NodeNetwork): void {
    const { engine, torrent } = this.#init;
    let lonelyMs = LONELY_MS;
    const round = async (): Promise<void> => {
      if (this.#stopped) return;
      const isPrivate = torrent.metainfo?.private === true;
      let told = 0;
      for (const name of torrent.wireInfoHashes) {
        if (isPrivate) network.removeLocal(name);
        else if (torrent.running) {
          network.addLocal(name);
          told += await network.announce(name, engine.port, (peers) => engine.addPeers(torrent, peers));
        }
      }
      if (this.#stopped || isPrivate) return;
      const lonely = network.dht !== undefined && (told === 0 || (torrent.peerCount === 0 && !torrent.complete));
      lonelyMs = lonely ? Math.min(OPEN_ANNOUNCE_MS, lonelyMs * 2) : LONELY_MS;
      this.#timer = setTimeout(() => void round(), lonely ? lonelyMs / 2 : OPEN_ANNOUNCE_MS);
      this.#timer.unref();
    };
    void round();
  }

  /** The download is complete, and was not when it began. */
  completed(): void {
    for (const client of this.#clients) client.completed();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const name of this.#torrent.wireInfoHashes) this.#init.network?.removeLocal(name);
    await Promise.all(this.#clients.map((client) => client.stop()));
  }
}
