/** From metadata and storage to `Content`: opens the files, checks what is there, and puts together what fetches and serves. */
import type { Clock, EverseedError, ProtocolError, RandomBytes } from "@everseed/core";
import { createPieceMap, type Metainfo } from "@everseed/metainfo";
import type { Hasher } from "../hasher.ts";
import type { TokenBucket } from "../limits/token-bucket.ts";
import type { UploadShare } from "../limits/upload-share.ts";
import type { Peer } from "../peer/peer.ts";
import type { Storage } from "../storage.ts";
import { verifyStorage } from "../verify.ts";
import { Content } from "./content.ts";
import { Downloader } from "./downloader.ts";
import type { HashExchange } from "./hash-exchange.ts";
import { ReadCache } from "./read-cache.ts";
import { decodeResume, knownPieces, type ResumeState } from "./resume.ts";
import { SuperSeeder } from "./super-seeder.ts";
import type { TorrentSettings } from "./types.ts";
import { Uploader } from "./uploader.ts";

export interface ContentInit {
  readonly metainfo: Metainfo;
  readonly storage: Storage;
  readonly settings: TorrentSettings;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly hasher: Hasher;
  readonly downloadBuckets: readonly TokenBucket[];
  readonly uploadBuckets: readonly TokenBucket[];
  readonly uploadShare: UploadShare;
  readonly peers: ReadonlyMap<number, Peer>;
  readonly hashes: HashExchange;
  readonly onPiece: (index: number) => void;
  readonly onUploaded: (bytes: number) => void;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
  readonly onStorageError: (error: unknown) => void;
}

export interface CheckOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** From `Torrent.resumeData`. */
  readonly resume?: Uint8Array;
  /** By file; over those of the settings and those remembered. */
  readonly priorities?: readonly number[];
}

export interface Opened {
  readonly content: Content;
  /** What an earlier run left, when it was believed. */
  readonly remembered?: ResumeState;
}

/** Resolves with undefined when the signal fired first. Rejects with the storage's EverseedError. */
export async function openContent(init: ContentInit, options: CheckOptions): Promise<Opened | undefined> {
  const { metainfo, storage, settings } = init;
  const pieces = createPieceMap(metainfo);
  await storage.open();
  const remembered = storage.files === undefined ? undefined : rememberedState(options.resume, metainfo);
  const marks = remembered === undefined ? undefined : await storage.files?.marks();
  const have = await verifyStorage(metainfo, storage, init.hasher, {
    signal: options.signal,
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(remembered && marks ? { known: knownPieces(remembered, marks, pieces, metainfo) } : {}),
  });
  if (options.signal.aborted) return undefined;
  const now = (): number => init.clock.now();
  const wake = (delayMs: number, task: () => void): void => void init.clock.after(delayMs, task);
  const downloader = new Downloader({
    ...init,
    wake,
    pieces,
    have,
    now,
    buckets: init.downloadBuckets,
    onStorageError: (error: EverseedError) => init.onStorageError(error),
  });
  const superSeeder =
    settings.superSeeding === true && have.full
      ? new SuperSeeder({ pieceCount: have.length, peers: init.peers, now, random: init.random })
      : undefined;
  const uploader = new Uploader({
    pieces,
    have,
    cache: new ReadCache(storage, pieces, metainfo.pieceLengthBytes),
    buckets: init.uploadBuckets,
    share: init.uploadShare,
    now,
    onUploaded: init.onUploaded,
    onReadError: init.onStorageError,
    ...(superSeeder === undefined ? {} : { hides: (peer, piece) => superSeeder.hides(peer, piece) }),
    wake,
  });
  const content = new Content({
    metainfo,
    pieces,
    have,
    storage,
    downloader,
    uploader,
    ...(superSeeder ? { superSeeder } : {}),
  });
  const priorities = options.priorities ?? settings.priorities?.(metainfo) ?? remembered?.priorities;
  if (priorities !== undefined) content.setFilePriorities(priorities);
  content.picker.setSequential(settings.sequential);
  return { content, ...(remembered === undefined ? {} : { remembered }) };
}

/** What is not of this torrent, or cannot be read, is as good as nothing: the data is checked then. */
function rememberedState(bytes: Uint8Array | undefined, metainfo: Metainfo): ResumeState | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decodeResume(bytes, metainfo);
  } catch {
    return undefined;
  }
}
