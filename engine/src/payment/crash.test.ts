/**
 * The process of either side dies at every durable write of its channel store, just before or just after it is on disk.
 * After a restart the download goes on, nothing is paid twice, and both sides count the same again.
 */
import { earned, newPayerState, type PayeeState, type PayerState, promised } from "@everseed/channel";
import { NANO } from "@everseed/core";
import { describe, expect, test, vi } from "vitest";
import { budget, Link, MIB, PRICE, pair, RigNode, run, TOKEN, UNIT, UNIT_NANO } from "./payment-rig.ts";

const BYTES = 18 * MIB;
/** The file, and one unit each of two others: the next contacts after a crash on the last writes. */
const UNITS = BigInt(BYTES / UNIT) + 2n;
/** What either side may be ahead of the other: a sixteenth of all that moved. */
const CREDIT_NANO = (UNITS / 16n + 1n) * UNIT_NANO;
/** By how much an advance can have grown in the group commit that a crash of the payer takes: it is no more than that. */
const HIDDEN_NANO = CREDIT_NANO;

interface Outcome {
  readonly writes: { readonly buyer: number; readonly seller: number };
  readonly paid: bigint;
  readonly earned: bigint;
  readonly claimed: bigint;
  readonly opened: number;
}

async function purchase(crash?: {
  readonly side: "buyer" | "seller";
  readonly at: number;
  readonly lost: boolean;
}): Promise<Outcome> {
  const { clock, chain, alice, bob } = await pair();
  const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
  let link: Link | undefined;
  let crashed = false;
  let writes = { buyer: 0, seller: 0 };
  const victim = crash?.side === "buyer" ? alice : bob;
  if (crash !== undefined) {
    victim.store.failAfterWrite(
      crash.at,
      () => {
        crashed = true;
        link?.cut(crash.side);
      },
      crash.lost,
    );
  }
  for (const [torrent, bytes] of [
    ["file", BYTES],
    ["next", UNIT],
    ["last", UNIT],
  ] as const) {
    let verified = 0;
    if (torrent === "last") writes = { buyer: alice.disk.writes, seller: bob.disk.writes };
    for (let attempt = 0; verified < bytes && attempt < 3; attempt++) {
      link = new Link({
        clock,
        buyer: alice.extension({ buying }),
        seller: bob.extension({ selling: { price: PRICE, token: TOKEN } }),
        wantBytes: bytes - verified,
        latencyMs: 20,
        torrent,
      });
      await run(clock, [link], { stepMs: 5, maxMs: 60_000 });
      verified += link.verified;
      // The last ticks are under way for 20 ms: the file's are lost with the connection, the others' arrive.
      if (torrent !== "file") await run(clock, [], { maxMs: 100, until: () => false, stepMs: 10 });
      link.close();
      if (!crashed) continue;
      crashed = false;
      await victim.start();
    }
    expect(verified).toBe(bytes);
  }
  await run(clock, [], { maxMs: 500, until: () => false, stepMs: 50 });
  if (crashed) await victim.start();
  const sum = (values: bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
  return {
    writes,
    paid: sum([...alice.book.payers.values()].map((state: PayerState) => promised(state))),
    earned: sum([...bob.book.payees.values()].map((state: PayeeState) => earned(state))),
    claimed: sum([...bob.book.payees.values()].map((state) => chain.claim(state))),
    opened: chain.opened,
  };
}

describe("a crash at every durable write", () => {
  test("costs nothing when it does not happen", async () => {
    const { paid, earned: got } = await purchase();
    expect(paid).toBe(UNITS * UNIT_NANO);
    expect(got).toBe(paid);
  });

  for (const side of ["buyer", "seller"] as const) {
    test(`of the ${side}: the purchase goes on, nothing is paid twice, both count the same`, async () => {
      const { writes } = await purchase();
      expect(writes[side]).toBeGreaterThan(5);
      for (let at = 1; at <= writes[side]; at++) {
        for (const lost of [false, true]) {
          const outcome = await purchase({ side, at, lost });
          const where = `write ${at}, ${lost ? "before" : "after"} it was on disk`;
          expect(outcome.opened, where).toBe(1);
          expect(outcome.earned, where).toBe(outcome.paid);
          expect(outcome.claimed, where).toBe(outcome.earned / NANO);
          expect(outcome.paid, where).toBeLessThanOrEqual(UNITS * UNIT_NANO + CREDIT_NANO + HIDDEN_NANO);
          expect(outcome.paid, where).toBeGreaterThanOrEqual(UNITS * UNIT_NANO - CREDIT_NANO);
        }
      }
    });
  }

  test("of the buyer, when data verifies in whole pieces: what was lost with the connection is no reason to wait for a piece that cannot come", async () => {
    for (const [mib, pieceBytes] of [2, 2.5, 3, 4].flatMap((m) => [4, 8].map((p) => [m, p * UNIT] as const))) {
      const { clock, alice, bob } = await pair();
      const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
      const meet = (wantBytes: number): Link =>
        new Link({
          clock,
          buyer: alice.extension({ buying }),
          seller: bob.extension({ selling: { price: PRICE, token: TOKEN } }),
          wantBytes,
          pieceBytes,
          latencyMs: 20,
        });
      const first = meet(20 * MIB);
      await run(clock, [first], {
        stepMs: 5,
        until: () => first.verified >= mib * MIB && first.served - first.verified >= (3 * mib * MIB) / 32,
      });
      // All that is under way to the buyer, and from it, is lost.
      await alice.book.flush();
      first.cut("buyer");
      await alice.start();
      const second = meet(2 * MIB);
      await run(clock, [second], { stepMs: 5, maxMs: 60_000 });
      expect(second.verified, `cut after ${mib} MiB, pieces of ${pieceBytes}`).toBe(2 * MIB);
    }
  });

  for (const [hours, channels, what] of [
    [0.5, 1, "goes on with that opening"],
    [2, 2, "opens another one when that one may no longer be mined"],
  ] as const) {
    test(`a payer that died over the opening of its channel and comes back after ${hours} h ${what}`, async () => {
      const { clock, chain, alice, bob } = await pair();
      const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
      const meet = (): Link =>
        new Link({
          clock,
          buyer: alice.extension({ buying }),
          seller: bob.extension({ selling: { price: PRICE, token: TOKEN } }),
          wantBytes: 2 * MIB,
        });
      const open = vi.spyOn(chain, "open").mockImplementationOnce(() => new Promise(() => undefined));
      const first = meet();
      await run(clock, [first], { until: () => open.mock.calls.length > 0 });
      first.cut("buyer");
      await alice.start();
      chain.seconds += hours * 3_600;
      const second = meet();
      await run(clock, [second]);
      expect(second.verified).toBe(2 * MIB);
      expect(chain.opened).toBe(1);
      expect(alice.book.payers.size).toBe(channels);
    });
  }

  test("a payer that lost its disk gets its channel back from the payee's copy, and no second deposit is made", async () => {
    const { clock, chain, alice, bob } = await pair();
    const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
    const selling = { price: PRICE, token: TOKEN };
    const first = new Link({
      clock,
      buyer: alice.extension({ buying }),
      seller: bob.extension({ selling }),
      wantBytes: 4 * MIB,
    });
    await run(clock, [first]);
    await run(clock, [], { maxMs: 100, until: () => false });
    first.close();
    const before = earned([...bob.book.payees.values()][0] as PayeeState);
    const reborn = await new RigNode("alice", clock, chain).start();
    const second = new Link({
      clock,
      buyer: reborn.extension({ buying }),
      seller: bob.extension({ selling }),
      wantBytes: 2 * MIB,
    });
    await run(clock, [second]);
    await run(clock, [], { maxMs: 100, until: () => false });
    expect(second.dropped).toBeUndefined();
    expect(chain.opened).toBe(1);
    expect(reborn.events.map((event) => event.type)).toContain("channel-restored");
    expect(earned([...bob.book.payees.values()][0] as PayeeState)).toBe(before + 128n * UNIT_NANO);
    expect(promised([...reborn.book.payers.values()][0] ?? newPayerState({} as never, 0n))).toBe(
      before + 128n * UNIT_NANO,
    );
  });
});
