/** Settlements among several connections, torrents and runs: none is in the way of another, and nobody is blamed for one. */
import { describe, expect, test } from "vitest";
import { budget, inMarket, Link, type LinkInit, MIB, PRICE, pair, run, TOKEN } from "./payment-rig.ts";

async function scene() {
  const { clock, alice, bob } = await pair();
  const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 500_000n };
  const purchase = (torrent: string, wantBytes: number, more: Partial<LinkInit> = {}) => {
    const buyer = alice.extension({ buying });
    const seller = bob.extension({ selling: { price: PRICE, token: TOKEN } });
    return { link: new Link({ clock, buyer, seller, wantBytes, torrent, latencyMs: 5, ...more }), buyer };
  };
  const ms = (maxMs: number, links: readonly Link[]): Promise<number> =>
    run(clock, links, { maxMs, until: () => false, stepMs: 10 });
  return { clock, alice, bob, purchase, ms };
}

describe("settlements", () => {
  test("a connection that is done signs once, however much another one buys of the same seller", async () => {
    const { clock, purchase, ms } = await scene();
    const small = purchase("small", 9 * MIB);
    await run(clock, [small.link], { stepMs: 5 });
    await ms(1_000, [small.link]);
    const signatures = (): number => small.buyer.peers()[0]?.bought?.signatures ?? 0;
    const before = signatures();
    const big = purchase("big", 700 * MIB, { depthBytes: MIB / 2 });
    const links = [small.link, big.link];
    await run(clock, links, { stepMs: 5, maxMs: 600_000, until: () => big.link.done });
    expect(big.link.verified).toBe(700 * MIB);
    expect(signatures()).toBe(before);
    for (const { dropped } of links) expect(dropped).toBeUndefined();
  }, 60_000);

  test("a seller that has little at a time is bought from in bursts, and takes none for a flood", async () => {
    const { clock, purchase, ms } = await scene();
    const { link } = purchase("file", 2_048 * MIB, { depthBytes: 2 * MIB });
    for (let burst = 1; burst <= 36; burst++) {
      link.limitBytes = burst * 9 * MIB;
      link.wanted = true;
      await run(clock, [link], {
        stepMs: 5,
        maxMs: 60_000,
        until: () => link.closed || link.verified >= link.limitBytes,
      });
      link.nothingWanted();
      await ms(600, [link]);
    }
    expect(link.dropped).toBeUndefined();
    expect(link.verified).toBe(36 * 9 * MIB);
  }, 60_000);

  test("what another torrent lost on its way is asked for again after a settlement, and the purchase goes on", async () => {
    for (const pieceBytes of [0, MIB]) {
      for (const [smallMiB, cut] of [
        [8.5, MIB / 2],
        [24, 3 * MIB],
      ] as const) {
        const { clock, bob, purchase, ms } = await scene();
        const big = purchase("big", 400 * MIB, { withholdAfterBytes: cut, latencyMs: 20 }).link;
        const small = purchase("small", smallMiB * MIB, { latencyMs: 20 }).link;
        await run(clock, [small, big], { stepMs: 5, until: () => small.done });
        await ms(3_000, [small, big]);
        for (const link of [small, big]) link.close();
        await ms(500, []);
        const again = purchase("big", 30 * MIB, { pieceBytes, latencyMs: 20 }).link;
        await run(clock, [again], { stepMs: 5, maxMs: 10_000, until: () => again.done || again.closed });
        expect(again.verified, `pieces of ${pieceBytes}, ${smallMiB} MiB settled`).toBe(30 * MIB);
        expect(bob.events.filter((event) => event.type === "stalled")).toEqual([]);
      }
    }
  }, 60_000);

  test("one that overtakes ticks of larger pieces counts as many bytes as they paid for", async () => {
    const { clock, alice, bob, purchase, ms } = await scene();
    const big = purchase("big", 256 * MIB, { unitBytes: 4 * MIB, latencyMs: 60, depthBytes: 16 * MIB }).link;
    await ms(800, [big]);
    for (let i = 0; i < 4; i++) {
      const small = purchase(`small${i}`, 12 * MIB).link;
      await run(clock, [small, big], { stepMs: 5, maxMs: 30_000, until: () => small.done });
      await ms(300, [small, big]);
      small.close();
    }
    await run(clock, [big], { stepMs: 5, maxMs: 60_000 });
    await ms(1_000, [big]);
    const sum = (states: Iterable<{ readonly paidBytes: number }>): number =>
      [...states].reduce((bytes, { paidBytes }) => bytes + paidBytes, 0);
    expect(sum(bob.book.payees.values())).toBe(sum(alice.book.payers.values()));
  }, 60_000);

  test("one that is faster than another connection's first voucher still names its lane", async () => {
    const { clock, alice, bob } = await scene();
    const unit = 100_000n;
    const purchase = (torrent: string, wantBytes: number, latencyMs: number, first: bigint) => {
      const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
      const buyer = inMarket(alice.extension({ buying }), false);
      const seller = inMarket(bob.extension({ selling: { price: "market", token: TOKEN } }), true);
      const link = new Link({ clock, buyer, seller, wantBytes, latencyMs, torrent, depthBytes: MIB });
      link.inSlot = false;
      let wanted = first;
      const shared = {
        onAuthenticated: () => undefined,
        onBuyerStopped: () => undefined,
        onCorrupt: () => undefined,
        onMissedTicks: () => undefined,
        onHalted: () => undefined,
      };
      buyer.link(link)?.attach({ ...shared, allowedUnit: () => unit, wantedUnit: () => wanted });
      seller.link(link)?.attach({ ...shared, allowedUnit: () => 0n, wantedUnit: () => 0n });
      const bid = (price: bigint): void => {
        wanted = price;
        buyer.link(link)?.bidChanged();
      };
      return { link, buyer, sold: seller.link(link), bid };
    };
    const fast = purchase("fast", 12 * MIB, 1, unit);
    const slow = purchase("slow", 64 * MIB, 80, 0n);
    await run(clock, [fast.link, slow.link], { maxMs: 400, until: () => false, stepMs: 5 });
    fast.link.choke();
    fast.sold?.charge(unit);
    fast.link.inSlot = true;
    fast.sold?.slot(true);
    // The slow one shows its channel while the fast one comes to its end.
    await run(clock, [fast.link], { stepMs: 1, until: () => fast.link.verified >= 9 * MIB });
    slow.bid(unit);
    await run(clock, [fast.link], { stepMs: 1, until: () => fast.link.done });
    await run(clock, [fast.link, slow.link], { maxMs: 2_000, until: () => false, stepMs: 5 });
    expect(fast.buyer.peers()[0]?.bought?.signatures).toBe(3);
    expect(slow.link.dropped).toBeUndefined();
    expect(slow.sold?.canPay(unit)).toBe(true);
  });
});
