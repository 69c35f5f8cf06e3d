/**
 * Uploads read ahead: one disk read fetches a chunk of a piece, and the requests that follow are slices of it. The cache
 * holds a fixed number of bytes whatever the number of peers.
 *
 * Invariant: a chunk's memory is used again only when it was evicted and every slice that was lent came back (`release`);
 * a slice that never comes back costs its chunk's memory, not its content.
 */
import type { PieceMap } from "@everseed/metainfo";
import type { Storage } from "../storage.ts";

/** One disk read, where pieces are that long: large, because each costs two thread switches. */
const MAX_CHUNK_BYTES = 1 << 19;
const CACHE_BYTES = 12 << 20;
const SPARE_BYTES = 8 << 20;

interface Chunk {
  bytes: Uint8Array;
  ready: boolean;
  /** Settles when the bytes are there. */
  read: Promise<void>;
  /** Slices that are lent, and reads under way. */
  pins: number;
  evicted: boolean;
}

/** Bytes of the cache. Call `release` once when they are no longer needed. */
export interface LentBytes {
  readonly bytes: Uint8Array;
  release(): void;
}

export class ReadCache {
  readonly #storage: Storage;
  readonly #pieces: PieceMap;
  readonly #chunks = new Map<string, Chunk>();
  readonly #spare: Uint8Array[] = [];
  readonly #chunkBytes: number;

  constructor(storage: Storage, pieces: PieceMap, pieceLengthBytes: number) {
    this.#storage = storage;
    this.#pieces = pieces;
    this.#chunkBytes = Math.min(MAX_CHUNK_BYTES, pieceLengthBytes);
  }

  /** The bytes of a request, at once when they are cached. */
  get(piece: number, beginBytes: number, lengthBytes: number): LentBytes | Promise<LentBytes> {
    const first = Math.floor(beginBytes / this.#chunkBytes);
    const last = Math.floor((beginBytes + lengthBytes - 1) / this.#chunkBytes);
    // A request is 128 KiB at most and no chunk but a whole piece is shorter, so it never needs a third.
    if (first !== last) return this.#join(piece, first, beginBytes, lengthBytes);
    const chunk = this.#pinned(piece, first);
    const lend = (): LentBytes => ({
      bytes: slicePadded(chunk.bytes, beginBytes - first * this.#chunkBytes, lengthBytes),
      release: () => this.#unpin(chunk),
    });
    return chunk.ready ? lend() : chunk.read.then(lend, (error: unknown) => this.#failed(chunk, error));
  }

  /** Starts reading the chunk that follows, when there is one. */
  ahead(piece: number, beginBytes: number): void {
    const next = Math.floor(beginBytes / this.#chunkBytes) + 1;
    if (next * this.#chunkBytes < this.#pieces.pieceBytes(piece)) this.#chunk(piece, next);
  }

  async #join(piece: number, first: number, beginBytes: number, lengthBytes: number): Promise<LentBytes> {
    const chunks = [this.#pinned(piece, first), this.#pinned(piece, first + 1)] as const;
    try {
      await Promise.all(chunks.map(({ read }) => read));
      const bytes = new Uint8Array(lengthBytes);
      const head = chunks[0].bytes.subarray(beginBytes - first * this.#chunkBytes).subarray(0, lengthBytes);
      bytes.set(head);
      if (head.length < lengthBytes) bytes.set(slicePadded(chunks[1].bytes, 0, lengthBytes - head.length), head.length);
      return { bytes, release() {} };
    } finally {
      for (const chunk of chunks) this.#unpin(chunk);
    }
  }

  #failed(chunk: Chunk, error: unknown): never {
    this.#unpin(chunk);
    throw error;
  }

  #pinned(piece: number, index: number): Chunk {
    const chunk = this.#chunk(piece, index);
    chunk.pins++;
    return chunk;
  }

  #unpin(chunk: Chunk): void {
    chunk.pins--;
    this.#recycle(chunk);
  }

  #recycle(chunk: Chunk): void {
    if (!chunk.evicted || chunk.pins > 0) return;
    const { bytes } = chunk;
    chunk.bytes = new Uint8Array();
    if (bytes.buffer.byteLength === this.#chunkBytes && this.#spare.length < SPARE_BYTES / this.#chunkBytes)
      this.#spare.push(new Uint8Array(bytes.buffer));
  }

  #chunk(piece: number, index: number): Chunk {
    const key = `${piece}:${index}`;
    const known = this.#chunks.get(key);
    if (known !== undefined) {
      this.#chunks.delete(key);
      this.#chunks.set(key, known);
      return known;
    }
    const size = Math.min(this.#chunkBytes, Math.max(0, this.#pieces.pieceBytes(piece) - index * this.#chunkBytes));
    const whole = this.#spare.pop() ?? new Uint8Array(this.#chunkBytes);
    const chunk: Chunk = {
      bytes: whole.subarray(0, size),
      ready: false,
      read: Promise.resolve(),
      pins: 1,
      evicted: false,
    };
    chunk.read = this.#storage.read(this.#pieces.pieceOffset(piece) + index * this.#chunkBytes, chunk.bytes).then(
      () => {
        chunk.ready = true;
        this.#unpin(chunk);
      },
      (error: unknown) => {
        if (this.#chunks.get(key) === chunk) this.#chunks.delete(key);
        chunk.evicted = true;
        this.#unpin(chunk);
        throw error;
      },
    );
    // Whoever asked for the bytes hears of a failure; reading ahead does not.
    chunk.read.catch(() => undefined);
    this.#chunks.set(key, chunk);
    this.#evict();
    return chunk;
  }

  #evict(): void {
    for (const [key, oldest] of this.#chunks) {
      if (this.#chunks.size * this.#chunkBytes <= CACHE_BYTES) return;
      this.#chunks.delete(key);
      oldest.evicted = true;
      this.#recycle(oldest);
    }
  }
}

/** A slice that may reach into a hybrid piece's padding, which reads as zeros. */
function slicePadded(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length <= bytes.length) return bytes.subarray(at, at + length);
  const out = new Uint8Array(length);
  if (at < bytes.length) out.set(bytes.subarray(at));
  return out;
}
