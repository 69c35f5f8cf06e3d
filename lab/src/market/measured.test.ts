/** The measurements themselves, small: they repeat from their seeds, and see what they are there to see. */
import { expect, test } from "vitest";
import { brokenClaims } from "../market-fair.ts";
import { measureLifetimes } from "../market-lifetime.ts";
import { type FairOptions, type FairRow, measureFairness } from "./fair-runs.ts";

const FAIR: FairOptions = {
  ...{ peers: [24], bidders: [0, 50], departures: ["leavers"], arrivals: ["poisson"], bandwidth: "equal" },
  ...{ strategies: ["auction", "paper", "tit-for-tat"], everybodySells: true, seeds: 3, firstSeed: 1 },
  ...{ mebibytes: 16, pieces: 32 },
};

test("market-fair: nothing changes where nobody bids, and bidders gain at the paper's order", () => {
  const rows = measureFairness(FAIR, [24, "poisson", "leavers"]);
  expect(measureFairness(FAIR, [24, "poisson", "leavers"])).toEqual(rows);
  expect(rows.map(({ strategy, bidders }) => `${strategy} ${bidders}`)).toEqual([
    ...["auction 0", "auction 50", "paper 0", "paper 50", "tit-for-tat 0"],
  ]);
  const row = (strategy: string, bidders: number): FairRow =>
    rows.find((each) => each.strategy === strategy && each.bidders === bidders) as FairRow;
  expect(row("auction", 0).plain).toEqual({ mean: 1, low: 1, high: 1 });
  expect(row("auction", 0).paying).toBeUndefined();
  expect(row("paper", 50).paying?.mean).toBeLessThan(row("paper", 50).plain.mean);
});

test("market-fair: the claim fails by a mean above 1.1 of the auction, and by nothing else", () => {
  const at = (strategy: FairRow["strategy"], mean: number): FairRow => ({
    ...{ peers: 40, arrivals: "flash", departure: "stayers", strategy, bidders: 20, seconds: 1, spentPercent: 0 },
    plain: { mean, low: mean - 0.1, high: mean + 0.1 },
  });
  const rows = [at("auction", 1.05), at("auction", 1.11), at("paper", 2)];
  expect(brokenClaims(rows, "mean")).toEqual([rows[1]]);
  expect(brokenClaims(rows, "high")).toEqual([rows[0], rows[1]]);
});

test("market-lifetime: it repeats, and without any income all is as without the market", () => {
  const options = {
    ...{ crowd: 8, demand: 3, decayHours: 8, patienceHours: 0.5, cost: 0.02, reserveMax: 0.5, reserveTauHours: 6 },
    ...{ rivalWeight: 0.1, mebibytes: 8, pieces: 16, bandwidth: "paid-first" as const },
  };
  const rows = measureLifetimes(options, { seeds: 4, firstSeed: 1 });
  expect(measureLifetimes(options, { seeds: 4, firstSeed: 1 })).toEqual(rows);
  for (const { lives } of rows)
    for (const { hours, seederHours, servedPercent } of lives) {
      expect(hours).toBeGreaterThan(0);
      expect(hours).toBeGreaterThanOrEqual(seederHours - 0.01);
      expect(servedPercent).toBeLessThanOrEqual(100);
    }
  expect(rows[0]?.ratio).toEqual({ mean: 1, low: 1, high: 1 });
  // Nobody can earn that much: whoever bids, all leave when their patience ends.
  const costly = measureLifetimes({ ...options, cost: 1e9 }, { seeds: 2, firstSeed: 1 });
  const ends = (row: number): number[] => costly[row]?.lives.map(({ hours }) => hours) ?? [];
  for (const row of costly.keys())
    for (const [seed, end] of ends(row).entries()) expect(Math.abs(end - (ends(0)[seed] as number))).toBeLessThan(1);
});
