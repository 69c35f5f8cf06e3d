/** The process that `bench-scale` measures: told what to hold by one JSON argument, it answers with one line when it holds it. */
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sha1, systemClock, systemRandom } from "@everseed/core";
import { Engine, type Hasher } from "@everseed/engine";
import { createFileStorage, createTcpTransport, createWorkerHasher } from "@everseed/engine/node";
import { buildTorrent, layoutFiles, parseTorrent } from "@everseed/metainfo";
import { EverseedNode } from "@everseed/node";
import type { ScaleTask } from "../bench-scale.ts";

const SMALL_PIECE_BYTES = 1 << 14;
const HUGE_PIECE_BYTES = 1 << 24;
const TIB = 2 ** 40;

const say = (startSeconds: number): void => void process.stdout.write(`${JSON.stringify({ startSeconds })}\n`);

interface Zeros {
  readonly name: string;
  readonly fileBytes: number;
  readonly files: readonly string[];
  readonly pieceLengthBytes: number;
  readonly announce: readonly string[];
}

/** Bytes of a v1 torrent whose files hold zeros; the name tells torrents apart. */
function torrentOfZeros({ name, fileBytes, files, pieceLengthBytes, announce }: Zeros): Uint8Array {
  const layout = layoutFiles({
    name,
    singleFile: false,
    files: files.map((file) => ({ path: [file], lengthBytes: fileBytes })),
    kind: "v1",
    pieceLengthBytes,
  });
  const piece = { sha1: sha1(new Uint8Array(pieceLengthBytes)) };
  const pieces = Array.from({ length: layout.pieceCount }, () => piece);
  return buildTorrent(layout, pieces, { announce: announce.map((url) => [url]) });
}

function sparseFile(file: string, lengthBytes: number): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "");
  truncateSync(file, lengthBytes);
}

async function idle({ torrents, folder, announce }: ScaleTask): Promise<void> {
  const all = { downloads: torrents, seeds: torrents, total: torrents };
  const node = await EverseedNode.start({ port: 0, host: "127.0.0.1", queue: all });
  const begun = performance.now();
  for (let i = 0; i < torrents; i++) {
    const fileBytes = 3 * SMALL_PIECE_BYTES;
    const name = `torrent-${i}`;
    const files = ["one", "two", "three"];
    const zeros = { name, fileBytes, files, pieceLengthBytes: SMALL_PIECE_BYTES, announce: [announce] };
    for (const file of files) sparseFile(path.join(folder, name, file), fileBytes);
    const { torrent } = await node.add({ metainfo: parseTorrent(torrentOfZeros(zeros)), dir: folder, remember: false });
    if (torrent.state !== "seeding") throw new Error(`Cannot measure: torrent ${i} is ${torrent.state}`);
  }
  say((performance.now() - begun) / 1_000);
}

async function huge({ tib, folder }: ScaleTask): Promise<void> {
  const fileBytes = tib * TIB;
  const files = ["huge.bin"];
  const zeros = { name: "huge", fileBytes, files, pieceLengthBytes: HUGE_PIECE_BYTES, announce: [] };
  const torrentBytes = torrentOfZeros(zeros);
  sparseFile(path.join(folder, "huge", "huge.bin"), fileBytes);
  const resume = await remembered(torrentBytes, folder);
  const begun = performance.now();
  const metainfo = parseTorrent(torrentBytes);
  const hasher = createWorkerHasher();
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  await engine.listen(0, "127.0.0.1");
  const torrent = await engine.add({ metainfo, storage: (m) => createFileStorage(folder, m), resume });
  if (torrent.state !== "seeding") throw new Error(`Cannot measure: the torrent is ${torrent.state}`);
  say((performance.now() - begun) / 1_000);
}

/** What an earlier run would have left: its check is told what it would have found, since reading a tebibyte takes hours. */
async function remembered(torrentBytes: Uint8Array, folder: string): Promise<Uint8Array> {
  const known = sha1(new Uint8Array(HUGE_PIECE_BYTES));
  const hasher: Hasher = {
    digest: async () => ({ sha1: known }),
    allocate: (lengthBytes) => new Uint8Array(lengthBytes),
    close: async () => undefined,
  };
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [] });
  const torrent = await engine.add({
    metainfo: parseTorrent(torrentBytes),
    storage: (m) => ({ ...createFileStorage(folder, m), read: async () => undefined }),
  });
  const resume = await torrent.resumeData();
  await engine.stop();
  if (resume === undefined) throw new Error("Cannot measure: nothing was remembered");
  return resume;
}

const task = JSON.parse(process.argv[2] as string) as ScaleTask;
await (task.what === "idle" ? idle(task) : huge(task));
