/** Whole swarms of the real parts; the simulator's own promise is that a seed tells all. */
import { describe, expect, test } from "vitest";
import { type Held, leaks } from "./sim/held.ts";
import { DAY_SWARM, runSwarm, SMALL_SWARM } from "./sim/swarm.ts";
import { type Visitor, visit } from "./sim/visits.ts";
import { World } from "./sim/world.ts";

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

  test("of a small torrent with many seeds hardly a block is sent twice", async () => {
    const init = { ...SMALL_SWARM, seed: 5, seeders: 30, leechers: 1, buyers: 0, churn: 0 };
    const result = await runSwarm(init);
    expect(result.violations).toEqual([]);
    expect(result.networkBytes).toBeLessThan(1.1 * init.sizeBytes);
  });

  test("peers come, are killed, come back and leave; then nothing is held for them", async () => {
    const init = {
      ...{ ...DAY_SWARM, seed: 2, leechers: 20, sizeBytes: 2 << 20, pieceLengthBytes: 64 << 10, up: 32 << 10 },
      ...{ joinMs: 600_000, limitMs: 5_400_000, stayMs: 300_000, announceSeconds: 120, lookMs: 300_000 },
    };
    const result = await runSwarm(init);
    expect(result.violations).toEqual([]);
    expect(result.finished).toBe(init.leechers);
    expect(result.crashes).toBeGreaterThan(0);
    expect(result.simulatedSeconds).toBe(5_400);
    expect(result.held.at(-1)?.online).toBe(init.seeders);
  });

  test("a peer that does not finish is reported", async () => {
    const result = await runSwarm({ ...SWARM, seed: 3, limitMs: 1_000 });
    expect(result.violations.some((text) => text.includes("did not finish"))).toBe(true);
  });
});

test("a visitor comes, is killed, comes back, says goodbye, comes back, and leaves when it has stayed", async () => {
  const world = new World(1);
  const log: string[] = [];
  const note = (what: string) => (): void => void log.push(`${world.now} ${what}`);
  const visitor: Visitor = { start: note("start"), crash: note("crash"), stop: note("stop") };
  const interruptions = [
    { upMs: 10, downMs: 5, crash: true },
    { upMs: 10, downMs: 5, crash: false },
    { upMs: 100, downMs: 5, crash: true },
  ];
  const finished = visit(world, { joinAtMs: 1, interruptions, stayMs: 50 }, visitor);
  world.after(40, finished);
  world.after(45, finished);
  await world.run(1_000);
  expect(log).toEqual(["1 start", "11 crash", "16 start", "26 stop", "31 start", "90 stop"]);
});

test("a process that was killed has no timers, nor has one that was cancelled", async () => {
  const world = new World(1);
  const clock = world.clock();
  const ran: string[] = [];
  clock.after(10, () => ran.push("killed"));
  world.after(20, () => ran.push("cancelled"))();
  world.after(30, () => ran.push("live"));
  world.after(5, () => ran.push("first"));
  clock.kill();
  expect(world.timers()).toBe(2);
  await world.run(100);
  expect(ran).toEqual(["first", "live"]);
});

describe("what is held after all have left", () => {
  const held = (atMs: number, more: Partial<Held> = {}): Held => ({
    ...{ atMs, online: 2, connections: 0, timers: 5, dialling: 0, addresses: 2, faults: 0 },
    ...{ sessions: 1, records: 10, members: 4, heapBytes: 30 << 20, ...more },
  });
  const [alone, early] = [held(0, { addresses: 0, sessions: 0, records: 0 }), held(1_000)];

  test("is what was held before they came", () => {
    expect(leaks(alone, [early, held(2_000)], 20)).toEqual([]);
    expect(leaks(alone, [early], 20)).toHaveLength(1);
  });

  for (const more of [{ addresses: 3 }, { faults: 1 }, { sessions: 4 }, { records: 11 }, { heapBytes: 32 << 20 }])
    test(`does not grow: ${JSON.stringify(more)}`, () => {
      expect(leaks(alone, [early, held(2_000, more)], 20)).toHaveLength(1);
    });

  for (const more of [{ connections: 1 }, { timers: 50 }, { dialling: 50 }, { members: 5 }, { heapBytes: 200 << 20 }])
    test(`is nothing of theirs: ${JSON.stringify(more)}`, () => {
      expect(leaks(alone, [held(1_000, more), held(2_000, more)], 20).length).toBeGreaterThan(0);
    });
});
