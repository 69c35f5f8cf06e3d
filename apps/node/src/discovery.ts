/** Keeps one torrent known to its trackers, and the engine supplied with their peers. */
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

/** Each is a socket that stays open. */
const MAX_WEB_TRACKERS = 8;

export interface DiscoveryInit {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly announce: readonly (readonly string[])[];
  /** Loads WebRTC, when the torrent has a tracker that needs it. Without it, WebSocket trackers are left out. */
  readonly webRtc?: () => Promise<WebRtc>;
  readonly onMessage?: (message: string) => void;
}

export class Discovery {
  readonly #clients: TrackerClient[] = [];
  readonly #torrent: Torrent;
  readonly #init: DiscoveryInit;
  #stopped = false;

  constructor(init: DiscoveryInit) {
    const { engine, torrent, announce, onMessage } = init;
    this.#init = init;
    this.#torrent = torrent;
    this.#clients.push(
      createTrackerClient({
        tiers: announce,
        wireInfoHashes: torrent.wireInfoHashes,
        peerId: engine.peerId,
        http: httpGet,
        openUdp,
        clock: systemClock,
        random: systemRandom,
        progress: () => ({ ...this.#progress(), port: engine.port }),
        onPeers: (peers) => engine.addPeers(torrent, peers),
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
    if (webRtc !== undefined && urls.length > 0) void this.#startWeb(webRtc, urls);
  }

  /** The download is complete, and was not when it began. */
  completed(): void {
    for (const client of this.#clients) client.completed();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients.map((client) => client.stop()));
  }
}
