/**
 * Everseed against clients we did not write, from Debian's packages and (where installed) WebTorrent: each seeds for `everseed get` and fetches from
 * `everseed seed`, by torrent file and by magnet link, v1, v2 and hybrid where the client knows them, in the open and encrypted. What arrives is
 * compared with what was offered, file by file, by SHA-256.
 *
 *     npm run lab -- interop [--json] [--install] [--only CLIENT] [--kind v1|v2|hybrid] [--quick] [--rivals]
 *         [--timeout SECONDS] [--keep]
 *
 * `--install` installs the packages first (apt-get). `--quick` leaves out folders and most magnet links. `--rivals` runs the
 * others against libtorrent instead of Everseed, which tells a fault of ours from one of the rig. The exit code is 1 when a case
 * fails or a client is missing.
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import { formatMagnet, type Metainfo } from "@everseed/metainfo";
import {
  aria2,
  type Client,
  everseed,
  freePort,
  type Link,
  libtorrent,
  type RunningPeer,
  subfolder,
  type TorrentKind,
  transmission,
  webtorrent,
} from "./clients.ts";
import { type LoopbackTracker, ownAddress, startLoopbackTracker } from "./loopback-tracker.ts";
import { printTable } from "./table.ts";

const PACKAGES = ["python3-libtorrent", "transmission-daemon", "aria2"];
const RIVALS: readonly Client[] = [libtorrent, transmission, aria2, webtorrent];
const PIECE_LENGTH_BYTES = 65_536;
const EMPTY_SHA256 = createHash("sha256").digest("hex");

/** What is offered: one file, or a folder whose hybrid torrent needs padding. Lengths sit beside the edges of pieces and blocks. */
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
type DataSet = keyof typeof DATA_SETS;

interface Case {
  readonly seeder: Client;
  readonly downloader: Client;
  readonly kind: TorrentKind;
  readonly data: DataSet;
  readonly via: "torrent" | "magnet";
  readonly link: Link;
}

interface CaseResult {
  readonly seeder: string;
  readonly downloader: string;
  readonly kind: TorrentKind;
  readonly data: DataSet;
  readonly via: "torrent" | "magnet";
  readonly link: Link;
  readonly passed: boolean;
  readonly seconds: number;
  readonly bytes: number;
  readonly reason?: string;
}

interface Offer {
  readonly folder: string;
  readonly torrentFile: string;
  readonly metainfo: Metainfo;
  /** Hexadecimal SHA-256 by path below the download folder. */
  readonly digests: ReadonlyMap<string, string>;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      install: { type: "boolean", default: false },
      rivals: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      only: { type: "string" },
      kind: { type: "string" },
      quick: { type: "boolean", default: false },
      timeout: { type: "string", default: "60" },
    },
  });
  if (values.install) installPackages();
  // WebTorrent comes from npm and is left out where it was not installed: CI has Debian's packages alone.
  const rivals = RIVALS.filter((client) =>
    values.only === undefined ? client !== webtorrent || client.missing() === undefined : client.name === values.only,
  );
  if (rivals.length === 0)
    throw new Error(`Cannot test ${values.only}: expected one of ${RIVALS.map(({ name }) => name).join(", ")}`);
  const own = values.rivals ? libtorrent : everseed;
  const missing = [own, ...rivals].map((client) => client.missing()).filter((reason) => reason !== undefined);
  if (missing.length > 0)
    throw new Error(`${missing.join("\n")}\nRun again with --install to install Debian's packages.`);

  const work = await mkdtemp(path.join(tmpdir(), "everseed-interop-"));
  const tracker = await startLoopbackTracker();
  const results: CaseResult[] = [];
  try {
    const offers = await makeOffers(work, tracker);
    const cases = rivals
      .filter((rival) => rival !== own)
      .flatMap((rival) => casesFor(own, rival))
      .filter(({ kind }) => values.kind === undefined || kind === values.kind)
      .filter((item) => !values.quick || isQuick(item));
    for (const [index, item] of cases.entries()) {
      const result = await runCase(
        item,
        offers,
        tracker,
        await subfolder(work, `case-${index}`),
        Number(values.timeout) * 1000,
      );
      results.push(result);
      if (!values.json) {
        const { seeder, downloader, kind, data, via, link, passed, seconds } = result;
        console.error(
          `${passed ? "ok    " : "FAILED"} ${seeder} -> ${downloader}, ${kind} ${data} by ${via}, ${link}, ${seconds.toFixed(1)} s`,
        );
      }
    }
  } finally {
    await tracker.close();
    if (values.keep) console.error(`Kept ${work}`);
    else await rm(work, { recursive: true, force: true });
  }
  report(results, values.json);
}

function installPackages(): void {
  for (const command of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", ...PACKAGES],
  ]) {
    const { status } = spawnSync("apt-get", command, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0)
      throw new Error(`Cannot install ${PACKAGES.join(", ")}: apt-get ${command[0]} failed with exit code ${status}`);
  }
}

/** Every client and kind of torrent in both directions, with one file; the magnet link and encryption once a direction. */
const isQuick = ({ kind, data, via, link }: Case): boolean =>
  data === "file" && (via === "torrent" || kind === "hybrid") && (link === "plain" || kind === "v1");

/** All that the rival can do, in both directions. */
function casesFor(own: Client, rival: Client): Case[] {
  const out: Case[] = [];
  for (const kind of rival.kinds) {
    const torrent = { kind, via: "torrent", link: "plain" } as const;
    for (const data of ["file", "folder"] as const) {
      // A client without BEP 47 seeds padding only from files on disk, which nobody has.
      if (kind !== "hybrid" || data === "file" || rival.kinds.includes("v2"))
        out.push({ ...torrent, seeder: rival, downloader: own, data });
      out.push({ ...torrent, seeder: own, downloader: rival, data });
    }
    const file = { kind, data: "file" } as const;
    for (const [seeder, downloader] of [
      [rival, own],
      [own, rival],
    ] as const) {
      out.push({ ...file, seeder, downloader, via: "magnet", link: "plain" });
      for (const link of rival.links)
        if (link !== "plain") out.push({ ...file, seeder, downloader, via: "torrent", link });
    }
  }
  return out;
}

async function makeOffers(work: string, tracker: LoopbackTracker): Promise<ReadonlyMap<string, Offer>> {
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
      for (const kind of ["v1", "v2", "hybrid"] as const) {
        const { torrentBytes, metainfo } = await createTorrent(
          source,
          { kind, pieceLengthBytes: PIECE_LENGTH_BYTES, announce: [[tracker.url]], createdBy: "everseed lab" },
          hasher,
        );
        const torrentFile = path.join(work, `${data}-${kind}.torrent`);
        await writeFile(torrentFile, torrentBytes);
        offers.set(`${data}-${kind}`, { folder, torrentFile, metainfo, digests });
      }
    }
  } finally {
    await hasher.close();
  }
  return offers;
}

async function runCase(
  item: Case,
  offers: ReadonlyMap<string, Offer>,
  tracker: LoopbackTracker,
  folder: string,
  timeoutMs: number,
): Promise<CaseResult> {
  const { seeder, downloader, kind, data, via, link } = item;
  const offer = offers.get(`${data}-${kind}`) as Offer;
  const out = await subfolder(folder, "out");
  const deadline = AbortSignal.timeout(timeoutMs);
  const running: RunningPeer[] = [];
  const startedMs = performance.now();
  const finish = (passed: boolean, reason?: string): CaseResult => ({
    seeder: seeder.name,
    downloader: downloader.name,
    kind,
    data,
    via,
    link,
    passed,
    seconds: (performance.now() - startedMs) / 1000,
    bytes: offer.metainfo.totalBytes,
    ...(reason === undefined ? {} : { reason }),
  });
  try {
    const seedPort = await freePort();
    const common = { trackers: [tracker.url], link };
    const seeding = seeder.seed({
      ...common,
      torrent: offer.torrentFile,
      folder: offer.folder,
      workFolder: await subfolder(folder, "seed"),
      port: seedPort,
      peers: [],
    });
    running.push(seeding);
    await within(seeding.ready, deadline, "the seeder was not ready");
    const fetching = downloader.get({
      ...common,
      torrent: via === "torrent" ? offer.torrentFile : magnetOf(offer.metainfo, tracker),
      folder: out,
      workFolder: await subfolder(folder, "get"),
      port: await freePort(),
      peers: downloader.takesPeers ? [{ host: ownAddress(), port: seedPort }] : [],
    });
    running.push(fetching);
    await within(fetching.done, deadline, "the download did not finish");
    for (const [name, digest] of offer.digests) {
      const bytes = await readFile(path.join(out, name)).catch(() => undefined);
      if (bytes === undefined && digest === EMPTY_SHA256 && downloader.leavesOutEmptyFiles) continue;
      if (bytes === undefined)
        return finish(false, `${name} is missing; there is ${(await readdir(out, { recursive: true })).join(", ")}`);
      if (sha256(bytes) !== digest)
        return finish(
          false,
          `${name} differs: expected sha256 ${digest}, received ${sha256(bytes)} over ${bytes.length} bytes`,
        );
    }
    return finish(true);
  } catch (error) {
    const logs = running.map(
      (peer, i) => `--- ${i === 0 ? seeder.name : downloader.name}\n${peer.log().slice(-1500).trim()}`,
    );
    return finish(false, [error instanceof Error ? error.message : String(error), ...logs].join("\n"));
  } finally {
    await Promise.all(running.map((peer) => peer.stop()));
  }
}

function magnetOf(metainfo: Metainfo, tracker: LoopbackTracker): string {
  const infoHashes = [metainfo.infoHashV1, metainfo.infoHashV2].filter((hash) => hash !== undefined);
  return formatMagnet({ infoHashes, name: metainfo.name, trackers: [tracker.url], webSeeds: [], peers: [] });
}

/** Rejects with `what` when the deadline passes first. */
function within(promise: Promise<void>, deadline: AbortSignal, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`Timed out: ${what}`));
    if (deadline.aborted) return late();
    deadline.addEventListener("abort", late, { once: true });
    promise.then(resolve, reject).finally(() => deadline.removeEventListener("abort", late));
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function report(results: readonly CaseResult[], json: boolean): void {
  const failed = results.filter((result) => !result.passed);
  if (json) {
    console.log(JSON.stringify({ passed: results.length - failed.length, failed: failed.length, cases: results }));
  } else {
    printTable(
      ["seeder", "downloader", "torrent", "data", "by", "link", "seconds", "sha256"],
      results.map((r) => [
        r.seeder,
        r.downloader,
        r.kind,
        r.data,
        r.via,
        r.link,
        r.seconds.toFixed(1),
        r.passed ? "equal" : "FAILED",
      ]),
    );
    for (const { seeder, downloader, kind, data, via, link, reason } of failed) {
      console.log(`\n${seeder} -> ${downloader}, ${kind} ${data} by ${via}, ${link}: ${reason}`);
    }
    console.log(`\n${results.length - failed.length} of ${results.length} passed`);
  }
  if (failed.length > 0 || results.length === 0) process.exitCode = 1;
}
