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
  /** Where the payload lies in files that can be moved and looked at. */
  readonly files?: StoredFiles;
}

/** The files of a storage. Each call waits for reads and writes that run, and holds up those that come. */
export interface StoredFiles {
  /** Moves everything below another folder; nothing has moved when it rejects. EverseedError `storage-*`. */
  move(folder: string): Promise<void>;
  /** Gives a file another path below the download folder. Rejects with EverseedError `storage-*`. */
  rename(file: number, path: readonly string[]): Promise<void>;
  /** Deletes the payload and the folders that it leaves empty; the storage is closed then. */
  delete(): Promise<void>;
  /** Cuts off what lies beyond the ends of these files, as where a longer one was there before. Rejects with EverseedError `storage-*`. */
  trim(files: readonly number[]): Promise<void>;
  /** Size and time of change of each file; undefined where there is none. */
  marks(): Promise<readonly (FileMark | undefined)[]>;
}

export interface FileMark {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export type StorageFactory = (metainfo: Metainfo) => Storage;
