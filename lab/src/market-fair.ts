/**
 * Does paying hurt those who do not pay? Simulated swarms in pairs: the same peers with the market and some of them
 * bidding, and with plain tit-for-tat and nobody bidding.
 *
 *     npm run lab -- market-fair [--quick] [--peers 40,120,400] [--bidders 0,20,50,80] [--departure stayers,leavers]
 *         [--strategies auction,paper,tit-for-tat] [--arrivals flash,poisson] [--bandwidth paid-first|surplus|equal]
 *         [--sellers all|bidders] [--seeds N] [--seed S] [--mib N] [--pieces N] [--json]
 *
 * The claim: with the auction, plain clients take at most 10 % longer on average, in every kind of swarm measured. Exit 1
 * when a mean is above; the table also gives 95 % confidence intervals over the seeds. `paper` is there to be compared. The
 * model and what it leaves out: market/swarm-model.ts, docs/market.md.
 */
import { parseArgs } from "node:util";
import type { StrategyName } from "@everseed/market";
import { type Arrivals, type FairOptions, type FairRow, measureFairness } from "./market/fair-runs.ts";
import type { Estimate } from "./market/statistics.ts";
import { printTable } from "./table.ts";

const CLAIM = 1.1;
const QUICK = { peers: "40,120", bidders: "50", seeds: "6" };

function show(estimate: Estimate | undefined): string {
  if (estimate === undefined || Number.isNaN(estimate.mean)) return "";
  return `${estimate.mean.toFixed(3)} (${estimate.low.toFixed(3)} to ${estimate.high.toFixed(3)})`;
}

/** Rows of the auction in which plain clients are slower than claimed, by the mean or by the interval's upper end. */
export function brokenClaims(rows: readonly FairRow[], end: "mean" | "high"): readonly FairRow[] {
  return rows.filter(({ strategy, bidders, plain }) => strategy === "auction" && bidders > 0 && plain[end] > CLAIM);
}

function report(rows: readonly FairRow[]): void {
  const cells = rows.map((row) => [
    ...[String(row.peers), row.arrivals, row.departure, row.strategy, `${row.bidders}%`],
    ...[show(row.plain), show(row.paying), `${row.spentPercent.toFixed(0)}%`, row.seconds.toFixed(0)],
  ]);
  printTable(
    ["peers", "arrival", "finished", "strategy", "bidders", "plain clients", "who bids", "paid", "base s"],
    cells,
  );
  const [broken, unsure] = [brokenClaims(rows, "mean"), brokenClaims(rows, "high")];
  console.log(
    `\nTimes over those of the same peers without the market, 95 % intervals. Plain clients at most ${CLAIM} times as long under ` +
      `the auction: ${broken.length === 0 ? "holds" : `fails in ${broken.length} rows`}; interval above it in ${unsure.length} rows.`,
  );
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
      ...{ peers: { type: "string" }, bidders: { type: "string" }, seeds: { type: "string" } },
      ...{
        departure: { type: "string", default: "stayers,leavers" },
        arrivals: { type: "string", default: "poisson" },
      },
      strategies: { type: "string", default: "auction,paper,tit-for-tat" },
      ...{ bandwidth: { type: "string", default: "paid-first" }, seed: { type: "string", default: "1" } },
      sellers: { type: "string", default: "all" },
      ...{ mib: { type: "string", default: "64" }, pieces: { type: "string", default: "128" } },
    } as const,
  });
  const some = values.quick ? QUICK : { peers: "40,120,400", bidders: "0,20,50,80", seeds: "30" };
  const numbers = (text: string): number[] => text.split(",").map(Number);
  const options: FairOptions = {
    peers: numbers(values.peers ?? some.peers),
    bidders: numbers(values.bidders ?? some.bidders),
    departures: values.departure.split(",") as FairOptions["departures"],
    arrivals: values.arrivals.split(",") as Arrivals[],
    strategies: values.strategies.split(",") as StrategyName[],
    bandwidth: values.bandwidth as FairOptions["bandwidth"],
    everybodySells: values.sellers === "all",
    seeds: Number(values.seeds ?? some.seeds),
    firstSeed: Number(values.seed),
    mebibytes: Number(values.mib),
    pieces: Number(values.pieces),
  };
  const rows: FairRow[] = [];
  for (const peers of options.peers)
    for (const arrivals of options.arrivals)
      for (const departure of options.departures) {
        const tell = (seed: number): void => {
          if (process.stderr.isTTY) process.stderr.write(`\r${peers} ${arrivals} ${departure}, seed ${seed}  \r`);
        };
        rows.push(...measureFairness(options, [peers, arrivals, departure], tell));
      }
  if (values.json) console.log(JSON.stringify({ claim: CLAIM, options, rows }));
  else report(rows);
  if (brokenClaims(rows, "mean").length > 0) process.exitCode = 1;
}
