/**
 * Do swarms live longer where seeding earns? Simulated torrents whose demand fades, in pairs: the same peers with the market,
 * and as plain clients; measured is the time until not all pieces are online any more.
 *
 *     npm run lab -- market-lifetime [--quick] [--seeds N] [--seed S] [--plot FILE.svg] [--json]
 *         [--crowd N] [--demand PER_HOUR] [--decay HOURS] [--patience HOURS] [--cost SHARE] [--reserve-max SHARE]
 *         [--reserve-tau HOURS] [--rival-weight K] [--mib N] [--bandwidth paid-first|surplus|equal]
 *
 * `--cost`: what an hour of staying costs the median peer, over what the median bidder would give for the download. The
 * answer depends on it, and on the reserve's rule: the table varies both. What the model leaves out: market/lifetime-runs.ts,
 * docs/market.md. Nothing is claimed, so the exit code is 0.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Lifetime, type LifetimeOptions, liveSwarm, type Market } from "./market/lifetime-runs.ts";
import { bootstrap, type Estimate, mean, median } from "./market/statistics.ts";
import { type Curve, survivalSvg, survivalText } from "./market/survival-plot.ts";
import { Chance } from "./market/swarm-random.ts";
import { printTable } from "./table.ts";

interface Variant {
  readonly name: string;
  /** Drawn in the plot. */
  readonly drawn: boolean;
  readonly market?: Market;
  readonly options: LifetimeOptions;
}

export interface LifetimeRow {
  readonly name: string;
  readonly drawn: boolean;
  readonly lives: readonly Lifetime[];
  readonly medianHours: Estimate;
  /** Median with over median without the market. */
  readonly ratio: Estimate;
  readonly seederHours: number;
  readonly servedPercent: number;
}

function variants(options: LifetimeOptions): readonly Variant[] {
  const half: Market = { bidders: 50, reserve: "hardened" };
  const weight = options.rivalWeight;
  const vary = (name: string, change: Partial<LifetimeOptions>, drawn = false): Variant => ({
    ...{ name, drawn, market: half, options: { ...options, ...change } },
  });
  return [
    { name: "no market", drawn: true, options },
    { name: "20% bid", drawn: false, market: { bidders: 20, reserve: "hardened" }, options },
    { name: `50% bid, k = ${weight}`, drawn: true, market: half, options },
    { name: "80% bid", drawn: false, market: { bidders: 80, reserve: "hardened" }, options },
    vary("50% bid, k = 1", { rivalWeight: 1 }, true),
    vary("50% bid, k = 0", { rivalWeight: 0 }),
    { name: "50% bid, paper's reserve", drawn: true, market: { bidders: 50, reserve: "paper" }, options },
    vary("50% bid, staying costs a quarter", { cost: options.cost / 4 }),
    vary("50% bid, staying costs four times", { cost: options.cost * 4 }),
    vary("50% bid, no reserve", { reserveMax: 0 }),
  ];
}

/** Every variant over the same seeds; the first is what the others are compared with. */
export function measureLifetimes(
  options: LifetimeOptions,
  { seeds, firstSeed }: { readonly seeds: number; readonly firstSeed: number },
  tell: (name: string) => void = () => {},
): readonly LifetimeRow[] {
  let without: readonly number[] = [];
  return variants(options).map(({ name, drawn, market, options: own }) => {
    tell(name);
    const lives = Array.from({ length: seeds }, (_, i) => liveSwarm(own, market, firstSeed + i));
    const hours = lives.map((life) => life.hours);
    if (market === undefined) without = hours;
    const medianOf = (of: readonly number[], drawnSeeds: readonly number[]): number =>
      median(drawnSeeds.map((i) => of[i] as number));
    const resampled = (statistic: (of: readonly number[]) => number): Estimate =>
      bootstrap(seeds, new Chance(firstSeed, 7), statistic);
    return {
      ...{ name, drawn, lives, seederHours: median(lives.map((life) => life.seederHours)) },
      medianHours: resampled((of) => medianOf(hours, of)),
      ratio: resampled((of) => medianOf(hours, of) / medianOf(without, of)),
      servedPercent: mean(lives.map((life) => life.servedPercent)),
    };
  });
}

function report(rows: readonly LifetimeRow[], curves: readonly Curve[]): void {
  const show = ({ mean: value, low, high }: Estimate, digits: number): string =>
    `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
  const cells = rows.map((row) => [
    ...[row.name, show(row.medianHours, 0), show(row.ratio, 2), row.seederHours.toFixed(0)],
    `${row.servedPercent.toFixed(0)}%`,
  ]);
  printTable(["", "median hours alive", "over no market", "last seeder", "served"], cells);
  console.log(`\n${survivalText(curves)}`);
}

export async function run(args: readonly string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ json: { type: "boolean", default: false }, quick: { type: "boolean", default: false }, plot: text },
      ...{ seeds: text, seed: text, crowd: text, demand: text, decay: text, patience: text, cost: text, mib: text },
      ...{ "reserve-max": text, "reserve-tau": text, "rival-weight": text, bandwidth: text },
    },
  });
  const options: LifetimeOptions = {
    crowd: Number(values.crowd ?? 40),
    demand: Number(values.demand ?? 8),
    decayHours: Number(values.decay ?? 24),
    patienceHours: Number(values.patience ?? 1),
    cost: Number(values.cost ?? 0.05),
    reserveMax: Number(values["reserve-max"] ?? 0.5),
    reserveTauHours: Number(values["reserve-tau"] ?? 12),
    rivalWeight: Number(values["rival-weight"] ?? 0.1),
    mebibytes: Number(values.mib ?? 64),
    pieces: 64,
    bandwidth: (values.bandwidth ?? "paid-first") as LifetimeOptions["bandwidth"],
  };
  const seeds = Number(values.seeds ?? (values.quick ? 6 : 100));
  const rows = measureLifetimes(options, { seeds, firstSeed: Number(values.seed ?? 1) }, (name) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name.padEnd(40)}\r`);
  });
  const curves = rows
    .filter(({ drawn }) => drawn)
    .map(({ name, lives }) => ({ name, hours: lives.map(({ hours }) => hours) }));
  if (values.plot !== undefined)
    writeFileSync(values.plot, survivalSvg(curves, "Share of simulated swarms that still have all pieces, over time"));
  if (values.json) console.log(JSON.stringify({ options, seeds, rows }));
  else report(rows, curves);
}
