/**
 * Many torrents and a huge one, each in a process of its own: what they take when nothing happens.
 *
 *     npm run lab -- bench-scale [--torrents N] [--tib N] [--seconds N] [--json]
 *
 * "idle": N seeding torrents of three files each, announced to a tracker on loopback, then left alone; memory and CPU time
 * are those of the seconds after the last was added. Goals: 2,000 torrents in 400 MiB and 2 % of a core. "huge": a torrent of
 * N TiB in a sparse file, resumed from what an earlier run remembered; time from the torrent's bytes to seeding, and memory.
 * Goals: 2 s and 300 MiB.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startTracker } from "@everseed/tracker";
import { startProcessMeter } from "./process-meter.ts";
import { printTable } from "./table.ts";

const PEER = fileURLToPath(new URL("./scale/peer.ts", import.meta.url));
const TIMEOUT_MS = 300_000;
/** The tracker takes so many announces a second of one address; the others are tried again. */
const SETTLE_MS = 120_000;

export interface ScaleTask {
  readonly what: "idle" | "huge";
  readonly torrents: number;
  readonly tib: number;
  readonly folder: string;
  readonly announce: string;
}

interface Measured {
  readonly startSeconds: number;
  readonly cpuPercent: number;
  readonly residentMiB: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      torrents: { type: "string", default: "2000" },
      tib: { type: "string", default: "1" },
      seconds: { type: "string", default: "20" },
    },
  });
  const work = await mkdtemp(path.join(tmpdir(), "everseed-scale-"));
  const tracker = await startTracker({ port: 0, host: "127.0.0.1" });
  const announce = `http://127.0.0.1:${tracker.port}/announce`;
  const task = { announce, torrents: Number(values.torrents), tib: Number(values.tib), folder: work };
  try {
    const known = () => tracker.stats().torrents >= task.torrents;
    const idle = await measure({ ...task, what: "idle" }, Number(values.seconds), known);
    const huge = await measure({ ...task, what: "huge" }, Math.min(5, Number(values.seconds)), () => true);
    if (values.json) return console.log(JSON.stringify({ torrents: task.torrents, tib: task.tib, idle, huge }));
    printTable(
      ["", "start s", "% of a core", "resident MiB"],
      [
        [`${task.torrents} idle torrents`, ...cells(idle)],
        [`one torrent of ${task.tib} TiB`, ...cells(huge)],
      ],
    );
  } finally {
    await tracker.stop();
    await rm(work, { recursive: true, force: true });
  }
}

function cells({ startSeconds, cpuPercent, residentMiB }: Measured): string[] {
  return [startSeconds.toFixed(2), cpuPercent.toFixed(2), residentMiB.toFixed(0)];
}

/** `settled`: what happens at the start is over. */
async function measure(task: ScaleTask, seconds: number, settled: () => boolean): Promise<Measured> {
  const child = spawn(process.execPath, [PEER, JSON.stringify(task)], { stdio: ["pipe", "pipe", "inherit"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  try {
    const [ready] = (await Promise.race([
      once(child.stdout, "data"),
      once(child, "exit").then(() => {
        throw new Error(`Cannot measure ${task.what}: its process ended early`);
      }),
    ])) as [Buffer];
    const { startSeconds } = JSON.parse(ready.toString()) as { startSeconds: number };
    for (let waited = 0; !settled() && waited < SETTLE_MS; waited += 100)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const meter = startProcessMeter(child.pid as number);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const { cpuSeconds, rssMiB } = meter.stop();
    return { startSeconds, cpuPercent: (100 * cpuSeconds) / seconds, residentMiB: rssMiB };
  } finally {
    clearTimeout(timer);
    child.stdin.end();
    child.kill();
  }
}
