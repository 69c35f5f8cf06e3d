/**
 * What a bought slot costs, and that what is free stays free: the real engines on a simulated network, a seller whose line is
 * scarce, and buyers that do not trade with each other.
 */
import { owedBaseUnits, payable, promised } from "@everseed/channel";
import { laneUnit, type Price, priceFromPerGib } from "@everseed/market";
import { describe, expect, test } from "vitest";
import { type Actor, type ActorInit, Scene } from "./sim/scene.ts";

const UNIT = 16_384;
const RESERVE = priceFromPerGib(1_000_000n, "up");
/** One slot is sold, one goes by turns, one is optimistic. */
const MARKET = { slots: 3, reserve: { type: "fixed", price: RESERVE } } as const;
const SELLER: ActorInit = { seeds: true, price: "market", market: MARKET, uploadLimit: 256 << 10 };
const buyer = (bid: bigint): ActorInit => ({
  budget: 1_000_000n,
  deposit: 200_000n,
  market: { bid },
  uploadLimit: 2 << 10,
});
const done = (actor: Actor) => (): boolean => actor.node.completedAtMs !== undefined;

/** Base units per GiB of all that was paid: every price once. */
function paidUnits(actor: Actor): Set<bigint> {
  return new Set(
    actor.payments.flatMap((event) => (event.type === "paid" ? [event.amountNano / BigInt(event.bytes / UNIT)] : [])),
  );
}

/** Buyer's and seller's books say the same, to the nano base unit, and so do base units on chain. */
function expectSameBooks(payer: Actor, payee: Actor): void {
  const ours = [...payer.node.channels.payers.values()].filter(
    ({ terms }) => terms.payee === payee.node.signer.address,
  );
  const theirs = payee.node.earnings().filter(({ terms }) => terms.payer === payer.node.signer.address);
  expect(theirs).toHaveLength(ours.length);
  expect(theirs.reduce((sum, state) => sum + payable(state), 0n)).toBe(
    ours.reduce((sum, state) => sum + owedBaseUnits(state), 0n),
  );
  expect(ours.reduce((sum, state) => sum + promised(state), 0n)).toBe(payer.paidNano);
}

describe("a bought slot", () => {
  test("costs the reserve where nobody else bids", async () => {
    const scene = new Scene({ sizeBytes: 6 << 20 });
    const seller = await scene.add("seller", SELLER);
    const alice = await scene.add("alice", buyer(5_000_000n));
    expect(await scene.run(120, done(alice))).toBe(true);
    await scene.run(15);
    await scene.stop();
    await scene.run(2);
    expect([seller.faults, alice.faults]).toEqual([[], []]);
    expect(paidUnits(alice)).toEqual(new Set([laneUnit(RESERVE, UNIT)]));
    expect(alice.events("offer-received").map(({ reason }) => reason)).toContain("reserve");
    expect(seller.earnedNano).toBe(alice.paidNano);
    expectSameBooks(alice, seller);
  });

  test("costs the bid of the loser, which the winner sees, and both books agree in the end", async () => {
    const scene = new Scene({ sizeBytes: 12 << 20 });
    const seller = await scene.add("seller", SELLER);
    const bob = await scene.add("bob", buyer(2_000_000n));
    const alice = await scene.add("alice", buyer(3_000_000n));
    expect(await scene.run(400, () => done(alice)() && done(bob)())).toBe(true);
    await scene.run(15);
    await scene.stop();
    await scene.run(2);
    for (const actor of scene.actors) expect(actor.faults).toEqual([]);
    const losing = priceFromPerGib(2_000_000n, "down");
    const offers = alice.events("offer-received").filter(({ reason }) => reason === "loser");
    expect(offers.length).toBeGreaterThan(0);
    expect(new Set(offers.map(({ price }) => price))).toEqual(new Set([losing]));
    expect(paidUnits(alice)).toContain(laneUnit(losing, UNIT));
    for (const paid of paidUnits(alice)) expect(paid).toBeLessThanOrEqual(laneUnit(losing, UNIT));
    // Bob never pays more than the reserve: alice outbids him, and is gone when he buys.
    for (const paid of paidUnits(bob)) expect(paid).toBe(laneUnit(RESERVE, UNIT));
    for (const payer of [alice, bob]) {
      expectSameBooks(payer, seller);
      const sold = seller.payments.filter((e) => e.type === "earned" && e.address === payer.node.signer.address);
      expect(sold.reduce((sum, event) => (event.type === "earned" ? sum + event.amountNano : sum), 0n)).toBe(
        payer.paidNano,
      );
    }
    const claimed = seller.node.earnings().reduce((sum, state) => sum + scene.chain.claim(state), 0n);
    expect(claimed).toBeGreaterThan(0n);
    expect(scene.chain.total).toBe(1_000_000_000n * 3n);
  });

  test("is lost by a bid that is withdrawn, and paid up to then", async () => {
    const scene = new Scene({ sizeBytes: 12 << 20 });
    const seller = await scene.add("seller", SELLER);
    const alice = await scene.add("alice", buyer(3_000_000n));
    await scene.run(30, () => alice.paidNano > 0n);
    alice.say(seller, { type: "refuse", code: "withdrawn" });
    await scene.run(3);
    expect(seller.node.market?.stats().peers.map(({ slotPrice }) => slotPrice)).toEqual([undefined]);
    const paid = alice.paidNano;
    expect(await scene.run(120, done(alice))).toBe(true);
    // It had what it had asked for; from then on it was free.
    expect(alice.paidNano - paid).toBeLessThanOrEqual(laneUnit(RESERVE, UNIT) * 40n);
    expect([seller.faults, alice.faults]).toEqual([[], []]);
  });

  test("goes to one of an address group at a time, however many of it bid", async () => {
    const scene = new Scene({ sizeBytes: 12 << 20 });
    const seller = await scene.add("seller", { ...SELLER, market: { ...MARKET, slots: 6 } });
    // Three could be sold; the three bidders of one group get one of them at a time.
    for (const [i, name] of ["ann", "bea", "cid"].entries())
      await scene.add(name, { ...buyer(2_000_000n + BigInt(i)), address: `10.9.9.${i + 1}` });
    let most = 0;
    for (let i = 0; i < 60; i++) {
      await scene.run(1);
      const prices = seller.node.market?.stats().peers.map(({ slotPrice }) => slotPrice ?? (0n as Price)) ?? [];
      most = Math.max(most, prices.filter((price) => price > 0n).length);
    }
    expect(most).toBe(1);
    expect(seller.faults).toEqual([]);
  });
});

describe("what is free stays free", () => {
  test("free slots are no debt: who is served free first owes nothing, and pays for bought bytes alone", async () => {
    const scene = new Scene({ sizeBytes: 6 << 20 });
    const seller = await scene.add("seller", SELLER);
    const alice = await scene.add("alice", buyer(3_000_000n));
    await scene.run(9);
    const sold = (): number =>
      seller.node.payments?.peers().reduce((sum, peer) => sum + (peer.sold?.uploadedBytes ?? 0), 0) ?? 0;
    expect(alice.node.torrent?.stats().downloadedBytes).toBeGreaterThan(1 << 20);
    expect([sold(), alice.paidNano]).toEqual([0, 0n]);
    await scene.run(120, done(alice));
    await scene.run(5);
    expect(sold()).toBeGreaterThan(0);
    const boughtUnits = Number(alice.paidNano / laneUnit(RESERVE, UNIT));
    expect(Math.abs(boughtUnits * UNIT - sold())).toBeLessThanOrEqual(sold() / 16 + UNIT);
  });

  test("a bidder that the slots do not reach is served free, to the end", async () => {
    const scene = new Scene({ sizeBytes: 3 << 20 });
    const seller = await scene.add("seller", SELLER);
    const alice = await scene.add("alice", buyer(999_000n));
    expect(await scene.run(120, done(alice))).toBe(true);
    expect(alice.paidNano).toBe(0n);
    // It is told what would do.
    expect(alice.events("refused").map(({ code, price }) => [code, price])).toEqual([["below-reserve", RESERVE]]);
    expect([seller.faults, alice.faults]).toEqual([[], []]);
  });

  const others: readonly [string, ActorInit, ActorInit][] = [
    ["a plain client takes from a market seller", SELLER, {}],
    ["a buyer without bids takes from a market seller", SELLER, { budget: 100_000n, deposit: 50_000n }],
    ["a market node that never buys takes from a market seller", SELLER, { market: {} }],
    ["a bidder takes from a plain client", { seeds: true }, buyer(2_000_000n)],
    ["a bidder takes from a market node that sells nothing", { seeds: true, market: {} }, buyer(2_000_000n)],
  ];
  test.each(others)("%s", async (_what, seed, leech) => {
    const scene = new Scene({ sizeBytes: 3 << 20 });
    const seller = await scene.add("seller", seed);
    const taker = await scene.add("taker", leech);
    expect(await scene.run(200, done(taker))).toBe(true);
    expect([seller.faults, taker.faults]).toEqual([[], []]);
    expect([taker.paidNano, seller.earnedNano]).toEqual([0n, 0n]);
    expect(scene.chain.opened).toBe(0);
  });

  test("a fixed price is paid as before, by bidders and by a node without a market, in a market's slots too", async () => {
    for (const market of [undefined, { slots: 3 }]) {
      const scene = new Scene({ sizeBytes: 3 << 20 });
      const seller = await scene.add("seller", { seeds: true, price: 1_000_000n, ...(market ? { market } : {}) });
      const bidder = await scene.add("bidder", buyer(2_000_000n));
      const plain = await scene.add("plain", { budget: 100_000n, deposit: 50_000n });
      expect(await scene.run(120, () => done(bidder)() && done(plain)())).toBe(true);
      await scene.run(2);
      for (const actor of scene.actors) expect(actor.faults).toEqual([]);
      expect(bidder.paidNano + plain.paidNano).toBe(seller.earnedNano);
      expect(plain.paidNano).toBeGreaterThan(0n);
    }
  });
});
