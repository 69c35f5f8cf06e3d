/**
 * Fetching: asks peers for blocks, places what arrives, verifies pieces off the main thread, stores them, and credits the
 * peers whose data verified. A piece that fails is fetched again from one peer alone, so that the culprit shows.
 *
 * Invariant: a peer is credited (`onVerified`) for a byte once, and only after it matched the torrent's hashes.
 */
import { EverseedError, ProtocolError } from "@everseed/core";
import { BLOCK_BYTES, type Metainfo, type PieceMap, verifyPiece } from "@everseed/metainfo";
import { encodeMessage } from "@everseed/wire";
import type { Hasher } from "../hasher.ts";
import type { TokenBucket } from "../limits/token-bucket.ts";
import type { OutstandingBlock, Peer } from "../peer/peer.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import { type ActivePiece, type Block, PiecePicker } from "../piece/picker.ts";
import type { Storage } from "../storage.ts";
import type { HashExchange } from "./hash-exchange.ts";

/** No block for this long with requests open: the peer is snubbed (libtorrent's request_timeout is 60, Transmission's 90). */
const SNUB_MS = 20_000;
/**
 * In the end game a block is asked of a second peer at once. Where one of the two is paid, it is first taken back from a peer
 * that is this late; a peer with BEP 6 says whether it still comes, so that nobody is paid for a block twice.
 */
const PAID_LATE_MS = 4_000;
/** Duplicates asked of a peer at a time, and only of one that has nothing else to deliver: what is asked twice may come twice. */
const MAX_DUPLICATES = 4;
/** So much faster a peer must be to be given what another is still to deliver. */
const FASTER = 4;
/** A piece with a deadline is asked of a second peer when the first has not sent it after this long. */
const URGENT_LATE_MS = 2_000;
/** Pieces in memory: enough for 200 ms at 1 Gbit/s. Their buffers are used again: fresh pages cost more than the copy into them. */
const ACTIVE_BUFFER_BYTES = 32 << 20;
const MIN_ACTIVE_PIECES = 4;
/** Of these, what waits to be hashed and written: no download gains by running further ahead of its disk. */
const CLOSING_BUFFER_BYTES = 8 << 20;
const MIN_CLOSING_PIECES = 2;
/** Bytes nobody asked for that a peer may send beyond what it delivered usefully. */
const MAX_WASTE_BYTES = 8 << 20;

export interface DownloaderInit {
  readonly metainfo: Metainfo;
  readonly pieces: PieceMap;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly hasher: Hasher;
  readonly random: (length: number) => Uint8Array;
  readonly now: () => number;
  readonly buckets: readonly TokenBucket[];
  readonly peers: ReadonlyMap<number, Peer>;
  readonly hashes: HashExchange;
  /** Calls back after a delay. */
  readonly wake: (delayMs: number, task: () => void) => void;
  readonly onPiece: (index: number) => void;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
  readonly onStorageError: (error: EverseedError) => void;
}

export class Downloader {
  readonly picker: PiecePicker;
  readonly #init: DownloaderInit;
  readonly #blocksPerPiece: number;
  /** At most as many as pieces were ever active at once. */
  readonly #spare: Uint8Array[] = [];
  readonly #wantSha1: boolean;
  #closing = 0;
  readonly #idle: (() => void)[] = [];
  #stopped = false;
  #waking = false;
  /** A block that was taken back from a peer is free. */
  #takenBack = false;

  constructor(init: DownloaderInit) {
    this.#init = init;
    const { metainfo } = init;
    this.#blocksPerPiece = Math.max(1, metainfo.pieceLengthBytes / BLOCK_BYTES);
    this.#wantSha1 = metainfo.infoHashV2 === undefined;
    this.picker = new PiecePicker({
      pieceCount: metainfo.pieceCount,
      have: init.have,
      blockCount: (piece) => init.pieces.blockCount(piece),
      allocate: (piece) => this.#allocate(init.pieces.pieceBytes(piece)),
      random: init.random,
      maxActive: Math.max(MIN_ACTIVE_PIECES, Math.floor(ACTIVE_BUFFER_BYTES / metainfo.pieceLengthBytes)),
      maxClosing: Math.max(MIN_CLOSING_PIECES, Math.floor(CLOSING_BUFFER_BYTES / metainfo.pieceLengthBytes)),
    });
  }

  #allocate(bytes: number): Uint8Array {
    if (bytes !== this.#init.metainfo.pieceLengthBytes) return this.#init.hasher.allocate(bytes);
    return this.#spare.pop() ?? this.#init.hasher.allocate(bytes);
  }

  #key(piece: number, block: number): number {
    return piece * this.#blocksPerPiece + block;
  }

  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
  }

  /** Resolves when no piece is being hashed or written any more. */
  async idle(): Promise<void> {
    while (this.#closing > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Asks again when a rate limit that held requests back has room. */
  #wake(delayMs: number): void {
    if (this.#waking) return;
    this.#waking = true;
    this.#init.wake(Math.max(5, delayMs), () => {
      this.#waking = false;
      for (const peer of this.#init.peers.values()) this.requestMore(peer);
    });
  }

  /** Asks the peer for as much as its pipeline, allowance and the rate limits permit. */
  requestMore(peer: Peer): void {
    const { have } = peer;
    if (this.#stopped || peer.closed || peer.peerChoking || !peer.amInterested || have === undefined) return;
    let wanted = peer.wantedRequests();
    if (wanted <= 0) return;
    const now = this.#init.now();
    wanted = this.#limited(wanted, now);
    if (wanted === 0) return;
    let blocks = this.picker.urgent ? this.picker.pickLate(have, wanted, (block) => this.#late(peer, block, now)) : [];
    if (blocks.length < wanted)
      blocks = [...blocks, ...this.picker.pick(peer.id, have, wanted - blocks.length, this.#alone(peer))];
    if (blocks.length === 0 && peer.outstanding.size === 0) {
      blocks = this.picker.pickDuplicates(have, Math.min(wanted, MAX_DUPLICATES), (block) =>
        this.#mayDuplicate(peer, block, now),
      );
    }
    if (blocks.length === 0) return;
    const parts: Uint8Array[] = [];
    for (const { piece, block } of blocks) {
      const begin = block * BLOCK_BYTES;
      const length = Math.min(BLOCK_BYTES, this.#init.pieces.pieceBytes(piece) - begin);
      peer.asked(this.#key(piece, block), { piece, block, lengthBytes: length, sentAt: now });
      parts.push(encodeMessage({ type: "request", piece, begin, length }));
    }
    peer.sendRaw(parts);
    if (this.#eager(peer) === "all") for (const { piece } of blocks) this.#wantLeaves(peer, piece);
  }

  /** Where only whole pieces verify, a peer that is paid gets pieces of its own. */
  #alone(peer: Peer): boolean {
    return peer.charged && this.#init.metainfo.infoHashV2 === undefined;
  }

  /** An extension set how much may be asked of the peer, or how far it delivers unpaid. */
  allowanceChanged(peer: Peer): void {
    if (!peer.charged) this.picker.disown(peer.id);
    this.#verifyBlocks(peer);
    this.requestMore(peer);
  }

  /** Asks for the leaves of all pieces that the peer has begun to deliver, and verifies what came of them. */
  #verifyBlocks(peer: Peer): void {
    if (this.#eager(peer) === undefined) return;
    const begun = new Set([...peer.outstanding.values()].map(({ piece }) => piece));
    for (const active of this.picker.active.values()) {
      if (active.closing || (active.charged === undefined && !begun.has(active.index))) continue;
      this.#hasten(peer, active);
    }
  }

  #verifyReceived(active: ActivePiece): void {
    for (let b = 0; b < active.states.length; b++) {
      const source = this.#init.peers.get(active.deliveredBy[b] as number);
      if (this.picker.isReceived(active.index, b) && source !== undefined) this.#verifyBlock(source, active, b);
    }
  }

  #limited(wanted: number, now: number): number {
    for (const bucket of this.#init.buckets) {
      let granted = 0;
      while (granted < wanted && bucket.take(BLOCK_BYTES, now)) {
        granted++;
        if (bucket.waitMs(now) > 0) break;
      }
      if (granted < wanted) this.#wake(bucket.waitMs(now));
      wanted = granted;
    }
    return wanted;
  }

  #late(peer: Peer, block: Block, now: number): boolean {
    const key = this.#key(block.piece, block.block);
    for (const other of this.#init.peers.values()) {
      const asked = other.outstanding.get(key);
      if (asked !== undefined && now - asked.sentAt < URGENT_LATE_MS) return false;
    }
    return !peer.snubbed && this.#mayDuplicate(peer, block, now);
  }

  #mayDuplicate(peer: Peer, block: Block, now: number): boolean {
    const key = this.#key(block.piece, block.block);
    if (peer.outstanding.has(key)) return false;
    const askers = [...this.#init.peers.values()].filter((other) => other.outstanding.has(key));
    // A third only where the two are slow.
    if (askers.length > 1 && !askers.every((other) => willBeLate(other, peer))) return false;
    for (const other of askers) {
      const asked = other.outstanding.get(key);
      if (asked === undefined || (!isPaid(peer) && !isPaid(other))) continue;
      if (now - Math.max(asked.sentAt, other.lastBlockAt) < PAID_LATE_MS && !willBeLate(other, peer)) return false;
      if (!other.fast) continue;
      if (asked.cancelledAt === undefined) this.#takeBack(other, asked, now);
      if (now - (asked.cancelledAt as number) < PAID_LATE_MS) return false;
    }
    return true;
  }

  /** What crosses a choke is served after it, at terms that it was not asked for at; without BEP 6 it is void already. */
  takeBackAll(peer: Peer): void {
    if (!peer.fast) return;
    for (const asked of peer.outstanding.values())
      if (asked.cancelledAt === undefined) this.#takeBack(peer, asked, this.#init.now());
  }

  #takeBack(peer: Peer, asked: OutstandingBlock, now: number): void {
    asked.cancelledAt = now;
    this.picker.disown(peer.id);
    const { piece, block, lengthBytes: length } = asked;
    peer.send({ type: "cancel", piece, begin: block * BLOCK_BYTES, length });
  }

  placeBlock(peer: Peer, piece: number, begin: number, length: number): Uint8Array | undefined {
    const asked = begin % BLOCK_BYTES === 0 ? peer.outstanding.get(this.#key(piece, begin / BLOCK_BYTES)) : undefined;
    if (asked === undefined || asked.piece !== piece || asked.lengthBytes !== length) return undefined;
    const active = this.picker.active.get(piece);
    if (active === undefined || this.picker.isReceived(piece, asked.block)) return undefined;
    if ((active.askedOf[asked.block] as number) > 1 && this.#placedByOther(peer, piece, begin)) return undefined;
    return active.buffer.subarray(begin, begin + length);
  }

  #placedByOther(peer: Peer, piece: number, begin: number): boolean {
    for (const other of this.#init.peers.values()) {
      if (other !== peer && other.placing?.piece === piece && other.placing.begin === begin) return true;
    }
    return false;
  }

  blockArrived(peer: Peer, piece: number, begin: number, length: number, placed: boolean): void {
    const block = begin / BLOCK_BYTES;
    const key = this.#key(piece, block);
    const asked = Number.isInteger(block) ? peer.settled(key) : undefined;
    if (!placed) {
      if (asked !== undefined) this.picker.release(piece, block);
      peer.wastedBytes += length;
      if (peer.wastedBytes > MAX_WASTE_BYTES + peer.verifiedBytes) {
        this.#init.onFault(
          peer,
          new ProtocolError(
            "unwanted-data",
            "piece messages",
            "blocks that were asked for",
            `${peer.wastedBytes} bytes of others`,
          ),
        );
      }
      return;
    }
    const duplicated = (this.picker.active.get(piece)?.askedOf[block] ?? 0) > 1;
    const done = this.picker.receive(piece, block, peer.id, peer.charged);
    if (done === undefined) return;
    if (peer.charged) peer.receivedChargedBytes += length;
    if (duplicated) this.#cancelElsewhere(peer, key, { piece, begin, length });
    if (done.complete) void this.#close(done.piece);
    else this.#hasten(peer, done.piece);
  }

  #cancelElsewhere(peer: Peer, key: number, request: { piece: number; begin: number; length: number }): void {
    for (const other of this.#init.peers.values()) {
      if (other === peer || !other.outstanding.has(key)) continue;
      if (!other.fast) other.settled(key);
      other.send({ type: "cancel", ...request });
    }
  }

  /**
   * A paid peer at the start of its credit: data is verified block by block, because nothing more comes until it is. Later
   * that is done, once half of its credit waits, for pieces that others deliver too: they may keep it waiting.
   */
  #eager(peer: Peer): "all" | "shared" | undefined {
    const { infoHashV2, pieceLengthBytes } = this.#init.metainfo;
    if (infoHashV2 === undefined || peer.creditBytes === Number.POSITIVE_INFINITY) return undefined;
    if (peer.creditBytes < 2 * pieceLengthBytes) return "all";
    return peer.receivedChargedBytes - peer.verifiedChargedBytes > peer.creditBytes / 2 ? "shared" : undefined;
  }

  /** Verifies what came of the piece block by block, or asks for the leaves that it takes, where that is worth it. */
  #hasten(peer: Peer, active: ActivePiece): void {
    const eager = this.#eager(peer);
    if (eager === undefined || (eager === "shared" && !this.#isShared(active, peer))) return;
    if (active.leaves === undefined) this.#wantLeaves(peer, active.index);
    else this.#verifyReceived(active);
  }

  /** Others delivered some of it, or are asked to. */
  #isShared(active: ActivePiece, peer: Peer): boolean {
    return active.deliveredBy.some((source, block) => {
      if (source !== 0) return source !== peer.id;
      return (active.askedOf[block] as number) > 0 && !peer.outstanding.has(this.#key(active.index, block));
    });
  }

  #wantLeaves(peer: Peer, index: number): void {
    const active = this.picker.active.get(index);
    if (active === undefined || active.leaves !== undefined) return;
    this.#init.hashes.requestLeaves(peer, index, (leaves) => {
      const current = this.picker.active.get(index);
      if (current !== active || active.closing || active.leaves !== undefined) return;
      active.leaves = leaves;
      this.#verifyReceived(active);
    });
  }

  readonly #checked = new WeakMap<ActivePiece, Set<number>>();

  #verifyBlock(peer: Peer, active: ActivePiece, block: number): void {
    const seen = this.#checked.get(active) ?? new Set<number>();
    this.#checked.set(active, seen);
    if (seen.has(block)) return;
    seen.add(block);
    const data = active.buffer.subarray(block * BLOCK_BYTES, Math.min(active.buffer.length, (block + 1) * BLOCK_BYTES));
    const expected = active.leaves?.subarray(block * 32, block * 32 + 32) ?? new Uint8Array();
    this.#init.hasher.digest(data, { leaves: true }).then(
      ({ leaves }) => {
        if (leaves !== undefined && expected.every((byte, i) => byte === leaves[i])) {
          this.#credit(peer, data.length, active.charged?.[block] === 1 ? data.length : 0);
          this.requestMore(peer);
          return;
        }
        seen.delete(block);
        if (this.picker.active.get(active.index) === active && !active.closing)
          this.picker.discardBlock(active.index, block);
        this.#corrupt(peer, data.length);
      },
      (error: unknown) => this.#storageFailed(error),
    );
  }

  #credit(peer: Peer, bytes: number, charged: number): void {
    peer.verifiedBytes += bytes;
    peer.verifiedChargedBytes += charged;
    for (const { session } of peer.extensions.values())
      session.onVerified(peer.verifiedBytes, peer.verifiedChargedBytes);
  }

  #corrupt(peer: Peer, bytes: number): void {
    peer.corruptBytes += bytes;
    for (const { session } of peer.extensions.values()) session.onCorrupt(bytes);
    this.#init.onFault(
      peer,
      new ProtocolError("corrupt-data", "block", "data that matches its hash", `${bytes} bytes that do not`),
    );
  }

  async #close(active: ActivePiece): Promise<void> {
    const { metainfo, pieces, hasher, storage } = this.#init;
    this.#closing++;
    try {
      const digests = await hasher.digest(active.buffer, {
        sha1: this.#wantSha1 || pieces.v2Hash(active.index) === undefined,
        ...(metainfo.infoHashV2 === undefined ? {} : { rootWidth: pieces.v2Leaves(active.index) }),
        paddingBytes: pieces.v1PaddingBytes(active.index),
      });
      if (verifyPiece(pieces, active.index, digests)) {
        await this.#accept(active, storage);
      } else {
        this.#reject(active);
      }
    } catch (error) {
      this.picker.abandon(active.index, false);
      this.#storageFailed(error);
    } finally {
      this.#closing--;
      if (this.#closing === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  async #accept(active: ActivePiece, storage: Storage): Promise<void> {
    // Credit before the write: the peer did its part, and payment must not wait for our disk.
    for (const [peer, { bytes, charged }] of this.#shares(active)) this.#credit(peer, bytes, charged);
    await storage.write(this.#init.pieces.pieceOffset(active.index), [active.buffer]);
    this.picker.finish(active.index);
    this.#recycle(active.buffer);
    this.#init.onPiece(active.index);
  }

  #recycle(buffer: Uint8Array): void {
    if (buffer.length === this.#init.metainfo.pieceLengthBytes) this.#spare.push(buffer);
  }

  /** Blame falls on a peer only when every block came from it: one that has left may have sent the bad ones. */
  #reject(active: ActivePiece): void {
    const checked = this.#checked.get(active);
    const sources = new Set([...active.deliveredBy].filter((_, block) => checked?.has(block) !== true));
    const shares = this.#shares(active);
    this.picker.abandon(active.index, true);
    if (sources.size === 1) for (const [peer, { bytes }] of shares) this.#corrupt(peer, bytes);
    for (const peer of this.#init.peers.values()) this.requestMore(peer);
  }

  /** Bytes of the piece by peer, without blocks that were credited one by one. */
  #shares(active: ActivePiece): Map<Peer, { bytes: number; charged: number }> {
    const seen = this.#checked.get(active);
    const shares = new Map<Peer, { bytes: number; charged: number }>();
    for (let b = 0; b < active.deliveredBy.length; b++) {
      const peer = this.#init.peers.get(active.deliveredBy[b] as number);
      if (peer === undefined || seen?.has(b)) continue;
      const bytes = Math.min(BLOCK_BYTES, active.buffer.length - b * BLOCK_BYTES);
      const share = shares.get(peer) ?? { bytes: 0, charged: 0 };
      share.bytes += bytes;
      if (active.charged?.[b] === 1) share.charged += bytes;
      shares.set(peer, share);
    }
    return shares;
  }

  #storageFailed(error: unknown): void {
    this.#stopped = true;
    this.#init.onStorageError(
      error instanceof EverseedError
        ? error
        : new EverseedError("storage-failed", `Cannot store a piece: ${(error as Error).message}`, { cause: error }),
    );
  }

  /** Gives up all requests to the peer (choke without BEP 6, gone, too late). */
  releaseAll(peer: Peer): void {
    for (const [key, { piece, block }] of [...peer.outstanding]) {
      peer.settled(key);
      this.picker.release(piece, block);
    }
  }

  /** The peer refused one request (BEP 6). */
  rejected(peer: Peer, piece: number, begin: number): void {
    const block = begin / BLOCK_BYTES;
    const asked = peer.settled(this.#key(piece, block));
    if (asked === undefined) return;
    this.picker.release(piece, block);
    this.#takenBack ||= asked.cancelledAt !== undefined;
  }

  /** All that came together from the peer is handled. What was taken back from it is for others, the fastest first. */
  chunkHandled(peer: Peer): void {
    if (this.#takenBack) {
      this.#takenBack = false;
      const others = [...this.#init.peers.values()].filter((other) => other !== peer && !other.snubbed);
      others.sort((a, b) => b.downloadRate.bytesPerSecond - a.downloadRate.bytesPerSecond);
      for (const other of others) this.requestMore(other);
    }
    this.requestMore(peer);
  }

  /** Once a second: peers that stopped delivering lose their requests; those that deliver choose first. */
  tick(now: number): void {
    const peers = [...this.#init.peers.values()];
    for (const peer of peers) {
      if (peer.outstanding.size === 0 || now - peer.lastBlockAt <= SNUB_MS) continue;
      const silent = [...peer.outstanding.values()].some(
        ({ cancelledAt: at }) => at !== undefined && now - at > SNUB_MS,
      );
      peer.snubbed = true;
      this.picker.disown(peer.id);
      for (const asked of peer.outstanding.values()) {
        if (asked.cancelledAt === undefined) this.#takeBack(peer, asked, now);
      }
      if (silent)
        peer.close(new ProtocolError("peer-silent", "requests", "a block or a reject", `nothing for ${SNUB_MS} ms`));
      // A paid peer may be held to its answer; of others the blocks are free at once.
      else if (!(isPaid(peer) && peer.fast)) {
        this.releaseAll(peer);
        peer.lastBlockAt = now;
      }
    }
    for (const peer of peers) this.#verifyBlocks(peer);
    for (const peer of peers) if (!peer.snubbed) this.requestMore(peer);
    for (const peer of peers) if (peer.snubbed) this.requestMore(peer);
  }
}

/** Its queue takes long, and the other peer is faster by far. */
function willBeLate({ outstandingBytes, downloadRate }: Peer, than: Peer): boolean {
  const rate = downloadRate.bytesPerSecond;
  return outstandingBytes * 1000 > rate * PAID_LATE_MS && than.downloadRate.bytesPerSecond > FASTER * rate;
}

/** What this peer delivers is, or will be, paid for. */
function isPaid(peer: Peer): boolean {
  return peer.requestAllowance !== undefined;
}
