/**
 * Whole swarms that auction their slots, over seeds, kinds of torrent and crashes: everybody finishes, no honest peer breaks a
 * rule, no money is made or lost, nobody pays more than it bid, and nobody is owed more than the credit.
 */
import { describe, expect, test } from "vitest";
import { runSwarm, SMALL_SWARM } from "./sim/swarm.ts";

const SWARM = { ...SMALL_SWARM, market: true, leechers: 8, sizeBytes: 8 << 20, pieceLengthBytes: 128 << 10 };
/** A line that everybody waits for: only then does it matter who has a slot. */
const SCARCE = { seedUp: 512 << 10, up: 256 << 10, joinMs: 20_000, limitMs: 600_000, slots: 4, reserve: 500_000n };

describe("a swarm with a market", () => {
  for (const kind of ["v1", "v2", "hybrid"] as const) {
    test.each([31, 32, 33])(`${kind}, with crashes, seed %i`, async (seed) => {
      const init = { ...SWARM, ...SCARCE, kind, seed, churn: 0.6 };
      const result = await runSwarm(init);
      expect(result.violations).toEqual([]);
      expect(result.finished).toBe(init.leechers);
      expect(result.crashes).toBeGreaterThan(0);
      expect(result.earned).toBeGreaterThan(0n);
      expect(result.earned).toBeLessThanOrEqual(result.signedAway);
      const unit = kind === "v1" ? init.pieceLengthBytes : 16_384;
      // Nobody pays one seller for more than the torrent, crashes aside: a sixteenth of it is the most it is trusted with.
      expect(result.maxUnpaidBytes).toBeLessThanOrEqual(Math.max(unit, init.sizeBytes / 16));
      expect(result.maxPrepaidBytes).toBeLessThanOrEqual(Math.max(unit, init.sizeBytes / 16));
    });
  }

  test("nobody but buyers: all bid, all finish", async () => {
    const result = await runSwarm({ ...SWARM, ...SCARCE, seed: 41, buyers: 1, churn: 0 });
    expect(result.violations).toEqual([]);
    expect(result.earned).toBeGreaterThan(0n);
  });

  test("nobody but free riders: nothing is ever paid", async () => {
    const result = await runSwarm({ ...SWARM, seed: 42, buyers: 0, churn: 0 });
    expect(result.violations).toEqual([]);
    expect([result.earned, result.signedAway, result.maxUnpaidBytes]).toEqual([0n, 0n, 0]);
  });

  test("the same seed leaves the same trace", async () => {
    const init = { ...SWARM, ...SCARCE, leechers: 4, sizeBytes: 4 << 20, seed: 43 };
    expect((await runSwarm(init)).trace).toBe((await runSwarm(init)).trace);
  });
});
