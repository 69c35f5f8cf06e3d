/** Where each piece lies, how long it is, and what it must hash to, for v1, v2 and hybrid torrents alike. */
import { equalBytes, toHex } from "@everseed/core";
import { HASH_BYTES, merkleRoot, nextPowerOfTwo } from "./merkle.ts";
import { BLOCK_BYTES, type Metainfo, type TorrentFile } from "./types.ts";

export interface PieceMap {
  readonly pieceCount: number;
  /** Offset in the linear space. */
  pieceOffset(piece: number): number;
  /** Length of the data, trailing padding not counted. */
  pieceBytes(piece: number): number;
  /** Zeros that the v1 hash covers after the data: gaps of hybrid torrents, padding at the end of any. */
  v1PaddingBytes(piece: number): number;
  /**
   * How far into the piece a peer may ask: some clients ask for the padding behind a file's last block, which reads as
   * zeros.
   */
  requestableBytes(piece: number): number;
  blockCount(piece: number): number;
  /** Files with data in the piece, in order. */
  files(piece: number): readonly TorrentFile[];
  v1Hash(piece: number): Uint8Array | undefined;
  /** Entry of the piece layer, or the root of a file of one piece; `undefined` for v1 torrents and unknown layers. */
  v2Hash(piece: number): Uint8Array | undefined;
  /** Leaves of the subtree that `v2Hash` is the root of: a power of two. */
  v2Leaves(piece: number): number;
}

export function createPieceMap(metainfo: Metainfo): PieceMap {
  const { pieceLengthBytes, pieceCount, pieces } = metainfo;
  const files = metainfo.files.filter((file) => file.lengthBytes > 0);
  const aligned = metainfo.infoHashV2 !== undefined;
  const last = files[files.length - 1];
  const endBytes = last === undefined ? 0 : last.offsetBytes + last.lengthBytes;
  /** Index of the last file that starts at or before the offset. */
  const fileAt = (offset: number): number => {
    let low = 0;
    let high = files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((files[middle] as TorrentFile).offsetBytes <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const fileOf = (piece: number): TorrentFile => files[fileAt(piece * pieceLengthBytes)] as TorrentFile;
  const pieceBytes = (piece: number): number => {
    const offset = piece * pieceLengthBytes;
    const file = fileOf(piece);
    const end = aligned ? file.offsetBytes + file.lengthBytes : endBytes;
    return Math.max(0, Math.min(pieceLengthBytes, end - offset));
  };
  return {
    pieceCount,
    pieceOffset: (piece) => piece * pieceLengthBytes,
    pieceBytes,
    v1PaddingBytes(piece) {
      if (pieces === undefined) return 0;
      if (piece === pieceCount - 1) return metainfo.tailPaddingBytes ?? 0;
      return aligned && piece < pieceCount ? pieceLengthBytes - pieceBytes(piece) : 0;
    },
    requestableBytes: (piece) => (aligned ? pieceLengthBytes : pieceBytes(piece)),
    blockCount: (piece) => Math.ceil(pieceBytes(piece) / BLOCK_BYTES),
    files(piece) {
      const offset = piece * pieceLengthBytes;
      const end = offset + pieceBytes(piece);
      const out: TorrentFile[] = [];
      for (let i = fileAt(offset); i < files.length && (files[i] as TorrentFile).offsetBytes < end; i++) {
        out.push(files[i] as TorrentFile);
      }
      return out;
    },
    v1Hash: (piece) => pieces?.subarray(piece * 20, piece * 20 + 20),
    v2Hash(piece) {
      const file = fileOf(piece);
      if (file.piecesRoot === undefined) return undefined;
      if (file.lengthBytes <= pieceLengthBytes) return file.piecesRoot;
      const index = piece - file.offsetBytes / pieceLengthBytes;
      return metainfo.pieceLayers?.get(toHex(file.piecesRoot))?.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    },
    v2Leaves(piece) {
      const file = fileOf(piece);
      const blocks = Math.ceil(pieceBytes(piece) / BLOCK_BYTES);
      return file.lengthBytes <= pieceLengthBytes ? nextPowerOfTwo(blocks) : pieceLengthBytes / BLOCK_BYTES;
    },
  };
}

/** True when every digest that was made and can be compared agrees with the torrent, and at least one could be. */
export function verifyPiece(
  pieces: PieceMap,
  piece: number,
  digests: { sha1?: Uint8Array; leaves?: Uint8Array; root?: Uint8Array },
): boolean {
  const v1 = pieces.v1Hash(piece);
  const v2 = pieces.v2Hash(piece);
  let compared = false;
  if (v1 !== undefined && digests.sha1 !== undefined) {
    if (!equalBytes(v1, digests.sha1)) return false;
    compared = true;
  }
  if (v2 !== undefined && digests.leaves !== undefined) {
    if (digests.leaves.length !== pieces.blockCount(piece) * HASH_BYTES) return false;
    if (!equalBytes(v2, merkleRoot(digests.leaves, pieces.v2Leaves(piece)))) return false;
    compared = true;
  }
  if (v2 !== undefined && digests.root !== undefined) {
    if (!equalBytes(v2, digests.root)) return false;
    compared = true;
  }
  return compared;
}
