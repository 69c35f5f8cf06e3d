/** Keeps one torrent known to its trackers, and the engine supplied with their peers. */
import { systemClock, systemRandom } from "@everseed/core";
import { createTrackerClient, type Engine, type Torrent, type TrackerClient } from "@everseed/engine";
import { httpGet, openUdp } from "@everseed/engine/node";

export interface DiscoveryInit {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly announce: readonly (readonly string[])[];
  readonly onMessage?: (message: string) => void;
}

export class Discovery {
  readonly #client: TrackerClient;
  readonly #torrent: Torrent;
  #timer: NodeJS.Timeout | undefined;
  #wasComplete = false;

  constructor({ engine, torrent, announce, onMessage }: DiscoveryInit) {
    this.#torrent = torrent;
    this.#client = createTrackerClient({
      tiers: announce,
      wireInfoHashes: torrent.wireInfoHashes,
      peerId: engine.peerId,
      http: httpGet,
      openUdp,
      clock: systemClock,
      random: systemRandom,
      progress: () => {
        const { uploadedBytes, downloadedBytes, totalBytes, haveBytes } = torrent.stats();
        // Before the metadata nobody knows what is left; one byte says "not a seeder".
        const left = torrent.metainfo === undefined ? 1 : totalBytes - haveBytes;
        return {
          port: engine.port,
          uploaded: uploadedBytes,
          downloaded: downloadedBytes,
          left,
          wantsPeers: torrent.wantsPeers,
        };
      },
      onPeers: (peers) => engine.addPeers(torrent, peers),
      ...(onMessage === undefined ? {} : { onMessage }),
    });
  }

  start(): void {
    this.#wasComplete = this.#torrent.state === "seeding";
    this.#client.start();
    this.#timer = setInterval(() => {
      if (this.#wasComplete || this.#torrent.state !== "seeding") return;
      this.#wasComplete = true;
      this.#client.completed();
    }, 500);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.stop();
  }
}
