/**
 * One torrent: its peers, what it has, and the rounds that keep it going. Fetching, serving, slots, metadata and hash
 * trees are the parts beside this file; this one routes messages to them and holds the torrent's life: metadata,
 * checking, downloading, seeding, stopped.
 */
import { EverseedError, ProtocolError, randomInt, sha1, sha256, toHex } from "@everseed/core";
import { BLOCK_BYTES, createPieceMap, type Metainfo, type PieceMap, parseInfo } from "@everseed/metainfo";
import { decodeExtendedHandshake, type Handshake, type Message } from "@everseed/wire";
import type { ConnectionEncryption } from "../encryption/policy.ts";
import { MAX_QUEUED_REQUESTS, Peer, type PeerOwner } from "../peer/peer.ts";
import { Bitfield } from "../piece/bitfield.ts";
import type { Storage } from "../storage.ts";
import type { Connection } from "../transport.ts";
import { verifyStorage } from "../verify.ts";
import { Downloader } from "./downloader.ts";
import { maxMessageSize, messageIds, openExtensions, UT_METADATA_ID } from "./extensions.ts";
import { HashExchange } from "./hash-exchange.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import { ReadCache } from "./read-cache.ts";
import { Slots } from "./slots.ts";
import { sampleRates, torrentStats } from "./stats.ts";
import type { TorrentInit, TorrentState, TorrentStats } from "./types.ts";
import { Uploader } from "./uploader.ts";

const KEEP_ALIVE_MS = 100_000;
const IDLE_MS = 240_000;

export class Torrent implements PeerOwner {
  readonly #init: TorrentInit;
  readonly #peers = new Map<number, Peer>();
  readonly #metadata: MetadataExchange;
  readonly #hashes: HashExchange;
  #state: TorrentState = "metadata";
  #metainfo: Metainfo | undefined;
  #pieces: PieceMap | undefined;
  #have: Bitfield | undefined;
  #storage: Storage | undefined;
  #downloader: Downloader | undefined;
  #uploader: Uploader | undefined;
  #nextPeerId = 1;
  #uploaded = 0;
  /** Counters of peers that left. */
  readonly #gone = { downloaded: 0, corrupt: 0, wasted: 0 };
  #haveBytes = 0;
  readonly #slots: Slots;
  readonly #abort = new AbortController();

  constructor(init: TorrentInit) {
    this.#init = init;
    this.#metainfo = init.metainfo;
    this.#slots = new Slots({
      choker: init.choker,
      peers: this.#peers,
      slots: init.settings.uploadSlots,
      salt: randomInt(init.random, 0x1_0000_0000),
      now: () => this.now(),
      onChoked: (peer) => this.#uploader?.dropQueue(peer),
    });
    this.#metadata = new MetadataExchange({
      now: () => this.now(),
      infoBytes: () => this.#metainfo?.infoBytes,
      accept: (bytes) => this.#acceptInfo(bytes),
      onFault: (peer, error) => this.#fault(peer, error),
    });
    this.#hashes = new HashExchange({
      metainfo: () => this.#metainfo,
      pieces: () => this.#pieces,
      have: (piece) => this.#have?.has(piece) === true,
      read: (piece, target) => (this.#storage as Storage).read((this.#pieces as PieceMap).pieceOffset(piece), target),
      hasher: init.hasher,
      onFault: (peer, error) => this.#fault(peer, error),
    });
  }

  get state(): TorrentState {
    return this.#state;
  }

  get wireInfoHashes(): readonly Uint8Array[] {
    return this.#init.wireInfoHashes;
  }

  get metainfo(): Metainfo | undefined {
    return this.#metainfo;
  }

  get have(): Bitfield | undefined {
    return this.#have;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get wantsPeers(): boolean {
    // Seeders dial too: a leecher behind a closed port, or one that dials in a cipher we do not speak, is served as well.
    const ended = this.#state === "stopped" || this.#state === "failed";
    return !ended && this.#peers.size < this.#init.settings.maxPeers;
  }

  now(): number {
    return this.#init.clock.now();
  }

  /** Opens the storage, checks what is already there, and begins. Rejects with EverseedError when the disk refuses. */
  async start(
    options: { onProgress?: (doneBytes: number, totalBytes: number) => void; trust?: Bitfield } = {},
  ): Promise<void> {
    if (this.#metainfo !== undefined) await this.#prepare(this.#metainfo, options);
  }

  async #prepare(
    metainfo: Metainfo,
    options: { onProgress?: (doneBytes: number, totalBytes: number) => void; trust?: Bitfield } = {},
  ): Promise<void> {
    this.#state = "checking";
    const pieces = createPieceMap(metainfo);
    const storage = this.#init.storage(metainfo);
    await storage.open();
    const have =
      options.trust ??
      (await verifyStorage(metainfo, storage, this.#init.hasher, {
        signal: this.#abort.signal,
        ...(options.onProgress ? { onProgress: options.onProgress } : {}),
      }));
    if (this.#abort.signal.aborted) return void (await storage.close());
    this.#pieces = pieces;
    this.#storage = storage;
    this.#have = have;
    this.#haveBytes = 0;
    for (let i = 0; i < have.length; i++) if (have.has(i)) this.#haveBytes += pieces.pieceBytes(i);
    const wake = (delayMs: number, task: () => void): void => void this.#init.clock.after(delayMs, task);
    this.#downloader = new Downloader({
      metainfo,
      pieces,
      have,
      storage,
      hasher: this.#init.hasher,
      random: this.#init.random,
      now: () => this.now(),
      buckets: this.#init.downloadBuckets,
      peers: this.#peers,
      hashes: this.#hashes,
      onPiece: (index) => this.#onPiece(index),
      onFault: (peer, error) => this.#fault(peer, error),
      onStorageError: (error) => this.#fail(error),
    });
    this.#uploader = new Uploader({
      pieces,
      have,
      cache: new ReadCache(storage, pieces, metainfo.pieceLengthBytes),
      buckets: this.#init.uploadBuckets,
      now: () => this.now(),
      onUploaded: (bytes) => {
        this.#uploaded += bytes;
      },
      onReadError: (error) => this.#fail(error),
      wake,
    });
    this.#state = have.full ? "seeding" : "downloading";
    this.#init.onEvent({ type: "checked", havePieces: have.count });
    for (const peer of [...this.#peers.values()]) this.#becomeReady(peer);
    if (have.full) this.#init.onEvent({ type: "complete" });
  }

  /** Takes over a connection whose handshakes are done. */
  addPeer(connection: Connection, handshake: Handshake, encryption: ConnectionEncryption): Peer | undefined {
    if (this.#state === "stopped" || this.#state === "failed" || this.#peers.size >= this.#init.settings.maxPeers) {
      connection.close();
      return undefined;
    }
    for (const other of this.#peers.values()) {
      if (toHex(other.remotePeerId) === toHex(handshake.peerId)) {
        connection.close();
        return undefined;
      }
    }
    const maxMessageBytes = maxMessageSize(this.#metainfo, this.#init.extensions);
    const peer = new Peer(this.#nextPeerId++, { connection, handshake, encryption }, this, maxMessageBytes);
    this.#peers.set(peer.id, peer);
    if (handshake.extensions.extended) this.#greet(peer);
    if (this.#have !== undefined) this.#becomeReady(peer);
    this.#init.onEvent({ type: "peer-connected", remote: peer.remote });
    return peer;
  }

  #greet(peer: Peer): void {
    const fields = openExtensions(peer, {
      extensions: this.#init.extensions,
      wireInfoHash: peer.handshake.wireInfoHash,
      localPeerId: this.#init.peerId,
      verifyUnitBytes: () => this.#verifyUnitBytes(),
      onAllowance: () => this.chunkHandled(peer),
      onPaying: () => this.#slots.payingChanged(peer),
      onFault: (error) => this.#fault(peer, error),
    });
    peer.sendExtendedHandshake({
      messages: messageIds(this.#init.extensions),
      client: this.#init.clientName,
      port: this.#init.listenPort(),
      requestQueue: MAX_QUEUED_REQUESTS,
      ...(this.#metainfo === undefined ? {} : { metadataSize: this.#metainfo.infoBytes.length }),
      extra: fields,
    });
  }

  #verifyUnitBytes(): number {
    const metainfo = this.#metainfo;
    if (metainfo === undefined || metainfo.infoHashV2 !== undefined) return BLOCK_BYTES;
    return metainfo.pieceLengthBytes;
  }

  /** Piece count and our pieces are known: declare them, and read what the peer declared before. */
  #becomeReady(peer: Peer): void {
    const have = this.#have as Bitfield;
    peer.have ??= new Bitfield(have.length);
    this.#downloader?.picker.addPeer(peer.have);
    if (peer.fast && have.full) peer.send({ type: "haveAll" });
    else if (peer.fast && have.count === 0) peer.send({ type: "haveNone" });
    else if (have.count > 0) peer.send({ type: "bitfield", bits: have.bytes.slice() });
    for (const message of peer.early.splice(0)) this.message(peer, message);
    this.#updateInterest(peer);
  }

  message(peer: Peer, message: Message): void {
    switch (message.type) {
      case "choke":
        peer.peerChoking = true;
        if (!peer.fast) this.#downloader?.releaseAll(peer);
        return;
      case "unchoke":
        peer.peerChoking = false;
        return;
      case "interested":
        peer.peerInterested = true;
        this.#slots.interested(peer);
        return;
      case "notInterested":
        peer.peerInterested = false;
        return;
      case "have":
      case "bitfield":
      case "haveAll":
      case "haveNone":
        return this.#onHave(peer, message);
      case "request":
        this.#uploader?.request(peer, message);
        return;
      case "cancel":
        this.#uploader?.cancel(peer, message);
        return;
      case "reject":
        this.#downloader?.rejected(peer, message.piece, message.begin);
        return;
      case "hashRequest":
        return this.#hashes.serve(peer, message);
      case "hashReject":
        return this.#hashes.onReject(peer, message);
      case "hashes":
        return this.#hashes.onHashes(peer, message);
      case "extended":
        return this.#onExtended(peer, message.id, message.payload);
      default:
        return;
    }
  }

  #onHave(peer: Peer, message: Message): void {
    const mine = this.#have;
    if (mine === undefined) {
      if (peer.early.length < 4096)
        peer.early.push(message.type === "bitfield" ? { ...message, bits: message.bits.slice() } : message);
      return;
    }
    const picker = this.#downloader?.picker;
    const field = peer.have as Bitfield;
    if (message.type === "have") {
      if (message.piece >= mine.length)
        return this.#fault(peer, fieldError("have", `a piece below ${mine.length}`, `${message.piece}`));
      if (field.add(message.piece)) picker?.addHave(field, message.piece);
    } else {
      picker?.removePeer(field);
      const next = message.type === "bitfield" ? Bitfield.from(message.bits, mine.length) : new Bitfield(mine.length);
      if (next === undefined) {
        picker?.addPeer(field);
        return this.#fault(
          peer,
          fieldError("bitfield", `${mine.bytes.length} bytes with zero spare bits`, "another form"),
        );
      }
      if (message.type === "haveAll") next.fill();
      peer.have = next;
      picker?.addPeer(next);
    }
    if (mine.full && peer.have?.full === true) return peer.close();
    this.#updateInterest(peer);
  }

  #onExtended(peer: Peer, id: number, payload: Uint8Array): void {
    if (id === 0) {
      const handshake = decodeExtendedHandshake(payload);
      const first = peer.remoteExtended === undefined;
      peer.remoteExtended = handshake;
      if (first) {
        for (const { name, session } of peer.extensions.values()) {
          session.onHandshake(handshake.extra, (handshake.messages.get(name) ?? 0) > 0);
        }
      }
      this.#metadata.ask(peer);
      return;
    }
    if (id === UT_METADATA_ID) return this.#metadata.onMessage(peer, payload);
    const extension = peer.extensions.get(id);
    if (extension === undefined) return;
    if (payload.length > extension.maxMessageBytes) {
      return this.#fault(
        peer,
        fieldError(extension.name, `at most ${extension.maxMessageBytes} bytes`, `${payload.length}`),
      );
    }
    extension.session.onMessage(payload);
  }

  #acceptInfo(bytes: Uint8Array): boolean {
    if (!this.#init.acceptsInfo({ sha1: sha1(bytes), sha256: sha256(bytes) })) return false;
    let metainfo: Metainfo;
    try {
      metainfo = parseInfo(bytes.slice());
    } catch (error) {
      this.#fail(
        new EverseedError("metadata-invalid", `Cannot use the torrent's metadata: ${(error as Error).message}`, {
          cause: error,
        }),
      );
      return true;
    }
    const layers = new Map<string, Uint8Array>();
    const complete: Metainfo = { ...metainfo, pieceLayers: layers };
    const ready = (): void => {
      this.#init.onEvent({ type: "metadata", metainfo: complete });
      this.#prepare(complete).catch((error: unknown) => this.#fail(error));
    };
    this.#metainfo = complete;
    // A hybrid's pieces verify by their v1 hashes; a pure v2 torrent needs its piece layers first.
    if (metainfo.infoHashV1 !== undefined) ready();
    else this.#hashes.fetchLayers(complete, layers, ready);
    for (const peer of this.#peers.values()) this.#hashes.askLayers(peer);
    return true;
  }

  #updateInterest(peer: Peer): void {
    const want = peer.have !== undefined && this.#downloader?.picker.interestedIn(peer.have) === true;
    if (want === peer.amInterested) return;
    peer.amInterested = want;
    peer.send({ type: want ? "interested" : "notInterested" });
    if (!want) for (const { session } of peer.extensions.values()) session.onNothingWanted();
  }

  placeBlock(peer: Peer, piece: number, begin: number, length: number): Uint8Array | undefined {
    return this.#downloader?.placeBlock(peer, piece, begin, length);
  }

  blockArrived(peer: Peer, piece: number, begin: number, length: number, placed: boolean): void {
    this.#downloader?.blockArrived(peer, piece, begin, length, placed);
  }

  chunkHandled(peer: Peer): void {
    this.#downloader?.requestMore(peer);
    this.#uploader?.pump(peer);
    this.#wakeLater();
  }

  writable(peer: Peer): void {
    this.#uploader?.pump(peer);
  }

  #waking = false;
  #wakeLater(): void {
    const at = this.#downloader?.takeWake();
    if (at === undefined || this.#waking) return;
    this.#waking = true;
    this.#init.clock.after(Math.max(5, at - this.now()), () => {
      this.#waking = false;
      for (const peer of this.#peers.values()) this.#downloader?.requestMore(peer);
      this.#wakeLater();
    });
  }

  closed(peer: Peer, reason: Error | undefined): void {
    if (!this.#peers.has(peer.id)) return;
    this.#downloader?.releaseAll(peer);
    this.#downloader?.picker.forgetPeer(peer.id);
    if (peer.have !== undefined) this.#downloader?.picker.removePeer(peer.have);
    this.#hashes.peerGone(peer);
    this.#metadata.peerGone();
    for (const { session } of peer.extensions.values()) session.onClosed();
    this.#gone.downloaded += peer.downloadedBytes;
    this.#gone.corrupt += peer.corruptBytes;
    this.#gone.wasted += peer.wastedBytes;
    this.#peers.delete(peer.id);
    const seed = peer.have?.full === true;
    this.#init.onEvent({ type: "peer-closed", remote: peer.remote, seed, ...(reason === undefined ? {} : { reason }) });
    for (const other of this.#peers.values()) this.#downloader?.requestMore(other);
  }

  #onPiece(index: number): void {
    const have = this.#have as Bitfield;
    if (!have.add(index)) return;
    this.#haveBytes += (this.#pieces as PieceMap).pieceBytes(index);
    for (const peer of this.#peers.values()) {
      if (peer.have?.has(index) !== true) peer.send({ type: "have", piece: index });
      if (peer.amInterested && (have.full || (peer.outstanding.size === 0 && peer.have !== undefined)))
        this.#updateInterest(peer);
      this.#downloader?.requestMore(peer);
    }
    this.#init.onEvent({ type: "piece", index });
    if (have.full) void this.#complete();
  }

  async #complete(): Promise<void> {
    try {
      await this.#storage?.sync();
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#state !== "downloading") return;
    this.#state = "seeding";
    this.#init.onEvent({ type: "complete" });
  }

  /** Once a connection: what was under way when it was closed tells nothing new, and must not count towards a ban. */
  #fault(peer: Peer, error: ProtocolError): void {
    if (peer.closed) return;
    this.#init.onEvent({ type: "fault", remote: peer.remote, error });
    peer.close(error);
  }

  #fail(error: unknown): void {
    if (this.#state === "stopped" || this.#state === "failed") return;
    this.#state = "failed";
    this.#downloader?.stop();
    const known =
      error instanceof EverseedError
        ? error
        : new EverseedError("torrent-failed", `Cannot go on with the torrent: ${(error as Error).message}`, {
            cause: error,
          });
    for (const peer of [...this.#peers.values()]) peer.close();
    this.#init.onEvent({ type: "failed", error: known });
  }

  /** Call about once a second: rates, timeouts, keep-alives, choke rounds. */
  tick(): void {
    const now = this.now();
    sampleRates(this.#peers.values(), now);
    for (const peer of [...this.#peers.values()]) {
      if (now - peer.lastSentAt > KEEP_ALIVE_MS) peer.send({ type: "keepAlive" });
      if (now - peer.lastReceivedAt > IDLE_MS) peer.close();
      if (this.#metainfo === undefined) this.#metadata.ask(peer);
      else if (this.#state === "metadata") this.#hashes.askLayers(peer);
      this.#uploader?.pump(peer);
    }
    this.#downloader?.tick(now);
    this.#wakeLater();
    if (this.#have !== undefined) this.#slots.tick(now, this.#have.full);
  }

  stats(): TorrentStats {
    sampleRates(this.#peers.values(), this.now());
    const totals = { uploaded: this.#uploaded, ...this.#gone };
    return torrentStats([...this.#peers.values()], {
      state: this.#state,
      metainfo: this.#metainfo,
      haveBytes: this.#haveBytes,
      havePieces: this.#have?.count ?? 0,
      ...totals,
    });
  }

  /** Closes peers and files. Data stays. */
  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#abort.abort();
    this.#downloader?.stop();
    for (const peer of [...this.#peers.values()]) peer.close();
    await this.#storage?.close();
  }

  answersTo(wireInfoHash: Uint8Array): boolean {
    const hex = toHex(wireInfoHash);
    return this.#init.wireInfoHashes.some((hash) => toHex(hash) === hex);
  }
}

function fieldError(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError(`${field}-invalid`, field, expected, received);
}
