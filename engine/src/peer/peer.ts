/**
 * One peer of one torrent: the state both sides have declared (BEP 3), what is asked and what is owed, and counters.
 * Decides nothing about pieces or slots; `Torrent` does, through `PeerOwner`.
 *
 * Invariant: `outstanding` holds exactly the blocks that the picker counts as asked of this peer.
 */
import { EverseedError, ProtocolError } from "@everseed/core";
import { BLOCK_BYTES } from "@everseed/metainfo";
import {
  decodeMessage,
  type ExtendedHandshake,
  encodeExtendedHandshake,
  encodeMessage,
  type Handshake,
  type Message,
} from "@everseed/wire";
import type { ConnectionEncryption } from "../encryption/policy.ts";
import type { PeerExtensionSession } from "../extension.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import type { Connection } from "../transport.ts";
import { FrameReader } from "./frame-reader.ts";
import { RateMeter } from "./rate-meter.ts";

/** Requests the peer may queue with us; above that they are rejected or dropped. Advertised as `reqq`. */
export const MAX_QUEUED_REQUESTS = 2048;
/** What other clients assume when the peer does not say (libtorrent's default). */
const DEFAULT_REQQ = 250;
const MAX_REQUEST_BYTES = 1 << 17;
const MIN_DEPTH = 16;
const MAX_DEPTH = 1024;
/** By then the rate has been sampled twice or more. */
const RATE_KNOWN_MS = 3_000;

export interface OutstandingBlock {
  readonly piece: number;
  readonly block: number;
  readonly lengthBytes: number;
  readonly sentAt: number;
  /** When it was taken back, if it was: a peer with BEP 6 answers with the block or a reject. */
  cancelledAt?: number;
}

export interface QueuedRequest {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** What a peer calls on its torrent. */
export interface PeerOwner {
  /** Where an expected block goes; `undefined` discards it. */
  placeBlock(peer: Peer, piece: number, begin: number, length: number): Uint8Array | undefined;
  blockArrived(peer: Peer, piece: number, begin: number, length: number, placed: boolean): void;
  message(peer: Peer, message: Message): void;
  /** All frames of a network chunk are handled: ask for more, send what is queued. */
  chunkHandled(peer: Peer): void;
  writable(peer: Peer): void;
  closed(peer: Peer, reason: Error | undefined): void;
  now(): number;
}

/** A connection whose handshakes are done. */
interface Met {
  readonly connection: Connection;
  readonly handshake: Handshake;
  readonly encryption: ConnectionEncryption;
}

export class Peer {
  readonly id: number;
  readonly connection: Connection;
  readonly handshake: Handshake;
  readonly encryption: ConnectionEncryption;
  readonly connectedAt: number;
  amChoking = true;
  amInterested = false;
  peerChoking = true;
  peerInterested = false;
  /** What the peer has; `undefined` until the torrent's piece count is known. */
  have: Bitfield | undefined;
  /** `have` messages that came before the metadata. */
  readonly early: Message[] = [];
  sawFirstMessage = false;
  remoteExtended: ExtendedHandshake | undefined;
  readonly extensions = new Map<number, { name: string; maxMessageBytes: number; session: PeerExtensionSession }>();
  readonly outstanding = new Map<number, OutstandingBlock>();
  readonly queue: QueuedRequest[] = [];
  outstandingBytes = 0;
  /** Requests whose blocks are being read. */
  reading: QueuedRequest[] = [];
  /** Set by an extension: see `PeerPort`. */
  serveAllowance: number | undefined;
  requestAllowance: number | undefined;
  creditBytes = Number.POSITIVE_INFINITY;
  paying = false;
  /** Its slot was bought (`UploadShare`). */
  sold = false;
  /** Its part of the upload in parts per million, where a strategy divides it. */
  uploadShare: number | undefined;
  /** Its serve allowance is that of an optimistic slot. */
  limited = false;
  barred = false;
  snubbed = false;
  downloadedBytes = 0;
  uploadedBytes = 0;
  verifiedBytes = 0;
  /** What comes now is to be paid (`PeerPort.setCharged`). */
  charged = false;
  receivedChargedBytes = 0;
  verifiedChargedBytes = 0;
  corruptBytes = 0;
  wastedBytes = 0;
  lastBlockAt: number;
  lastSentAt: number;
  lastReceivedAt: number;
  lastUnchokedAt = 0;
  readonly downloadRate: RateMeter;
  readonly uploadRate: RateMeter;
  closed = false;
  #depth = MIN_DEPTH * 2;
  #placing: { piece: number; begin: number; length: number } | undefined;
  readonly #owner: PeerOwner;
  readonly #reader: FrameReader;

  constructor(id: number, { connection, handshake, encryption }: Met, owner: PeerOwner, maxMessageBytes: number) {
    this.id = id;
    this.connection = connection;
    this.handshake = handshake;
    this.encryption = encryption;
    this.#owner = owner;
    this.connectedAt = owner.now();
    this.downloadRate = new RateMeter(this.connectedAt);
    this.uploadRate = new RateMeter(this.connectedAt);
    this.lastBlockAt = this.connectedAt;
    this.lastSentAt = this.connectedAt;
    this.lastReceivedAt = this.connectedAt;
    this.#reader = new FrameReader(
      {
        onMessage: (payload) => this.#onMessage(payload),
        onBlockStart: (piece, begin, length) => this.#onBlockStart(piece, begin, length),
        onBlockEnd: (placed) => this.#onBlockEnd(placed),
      },
      { maxMessageBytes, maxBlockBytes: MAX_REQUEST_BYTES },
    );
    connection.handlers = {
      onData: (chunk) => this.feed(chunk),
      onDrain: () => owner.writable(this),
      onClose: (error) => this.#finish(error),
    };
  }

  get remote(): string {
    return this.connection.remote;
  }

  get remotePeerId(): Uint8Array {
    return this.handshake.peerId;
  }

  get fast(): boolean {
    return this.handshake.extensions.fast;
  }

  /** Handles bytes from the network. Any rule the peer breaks closes the connection with its name. */
  feed(chunk: Uint8Array): void {
    if (this.closed) return;
    this.lastReceivedAt = this.#owner.now();
    try {
      this.#reader.push(chunk);
      if (!this.closed) this.#owner.chunkHandled(this);
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof EverseedError) this.close(error);
      else throw error;
    }
  }

  send(message: Message): void {
    this.sendRaw([encodeMessage(message)]);
  }

  /** `sent` is called once when the memory of the parts may be used again. */
  sendRaw(parts: readonly Uint8Array[], sent?: () => void): boolean {
    if (this.closed) {
      sent?.();
      return false;
    }
    this.lastSentAt = this.#owner.now();
    return this.connection.send(parts, sent);
  }

  sendExtendedHandshake(handshake: ExtendedHandshake): void {
    this.send({ type: "extended", id: 0, payload: encodeExtendedHandshake(handshake) });
  }

  close(reason?: Error): void {
    if (this.closed) return;
    this.connection.close();
    this.#finish(reason);
  }

  #finish(reason: Error | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.#owner.closed(this, reason);
  }

  #onMessage(payload: Uint8Array): void {
    if (payload.length === 0) return;
    this.#owner.message(this, decodeMessage(payload));
    this.sawFirstMessage = true;
  }

  #onBlockStart(piece: number, begin: number, length: number): Uint8Array | undefined {
    this.#placing = { piece, begin, length };
    return this.#owner.placeBlock(this, piece, begin, length);
  }

  #onBlockEnd(placed: boolean): void {
    const block = this.#placing;
    if (block === undefined) return;
    this.#placing = undefined;
    this.downloadedBytes += block.length;
    this.lastBlockAt = this.lastReceivedAt;
    if (placed) this.snubbed = false;
    this.#owner.blockArrived(this, block.piece, block.begin, block.length, placed);
    if (this.#depth < this.#maxDepth()) this.#depth++;
  }

  /** The block that is being placed right now, if its last bytes are still to come. */
  get placing(): { piece: number; begin: number; length: number } | undefined {
    return this.#placing;
  }

  /**
   * Two seconds of requests: enough for any round trip, and little enough that what was asked of a slow peer comes before
   * it is given up. As long as the rate is unknown the pipeline grows by one with each block that came.
   */
  #maxDepth(): number {
    const most = Math.min(this.remoteExtended?.requestQueue ?? DEFAULT_REQQ, MAX_DEPTH);
    if (this.lastBlockAt - this.connectedAt < RATE_KNOWN_MS) return most;
    const twoSeconds = Math.ceil((this.downloadRate.bytesPerSecond * 2) / BLOCK_BYTES);
    return Math.max(MIN_DEPTH, Math.min(most, twoSeconds));
  }

  /** How many more blocks to ask for now. Zero until an eighth of the pipeline is free, so that requests leave in batches. */
  wantedRequests(): number {
    const depth = this.snubbed ? 1 : Math.min(this.#depth, this.#maxDepth());
    const room = depth - this.outstanding.size;
    if (room <= 0 || (room < depth / 8 && this.outstanding.size > 0)) return 0;
    if (this.requestAllowance === undefined) return room;
    const useful = this.downloadedBytes - this.wastedBytes - this.corruptBytes;
    const left = this.requestAllowance - useful - this.outstandingBytes;
    return Math.max(0, Math.min(room, Math.ceil(left / BLOCK_BYTES)));
  }

  /** Records a request that is about to be sent. */
  asked(key: number, block: OutstandingBlock): void {
    if (this.outstanding.size === 0) this.lastBlockAt = block.sentAt;
    this.outstanding.set(key, block);
    this.outstandingBytes += block.lengthBytes;
  }

  /** The request is answered, rejected or given up. */
  settled(key: number): OutstandingBlock | undefined {
    const block = this.outstanding.get(key);
    if (block !== undefined) {
      this.outstanding.delete(key);
      this.outstandingBytes -= block.lengthBytes;
    }
    return block;
  }
}
