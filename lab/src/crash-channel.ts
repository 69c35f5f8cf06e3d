/**
 * What a crash costs: real processes with real wallets on a real chain are killed with SIGKILL and started again.
 *
 *     npm run lab -- crash-channel [--rounds N] [--seed S] [--writes N] [--size MiB] [--json]
 *
 * First form (`crash-channel-rounds.ts`): whole `everseed` commands; the payer, the payee or the chain is killed at a seeded
 * moment. Second form (apps/node, `channel-store-crash-compliance.ts`): a side kills itself at each durable write of its
 * channel store in turn, before it or after it, until a purchase ends without (or for `--writes` of them). After each, all is
 * claimed and closed: the data must be whole, nothing paid twice, no more lost than the credit, all money there, both
 * stores one with the chain. Exit code 1, with the seed, when anything is broken.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startDevnet } from "@everseed/chain/node";
import { EverseedError, NANO, randomInt, systemRandom } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { type CrashBill, crashSeries, createCrashRig } from "../../apps/node/src/channel-store-crash-compliance.ts";
import { crashRounds } from "./crash-channel-rounds.ts";
import { printTable } from "./table.ts";

/** Fast enough to be short, slow enough for a dozen group commits in a purchase. Bytes per second. */
const RATE = 4 << 20;
const AT_ONCE = 2;

interface Series {
  readonly name: string;
  readonly kills: number;
  readonly resumed: number;
  readonly openTicks: number;
  readonly lostByPayer: bigint;
  readonly lostByPayee: bigint;
  readonly paidTwice: bigint;
  readonly faults: readonly string[];
}

interface Case extends CrashBill {
  readonly killed: boolean;
  readonly openTicks: number;
  readonly where: string;
}

function seriesOf(name: string, all: readonly Case[]): Series {
  const cases = all.filter(({ killed }) => killed);
  const most = (of: (c: Case) => bigint): bigint => all.reduce((max, c) => (of(c) > max ? of(c) : max), 0n);
  return {
    name,
    kills: cases.length,
    resumed: cases.filter(({ faults }) => !faults.some((fault) => fault.startsWith("not finished"))).length,
    openTicks: Math.max(0, ...cases.map(({ openTicks }) => openTicks)),
    lostByPayer: most((c) => c.lostByPayer),
    lostByPayee: most((c) => c.lostByPayee),
    paidTwice: all.reduce((sum, c) => sum + c.paidTwice, 0n),
    faults: all.flatMap(({ where, faults }) => faults.map((fault) => `${name}, ${where}: ${fault}`)),
  };
}

function count(text: string, flag: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new EverseedError("usage", `Cannot read --${flag}: expected 0 to ${most}, received ${text}`);
  return value;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "6" },
      writes: { type: "string", default: "200" },
      size: { type: "string", default: "6" },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const seed = count(values.seed ?? String(randomInt(systemRandom, 1 << 30)), "seed", 2 ** 32 - 1);
  const rounds = count(values.rounds, "rounds", 1_000);
  const writes = count(values.writes, "writes", 200);
  const mib = count(values.size, "size", 64);
  console.error(`seed ${seed}`);
  // Leaves by `exit`, where every child is ended.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const work = await mkdtemp(path.join(tmpdir(), "everseed-crash-"));
  const series: Series[] = [];
  try {
    if (rounds > 0) series.push(...(await killedProcesses(path.join(work, "rounds"), seed, rounds)));
    if (writes > 0) series.push(...(await killedWrites(path.join(work, "writes"), seed, mib, writes)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const faults = series.flatMap((each) => each.faults);
  if (values.json) {
    const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
    console.log(JSON.stringify({ seed, series }, text));
  } else report(series);
  if (faults.length === 0) return;
  for (const fault of faults) console.error(fault);
  console.error(`${faults.length} broken; seed ${seed}`);
  process.exitCode = 1;
}

async function killedProcesses(work: string, seed: number, rounds: number): Promise<Series[]> {
  const cases = new Map<string, Case[]>();
  for await (const outcome of crashRounds({ work, seed, rounds })) {
    const name = `kill -9 the ${outcome.victim}`;
    const where = `round ${outcome.round} (${outcome.moment})`;
    tell(name, where, outcome.faults);
    cases.set(name, [...(cases.get(name) ?? []), { ...outcome, where }]);
  }
  return [...cases].map(([name, all]) => seriesOf(name, all));
}

async function killedWrites(work: string, seed: number, mib: number, last: number): Promise<Series[]> {
  const devnet = await startDevnet({ port: await freePort(), stateDir: path.join(work, "chain") });
  const out: Series[] = [];
  try {
    const rig = await createCrashRig(work, devnet, { seed, mib, rate: RATE });
    for (const side of ["payer", "payee"] as const) {
      for (const lost of [true, false]) {
        const name = `the ${side}, ${lost ? "before" : "after"} each write`;
        const cases: Case[] = [];
        for await (const outcome of crashSeries(rig, { side, lost, last, atOnce: AT_ONCE })) {
          const where = `write ${outcome.at}`;
          tell(name, outcome.killed ? where : `${where} was not reached`, outcome.faults);
          cases.push({ ...outcome, where });
        }
        out.push(seriesOf(name, cases));
      }
    }
  } finally {
    await devnet.stop();
  }
  return out;
}

function tell(name: string, where: string, faults: readonly string[]): void {
  console.error(`${name}, ${where}: ${faults.length === 0 ? "fine" : faults.join("; ")}`);
}

function report(series: readonly Series[]): void {
  const base = (nano: bigint): string => String(Number(nano) / Number(NANO));
  console.log("\nat most, in base units (0.000001 TUSD)\n");
  printTable(
    ["killed", "kills", "resumed", "ticks open", "lost by payer", "lost by payee", "paid twice", "broken"],
    series.map((s) => [
      s.name,
      String(s.kills),
      String(s.resumed),
      String(s.openTicks),
      base(s.lostByPayer),
      base(s.lostByPayee),
      base(s.paidTwice),
      String(s.faults.length),
    ]),
  );
}
