/** Which cases of interop there are: all that a pair of clients can do, what they cannot and why, and the short list of CI. */
import { type Client, LINKS, type Link, TORRENT_KINDS, type TorrentKind } from "../client.ts";
import type { DataSet } from "./offers.ts";

/**
 * How the downloader comes to torrent and seeder: by file or magnet link with a tracker, by a magnet link that names nothing
 * else and the DHT, or by a third peer that has nothing and knows the seeder (BEP 11).
 */
export type Via = "torrent" | "magnet" | "dht" | "pex";

export interface Case {
  readonly seeder: Client;
  readonly downloader: Client;
  readonly kind: TorrentKind;
  readonly data: DataSet;
  readonly via: Via;
  readonly link: Link;
  /** Whose node the DHT is joined by, or who tells of the seeder. */
  readonly through?: Client;
}

export interface Impossible {
  readonly client: string;
  readonly what: string;
  readonly why: string;
}

/** All that the rival can do, in both directions. */
export function casesFor(own: Client, rival: Client): Case[] {
  const out: Case[] = [];
  const links = LINKS.filter((link) => rival.cannot[link] === undefined);
  for (const kind of TORRENT_KINDS) {
    if (rival.cannot[kind] !== undefined) continue;
    for (const [seeder, downloader] of [
      [rival, own],
      [own, rival],
    ] as const) {
      const pair = { seeder, downloader, kind } as const;
      for (const link of links) out.push({ ...pair, data: "file", via: "torrent", link });
      // A client without BEP 47 seeds padding only from files on disk, which nobody has.
      if (kind !== "hybrid" || seeder === own || rival.cannot.v2 === undefined)
        out.push({ ...pair, data: "folder", via: "torrent", link: "plain" });
      out.push({ ...pair, data: "file", via: "magnet", link: "plain" });
    }
  }
  return out;
}

/** Through the DHT alone by a node of either, and through peer exchange alone, in both directions. */
export function meetingsFor(own: Client, rival: Client): Case[] {
  const out: Case[] = [];
  for (const kind of TORRENT_KINDS) {
    for (const [seeder, downloader] of [
      [rival, own],
      [own, rival],
    ] as const) {
      const common = { seeder, downloader, kind, data: "file", link: "plain" } as const;
      for (const through of [own, rival]) out.push({ ...common, via: "dht", through });
      out.push({ ...common, via: "pex", through: seeder });
    }
  }
  return out;
}

export function impossibleFor(rival: Client): Impossible[] {
  return [...TORRENT_KINDS, ...LINKS].flatMap((what) => {
    const why = rival.cannot[what];
    return why === undefined ? [] : [{ client: rival.name, what, why }];
  });
}

/** The short list: every client, kind of torrent and link in both directions, with one file; others once a direction. */
export function isShort({ kind, data, via, link, seeder, downloader }: Case): boolean {
  if (data !== "file") return false;
  const onlyV1 = seeder.cannot.v2 !== undefined || downloader.cannot.v2 !== undefined;
  if (via !== "torrent") return kind === (onlyV1 ? "v1" : "hybrid");
  return link === "plain" || kind === "v1" || link === "utp+encrypted";
}
