/**
 * What a node shares among its torrents to find peers: one UDP port with the DHT on it, and local discovery. What the DHT
 * knows is remembered between runs.
 */
import { lookup } from "node:dns/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, systemRandom } from "@everseed/core";
import {
  type DatagramPort,
  Dht,
  LocalDiscovery,
  type PeerAddress,
  type PresentTorrent,
  presentTorrent,
} from "@everseed/engine";
import { openDatagramPort, openMulticast } from "@everseed/engine/node";
import { loadHeldItem } from "./held-items.ts";
import { homeDir, readJson, writeJson } from "./home.ts";

/** Long-lived nodes that answer anybody, kept by the makers of other clients. */
const BOOTSTRAP: readonly PeerAddress[] = [
  { host: "router.bittorrent.com", port: 6881 },
  { host: "dht.transmissionbt.com", port: 6881 },
  { host: "router.utorrent.com", port: 6881 },
  { host: "dht.libtorrent.org", port: 25_401 },
];
const MAX_SAVED_NODES = 200;
/** Lookups at a time: a node with a thousand torrents must not flood its neighbours. */
const MAX_ANNOUNCING = 4;
/** What was not found is asked for again, as nodes come: so often, after so long. */
const RESOLVE_ATTEMPTS = 6;
const RESOLVE_AGAIN_MS = 5_000;

export interface NetworkInit {
  /** UDP port; 0 takes any free one. */
  readonly port: number;
  readonly host?: string;
  readonly dht?: DhtSettings | false;
  readonly localDiscovery?: boolean;
}

export interface DhtSettings {
  /** @default the usual public ones */
  readonly bootstrap?: readonly PeerAddress[];
  /** Believes in private addresses. @default false */
  readonly local?: boolean;
}

/** Nodes only, no id: several nodes may share a home, and two with one id would not see each other. */
interface SavedDht {
  readonly nodes: readonly PeerAddress[];
}

export class NodeNetwork {
  readonly udp: DatagramPort;
  readonly dht: Dht | undefined;
  #local: LocalDiscovery | undefined;
  /** Over when the DHT has been joined. */
  joined: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();
  #announcing = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(udp: DatagramPort, dht: Dht | undefined) {
    this.udp = udp;
    this.dht = dht;
  }

  /** Binds the port. Rejects with EverseedError `listen-failed`. */
  static async open(init: NetworkInit): Promise<NodeNetwork> {
    const port = await openDatagramPort(init.port, init.host);
    if (init.dht === false || init.dht === undefined) return new NodeNetwork(port, undefined);
    const saved = await readJson<SavedDht>(savedPath()).catch(() => undefined);
    const dht = new Dht({
      port,
      clock: systemClock,
      random: systemRandom,
      bootstrap: init.dht.bootstrap ?? BOOTSTRAP,
      resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
      ...(init.dht.local === undefined ? {} : { local: init.dht.local }),
      ...(saved !== undefined && Array.isArray(saved.nodes) ? { nodes: saved.nodes.slice(0, MAX_SAVED_NODES) } : {}),
    });
    return new NodeNetwork(port, dht);
  }

  /** Joins the DHT and, where it is wanted, the local groups. `onPeer`: somebody near has a torrent of ours. */
  start(localPort: (() => number) | undefined, onPeer: (infoHash: string, peer: PeerAddress) => void): void {
    this.joined = this.dht?.start() ?? Promise.resolve();
    if (localPort === undefined) return;
    this.#local = new LocalDiscovery({
      clock: systemClock,
      random: systemRandom,
      port: localPort,
      open: openMulticast,
      onPeer,
    });
    void this.#local.start();
  }

  /** Announces a torrent in the DHT, a few at a time; resolves with how many nodes took it. `name`: 20 bytes; `port`: TCP. */
  async announce(name: Uint8Array, port: number, onPeers: (peers: readonly PeerAddress[]) => void): Promise<number> {
    const { dht } = this;
    if (dht === undefined) return 0;
    while (this.#announcing >= MAX_ANNOUNCING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#announcing++;
    try {
      return await dht.announce(name, port, onPeers);
    } finally {
      this.#announcing--;
      this.#waiting.shift()?.();
    }
  }

  /**
   * The torrent that the holder of the key names at present (BEP 46); undefined when nobody knows `until` then. What is held
   * from an earlier run is believed where nobody has a newer item.
   */
  async presentTorrent(
    publicKey: Uint8Array,
    salt?: Uint8Array,
    until?: AbortSignal,
  ): Promise<PresentTorrent | undefined> {
    const { dht } = this;
    if (dht === undefined) return undefined;
    const signal = AbortSignal.any([this.#closing.signal, ...(until === undefined ? [] : [until])]);
    const held = await loadHeldItem(publicKey, salt);
    await this.joined;
    for (let attempt = 1; ; attempt++) {
      const found = await dht.getMutable(publicKey, salt);
      const newest = found !== undefined && (held === undefined || found.mutable.seq > held.mutable.seq) ? found : held;
      const torrent = newest && presentTorrent(newest);
      if (torrent !== undefined || attempt >= RESOLVE_ATTEMPTS || signal.aborted) return torrent;
      await sleep(RESOLVE_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Makes a torrent known near by. `name`: 20 bytes. */
  addLocal(name: Uint8Array): void {
    this.#local?.add(name);
  }

  removeLocal(name: Uint8Array): void {
    this.#local?.remove(name);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#local?.stop();
    if (this.dht !== undefined) {
      const { dht } = this;
      dht.stop();
      const nodes = dht.nodes().slice(0, MAX_SAVED_NODES);
      // Without it the next start asks the public nodes again.
      if (nodes.length > 0) await writeJson(savedPath(), { nodes }).catch(() => undefined);
    }
    await this.udp.close();
  }
}

function savedPath(): string {
  return join(homeDir(), "dht.json");
}
