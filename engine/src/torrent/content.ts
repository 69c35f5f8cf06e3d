/**
 * What a torrent is once its metadata is known: pieces and which of them are there, the files and which of them are
 * wanted, and the two parts that fetch and serve. A re-check makes a new one.
 *
 * Invariant: a piece's priority is the highest of the files it holds data of, and of the streams that read it.
 */
import { assert, EverseedError } from "@everseed/core";
import type { Metainfo, PieceMap, TorrentFile } from "@everseed/metainfo";
import type { PeerData } from "../extension.ts";
import type { Bitfield } from "../piece/bitfield.ts";
import { DEFAULT_PRIORITY, type PiecePicker } from "../piece/picker.ts";
import { TOP_PRIORITY } from "../piece/rarity-index.ts";
import type { Storage } from "../storage.ts";
import type { Downloader } from "./downloader.ts";
import type { SuperSeeder } from "./super-seeder.ts";
import type { Uploader } from "./uploader.ts";

export interface ContentParts {
  readonly metainfo: Metainfo;
  readonly pieces: PieceMap;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly downloader: Downloader;
  readonly uploader: Uploader;
  readonly superSeeder?: SuperSeeder;
}

export class Content {
  readonly metainfo: Metainfo;
  readonly pieces: PieceMap;
  readonly have: Bitfield;
  readonly storage: Storage;
  readonly downloader: Downloader;
  readonly uploader: Uploader;
  readonly superSeeder: SuperSeeder | undefined;
  readonly #files: Uint8Array;
  /** Pieces that a stream reads, and how many do. */
  readonly #streamed = new Map<number, number>();
  readonly #waiting = new Map<number, (() => void)[]>();
  #haveBytes = 0;
  /** What its files want is there, and was said to be: what a stream wants beyond that makes it no download again. */
  #settled = false;

  constructor(parts: ContentParts) {
    this.metainfo = parts.metainfo;
    this.pieces = parts.pieces;
    this.have = parts.have;
    this.storage = parts.storage;
    this.downloader = parts.downloader;
    this.uploader = parts.uploader;
    this.superSeeder = parts.superSeeder;
    this.#files = new Uint8Array(parts.metainfo.files.length).fill(DEFAULT_PRIORITY);
    const { have, pieces } = parts;
    for (let piece = 0; piece < have.length; piece++) if (have.has(piece)) this.#haveBytes += pieces.pieceBytes(piece);
  }

  /** What extensions may see of it. */
  get shared(): PeerData {
    const { pieces, storage, uploader } = this;
    return {
      pieces,
      complete: this.have.full,
      has: (piece) => this.have.has(piece),
      read: (piece, beginBytes, target) => storage.read(pieces.pieceOffset(piece) + beginBytes, target),
      uploadedLately: (piece) => uploader.uploadedLately(piece),
    };
  }

  get picker(): PiecePicker {
    return this.downloader.picker;
  }

  get haveBytes(): number {
    return this.#haveBytes;
  }

  /** Everything that is wanted is there. */
  get finished(): boolean {
    return this.picker.missing === 0;
  }

  /** Peers are told that we want nothing: a super-seeder looks like one of those that begin. */
  get saysFinished(): boolean {
    return this.finished && this.superSeeder?.active !== true;
  }

  /** Once a second. */
  tick(now: number): void {
    this.downloader.tick(now);
    this.superSeeder?.tick(now);
  }

  /** What has come but was not said to be complete counts as under way still. */
  get state(): "downloading" | "finished" | "seeding" {
    if (!this.#settled) return "downloading";
    return this.have.full ? "seeding" : "finished";
  }

  get filePriorities(): readonly number[] {
    return [...this.#files];
  }

  /** One priority for each file: 0 (not wanted) to 7. Throws EverseedError `priority-invalid`. */
  setFilePriorities(priorities: readonly number[]): void {
    const files = this.metainfo.files.length;
    const bad = priorities.find((p) => !Number.isInteger(p) || p < 0 || p > TOP_PRIORITY);
    if (priorities.length !== files || bad !== undefined) {
      throw new EverseedError(
        "priority-invalid",
        `Cannot set priorities: expected ${files} whole numbers from 0 to ${TOP_PRIORITY}, received ${
          bad === undefined ? priorities.length : bad
        }`,
      );
    }
    this.#files.set(priorities);
    const highest = new Uint8Array(this.have.length);
    this.metainfo.files.forEach((file, index) => {
      const [first, end] = this.piecesOf(file);
      const priority = priorities[index] as number;
      for (let piece = first; piece < end; piece++)
        if ((highest[piece] as number) < priority) highest[piece] = priority;
    });
    if (highest.some((priority, piece) => priority > 0 && !this.have.has(piece))) this.#settled = false;
    for (const piece of this.#streamed.keys()) highest[piece] = TOP_PRIORITY;
    for (let piece = 0; piece < highest.length; piece++) this.picker.setPriority(piece, highest[piece] as number);
  }

  /** First piece with data of the file, and the one after its last. */
  piecesOf(file: TorrentFile): [first: number, end: number] {
    const { pieceLengthBytes } = this.metainfo;
    const first = Math.floor(file.offsetBytes / pieceLengthBytes);
    if (file.lengthBytes === 0) return [first, first];
    return [first, Math.ceil((file.offsetBytes + file.lengthBytes) / pieceLengthBytes)];
  }

  /** Bytes of each file that are there. */
  fileProgress(): number[] {
    const { pieceLengthBytes } = this.metainfo;
    return this.metainfo.files.map((file) => {
      const [first, end] = this.piecesOf(file);
      const fileEnd = file.offsetBytes + file.lengthBytes;
      let bytes = 0;
      for (let piece = first; piece < end; piece++) {
        if (!this.have.has(piece)) continue;
        const start = piece * pieceLengthBytes;
        bytes += Math.min(fileEnd, start + pieceLengthBytes) - Math.max(file.offsetBytes, start);
      }
      return bytes;
    });
  }

  /** A piece was verified and stored; false when it was there before. */
  arrived(piece: number): boolean {
    if (!this.have.add(piece)) return false;
    this.#haveBytes += this.pieces.pieceBytes(piece);
    for (const resolve of this.#waiting.get(piece) ?? []) resolve();
    this.#waiting.delete(piece);
    return true;
  }

  /** Makes durable what is there; false when more came meanwhile. Rejects with EverseedError `storage-*`. */
  async sync(): Promise<boolean> {
    const bytes = this.#haveBytes;
    await this.storage.sync();
    return bytes === this.#haveBytes;
  }

  /** Everything wanted is there and durable. Returns the state from here on. */
  settle(): "downloading" | "finished" | "seeding" {
    this.#settled = true;
    return this.state;
  }

  /** Calls back when the piece is there, at once if it is; returns what takes that back. */
  whenPiece(piece: number, task: () => void): () => void {
    if (this.have.has(piece)) {
      task();
      return () => undefined;
    }
    const tasks = this.#waiting.get(piece) ?? [];
    tasks.push(task);
    this.#waiting.set(piece, tasks);
    return () => {
      const at = tasks.indexOf(task);
      if (at >= 0) tasks.splice(at, 1);
    };
  }

  /** A stream reads the piece and wants it by `deadline`, whatever its file's priority. */
  stream(piece: number, deadline: number): void {
    this.#streamed.set(piece, (this.#streamed.get(piece) ?? 0) + 1);
    this.picker.setPriority(piece, TOP_PRIORITY);
    this.picker.setDeadline(piece, deadline);
  }

  /** The stream is past the piece. */
  unstream(piece: number): void {
    const readers = this.#streamed.get(piece);
    assert(readers !== undefined, "a stream ends only once for each piece");
    if (readers > 1) return void this.#streamed.set(piece, readers - 1);
    this.#streamed.delete(piece);
    this.picker.setDeadline(piece, undefined);
    let priority = 0;
    this.metainfo.files.forEach((file, index) => {
      const [first, end] = this.piecesOf(file);
      if (piece >= first && piece < end) priority = Math.max(priority, this.#files[index] as number);
    });
    this.picker.setPriority(piece, priority);
  }
}
