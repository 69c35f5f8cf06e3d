/**
 * A whole swarm in one process, from one seed: the real wire, choker, tracker client and channels over a simulated network,
 * clock and disk.
 *
 *     npm run lab -- sim [--seed N] [--seeders N] [--leechers N] [--size MiB] [--piece KiB] [--kind v1|v2|hybrid] [--buyers SHARE]
 *                        [--market] [--churn SHARE] [--join SECONDS] [--limit SECONDS] [--up KiB/s] [--down KiB/s]
 *                        [--announce SECONDS] [--stay SECONDS [--crowd SHARE]] [--look SECONDS] [--day] [--runs N] [--once] [--json]
 *
 * `--day` is twenty-four hours of two hundred peers, each flag still yours to change. With `--stay` a peer that has finished leaves
 * after about so long, `--churn` peers go and come back several times, and the run goes on to `--limit`. With `--look` what is held is
 * looked at so often, the heap too, and must not grow once all have left.
 *
 * Each seed is run twice and must leave the same trace; `--once` saves the second. `--runs N` takes N seeds from `--seed` on. Fails
 * (exit 1) when a rule is broken: a peer that does not finish, money made or lost, more claimed than signed, a fault among
 * honest peers, memory that is not let go of. A failing run is repeated with the seed that it prints.
 */
import { parseArgs } from "node:util";
import type { TorrentKind } from "@everseed/metainfo";
import { DAY_SWARM, runSwarm, SMALL_SWARM, type SwarmInit, type SwarmProgress, type SwarmResult } from "./sim/swarm.ts";
import { printTable } from "./table.ts";

const MIB = 1 << 20;
const LINE_MS = 60_000;

export async function run(args: readonly string[]): Promise<void> {
  const preset = args.includes("--day") ? DAY_SWARM : { ...SMALL_SWARM, leechers: 20 };
  const number = (fallback: number) => ({ type: "string", default: String(fallback) }) as const;
  const seconds = (ms: number | undefined) =>
    ({ type: "string", ...(ms === undefined ? {} : { default: String(ms / 1000) }) }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      market: { type: "boolean", default: false },
      day: { type: "boolean", default: false },
      seed: number(preset.seed),
      runs: number(1),
      seeders: number(preset.seeders),
      leechers: number(preset.leechers),
      size: number(preset.sizeBytes / MIB),
      piece: number(preset.pieceLengthBytes / 1024),
      buyers: number(preset.buyers),
      churn: number(preset.churn),
      crowd: number(preset.crowd ?? 0),
      up: number(preset.up / 1024),
      down: number(preset.down / 1024),
      announce: number(preset.announceSeconds),
      join: seconds(preset.joinMs),
      limit: seconds(preset.limitMs),
      stay: seconds(preset.stayMs),
      look: seconds(preset.lookMs),
      kind: { type: "string", default: preset.kind },
    },
  });
  const results: (SwarmResult & { cpuSeconds: number })[] = [];
  let failed = false;
  for (let run = 0; run < Number(values.runs); run++) {
    const init: SwarmInit = {
      ...preset,
      seed: Number(values.seed) + run,
      seeders: Number(values.seeders),
      leechers: Number(values.leechers),
      sizeBytes: Number(values.size) * MIB,
      pieceLengthBytes: Number(values.piece) * 1024,
      buyers: Number(values.buyers),
      churn: Number(values.churn),
      crowd: Number(values.crowd),
      up: Number(values.up) * 1024,
      down: Number(values.down) * 1024,
      announceSeconds: Number(values.announce),
      ...(values.stay === undefined ? {} : { stayMs: Number(values.stay) * 1000 }),
      ...(values.look === undefined ? {} : { lookMs: Number(values.look) * 1000 }),
      joinMs: Number(values.join) * 1000,
      limitMs: Number(values.limit) * 1000,
      kind: values.kind as TorrentKind,
      market: values.market,
    };
    const begun = process.cpuUsage();
    const result = await runSwarm(init, progress(`seed ${init.seed}`));
    const { user, system } = process.cpuUsage(begun);
    const violations = [...result.violations];
    if (!values.once) {
      const again = await runSwarm(init, progress(`seed ${init.seed} again`));
      if (again.trace !== result.trace) violations.push(`the second run left another trace: ${again.trace}`);
    }
    results.push({ ...result, violations, cpuSeconds: (user + system) / 1e6 });
    for (const violation of violations) console.error(`seed ${init.seed}: ${violation}`);
    failed ||= violations.length > 0;
  }
  if (values.json)
    console.log(JSON.stringify(results, (_k, v) => (typeof v === "bigint" ? v.toString() : (v as unknown))));
  else report(results);
  if (failed) process.exitCode = 1;
}

/** On a terminal in one line, else a line a minute. */
function progress(label: string): (progress: SwarmProgress) => void {
  const { isTTY } = process.stderr;
  const begunAt = performance.now();
  let saidAt = begunAt;
  return ({ simulatedMs, limitMs, finished, leechers, online }) => {
    const now = performance.now();
    if (isTTY !== true && now - saidAt < LINE_MS) return;
    saidAt = now;
    const leftSeconds = ((now - begunAt) / 1000) * (limitMs / simulatedMs - 1);
    const text = `${label}: ${(simulatedMs / 1000).toFixed(0)} of ${limitMs / 1000} s simulated, ${online} peers online, ${finished} of ${leechers} finished, at most ${leftSeconds.toFixed(0)} s left`;
    process.stderr.write(isTTY === true ? `\r\u001b[K${text}\r` : `${text}\n`);
  };
}

function report(results: readonly (SwarmResult & { cpuSeconds: number })[]): void {
  printTable(
    [
      "seed",
      "peers",
      "finished",
      "simulated s",
      "CPU s",
      "MiB moved",
      "buyers s",
      "free s",
      "crashes",
      "earned",
      "unpaid KiB",
      "prepaid KiB",
      "broken",
      "trace",
    ],
    results.map((r) => [
      String(r.seed),
      String(r.peers),
      String(r.finished),
      r.simulatedSeconds.toFixed(1),
      r.cpuSeconds.toFixed(1),
      (r.networkBytes / MIB).toFixed(0),
      r.meanSeconds.buyers.toFixed(1),
      r.meanSeconds.free.toFixed(1),
      String(r.crashes),
      String(r.earned),
      (r.maxUnpaidBytes / 1024).toFixed(0),
      (r.maxPrepaidBytes / 1024).toFixed(0),
      String(r.violations.length),
      r.trace.slice(0, 12),
    ]),
  );
  for (const { seed, together, held } of results) {
    if (held.length === 0) continue;
    console.log(
      `\nseed ${seed}: ${together.online} visitors at once, ${together.downloading} of them downloading; held:`,
    );
    const headers = ["hours", "online", "connections", "timers", "dialling", "addresses", "faults"];
    printTable(
      [...headers, "sessions", "records", "tracker", "heap MiB"],
      held.map((h) => [
        (h.atMs / 3_600_000).toFixed(1),
        ...[h.online, h.connections, h.timers, h.dialling, h.addresses, h.faults, h.sessions, h.records, h.members].map(
          String,
        ),
        (h.heapBytes / MIB).toFixed(1),
      ]),
    );
  }
}
