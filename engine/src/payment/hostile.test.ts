/** Hostile payers and payees: what they get, measured, is never more than the credit. */
import {
  decodePayMessage,
  earned,
  encodePayMessage,
  newPayerState,
  openLane,
  type PayerState,
  type PayMessage,
  type SignedVoucher,
  signVoucher,
} from "@everseed/channel";
import { fromHex, seededRandom, sha256, toHex, utf8 } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { budget, DOMAIN, Link, type LinkInit, MIB, PRICE, pair, run, TOKEN, UNIT, UNIT_NANO } from "./payment-rig.ts";

const SELLING = { price: PRICE, token: TOKEN };
const TICK = 3;

async function scene() {
  const { clock, chain, alice, bob } = await pair();
  const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
  const link = (more: Partial<LinkInit> = {}): Link =>
    new Link({
      clock,
      buyer: alice.extension({ buying }),
      seller: bob.extension({ selling: SELLING }),
      wantBytes: 64 * MIB,
      ...more,
    });
  const ms = (maxMs: number, links: readonly Link[] = []): Promise<number> =>
    run(clock, links, { maxMs, until: () => false, stepMs: 10 });
  return { clock, chain, alice, bob, buying, link, ms };
}

const edit =
  (change: (message: PayMessage) => PayMessage | undefined) =>
  (payload: Uint8Array): Uint8Array | undefined => {
    const message = change(decodePayMessage(payload));
    return message === undefined ? undefined : encodePayMessage(message);
  };
const noTicks = (payload: Uint8Array): Uint8Array | undefined => (payload[0] === TICK ? undefined : payload);

describe("a hostile payer", () => {
  test("that never ticks gets one unit at first contact, is held and named, and may go on once it pays", async () => {
    const { bob, link, ms } = await scene();
    const one = link({ tamper: noTicks });
    await ms(60_000, [one]);
    expect(one.served).toBe(UNIT);
    expect(one.paying).toBe(false);
    expect(bob.events.filter((e) => e.type === "stalled")).toHaveLength(1);
  });

  test("that never ticks is named on a clock of fractions too, where a rest may be too small to move it", async () => {
    for (let i = 1; i <= 12; i++) {
      const { clock, bob, link, ms } = await scene();
      const { after } = clock;
      clock.after = (delayMs, task) => {
        if (delayMs > 0 && clock.now() + delayMs === clock.now()) throw new Error(`${delayMs} ms move no clock`);
        return after(delayMs, task);
      };
      // Past 2^18 a number has one bit less for its fraction.
      clock.advance(250_000 + i / 13);
      await ms(60_000, [link({ tamper: noTicks })]);
      expect(bob.events.filter((e) => e.type === "stalled")).toHaveLength(1);
    }
  });

  test("that opens seven connections at once and comes back nine times gets one unit in all", async () => {
    const { bob, link, ms } = await scene();
    let served = 0;
    for (let round = 0; round < 10; round++) {
      const links = Array.from({ length: round === 0 ? 7 : 1 }, (_, i) =>
        link({ tamper: noTicks, torrent: `t${round}-${i}` }),
      );
      await ms(3_000, links);
      for (const each of links) {
        served += each.served;
        each.close();
      }
    }
    // The ticks never came; what its later vouchers promise is paid.
    const paid = [...bob.book.payees.values()].reduce((sum, state) => sum + earned(state), 0n);
    expect(served - Number(paid / UNIT_NANO) * UNIT).toBe(UNIT);
  });

  test("that shows one channel and ticks on another that is not on chain is refused by name", async () => {
    const { clock, alice, bob, link, ms } = await scene();
    const one = link({ depthBytes: UNIT });
    await ms(100, [one]);
    const [real] = [...alice.book.payers.values()] as [PayerState];
    const made = openLane(newPayerState({ ...real.terms, nonce: 1n }, real.deposit), {
      unit: UNIT_NANO,
      maxSteps: 2_048,
      delivery: {
        infoHash: sha256(utf8("file")).subarray(0, 20),
        uploader: bob.signer.address,
        downloader: alice.signer.address,
        unitBytes: UNIT,
        epoch: Math.floor(clock.unixMs() / 86_400_000),
      },
      own: [],
      keep: [],
      random: seededRandom(5),
      signer: alice.signer,
      domain: DOMAIN,
    });
    const signed = made.state.voucher as SignedVoucher;
    one.inject({ type: "voucher", terms: made.state.terms, signed, receipt: made.receipt });
    await ms(100, [one]);
    expect(one.dropped?.code).toBe("channel-closed");
    expect(bob.book.payees.size).toBe(1);
  });

  test("whose channel was closed since its last connection is served nothing for its vouchers on the next", async () => {
    const { chain, alice, link, ms } = await scene();
    const one = link();
    await ms(500, [one]);
    expect(one.served).toBeGreaterThan(0);
    one.close();
    await ms(500);
    // Both agreed to close it. Its own node has not looked since.
    chain.channels.clear();
    const again = link({ torrent: "other" });
    await ms(500, [again]);
    expect(alice.events.filter(({ type }) => type === "lane-opened")).toHaveLength(2);
    expect([again.dropped?.code, again.served]).toEqual(["channel-closed", 0]);
  });

  test("that holds its voucher back until its channel is closed is served nothing for it", async () => {
    const { clock, chain, link, ms } = await scene();
    const one = link();
    await ms(500, [one]);
    one.close();
    await ms(500);
    let held: PayMessage | undefined;
    const again = link({
      torrent: "other",
      tamper: edit((m) => {
        if (m.type !== "voucher") return m;
        held = m;
        return undefined;
      }),
    });
    await ms(500, [again]);
    clock.advance(2 * 86_400_000);
    chain.channels.clear();
    again.inject(held as PayMessage);
    await ms(500, [again]);
    expect([again.dropped?.code, again.served]).toEqual(["channel-closed", 0]);
  });

  test("that paid honestly and then stops gets at most a sixteenth of what it paid", async () => {
    const { bob, link, ms } = await scene();
    let ticksLeft = 300;
    const one = link({ tamper: (payload) => (payload[0] === TICK && ticksLeft-- <= 0 ? undefined : payload) });
    await ms(30_000, [one]);
    const [state] = [...bob.book.payees.values()];
    const paidBytes = Number(earned(state as never) / UNIT_NANO) * UNIT;
    expect(one.served - paidBytes).toBeGreaterThan(0);
    expect(one.served - paidBytes).toBeLessThanOrEqual(Math.max(UNIT, paidBytes / 16));
  });

  const vouchers: readonly [
    string,
    string,
    (m: Extract<PayMessage, { type: "voucher" }>, key: import("@everseed/core").Signer) => PayMessage,
  ][] = [
    [
      "of another channel",
      "channel-closed",
      (m, key) => ({ ...m, terms: { ...m.terms, nonce: 7n }, signed: signVoucher(m.signed.voucher, key, DOMAIN) }),
    ],
    ["for another payee", "channel-terms", (m) => ({ ...m, terms: { ...m.terms, payee: m.terms.payer } })],
    ["in another token", "channel-terms", (m) => ({ ...m, terms: { ...m.terms, token: `0x${"71".repeat(20)}` } })],
    ["with a window too short to claim in", "channel-terms", (m) => ({ ...m, terms: { ...m.terms, window: 1 } })],
    [
      "that names another channel's id",
      "voucher-channel",
      (m, key) => ({ ...m, signed: signVoucher({ ...m.signed.voucher, channelId: new Uint8Array(32) }, key, DOMAIN) }),
    ],
    [
      "signed for another chain",
      "voucher-signature",
      (m, key) => ({ ...m, signed: signVoucher(m.signed.voucher, key, { ...DOMAIN, chainId: 1n }) }),
    ],
    [
      "signed for another contract",
      "voucher-signature",
      (m, key) => ({
        ...m,
        signed: signVoucher(m.signed.voucher, key, { ...DOMAIN, contract: `0x${"c1".repeat(20)}` }),
      }),
    ],
    [
      "above the deposit",
      "voucher-deposit",
      (m, key) => ({ ...m, signed: signVoucher({ ...m.signed.voucher, cumulative: 1n << 100n }, key, DOMAIN) }),
    ],
    [
      "below the price",
      "voucher-price",
      (m, key) => ({
        ...m,
        signed: signVoucher(
          { ...m.signed.voucher, lanes: m.signed.voucher.lanes.map((lane) => ({ ...lane, unit: lane.unit - 1n })) },
          key,
          DOMAIN,
        ),
      }),
    ],
    [
      "that expires",
      "voucher-expiry",
      (m, key) => ({
        ...m,
        signed: signVoucher(
          { ...m.signed.voucher, lanes: m.signed.voucher.lanes.map((lane) => ({ ...lane, expiry: 9n })) },
          key,
          DOMAIN,
        ),
      }),
    ],
    [
      "with a receipt of another delivery",
      "voucher-receipt",
      (m) => ({ ...m, receipt: { epoch: 20_000, ...m.receipt, bytesBefore: 1 } }),
    ],
    [
      "without a lane",
      "voucher-lanes",
      (m, key) => ({ ...m, signed: signVoucher({ ...m.signed.voucher, lanes: [] }, key, DOMAIN) }),
    ],
  ];
  for (const [what, code, change] of vouchers) {
    test(`a voucher ${what} ends the connection with ${code} and gives nothing`, async () => {
      const { alice, bob, link, ms } = await scene();
      const one = link({ tamper: edit((m) => (m.type === "voucher" ? change(m, alice.signer) : m)) });
      await ms(500, [one]);
      expect(one.dropped?.code).toBe(code);
      expect(one.served).toBe(0);
      expect(bob.events.map((e) => e.type)).toContain("refused");
    });
  }

  test("an old voucher sent again ends the connection with voucher-stale and takes nothing back", async () => {
    const { bob, link, ms } = await scene();
    let old: Extract<PayMessage, { type: "voucher" }> | undefined;
    const one = link({
      tamper: edit((m) => {
        if (m.type === "voucher") old ??= m;
        return m;
      }),
    });
    await ms(1_000, [one]);
    const [id] = [...bob.book.payees.keys()];
    const before = earned(bob.book.payees.get(id as string) as never);
    one.inject(old as PayMessage);
    await ms(10);
    expect(one.dropped?.code).toBe("voucher-stale");
    expect(earned(bob.book.payees.get(id as string) as never)).toBe(before);
  });

  test("ticks of another connection's lane, too many steps, or garbage end the connection and count nothing", async () => {
    for (const [code, forge] of [
      ["tick-lane", (m: Extract<PayMessage, { type: "tick" }>) => ({ ...m, root: new Uint8Array(8) })],
      ["tick-steps", (m: Extract<PayMessage, { type: "tick" }>) => ({ ...m, steps: 4_000_000_000 })],
      ["tick-preimage", (m: Extract<PayMessage, { type: "tick" }>) => ({ ...m, preimage: new Uint8Array(32) })],
    ] as const) {
      const { bob, link, ms } = await scene();
      const one = link({ tamper: edit((m) => (m.type === "tick" ? forge(m) : m)) });
      await ms(500, [one]);
      expect(one.dropped?.code).toBe(code);
      expect(earned([...bob.book.payees.values()][0] as never)).toBe(0n);
      expect(one.served).toBe(UNIT);
    }
  });

  test("a cheap lane of one torrent does not pay for another whose unit is larger", async () => {
    const { link, ms } = await scene();
    const roots: Uint8Array[] = [];
    const small = link({
      torrent: "small",
      tamper: edit((m) => {
        if (m.type === "tick") roots[0] ??= m.root;
        return m;
      }),
    });
    await ms(200, [small]);
    const large = link({
      torrent: "large",
      unitBytes: MIB,
      tamper: edit((m) => (m.type === "tick" ? { ...m, root: roots[0] as Uint8Array } : m)),
    });
    await ms(2_000, [small, large]);
    expect(large.dropped?.code).toBe("tick-lane");
  });

  test("somebody else's proof of address is refused: nobody borrows a reputation", async () => {
    const { bob, link, ms } = await scene();
    let proof: Uint8Array | undefined;
    const honest = link({
      tamper: (payload) => {
        proof ??= payload;
        return payload;
      },
    });
    await ms(50, [honest]);
    const thief = link({ torrent: "other", tamper: (payload) => (payload[0] === 0 ? proof : payload) });
    await ms(50, [thief]);
    expect(thief.dropped?.code).toBe("auth-signature");
    expect(bob.events.filter((e) => e.type === "authenticated")).toHaveLength(1);
  });

  test("bytes that are no message end the connection with a named error", async () => {
    const { link, ms } = await scene();
    const one = link({ tamper: (payload) => (payload[0] === TICK ? fromHex("02ffff") : payload) });
    await ms(200, [one]);
    expect(one.dropped?.code).toMatch(/^(bencode|pay)-/);
    expect(toHex(Uint8Array.of(one.served > UNIT ? 1 : 0))).toBe("00");
  });
});

describe("a hostile payee", () => {
  test("that takes money and withholds blocks gets one unit at first contact, however often it hangs up", async () => {
    const { alice, bob, link, ms } = await scene();
    for (let round = 0; round < 6; round++) {
      const one = link({ withholdAfterBytes: 0, torrent: `t${round}` });
      await ms(8_000, [one]);
      one.close();
    }
    const { paidBytes, deliveredBytes } = alice.book.record(bob.signer.address);
    expect(deliveredBytes).toBe(0);
    expect(paidBytes).toBeLessThanOrEqual(UNIT);
  });

  test("that delivered honestly and then withholds gets at most a sixteenth of what it delivered, in all", async () => {
    const { alice, bob, link, ms } = await scene();
    const honest = link({ wantBytes: 8 * MIB });
    await ms(2_000, [honest]);
    honest.close();
    for (let round = 0; round < 6; round++) {
      const one = link({ withholdAfterBytes: 0, torrent: `t${round}` });
      await ms(8_000, [one]);
      one.close();
    }
    const { paidBytes, deliveredBytes } = alice.book.record(bob.signer.address);
    expect(paidBytes - deliveredBytes).toBeGreaterThan(0);
    expect(paidBytes - deliveredBytes).toBeLessThanOrEqual((8 * MIB) / 16);
  });

  test("that invents a debt gets one unit at most", async () => {
    const { alice, bob, link, ms } = await scene();
    bob.disk.debts.set(alice.signer.address, 1 << 30);
    await bob.start();
    const one = link();
    await ms(20_000, [one]);
    expect(alice.book.record(bob.signer.address).paidBytes).toBeLessThanOrEqual(UNIT);
  });

  test("that sends bad data is paid no more", async () => {
    const { alice, buying, bob, clock, ms } = await scene();
    const buyer = alice.extension({ buying });
    const sessions: { onCorrupt(bytes: number): void }[] = [];
    const spying = {
      ...buyer,
      connect: (port: Parameters<typeof buyer.connect>[0]) => {
        const session = buyer.connect(port);
        sessions.push(session);
        return session;
      },
    };
    const one = new Link({ clock, buyer: spying, seller: bob.extension({ selling: SELLING }), wantBytes: 8 * MIB });
    await ms(100, [one]);
    const before = buying.budget.spentNano;
    expect(before).toBeGreaterThan(0n);
    sessions[0]?.onCorrupt(UNIT);
    await ms(5_000, [one]);
    expect(buying.budget.spentNano).toBe(before);
  });
});
