/**
 * A whole swarm in one process, from one seed: the real wire, choker, tracker client and channels over a simulated network,
 * clock and disk.
 *
 *     npm run lab -- sim [--seed N] [--seeders N] [--leechers N] [--size MiB] [--piece KiB] [--kind v1|v2|hybrid] [--buyers SHARE]
 *                        [--market] [--churn SHARE] [--join SECONDS] [--limit SECONDS] [--runs N] [--once] [--json]
 *
 * Each seed is run twice and must leave the same trace; `--once` saves the second. `--runs N` takes N seeds from `--seed` on. Fails
 * (exit 1) when a rule is broken: a peer that does not finish, money made or lost, more claimed than signed, a fault among
 * honest peers. A failing run is repeated with the seed that it prints.
 */
import { parseArgs } from "node:util";
import type { TorrentKind } from "@everseed/metainfo";
import { runSwarm, SMALL_SWARM, type SwarmInit, type SwarmResult } from "./sim/swarm.ts";
import { printTable } from "./table.ts";

const MIB = 1 << 20;

export async function run(args: readonly string[]): Promise<void> {
  const number = (fallback: number) => ({ type: "string", default: String(fallback) }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      market: { type: "boolean", default: false },
      seed: number(SMALL_SWARM.seed),
      runs: number(1),
      seeders: number(SMALL_SWARM.seeders),
      leechers: number(20),
      size: number(SMALL_SWARM.sizeBytes / MIB),
      piece: number(SMALL_SWARM.pieceLengthBytes / 1024),
      buyers: number(SMALL_SWARM.buyers),
      churn: number(SMALL_SWARM.churn),
      join: number(SMALL_SWARM.joinMs / 1000),
      limit: number(SMALL_SWARM.limitMs / 1000),
      kind: { type: "string", default: SMALL_SWARM.kind },
    },
  });
  const results: (SwarmResult & { cpuSeconds: number })[] = [];
  let failed = false;
  for (let run = 0; run < Number(values.runs); run++) {
    const init: SwarmInit = {
      ...SMALL_SWARM,
      seed: Number(values.seed) + run,
      seeders: Number(values.seeders),
      leechers: Number(values.leechers),
      sizeBytes: Number(values.size) * MIB,
      pieceLengthBytes: Number(values.piece) * 1024,
      buyers: Number(values.buyers),
      churn: Number(values.churn),
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

function progress(label: string): ((text: string) => void) | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  return (text) => void process.stderr.write(`\r\u001b[K${label}: ${text}\r`);
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
}
