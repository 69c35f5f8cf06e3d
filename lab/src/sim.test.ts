/** Whole swarms of the real parts; the simulator's own promise is that a seed tells all. */
import { describe, expect, test } from "vitest";
import { runSwarm, SMALL_SWARM } from "./sim/swarm.ts";

const SWARM = { ...SMALL_SWARM, leechers: 6, sizeBytes: 4 << 20, pieceLengthBytes: 128 << 10, joinMs: 2_000 };

describe("a simulated swarm", () => {
  test("leaves the same trace when it is run again from the same seed, and another from another seed", async () => {
    const first = await runSwarm({ ...SWARM, seed: 7 });
    expect((await runSwarm({ ...SWARM, seed: 7 })).trace).toBe(first.trace);
    expect((await runSwarm({ ...SWARM, seed: 8 })).trace).not.toBe(first.trace);
  });

  for (const kind of ["v1", "v2", "hybrid"] as const) {
    test(`${kind}: with crashes, everybody finishes and the money adds up`, async () => {
      const result = await runSwarm({ ...SWARM, kind, seed: 21, churn: 0.7 });
      expect(result.violations).toEqual([]);
      expect(result.crashes).toBeGreaterThan(0);
      expect(result.finished).toBe(SWARM.leechers);
      expect(result.earned).toBeGreaterThan(0n);
      expect(result.earned).toBeLessThanOrEqual(result.signedAway);
    });
  }

  test("buyers that buy from each other all finish, and hardly a block is sent twice", async () => {
    const init = { ...SMALL_SWARM, seed: 1, leechers: 4, buyers: 1, churn: 0 };
    const result = await runSwarm(init);
    expect(result.violations).toEqual([]);
    expect(result.networkBytes).toBeLessThan(1.05 * init.leechers * init.sizeBytes);
    expect(result.simulatedSeconds).toBeLessThan(60);
  });

  test("a peer that does not finish is reported", async () => {
    const result = await runSwarm({ ...SWARM, seed: 3, limitMs: 1_000 });
    expect(result.violations.some((text) => text.includes("did not finish"))).toBe(true);
  });
});
