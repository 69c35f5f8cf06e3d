/** Bids and offers over one connection: what is refused and the connection kept, and what ends it, each by its name. */
import { type MarketMessage, type MarketParties, type Price, signBid, signOffer, toPrice } from "@everseed/market";
import { describe, expect, test } from "vitest";
import { DOMAIN } from "../payment/payment-rig.ts";
import { connect, type End, handClock, partiesOf, RESERVE, SELLING, Side, seconds } from "./market-rig.ts";

const BID = toPrice(5_000_000n);

function scene(more: { unixOffsetMs?: number; bids?: Price | undefined; selling?: typeof SELLING } = {}) {
  const clock = handClock();
  const seller = new Side(
    { name: "seller", ...("selling" in more && more.selling === undefined ? {} : { selling: SELLING }) },
    clock,
  );
  const { unixOffsetMs = 0 } = more;
  const buyer = new Side({ name: "buyer", unixOffsetMs, ...("bids" in more ? {} : { bids: BID }) }, clock);
  const later = (count: number): Promise<void> => seconds(clock, [buyer, seller], count);
  const unixNow = (): number => Math.floor(clock.unixMs() / 1000);
  const parties = partiesOf(buyer, seller);
  const bidOf = (change: Partial<MarketParties> = {}, expiry = unixNow() + 600, price = BID): MarketMessage => ({
    type: "bid",
    bid: signBid({ price, expiry, nonce: new Uint8Array(32) }, { ...parties, ...change }, buyer.signer),
  });
  const theirBid = (): Price | undefined => seller.market.stats().peers[0]?.theirBid;
  return { clock, seller, buyer, later, unixNow, parties, bidOf, theirBid };
}

const refusals = ({ heard }: End): string[] => heard.flatMap((m) => (m.type === "refuse" ? [m.code] : []));

describe("a bid", () => {
  test("is sent, counts, and is withdrawn when the buyer buys no more", async () => {
    const { clock, seller, buyer, later, theirBid } = scene();
    const [mine, theirs] = connect(clock, [buyer, seller]);
    await later(2);
    expect(theirBid()).toBe(BID);
    expect(buyer.of("bid-sent").map(({ price }) => price)).toEqual([BID]);
    mine.link.market?.onHalted();
    await later(1);
    expect(theirBid()).toBeUndefined();
    await later(700);
    expect(buyer.of("bid-sent")).toHaveLength(1);
    expect([mine.dropped, theirs.dropped]).toEqual([undefined, undefined]);
  });

  test("is repeated before it lapses, and no more often", async () => {
    const { clock, seller, buyer, later, theirBid } = scene();
    const [, theirs] = connect(clock, [buyer, seller]);
    await later(1_200);
    expect(buyer.of("bid-sent")).toHaveLength(3);
    expect(theirBid()).toBe(BID);
    expect(theirs.dropped).toBeUndefined();
  });

  test("of another connection, torrent or seller, or for another chain, ends the connection: market-signature", async () => {
    const changes: ((other: Side) => Partial<MarketParties>)[] = [
      (other) => ({ seller: other.signer.address }),
      () => ({ infoHash: new Uint8Array(20).fill(7) }),
      () => ({ domain: { ...DOMAIN, chainId: 1n } }),
      () => ({ domain: { ...DOMAIN, contract: `0x${"c1".repeat(20)}` } }),
    ];
    for (const change of changes) {
      const { clock, seller, buyer, later, bidOf, theirBid } = scene();
      const [mine, theirs] = connect(clock, [buyer, seller]);
      mine.say(bidOf(change(new Side({ name: "third", selling: SELLING }, clock))));
      await later(1);
      expect(theirs.dropped?.code).toBe("market-signature");
      expect(theirBid()).toBeUndefined();
    }
  });

  test("that somebody else signed buys nothing: who heard it cannot use it", async () => {
    const { clock, seller, buyer, later } = scene();
    const [, theirs] = connect(clock, [buyer, seller]);
    await later(2);
    const overheard = theirs.heard.find((message) => message.type === "bid") as MarketMessage;
    const thief = new Side({ name: "thief", bids: BID }, clock);
    const [stolen, atSeller] = connect(clock, [thief, seller], { remotes: ["10.3.3.3:1", "10.2.2.2:6881"] });
    stolen.say(overheard);
    await later(1);
    expect(atSeller.dropped?.code).toBe("market-signature");
    expect(theirs.dropped).toBeUndefined();
  });

  test.each([
    ["lapsed", "market-expiry", {}, -1],
    ["is good for over an hour", "market-expiry", {}, 3_700],
    ["is in another token", "market-token", { token: `0x${"71".repeat(20)}` as const }, 600],
  ])("that %s is refused, and the connection goes on", async (_what, code, change, life) => {
    const { clock, seller, buyer, later, bidOf, unixNow, theirBid } = scene();
    const [mine, theirs] = connect(clock, [buyer, seller]);
    await later(2);
    mine.say(bidOf(change, unixNow() + life));
    await later(1);
    expect(refusals(mine)).toEqual([code]);
    expect(theirs.dropped).toBeUndefined();
    // What stood before stands.
    expect(theirBid()).toBe(BID);
  });

  test("before es_pay's proof, or of one that said it does not bid, is out of order: market-order", async () => {
    const early = scene();
    const [mine, theirs] = connect(early.clock, [early.buyer, early.seller], { authenticated: false });
    mine.say(early.bidOf());
    await early.later(1);
    expect(theirs.dropped?.code).toBe("market-order");
    const mute = scene({ bids: undefined });
    const [silent, atSeller] = connect(mute.clock, [mute.buyer, mute.seller]);
    silent.say(mute.bidOf());
    await mute.later(1);
    expect(atSeller.dropped?.code).toBe("market-order");
  });

  test("is refused where nothing is for sale, and below the reserve with the price that would do", async () => {
    const closed = scene({ selling: undefined as never });
    const [mine] = connect(closed.clock, [closed.buyer, closed.seller]);
    mine.say(closed.bidOf());
    await closed.later(1);
    expect(refusals(mine)).toEqual(["nothing-for-sale"]);
    const open = scene({ bids: undefined });
    const poor = new Side({ name: "poor", bids: toPrice(10n) }, open.clock);
    const [low] = connect(open.clock, [poor, open.seller]);
    await seconds(open.clock, [poor, open.seller], 2);
    expect(low.heard.filter(({ type }) => type === "refuse")).toEqual([
      { type: "refuse", code: "below-reserve", price: RESERVE },
    ]);
  });

  test("in a flood ends the connection: market-flood", async () => {
    const { clock, seller, buyer, later, bidOf } = scene();
    const [mine, theirs] = connect(clock, [buyer, seller]);
    for (let i = 0; i < 40; i++) mine.say(bidOf());
    await later(1);
    expect(theirs.dropped?.code).toBe("market-flood");
    expect(seller.of("bid-received").length).toBeLessThanOrEqual(20);
  });

  test("far below what a tracker told of the address ends the connection: bid-hint", async () => {
    const { clock, seller, buyer, later } = scene();
    seller.market.noteHint("10.1.1.1:6881", toPrice(BID * 2n + 1n));
    const [, theirs] = connect(clock, [buyer, seller]);
    await later(2);
    expect(theirs.dropped?.code).toBe("bid-hint");
  });
});

describe("an offer", () => {
  const offerOf = (parties: MarketParties, signer: Side["signer"], price: Price, expiry: number): MarketMessage => ({
    type: "offer",
    offer: signOffer({ price, expiry, reason: { type: "reserve" } }, parties, signer),
  });

  test("in another token or of another time is refused, ends the bidding, and not the connection", async () => {
    for (const [code, change, life] of [
      ["market-expiry", {}, 4_000],
      ["market-token", { token: `0x${"71".repeat(20)}` as const }, 60],
    ] as const) {
      const { clock, seller, buyer, later, parties, unixNow, theirBid } = scene();
      const [mine, theirs] = connect(clock, [buyer, seller]);
      await later(2);
      theirs.say(offerOf({ ...parties, ...change }, seller.signer, RESERVE, unixNow() + life));
      await later(2);
      expect(refusals(theirs)).toEqual([code, "withdrawn"]);
      expect([mine.dropped, theirBid(), mine.link.market?.allowedUnit()]).toEqual([undefined, undefined, undefined]);
    }
  });

  test("allows what it says, until it lapses or the bid falls below it", async () => {
    const { clock, seller, buyer, later, parties, unixNow } = scene();
    const [mine, theirs] = connect(clock, [buyer, seller]);
    await later(2);
    expect(mine.link.market?.allowedUnit()).toBe(0n);
    theirs.say(offerOf(parties, seller.signer, BID, unixNow() + 300));
    await later(1);
    expect(mine.link.market?.allowedUnit()).toBe((BID * 1_000n) / 64n);
    await later(290);
    expect(mine.link.market?.allowedUnit()).toBe((BID * 1_000n) / 64n);
    await later(20);
    expect(mine.link.market?.allowedUnit()).toBe(0n);
    expect(mine.dropped).toBeUndefined();
  });

  test("to who does not bid teaches nothing and allows nothing", async () => {
    const { clock, seller, buyer, later, parties, unixNow } = scene({ bids: undefined });
    const [mine, theirs] = connect(clock, [buyer, seller]);
    theirs.say(offerOf(parties, seller.signer, BID, unixNow() + 60));
    await later(1);
    expect([buyer.events, mine.dropped, mine.link.market?.allowedUnit()]).toEqual([[], undefined, 0n]);
  });

  test("in a flood ends the connection: market-flood; and so does any other message", async () => {
    for (const say of ["offer", "refuse"]) {
      const { clock, seller, buyer, later, parties, unixNow } = scene();
      const [mine, theirs] = connect(clock, [buyer, seller]);
      await later(2);
      const offer = offerOf(parties, seller.signer, RESERVE, unixNow() + 60);
      for (let i = 0; i < 100; i++) theirs.say(say === "offer" ? offer : { type: "refuse", code: "because" });
      await later(1);
      expect(mine.dropped?.code).toBe("market-flood");
      expect(buyer.events.length).toBeLessThan(100);
    }
  });
});

test("two clocks a few minutes apart trade; an hour apart they do without", async () => {
  for (const [minutes, trades] of [
    [5, true],
    [-5, true],
    [61, false],
    [-61, false],
  ] as const) {
    const { clock, seller, buyer, later, theirBid } = scene({ unixOffsetMs: minutes * 60_000 });
    const [mine, theirs] = connect(clock, [buyer, seller]);
    await later(5);
    expect(theirBid() !== undefined).toBe(trades);
    expect([mine.dropped, theirs.dropped]).toEqual([undefined, undefined]);
  }
});
