/** Where payload lives. One interface for files, memory and (in the browser) OPFS; offsets are in the torrent's linear space. */
import type { Metainfo } from "@everseed/metainfo";

export interface Storage {
  /** Makes or opens what is needed; safe to call on existing data, which is kept. */
  open(): Promise<void>;
  /** Writes `parts` one after the other from `offsetBytes`; bytes that fall in padding are dropped. */
  write(offsetBytes: number, parts: readonly Uint8Array[]): Promise<void>;
  /**
   * Reads into `target`; padding reads as zeros. Data that was never written reads as zeros or rejects with
   * EverseedError `storage-missing`.
   */
  read(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type StorageFactory = (metainfo: Metainfo) => Storage;
