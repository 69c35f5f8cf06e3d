/** Means, medians and their 95 % confidence intervals. */
import type { Chance } from "./swarm-random.ts";

export interface Estimate {
  readonly mean: number;
  /** The interval's ends. */
  readonly low: number;
  readonly high: number;
}

const NORMAL_975 = 1.959964;
const RESAMPLES = 2_000;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value that a share of the others lies below, between neighbours in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The mean of independent values, by Student's t; of differences or ratios of pairs this is the paired test. */
export function estimateMean(values: readonly number[]): Estimate {
  const count = values.length;
  const centre = mean(values);
  if (count < 2) return { mean: centre, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (count - 1);
  const half = studentT975(count - 1) * Math.sqrt(variance / count);
  return { mean: centre, low: centre - half, high: centre + half };
}

/** The 97.5 % quantile of Student's t, by its expansion around the normal: within 0.01 from 4 degrees of freedom on. */
export function studentT975(freedom: number): number {
  const z = NORMAL_975;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * freedom) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom ** 3)
  );
}

/** Any statistic of `count` independent observations, by the percentile bootstrap: `statistic` gets the drawn indices. */
export function bootstrap(count: number, chance: Chance, statistic: (drawn: readonly number[]) => number): Estimate {
  const all = Array.from({ length: count }, (_, i) => i);
  const drawn = Array.from({ length: RESAMPLES }, () => statistic(all.map(() => chance.below(count))));
  return { mean: statistic(all), low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}
