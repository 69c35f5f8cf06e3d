/** Torrents as the user names them: a .torrent file or a magnet link. */

import { readFile } from "node:fs/promises";
import { EverseedError, type InfoHash } from "@everseed/core";
import { infoHashesOf } from "@everseed/engine";
import { type Magnet, type Metainfo, parseMagnet, parseTorrent } from "@everseed/metainfo";

export interface NamedTorrent {
  readonly metainfo?: Metainfo;
  readonly infoHashes: readonly InfoHash[];
  readonly announce: readonly (readonly string[])[];
  /** `HOST:PORT`, from a magnet link. */
  readonly peers: readonly string[];
  /** A magnet link's web seeds; a torrent names its own. */
  readonly webSeeds: readonly string[];
  /** Files that a magnet link chooses (BEP 53). */
  readonly selectOnly?: Magnet["selectOnly"];
}

const MAX_TORRENT_BYTES = 128 << 20;

/** Reads a .torrent file. Rejects with EverseedError `file-unreadable` or `ProtocolError`. */
export async function loadTorrent(path: string): Promise<Metainfo> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new EverseedError(
      "file-unreadable",
      `Cannot read ${path}: ${(cause as NodeJS.ErrnoException).code === "ENOENT" ? "it is not there" : (cause as Error).message}`,
      {
        cause,
        hint: "Name a .torrent file or a magnet link.",
      },
    );
  }
  return parseTorrent(bytes, { maxBytes: MAX_TORRENT_BYTES });
}

export async function loadTorrentOrMagnet(name: string): Promise<NamedTorrent> {
  if (/^magnet:/i.test(name)) {
    const magnet = parseMagnet(name);
    const { infoHashes, peers, selectOnly, webSeeds } = magnet;
    return {
      infoHashes,
      announce: magnet.trackers.map((url) => [url]),
      peers,
      webSeeds,
      ...(selectOnly && { selectOnly }),
    };
  }
  const metainfo = await loadTorrent(name);
  return { metainfo, infoHashes: infoHashesOf(metainfo), announce: metainfo.announce, peers: [], webSeeds: [] };
}
