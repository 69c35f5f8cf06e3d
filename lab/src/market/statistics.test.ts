import { describe, expect, test } from "vitest";
import { bootstrap, estimateMean, median, quantile, studentT975 } from "./statistics.ts";
import { aliveAt, survivalSvg, survivalText } from "./survival-plot.ts";
import { Chance } from "./swarm-random.ts";

describe("intervals", () => {
  test("Student's t is that of the tables", () => {
    for (const [freedom, t] of [
      [4, 2.776],
      [9, 2.262],
      [29, 2.045],
      [99, 1.984],
    ] as const)
      expect(Math.abs(studentT975(freedom) - t)).toBeLessThan(0.01);
  });

  test("a mean lies in its interval 95 times of 100", () => {
    const chance = new Chance(1, 1);
    let [inMean, inMedian] = [0, 0];
    for (let i = 0; i < 400; i++) {
      const values = Array.from({ length: 20 }, () => chance.next());
      const { low, high } = estimateMean(values);
      if (low < 0.5 && 0.5 < high) inMean++;
      if (i >= 100) continue;
      const middle = bootstrap(values.length, chance, (of) => median(of.map((at) => values[at] as number)));
      if (middle.low < 0.5 && 0.5 < middle.high) inMedian++;
    }
    expect(inMean).toBeGreaterThan(365);
    expect(inMean).toBeLessThan(395);
    expect(inMedian).toBeGreaterThan(85);
  });

  test("quantiles lie between neighbours", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2, 3, 4])).toBe(2.5);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
  });
});

test("chance has the distributions it names", () => {
  const chance = new Chance(9, 1);
  const many = (draw: () => number): number[] => Array.from({ length: 20_000 }, draw);
  expect(many(() => chance.exponential(3)).reduce((a, b) => a + b, 0) / 20_000).toBeCloseTo(3, 0);
  expect(median(many(() => chance.logNormal(1)))).toBeCloseTo(1, 1);
  expect(many(() => chance.weighted([0.2, 0.8])).filter((i) => i === 1).length / 20_000).toBeCloseTo(0.8, 1);
  expect(new Chance(9, 1).next()).not.toBe(new Chance(9, 2).next());
});

test("survival curves fall from all to none, and are drawn for every curve", () => {
  const curves = [
    { name: "a < b", hours: [10, 20, 30, 40] },
    { name: "c", hours: [100] },
  ];
  expect([0, 10, 25, 40].map((hour) => aliveAt(curves[0] as (typeof curves)[number], hour))).toEqual([1, 0.75, 0.5, 0]);
  expect(survivalText(curves)).toContain("100 hours");
  const svg = survivalSvg(curves, "title");
  expect(svg.match(/stroke-width="2"\/>/g)).toHaveLength(4);
  expect(svg).toContain("a &lt; b");
});
