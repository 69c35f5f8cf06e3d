/**
 * Serving: each peer's requests wait in order; blocks are read ahead and leave in batches, within the rate limits and
 * within what an extension allows (`setServeAllowance`).
 */
import { ProtocolError } from "@everseed/core";
import type { PieceMap } from "@everseed/metainfo";
import { encodePieceHeader } from "@everseed/wire";
import type { TokenBucket } from "../limits/token-bucket.ts";
import type { UploadShare } from "../limits/upload-share.ts";
import { MAX_QUEUED_REQUESTS, type Peer, type QueuedRequest } from "../peer/peer.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import type { LentBytes, ReadCache } from "./read-cache.ts";

/** Blocks that leave in one `writev`. */
const BATCH_BLOCKS = 32;
/** Longest request that is served; larger ones are refused as libtorrent does. */
const MAX_REQUEST_BYTES = 1 << 17;
const SEND_MARK_BYTES = 1 << 20;
/** What was sent so long ago is no longer fresh in anybody's memory. */
const LATELY_MS = 900_000;
/** A free peer that lets a buyer go first looks again after this. */
const STAND_BACK_MS = 20;

export interface UploaderInit {
  readonly pieces: PieceMap;
  readonly have: Bitfield;
  readonly cache: ReadCache;
  readonly buckets: readonly TokenBucket[];
  readonly share: UploadShare;
  readonly now: () => number;
  readonly onUploaded: (bytes: number) => void;
  /** The peer may not have the piece (super-seeding). */
  readonly hides?: (peer: Peer, piece: number) => boolean;
  readonly onReadError: (error: unknown) => void;
  /** Calls back when a rate limit has room again. */
  readonly wake: (delayMs: number, task: () => void) => void;
}

export class Uploader {
  readonly #init: UploaderInit;
  /** When a block of each piece was sent last. Milliseconds. */
  readonly #sentAt = new Map<number, number>();

  constructor(init: UploaderInit) {
    this.#init = init;
  }

  uploadedLately(piece: number): boolean {
    const at = this.#sentAt.get(piece);
    return at !== undefined && this.#init.now() - at < LATELY_MS;
  }

  /** Takes a request of the peer. Throws `ProtocolError` when it could never be served. */
  request(peer: Peer, request: QueuedRequest): void {
    const { pieces, have } = this.#init;
    const { piece, begin, length } = request;
    const whole = piece < have.length ? pieces.requestableBytes(piece) : 0;
    if (length === 0 || length > MAX_REQUEST_BYTES || begin + length > whole) {
      throw new ProtocolError(
        "request-range",
        "request",
        `a range of 1 to ${MAX_REQUEST_BYTES} bytes inside a piece`,
        `piece ${piece}, ${begin} + ${length}`,
      );
    }
    const hidden = !have.has(piece) || this.#init.hides?.(peer, piece) === true;
    if (peer.amChoking || hidden || peer.queue.length >= MAX_QUEUED_REQUESTS) {
      if (peer.fast) peer.send({ type: "reject", piece, begin, length });
      return;
    }
    peer.queue.push({ piece, begin, length });
  }

  cancel(peer: Peer, { piece, begin, length }: QueuedRequest): void {
    const at = peer.queue.findIndex((r) => r.piece === piece && r.begin === begin && r.length === length);
    if (at < 0) return;
    peer.queue.splice(at, 1);
    if (peer.fast) peer.send({ type: "reject", piece, begin, length });
  }

  /** The peer was choked: its queue is void, what is being read for it too, and said to be (BEP 6). */
  dropQueue(peer: Peer): void {
    const dropped = [...peer.reading, ...peer.queue.splice(0)];
    peer.reading = [];
    this.#init.share.rests(peer);
    if (peer.fast) for (const { piece, begin, length } of dropped) peer.send({ type: "reject", piece, begin, length });
  }

  /** Sends as much of the peer's queue as the socket, the limits and the allowance take. */
  pump(peer: Peer): void {
    if (peer.reading.length > 0) return;
    if (peer.closed || peer.queue.length === 0) return this.#init.share.rests(peer);
    while (!peer.closed && peer.queue.length > 0 && peer.connection.queuedBytes < SEND_MARK_BYTES) {
      const batch = this.#batch(peer);
      if (batch.length === 0) return;
      const { cache } = this.#init;
      const data = batch.map((r) => cache.get(r.piece, r.begin, r.length));
      const last = batch[batch.length - 1] as QueuedRequest;
      cache.ahead(last.piece, last.begin);
      if (data.every(isReady)) {
        this.#send(peer, batch, data);
        continue;
      }
      peer.reading = batch;
      Promise.all(data).then(
        (ready) => {
          if (peer.reading === batch) {
            peer.reading = [];
            this.#send(peer, batch, ready);
          } else for (const lent of ready) lent.release();
          this.pump(peer);
        },
        (error: unknown) => {
          peer.reading = [];
          // The torrent stops: what the other reads lent is garbage, not memory to use again.
          this.#init.onReadError(error);
        },
      );
      // One batch is read at a time: a peer that asks for much and takes little must not fill our memory.
      return;
    }
  }

  /** Takes from the queue what may be sent now. */
  #batch(peer: Peer): QueuedRequest[] {
    const { buckets, now, share } = this.#init;
    const at = now();
    const seeding = this.#init.have.full;
    share.rests(peer);
    const batch: QueuedRequest[] = [];
    let bytes = 0;
    while (batch.length < BATCH_BLOCKS) {
      const next = peer.queue[batch.length];
      if (next === undefined) break;
      if (peer.serveAllowance !== undefined && peer.uploadedBytes + bytes + next.length > peer.serveAllowance) break;
      const waitMs = buckets.reduce((most, bucket) => Math.max(most, bucket.waitMs(at)), 0);
      const standsBack = !share.mayServe(peer, seeding);
      if (waitMs > 0 || standsBack) {
        share.waits(peer, seeding);
        if (batch.length === 0)
          this.#init.wake(Math.max(standsBack ? STAND_BACK_MS : 5, waitMs), () => this.pump(peer));
        break;
      }
      for (const bucket of buckets) bucket.take(next.length, at);
      share.served(peer, next.length, seeding);
      bytes += next.length;
      batch.push(next);
    }
    peer.queue.splice(0, batch.length);
    return batch;
  }

  #send(peer: Peer, batch: readonly QueuedRequest[], data: readonly LentBytes[]): void {
    const release = (): void => {
      for (const lent of data) lent.release();
    };
    if (peer.closed) return release();
    const parts: Uint8Array[] = [];
    let bytes = 0;
    const now = this.#init.now();
    for (const [i, { piece, begin, length }] of batch.entries()) {
      this.#sentAt.set(piece, now);
      parts.push(encodePieceHeader(piece, begin, length), (data[i] as LentBytes).bytes);
      bytes += length;
    }
    peer.uploadedBytes += bytes;
    this.#init.onUploaded(bytes);
    peer.sendRaw(parts, release);
    for (const { session } of peer.extensions.values()) session.onUploaded(peer.uploadedBytes);
  }
}

function isReady(lent: LentBytes | Promise<LentBytes>): lent is LentBytes {
  return !(lent instanceof Promise);
}
