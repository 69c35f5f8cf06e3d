/**
 * What a torrent is, for all the other floors: one shape for v1 (BEP 3), v2 and hybrid (BEP 52).
 *
 * Invariant: all files lie in one linear byte space cut into pieces of `pieceLengthBytes`. In v1 files follow each other
 * without gaps; in v2 and hybrid torrents every file starts on a piece boundary, and the gap (in hybrid torrents a BEP 47
 * padding file) reads as zeros and is never stored.
 */
import type { InfoHashV1, InfoHashV2 } from "@everseed/core";

/** Payload of one `piece` message and leaf of a v2 hash tree: 16 KiB. */
export const BLOCK_BYTES = 16384;
/** Most pieces of a torrent, parsed or made. */
export const MAX_PIECES = 4_194_304;

export interface TorrentFile {
  /** Path components below the torrent's own folder; checked, never empty, `.`, `..` or holding a separator. */
  readonly path: readonly string[];
  readonly lengthBytes: number;
  /** Where the file starts in the linear space. */
  readonly offsetBytes: number;
  /** Root of the file's SHA-256 tree (v2 and hybrid; absent for empty files). 32 bytes. */
  readonly piecesRoot?: Uint8Array;
}

export interface Metainfo {
  readonly infoHashV1?: InfoHashV1;
  readonly infoHashV2?: InfoHashV2;
  /** The `info` dictionary's own bytes: what the infohashes hash, and what ut_metadata serves. */
  readonly infoBytes: Uint8Array;
  /** Folder (several files) or file name. */
  readonly name: string;
  /** True when the torrent is a single file, stored under `name` without a folder; then `files[0].path` is `[name]`. */
  readonly singleFile: boolean;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  /** Real files only, in order; padding files are left out. */
  readonly files: readonly TorrentFile[];
  /** Sum of the files' lengths, padding not counted. */
  readonly totalBytes: number;
  /** v1 and hybrid: concatenated SHA-1 of the pieces, 20 bytes each. */
  readonly pieces?: Uint8Array;
  /** v1 and hybrid: zeros after the last file that the last piece's SHA-1 covers (a BEP 47 padding file at the end). */
  readonly tailPaddingBytes?: number;
  /** v2 and hybrid: piecesRoot (hex) -> concatenated 32-byte hashes of the piece layer; only files longer than one piece. */
  readonly pieceLayers?: ReadonlyMap<string, Uint8Array>;
  readonly private: boolean;
  /** Tracker tiers (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** BEP 19. */
  readonly webSeeds: readonly string[];
  /** BEP 17. */
  readonly httpSeeds: readonly string[];
  readonly comment?: string;
  readonly createdBy?: string;
  readonly creationDate?: number;
}
