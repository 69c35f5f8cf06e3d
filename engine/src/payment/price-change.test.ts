/** A price that moves while money and data are under way: who can gain by it, and how much at most. */
import {
  decodePayMessage,
  earned,
  hashChain,
  openLane,
  type PayerLane,
  type PayerState,
  type PayMessage,
} from "@everseed/channel";
import { seededRandom, sha256, utf8 } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { budget, DOMAIN, inMarket, Link, type LinkInit, MIB, pair, run, TOKEN, UNIT } from "./payment-rig.ts";

const CHEAP = 1_000n;
const DEAR = 100_000n;

async function market(more: Partial<LinkInit> = {}) {
  const { clock, alice, bob } = await pair();
  const buyer = inMarket(
    alice.extension({ buying: { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n } }),
    false,
  );
  const seller = inMarket(bob.extension({ selling: { price: "market", token: TOKEN } }), true);
  const link = new Link({ clock, buyer, seller, wantBytes: 4096 * MIB, depthBytes: 8 * UNIT, ...more });
  let allowed: bigint | undefined = 0n;
  let halted = 0;
  const missed: number[] = [];
  const shared = { onAuthenticated: () => undefined, onBuyerStopped: () => undefined, onCorrupt: () => undefined };
  buyer.link(link)?.attach({
    ...shared,
    onMissedTicks: () => undefined,
    onHalted: () => halted++,
    allowedUnit: () => allowed,
    wantedUnit: () => DEAR,
  });
  seller.link(link)?.attach({
    ...shared,
    onMissedTicks: () => missed.push(clock.now()),
    onHalted: () => undefined,
    allowedUnit: () => 0n,
    wantedUnit: () => 0n,
  });
  const ms = (maxMs: number): Promise<number> => run(clock, [link], { maxMs, until: () => false, stepMs: 5 });
  // Both prove their addresses, and the buyer shows its channel.
  await ms(10);
  const slot = (open: boolean): void => {
    if (open) link.inSlot = true;
    else link.choke();
    seller.link(link)?.slot(open);
  };
  /** Choked, repriced, unchoked; the buyer agreed to it before. */
  const price = (unit: bigint, agreed: bigint | "misfit" = unit): void => {
    allowed = agreed === "misfit" ? undefined : agreed;
    slot(false);
    seller.link(link)?.charge(unit);
    slot(true);
  };
  const paid = (): bigint => [...bob.book.payees.values()].reduce((sum, state) => sum + earned(state), 0n);
  const sold = () => seller.peers()[0]?.sold as NonNullable<ReturnType<typeof seller.peers>[0]["sold"]>;
  return { clock, alice, bob, link, ms, price, paid, sold, missed, halted: () => halted, slot };
}

const isTick = (payload: Uint8Array): boolean => payload[0] === 3;

describe("when the price moves", () => {
  test("what is free costs nothing, and each stretch is paid at its own price", async () => {
    const { link, ms, price, paid, sold } = await market({ wantBytes: 9 * MIB });
    await ms(20);
    expect(link.served).toBeGreaterThan(0);
    expect(paid()).toBe(0n);
    let [freeBytes, cheapBytes] = [link.served, 0];
    price(CHEAP);
    await ms(400);
    cheapBytes = sold().uploadedBytes;
    expect(cheapBytes).toBeGreaterThan(UNIT);
    price(0n);
    const before = link.served;
    await ms(20);
    freeBytes += link.served - before;
    price(DEAR);
    await ms(30_000);
    expect(link.done).toBe(true);
    expect(link.dropped).toBeUndefined();
    expect(freeBytes + sold().uploadedBytes).toBe(link.served);
    const dearUnits = (sold().uploadedBytes - cheapBytes) / UNIT;
    const due = BigInt(cheapBytes / UNIT) * CHEAP + BigInt(dearUnits) * DEAR;
    // What was paid ahead at the cheap price buys as many units of the dear one: no more than the buyer's advance.
    const advance = BigInt(Math.max(1, cheapBytes / UNIT / 16)) * (DEAR - CHEAP);
    expect(paid()).toBeLessThanOrEqual(due);
    expect(paid()).toBeGreaterThanOrEqual(due - advance);
  });

  test("a lane of the cheap price pays for what came before the rise, and not for what comes after it", async () => {
    let [dear, forged] = [false, 0];
    const cheapTicks: PayMessage[] = [];
    const { link, ms, price } = await market({
      tamper: (payload) => {
        const message = decodePayMessage(payload);
        if (message.type !== "tick") return payload;
        if (!dear) cheapTicks.push(message);
        else forged++;
        // After the rise it keeps what it owes at the dear price to itself.
        return dear ? undefined : payload;
      },
    });
    price(CHEAP);
    await ms(2_000);
    dear = true;
    price(DEAR);
    await ms(3_000);
    expect(forged).toBeGreaterThan(0);
    const served = link.served;
    await ms(3_000);
    // Held at the credit: ticks of the cheap lane that were sent again change nothing.
    for (const tick of cheapTicks.slice(-3)) link.inject(tick);
    await ms(1_000);
    expect(link.served).toBe(served);
    expect(link.dropped).toBeUndefined();
  });

  /** The buyer's key signs one more lane, at this price, and reveals it step by step while its own ticks are held back. */
  async function paysWithNewLane(unit: bigint) {
    let swallow = false;
    const scene = await market({ tamper: (payload) => (swallow && isTick(payload) ? undefined : payload) });
    const { alice, bob, link, ms, price } = scene;
    price(CHEAP);
    await ms(3_000);
    price(DEAR);
    await ms(500);
    swallow = true;
    const [id, state] = [...alice.book.payers][0] as [string, PayerState];
    const {
      state: next,
      chain,
      root,
      receipt,
    } = openLane(state, {
      unit,
      maxSteps: 1_000,
      delivery: {
        infoHash: sha256(utf8("file")).subarray(0, 20),
        uploader: bob.signer.address,
        downloader: alice.signer.address,
        unitBytes: UNIT,
        epoch: Math.floor(scene.clock.unixMs() / 86_400_000),
      },
      own: [],
      keep: state.lanes.map((lane) => lane.root),
      random: seededRandom(5),
      signer: alice.signer,
      domain: DOMAIN,
    });
    expect(id).toBeDefined();
    const { bytesBefore, epoch } = receipt;
    link.inject({ type: "voucher", terms: next.terms, signed: next.voucher as never, receipt: { bytesBefore, epoch } });
    await ms(20);
    const before = scene.sold();
    let steps = 0;
    for (; steps < 200 && !link.closed; steps++) {
      link.inject({ type: "tick", root, steps: steps + 1, preimage: chain.at(steps + 1) });
      await ms(5);
    }
    return { ...scene, before, after: scene.sold(), steps };
  }

  test("a lane that is signed after the rise at the price before it pays what came before, and ends with tick-price", async () => {
    const { link, before, after } = await paysWithNewLane(CHEAP);
    expect(link.dropped?.code).toBe("tick-price");
    // What was owed, and might have been paid ahead, when the price rose.
    expect(after.paidBytes - before.paidBytes).toBeLessThanOrEqual(before.uploadedBytes / 8 + 6 * UNIT);
    expect(after.uploadedBytes - before.uploadedBytes).toBeLessThanOrEqual(before.uploadedBytes / 4 + 6 * UNIT);
  });

  test("a lane for nothing pays for nothing, and is no fault", async () => {
    const { link, before, after, ms } = await paysWithNewLane(0n);
    expect(link.dropped).toBeUndefined();
    expect(after.paidBytes).toBe(before.paidBytes);
    expect(after.earnedNano).toBe(before.earnedNano);
    await ms(2_000);
    expect(link.served).toBeLessThanOrEqual(before.uploadedBytes * 1.2 + 64 * UNIT);
  });

  test("whoever buys ahead while it is cheap gains its credit at most", async () => {
    // Reveals everything its lane has as soon as it may.
    const { link, ms, price, sold, alice, bob } = await market({
      tamper: (payload) => (isTick(payload) ? undefined : payload),
    });
    price(CHEAP);
    await ms(50);
    const [lane] = [...alice.book.payers.values()].flatMap(({ lanes }) => lanes).filter(({ unit }) => unit === CHEAP);
    const { root, secret, maxSteps } = lane as PayerLane;
    const chain = hashChain(secret, maxSteps);
    for (let steps = 1; !link.closed && steps <= maxSteps; steps++) {
      link.inject({ type: "tick", root, steps, preimage: chain.at(steps) });
      if (steps % 8 === 0) await ms(5);
    }
    const { paidBytes, uploadedBytes } = sold();
    expect(paidBytes - uploadedBytes).toBeLessThanOrEqual((paidBytes * 5) / 64 + 6 * UNIT);
    expect([undefined, "tick-price"]).toContain(link.dropped?.code);
    expect(bob.book.debt(alice.signer.address)).toBeGreaterThanOrEqual(-((paidBytes * 5) / 64 + 6 * UNIT));
  });

  test("prices that change twenty times cost the buyer lanes, and neither side the connection", async () => {
    const { link, ms, price, paid } = await market();
    for (let i = 0; i < 40; i++) {
      price(i % 2 === 0 ? CHEAP + BigInt(i) : 0n);
      await ms(2_500);
    }
    expect(link.dropped).toBeUndefined();
    expect(paid()).toBeGreaterThan(0n);
  });
});

describe("a slot that is paid for", () => {
  test("and ends is no missed tick: a buyer that owes and is choked is waited for in slots alone", async () => {
    const { link, ms, price, missed, slot } = await market({
      tamper: (payload) => (isTick(payload) ? undefined : payload),
    });
    price(DEAR);
    await ms(15_000);
    expect(link.served).toBeGreaterThan(0);
    slot(false);
    await ms(120_000);
    expect(missed).toEqual([]);
    // Time in slots adds up.
    slot(true);
    await ms(12_000);
    expect(missed).toHaveLength(1);
  });

  test("that ends again and again to escape the 20 s does not escape them", async () => {
    const { ms, price, missed, slot } = await market({ tamper: (payload) => (isTick(payload) ? undefined : payload) });
    price(DEAR);
    for (let i = 0; i < 6; i++) {
      await ms(5_000);
      slot(false);
      await ms(5_000);
      slot(true);
    }
    expect(missed.length).toBeGreaterThan(0);
  });
});

describe("an es_pay offer", () => {
  test("above what es_market agreed to ends the connection with offer-price", async () => {
    const { link, ms, price, paid } = await market();
    price(DEAR, DEAR - 1n);
    await ms(100);
    expect(link.dropped?.code).toBe("offer-price");
    expect(paid()).toBe(0n);
  });

  test("of a seller whose es_market offers do not fit is neither paid nor a fault", async () => {
    const { link, ms, price, paid } = await market();
    price(DEAR, "misfit");
    await ms(5_000);
    expect(link.dropped).toBeUndefined();
    expect(paid()).toBe(0n);
    price(0n, "misfit");
    const before = link.verified;
    await ms(100);
    expect(link.verified).toBeGreaterThan(before);
  });

  test("for each block is a flood: pay-flood", async () => {
    const { link, ms, price } = await market();
    for (let i = 1n; i < 60n && !link.closed; i++) {
      price(i);
      await ms(5);
    }
    expect(link.dropped?.code).toBe("pay-flood");
  });
});
