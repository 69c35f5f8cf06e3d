/** Torrents as the user names them: a .torrent file or a magnet link. */

import { readFile } from "node:fs/promises";
import { EverseedError, type InfoHash } from "@everseed/core";
import { infoHashesOf, type MutableItem } from "@everseed/engine";
import { type Magnet, type Metainfo, parseMagnet, parseTorrent } from "@everseed/metainfo";
import type { EverseedNode } from "@everseed/node";

export interface NamedTorrent {
  readonly metainfo?: Metainfo;
  readonly infoHashes: readonly InfoHash[];
  readonly announce: readonly (readonly string[])[];
  /** `HOST:PORT`, from a magnet link. */
  readonly peers: readonly string[];
  /** A magnet link's web seeds; a torrent names its own. */
  readonly webSeeds: readonly string[];
  /** Who says which torrent it is at present (BEP 46). */
  readonly mutable?: Magnet["mutable"];
  /** What that key's item said, when it was looked up. */
  readonly item?: MutableItem;
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
    const { infoHashes, peers, selectOnly, webSeeds, mutable } = magnet;
    return {
      infoHashes,
      announce: magnet.trackers.map((url) => [url]),
      peers,
      webSeeds,
      ...(mutable && { mutable }),
      ...(selectOnly && { selectOnly }),
    };
  }
  const metainfo = await loadTorrent(name);
  return { metainfo, infoHashes: infoHashesOf(metainfo), announce: metainfo.announce, peers: [], webSeeds: [] };
}

/**
 * What a link that names a key stands for at present; others as they are. Where the key names nothing, the link's own torrent
 * does. Rejects with EverseedError.
 */
export async function presentOf(
  named: NamedTorrent,
  node: Pick<EverseedNode, "presentTorrent">,
  timeoutSeconds?: number,
): Promise<NamedTorrent> {
  if (named.mutable === undefined) return named;
  try {
    const { publicKey, salt } = named.mutable;
    const until = timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
    const { infoHash, item } = await node.presentTorrent(publicKey, salt, until);
    return { ...named, infoHashes: [infoHash], item };
  } catch (error) {
    if (named.infoHashes.length > 0) return named;
    throw error;
  }
}
