/**
 * A swarm from one seed: who joins when, who pays, who crashes and comes back. The plan is drawn before the run, so that a
 * change in the engine does not change who is in the swarm.
 */
import { hash } from "node:crypto";
import { EverseedError, NANO, seededRandom } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { type HttpGet, MemoryChain } from "@everseed/engine";
import { priceFromPerGib } from "@everseed/market";
import { buildTorrent, layoutFiles, type Metainfo, parseTorrent, type TorrentKind } from "@everseed/metainfo";
import { DEFAULT_LIMITS, SwarmTable } from "@everseed/tracker";
import { encodeAnnounceResponse, parseAnnounceQuery } from "@everseed/wire";
import { Disk, leavesOf } from "./disk.ts";
import type { Held } from "./held.ts";
import { Network } from "./network.ts";
import { claimable, DOMAIN, SimNode } from "./node.ts";
import { drawVisit, visit } from "./visits.ts";
import { Watch } from "./watch.ts";
import { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const ANNOUNCE_SECONDS = 30;

export interface SwarmInit {
  readonly seed: number;
  readonly seeders: number;
  readonly leechers: number;
  readonly sizeBytes: number;
  readonly pieceLengthBytes: number;
  readonly kind: TorrentKind;
  /** Share of the leechers that pay; all seeders sell. */
  readonly buyers: number;
  /** Share of the leechers that crash once and come back. */
  readonly churn: number;
  /** Leechers join within this time. */
  readonly joinMs: number;
  /** Bytes per second of a leecher's line up and down, and of a seeder's up. */
  readonly up: number;
  readonly down: number;
  readonly seedUp: number;
  readonly limitMs: number;
  /** Between two announces. */
  readonly announceSeconds: number;
  /** Who has finished leaves after about this long, and the run goes on to its limit; absent: it ends when all have finished. */
  readonly stayMs?: number;
  /** Share of the leechers that join within the first ten minutes; only with `stayMs`. @default 0 */
  readonly crowd?: number;
  /** Looks at what is held so often, each time after a collection; the run must be long enough to see the visitors gone. */
  readonly lookMs?: number;
  /** Slots are auctioned: all sell, buyers bid what is drawn for each of them. */
  readonly market?: boolean;
  /** Of each node in a market. */
  readonly slots?: number;
  /** Base units per GiB that a sold slot costs at least. @default 0 */
  readonly reserve?: bigint;
}

export const SMALL_SWARM: SwarmInit = {
  seed: 1,
  seeders: 2,
  leechers: 10,
  sizeBytes: 16 << 20,
  pieceLengthBytes: 256 << 10,
  kind: "hybrid",
  buyers: 0.5,
  churn: 0.2,
  joinMs: 5_000,
  up: 1 << 20,
  down: 8 << 20,
  seedUp: 2 << 20,
  limitMs: 1_800_000,
  announceSeconds: ANNOUNCE_SECONDS,
};

/**
 * Twenty-four hours: a torrent comes out, four in ten of its downloaders come at once and the rest over sixteen hours, most of them
 * away for a while in between; who has finished stays for two hours or so. Real trackers say half an hour. The lines are
 * as slow as the file is small: a download takes many minutes, as those of large files do, and costs few bytes.
 */
export const DAY_SWARM: SwarmInit = {
  ...SMALL_SWARM,
  leechers: 198,
  churn: 0.75,
  joinMs: 16 * HOUR_MS,
  limitMs: 24 * HOUR_MS,
  stayMs: 2 * HOUR_MS,
  crowd: 0.4,
  sizeBytes: 4 << 20,
  pieceLengthBytes: 64 << 10,
  up: 16 << 10,
  down: 128 << 10,
  seedUp: 64 << 10,
  announceSeconds: 1_800,
  lookMs: HOUR_MS / 2,
};

export interface SwarmProgress {
  readonly simulatedMs: number;
  readonly limitMs: number;
  readonly finished: number;
  readonly leechers: number;
  readonly online: number;
}

export interface SwarmResult {
  readonly seed: number;
  readonly peers: number;
  readonly finished: number;
  readonly simulatedSeconds: number;
  readonly events: number;
  readonly networkBytes: number;
  /** Seconds from joining to the last piece. */
  readonly meanSeconds: { readonly buyers: number; readonly free: number };
  readonly crashes: number;
  /** Downloaders that were there at once, at most, and of those how many were still downloading. */
  readonly together: { readonly online: number; readonly downloading: number };
  readonly held: readonly Held[];
  /** Base units. */
  readonly earned: bigint;
  readonly signedAway: bigint;
  readonly maxUnpaidBytes: number;
  readonly maxPrepaidBytes: number;
  /** Rules that were broken; none in a good run. */
  readonly violations: readonly string[];
  readonly trace: string;
}

const PRICE = 1_000_000n;
const FUNDS = 1_000_000_000n;
const TRACKER_MS = 40;

export async function runSwarm(init: SwarmInit, onProgress?: (progress: SwarmProgress) => void): Promise<SwarmResult> {
  const world = new World(init.seed);
  const network = new Network(world);
  const chain = new MemoryChain(DOMAIN, nativeCurve);
  const content = seededRandom(init.seed)(init.sizeBytes);
  const metainfo = torrentOf(content, init);
  const table = trackerTable(world, init.announceSeconds);
  const tracker = trackerOf(world, table);
  const nodes: SimNode[] = [];
  const buyers = new Set<SimNode>();
  const failures: string[] = [];

  const selling = {
    ...(init.slots === undefined ? {} : { slots: init.slots }),
    reserve: { type: "fixed", price: priceFromPerGib(init.reserve ?? 0n, "up") },
  } as const;
  const addNode = (
    name: string,
    number: number,
    { seeder, pays, onComplete }: { seeder: boolean; pays: boolean; onComplete?: () => void },
  ): SimNode => {
    // Each in an address group of its own, as the market counts them.
    const address = `10.${(seeder ? 0 : 128) + (number >> 8)}.${number & 255}.1`;
    network.addHost({
      address,
      latencyMs: 5 + world.chance() * 40,
      up: seeder ? init.seedUp : init.up,
      down: init.down,
    });
    const node = new SimNode({
      name,
      address,
      seed: init.seed,
      world,
      network,
      chain,
      metainfo,
      disk: new Disk(content, seeder),
      tracker,
      ...(onComplete === undefined ? {} : { onComplete }),
      onPayment: (event) => {
        if (event.type === "paid" && init.market === true && costs(event) > bidOf(number))
          failures.push(`${name} paid ${event.amountNano} for ${event.bytes} bytes, more than it bid`);
        if (event.type === "stalled" && init.market === true)
          failures.push(`${name} says at ${world.now.toFixed(0)} ms that the honest ${event.remote} misses ticks`);
      },
      terms: {
        ...(seeder || pays ? { price: init.market === true ? "market" : PRICE } : {}),
        ...(pays ? { budget: FUNDS / 100n, deposit: FUNDS / 1_000n } : {}),
        ...(init.market === true ? { market: { ...selling, ...(pays ? { bid: bidOf(number) } : {}) } } : {}),
      },
    });
    chain.fund(node.signer.address, FUNDS);
    nodes.push(node);
    return node;
  };

  const start = (node: SimNode): void =>
    void node.start().catch((error: Error) => failures.push(`${node.name} did not start: ${error.message}`));
  for (let i = 0; i < init.seeders; i++) {
    const node = addNode(`seeder-${i}`, i + 1, { seeder: true, pays: false });
    world.after(0, () => start(node));
  }
  const visitors: SimNode[] = [];
  for (let i = 0; i < init.leechers; i++) {
    const pays = i < Math.round(init.leechers * init.buyers);
    let onComplete: (() => void) | undefined;
    const node = addNode(`${pays ? "buyer" : "free"}-${i}`, i + 1, {
      seeder: false,
      pays,
      onComplete: () => onComplete?.(),
    });
    if (pays) buyers.add(node);
    const { stayMs, crowd = 0 } = init;
    if (stayMs === undefined) {
      joinOnce(world, node, init, () => start(node));
      continue;
    }
    visitors.push(node);
    onComplete = visit(world, drawVisit(world, { ...init, stayMs, crowd }), {
      start: () => start(node),
      crash: () => crash(world, node),
      stop: () =>
        void node.stop().catch((error: Error) => failures.push(`${node.name} did not stop: ${error.message}`)),
    });
  }
  const leechers = nodes.slice(init.seeders);
  const holders = { world, network, nodes, members: () => table.totals(world.now).peers };
  const watch = new Watch(holders, visitors, init);
  const isDone = (): boolean =>
    failures.length > 0 || (init.stayMs === undefined && leechers.every((node) => node.completedAtMs !== undefined));
  let saidAt = 0;
  await world.run(init.limitMs, () => {
    if (onProgress !== undefined && performance.now() - saidAt > 500) {
      saidAt = performance.now();
      onProgress({
        simulatedMs: world.now,
        limitMs: init.limitMs,
        finished: leechers.filter((node) => node.completedAtMs !== undefined).length,
        leechers: leechers.length,
        online: nodes.filter(({ online }) => online).length,
      });
    }
    return isDone();
  });
  const finishedAtMs = world.now;
  // Last ticks, farewells and group commits.
  await world.run(finishedAtMs + 5_000);
  for (const node of nodes) await node.stop();
  await world.run(finishedAtMs + 15_000);

  const money = settle(nodes, chain);
  const violations = [...failures, ...watch.violations(), ...money.violations, ...check(nodes, chain, FUNDS)];
  const mean = (of: readonly SimNode[]): number =>
    of.length === 0
      ? 0
      : of.reduce((sum, n) => sum + (n.completedAtMs ?? init.limitMs) - (n.startedAtMs ?? 0), 0) / of.length / 1000;
  return {
    seed: init.seed,
    peers: nodes.length,
    finished: leechers.filter((node) => node.completedAtMs !== undefined).length,
    simulatedSeconds: finishedAtMs / 1000,
    events: world.events,
    networkBytes: network.bytes,
    meanSeconds: { buyers: mean([...buyers]), free: mean(leechers.filter((node) => !buyers.has(node))) },
    together: watch.together,
    held: watch.held,
    crashes: nodes.reduce((sum, node) => sum + node.crashes, 0),
    earned: money.earned,
    signedAway: money.signedAway,
    maxUnpaidBytes: Math.max(...nodes.map((node) => node.losses.unpaidBytes)),
    maxPrepaidBytes: Math.max(...nodes.map((node) => node.losses.prepaidBytes)),
    violations,
    trace: world.digest(),
  };
}

/** Comes, and is killed once at most in the first seconds of its download. */
function joinOnce(world: World, node: SimNode, init: SwarmInit, start: () => void): void {
  const joinAtMs = 100 + world.chance() * init.joinMs;
  world.after(joinAtMs, start);
  if (world.chance() >= init.churn) return;
  world.after(joinAtMs + 500 + world.chance() * 20_000, () => {
    if (node.seeds) return;
    crash(world, node);
    world.after(1_000 + world.chance() * 15_000, start);
  });
}

function crash(world: World, node: SimNode): void {
  node.crash();
  world.note(`${node.name} crashed`);
}

function bidOf(number: number): bigint {
  return PRICE + BigInt(number);
}

/** Base units per GiB, rounded up. */
function costs({ bytes, amountNano }: { readonly bytes: number; readonly amountNano: bigint }): bigint {
  const size = BigInt(bytes) * NANO;
  return ((amountNano << 30n) + size - 1n) / size;
}

/** Everybody claims. Nobody may be able to claim more than the payer signed away. */
function settle(
  nodes: readonly SimNode[],
  chain: MemoryChain,
): { earned: bigint; signedAway: bigint; violations: string[] } {
  const violations: string[] = [];
  const owed = new Map(nodes.flatMap((node) => node.owed()).map(({ id, amount }) => [String(id), amount]));
  let earned = 0n;
  for (const node of nodes) {
    for (const state of node.earnings()) {
      const amount = chain.claim(state);
      earned += amount;
      if (amount !== claimable(state)) violations.push(`${node.name} claimed ${amount} instead of ${claimable(state)}`);
    }
  }
  const signedAway = [...owed.values()].reduce((sum, amount) => sum + amount, 0n);
  if (earned > signedAway) violations.push(`payees claimed ${earned}, payers signed ${signedAway}`);
  return { earned, signedAway, violations };
}

function check(nodes: readonly SimNode[], chain: MemoryChain, funds: bigint): string[] {
  const violations: string[] = [];
  if (chain.total !== funds * BigInt(nodes.length)) violations.push(`money was made or lost: ${chain.total} in all`);
  for (const node of nodes) {
    if (!node.seeds) violations.push(`${node.name} did not finish`);
    for (const fault of node.faults) violations.push(`${node.name} met a fault among honest peers: ${fault}`);
  }
  return violations;
}

export function torrentOf(
  content: Uint8Array,
  { kind, pieceLengthBytes }: Pick<SwarmInit, "kind" | "pieceLengthBytes">,
): Metainfo {
  const name = "simulated.bin";
  const files = [{ path: [name], lengthBytes: content.length }];
  const layout = layoutFiles({ name, singleFile: true, files, kind, pieceLengthBytes });
  const pieces = Array.from({ length: layout.pieceCount }, (_, i) => {
    const data = content.subarray(i * pieceLengthBytes, (i + 1) * pieceLengthBytes);
    return { sha1: new Uint8Array(hash("sha1", data, "buffer")), leaves: leavesOf(data) };
  });
  return parseTorrent(buildTorrent(layout, pieces));
}

function trackerTable(world: World, intervalSeconds: number): SwarmTable {
  return new SwarmTable({ ...DEFAULT_LIMITS, intervalSeconds }, world.random);
}

/** The real tracker's table and codecs, a round trip away. */
export function trackerOf(world: World, table = trackerTable(world, ANNOUNCE_SECONDS)): (from: string) => HttpGet {
  return (from) => (url) =>
    new Promise((resolve, reject) => {
      world.after(TRACKER_MS, () => {
        try {
          const announce = parseAnnounceQuery(url.slice(url.indexOf("?") + 1));
          const answer = encodeAnnounceResponse(table.announce(announce, from, world.now), announce.compact);
          world.after(TRACKER_MS, () => resolve(answer));
        } catch (cause) {
          reject(new EverseedError("http-failed", "Cannot announce", { cause, retryable: true }));
        }
      });
    });
}
