/** Two real processes, one of which kills itself at a durable write of its channels: the first dozen writes of each side. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Devnet, startDevnet } from "@everseed/chain/node";
import { freePort } from "@everseed/core/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CrashOutcome,
  type CrashRig,
  crashBill,
  createCrashRig,
  runCrashCase,
  UNIT_BYTES,
  UNIT_NANO,
} from "./channel-store-crash-compliance.ts";

const WRITES = 12;
const AT_ONCE = 4;
const MIB = 1 << 20;

let root: string;
let devnet: Devnet;
let rig: CrashRig;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "everseed-crash-"));
  devnet = await startDevnet({ port: await freePort(), stateDir: join(root, "chain") });
  rig = await createCrashRig(root, devnet, { seed: 1, mib: 4, rate: 3 * MIB });
});
afterAll(async () => {
  await devnet?.stop();
  await rm(root, { recursive: true, force: true });
});

describe("kill -9 at a durable write", () => {
  for (const side of ["payer", "payee"] as const) {
    test(`of the ${side}: the purchase goes on, nothing is paid twice, all money is there`, {
      timeout: 180_000,
    }, async () => {
      // Before one write, after the next: the lab does both at each.
      const kills = Array.from({ length: WRITES }, (_, i) => ({ side, at: i + 1, lost: i % 2 === 0 }));
      const outcomes: CrashOutcome[] = [];
      const work = async (): Promise<void> => {
        for (let kill = kills.shift(); kill !== undefined; kill = kills.shift()) {
          outcomes.push(await runCrashCase(rig, kill));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      for (const { at, lost, faults, paidTwice } of outcomes) {
        const where = `${side}, ${lost ? "before" : "after"} write ${at}`;
        expect(faults, where).toEqual([]);
        expect(paidTwice, where).toBe(0n);
      }
      // Later writes than a purchase has are not reached.
      expect(outcomes.filter(({ killed }) => killed).length).toBeGreaterThanOrEqual(WRITES / 2);
    });
  }
});

describe("the bill of a crash", () => {
  const MIB_NANO = BigInt(MIB / UNIT_BYTES) * UNIT_NANO;
  const sums = {
    kills: 1,
    deliveredBytes: 16 * MIB,
    servedBytes: 16 * MIB,
    paid: 16n * MIB_NANO,
    got: 16n * MIB_NANO,
    rate: MIB,
  };

  test("is even when all that moved was paid", () => {
    expect(crashBill(sums)).toEqual({ lostByPayer: 0n, lostByPayee: 0n, paidTwice: 0n, faults: [] });
  });

  test("shows a group commit of ticks that was paid again, and what is beyond it", () => {
    const again = 17n * MIB_NANO;
    expect(crashBill({ ...sums, paid: again, got: again })).toMatchObject({
      lostByPayer: MIB_NANO,
      paidTwice: (MIB_NANO * 3n) / 4n,
      faults: [expect.stringMatching(/^paid /)],
    });
  });

  test("shows a payee that lost more than its credit, and two sides that count differently", () => {
    const got = 14n * MIB_NANO;
    expect(crashBill({ ...sums, got }).faults).toHaveLength(2);
    expect(crashBill({ ...sums, kills: 0, paid: got, got, servedBytes: 14 * MIB + 1 }).faults).toHaveLength(1);
  });
});
