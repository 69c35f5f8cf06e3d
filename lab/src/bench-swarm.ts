/**
 * A swarm on one machine in which the network is the limit: one seeder and some downloaders, each a process whose upload is
 * capped, for each client in turn. What counts is when the downloaders are done: a client that shares well lets all of them
 * finish soon after the seeder has given one copy.
 *
 *     npm run lab -- bench-swarm [--size MiB] [--peers N] [--rate MiB] [--clients a,b] [--rounds N] [--json]
 *
 * Everybody stays to the end. "best" is the time that one copy takes at the seeder's cap: nobody can be faster by much. Goal:
 * mean completion at most 1.05 x libtorrent's in the same run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "@everseed/core/node";
import type { Client, RunningPeer } from "./client.ts";
import { everseed, libtorrent } from "./clients.ts";
import { subfolder } from "./launch.ts";
import { startLoopbackTracker } from "./loopback-tracker.ts";
import { randomTorrent } from "./random-torrent.ts";
import { printTable } from "./table.ts";

const CLIENTS: readonly Client[] = [everseed, libtorrent];
const MIB = 1 << 20;
const TIMEOUT_MS = 300_000;

interface Setup {
  readonly torrentFile: string;
  readonly dataFolder: string;
  readonly trackerUrl: string;
  readonly peers: number;
  readonly uploadLimit: number;
}

interface Swarm {
  readonly client: string;
  /** Seconds from the first downloader's start, sorted. */
  readonly completions: readonly number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      size: { type: "string", default: "64" },
      peers: { type: "string", default: "8" },
      rate: { type: "string", default: "4" },
      rounds: { type: "string", default: "1" },
      clients: { type: "string", default: CLIENTS.map(({ name }) => name).join(",") },
    },
  });
  const clients = values.clients.split(",").map((name) => {
    const client = CLIENTS.find((candidate) => candidate.name === name);
    if (client === undefined)
      throw new Error(`Cannot measure ${name}: expected one of ${CLIENTS.map((each) => each.name).join(", ")}`);
    const missing = client.missing();
    if (missing !== undefined) throw new Error(missing);
    return client;
  });
  const work = await mkdtemp(path.join(tmpdir(), "everseed-swarm-"));
  const tracker = await startLoopbackTracker();
  const swarms: Swarm[] = [];
  try {
    const size = Number(values.size);
    const { torrentFile, folder } = await randomTorrent(work, size, "v1", [tracker.url]);
    const uploadLimit = Number(values.rate) * MIB;
    const setup = {
      torrentFile,
      dataFolder: folder,
      trackerUrl: tracker.url,
      peers: Number(values.peers),
      uploadLimit,
    };
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const client of clients) {
        const swarm = await measure(client, setup, await subfolder(work, `${client.name}-${round}`));
        console.error(`${client.name}: mean ${mean(swarm.completions).toFixed(1)} s`);
        swarms.push(swarm);
      }
    }
    report(swarms, size / Number(values.rate), values.json);
  } finally {
    await tracker.close();
    await rm(work, { recursive: true, force: true });
  }
}

async function measure(client: Client, setup: Setup, work: string): Promise<Swarm> {
  const { torrentFile, dataFolder, trackerUrl, peers, uploadLimit } = setup;
  const running: RunningPeer[] = [];
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const common = { torrent: torrentFile, trackers: [trackerUrl], uploadLimit, peers: [] };
  try {
    const workFolder = await subfolder(work, "seed");
    const seeder = client.seed({ ...common, folder: dataFolder, workFolder, port: await freePort() });
    running.push(seeder);
    await seeder.ready;
    const startedMs = performance.now();
    const completions = await Promise.all(
      Array.from({ length: peers }, async (_, i) => {
        const peer = client.get({
          ...common,
          folder: await subfolder(work, `out-${i}`),
          workFolder: await subfolder(work, `get-${i}`),
          port: await freePort(),
          staysToSeed: true,
        });
        running.push(peer);
        await Promise.race([peer.done, expired(deadline, client.name)]);
        return (performance.now() - startedMs) / 1_000;
      }),
    );
    return { client: client.name, completions: completions.sort((a, b) => a - b) };
  } finally {
    await Promise.all(running.map((peer) => peer.stop()));
  }
}

function expired(deadline: AbortSignal, name: string): Promise<never> {
  return new Promise((_, reject) => {
    deadline.addEventListener("abort", () => reject(new Error(`Not in time: a downloader of ${name} did not finish`)));
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function report(swarms: readonly Swarm[], bestSeconds: number, json: boolean): void {
  const byClient = [...new Set(swarms.map(({ client }) => client))].map((client) => {
    const rounds = swarms.filter((swarm) => swarm.client === client).map(({ completions }) => completions);
    return {
      client,
      meanSeconds: mean(rounds.map(mean)),
      firstSeconds: mean(rounds.map((all) => all[0] as number)),
      lastSeconds: mean(rounds.map((all) => all.at(-1) as number)),
    };
  });
  const rival = byClient.find(({ client }) => client === "libtorrent");
  if (json) return console.log(JSON.stringify({ bestSeconds, clients: byClient, swarms }));
  printTable(
    ["client", "mean s", "first s", "last s", "mean / libtorrent", "mean / best"],
    byClient.map(({ client, meanSeconds, firstSeconds, lastSeconds }) => [
      client,
      meanSeconds.toFixed(1),
      firstSeconds.toFixed(1),
      lastSeconds.toFixed(1),
      rival === undefined ? "" : (meanSeconds / rival.meanSeconds).toFixed(3),
      (meanSeconds / bestSeconds).toFixed(3),
    ]),
  );
}
