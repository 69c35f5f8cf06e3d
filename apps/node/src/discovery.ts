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
  constructor({ engine, torrent, announce, onMessage }: DiscoveryInit) {
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
    this.#client.start();
  }

  /** The download is complete, and was not when it began. */
  completed(): void {
    this.#client.completed();
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }
}
