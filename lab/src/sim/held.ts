/**
 * What a run holds, looked at now and then, and whether it lets go of it: when all visitors have left, the seeders that stay
 * hold what they held before anybody came, and no more with each hour that passes. Records of channels are money and stay.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Network } from "./network.ts";
import type { SimNode } from "./node.ts";
import type { World } from "./world.ts";

/** Of a heap that does not grow. */
const HEAP_NOISE_BYTES = 1 << 20;
/** What a visitor leaves behind for good: its disk, its keys and what the figures need. */
const VISITOR_BYTES = 64 << 10;
/** A channel on the disk of one of its sides. */
const RECORD_BYTES = 8 << 10;
/** Read-ahead of an engine that has served, and memory that it reads into again. */
const CACHE_BYTES = 20 << 20;
/** Timers of an engine that come and go: a dial, a rest, a group commit. */
const SPARE_TIMERS = 4;

export interface Held {
  readonly atMs: number;
  readonly online: number;
  /** Both ends of each. */
  readonly connections: number;
  readonly timers: number;
  /** In the engines: connections that are being made, addresses to dial, hosts with faults. */
  readonly dialling: number;
  readonly addresses: number;
  readonly faults: number;
  /** Payment sessions, with those that are over. */
  readonly sessions: number;
  /** Of channels and debts on all disks, of those who left too. */
  readonly records: number;
  /** Of the tracker's members, under both names of a hybrid torrent. */
  readonly members: number;
  /** After a collection. */
  readonly heapBytes: number;
}

export interface Holders {
  readonly world: World;
  readonly network: Network;
  readonly nodes: readonly SimNode[];
  readonly members: () => number;
}

let collect: (() => void) | undefined;

export function look({ world, network, nodes, members }: Holders): Held {
  const sum = (of: (node: SimNode) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  return {
    atMs: world.now,
    online: nodes.filter(({ online }) => online).length,
    connections: network.ends,
    timers: world.timers(),
    dialling: sum(({ load }) => (load === undefined ? 0 : load.halfOpen + load.pendingInbound)),
    addresses: sum(({ load }) => load?.addresses ?? 0),
    faults: sum(({ load }) => load?.faults ?? 0),
    sessions: sum(({ payments }) => payments?.sessionCount ?? 0),
    records: sum(({ channels: { payers, payees, debts } }) => payers.size + payees.size + debts.size),
    members: members(),
    heapBytes: heapBytes(),
  };
}

function heapBytes(): number {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  // What finalizers let go of is free at the second collection.
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** `alone`: before the visitors; `quiet`: in the order of time, all after they have left and the trackers have forgotten them. */
export function leaks(alone: Held, quiet: readonly Held[], visitors: number): string[] {
  const [first, last] = [quiet[0], quiet.at(-1)];
  if (first === undefined || last === undefined || first === last)
    return ["the run is too short to tell whether what is held grows: nobody was alone for two looks"];
  const found: string[] = [];
  // What is over on one connection is let go with the next.
  const lingering = { addresses: 0, faults: 0, sessions: last.online, records: 0 };
  for (const key of ["addresses", "faults", "sessions", "records"] as const)
    if (last[key] > first[key] + lingering[key])
      found.push(`${key} grow when all have left: ${first[key]}, then ${last[key]}`);
  for (const key of ["connections", "timers", "dialling", "members"] as const) {
    const most = alone[key] + (key === "timers" || key === "dialling" ? SPARE_TIMERS * last.online : 0);
    for (const one of quiet)
      if (one[key] > most)
        found.push(`${key} of those who left are held at ${one.atMs} ms: ${one[key]}, before ${most}`);
  }
  const [before, early, late] = [alone.heapBytes, first.heapBytes, last.heapBytes];
  if (late - early > HEAP_NOISE_BYTES) found.push(`the heap grows when all have left: ${early} bytes, then ${late}`);
  const kept = last.online * CACHE_BYTES + visitors * VISITOR_BYTES + last.records * RECORD_BYTES;
  const most = before + HEAP_NOISE_BYTES + kept;
  if (late > most) found.push(`the heap holds ${late} bytes when all have left; ${most} are accounted for`);
  return found;
}
