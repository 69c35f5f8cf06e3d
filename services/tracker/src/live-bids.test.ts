/** Which bids count: one per bidder and per address group, within the limits, whatever happens. */
import type { Address } from "@everseed/core";
import { toPrice } from "@everseed/market";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type LiveBid, LiveBids } from "./live-bids.ts";

const bid = (bidder: number, price: number, expiry = 1_000, market = "m"): LiveBid => ({
  market,
  bidder: `0x${bidder.toString(16).padStart(40, "0")}` as Address,
  price: toPrice(BigInt(price)),
  expiry,
  bytes: new Uint8Array(1),
});
const names = (bids: LiveBids, now = 0): string[] => bids.ranked("t", "m", now).map(([peer]) => peer);

describe("LiveBids", () => {
  test("of an address group one counts, its dearest: /24 of IPv4, /48 of IPv6", () => {
    const bids = new LiveBids({ maxBids: 100, maxBidsPerTorrent: 100 });
    for (const [i, host] of [
      "10.0.0.1",
      "10.0.0.200",
      "10.0.1.1",
      "2001:db8:1::1",
      "2001:db8:1:2::9",
      "2001:db8:2::1",
    ].entries())
      bids.place("t", host, host, bid(i, 10 + i), 0);
    expect(names(bids)).toEqual(["2001:db8:2::1", "2001:db8:1:2::9", "10.0.1.1", "10.0.0.200"]);
    bids.drop("t", "10.0.0.200");
    expect(names(bids)).toContain("10.0.0.1");
    expect(bids.summary("t", "m", 0)).toEqual({ bidders: 4, highest: 15n, second: 14n });
    expect(bids.summary("t", "other", 0)).toEqual({ bidders: 0, highest: 0n, second: 0n });
  });

  test("a full torrent gives up the crowd's oldest bid; a full table its quietest torrent", () => {
    const bids = new LiveBids({ maxBids: 6, maxBidsPerTorrent: 4 });
    bids.place("t", "a", "10.0.1.1", bid(1, 10), 0);
    for (let i = 0; i < 20; i++) bids.place("t", `crowd ${i}`, "6.6.6.6", bid(100 + i, 50), 0);
    bids.place("t", "b", "10.0.2.1", bid(2, 11), 0);
    expect(names(bids)).toEqual(["crowd 18", "b", "a"]);
    expect(bids.count).toBe(4);
    for (let i = 0; i < 3; i++) bids.place("u", `u ${i}`, `10.9.${i}.1`, bid(i, 5), 0);
    expect(bids.count).toBe(3);
    expect(names(bids)).toEqual([]);
  });

  test("whatever is announced, the limits and the rules hold, and the count is right", () => {
    const step = fc.record({
      torrent: fc.constantFrom("t", "u", "v"),
      peer: fc.nat(15),
      bidder: fc.nat(6),
      group: fc.nat(6),
      price: fc.integer({ min: 1, max: 9 }),
      life: fc.integer({ min: 1, max: 20 }),
      wait: fc.nat(5),
      act: fc.constantFrom("place", "place", "place", "drop", "forget"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const bids = new LiveBids({ maxBids: 20, maxBidsPerTorrent: 8 });
        let now = 0;
        for (const { torrent, peer, bidder, group, price, life, wait, act } of steps) {
          now += wait;
          if (act === "drop") bids.drop(torrent, `${peer}`);
          else if (act === "forget") bids.forget(torrent);
          else bids.place(torrent, `${peer}`, `10.0.${group}.${peer}`, bid(bidder, price, now + life), now);
          expect(bids.count).toBeLessThanOrEqual(20);
          const ranked = bids.ranked(torrent, "m", now).map(([, each]) => each);
          expect(ranked.length).toBeLessThanOrEqual(7);
          expect(new Set(ranked.map((each) => each.bidder)).size).toBe(ranked.length);
          expect(ranked.every((each) => each.expiry > now)).toBe(true);
          for (const [i, each] of ranked.entries()) expect(each.price <= (ranked[i - 1] ?? each).price).toBe(true);
        }
        for (const torrent of ["t", "u", "v"]) bids.forget(torrent);
        expect(bids.count).toBe(0);
      }),
    );
  });
});
