/** Runs one case of interop: starts the clients in their order, waits, compares what arrived, ends them all. */

import { freePort } from "@everseed/core/node";
import { formatMagnet } from "@everseed/metainfo";
import type { HostPort, PeerJob, RunningPeer } from "../client.ts";
import { libtorrent, libtorrentDhtNode } from "../clients.ts";
import { subfolder } from "../launch.ts";
import { type LoopbackTracker, ownAddress } from "../loopback-tracker.ts";
import type { Case } from "./cases.ts";
import { startDhtNode } from "./dht-node.ts";
import { differences, type Offer, type Offers } from "./offers.ts";

/** A few kilobytes a second: whoever has it knows others, and has nothing to give. */
const TRICKLE = 4_096;

export interface CaseResult extends Omit<Case, "seeder" | "downloader" | "through"> {
  readonly seeder: string;
  readonly downloader: string;
  readonly through?: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly bytes: number;
  readonly reason?: string;
}

export interface Bench {
  readonly offers: Offers;
  readonly tracker: LoopbackTracker;
}

export async function runCase(item: Case, bench: Bench, folder: string, timeoutMs: number): Promise<CaseResult> {
  const { seeder, downloader, through, ...rest } = item;
  const offer = bench.offers(item.data, item.kind);
  const startedMs = performance.now();
  const running: Started[] = [];
  let reason: string | undefined;
  try {
    reason = await attempt(item, offer, bench.tracker, folder, AbortSignal.timeout(timeoutMs), running);
  } catch (error) {
    const logs = running.map(({ name, log }) => `--- ${name}\n${log().slice(-1500).trim()}`);
    reason = [error instanceof Error ? error.message : String(error), ...logs].join("\n");
  }
  const seconds = (performance.now() - startedMs) / 1000;
  await Promise.all(running.map(({ stop }) => stop()));
  return {
    ...rest,
    seeder: seeder.name,
    downloader: downloader.name,
    ...(through === undefined ? {} : { through: through.name }),
    passed: reason === undefined,
    seconds,
    bytes: offer.metainfo.totalBytes,
    ...(reason === undefined ? {} : { reason }),
  };
}

interface Started {
  readonly name: string;
  log(): string;
  stop(): Promise<void>;
}

/** Resolves with what differs. Rejects when a client fails or is late. */
async function attempt(
  item: Case,
  offer: Offer,
  tracker: LoopbackTracker,
  folder: string,
  deadline: AbortSignal,
  running: Started[],
): Promise<string | undefined> {
  const { seeder, downloader, via, link } = item;
  const keep = (name: string, peer: RunningPeer): RunningPeer => {
    running.push({ name, log: () => peer.log(), stop: () => peer.stop() });
    return peer;
  };
  const dhtNode = via === "dht" ? await startBootstrap(item, await subfolder(folder, "dht"), keep, running) : undefined;
  const trackers = via === "torrent" || via === "magnet" ? [tracker.url] : [];
  const magnet = magnetOf(offer, trackers);
  const job = async (name: string, port: number, peers: readonly HostPort[]): Promise<PeerJob> => ({
    trackers,
    link,
    torrent: magnet,
    folder: await subfolder(folder, name, "data"),
    workFolder: await subfolder(folder, name),
    port,
    peers,
    pex: via === "pex",
    ...(dhtNode === undefined ? {} : { dhtNode }),
  });
  const seedPort = await freePort();
  // A torrent that names a tracker would let the two meet there.
  const torrent = trackers.length > 0 ? offer.torrentFile : offer.trackerlessFile;
  const seeding = keep(
    seeder.name,
    seeder.seed({ ...(await job("seed", seedPort, [])), torrent, folder: offer.folder }),
  );
  await within(seeding.ready, deadline, "the seeder was not ready");
  let betweenHasAll = false;
  let known: readonly HostPort[] = [{ host: ownAddress(), port: seedPort }];
  if (via === "dht") known = [];
  if (via === "pex" && item.through !== undefined) {
    const port = await freePort();
    const middle = { ...(await job("middle", port, known)), torrent, downloadLimit: TRICKLE };
    const between = keep(`${item.through.name} between`, item.through.get(middle));
    between.done.then(
      () => (betweenHasAll = true),
      () => undefined,
    );
    known = [{ host: ownAddress(), port }];
  }
  const get = await job("get", await freePort(), downloader.takesPeers ? known : []);
  const fetching = keep(
    downloader.name,
    downloader.get({ ...get, torrent: via === "torrent" || via === "pex" ? torrent : magnet }),
  );
  await within(fetching.done, deadline, "the download did not finish");
  // Whoever has more than the one between must have met the seeder.
  if (betweenHasAll) return "the one between had everything first: this shows nothing";
  return differences(offer, get.folder, downloader);
}

async function startBootstrap(
  { through }: Case,
  folder: string,
  keep: (name: string, peer: RunningPeer) => RunningPeer,
  running: Started[],
): Promise<HostPort> {
  if (through === libtorrent) {
    const port = await freePort();
    await keep("libtorrent's DHT node", libtorrentDhtNode(folder, port)).ready;
    return { host: "127.0.0.1", port };
  }
  const node = await startDhtNode();
  running.push({ name: "everseed's DHT node", log: () => JSON.stringify(node.dht.stats), stop: node.stop });
  return node;
}

function magnetOf({ metainfo }: Offer, trackers: readonly string[]): string {
  const infoHashes = [metainfo.infoHashV1, metainfo.infoHashV2].filter((hash) => hash !== undefined);
  return formatMagnet({ infoHashes, name: metainfo.name, trackers, webSeeds: [], peers: [] });
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
