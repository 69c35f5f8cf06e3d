/**
 * Torrent files (BEP 3, 12, 17, 19, 27, 47, 52) into `Metainfo`. Everything is checked here, once: sizes before allocation,
 * names, hash counts, that a hybrid's two descriptions agree, and that piece layers belong to their files.
 */
import { equalBytes, fromUtf8, fromUtf8Strict, ProtocolError, sha1, sha256, toHex } from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  asList,
  type BencodeDict,
  type BencodeValue,
  decodeBencode,
  spanOfKey,
} from "./bencode.ts";
import { HASH_BYTES, rootOfPieceLayer } from "./merkle.ts";
import { checkCollisions, checkName } from "./paths.ts";
import { BLOCK_BYTES, MAX_PIECES, type Metainfo, type TorrentFile } from "./types.ts";

const MAX_FILES = 1_000_000;
const MAX_PIECE_BYTES = 1 << 28;
const MAX_URLS = 1_000;

export interface ParseOptions {
  /** Largest torrent file accepted. @default 128 MiB */
  readonly maxBytes?: number;
}

/** Parses a .torrent file. Throws `ProtocolError`. */
export function parseTorrent(bytes: Uint8Array, options: ParseOptions = {}): Metainfo {
  const decode = { unsortedKeys: true, ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }) };
  const root = asDict(decodeBencode(bytes, decode));
  const infoBytes = spanOfKey(bytes, "info", decode);
  if (root === undefined || infoBytes === undefined)
    throw bad("torrent", "a dictionary with an info dictionary", "something else");
  const layers = asDict(root.get("piece layers"));
  const pieceLayers = new Map<string, Uint8Array>();
  for (const [key, value] of layers ?? []) {
    const hashes = asBytes(value);
    if (key.length !== HASH_BYTES || hashes === undefined || hashes.length % HASH_BYTES !== 0) {
      throw bad("piece layers", "32-byte keys and whole hashes", "something else");
    }
    pieceLayers.set(toHex(Uint8Array.from(key, (c) => c.charCodeAt(0))), hashes);
  }
  const metainfo = parseInfo(infoBytes, layers === undefined ? undefined : pieceLayers);
  if (metainfo.infoHashV2 !== undefined) requireLayers(metainfo);
  const text = (key: string): string | undefined => {
    const value = asBytes(root.get(key));
    return value && fromUtf8(value);
  };
  const comment = text("comment");
  const createdBy = text("created by");
  const creationDate = asCount(root.get("creation date"));
  return {
    ...metainfo,
    announce: announceTiers(root),
    webSeeds: urls(root.get("url-list")),
    httpSeeds: urls(root.get("httpseeds")).filter((url) => /^https?:/i.test(url)),
    ...(comment === undefined ? {} : { comment }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(creationDate === undefined ? {} : { creationDate }),
  };
}

/**
 * Parses an info dictionary alone, as it comes from peers. Without `pieceLayers` a v2 torrent's layers are unknown.
 * Throws `ProtocolError`.
 */
export function parseInfo(infoBytes: Uint8Array, pieceLayers?: ReadonlyMap<string, Uint8Array>): Metainfo {
  const info = asDict(decodeBencode(infoBytes, { unsortedKeys: true }));
  if (info === undefined) throw bad("info", "a dictionary", "something else");
  const name = checkName(asBytes(info.get("name.utf-8") ?? info.get("name")) ?? new Uint8Array());
  const pieceLengthBytes = asCount(info.get("piece length")) ?? 0;
  if (pieceLengthBytes < 1 || pieceLengthBytes > MAX_PIECE_BYTES) {
    throw bad("piece length", `1 to ${MAX_PIECE_BYTES} bytes`, `${pieceLengthBytes}`);
  }
  const version = info.get("meta version");
  if (version !== undefined && version !== 2)
    throw bad("meta version", "2", typeof version === "number" ? `${version}` : "something else");
  const tree = asDict(info.get("file tree"));
  const pieces = asBytes(info.get("pieces"));
  if ((version === 2) !== (tree !== undefined))
    throw bad("file tree", "a file tree exactly where meta version is 2", "only one of them");
  if (pieces === undefined && tree === undefined) throw bad("info", "pieces (v1) or a file tree (v2)", "neither");
  const v1 = pieces === undefined ? undefined : v1Files(info, name);
  const v2 = tree === undefined ? undefined : v2Files(tree, pieceLengthBytes, name);
  if (v1 !== undefined && v2 !== undefined) requireAgreement(v1, v2);
  const layout = v2 ?? (v1 as Layout);
  const pieceCount = Math.ceil(layout.spaceBytes / pieceLengthBytes);
  if (pieceCount < 1 || pieceCount > MAX_PIECES) throw bad("pieces", `1 to ${MAX_PIECES} pieces`, `${pieceCount}`);
  if (pieces !== undefined && pieces.length !== pieceCount * 20) {
    throw bad("pieces", `${pieceCount} hashes of 20 bytes`, `${pieces.length} bytes`);
  }
  const tailPaddingBytes = tailPadding(v1, layout.spaceBytes, pieceCount * pieceLengthBytes);
  checkCollisions(layout.files.map((file) => file.path));
  const metainfo: Metainfo = {
    ...(pieces === undefined ? {} : { infoHashV1: { version: 1, bytes: sha1(infoBytes) }, pieces }),
    ...(tailPaddingBytes === 0 ? {} : { tailPaddingBytes }),
    ...(tree === undefined ? {} : { infoHashV2: { version: 2, bytes: sha256(infoBytes) } }),
    infoBytes,
    name,
    singleFile: (v1 ?? layout).singleFile,
    pieceLengthBytes,
    pieceCount,
    files: layout.files,
    totalBytes: layout.files.reduce((sum, file) => sum + file.lengthBytes, 0),
    ...(tree !== undefined && pieceLayers !== undefined
      ? { pieceLayers: checkLayers(layout.files, pieceLengthBytes, pieceLayers) }
      : {}),
    private: info.get("private") === 1,
    announce: [],
    webSeeds: [],
    httpSeeds: [],
  };
  return metainfo;
}

interface Layout {
  readonly files: TorrentFile[];
  readonly singleFile: boolean;
  /** End of the last data in the linear space. */
  readonly spaceBytes: number;
  /** The same with a padding file at the end (v1). */
  readonly paddedBytes: number;
}

/** Padding after the last data belongs to the last piece; more than that would be pieces of nothing. */
function tailPadding(v1: Layout | undefined, spaceBytes: number, roomBytes: number): number {
  if (v1 === undefined) return 0;
  if (v1.paddedBytes > roomBytes)
    throw bad("files", "padding that ends within the last piece", `${v1.paddedBytes - spaceBytes} bytes of it`);
  return v1.paddedBytes - spaceBytes;
}

function v1Files(info: BencodeDict, name: string): Layout {
  const single = asCount(info.get("length"));
  const list = asList(info.get("files"));
  if ((single === undefined) === (list === undefined))
    throw bad("info", "length or files, one of them", "both or neither");
  if (single !== undefined) {
    return {
      files: [{ path: [name], lengthBytes: single, offsetBytes: 0 }],
      singleFile: true,
      spaceBytes: single,
      paddedBytes: single,
    };
  }
  const entries = list as readonly BencodeValue[];
  if (entries.length < 1 || entries.length > MAX_FILES)
    throw bad("files", `1 to ${MAX_FILES} files`, `${entries.length}`);
  const files: TorrentFile[] = [];
  let offsetBytes = 0;
  let endBytes = 0;
  for (const entry of entries) {
    const file = asDict(entry);
    if (file !== undefined && hasAttribute(file, "l")) continue;
    const lengthBytes = asCount(file?.get("length"));
    if (file === undefined || lengthBytes === undefined)
      throw bad("files", "a length for each file", "none or a negative one");
    if (!hasAttribute(file, "p")) {
      const path = pathOf(asList(file.get("path.utf-8") ?? file.get("path")));
      files.push({ path, lengthBytes, offsetBytes });
      if (lengthBytes > 0) endBytes = offsetBytes + lengthBytes;
    }
    offsetBytes += lengthBytes;
    if (!Number.isSafeInteger(offsetBytes)) throw bad("files", "less than 2^53 bytes in all", "more");
  }
  if (files.length === 0) throw bad("files", "at least one file that is not padding", "none");
  return { files, singleFile: false, spaceBytes: endBytes, paddedBytes: offsetBytes };
}

/**
 * BEP 47: "p" marks padding, "l" a symbolic link. A link takes no room in the linear space and is left out: it could point
 * anywhere on the disk.
 */
export function hasAttribute(file: BencodeDict, letter: "p" | "l"): boolean {
  return asBytes(file.get("attr"))?.includes(letter.charCodeAt(0)) === true;
}

/** Throws `ProtocolError`. */
export function pathOf(parts: readonly BencodeValue[] | undefined): string[] {
  if (parts === undefined || parts.length < 1 || parts.length > 64)
    throw bad("path", "1 to 64 components", `${parts?.length ?? 0}`);
  return parts.map((part) => checkName(asBytes(part) ?? new Uint8Array()));
}

function v2Files(tree: BencodeDict, pieceLengthBytes: number, name: string): Layout {
  if (pieceLengthBytes < BLOCK_BYTES || (pieceLengthBytes & (pieceLengthBytes - 1)) !== 0) {
    throw bad("piece length", "a power of two of at least 16384 (v2)", `${pieceLengthBytes}`);
  }
  const files: TorrentFile[] = [];
  let offsetBytes = 0;
  let endBytes = 0;
  const walk = (folder: BencodeDict, path: readonly string[]): void => {
    if (path.length > 64) throw bad("file tree", "at most 64 levels", "more");
    let previous = "";
    for (const [key, value] of folder) {
      // Where files lie follows from the order of their names, so here it is no matter of taste.
      if (key < previous) throw bad("file tree", "names in the order of their bytes", JSON.stringify(key.slice(0, 40)));
      previous = key;
      const node = asDict(value);
      if (node === undefined) throw bad("file tree", "dictionaries", "something else");
      const here = [...path, checkName(Uint8Array.from(key, (c) => c.charCodeAt(0)))];
      const leaf = asDict(node.get(""));
      if (leaf === undefined) {
        if (node.size === 0) throw bad("file tree", "no empty folders", here.join("/"));
        walk(node, here);
        continue;
      }
      if (node.size !== 1) throw bad("file tree", "a file or a folder", "both");
      if (hasAttribute(leaf, "p")) throw bad("file tree", "no padding files (v2)", here.join("/"));
      if (hasAttribute(leaf, "l")) continue;
      const lengthBytes = asCount(leaf.get("length"));
      const piecesRoot = asBytes(leaf.get("pieces root"));
      if (lengthBytes === undefined || lengthBytes > 0 !== (piecesRoot?.length === HASH_BYTES)) {
        throw bad("file tree", "a length, and a 32-byte pieces root where it is above 0", here.join("/"));
      }
      if (piecesRoot?.every((byte) => byte === 0)) throw bad("pieces root", "a hash", "zeros");
      if (files.length >= MAX_FILES) throw bad("file tree", `at most ${MAX_FILES} files`, "more");
      files.push({ path: here, lengthBytes, offsetBytes, ...(piecesRoot === undefined ? {} : { piecesRoot }) });
      endBytes = lengthBytes > 0 ? offsetBytes + lengthBytes : endBytes;
      offsetBytes += Math.ceil(lengthBytes / pieceLengthBytes) * pieceLengthBytes;
      if (!Number.isSafeInteger(offsetBytes)) throw bad("file tree", "less than 2^53 bytes in all", "more");
    }
  };
  walk(tree, []);
  if (files.length === 0) throw bad("file tree", "at least one file", "none");
  const [only] = files;
  const singleFile = files.length === 1 && only?.path.length === 1 && only.path[0] === name;
  return { files, singleFile, spaceBytes: endBytes, paddedBytes: endBytes };
}

/** A hybrid describes the same files twice (BEP 52, "upgrade path"). Empty files may be placed anywhere. */
function requireAgreement(v1: Layout, v2: Layout): void {
  const shown = (file: TorrentFile): string =>
    `${file.path.join("/")}:${file.lengthBytes}${file.lengthBytes > 0 ? `@${file.offsetBytes}` : ""}`;
  const a = v1.files.map(shown).sort();
  const b = v2.files.map(shown).sort();
  const at = a.findIndex((entry, i) => entry !== b[i]);
  if (a.length !== b.length || at >= 0) {
    throw bad(
      "hybrid files",
      `the same files at the same places in v1 and v2, like ${b[Math.max(0, at)] ?? "none"}`,
      `${a[Math.max(0, at)] ?? "none"}`,
    );
  }
}

function checkLayers(
  files: readonly TorrentFile[],
  pieceLengthBytes: number,
  layers: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Uint8Array> {
  const out = new Map<string, Uint8Array>();
  for (const { piecesRoot, lengthBytes, path } of files) {
    if (piecesRoot === undefined || lengthBytes <= pieceLengthBytes) continue;
    const key = toHex(piecesRoot);
    const layer = layers.get(key);
    if (layer === undefined) continue;
    const count = Math.ceil(lengthBytes / pieceLengthBytes);
    const fits = layer.length === count * HASH_BYTES;
    // Files of the same content share a layer: it is added up once.
    if (fits && out.has(key)) continue;
    if (!fits || !equalBytes(rootOfPieceLayer(layer, pieceLengthBytes / BLOCK_BYTES), piecesRoot)) {
      throw bad("piece layers", `${count} hashes that add up to the file's pieces root`, path.join("/"));
    }
    out.set(key, layer);
  }
  return out;
}

function requireLayers(metainfo: Metainfo): void {
  for (const { piecesRoot, lengthBytes, path } of metainfo.files) {
    if (piecesRoot === undefined || lengthBytes <= metainfo.pieceLengthBytes) continue;
    if (metainfo.pieceLayers?.has(toHex(piecesRoot)) !== true)
      throw bad("piece layers", "a layer for each file longer than a piece", path.join("/"));
  }
}

function announceTiers(root: BencodeDict): string[][] {
  const tiers = (asList(root.get("announce-list")) ?? [])
    .slice(0, MAX_URLS)
    .map((tier) => urls(tier))
    .filter((tier) => tier.length > 0);
  if (tiers.length > 0) return tiers;
  const single = urls(root.get("announce"));
  return single.length > 0 ? [single] : [];
}

/** A URL or a list of them; what is no text is left out. */
function urls(value: BencodeValue | undefined): string[] {
  const items = value instanceof Uint8Array ? [value] : (asList(value) ?? []);
  const out: string[] = [];
  for (const item of items.slice(0, MAX_URLS)) {
    const text = item instanceof Uint8Array ? fromUtf8Strict(item)?.trim() : undefined;
    if (text !== undefined && /^(https?|udp|wss?):\/\//i.test(text) && text.length <= 2048) out.push(text);
  }
  return out;
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("torrent-invalid", field, expected, received);
}
