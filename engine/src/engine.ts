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
import type { EncryptionPolicy } from "./encryption/policy.ts";
import type { PeerExtension } from "./extension.ts";
import type { Hasher } from "./hasher.ts";
import { TokenBucket } from "./limits/token-bucket.ts";
import { UploadShare } from "./limits/upload-share.ts";
import type { Peer } from "./peer/peer.ts";
import type { QueueLimits } from "./queue.ts";
import type { StorageFactory } from "./storage.ts";
import type { AddressFilter } from "./swarm/address-filter.ts";
import { Dialer } from "./swarm/dialer.ts";
import { FaultLedger } from "./swarm/fault-ledger.ts";
import { Introducer } from "./swarm/introducer.ts";
import { type PeerAddress, PeerBook } from "./swarm/peer-book.ts";
import { Puncher } from "./swarm/puncher.ts";
import { type TableEntry, TorrentTable } from "./swarm/torrent-table.ts";
import { UTP } from "./torrent/contact.ts";
import { Torrent } from "./torrent/torrent.ts";
import type { DhtContact, TorrentEvent } from "./torrent/types.ts";
import { TorrentQueue } from "./torrent-queue.ts";
import type { Connection, Transport } from "./transport.ts";

export const VERSION = "0.1.0";
const CLIENT_NAME = `Everseed ${VERSION}`;
/** Azureus-style prefix (BEP 20). */
const PEER_ID_PREFIX = "-ES0100-";
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
  /** Gives the slots of all torrents together, in place of a choker for each. */
  readonly slotRule?: SlotRule;
  /** Bytes per second over all torrents; undefined: no limit. */
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  /** Connections over all torrents. @default 500 */
  readonly maxConnections?: number;
  /** Addresses that are no peers of ours. */
  readonly filter?: AddressFilter;
  /** How many torrents run at a time. @default DEFAULT_QUEUE */
  readonly queue?: QueueLimits;
  /** The DHT that peers are told of. */
  readonly dht?: DhtContact;
  /** @default prefer */
  readonly encryption?: EncryptionPolicy;
  /** Meets peers behind NATs by way of others, and introduces them (BEP 55), where there is uTP. @default true */
  readonly holepunch?: boolean;
}

/** What an engine holds at the moment, over all torrents: none of it may outlast the peers it is about. */
export interface EngineLoad {
  readonly connections: number;
  /** Being dialled, and in the handshake of somebody who dialled us. */
  readonly halfOpen: number;
  readonly pendingInbound: number;
  /** Of peers, to dial. */
  readonly addresses: number;
  /** Hosts whose faults are counted. */
  readonly faults: number;
}

export interface SlotRule {
  /** Once a second. */
  tick(torrents: Iterable<Torrent>, now: number): void;
  /** A peer that is choked became interested: it need not wait for the next round when a slot is free. */
  interested(torrent: Torrent, peer: Peer): void;
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
  /**
   * Shows each peer one piece at a time until the swarm has all of them (BEP 16): for the only seed of a torrent that is
   * complete when it starts. Peers that pay are shown everything. @default false
   */
  readonly superSeeding?: boolean;
  /** One priority a file, 0 (not wanted) to 7 (first), asked when the files are known. What it throws pauses the torrent. */
  readonly priorities?: (metainfo: Metainfo) => readonly number[];
  /** From `Torrent.resumeData` of an earlier run: files that did not change since are not read again. */
  readonly resume?: Uint8Array;
  readonly onEvent?: (event: TorrentEvent) => void;
  /** Progress of the first check. Bytes. */
  readonly onCheck?: (doneBytes: number, totalBytes: number) => void;
}

export class Engine {
  readonly peerId: Uint8Array;
  /** The order in which torrents run when not all may. */
  readonly queue: TorrentQueue;
  #filter: AddressFilter | undefined;
  readonly #init: EngineInit;
  readonly #table = new TorrentTable();
  readonly #introducer: Introducer;
  readonly #dialer: Dialer;
  readonly #puncher: Puncher;
  readonly #download: TokenBucket;
  readonly #upload: TokenBucket;
  readonly #uploadShare = new UploadShare();
  readonly #faults: FaultLedger;
  readonly #choker: Choker;
  #port = 0;
  /** Peers of all torrents. */
  #connections = 0;
  #halfOpen = 0;
  #pendingInbound = 0;
  #cancelTick: (() => void) | undefined;
  #stopped = false;

  constructor(init: EngineInit) {
    this.#init = init;
    this.queue = new TorrentQueue(init.queue);
    this.#filter = init.filter;
    this.#choker = init.choker ?? titForTat;
    const now = init.clock.now();
    this.#download = new TokenBucket(init.downloadLimit, now);
    this.#upload = new TokenBucket(init.uploadLimit, now);
    this.#faults = new FaultLedger();
    this.peerId = new Uint8Array(20);
    this.peerId.set(utf8(PEER_ID_PREFIX));
    this.peerId.set(init.random(12), 8);
    const policy = init.encryption ?? "prefer";
    const { clock, random, transports } = init;
    this.#introducer = new Introducer({
      clock,
      random,
      policy,
      peerId: this.peerId,
      table: this.#table,
      dht: init.dht !== undefined,
    });
    const stopped = (): boolean => this.#stopped;
    this.#dialer = new Dialer({ clock, transports, policy, introducer: this.#introducer, stopped });
    this.#puncher = new Puncher({
      clock,
      dialer: this.#dialer,
      refused: (host, at) => this.#stopped || this.#refused(host, at),
      hasRoom: () => this.#connections + this.#halfOpen < (init.maxConnections ?? 500),
    });
    this.#scheduleTick();
  }

  /** The port peers can reach; 0 before `listen`. */
  get port(): number {
    return this.#port;
  }

  get load(): EngineLoad {
    let addresses = 0;
    for (const { book } of this.#table) addresses += book.size;
    return {
      connections: this.#connections,
      halfOpen: this.#halfOpen,
      pendingInbound: this.#pendingInbound,
      addresses,
      faults: this.#faults.size,
    };
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
    if (names.some((name) => this.#table.byName(name) !== undefined)) {
      throw new EverseedError("torrent-duplicate", `Cannot add the torrent ${key}: it is there already`);
    }
    const { clock, random, hasher, slotRule } = this.#init;
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
        superSeeding: options.superSeeding ?? false,
        ...(options.priorities === undefined ? {} : { priorities: options.priorities }),
      },
      clock,
      random,
      hasher,
      peerId: this.peerId,
      listenPort: () => this.#port,
      clientName: CLIENT_NAME,
      choker: this.#choker,
      extensions: options.extensions ?? [],
      holepunch: this.#init.holepunch !== false && this.#init.transports.some(({ name }) => name === UTP),
      ...(this.#init.dht === undefined ? {} : { dht: this.#init.dht }),
      downloadBuckets: [this.#download, new TokenBucket(options.downloadLimit, now)],
      uploadBuckets: [this.#upload, new TokenBucket(options.uploadLimit, now)],
      uploadShare: this.#uploadShare,
      ...(slotRule === undefined ? {} : { onInterested: (torrent, peer) => slotRule.interested(torrent, peer) }),
      acceptsInfo: (info) => hashes.every((hash) => isNamedBy(info, hash)),
      onEvent: (event) => {
        if (event.type === "peer-connected") this.#connections++;
        if (event.type === "peer-closed") this.#connections--;
        if (event.type === "fault") this.#faults.record(hostOf(event.remote), clock.now());
        if (event.type === "peer-closed") {
          const useless = event.seed && (torrent.state === "seeding" || torrent.state === "finished");
          book.left(event.remote, !useless, clock.now(), event.full);
        }
        if (event.type === "peers-found") this.addPeers(torrent, event.peers);
        if (event.type === "introduced") this.#puncher.dial(entry, event.peer);
        options.onEvent?.(event);
      },
    });
    const entry: TableEntry = { torrent, book, hashes };
    this.#table.add(entry);
    try {
      await torrent.start({
        ...(options.onCheck === undefined ? {} : { onProgress: options.onCheck }),
        ...(options.resume === undefined ? {} : { resume: options.resume }),
      });
    } catch (error) {
      this.#table.delete(entry);
      await torrent.stop();
      throw error;
    }
    this.queue.add(torrent, clock.now());
    return torrent;
  }

  /** Refuses peers of these addresses from now on; those that are connected stay. */
  setFilter(filter: AddressFilter | undefined): void {
    this.#filter = filter;
  }

  #refused(host: string, now: number): boolean {
    return this.#faults.banned(host, now) || this.#filter?.blocks(host.replace(/^\[|\]$/g, "")) === true;
  }

  /** Offers addresses of peers, from a tracker or by hand. */
  addPeers(torrent: Torrent, addresses: readonly PeerAddress[]): void {
    const entry = this.#table.of(torrent);
    if (entry === undefined) return;
    for (const address of addresses) entry.book.add(address);
    this.#dial(entry);
  }

  /**
   * Takes a connection that was opened for this torrent without an address to dial (WebRTC), and sets its handlers at once.
   * Both sides speak first: each knows the torrent. `name` is the infohash they met under. @default the torrent's first
   */
  addConnection(torrent: Torrent, connection: Connection, name?: Uint8Array): void {
    const entry = this.#table.of(torrent);
    if (entry === undefined || !this.#hasRoomFor(connection)) return refuse(connection);
    this.#pendingInbound++;
    void this.#introducer.greet(connection, entry, { encrypted: false, ...(name ? { name } : {}) }).then(() => {
      this.#pendingInbound--;
    });
  }

  /** Stops the torrent and forgets it. `deleteData` deletes its files as well. */
  async remove(torrent: Torrent, options: { deleteData?: boolean } = {}): Promise<void> {
    const entry = this.#table.of(torrent);
    if (entry !== undefined) this.#table.delete(entry);
    this.queue.remove(torrent);
    await torrent.stop(options);
  }

  /** Stops all torrents and closes all transports. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelTick?.();
    const entries = [...this.#table];
    await Promise.all(entries.map(({ torrent }) => torrent.stop()));
    for (const entry of entries) this.#table.delete(entry);
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
      for (const entry of this.#table) {
        entry.torrent.tick();
        this.#dial(entry);
      }
      const torrents = [...this.#table].map(({ torrent }) => torrent);
      this.#init.slotRule?.tick(torrents, this.#init.clock.now());
      this.queue.tick(this.#init.clock.now());
      this.#scheduleTick();
    });
  }

  /** Connects to known addresses while the torrent wants peers. */
  #dial(entry: TableEntry): void {
    const limit = this.#init.maxConnections ?? 500;
    while (
      !this.#stopped &&
      entry.torrent.wantsPeers &&
      this.#halfOpen < MAX_HALF_OPEN &&
      this.#connections + this.#halfOpen < limit
    ) {
      const now = this.#init.clock.now();
      const wanting = entry.torrent.state === "downloading";
      const address = entry.book.next(now, (host) => !this.#refused(host, now), wanting);
      if (address === undefined) return;
      this.#halfOpen++;
      void this.#dialer.dial(entry, address).then((answered) => {
        this.#halfOpen--;
        if (!answered) entry.torrent.exchange.holepunch.introduce(address);
        this.#dial(entry);
      });
    }
  }

  /** Whether one more connection that we did not dial may begin its handshake. */
  #hasRoomFor(connection: Connection): boolean {
    const full = this.#connections + this.#pendingInbound >= (this.#init.maxConnections ?? 500);
    return (
      !this.#stopped &&
      !full &&
      this.#pendingInbound < MAX_PENDING_INBOUND &&
      !this.#refused(hostOf(connection.remote), this.#init.clock.now())
    );
  }

  #inbound(connection: Connection): void {
    if (!this.#hasRoomFor(connection)) return refuse(connection);
    this.#pendingInbound++;
    void this.#introducer.answer(connection).then(() => {
      this.#pendingInbound--;
    });
  }
}

export function infoHashesOf(metainfo: Metainfo): InfoHash[] {
  return [metainfo.infoHashV1, metainfo.infoHashV2].filter((hash) => hash !== undefined);
}

/**
 * 20 bytes that stand alone may be a truncated version 2 hash: all that trackers, the DHT and items of BEP 46 have room for.
 * A second info dictionary is as hard to find for those as for SHA-1.
 */
function isNamedBy(info: { readonly sha1: Uint8Array; readonly sha256: Uint8Array }, hash: InfoHash): boolean {
  if (hash.version === 2) return equalBytes(hash.bytes, info.sha256);
  return equalBytes(hash.bytes, info.sha1) || equalBytes(hash.bytes, info.sha256.subarray(0, 20));
}

function refuse(connection: Connection): void {
  connection.handlers = { onData() {}, onDrain() {}, onClose() {} };
  connection.close();
}

/** The address without its port: what faults are counted against. */
function hostOf(remote: string): string {
  return remote.slice(0, remote.lastIndexOf(":"));
}
