/** What is offered in interop cases: random files, as torrents of every kind, and what their files hash to. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import type { Metainfo } from "@everseed/metainfo";
import { TORRENT_KINDS, type TorrentKind } from "../client.ts";
import { subfolder } from "../launch.ts";

const PIECE_LENGTH_BYTES = 65_536;
const EMPTY_SHA256 = createHash("sha256").digest("hex");

/** One file, or a folder whose hybrid torrent needs padding. Lengths sit beside the edges of pieces and blocks. */
const DATA_SETS = {
  file: { "film.bin": 6 * 1024 * 1024 + 12_345 },
  folder: {
    "a first.bin": 3_000_001,
    "empty.txt": 0,
    "sub/exact.bin": 4 * PIECE_LENGTH_BYTES,
    "sub/short.bin": 1,
    "sub/ünïcode.bin": 700_000,
  },
} as const;
export type DataSet = keyof typeof DATA_SETS;

export interface Offer {
  readonly folder: string;
  readonly torrentFile: string;
  /** The same without its tracker. */
  readonly trackerlessFile: string;
  readonly metainfo: Metainfo;
  /** Hexadecimal SHA-256 by path below the download folder. */
  readonly digests: ReadonlyMap<string, string>;
}

export type Offers = (data: DataSet, kind: TorrentKind) => Offer;

/** Random data below `work`, and its torrents, which name the tracker. */
export async function makeOffers(work: string, trackerUrl: string): Promise<Offers> {
  const offers = new Map<string, Offer>();
  const hasher = createWorkerHasher({ threads: 1 });
  try {
    for (const [data, files] of Object.entries(DATA_SETS)) {
      const folder = await subfolder(work, "offer", data);
      const single = Object.keys(files).length === 1;
      const digests = new Map<string, string>();
      for (const [name, length] of Object.entries(files)) {
        const below = single ? name : path.join("album", name);
        const bytes = randomBytes(length);
        await mkdir(path.dirname(path.join(folder, below)), { recursive: true });
        await writeFile(path.join(folder, below), bytes);
        digests.set(below, sha256(bytes));
      }
      const source = path.join(folder, single ? (Object.keys(files)[0] as string) : "album");
      for (const kind of TORRENT_KINDS) {
        const init = { kind, pieceLengthBytes: PIECE_LENGTH_BYTES, createdBy: "everseed lab" } as const;
        const { torrentBytes, metainfo } = await createTorrent(source, { ...init, announce: [[trackerUrl]] }, hasher);
        const torrentFile = path.join(work, `${data}-${kind}.torrent`);
        await writeFile(torrentFile, torrentBytes);
        const trackerlessFile = path.join(work, `${data}-${kind}-trackerless.torrent`);
        await writeFile(trackerlessFile, (await createTorrent(source, init, hasher)).torrentBytes);
        offers.set(`${data}-${kind}`, { folder, torrentFile, trackerlessFile, metainfo, digests });
      }
    }
  } finally {
    await hasher.close();
  }
  return (data, kind) => offers.get(`${data}-${kind}`) as Offer;
}

/** What is wrong with what arrived in the folder; undefined when all is equal. */
export async function differences(
  offer: Offer,
  folder: string,
  { leavesOutEmptyFiles = false }: { readonly leavesOutEmptyFiles?: boolean },
): Promise<string | undefined> {
  for (const [name, digest] of offer.digests) {
    const bytes = await readFile(path.join(folder, name)).catch(() => undefined);
    if (bytes === undefined && digest === EMPTY_SHA256 && leavesOutEmptyFiles) continue;
    if (bytes === undefined)
      return `${name} is missing; there is ${(await readdir(folder, { recursive: true })).join(", ")}`;
    if (sha256(bytes) !== digest)
      return `${name} differs: expected sha256 ${digest}, received ${sha256(bytes)} over ${bytes.length} bytes`;
  }
  return undefined;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
