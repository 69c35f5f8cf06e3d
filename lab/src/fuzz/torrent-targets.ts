/** Torrents and their parts: bencode, metainfo, info dictionaries, magnet links, hashes of BEP 52's trees. */
import { readdirSync, readFileSync } from "node:fs";
import { equalBytes, fromUtf8, infoHashHex, ProtocolError, parseInfoHash, utf8 } from "@everseed/core";
import {
  BLOCK_BYTES,
  createHashProof,
  createPieceMap,
  decodeBencode,
  encodeBencode,
  formatMagnet,
  HASH_BYTES,
  layerAbove,
  type Metainfo,
  merkleRoot,
  type ProofRange,
  parseInfo,
  parseMagnet,
  parseTorrent,
  proofLayersToRoot,
  verifyHashProof,
} from "@everseed/metainfo";
import { anyOf, type FuzzTarget, isRefusal, same, sameBytes, sample } from "./target.ts";

/** The published fixtures, by whether they are meant to be accepted. */
function fixtures(valid: boolean): Uint8Array[] {
  const folder = new URL("../../../protocol/metainfo/fixtures/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".torrent"))
    .sort()
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))))
    .filter((torrent) => accepts(() => parseTorrent(torrent)) === valid);
}

function accepts(task: () => unknown): boolean {
  try {
    task();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function walk(metainfo: Metainfo): void {
  const pieces = createPieceMap(metainfo);
  for (let piece = 0; piece < Math.min(metainfo.pieceCount, 8); piece++) {
    if (pieces.pieceBytes(piece) < 1) throw new Error(`piece ${piece} holds nothing`);
    pieces.files(piece);
  }
}

/** A file of sixteen blocks but for a byte, and the layers of its tree, leaves first. */
const FILE_BYTES = 16 * BLOCK_BYTES - 1;
const LAYERS: readonly Uint8Array[] = [0, 1, 2, 3].reduce<Uint8Array[]>(
  (layers) => [...layers, layerAbove(layers.at(-1) as Uint8Array, new Uint8Array(HASH_BYTES))],
  [sample(16 * HASH_BYTES)],
);
const PIECES_ROOT = merkleRoot(LAYERS[0] as Uint8Array, 16);
const RANGES: readonly ProofRange[] = [
  { baseLayer: 0, index: 0, length: 2, proofLayers: proofLayersToRoot(FILE_BYTES, 0) },
  { baseLayer: 0, index: 8, length: 4, proofLayers: proofLayersToRoot(FILE_BYTES, 0) },
  { baseLayer: 1, index: 2, length: 2, proofLayers: proofLayersToRoot(FILE_BYTES, 1) },
  { baseLayer: 0, index: 0, length: 16, proofLayers: 0 },
];
const RANGE_BYTES = 16;

function encodeRange({ baseLayer, index, length, proofLayers }: ProofRange): Uint8Array {
  const out = new DataView(new ArrayBuffer(RANGE_BYTES));
  [baseLayer, index, length, proofLayers].forEach((value, i) => {
    out.setUint32(4 * i, value);
  });
  return new Uint8Array(out.buffer);
}

function decodeRange(input: Uint8Array): ProofRange {
  const padded = new Uint8Array(RANGE_BYTES);
  padded.set(input.subarray(0, RANGE_BYTES));
  const view = new DataView(padded.buffer);
  const [baseLayer, index, length, proofLayers] = [0, 4, 8, 12].map((at) => view.getUint32(at));
  return { baseLayer, index, length, proofLayers } as ProofRange;
}

const proofOf = (range: ProofRange): Uint8Array | undefined =>
  createHashProof(LAYERS[range.baseLayer] ?? new Uint8Array(), range, FILE_BYTES);

export const TORRENT_TARGETS: readonly FuzzTarget[] = [
  {
    name: "bencode",
    corpus: () => [...fixtures(true), ...["de", "le", "i-5e", "0:", "d1:ali1ei2eee", "d3:cow3:mooe"].map(utf8)],
    refused: () => fixtures(false),
    run: (input) => {
      anyOf(
        () => sameBytes(encodeBencode(decodeBencode(input)), input, "bencode"),
        () => {
          const loose = decodeBencode(input, { unsortedKeys: true });
          same(decodeBencode(encodeBencode(loose)), loose, "bencode with its keys sorted");
        },
      );
    },
  },
  { name: "torrent", corpus: () => fixtures(true), refused: () => fixtures(false), run: (i) => walk(parseTorrent(i)) },
  {
    name: "info-dictionary",
    corpus: () => fixtures(true).map((torrent) => parseTorrent(torrent).infoBytes),
    run: (input) => walk(parseInfo(input)),
  },
  {
    name: "magnet",
    corpus: () =>
      [
        "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=name&tr=http%3A%2F%2Ft.example%2Fannounce",
        "magnet:?xt=urn:btih:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C&x.pe=127.0.0.1:6881&ws=http%3A%2F%2Fs.example%2F",
        "magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e&so=0,2-4",
        "magnet:?xs=urn:btpk:8543d3e6115f0f98c944077a4493dcd543e49c739fd998550a1f614ab36ed63e&s=6e",
      ].map(utf8),
    run: (input) => {
      const magnet = parseMagnet(fromUtf8(input));
      same(parseMagnet(formatMagnet(magnet)), magnet, "a magnet link");
    },
  },
  {
    name: "infohash",
    corpus: () => ["c12fe1c06bba254a9dc9f519b335aa7c1367a88a", `0x${"ab".repeat(32)}`].map(utf8),
    run: (input) => {
      const hash = parseInfoHash(fromUtf8(input));
      same(parseInfoHash(infoHashHex(hash)), hash, "an infohash");
    },
  },
  {
    name: "hash-request",
    corpus: () => RANGES.map(encodeRange),
    run: (input) => {
      const range = decodeRange(input);
      const proof = proofOf(range);
      if (proof === undefined) throw new ProtocolError("hash-request", "range", "one of the file's", "another");
      const climbs = range.proofLayers >= proofLayersToRoot(FILE_BYTES, range.baseLayer);
      const file = { piecesRoot: PIECES_ROOT, lengthBytes: FILE_BYTES };
      if (climbs && !verifyHashProof(proof, range, file)) throw new Error("our own answer does not verify");
    },
  },
  {
    name: "hash-proof",
    corpus: () =>
      RANGES.map((range) => new Uint8Array(Buffer.concat([encodeRange(range), proofOf(range) as Uint8Array]))),
    run: (input) => {
      const range = decodeRange(input);
      const hashes = input.subarray(RANGE_BYTES);
      if (!verifyHashProof(hashes, range, { piecesRoot: PIECES_ROOT, lengthBytes: FILE_BYTES }))
        throw new ProtocolError("hash-proof", "hashes", "a proof", "none");
      const from = range.index * HASH_BYTES;
      const size = range.length * HASH_BYTES;
      const truth = (LAYERS[range.baseLayer] as Uint8Array).subarray(from, from + size);
      if (!equalBytes(hashes.subarray(0, size), truth)) throw new Error("took hashes that are not the file's");
    },
  },
];
