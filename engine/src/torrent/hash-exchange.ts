/**
 * Hashes of a v2 torrent's trees between peers (BEP 52, messages 21 to 23): serves piece layers and the leaves of pieces
 * we hold, and asks for the leaves of a piece, so that blocks verify one by one. What arrives is checked against the
 * piece's own hash before it is used.
 */
import { concat, equalBytes, ProtocolError, toHex } from "@everseed/core";
import {
  BLOCK_BYTES,
  createHashProof,
  type Metainfo,
  nextPowerOfTwo,
  type PieceMap,
  rootOfPieceLayer,
  type TorrentFile,
  verifyPiece,
} from "@everseed/metainfo";
import type { Message, HashRange as WireHashRange } from "@everseed/wire";
import type { Hasher } from "../hasher.ts";
import type { Peer } from "../peer/peer.ts";

type HashRange = Omit<WireHashRange, "proofLayers">;
type Hashes = Extract<Message, { type: "hashes" }>;

const HASH_BYTES = 32;
/** Most hashes in one answer: 256 KiB, libtorrent's own bound. */
const MAX_HASHES = 8192;
const MAX_PENDING_SERVES = 16;
const CACHED_PIECES = 16;
/** Hashes asked for at a time, BEP 52's own advice, and requests under way with a peer. */
const LAYER_PART = 512;
const LAYER_PIPELINE = 16;

export interface HashExchangeInit {
  readonly metainfo: () => Metainfo | undefined;
  readonly pieces: () => PieceMap | undefined;
  readonly have: (piece: number) => boolean;
  readonly read: (piece: number, target: Uint8Array) => Promise<void>;
  readonly hasher: Hasher;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
}

interface LayerFetch {
  readonly piecesRoot: Uint8Array;
  /** Hashes of the layer. */
  readonly count: number;
  /** Hashes of one part. */
  readonly size: number;
  readonly parts: (Uint8Array | undefined)[];
}

interface Waiting {
  readonly peer: Peer;
  readonly piece: number;
  readonly done: (leaves: Uint8Array) => void;
}

export class HashExchange {
  readonly #init: HashExchangeInit;
  readonly #waiting = new Map<string, Waiting>();
  #layers:
    | { wanted: Map<string, LayerFetch>; into: Map<string, Uint8Array>; done: () => void; baseLayer: number }
    | undefined;
  readonly #leaves = new Map<number, Uint8Array>();
  readonly #serving = new WeakMap<Peer, number>();

  constructor(init: HashExchangeInit) {
    this.#init = init;
  }

  /** Asks the peer for the leaves of a piece; `done` gets them once they match the piece's hash. */
  requestLeaves(peer: Peer, piece: number, done: (leaves: Uint8Array) => void): void {
    const range = this.#leafRange(piece);
    if (range === undefined) return;
    const key = rangeKey(peer, range);
    if (this.#waiting.has(key)) return;
    this.#waiting.set(key, { peer, piece, done });
    peer.send({ type: "hashRequest", ...range, proofLayers: 0 });
  }

  /** The leaves of a piece as a range of its file's tree; `undefined` when one block is the whole piece. */
  #leafRange(piece: number): HashRange | undefined {
    const pieces = this.#init.pieces();
    const metainfo = this.#init.metainfo();
    const file = pieces?.files(piece)[0];
    if (pieces === undefined || metainfo === undefined || file?.piecesRoot === undefined) return undefined;
    const blocks = pieces.blockCount(piece);
    if (blocks < 2) return undefined;
    const perPiece = metainfo.pieceLengthBytes / BLOCK_BYTES;
    const first = (pieces.pieceOffset(piece) - file.offsetBytes) / BLOCK_BYTES;
    const length = file.lengthBytes <= metainfo.pieceLengthBytes ? nextPowerOfTwo(blocks) : perPiece;
    return { piecesRoot: file.piecesRoot, baseLayer: 0, index: first, length };
  }

  /** The peer cannot or will not answer. */
  onReject(peer: Peer, range: WireHashRange): void {
    this.#waiting.delete(rangeKey(peer, range));
  }

  onHashes(peer: Peer, message: Hashes): void {
    const key = rangeKey(peer, message);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return this.#onLayerPart(peer, message);
    this.#waiting.delete(key);
    const pieces = this.#init.pieces() as PieceMap;
    const leaves = message.hashes.slice(0, pieces.blockCount(waiting.piece) * HASH_BYTES);
    if (!verifyPiece(pieces, waiting.piece, { leaves })) {
      const shown = toHex(leaves.subarray(0, 8));
      this.#init.onFault(
        peer,
        new ProtocolError("hashes-invalid", "hashes", "leaves that add up to the piece's hash", `${shown}...`),
      );
      return;
    }
    waiting.done(leaves);
  }

  /**
   * Fetches the piece layers that the metadata of a magnet link does not hold (BEP 52). `done` is called once all are
   * there and add up to their files' roots.
   */
  fetchLayers(metainfo: Metainfo, into: Map<string, Uint8Array>, done: () => void): void {
    const wanted = new Map<string, LayerFetch>();
    for (const { piecesRoot, lengthBytes } of metainfo.files) {
      if (piecesRoot === undefined || lengthBytes <= metainfo.pieceLengthBytes) continue;
      const count = Math.ceil(lengthBytes / metainfo.pieceLengthBytes);
      const size = Math.min(LAYER_PART, nextPowerOfTwo(count));
      const parts = Array.from({ length: Math.ceil(count / size) }, () => undefined);
      wanted.set(toHex(piecesRoot), { piecesRoot, count, size, parts });
    }
    this.#layers = { wanted, into, done, baseLayer: Math.log2(metainfo.pieceLengthBytes / BLOCK_BYTES) };
    if (wanted.size === 0) this.#layersDone();
  }

  /** Asks the peer for parts of layers that are still missing; call it again when nothing came. */
  askLayers(peer: Peer): void {
    const layers = this.#layers;
    let asked = 0;
    for (const { piecesRoot, size, parts } of layers?.wanted.values() ?? []) {
      for (let i = 0; i < parts.length && asked < LAYER_PIPELINE; i++) {
        if (parts[i] !== undefined) continue;
        asked++;
        const baseLayer = layers?.baseLayer ?? 0;
        peer.send({ type: "hashRequest", piecesRoot, baseLayer, index: i * size, length: size, proofLayers: 0 });
      }
    }
  }

  #onLayerPart(peer: Peer, message: Hashes): void {
    const layers = this.#layers;
    const fetch = layers?.wanted.get(toHex(message.piecesRoot));
    if (layers === undefined || fetch === undefined || message.baseLayer !== layers.baseLayer) return;
    const part = message.index / fetch.size;
    if (
      message.length !== fetch.size ||
      !Number.isInteger(part) ||
      part >= fetch.parts.length ||
      fetch.parts[part] !== undefined
    )
      return;
    fetch.parts[part] = message.hashes.slice(0, fetch.size * HASH_BYTES);
    if (fetch.parts.includes(undefined)) return;
    const layer = concat(...(fetch.parts as Uint8Array[])).slice(0, fetch.count * HASH_BYTES);
    if (
      layer.length === fetch.count * HASH_BYTES &&
      equalBytes(rootOfPieceLayer(layer, 2 ** layers.baseLayer), fetch.piecesRoot)
    ) {
      layers.into.set(toHex(fetch.piecesRoot), layer);
      layers.wanted.delete(toHex(fetch.piecesRoot));
      if (layers.wanted.size === 0) return this.#layersDone();
      return this.askLayers(peer);
    }
    fetch.parts.fill(undefined);
    this.#init.onFault(
      peer,
      new ProtocolError("hashes-invalid", "hashes", "a layer that adds up to its file's root", "another"),
    );
  }

  #layersDone(): void {
    const done = this.#layers?.done;
    this.#layers = undefined;
    done?.();
  }

  /** Answers a request of the peer, or refuses it. */
  serve(peer: Peer, request: WireHashRange): void {
    const { piecesRoot, baseLayer, index, length } = request;
    const reject = (): void => peer.send({ ...request, type: "hashReject" });
    const answer = (hashes: Uint8Array): void => peer.send({ ...request, type: "hashes", hashes });
    const metainfo = this.#init.metainfo();
    const power = length >= 1 && length <= MAX_HASHES && (length & (length - 1)) === 0;
    if (metainfo === undefined || !power || index % length !== 0) return reject();
    const layer = Math.log2(metainfo.pieceLengthBytes / BLOCK_BYTES);
    if (baseLayer === layer) {
      const hashes = metainfo.pieceLayers?.get(toHex(piecesRoot));
      if (hashes === undefined || index * HASH_BYTES >= hashes.length) return reject();
      const file = this.#fileOf(piecesRoot);
      const slice = file && createHashProof(hashes, request, file.lengthBytes);
      return slice === undefined ? reject() : answer(slice);
    }
    // Leaves are served a piece at a time and without proof: the asker holds the piece's own hash.
    if (baseLayer !== 0 || request.proofLayers !== 0) return reject();
    const piece = this.#pieceOf(request);
    const busy = this.#serving.get(peer) ?? 0;
    if (piece === undefined || !this.#init.have(piece) || busy >= MAX_PENDING_SERVES) return reject();
    this.#serving.set(peer, busy + 1);
    this.#pieceLeaves(piece).then(
      (leaves) => {
        this.#serving.set(peer, (this.#serving.get(peer) ?? 1) - 1);
        const padded = new Uint8Array(length * HASH_BYTES);
        padded.set(leaves.subarray(0, padded.length));
        answer(padded);
      },
      () => {
        this.#serving.set(peer, (this.#serving.get(peer) ?? 1) - 1);
        reject();
      },
    );
  }

  /** The piece whose leaves are exactly the range asked for. */
  #pieceOf(range: HashRange): number | undefined {
    const metainfo = this.#init.metainfo() as Metainfo;
    const file = this.#fileOf(range.piecesRoot);
    if (file === undefined || range.index * BLOCK_BYTES >= file.lengthBytes) return undefined;
    const piece = Math.floor((file.offsetBytes + range.index * BLOCK_BYTES) / metainfo.pieceLengthBytes);
    const expected = this.#leafRange(piece);
    return expected?.index === range.index && expected.length === range.length ? piece : undefined;
  }

  #fileOf(piecesRoot: Uint8Array): TorrentFile | undefined {
    return this.#init.metainfo()?.files.find((f) => f.piecesRoot !== undefined && equalBytes(f.piecesRoot, piecesRoot));
  }

  async #pieceLeaves(piece: number): Promise<Uint8Array> {
    const known = this.#leaves.get(piece);
    if (known !== undefined) return known;
    const pieces = this.#init.pieces() as PieceMap;
    const data = this.#init.hasher.allocate(pieces.pieceBytes(piece));
    await this.#init.read(piece, data);
    const { leaves } = await this.#init.hasher.digest(data, { sha1: false, leaves: true });
    this.#leaves.set(piece, leaves as Uint8Array);
    for (const oldest of this.#leaves.keys()) {
      if (this.#leaves.size <= CACHED_PIECES) break;
      this.#leaves.delete(oldest);
    }
    return leaves as Uint8Array;
  }

  peerGone(peer: Peer): void {
    for (const [key, waiting] of this.#waiting) if (waiting.peer === peer) this.#waiting.delete(key);
  }
}

function rangeKey(peer: Peer, range: HashRange): string {
  return `${peer.id}:${toHex(range.piecesRoot)}:${range.baseLayer}:${range.index}:${range.length}`;
}
