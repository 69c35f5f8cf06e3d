/** What the worker-thread hasher and its workers say to each other: one message per digest each way. */

export interface HashJob {
  readonly id: number;
  /** Shared memory: nothing is copied on the way. */
  readonly buffer: SharedArrayBuffer;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly sha1: boolean;
  readonly leaves: boolean;
  /** 0: no root is wanted. */
  readonly rootWidth: number;
  readonly paddingBytes: number;
}

export interface HashAnswer {
  readonly id: number;
  readonly sha1?: Uint8Array;
  readonly leaves?: Uint8Array;
  readonly root?: Uint8Array;
  /** Set instead of digests when hashing failed. */
  readonly error?: string;
}
