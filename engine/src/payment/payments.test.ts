/** What buyer and seller promise each other, on honest connections. */
import { earned, promised } from "@everseed/channel";
import { NANO } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { budget, KIB, Link, MIB, PRICE, pair, RigNode, run, TOKEN, UNIT, UNIT_NANO } from "./payment-rig.ts";
import type { SellingTerms } from "./seller-types.ts";

const SELLING: SellingTerms = { price: PRICE, token: TOKEN };

function buyingTerms(limit = 1_000_000n, deposit = 100_000n) {
  return { budget: budget(limit), token: TOKEN, deposit };
}

describe("an honest purchase", () => {
  test("the whole file is paid once, both sides count the same, and the claim pays just that", async () => {
    const { clock, chain, alice, bob } = await pair();
    const buying = buyingTerms();
    const bytes = 80 * MIB + 5 * KIB;
    const buyer = alice.extension({ buying });
    const seller = bob.extension({ selling: SELLING });
    const link = new Link({ clock, buyer, seller, wantBytes: bytes });
    await run(clock, [link]);
    await run(clock, [], { maxMs: 300, until: () => false });
    expect(link.dropped).toBeUndefined();
    expect(link.verified).toBe(bytes);
    const [payer] = [...alice.book.payers.values()];
    const [payee] = [...bob.book.payees.values()];
    const units = BigInt(Math.ceil(bytes / UNIT));
    expect(promised(payer as never)).toBe(units * UNIT_NANO);
    expect(earned(payee as never)).toBe(units * UNIT_NANO);
    expect(buying.budget.spentNano).toBe(units * UNIT_NANO);
    expect(chain.claim(payee as never)).toBe((units * UNIT_NANO) / NANO);
    const { bought } = buyer.peers()[0] as NonNullable<ReturnType<typeof buyer.peers>[0]>;
    const { sold } = seller.peers()[0] as NonNullable<ReturnType<typeof seller.peers>[0]>;
    // Two lanes of 4,096 steps for 5,121, and the settlement.
    expect(bought?.signatures).toBe(3);
    expect(payee?.lanes).toEqual([]);
    expect(bought?.ticks).toBe(sold?.ticks);
    expect(sold?.maxUnpaidBytes).toBeLessThanOrEqual(Math.max(UNIT, (80 * MIB) / 16));
    expect(bought?.maxPrepaidBytes).toBeLessThanOrEqual(Math.max(UNIT, (80 * MIB) / 16));
  });

  test("where a channel exists the first paid byte comes within three round trips, however far away the chain is", async () => {
    const { clock, chain, alice, bob } = await pair();
    const read = chain.read.bind(chain);
    chain.read = (terms) => new Promise((resolve) => clock.after(180, () => resolve(read(terms))));
    const first = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms() }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: UNIT,
    });
    await run(clock, [first]);
    first.close();
    const startedAt = clock.now();
    const latencyMs = 100;
    const again = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms() }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: UNIT,
      latencyMs,
      torrent: "other",
    });
    await run(clock, [again]);
    expect((again.firstByteAt as number) - startedAt).toBeLessThanOrEqual(3 * 2 * latencyMs);
  });

  test("at 200 ms of round trip the money flows ahead of the requests: the pipe fills although credit starts at one unit", async () => {
    const { clock, alice, bob } = await pair();
    const link = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms() }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: 24 * MIB,
      latencyMs: 100,
      depthBytes: 2 * MIB,
    });
    const took = await run(clock, [link], { stepMs: 10, maxMs: 120_000 });
    expect(link.done).toBe(true);
    // Stop-and-wait would take 1,536 round trips: 307 s.
    expect(took).toBeLessThan(30_000);
  });

  test("many short files do not stall at first contact, whatever their lengths", async () => {
    const { clock, alice, bob } = await pair();
    const link = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms() }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: 50_003 * 5,
      blockBytes: 5_003,
    });
    await run(clock, [link], { maxMs: 10_000 });
    expect(link.done).toBe(true);
  });

  test("the same file can be bought twice, on the same channel", async () => {
    const { clock, chain, alice, bob } = await pair();
    const buying = buyingTerms();
    for (let i = 0; i < 2; i++) {
      const link = new Link({
        clock,
        buyer: alice.extension({ buying }),
        seller: bob.extension({ selling: SELLING }),
        wantBytes: 2 * MIB,
      });
      await run(clock, [link]);
      await run(clock, [], { maxMs: 50, until: () => false });
      link.close();
    }
    expect(chain.opened).toBe(1);
    expect(buying.budget.spentNano).toBe(256n * UNIT_NANO);
  });

  test("a deposit that is used up is followed by a channel with a new one", async () => {
    const { clock, chain, alice, bob } = await pair();
    const link = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms(1_000n, 40n) }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: 4 * MIB,
    });
    await run(clock, [link]);
    expect(link.done).toBe(true);
    expect(chain.opened).toBe(2);
    for (const state of bob.book.payees.values()) expect(earned(state)).toBeLessThanOrEqual(40n * NANO);
  });

  test("a channel that another process closed costs one connection: then the chain is asked, and another opened", async () => {
    const { clock, chain, alice, bob } = await pair();
    const ends: string[] = [];
    for (const torrent of ["before", "refused", "after"]) {
      const buyer = alice.extension({ buying: buyingTerms() });
      const link = new Link({ clock, buyer, seller: bob.extension({ selling: SELLING }), wantBytes: MIB, torrent });
      await run(clock, [link]);
      ends.push(link.done ? "done" : `${link.dropped?.code}`);
      link.close();
      if (torrent === "before") chain.channels.clear();
    }
    expect(ends).toEqual(["done", "channel-closed", "done"]);
  });

  test("a budget shared by two sellers is never overspent, and stops the purchase", async () => {
    const { clock, chain, alice, bob } = await pair();
    const carol = await new RigNode("carol", clock, chain).start();
    const buying = buyingTerms(20n);
    const buyer = alice.extension({ buying });
    const links = [bob, carol].map(
      (node) => new Link({ clock, buyer, seller: node.extension({ selling: SELLING }), wantBytes: 2 * MIB }),
    );
    await run(clock, links, { maxMs: 5_000 });
    expect(buying.budget.spentNano).toBe(20n * NANO);
    expect(alice.events.filter((e) => e.type === "failed").map((e) => e.type === "failed" && e.error.code)).toContain(
      "budget-used",
    );
    const total = [bob, carol]
      .flatMap((node) => [...node.book.payees.values()])
      .reduce((sum, state) => sum + earned(state), 0n);
    expect(total).toBe(20n * NANO);
  });

  test("two connections of one pair, two torrents: one channel, lanes side by side, sums right", async () => {
    const { clock, chain, alice, bob } = await pair();
    const buying = buyingTerms();
    const links = ["one", "two"].map(
      (torrent) =>
        new Link({
          clock,
          buyer: alice.extension({ buying }),
          seller: bob.extension({ selling: SELLING }),
          wantBytes: 20 * MIB,
          torrent,
        }),
    );
    await run(clock, links);
    await run(clock, [], { maxMs: 300, until: () => false });
    expect(links.map((l) => [l.done, l.dropped])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    expect(chain.opened).toBe(1);
    const [payee] = [...bob.book.payees.values()];
    expect(earned(payee as never)).toBe(buying.budget.spentNano);
    expect(Number(buying.budget.spentNano / UNIT_NANO) * UNIT).toBeLessThanOrEqual(40 * MIB + UNIT);
  });

  test("a dear offer is declined; both sides fall back to the plain rules", async () => {
    const { clock, chain, alice, bob } = await pair();
    const link = new Link({
      clock,
      buyer: alice.extension({ buying: { ...buyingTerms(), maxPrice: PRICE - 1n } }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: MIB,
    });
    await run(clock, [link], { maxMs: 1_000 });
    expect(alice.events.map((e) => (e.type === "declined" ? e.code : e.type))).toContain("price-above-limit");
    expect(link.serveAllowance).toBeUndefined();
    expect(link.done).toBe(true);
    expect(chain.opened).toBe(0);
  });

  test("a chain that is away for a while delays the purchase and loses nothing", async () => {
    const { clock, chain, alice, bob } = await pair();
    const { EverseedError } = await import("@everseed/core");
    const read = chain.read.bind(chain);
    let away = 5;
    chain.read = async (terms) => {
      if (away-- > 0)
        throw new EverseedError("chain-failed", "Cannot read the channel: no answer", { retryable: true });
      return read(terms);
    };
    const link = new Link({
      clock,
      buyer: alice.extension({ buying: buyingTerms() }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: MIB,
    });
    await run(clock, [link], { stepMs: 20 });
    expect(link.done).toBe(true);
    expect(chain.opened).toBe(1);
  });
});
