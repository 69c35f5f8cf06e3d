/**
 * Abuses of the market among real engines: each has the outcome that docs/spec/es_market.md names, and costs the honest side at
 * most the credit.
 */
import { decodePayMessage, encodePayMessage, type PayMessage } from "@everseed/channel";
import { createSigner, type Signer, sha256, utf8 } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import {
  decodeMarketMessage,
  laneUnit,
  type MarketMessage,
  type OfferReason,
  type Price,
  priceFromPerGib,
  sealBid,
  signBid,
  signOffer,
  toPrice,
} from "@everseed/market";
import { describe, expect, test } from "vitest";
import { DOMAIN, TOKEN } from "./sim/node.ts";
import { type Actor, type ActorInit, Scene, type Tamper } from "./sim/scene.ts";

const UNIT = 16_384;
const RESERVE = priceFromPerGib(1_000_000n, "up");
const MARKET = { slots: 3, reserve: { type: "fixed", price: RESERVE } } as const;
const SELLER: ActorInit = { seeds: true, price: "market", market: MARKET, uploadLimit: 256 << 10 };
const BUYER: ActorInit = { budget: 1_000_000n, deposit: 200_000n, market: { bid: 3_000_000n } };
const HOUR_MS = 3_600_000;
const TICK = 3;

async function pair(seller: ActorInit = {}, buyer: ActorInit = {}) {
  const scene = new Scene({ sizeBytes: 48 << 20 });
  const bob = await scene.add("seller", { ...SELLER, ...seller });
  const alice = await scene.add("buyer", { ...BUYER, ...buyer });
  return { scene, bob, alice };
}

const buys = (alice: Actor) => (): boolean => alice.paidNano > 0n;
const dropsTicks: Tamper = (extension, payload) =>
  extension === "es_pay" && payload[0] === TICK ? undefined : payload;
const opensNoLane: Tamper = (extension, payload) => {
  if (extension !== "es_pay") return payload;
  const message = decodePayMessage(payload);
  if (message.type === "tick") return undefined;
  return message.type === "voucher" && message.signed.voucher.lanes.some(({ unit }) => unit > 0n) ? undefined : payload;
};
/** Served for money and not paid, as the seller counted it at its worst. */
const exposure = ({ node }: Actor): number =>
  Math.max(0, ...(node.payments?.peers() ?? []).map(({ sold }) => sold?.maxUnpaidBytes ?? 0));
const parties = (scene: Scene, buyer: Actor, seller: Actor) => ({
  domain: DOMAIN,
  infoHash: scene.infoHash,
  token: TOKEN,
  buyer: buyer.node.signer.address,
  seller: seller.node.signer.address,
});
const unixNow = ({ world }: Scene): number => Math.floor(world.clock().unixMs() / 1000);

describe("a winner that does not pay", () => {
  const misers: readonly [string, Tamper, number][] = [
    ["drops its ticks", dropsTicks, UNIT],
    ["never opens a lane", opensNoLane, 0],
  ];
  test.each(misers)(
    "and %s is choked after 20 s, then banned for a minute, then for two",
    async (_what, tamper, most) => {
      const { scene, bob, alice } = await pair({}, { tamper, market: { bid: 3_000_000n } });
      const sold = (): boolean =>
        bob.node.market?.stats().peers.some(({ slotPrice }) => slotPrice === RESERVE) === true;
      const missed = (): number => bob.payments.filter(({ type }) => type === "stalled").length;
      const served = (): boolean => !(bob.port("es_pay", alice).connection as { amChoking: boolean }).amChoking;
      const banned = (): number => bob.events("banned").length;
      const rebid = async (): Promise<void> => {
        // Its own code waits with the next bid: this one does not.
        const expiry = unixNow(scene) + 600;
        const bid = { price: toPrice(2n * RESERVE), expiry, nonce: new Uint8Array(32) };
        alice.say(bob, { type: "bid", bid: signBid(bid, parties(scene, alice, bob), alice.node.signer) });
      };
      expect(await scene.run(30, sold)).toBe(true);
      const wonAt = scene.world.now;
      expect(await scene.run(40, () => missed() === 1)).toBe(true);
      expect(scene.world.now - wonAt).toBeLessThan(25_000);
      expect(scene.world.now - wonAt).toBeGreaterThan(18_000);
      await scene.run(2);
      expect([sold(), banned()]).toEqual([false, 0]);
      for (const [round, minutes] of [1, 2].entries()) {
        await rebid();
        expect(await scene.run(60, sold)).toBe(true);
        expect(await scene.run(40, () => missed() === round + 2)).toBe(true);
        expect(banned()).toBe(round + 1);
        await rebid();
        // No slot at all, a free one neither, for as long as the ban lasts.
        await scene.run(2);
        expect(await scene.run(minutes * 60 - 4, served)).toBe(false);
        expect(await scene.run(20, served)).toBe(true);
      }
      expect(exposure(bob)).toBeLessThanOrEqual(most);
      expect(bob.faults).toEqual([]);
    },
  );

  test("cannot come back for a fresh credit by the next connection", async () => {
    const { scene, bob, alice } = await pair({}, { tamper: dropsTicks });
    await scene.run(40);
    alice.node.crash();
    await scene.run(2);
    void alice.node.start();
    await scene.run(60);
    expect(exposure(bob)).toBeLessThanOrEqual(UNIT);
  });
});

describe("a hostile seller", () => {
  /** Says this in the middle of a sale; returns the code by which the buyer drops it, and what it paid from then on. */
  async function says(make: (scene: Scene, bob: Actor, alice: Actor) => readonly (MarketMessage | PayMessage)[]) {
    const { scene, bob, alice } = await pair();
    expect(await scene.run(40, buys(alice))).toBe(true);
    await scene.run(2);
    const paid = alice.paidNano;
    for (const message of make(scene, bob, alice)) {
      if ("offer" in message && "unitBytes" in message.offer) bob.pay(alice, message as PayMessage);
      else bob.say(alice, message as MarketMessage);
    }
    await scene.run(1);
    const atOnce = { codes: alice.faults, connected: alice.connectedTo(bob) };
    await scene.run(5);
    return { ...atOnce, paidAfter: alice.paidNano - paid };
  }

  const offer = (
    scene: Scene,
    [bob, alice]: [Actor, Actor],
    price: bigint,
    reason: OfferReason = { type: "reserve" },
    lifeSeconds = 120,
  ): MarketMessage => {
    const terms = { price: toPrice(price), expiry: unixNow(scene) + lifeSeconds, reason };
    return { type: "offer", offer: signOffer(terms, parties(scene, alice, bob), bob.node.signer) };
  };
  const payOffer = (unit: bigint): PayMessage => ({
    type: "offer",
    offer: {
      chainId: DOMAIN.chainId,
      contract: DOMAIN.contract,
      token: TOKEN,
      unit,
      unitBytes: UNIT,
      creditCapBytes: 32 << 20,
      minWindow: 3_600,
      minDeposit: 0n,
      owedBytes: 0,
    },
    copies: [],
  });
  const BID = priceFromPerGib(3_000_000n, "down");
  const stranger = createSigner(sha256(utf8("stranger")), nativeCurve);
  const losing = (scene: Scene, bob: Actor, signer: Signer, price: Price, expiry: number): OfferReason => {
    const between = { ...parties(scene, bob, bob), buyer: signer.address };
    const bid = signBid({ price, expiry, nonce: new Uint8Array(32) }, between, signer);
    return { type: "loser", bid: sealBid(bid, between) };
  };

  const lies: readonly [
    string,
    string,
    (scene: Scene, bob: Actor, alice: Actor) => readonly (MarketMessage | PayMessage)[],
  ][] = [
    ["raises its price above the bid", "offer-price", (scene, bob, alice) => [offer(scene, [bob, alice], BID + 1n)]],
    [
      "charges for a free slot",
      "offer-price",
      (scene, bob, alice) => [offer(scene, [bob, alice], 1n, { type: "free" })],
    ],
    ["charges more than it offered", "offer-price", () => [payOffer(laneUnit(RESERVE, UNIT) + 1n)]],
    [
      "shows a bid of its own",
      "offer-evidence",
      (scene, bob, alice) => [
        offer(scene, [bob, alice], BID, losing(scene, bob, bob.node.signer, BID, unixNow(scene) + 60)),
      ],
    ],
    [
      "shows the buyer's own bid",
      "offer-evidence",
      (scene, bob, alice) => [
        offer(scene, [bob, alice], BID, losing(scene, bob, alice.node.signer, BID, unixNow(scene) + 60)),
      ],
    ],
    [
      "shows a bid of long ago",
      "offer-evidence",
      (scene, bob, alice) => [offer(scene, [bob, alice], BID, losing(scene, bob, stranger, BID, unixNow(scene) - 400))],
    ],
  ];
  test.each(lies)("that %s is dropped with %s, and paid no more", async (_what, code, make) => {
    const { codes, connected, paidAfter } = await says(make);
    expect(codes).toEqual([code]);
    expect(connected).toBe(false);
    // What had come when it lied is paid; the new price is not.
    expect(paidAfter).toBeLessThanOrEqual(laneUnit(RESERVE, UNIT) * 64n);
  });

  test("may raise the price up to the bid with the bid of somebody else, however long that one is good for", async () => {
    const { codes, connected } = await says((scene, bob, alice) => [
      offer(scene, [bob, alice], BID, losing(scene, bob, stranger, BID, unixNow(scene) + 3_600)),
    ]);
    expect([codes, connected]).toEqual([[], true]);
  });

  test("that charges before any offer in es_market is dropped with offer-price, and no lane is opened", async () => {
    const charges: Tamper = (extension, payload) => {
      if (extension !== "es_pay" || payload[0] !== 1) return payload;
      const message = decodePayMessage(payload);
      if (message.type !== "offer") return payload;
      return encodePayMessage({ ...message, offer: { ...message.offer, unit: 1_000_000_000_000n } });
    };
    const { scene, alice, bob } = await pair({ tamper: charges });
    await scene.run(20);
    expect(alice.faults).toEqual(["offer-price"]);
    expect([alice.paidNano, bob.earnedNano]).toEqual([0n, 0n]);
    expect(alice.payments.filter(({ type }) => type === "lane-opened")).toEqual([]);
  });

  test("that lets its offer lapse is asked for nothing more, at the old price neither", async () => {
    const offers = new WeakMap<object, number>();
    const silent: Tamper = (extension, payload, { connection }) => {
      if (extension !== "es_market" || decodeMarketMessage(payload).type !== "offer") return payload;
      const before = offers.get(connection) ?? 0;
      offers.set(connection, before + 1);
      return before < 2 ? payload : undefined;
    };
    const { scene, bob, alice } = await pair({ tamper: silent, uploadLimit: 64 << 10 });
    expect(await scene.run(40, buys(alice))).toBe(true);
    // Two minutes, and what was under way.
    await scene.run(135);
    const paid = alice.paidNano;
    await scene.run(30);
    expect(alice.paidNano).toBe(paid);
    expect(bob.faults).toEqual([]);
  });

  test("whose data is bad gets no more money, and the second time no more bids", async () => {
    const { scene, bob, alice } = await pair();
    expect(await scene.run(40, buys(alice))).toBe(true);
    bob.disk.corrupt = true;
    await scene.run(6);
    expect(alice.faults).toContain("corrupt-data");
    const paid = alice.paidNano;
    await scene.run(150, () => alice.events("banned").length > 0);
    expect(alice.events("banned").map(({ why }) => why)).toEqual(["corrupt-data"]);
    expect(alice.paidNano - paid).toBeLessThanOrEqual(laneUnit(RESERVE, UNIT) * 4n);
    const bids = alice.events("bid-sent").length;
    await scene.run(50);
    expect(alice.events("bid-sent")).toHaveLength(bids);
  });
});

describe("what does not fit is no fault", () => {
  test.each([
    ["an hour behind", -HOUR_MS - 60_000],
    ["an hour ahead", HOUR_MS + 60_000],
    ["ten minutes ahead", 600_000],
    ["a minute ahead", 60_000],
    ["a minute behind", -60_000],
  ])("a buyer whose clock is %s is served to the end, and never dropped", async (_what, unixOffsetMs) => {
    const scene = new Scene({ sizeBytes: 6 << 20 });
    const bob = await scene.add("seller", SELLER);
    const alice = await scene.add("buyer", { ...BUYER, unixOffsetMs });
    expect(await scene.run(200, () => alice.node.completedAtMs !== undefined)).toBe(true);
    expect([bob.faults, alice.faults]).toEqual([[], []]);
    expect(bob.payments.filter(({ type }) => type === "stalled")).toEqual([]);
    if (Math.abs(unixOffsetMs) < 120_000) expect(alice.paidNano).toBeGreaterThan(0n);
    else expect(alice.paidNano).toBe(0n);
  });
});
