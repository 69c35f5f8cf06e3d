/** Piece hashing off the main thread: worker threads in Node, WebCrypto in the browser. */
export interface PieceDigests {
  /** SHA-1 over the data followed by `paddingBytes` zeros, when asked for. */
  readonly sha1?: Uint8Array;
  /** SHA-256 of each 16 KiB block (the last may be short), concatenated, when asked for. */
  readonly leaves?: Uint8Array;
  /** Root of the tree over those leaves, when asked for. */
  readonly root?: Uint8Array;
}

export interface DigestWant {
  readonly sha1?: boolean;
  readonly leaves?: boolean;
  /** Leaves of the tree whose root is wanted, a power of two: those beyond the data are zero (BEP 52). */
  readonly rootWidth?: number;
  /** Zeros that the SHA-1 covers after the data. */
  readonly paddingBytes?: number;
}

export interface Hasher {
  /**
   * Hashes one contiguous run of bytes, usually a piece. `data` must not change until the promise settles. A
   * `SharedArrayBuffer` behind `data` is hashed without a copy.
   */
  digest(data: Uint8Array, want: DigestWant): Promise<PieceDigests>;
  /** Allocates a buffer that `digest` can hash without a copy. */
  allocate(lengthBytes: number): Uint8Array;
  close(): Promise<void>;
}
