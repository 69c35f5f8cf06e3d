/** The bidding side alone: what it agrees to while its bid moves. */
import { createSigner, seededRandom, sha256, utf8 } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { laneUnit, type MarketMessage, type Price, signOffer, toPrice } from "@everseed/market";
import { expect, test } from "vitest";
import { DOMAIN, handClock, TOKEN, UNIT } from "../payment/payment-rig.ts";
import { Bidder } from "./bidder.ts";

const HIGH = toPrice(9_000_000n);
const LOW = toPrice(4_000_000n);

function scene() {
  const clock = handClock();
  const [signer, seller] = ["buyer", "seller"].map((name) => createSigner(sha256(utf8(name)), nativeCurve));
  if (signer === undefined || seller === undefined) throw new Error("no signers");
  const parties = {
    domain: DOMAIN,
    infoHash: new Uint8Array(20),
    token: TOKEN,
    buyer: signer.address,
    seller: seller.address,
  };
  const sent: MarketMessage[] = [];
  const user = { price: HIGH as Price, balance: 100n, bytesLeft: 1 << 20 };
  const bidder = new Bidder({
    ...{ clock, signer, parties, curve: nativeCurve, random: seededRandom(1) },
    terms: {
      get price() {
        return user.price;
      },
      balance: () => user.balance,
      bytesLeft: () => user.bytesLeft,
      totalBytes: () => 1 << 20,
    },
    unitBytes: () => UNIT,
    marketPrice: () => undefined,
    send: (message) => sent.push(message),
    onBid: () => undefined,
  });
  const offer = (price: Price): string => {
    const expiry = Math.floor(clock.unixMs() / 1000) + 600;
    try {
      bidder.onOffer(signOffer({ price, expiry, reason: { type: "reserve" } }, parties, seller));
      return "agreed";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  /** The user says another price, and it is sent at once. */
  const bid = (price: Price): void => {
    user.price = price;
    bidder.changed();
    bidder.tick();
  };
  return { clock, bidder, sent, user, offer, bid };
}

test("an offer by the bid before is agreed to while it can have crossed the new one, and not later", () => {
  const { clock, offer, bid, bidder } = scene();
  bid(HIGH);
  expect(offer(HIGH)).toBe("agreed");
  bid(LOW);
  clock.advance(20_000);
  expect(offer(HIGH)).toBe("agreed");
  expect(bidder.allowedUnit()).toBe(laneUnit(HIGH, UNIT));
  clock.advance(11_000);
  // The offer stands for minutes, but is above what is bid now: nothing is paid by it.
  expect(bidder.allowedUnit()).toBe(0n);
  expect(offer(HIGH)).toBe("offer-price");
  expect(offer(LOW)).toBe("agreed");
  expect(bidder.allowedUnit()).toBe(laneUnit(LOW, UNIT));
});

test("nothing is bid without money or without a need, and nothing agreed to without a bid", () => {
  for (const change of [{ balance: 0n }, { bytesLeft: 0 }]) {
    const { user, bidder, sent, offer } = scene();
    Object.assign(user, change);
    bidder.tick();
    expect(sent).toEqual([]);
    expect(offer(toPrice(1n))).toBe("offer-price");
    expect(offer(toPrice(0n))).toBe("agreed");
  }
});

test("who halts withdraws its bid once, and bids no more", () => {
  const { clock, bid, bidder, sent } = scene();
  bid(HIGH);
  bidder.halt();
  bidder.halt();
  clock.advance(600_000);
  bid(LOW);
  expect(sent.map(({ type }) => type)).toEqual(["bid", "refuse"]);
  expect(bidder.wantedUnit()).toBe(0n);
});
