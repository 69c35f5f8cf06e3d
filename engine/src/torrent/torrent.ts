/**
 * One torrent: its peers, what it has, and the rounds that keep it going. Fetching, serving, slots, messages, metadata and
 * hash trees are the parts beside this file; this one holds the torrent's life:
 *
 *   metadata -> checking -> downloading -> finished -> seeding, with pauses in between; stopped and failed are final.
 *
 * Invariant: there is a `Content` exactly when the data was checked, and peers only while the torrent runs.
 */
import { EverseedError, equalBytes, type ProtocolError, randomInt, sha1, sha256 } from "@everseed/core";
import { BLOCK_BYTES, type Metainfo, parseInfo } from "@everseed/metainfo";
import type { Handshake, Message } from "@everseed/wire";
import type { ConnectionEncryption } from "../encryption/policy.ts";
import { Peer, type PeerOwner } from "../peer/peer.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import type { Storage } from "../storage.ts";
import type { Connection } from "../transport.ts";
import type { Content } from "./content.ts";
import { replaces } from "./duplicates.ts";
import { greetPeer, maxMessageSize } from "./extensions.ts";
import { asError } from "./failure.ts";
import { HashExchange } from "./hash-exchange.ts";
import { keepAliveDue } from "./keep-alive.ts";
import { Messages, wantedNothing } from "./messages.ts";
import { MetadataExchange } from "./metadata-exchange.ts";
import { openContent } from "./open-content.ts";
import { PeerExchange } from "./peer-exchange.ts";
import { captureResume } from "./resume.ts";
import { Slots } from "./slots.ts";
import { Counters, sampleRates, torrentStats } from "./stats.ts";
import { TorrentFiles } from "./torrent-files.ts";
import type { StartOptions, TorrentInit, TorrentState, TorrentStats } from "./types.ts";

const IDLE_MS = 240_000;

export class Torrent implements PeerOwner {
  readonly #init: TorrentInit;
  readonly #peers = new Map<number, Peer>();
  readonly #metadata: MetadataExchange;
  readonly #hashes: HashExchange;
  readonly exchange: PeerExchange;
  readonly #messages: Messages;
  /** Its peers' upload slots. */
  readonly slots: Slots;
  #state: TorrentState = "metadata";
  #error: EverseedError | undefined;
  #metainfo: Metainfo | undefined;
  #storage: Storage | undefined;
  #content: Content | undefined;
  #nextPeerId = 1;
  readonly #counters = new Counters();
  readonly files: TorrentFiles;
  /** When everything wanted was there first, over all runs. Unix seconds. */
  completedAt: number | undefined;
  /** The check that runs. */
  #opening: Promise<void> = Promise.resolve();
  /** Fires when what runs must end: checks and streams. A new one begins with each run. */
  #run = new AbortController();

  constructor(init: TorrentInit) {
    this.#init = init;
    this.#metainfo = init.metainfo;
    this.files = new TorrentFiles({
      content: () => this.#content,
      now: () => this.now(),
      ended: () => this.#run.signal,
      onWantsChanged: (content) => {
        if (!this.running) return;
        this.#state = content.state;
        this.#wantsChanged();
      },
      onDeadlines: () => this.#wantsChanged(),
    });
    const onFault = (peer: Peer, error: ProtocolError): void => this.#fault(peer, error);
    const { now } = this;
    const { onInterested } = init;
    this.slots = new Slots({
      choker: init.choker,
      ...(onInterested === undefined ? {} : { onInterested: (peer) => onInterested(this, peer) }),
      peers: this.#peers,
      slots: init.settings.uploadSlots,
      salt: randomInt(init.random, 0x1_0000_0000),
      now,
      onChoked: (peer) => this.#content?.uploader.dropQueue(peer),
    });
    this.#metadata = new MetadataExchange({
      now,
      infoBytes: () => this.#metainfo?.infoBytes,
      accept: (bytes) => this.#acceptInfo(bytes),
      onFault,
    });
    this.#hashes = new HashExchange({
      metainfo: () => this.#metainfo,
      pieces: () => this.#content?.pieces,
      have: (piece) => this.#content?.have.has(piece) === true,
      read: (piece, target) => {
        const { storage, pieces } = this.#content as Content;
        return storage.read(pieces.pieceOffset(piece), target);
      },
      hasher: init.hasher,
      onFault,
    });
    this.exchange = new PeerExchange({ ...init, peers: this.#peers, now, onFault, wantsPeers: () => this.wantsPeers });
    this.#messages = new Messages({
      content: () => this.#content,
      slots: this.slots,
      metadata: this.#metadata,
      hashes: this.#hashes,
      dht: () => (this.#metainfo?.private === true ? undefined : init.dht),
      pex: () => (this.#metainfo?.private === false ? this.exchange : undefined),
      onFault,
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
    return this.#content?.have;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  /** It talks to peers: neither paused nor at its end. */
  get running(): boolean {
    return !["paused", "queued", "stopped", "failed"].includes(this.#state);
  }

  /** Everything that is wanted is there, whether it runs or not. */
  get complete(): boolean {
    return this.#content?.finished === true;
  }

  /** Payload that came and went, in bytes. */
  get movedBytes(): number {
    return this.#counters.movedBytes(this.#peers.values());
  }

  get wantsPeers(): boolean {
    // Seeders dial too: a leecher behind a closed port, or one that dials in a cipher we do not speak, is served as well.
    return this.running && this.#peers.size < this.#init.settings.maxPeers;
  }

  now = (): number => this.#init.clock.now();

  #unixSeconds = (): number => Math.floor(this.#init.clock.unixMs() / 1000);

  /** Opens the storage, checks what is already there, and begins. Rejects with EverseedError when the disk refuses. */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.#metainfo !== undefined) await this.#open(this.#metainfo, options);
  }

  #open(metainfo: Metainfo, options: StartOptions & { priorities?: readonly number[] } = {}): Promise<void> {
    const opened = this.#check(metainfo, options);
    const ended = (): void => undefined;
    this.#opening = opened.then(ended, ended);
    return opened;
  }

  async #check(metainfo: Metainfo, options: StartOptions & { priorities?: readonly number[] }): Promise<void> {
    this.#state = "checking";
    this.#storage ??= this.#init.storage(metainfo);
    const opened = await openContent(
      {
        ...this.#init,
        metainfo,
        storage: this.#storage,
        peers: this.#peers,
        hashes: this.#hashes,
        onPiece: (index) => this.#onPiece(index),
        onUploaded: (bytes) => {
          this.#counters.uploaded += bytes;
        },
        onFault: (peer, error) => this.#fault(peer, error),
        onStorageError: (error) => this.#pause(asError(error)),
      },
      { ...options, signal: this.#run.signal },
    );
    if (opened === undefined) return;
    const { content, remembered } = opened;
    if (remembered !== undefined) {
      this.#counters.remember(remembered);
      this.files.remember(remembered.renamed);
    }
    this.#content = content;
    this.#state = content.finished ? content.settle() : content.state;
    this.completedAt = remembered?.completedAt ?? (content.finished ? this.#unixSeconds() : undefined);
    this.#init.onEvent({ type: "checked", havePieces: content.have.count });
    for (const peer of [...this.#peers.values()]) this.#messages.becomeReady(peer, content);
    if (content.finished) this.#init.onEvent({ type: "complete" });
  }

  /** Stops talking to peers; data and files stay as they are. */
  pause(): void {
    if (this.#state === "queued") this.#state = "paused";
    this.#pause();
  }

  /** Waits for its turn in the queue, as if paused. */
  hold(): void {
    if (!this.running || this.#state === "checking") return;
    this.#state = "queued";
    this.#halt();
    this.#init.onEvent({ type: "queued" });
  }

  /** Its turn has come. A disk that refuses then pauses it. */
  release(): void {
    if (this.#state === "queued")
      this.resume().catch(() => this.#init.onEvent({ type: "paused", error: asError(this.#error) }));
  }

  #pause(error?: EverseedError): void {
    if (!this.running) return;
    this.#state = "paused";
    this.#halt();
    this.#error = error;
    this.#init.onEvent({ type: "paused", ...(error === undefined ? {} : { error }) });
  }

  #halt(): void {
    this.#run.abort();
    this.#content?.downloader.stop();
    for (const peer of [...this.#peers.values()]) peer.close();
  }

  /** Goes on after a pause. Rejects with EverseedError, and stays paused, when the disk refuses still. */
  async resume(): Promise<void> {
    if (this.#state !== "paused" && this.#state !== "queued") return;
    this.#state = "checking";
    this.#run = new AbortController();
    this.#error = undefined;
    try {
      await this.#opening;
      await this.#content?.downloader.idle();
      if (this.#metainfo === undefined) this.#state = "metadata";
      else if (this.#content === undefined) await this.#open(this.#metainfo);
      else {
        await this.#content.storage.open();
        this.#content.downloader.resume();
        this.#state = this.#content.state;
      }
      this.#init.onEvent({ type: "resumed" });
      this.#completeIfThere();
    } catch (error) {
      this.#state = "paused";
      this.#error = asError(error);
      throw error;
    }
  }

  /** Reads all data again, as after somebody else changed it. Peers are told anew what is there. */
  async recheck(onProgress?: (doneBytes: number, totalBytes: number) => void): Promise<void> {
    const content = this.#content;
    if (content === undefined) return;
    const paused = !this.running;
    this.#halt();
    this.#run = new AbortController();
    this.#state = "checking";
    this.#content = undefined;
    try {
      await content.downloader.idle();
      const priorities = content.filePriorities;
      await this.#open(content.metainfo, { priorities, ...(onProgress ? { onProgress } : {}) });
      if (paused) this.#pause();
    } catch (error) {
      this.#content ??= content;
      this.#state = "downloading";
      this.#pause(asError(error));
      throw error;
    }
  }

  #wantsChanged(): void {
    for (const peer of [...this.#peers.values()]) {
      this.#messages.updateInterest(peer);
      this.#content?.downloader.requestMore(peer);
    }
    this.#completeIfThere();
  }

  /** What `StartOptions.resume` takes in a later run; undefined when there is nothing to remember. Syncs the data first. */
  async resumeData(): Promise<Uint8Array | undefined> {
    if (this.#content === undefined) return undefined;
    return captureResume(this.#content, () => ({
      ...this.stats(),
      renamed: this.files.renamed,
      completedAt: this.completedAt,
    }));
  }

  /** Takes over a connection whose handshakes are done. */
  addPeer(connection: Connection, handshake: Handshake, encryption: ConnectionEncryption): Peer | undefined {
    const known = [...this.#peers.values()].find((peer) => equalBytes(peer.remotePeerId, handshake.peerId));
    const kept = known !== undefined && !replaces(known, connection, this.#init.peerId, this.now());
    if (kept || !this.wantsPeers) {
      connection.close();
      return undefined;
    }
    const maxMessageBytes = maxMessageSize(this.#metainfo, this.#init.extensions);
    const peer = new Peer(this.#nextPeerId++, { connection, handshake, encryption }, this, maxMessageBytes);
    this.#peers.set(peer.id, peer);
    if (handshake.extensions.extended) this.#greet(peer);
    if (this.#content !== undefined) this.#messages.becomeReady(peer, this.#content);
    this.#init.onEvent({ type: "peer-connected", remote: peer.remote });
    return peer;
  }

  #greet(peer: Peer): void {
    greetPeer(peer, {
      ...this.#init,
      wireInfoHash: peer.handshake.wireInfoHash,
      localPeerId: this.#init.peerId,
      verifyUnitBytes: () => this.#verifyUnitBytes(),
      onAllowance: () => {
        this.#content?.downloader.allowanceChanged(peer);
        this.#content?.uploader.pump(peer);
      },
      data: () => this.#content?.shared,
      onPaying: () => this.slots.payingChanged(peer),
      onTakeBack: () => this.#content?.downloader.takeBackAll(peer),
      onFault: (error) => this.#fault(peer, error),
      clientName: this.#init.clientName,
      listenPort: this.#init.listenPort(),
      metainfo: this.#metainfo,
      finished: this.#content?.saysFinished === true,
    });
  }

  #verifyUnitBytes(): number {
    const metainfo = this.#metainfo;
    if (metainfo === undefined || metainfo.infoHashV2 !== undefined) return BLOCK_BYTES;
    return metainfo.pieceLengthBytes;
  }

  message(peer: Peer, message: Message): void {
    this.#messages.handle(peer, message);
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
      this.#open(complete).catch((error: unknown) => this.#pause(asError(error)));
    };
    this.#metainfo = complete;
    // A hybrid's pieces verify by their v1 hashes; a pure v2 torrent needs its piece layers first.
    if (metainfo.infoHashV1 !== undefined) ready();
    else this.#hashes.fetchLayers(complete, layers, ready);
    for (const peer of this.#peers.values()) this.#hashes.askLayers(peer);
    return true;
  }

  placeBlock(peer: Peer, piece: number, begin: number, length: number): Uint8Array | undefined {
    return this.#content?.downloader.placeBlock(peer, piece, begin, length);
  }

  blockArrived(peer: Peer, piece: number, begin: number, length: number, placed: boolean): void {
    this.#content?.downloader.blockArrived(peer, piece, begin, length, placed);
  }

  chunkHandled(peer: Peer): void {
    this.#content?.downloader.chunkHandled(peer);
    this.#content?.uploader.pump(peer);
  }

  writable(peer: Peer): void {
    this.#content?.uploader.pump(peer);
  }

  closed(peer: Peer, reason: Error | undefined): void {
    if (!this.#peers.has(peer.id)) return;
    this.#content?.downloader.releaseAll(peer);
    this.#content?.downloader.picker.forgetPeer(peer.id);
    if (peer.have !== undefined) this.#content?.downloader.picker.removePeer(peer.have);
    this.#hashes.peerGone(peer);
    this.#metadata.peerGone();
    for (const { session } of peer.extensions.values()) session.onClosed();
    this.#counters.left(peer);
    this.#peers.delete(peer.id);
    const full = peer.have?.full === true;
    const seed = full || (this.complete && wantedNothing(peer));
    this.#init.onEvent({ type: "peer-closed", remote: peer.remote, seed, full, reason });
    for (const other of this.#peers.values()) this.#content?.downloader.requestMore(other);
  }

  #onPiece(index: number): void {
    const content = this.#content;
    if (content?.arrived(index) !== true) return;
    for (const peer of [...this.#peers.values()]) {
      // Also to those that have it: a super-seed waits for the word (BEP 16).
      if (peer.have?.full !== true) peer.send({ type: "have", piece: index });
      if (peer.amInterested && (content.finished || peer.outstanding.size === 0)) this.#messages.updateInterest(peer);
      content.downloader.requestMore(peer);
    }
    this.#init.onEvent({ type: "piece", index });
    if (content.finished) void this.#complete(content);
  }

  /** No piece need come for that: less is wanted than before, or a disk that refused was given room. */
  #completeIfThere(): void {
    if (this.complete && this.#state === "downloading") void this.#complete(this.#content as Content);
  }

  /** Everything wanted is there: made durable, then said; those that have nothing for us and want nothing may go. */
  async #complete(content: Content): Promise<void> {
    // A piece that was asked for before it was unwanted may come after the end.
    if (this.#state === "downloading") this.#init.onEvent({ type: "verified" });
    const all = await content.sync().catch((error: unknown) => this.#pause(asError(error)));
    // What came meanwhile is made durable by the call that it brought.
    if (all !== true || content !== this.#content || this.#state !== "downloading" || !content.finished) return;
    this.#state = content.settle();
    this.completedAt ??= this.#unixSeconds();
    this.#init.onEvent({ type: "complete" });
    for (const peer of [...this.#peers.values()]) this.#messages.tellFinished(peer, content.have.full);
  }

  /** Once a connection: what was under way when it was closed tells nothing new, and must not count towards a ban. */
  #fault(peer: Peer, error: ProtocolError): void {
    if (peer.closed) return;
    this.#init.onEvent({ type: "fault", remote: peer.remote, error });
    peer.close(error);
  }

  #fail(error: EverseedError): void {
    if (this.#state === "stopped" || this.#state === "failed") return;
    this.#state = "failed";
    this.#error = error;
    this.#halt();
    this.#init.onEvent({ type: "failed", error });
  }

  /** Call about once a second: rates, timeouts, keep-alives, choke rounds. */
  tick(): void {
    if (this.#peers.size === 0 || !this.running) return;
    const now = this.now();
    sampleRates(this.#peers.values(), now);
    for (const peer of [...this.#peers.values()]) {
      if (keepAliveDue(peer, now)) peer.send({ type: "keepAlive" });
      if (now - peer.lastReceivedAt > IDLE_MS) peer.close();
      if (this.#metainfo === undefined) this.#metadata.ask(peer);
      else if (this.#state === "metadata") this.#hashes.askLayers(peer);
      this.#content?.uploader.pump(peer);
      this.#messages.partIfUseless(peer);
    }
    if (this.#metainfo?.private === false) this.exchange.tick(now);
    this.#content?.tick(now);
    if (this.#content !== undefined) this.slots.tick(now, this.#content.finished);
  }

  stats(): TorrentStats {
    sampleRates(this.#peers.values(), this.now());
    return torrentStats([...this.#peers.values()], this.#counters, {
      state: this.#state,
      error: this.#error,
      metainfo: this.#metainfo,
      haveBytes: this.#content?.haveBytes ?? 0,
      havePieces: this.#content?.have.count ?? 0,
    });
  }

  /** Closes peers and files. Data stays, unless `deleteData`. */
  async stop(options: { deleteData?: boolean } = {}): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#halt();
    await this.#opening;
    await this.#content?.downloader.idle();
    if (options.deleteData === true) await this.#storage?.files?.delete();
    else await this.#storage?.close();
  }

  answersTo(wireInfoHash: Uint8Array): boolean {
    return this.#init.wireInfoHashes.some((hash) => equalBytes(hash, wireInfoHash));
  }
}
