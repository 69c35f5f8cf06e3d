/**
 * One seeder and one downloader process over loopback TCP, for each client in turn in one run: wall seconds, CPU seconds and
 * peak memory of each side, measured from outside (`process-meter.ts`), and the ratios that the product promises.
 *
 *     npm run lab -- bench-engine [--size MiB] [--clients a,b] [--kind v1|v2|hybrid] [--rounds N] [--folder DIR] [--timeout SECONDS] [--install] [--json]
 *
 * The seeder is measured from the moment it is ready (its own check of the data not counted), the downloader from its start. Its time ends
 * when it says that all data is there and verified, which is all that the others say; CPU and memory count to its end, and what ours takes to make the
 * data durable and to end is in the column "done". The best round of each client counts. A client that does not finish in time is reported as such; only a failure of ours is one. libtorrent maps files into memory, so its peak counts pages of the file's cache.
 * Timings depend on the machine: the ratios are what to compare, and nothing here fails a build.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { freePort } from "@everseed/core/node";
import type { Client, RunningPeer, TorrentKind } from "./client.ts";
import { everseed, libtorrent, transmission, webtorrent } from "./clients.ts";
import { subfolder } from "./launch.ts";
import { type LoopbackTracker, ownAddress, startLoopbackTracker } from "./loopback-tracker.ts";
import { type ProcessMeter, startProcessMeter, type Usage } from "./process-meter.ts";
import { randomTorrent } from "./random-torrent.ts";
import { printTable } from "./table.ts";
import { warmFreeMemory } from "./warm-memory.ts";

const CLIENTS: readonly Client[] = [everseed, webtorrent, libtorrent, transmission];

const MIB = 1 << 20;

interface Round {
  readonly client: string;
  /** Until the client had everything, verified. */
  readonly seconds: number;
  /** Until it was done: of ours, when all is durable and the process has ended. */
  readonly doneSeconds: number;
  readonly mibPerSecond: number;
  readonly seeder: Usage;
  readonly downloader: Usage;
}

interface Setup {
  readonly torrentFile: string;
  readonly dataFolder: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeMiB: number;
  readonly work: string;
  readonly tracker: LoopbackTracker;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      install: { type: "boolean", default: false },
      size: { type: "string", default: "1024" },
      rounds: { type: "string", default: "1" },
      clients: { type: "string", default: CLIENTS.map(({ name }) => name).join(",") },
      kind: { type: "string", default: "v1" },
      folder: { type: "string", default: tmpdir() },
      timeout: { type: "string", default: "120" },
    },
  });
  const kind = values.kind as TorrentKind;
  if (values.install) installWebTorrent();
  const wanted = values.clients.split(",").map((name) => {
    const client = CLIENTS.find((candidate) => candidate.name === name);
    if (client === undefined)
      throw new Error(`Cannot measure ${name}: expected one of ${CLIENTS.map((each) => each.name).join(", ")}`);
    return client;
  });
  const skipped: { client: string; reason: string }[] = [];
  const clients = wanted.filter((client) => {
    const reason = client.missing() ?? client.cannot[kind];
    if (reason !== undefined) skipped.push({ client: client.name, reason });
    return reason === undefined;
  });

  const work = await mkdtemp(path.join(values.folder, "everseed-bench-"));
  const tracker = await startLoopbackTracker();
  const rounds: Round[] = [];
  try {
    const { folder: dataFolder, ...made } = await randomTorrent(work, Number(values.size), kind, [tracker.url]);
    const setup = { ...made, dataFolder, sizeMiB: Number(values.size), work, tracker };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const client of clients) {
        if (skipped.some((known) => known.client === client.name)) continue;
        try {
          const result = await measure(client, setup, `${client.name}-${round}`, Number(values.timeout) * 1000);
          rounds.push(result);
          const { seconds, doneSeconds, seeder, downloader } = result;
          console.error(
            `${client.name}: ${seconds.toFixed(2)} s, done after ${doneSeconds.toFixed(2)} s, CPU ${seeder.cpuSeconds.toFixed(2)} + ${downloader.cpuSeconds.toFixed(2)} s`,
          );
        } catch (error) {
          if (client === everseed) throw error;
          skipped.push({ client: client.name, reason: (error as Error).message });
        }
      }
    }
  } finally {
    await tracker.close();
    await rm(work, { recursive: true, force: true });
  }
  report(rounds, skipped, values.json, { sizeMiB: Number(values.size), kind });
}

function installWebTorrent(): void {
  const folder = fileURLToPath(new URL("../rivals", import.meta.url));
  const { status } = spawnSync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund"], {
    stdio: ["ignore", 2, 2],
    cwd: folder,
  });
  if (status !== 0) throw new Error(`Cannot install webtorrent in ${folder}: npm failed with exit code ${status}`);
}

async function measure(client: Client, setup: Setup, label: string, timeoutMs: number): Promise<Round> {
  const out = await subfolder(setup.work, label, "out");
  const seedPort = await freePort();
  const running: RunningPeer[] = [];
  const meters: ProcessMeter[] = [];
  const common = { torrent: setup.torrentFile, trackers: [setup.tracker.url] };
  try {
    const seeding = client.seed({
      ...common,
      folder: setup.dataFolder,
      workFolder: await subfolder(setup.work, label, "seed"),
      port: seedPort,
      peers: [],
    });
    running.push(seeding);
    await limited(seeding.ready, `${client.name} was not ready to seed`, timeoutMs);
    await warmFreeMemory(setup.work, setup.sizeMiB);
    const seedMeter = startProcessMeter(seeding.pid);
    meters.push(seedMeter);
    const startedMs = performance.now();
    const fetching = client.get({
      ...common,
      folder: out,
      workFolder: await subfolder(setup.work, label, "get"),
      port: await freePort(),
      peers: client.takesPeers ? [{ host: ownAddress(), port: seedPort }] : [],
    });
    running.push(fetching);
    const getMeter = startProcessMeter(fetching.pid);
    meters.push(getMeter);
    await limited(fetching.verified, `${client.name} did not finish the download`, timeoutMs);
    const seconds = (performance.now() - startedMs) / 1000;
    await limited(fetching.done, `${client.name} did not end after the download`, timeoutMs);
    const doneSeconds = (performance.now() - startedMs) / 1000;
    const seeder = seedMeter.stop();
    const downloader = getMeter.stop();
    const received = await sha256Of(path.join(out, setup.fileName));
    if (received !== setup.sha256)
      throw new Error(`${client.name} fetched other data: expected sha256 ${setup.sha256}, received ${received}`);
    return { client: client.name, seconds, doneSeconds, mibPerSecond: setup.sizeMiB / seconds, seeder, downloader };
  } catch (error) {
    const logs = running.map((peer) => peer.log().slice(-1500).trim()).join("\n---\n");
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs}`, { cause: error });
  } finally {
    for (const meter of meters) meter.stop();
    await Promise.all(running.map((peer) => peer.stop()));
    await rm(path.join(setup.work, label), { recursive: true, force: true });
  }
}

async function limited(promise: Promise<void>, what: string, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Timed out: ${what}`)), timeoutMs);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function sha256Of(file: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: MIB })) digest.update(chunk as Uint8Array);
  return digest.digest("hex");
}

/** The best round of each client by total CPU time: noise of a shared machine only adds. */
function bestRounds(rounds: readonly Round[]): Round[] {
  const best = new Map<string, Round>();
  const cpu = (round: Round): number => round.seeder.cpuSeconds + round.downloader.cpuSeconds;
  for (const round of rounds) {
    const known = best.get(round.client);
    if (known === undefined || cpu(round) < cpu(known)) best.set(round.client, round);
  }
  return [...best.values()];
}

function report(
  rounds: readonly Round[],
  skipped: readonly { client: string; reason: string }[],
  json: boolean,
  setup: { sizeMiB: number; kind: string },
): void {
  const best = bestRounds(rounds);
  const ours = best.find((round) => round.client === everseed.name);
  /** Ours divided by theirs: below 1 we are cheaper. */
  const ratios = Object.fromEntries(
    best
      .filter((round) => ours !== undefined && round !== ours)
      .map((theirs) => [
        theirs.client,
        {
          seconds: (ours as Round).seconds / theirs.seconds,
          seederCpu: (ours as Round).seeder.cpuSeconds / theirs.seeder.cpuSeconds,
          downloaderCpu: (ours as Round).downloader.cpuSeconds / theirs.downloader.cpuSeconds,
        },
      ]),
  );
  if (json) {
    console.log(JSON.stringify({ ...setup, clients: best, rounds, ratios, skipped }));
    return;
  }
  console.log(`\n${setup.sizeMiB} MiB, ${setup.kind}, one seeder and one downloader on loopback\n`);
  printTable(
    ["client", "seconds", "MiB/s", "done", "seed CPU s", "get CPU s", "seed MiB", "get MiB"],
    best.map((r) => [
      r.client,
      r.seconds.toFixed(2),
      r.mibPerSecond.toFixed(0),
      r.doneSeconds.toFixed(2),
      r.seeder.cpuSeconds.toFixed(2),
      r.downloader.cpuSeconds.toFixed(2),
      r.seeder.maxRssMiB.toFixed(0),
      r.downloader.maxRssMiB.toFixed(0),
    ]),
  );
  if (Object.keys(ratios).length > 0) {
    console.log("\neverseed / client\n");
    printTable(
      ["client", "seconds", "seed CPU", "get CPU"],
      Object.entries(ratios).map(([name, r]) => [
        name,
        r.seconds.toFixed(2),
        r.seederCpu.toFixed(2),
        r.downloaderCpu.toFixed(2),
      ]),
    );
  }
  for (const { client, reason } of skipped) console.log(`\n${client} was not measured: ${reason.split("\n")[0]}`);
}
