/** Piece hashing off the main thread: worker threads in Node, WebCrypto in the browser. */
export interface PieceDigests {
  /** SHA-1 over the data followed by `paddingBytes` zeros, when asked for. */
  readonly sha1?: Uint8Array;
  /** SHA-256 of each 16 KiB block (the last may be short), concatenated, when asked for. */
  readonly leaves?: Uint8Array;
}

export interface Hasher {
  /**
   * Hashes one contiguous run of bytes, usually a piece. `data` must not change until the promise settles. A
   * `SharedArrayBuffer` behind `data` is hashed without a copy.
   */
  digest(data: Uint8Array, want: { sha1: boolean; leaves: boolean; paddingBytes?: number }): Promise<PieceDigests>;
  /** Allocates a buffer that `digest` can hash without a copy. */
  allocate(lengthBytes: number): Uint8Array;
  close(): Promise<void>;
}
