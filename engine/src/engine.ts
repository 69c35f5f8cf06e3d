/**
 * The engine: torrents, the transports they share, and one timer. Everything from outside is handed in (clock, chance,
 * hashing, storage, transports), so the same engine runs in Node, in a browser and in the simulator.
 */

import { type Choker, titForTat } from "@everseed/choking";
import {
  type Clock,
  EverseedError,
  equalBytes,
  type InfoHash,
  infoHashHex,
  type RandomBytes,
  utf8,
  wireInfoHash,
} from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES, type Handshake } from "@everseed/wire";
import type { PeerExtension } from "./extension.ts";
import type { Hasher } from "./hasher.ts";
import { TokenBucket } from "./limits/token-bucket.ts";
import type { Bitfield } from "./piece/bitfield.ts";
import type { StorageFactory } from "./storage.ts";
import { FaultLedger } from "./swarm/fault-ledger.ts";
import { type PeerAddress, PeerBook } from "./swarm/peer-book.ts";
import { Torrent } from "./torrent/torrent.ts";
import type { TorrentEvent } from "./torrent/types.ts";
import type { Connection, Transport } from "./transport.ts";

export const VERSION = "0.1.0";
const CLIENT_NAME = `Everseed ${VERSION}`;
/** Azureus-style prefix (BEP 20). */
const PEER_ID_PREFIX = "-ES0100-";
const HANDSHAKE_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_HALF_OPEN = 32;
const MAX_PENDING_INBOUND = 128;
const TICK_MS = 1_000;

export interface EngineInit {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly hasher: Hasher;
  readonly transports: readonly Transport[];
  /** @default titForTat */
  readonly choker?: Choker;
  /** Bytes per second over all torrents; undefined: no limit. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  /** Connections over all torrents. @default 500 */
  readonly maxConnections?: number;
}

export interface AddTorrent {
  readonly metainfo?: Metainfo;
  /** For a magnet link: what it names. */
  readonly infoHashes?: readonly InfoHash[];
  readonly storage: StorageFactory;
  readonly extensions?: readonly PeerExtension[];
  /** Bytes per second. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  /** @default 80 */
  readonly maxPeers?: number;
  /** @default 8 */
  readonly uploadSlots?: number;
  readonly sequential?: boolean;
  /** Pieces known to be on disk: skips the check at start. */
  readonly trust?: Bitfield;
  readonly onEvent?: (event: TorrentEvent) => void;
  /** Progress of the first check. Bytes. */
  readonly onCheck?: (doneBytes: number, totalBytes: number) => void;
}

/** Of a connection's handshake. Refused: the torrent has this peer already, or has enough. */
type Outcome = "joined" | "refused" | "failed";

interface Entry {
  readonly torrent: Torrent;
  readonly book: PeerBook;
  readonly hashes: readonly InfoHash[];
}

export class Engine {
  readonly peerId: Uint8Array;
  readonly #init: EngineInit;
  readonly #entries = new Map<string, Entry>();
  readonly #download: TokenBucket;
  readonly #upload: TokenBucket;
  readonly #faults: FaultLedger;
  readonly #choker: Choker;
  #port = 0;
  #halfOpen = 0;
  #pendingInbound = 0;
  #cancelTick: (() => void) | undefined;
  #stopped = false;

  constructor(init: EngineInit) {
    this.#init = init;
    this.#choker = init.choker ?? titForTat;
    const now = init.clock.now();
    this.#download = new TokenBucket(init.downloadLimit, now);
    this.#upload = new TokenBucket(init.uploadLimit, now);
    this.#faults = new FaultLedger();
    this.peerId = new Uint8Array(20);
    this.peerId.set(utf8(PEER_ID_PREFIX));
    this.peerId.set(init.random(12), 8);
    this.#scheduleTick();
  }

  /** The port peers can reach; 0 before `listen`. */
  get port(): number {
    return this.#port;
  }

  /** Accepts peers on all transports. Port 0 takes any free one. Rejects with EverseedError `listen-failed`. */
  async listen(port: number, host?: string): Promise<number> {
    for (const transport of this.#init.transports) {
      this.#port = await transport.listen(this.#port || port, (connection) => this.#inbound(connection), host);
    }
    return this.#port;
  }

  /** Adds a torrent and checks what its storage holds already. Throws EverseedError `torrent-duplicate`, or of the storage. */
  async add(options: AddTorrent): Promise<Torrent> {
    const hashes = options.metainfo === undefined ? (options.infoHashes ?? []) : infoHashesOf(options.metainfo);
    const names = hashes.map(wireInfoHash);
    if (names.length === 0)
      throw new EverseedError("torrent-unnamed", "Cannot add a torrent without metainfo or infohash");
    const key = infoHashHex(hashes[0] as InfoHash);
    if (names.some((name) => this.#find(name) !== undefined)) {
      throw new EverseedError("torrent-duplicate", `Cannot add the torrent ${key}: it is there already`);
    }
    const { clock, random, hasher } = this.#init;
    const now = clock.now();
    const book = new PeerBook();
    const torrent = new Torrent({
      wireInfoHashes: names,
      ...(options.metainfo === undefined ? {} : { metainfo: options.metainfo }),
      storage: options.storage,
      settings: {
        maxPeers: options.maxPeers ?? 80,
        uploadSlots: options.uploadSlots ?? 8,
        sequential: options.sequential ?? false,
      },
      clock,
      random,
      hasher,
      peerId: this.peerId,
      listenPort: () => this.#port,
      clientName: CLIENT_NAME,
      choker: this.#choker,
      extensions: options.extensions ?? [],
      downloadBuckets: [this.#download, new TokenBucket(options.downloadLimit, now)],
      uploadBuckets: [this.#upload, new TokenBucket(options.uploadLimit, now)],
      acceptsInfo: (info) =>
        hashes.every((hash) => equalBytes(hash.bytes, hash.version === 1 ? info.sha1 : info.sha256)),
      onEvent: (event) => {
        if (event.type === "fault") this.#faults.record(hostOf(event.remote), clock.now());
        if (event.type === "peer-closed") {
          book.left(event.remote, !(event.seed && torrent.state === "seeding"), clock.now());
        }
        options.onEvent?.(event);
      },
    });
    this.#entries.set(key, { torrent, book, hashes });
    try {
      await torrent.start({
        ...(options.onCheck === undefined ? {} : { onProgress: options.onCheck }),
        ...(options.trust === undefined ? {} : { trust: options.trust }),
      });
    } catch (error) {
      this.#entries.delete(key);
      await torrent.stop();
      throw error;
    }
    return torrent;
  }

  /** Offers addresses of peers, from a tracker or by hand. */
  addPeers(torrent: Torrent, addresses: readonly PeerAddress[]): void {
    const entry = this.#entryOf(torrent);
    if (entry === undefined) return;
    for (const address of addresses) entry.book.add(address);
    this.#dial(entry);
  }

  /**
   * Takes a connection that was opened for this torrent without an address to dial (WebRTC), and sets its handlers at once.
   * Both sides speak first: each knows the torrent. `name` is the infohash they met under. @default the torrent's first
   */
  addConnection(torrent: Torrent, connection: Connection, name?: Uint8Array): void {
    const entry = this.#entryOf(torrent);
    if (entry === undefined || !this.#hasRoomFor(connection)) return refuse(connection);
    this.#pendingInbound++;
    this.#shake(connection, {
      first: this.#handshake(name ?? wireInfoHash(entry.hashes[0] as InfoHash), entry.hashes),
      accept: (theirs) =>
        torrent.answersTo(theirs.wireInfoHash) && !equalBytes(theirs.peerId, this.peerId) ? entry : undefined,
      onEnd: () => void this.#pendingInbound--,
    });
  }

  async remove(torrent: Torrent): Promise<void> {
    for (const [key, entry] of this.#entries) if (entry.torrent === torrent) this.#entries.delete(key);
    await torrent.stop();
  }

  /** Stops all torrents and closes all transports. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTick?.();
    await Promise.all([...this.#entries.values()].map(({ torrent }) => torrent.stop()));
    this.#entries.clear();
    await Promise.all(this.#init.transports.map((transport) => transport.close()));
  }

  setLimits(limits: { downloadLimit?: number; uploadLimit?: number }): void {
    const now = this.#init.clock.now();
    this.#download.setRate(limits.downloadLimit, now);
    this.#upload.setRate(limits.uploadLimit, now);
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#init.clock.after(TICK_MS, () => {
      if (this.#stopped) return;
      for (const entry of this.#entries.values()) {
        entry.torrent.tick();
        this.#dial(entry);
      }
      this.#scheduleTick();
    });
  }

  #find(name: Uint8Array): Entry | undefined {
    for (const entry of this.#entries.values()) if (entry.torrent.answersTo(name)) return entry;
    return undefined;
  }

  #entryOf(torrent: Torrent): Entry | undefined {
    for (const entry of this.#entries.values()) if (entry.torrent === torrent) return entry;
    return undefined;
  }

  get #connections(): number {
    let n = 0;
    for (const { torrent } of this.#entries.values()) n += torrent.peerCount;
    return n;
  }

  /** Connects to known addresses while the torrent wants peers. */
  #dial(entry: Entry): void {
    const limit = this.#init.maxConnections ?? 500;
    while (
      !this.#stopped &&
      entry.torrent.wantsPeers &&
      this.#halfOpen < MAX_HALF_OPEN &&
      this.#connections + this.#halfOpen < limit
    ) {
      const now = this.#init.clock.now();
      const address = entry.book.next(now, (host) => !this.#faults.banned(host, now));
      if (address === undefined) return;
      this.#halfOpen++;
      void this.#connect(entry, address).finally(() => {
        this.#halfOpen--;
        if (this.#entries.size > 0) this.#dial(entry);
      });
    }
  }

  async #connect(entry: Entry, address: PeerAddress): Promise<void> {
    const [transport] = this.#init.transports;
    if (transport === undefined) return;
    try {
      const connection = await transport.connect(address.host, address.port, { timeoutMs: CONNECT_TIMEOUT_MS });
      const name = wireInfoHash(entry.hashes[0] as InfoHash);
      this.#shake(connection, {
        first: this.#handshake(name, entry.hashes),
        accept: (theirs) => {
          // A hybrid's peer may answer a v1 handshake with the v2 name (BEP 52, "upgrade path").
          if (!entry.torrent.answersTo(theirs.wireInfoHash) || equalBytes(theirs.peerId, this.peerId)) return undefined;
          return entry;
        },
        onEnd: (joined) => {
          if (joined === "refused") entry.book.left(connection.remote, false, this.#init.clock.now());
          if (joined === "failed") entry.book.failed(address, this.#init.clock.now());
        },
      });
    } catch {
      entry.book.failed(address, this.#init.clock.now());
    }
  }

  /** Whether one more connection that we did not dial may begin its handshake. */
  #hasRoomFor(connection: Connection): boolean {
    const full = this.#connections + this.#pendingInbound >= (this.#init.maxConnections ?? 500);
    return (
      !this.#stopped &&
      !full &&
      this.#pendingInbound < MAX_PENDING_INBOUND &&
      !this.#faults.banned(hostOf(connection.remote), this.#init.clock.now())
    );
  }

  #inbound(connection: Connection): void {
    if (!this.#hasRoomFor(connection)) return refuse(connection);
    this.#pendingInbound++;
    this.#shake(connection, {
      accept: (theirs) => {
        const entry = equalBytes(theirs.peerId, this.peerId) ? undefined : this.#find(theirs.wireInfoHash);
        if (entry !== undefined) connection.send([this.#handshake(theirs.wireInfoHash, entry.hashes)]);
        return entry;
      },
      onEnd: () => {
        this.#pendingInbound--;
      },
    });
  }

  #handshake(name: Uint8Array, hashes: readonly InfoHash[]): Uint8Array {
    return encodeHandshake({
      wireInfoHash: name,
      peerId: this.peerId,
      extensions: { extended: true, fast: true, dht: false, v2: hashes.some((hash) => hash.version === 2) },
    });
  }

  /** Reads the peer's 68-byte handshake and hands the connection to its torrent. `onEnd` is called exactly once. */
  #shake(
    connection: Connection,
    steps: { first?: Uint8Array; accept: (theirs: Handshake) => Entry | undefined; onEnd: (outcome: Outcome) => void },
  ): void {
    let buffered: Uint8Array = new Uint8Array();
    let ended = false;
    const end = (outcome: Outcome): void => {
      if (ended) return;
      ended = true;
      cancel();
      steps.onEnd(outcome);
      if (outcome === "failed") connection.close();
    };
    const cancel = this.#init.clock.after(HANDSHAKE_TIMEOUT_MS, () => end("failed"));
    connection.handlers = {
      onData: (chunk) => {
        const joined = new Uint8Array(buffered.length + chunk.length);
        joined.set(buffered);
        joined.set(chunk, buffered.length);
        buffered = joined;
        if (buffered.length < HANDSHAKE_BYTES || ended) return;
        let theirs: Handshake;
        try {
          theirs = decodeHandshake(buffered.slice(0, HANDSHAKE_BYTES));
        } catch {
          return end("failed");
        }
        const entry = steps.accept(theirs);
        if (entry === undefined) return end("failed");
        const peer = entry.torrent.addPeer(connection, theirs);
        end(peer === undefined ? "refused" : "joined");
        if (buffered.length > HANDSHAKE_BYTES) peer?.feed(buffered.subarray(HANDSHAKE_BYTES));
      },
      onDrain() {},
      onClose: () => end("failed"),
    };
    if (steps.first !== undefined) connection.send([steps.first]);
  }
}

export function infoHashesOf(metainfo: Metainfo): InfoHash[] {
  return [metainfo.infoHashV1, metainfo.infoHashV2].filter((hash) => hash !== undefined);
}

function refuse(connection: Connection): void {
  connection.handlers = { onData() {}, onDrain() {}, onClose() {} };
  connection.close();
}

/** The address without its port: what faults are counted against. */
function hostOf(remote: string): string {
  return remote.slice(0, remote.lastIndexOf(":"));
}
