/** The torrents of an engine, found by the names that peers call them: in the open (BEP 3, 52) or hashed (encryption). */
import { type InfoHash, toHex, wireInfoHash } from "@everseed/core";
import { torrentHash } from "../encryption/key-exchange.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { PeerBook } from "./peer-book.ts";

export interface TableEntry {
  readonly torrent: Torrent;
  readonly book: PeerBook;
  /** The first names the torrent in our own handshakes. */
  readonly hashes: readonly InfoHash[];
}

export class TorrentTable {
  readonly #byTorrent = new Map<Torrent, TableEntry>();
  readonly #byName = new Map<string, TableEntry>();
  /** By what an encrypted handshake says instead of the name. */
  readonly #names = new Map<string, Uint8Array>();

  add(entry: TableEntry): void {
    this.#byTorrent.set(entry.torrent, entry);
    for (const name of entry.hashes.map(wireInfoHash)) {
      this.#byName.set(toHex(name), entry);
      this.#names.set(toHex(torrentHash(name)), name);
    }
  }

  delete(entry: TableEntry): void {
    if (!this.#byTorrent.delete(entry.torrent)) return;
    for (const name of entry.hashes.map(wireInfoHash)) {
      this.#byName.delete(toHex(name));
      this.#names.delete(toHex(torrentHash(name)));
    }
  }

  [Symbol.iterator](): Iterator<TableEntry> {
    return this.#byTorrent.values();
  }

  /** The torrent with this 20-byte name. */
  byName(name: Uint8Array): TableEntry | undefined {
    return this.#byName.get(toHex(name));
  }

  /** The 20-byte name whose `torrentHash` this is. */
  nameByHash(hash: Uint8Array): Uint8Array | undefined {
    return this.#names.get(toHex(hash));
  }

  of(torrent: Torrent): TableEntry | undefined {
    return this.#byTorrent.get(torrent);
  }
}
