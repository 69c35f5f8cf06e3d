/**
 * Making torrents. `layoutFiles` says where each file lies in the linear space; a shell reads that space piece by piece,
 * hashes, and hands the digests to `buildTorrent`. Hybrid torrents get BEP 47 padding files, so that both versions
 * describe the same space.
 */
import { assert, compareBytes, EverseedError, utf8 } from "@everseed/core";
import { type BencodeDict, type BencodeValue, dict, encodeBencode } from "./bencode.ts";
import { HASH_BYTES, merkleRoot, nextPowerOfTwo, rootOfPieceLayer } from "./merkle.ts";
import { checkCollisions, checkName } from "./paths.ts";
import { BLOCK_BYTES, MAX_PIECES, type TorrentFile } from "./types.ts";

export type TorrentKind = "v1" | "v2" | "hybrid";

export interface SourceFile {
  readonly path: readonly string[];
  readonly lengthBytes: number;
}

export interface Layout {
  readonly kind: TorrentKind;
  readonly name: string;
  readonly singleFile: boolean;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  readonly files: readonly TorrentFile[];
}

/** What the shell found for one piece of the space; `sha1` covers trailing padding. */
export interface PieceHashes {
  readonly sha1?: Uint8Array;
  readonly leaves?: Uint8Array;
}

export interface TorrentExtras {
  readonly announce?: readonly (readonly string[])[];
  readonly webSeeds?: readonly string[];
  /** BEP 17. */
  readonly httpSeeds?: readonly string[];
  readonly comment?: string;
  readonly createdBy?: string;
  /** Unix seconds. */
  readonly creationDate?: number;
  readonly private?: boolean;
}

/** About a thousand to two thousand pieces, from 16 KiB to 16 MiB. */
export function choosePieceLength(totalBytes: number): number {
  let bytes = BLOCK_BYTES;
  while (bytes < 1 << 24 && totalBytes / bytes > 1500) bytes *= 2;
  return bytes;
}

/**
 * Places files in the linear space, in BEP 52's order (raw bytes of the path components) for v2 and hybrid.
 * Throws EverseedError `create-empty`, `piece-length` or `too-many-pieces`, and `ProtocolError` on names no client could store.
 */
export function layoutFiles(input: {
  readonly name: string;
  readonly singleFile: boolean;
  readonly files: readonly SourceFile[];
  readonly kind: TorrentKind;
  readonly pieceLengthBytes: number;
}): Layout {
  const { kind, name, singleFile, pieceLengthBytes } = input;
  if (
    pieceLengthBytes < BLOCK_BYTES ||
    pieceLengthBytes > 1 << 28 ||
    (pieceLengthBytes & (pieceLengthBytes - 1)) !== 0
  ) {
    throw new EverseedError(
      "piece-length",
      `Cannot use a piece length of ${pieceLengthBytes}: expected a power of two from 16384`,
      {
        hint: "Leave --piece-length out to have one chosen.",
      },
    );
  }
  assert(!singleFile || (input.files.length === 1 && input.files[0]?.path.join("/") === name), "one file, of the name");
  checkName(utf8(name));
  for (const file of input.files) for (const part of file.path) checkName(utf8(part));
  checkCollisions(input.files.map((file) => file.path));
  const ordered = kind === "v1" ? [...input.files] : [...input.files].sort((a, b) => comparePaths(a.path, b.path));
  const files: TorrentFile[] = [];
  let offsetBytes = 0;
  let endBytes = 0;
  for (const { path, lengthBytes } of ordered) {
    assert(Number.isSafeInteger(lengthBytes) && lengthBytes >= 0, "lengths are whole numbers of bytes");
    files.push({ path, lengthBytes, offsetBytes });
    if (lengthBytes > 0) endBytes = offsetBytes + lengthBytes;
    offsetBytes += kind === "v1" ? lengthBytes : Math.ceil(lengthBytes / pieceLengthBytes) * pieceLengthBytes;
  }
  if (endBytes === 0) {
    throw new EverseedError("create-empty", `Cannot make a torrent of ${name}: it holds no data`, {
      hint: "Name a file or folder that is not empty.",
    });
  }
  const pieceCount = Math.ceil(endBytes / pieceLengthBytes);
  if (!Number.isSafeInteger(offsetBytes) || pieceCount > MAX_PIECES) {
    throw new EverseedError("too-many-pieces", `Cannot make a torrent of ${pieceCount} pieces: at most ${MAX_PIECES}`, {
      hint: "Choose longer pieces, or make several torrents.",
    });
  }
  return { kind, name, singleFile, pieceLengthBytes, pieceCount, files };
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareBytes(utf8(a[i] as string), utf8(b[i] as string));
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/**
 * Assembles the torrent file from the hashes of all pieces, in order: `sha1` of each for v1 and hybrid, `leaves` (one hash
 * for each 16 KiB block of data) for v2 and hybrid.
 */
export function buildTorrent(layout: Layout, pieces: readonly PieceHashes[], extras: TorrentExtras = {}): Uint8Array {
  assert(pieces.length === layout.pieceCount, "hashes of all pieces");
  const entries: Record<string, BencodeValue | string | undefined> = {
    name: layout.name,
    "piece length": layout.pieceLengthBytes,
    private: extras.private ? 1 : undefined,
  };
  let layers: BencodeDict | undefined;
  if (layout.kind !== "v2") {
    entries.pieces = joined(
      pieces.map((piece) => piece.sha1 as Uint8Array),
      20,
    );
    if (layout.singleFile) entries.length = (layout.files[0] as TorrentFile).lengthBytes;
    else entries.files = v1FileList(layout);
  }
  if (layout.kind !== "v1") {
    const trees = fileTrees(layout, pieces);
    entries["meta version"] = 2;
    entries["file tree"] = trees.tree;
    layers = trees.layers;
  }
  const tiers = (extras.announce ?? []).filter((tier) => tier.length > 0);
  return encodeBencode(
    dict({
      announce: tiers[0]?.[0],
      "announce-list":
        tiers.length > 1 || (tiers[0]?.length ?? 0) > 1 ? tiers.map((tier) => tier.map(utf8)) : undefined,
      "url-list": extras.webSeeds?.length ? extras.webSeeds.map(utf8) : undefined,
      httpseeds: extras.httpSeeds?.length ? extras.httpSeeds.map(utf8) : undefined,
      comment: extras.comment,
      "created by": extras.createdBy,
      "creation date": extras.creationDate,
      info: dict(entries),
      "piece layers": layers,
    }),
  );
}

function v1FileList(layout: Layout): BencodeValue[] {
  const out: BencodeValue[] = [];
  let at = 0;
  for (const file of layout.files) {
    const gap = file.lengthBytes > 0 ? file.offsetBytes - at : 0;
    if (gap > 0) out.push(dict({ attr: "p", length: gap, path: [utf8(".pad"), utf8(String(gap))] }));
    out.push(dict({ length: file.lengthBytes, path: file.path.map(utf8) }));
    at += gap + file.lengthBytes;
  }
  return out;
}

function fileTrees(layout: Layout, pieces: readonly PieceHashes[]): { tree: BencodeDict; layers: BencodeDict } {
  const tree = new Map<string, BencodeValue>();
  const layers = new Map<string, BencodeValue>();
  const blocksPerPiece = layout.pieceLengthBytes / BLOCK_BYTES;
  for (const file of layout.files) {
    let root: Uint8Array | undefined;
    if (file.lengthBytes > 0) {
      const first = file.offsetBytes / layout.pieceLengthBytes;
      const count = Math.ceil(file.lengthBytes / layout.pieceLengthBytes);
      const leaves = pieces.slice(first, first + count).map((piece) => piece.leaves as Uint8Array);
      const hashed = leaves.reduce((sum, hashes) => sum + hashes.length / HASH_BYTES, 0);
      assert(hashed === Math.ceil(file.lengthBytes / BLOCK_BYTES), "a leaf for each block of data");
      if (count === 1) {
        root = merkleRoot(leaves[0] as Uint8Array, nextPowerOfTwo((leaves[0] as Uint8Array).length / HASH_BYTES));
      } else {
        const layer = joined(
          leaves.map((hashes) => merkleRoot(hashes, blocksPerPiece)),
          HASH_BYTES,
        );
        root = rootOfPieceLayer(layer, blocksPerPiece);
        layers.set(keyOf(root), layer);
      }
    }
    let folder = tree;
    for (const part of file.path) {
      const key = keyOf(utf8(part));
      const next = (folder.get(key) as Map<string, BencodeValue> | undefined) ?? new Map<string, BencodeValue>();
      folder.set(key, next);
      folder = next;
    }
    folder.set("", dict({ length: file.lengthBytes, "pieces root": root }));
  }
  return { tree, layers };
}

/** Joins hashes of one size; a spread of millions would not fit the stack. */
function joined(hashes: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(hashes.length * size);
  for (const [i, hash] of hashes.entries()) {
    assert(hash.length === size, "hashes are whole");
    out.set(hash, i * size);
  }
  return out;
}

/** Dictionary keys are byte strings held one byte a character. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
