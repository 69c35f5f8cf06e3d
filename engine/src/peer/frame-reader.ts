/**
 * Cuts a byte stream into peer-wire frames (BEP 3: four-byte length, then the message). The payload of `piece` messages
 * is never gathered: each chunk is copied once, straight to the place the sink names, which is why this is a class of
 * its own and not a decoder of whole messages. Every other message is at most `maxMessageBytes` and handed over whole.
 */
import { ProtocolError } from "@everseed/core";

const PIECE_ID = 7;
const PIECE_HEADER_BYTES = 9;

export interface FrameSink {
  /** A whole message without its length prefix; empty for a keep-alive. A copy, which may be kept. */
  onMessage(payload: Uint8Array): void;
  /** A block begins. Returns where its bytes go, or `undefined` to discard them. */
  onBlockStart(piece: number, beginBytes: number, lengthBytes: number): Uint8Array | undefined;
  /** All bytes of the block named last have arrived. `placed` is false when they were discarded. */
  onBlockEnd(placed: boolean): void;
}

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxMessageBytes: number;
  readonly #maxBlockBytes: number;
  /** Bytes of an unfinished head or message. */
  #pending: Uint8Array;
  #pendingBytes = 0;
  /** State of the block being placed. */
  #target: Uint8Array | undefined;
  #blockBytes = 0;
  #blockAt = -1;

  constructor(sink: FrameSink, limits: { maxMessageBytes: number; maxBlockBytes: number }) {
    this.#sink = sink;
    this.#maxMessageBytes = limits.maxMessageBytes;
    this.#maxBlockBytes = limits.maxBlockBytes;
    this.#pending = new Uint8Array(256);
  }

  /** Throws `ProtocolError` (`frame-size`) and whatever the sink throws; after that the reader must not be used. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#blockAt >= 0) {
        at = this.#place(chunk, at);
        continue;
      }
      if (this.#pendingBytes > 0) {
        at = this.#gather(chunk, at);
        continue;
      }
      at = this.#direct(chunk, at);
    }
  }

  /** Continues the block in flight. */
  #place(chunk: Uint8Array, at: number): number {
    const size = Math.min(chunk.length - at, this.#blockBytes - this.#blockAt);
    this.#target?.set(chunk.subarray(at, at + size), this.#blockAt);
    this.#blockAt += size;
    if (this.#blockAt === this.#blockBytes) this.#endBlock();
    return at + size;
  }

  #endBlock(): void {
    const placed = this.#target !== undefined;
    this.#target = undefined;
    this.#blockAt = -1;
    this.#sink.onBlockEnd(placed);
  }

  /** Reads frames straight from the chunk; what is left unfinished moves to `#pending`. */
  #direct(chunk: Uint8Array, at: number): number {
    const left = chunk.length - at;
    if (left < 4) return this.#keep(chunk, at, left);
    const length = readUint32(chunk, at);
    const isPiece = length > 0 && left >= 5 && chunk[at + 4] === PIECE_ID;
    if (left === 4 && length > 0) return this.#keep(chunk, at, left);
    this.#checkLength(length, isPiece);
    if (isPiece) {
      if (left < 4 + PIECE_HEADER_BYTES) return this.#keep(chunk, at, left);
      this.#startBlock(chunk, at + 5, length - PIECE_HEADER_BYTES);
      return at + 4 + PIECE_HEADER_BYTES;
    }
    if (left < 4 + length) return this.#keep(chunk, at, left);
    this.#sink.onMessage(chunk.slice(at + 4, at + 4 + length));
    return at + 4 + length;
  }

  #keep(chunk: Uint8Array, at: number, size: number): number {
    this.#reserve(size);
    this.#pending.set(chunk.subarray(at, at + size), this.#pendingBytes);
    this.#pendingBytes += size;
    return at + size;
  }

  /** Adds to `#pending` just what its frame still needs, and handles the frame when it is whole. */
  #gather(chunk: Uint8Array, at: number): number {
    const need = this.#needed();
    const size = Math.min(need - this.#pendingBytes, chunk.length - at);
    const next = this.#keep(chunk, at, size);
    if (this.#pendingBytes < need || this.#needed() > this.#pendingBytes) return next;
    const length = readUint32(this.#pending, 0);
    const whole = this.#pending;
    this.#pendingBytes = 0;
    if (length > 0 && whole[4] === PIECE_ID) this.#startBlock(whole, 5, length - PIECE_HEADER_BYTES);
    else this.#sink.onMessage(whole.slice(4, 4 + length));
    return next;
  }

  /** Bytes that `#pending` must hold before anything can be done with it. */
  #needed(): number {
    if (this.#pendingBytes < 4) return 4;
    const length = readUint32(this.#pending, 0);
    if (length === 0) return 4;
    if (this.#pendingBytes < 5) return 5;
    const isPiece = this.#pending[4] === PIECE_ID;
    this.#checkLength(length, isPiece);
    return isPiece ? 4 + PIECE_HEADER_BYTES : 4 + length;
  }

  #startBlock(bytes: Uint8Array, at: number, lengthBytes: number): void {
    this.#blockBytes = lengthBytes;
    this.#target = this.#sink.onBlockStart(readUint32(bytes, at), readUint32(bytes, at + 4), lengthBytes);
    this.#blockAt = 0;
    if (lengthBytes === 0) this.#endBlock();
  }

  #checkLength(length: number, isPiece: boolean): void {
    const limit = isPiece ? this.#maxBlockBytes + PIECE_HEADER_BYTES : this.#maxMessageBytes;
    if (length > limit) throw new ProtocolError("frame-size", "message length", `at most ${limit} bytes`, `${length}`);
    if (isPiece && length < PIECE_HEADER_BYTES) {
      throw new ProtocolError("frame-size", "piece message", `at least ${PIECE_HEADER_BYTES} bytes`, `${length}`);
    }
  }

  #reserve(size: number): void {
    if (this.#pendingBytes + size <= this.#pending.length) return;
    let capacity = this.#pending.length;
    while (capacity < this.#pendingBytes + size) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.#pending.subarray(0, this.#pendingBytes));
    this.#pending = grown;
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}
