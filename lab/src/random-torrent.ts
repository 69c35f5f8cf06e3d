/** A file of random bytes and its torrent, for benchmarks: nothing compresses, nothing repeats. */
import { createHash, randomFillSync } from "node:crypto";
import { mkdir, open, writeFile } from "node:fs/promises";
import path from "node:path";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import type { TorrentKind } from "./client.ts";

const MIB = 1 << 20;
const PIECE_LENGTH_BYTES = 1 << 20;

export interface RandomTorrent {
  readonly torrentFile: string;
  /** Holds the file. */
  readonly folder: string;
  readonly fileName: string;
  readonly sha256: string;
}

export async function randomTorrent(
  work: string,
  sizeMiB: number,
  kind: TorrentKind,
  announce: readonly string[] = [],
): Promise<RandomTorrent> {
  const folder = path.join(work, "data");
  await mkdir(folder, { recursive: true });
  const fileName = "random.bin";
  const file = await open(path.join(folder, fileName), "w");
  const digest = createHash("sha256");
  const chunk = new Uint8Array(MIB);
  for (let i = 0; i < sizeMiB; i++) {
    randomFillSync(chunk);
    digest.update(chunk);
    await file.write(chunk);
  }
  await file.close();
  const hasher = createWorkerHasher();
  const { torrentBytes } = await createTorrent(
    path.join(folder, fileName),
    { kind, pieceLengthBytes: PIECE_LENGTH_BYTES, announce: announce.map((url) => [url]) },
    hasher,
  );
  await hasher.close();
  const torrentFile = path.join(work, "random.torrent");
  await writeFile(torrentFile, torrentBytes);
  return { torrentFile, folder, fileName, sha256: digest.digest("hex") };
}
