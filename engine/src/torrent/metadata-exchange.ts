/**
 * The info dictionary from peers (BEP 9): serves ours, and fetches it for a magnet link. Pieces are asked of all peers
 * that announce the same size; the whole is checked against the infohash, and peers that took part in a false one are
 * not asked again.
 */
import { ProtocolError, toHex } from "@everseed/core";
import { decodeMetadataMessage, encodeMetadataMessage, METADATA_PIECE_BYTES } from "@everseed/wire";
import type { Peer } from "../peer/peer.ts";

/** An info dictionary larger than this is refused (libtorrent: 3 MB by default; 4M pieces of v1 need 80 MB). */
export const MAX_METADATA_BYTES = 96 << 20;
const RETRY_MS = 8_000;
/** Pieces asked of one peer at a time. */
const PIPELINE = 4;
/** Requests for metadata that one peer may make a minute; a whole dictionary of the usual size is under 100. */
const MAX_REQUESTS_PER_MINUTE = 6_000;

export interface MetadataExchangeInit {
  readonly now: () => number;
  /** Our own info dictionary, once known. */
  readonly infoBytes: () => Uint8Array | undefined;
  /** Checks the assembled dictionary; true ends the exchange. */
  readonly accept: (infoBytes: Uint8Array) => boolean;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
}

export class MetadataExchange {
  readonly #init: MetadataExchangeInit;
  #bytes: Uint8Array | undefined;
  #got: boolean[] = [];
  #from: (number | undefined)[] = [];
  #askedAt: number[] = [];
  readonly #distrusted = new Set<number>();
  readonly #served = new WeakMap<Peer, { since: number; count: number }>();

  constructor(init: MetadataExchangeInit) {
    this.#init = init;
  }

  /** Asks the peer for pieces that nobody was asked for lately. */
  ask(peer: Peer): void {
    const size = peer.remoteExtended?.metadataSize;
    const id = peer.remoteExtended?.messages.get("ut_metadata");
    if (this.#init.infoBytes() !== undefined || !size || !id || this.#distrusted.has(peer.id)) return;
    if (size > MAX_METADATA_BYTES) return;
    if (this.#bytes === undefined) {
      const pieces = Math.ceil(size / METADATA_PIECE_BYTES);
      this.#bytes = new Uint8Array(size);
      this.#got = new Array<boolean>(pieces).fill(false);
      this.#from = new Array<number | undefined>(pieces).fill(undefined);
      this.#askedAt = new Array<number>(pieces).fill(Number.NEGATIVE_INFINITY);
    }
    if (this.#bytes.length !== size) return;
    const now = this.#init.now();
    let asked = 0;
    for (let piece = 0; piece < this.#got.length && asked < PIPELINE; piece++) {
      if (this.#got[piece] || now - (this.#askedAt[piece] as number) < RETRY_MS) continue;
      this.#askedAt[piece] = now;
      asked++;
      peer.send({ type: "extended", id, payload: encodeMetadataMessage({ type: "request", piece }) });
    }
  }

  /** One ut_metadata message. Throws `ProtocolError` on malformed ones. */
  onMessage(peer: Peer, payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload);
    if (message.type !== "data") {
      if (message.type === "request") this.#serve(peer, message.piece);
      return;
    }
    const bytes = this.#bytes;
    if (bytes === undefined || this.#got[message.piece] !== false || this.#init.infoBytes() !== undefined) return;
    const at = message.piece * METADATA_PIECE_BYTES;
    const expected = Math.min(METADATA_PIECE_BYTES, bytes.length - at);
    if (message.data.length !== expected) {
      throw new ProtocolError("metadata-piece", "ut_metadata data", `${expected} bytes`, `${message.data.length}`);
    }
    bytes.set(message.data, at);
    this.#got[message.piece] = true;
    this.#from[message.piece] = peer.id;
    if (this.#got.every(Boolean)) this.#assembled(peer, bytes);
    else this.ask(peer);
  }

  #assembled(last: Peer, bytes: Uint8Array): void {
    const sources = new Set(this.#from);
    this.#bytes = undefined;
    if (this.#init.accept(bytes)) return;
    for (const id of sources) if (id !== undefined) this.#distrusted.add(id);
    if (sources.size === 1) {
      const shown = toHex(bytes.subarray(0, 8));
      this.#init.onFault(
        last,
        new ProtocolError("metadata-hash", "info dictionary", "bytes that match the infohash", `${shown}...`),
      );
    }
  }

  #serve(peer: Peer, piece: number): void {
    const id = peer.remoteExtended?.messages.get("ut_metadata");
    if (!id) return;
    const info = this.#init.infoBytes();
    const now = this.#init.now();
    const served = this.#served.get(peer) ?? { since: now, count: 0 };
    if (now - served.since > 60_000) {
      served.since = now;
      served.count = 0;
    }
    served.count++;
    this.#served.set(peer, served);
    const at = piece * METADATA_PIECE_BYTES;
    if (info === undefined || at >= info.length || served.count > MAX_REQUESTS_PER_MINUTE) {
      peer.send({ type: "extended", id, payload: encodeMetadataMessage({ type: "reject", piece }) });
      return;
    }
    const data = info.subarray(at, at + METADATA_PIECE_BYTES);
    const payload = encodeMetadataMessage({ type: "data", piece, totalSize: info.length, data });
    peer.send({ type: "extended", id, payload });
  }

  /** A peer left: what it was asked for may be asked of others at once. */
  peerGone(): void {
    this.#askedAt.fill(Number.NEGATIVE_INFINITY);
  }
}
