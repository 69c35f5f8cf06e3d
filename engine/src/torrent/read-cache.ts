/**
 * Uploads read ahead: one disk read fetches a chunk of a piece, and the requests that follow are slices of it. The
 * cache holds a fixed number of chunks whatever the number of peers; buffers are never reused, because a socket may
 * still be sending a slice of one that was evicted.
 */
import type { PieceMap } from "@everseed/metainfo";
import type { Storage } from "../storage.ts";

const CHUNK_BYTES = 1 << 18;
const MAX_CHUNKS = 48;

export class ReadCache {
  readonly #storage: Storage;
  readonly #pieces: PieceMap;
  readonly #chunks = new Map<string, Uint8Array | Promise<Uint8Array>>();

  constructor(storage: Storage, pieces: PieceMap) {
    this.#storage = storage;
    this.#pieces = pieces;
  }

  /** The bytes of a request, at once when they are cached. A request never spans more than two chunks (it is <= 128 KiB). */
  get(piece: number, beginBytes: number, lengthBytes: number): Uint8Array | Promise<Uint8Array> {
    const first = Math.floor(beginBytes / CHUNK_BYTES);
    const last = Math.floor((beginBytes + lengthBytes - 1) / CHUNK_BYTES);
    if (first === last) {
      const chunk = this.#chunk(piece, first);
      const at = beginBytes - first * CHUNK_BYTES;
      const cut = (bytes: Uint8Array): Uint8Array => slicePadded(bytes, at, lengthBytes);
      return chunk instanceof Uint8Array ? cut(chunk) : chunk.then(cut);
    }
    return this.#join(piece, first, beginBytes, lengthBytes);
  }

  /** Starts reading the chunk that follows, when there is one. */
  ahead(piece: number, beginBytes: number): void {
    const next = Math.floor(beginBytes / CHUNK_BYTES) + 1;
    if (next * CHUNK_BYTES < this.#pieces.pieceBytes(piece)) {
      const chunk = this.#chunk(piece, next);
      if (!(chunk instanceof Uint8Array)) chunk.catch(() => undefined);
    }
  }

  async #join(piece: number, first: number, beginBytes: number, lengthBytes: number): Promise<Uint8Array> {
    const [a, b] = await Promise.all([this.#chunk(piece, first), this.#chunk(piece, first + 1)]);
    const out = new Uint8Array(lengthBytes);
    const head = a.subarray(beginBytes - first * CHUNK_BYTES);
    out.set(head.subarray(0, lengthBytes));
    if (head.length < lengthBytes) out.set(slicePadded(b, 0, lengthBytes - head.length), head.length);
    return out;
  }

  #chunk(piece: number, index: number): Uint8Array | Promise<Uint8Array> {
    const key = `${piece}:${index}`;
    const known = this.#chunks.get(key);
    if (known !== undefined) {
      this.#chunks.delete(key);
      this.#chunks.set(key, known);
      return known;
    }
    const size = Math.min(CHUNK_BYTES, Math.max(0, this.#pieces.pieceBytes(piece) - index * CHUNK_BYTES));
    const target = new Uint8Array(size);
    const read = this.#storage.read(this.#pieces.pieceOffset(piece) + index * CHUNK_BYTES, target).then(
      () => {
        if (this.#chunks.get(key) === read) this.#chunks.set(key, target);
        return target;
      },
      (error: unknown) => {
        this.#chunks.delete(key);
        throw error;
      },
    );
    this.#chunks.set(key, read);
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size <= MAX_CHUNKS) break;
      this.#chunks.delete(oldest);
    }
    return read;
  }
}

/** A slice that may reach into a hybrid piece's padding, which reads as zeros. */
function slicePadded(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length <= bytes.length) return bytes.subarray(at, at + length);
  const out = new Uint8Array(length);
  if (at < bytes.length) out.set(bytes.subarray(at));
  return out;
}
