/** Tracker bids: their bytes, their signatures, viem's vectors (docs/spec/tracker_bids.md); and the ranking of torrents. */
import { readFileSync } from "node:fs";
import { type Address, createSigner, fromHex, nobleCurve, ProtocolError, toHex } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toPrice } from "./price.ts";
import { type RankPolicy, rankTorrents, type TorrentScrape } from "./rank-torrents.ts";
import {
  checkTrackerBid,
  decodeBidMarket,
  decodeTrackerBid,
  encodeBidMarket,
  encodeTrackerBid,
  readTrackerHint,
  signTrackerBid,
  TRACKER_BID_BYTES,
  trackerBidDigest,
} from "./tracker-bid.ts";

interface Vectors {
  readonly chainId: number;
  readonly contract: Address;
  readonly token: Address;
  readonly infoHash: string;
  readonly now: number;
  readonly price: string;
  readonly expiry: number;
  readonly bidder: { readonly key: string; readonly address: Address };
  readonly digest: string;
  readonly market: string;
  readonly bid: string;
  readonly refused: readonly { readonly name: string; readonly bytes: string; readonly code: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../docs/spec/tracker_bids.vectors.json", import.meta.url), "utf8"),
) as Vectors;
const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;
const infoHash = hex(vectors.infoHash);
const market = { chainId: BigInt(vectors.chainId), contract: vectors.contract, token: vectors.token };
const signer = createSigner(hex(vectors.bidder.key));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = bytes(20).map((b) => `0x${toHex(b)}` as Address);
const anyMarket = { chainId: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), contract: address, token: address };
const anyBid = fc.record({
  ...anyMarket,
  price: fc.bigInt({ min: 1n, max: (1n << 96n) - 1n }).map(toPrice),
  bidder: address,
  expiry: fc.nat(Number.MAX_SAFE_INTEGER),
  signature: bytes(65),
});

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return "accepted";
};

describe("a tracker bid", () => {
  test("has the bytes, the digest and the signature of viem's vectors", () => {
    const terms = { market, price: toPrice(BigInt(vectors.price)), expiry: vectors.expiry };
    const bid = signTrackerBid(terms, infoHash, signer);
    expect(toHex(trackerBidDigest(bid, infoHash))).toBe(vectors.digest);
    expect(toHex(encodeTrackerBid(bid))).toBe(vectors.bid);
    expect(toHex(encodeBidMarket(market))).toBe(vectors.market);
    const read = decodeTrackerBid(hex(vectors.bid));
    expect(read).toEqual({ ...bid, bidder: vectors.bidder.address });
    checkTrackerBid(read, infoHash, vectors.now, nobleCurve);
  });

  for (const each of vectors.refused) {
    test(`is refused: ${each.name}`, () => {
      const check = () => checkTrackerBid(decodeTrackerBid(hex(each.bytes)), infoHash, vectors.now, nobleCurve);
      expect(code(check)).toBe(each.code);
    });
  }

  test("reads back, whatever it says", () => {
    fc.assert(
      fc.property(anyBid, (bid) => {
        const encoded = encodeTrackerBid(bid);
        expect(encoded.length).toBe(TRACKER_BID_BYTES);
        expect(decodeTrackerBid(encoded)).toEqual(bid);
      }),
    );
    fc.assert(fc.property(fc.record(anyMarket), (m) => void expect(decodeBidMarket(encodeBidMarket(m))).toEqual(m)));
  });

  test("bytes of any kind are a bid or market-message", () => {
    const shaped = bytes(TRACKER_BID_BYTES).map((each) => Uint8Array.of(1, ...each.subarray(1)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), shaped), (input) => {
        expect(["accepted", "market-message"]).toContain(code(() => decodeTrackerBid(input)));
        expect(["accepted", "market-message"]).toContain(code(() => decodeBidMarket(input)));
      }),
    );
  });

  test("any bit that is changed is noticed; so is another torrent, chain or contract", () => {
    const valid = hex(vectors.bid);
    const accepts = (changed: Uint8Array, of = infoHash): string =>
      code(() => checkTrackerBid(decodeTrackerBid(changed), of, vectors.now, nobleCurve));
    fc.assert(
      fc.property(fc.nat(8 * TRACKER_BID_BYTES - 1), (bit) => {
        const changed = valid.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(accepts(changed)).not.toBe("accepted");
      }),
      { numRuns: 60 },
    );
    expect(accepts(valid)).toBe("accepted");
    expect(accepts(valid, new Uint8Array(20))).toBe("market-signature");
  });

  test("as a hint it is worth something in its own market, torrent and time, or nothing", () => {
    const expected = { infoHash, market, now: vectors.now, curve: nobleCurve };
    const valid = hex(vectors.bid);
    expect(readTrackerHint(valid, expected)).toEqual({
      bidder: vectors.bidder.address,
      price: BigInt(vectors.price),
    });
    expect(readTrackerHint(valid, { ...expected, now: vectors.expiry })).toBeUndefined();
    expect(readTrackerHint(valid, { ...expected, market: { ...market, chainId: 1n } })).toBeUndefined();
    expect(readTrackerHint(valid, { ...expected, market: { ...market, token: market.contract } })).toBeUndefined();
    expect(readTrackerHint(valid, { ...expected, infoHash: new Uint8Array(20) })).toBeUndefined();
    expect(readTrackerHint(valid.subarray(1), expected)).toBeUndefined();
  });
});

describe("which torrents to seed", () => {
  const NOW = 10_000;
  const policy: RankPolicy = { slots: 4, reserve: toPrice(0n), fetchPrice: toPrice(0n) };
  const named = (byte: number, changes: Partial<TorrentScrape> = {}): TorrentScrape => ({
    infoHash: new Uint8Array(20).fill(byte),
    at: NOW,
    bidders: 4,
    highest: toPrice(1_000n),
    second: toPrice(500n),
    seeders: 0,
    leechers: 8,
    heldBytes: 100,
    totalBytes: 100,
    counted: false,
    ...changes,
  });
  const ranked = (scrapes: readonly TorrentScrape[], by: Partial<RankPolicy> = {}): (readonly [number, bigint])[] =>
    rankTorrents(scrapes, NOW, { ...policy, ...by }).map((each) => [each.infoHash[0] as number, each.income]);

  test("pays best and is under-served: the second bid, shared among the sellers' slots", () => {
    expect(
      ranked([named(1, { seeders: 3 }), named(2), named(3, { second: toPrice(800n), bidders: 2 }), named(4)]),
    ).toEqual([
      [2, 500_000n],
      [4, 500_000n],
      [3, 400_000n],
      [1, 125_000n],
    ]);
    // We are one of those seeders: nobody is added.
    expect(ranked([named(1, { seeders: 3, counted: true })])).toEqual([[1, 166_666n]]);
  });

  test("one high bid alone brings the reserve, bids below the reserve nothing; then the thirsty first", () => {
    const alone = { bidders: 1, second: toPrice(0n) };
    expect(ranked([named(1, alone), named(2, { ...alone, leechers: 9 })])).toEqual([
      [2, 0n],
      [1, 0n],
    ]);
    expect(ranked([named(1, alone), named(2)], { reserve: toPrice(600n) })).toEqual([
      [2, 600_000n],
      [1, 150_000n],
    ]);
    expect(ranked([named(1)], { reserve: toPrice(1_001n) })).toEqual([[1, 0n]]);
  });

  test("what is not held costs its download, spread over the copies that are wanted", () => {
    const fetchPrice = toPrice(800n);
    expect(
      ranked(
        [named(1, { heldBytes: 50 }), named(2, { heldBytes: 0, leechers: 1 }), named(3), named(4, { totalBytes: 0 })],
        {
          fetchPrice,
        },
      ),
    ).toEqual([
      [3, 500_000n],
      [1, 450_000n],
      [4, 400_000n],
      [2, -300_000n],
    ]);
  });

  test("a scrape from the future or of an hour ago says nothing", () => {
    expect(ranked([named(1, { at: NOW + 1 }), named(2, { at: NOW - 3_600 }), named(3, { at: NOW - 3_599 })])).toEqual([
      [3, 500_000n],
    ]);
  });

  const anyPrice = fc.bigInt({ min: 0n, max: (1n << 96n) - 1n }).map(toPrice);
  const anyScrape = fc
    .record({
      infoHash: bytes(20),
      at: fc.constant(NOW),
      bidders: fc.nat(1_000),
      prices: fc.tuple(anyPrice, anyPrice),
      seeders: fc.nat(1_000),
      leechers: fc.nat(1_000),
      heldBytes: fc.nat(1 << 30),
      totalBytes: fc.nat(1 << 30),
      counted: fc.boolean(),
    })
    .map(({ prices: [a, b], ...rest }) => ({ ...rest, highest: a > b ? a : b, second: a > b ? b : a }));
  const anyPolicy = fc.record({ slots: fc.integer({ min: 1, max: 50 }), reserve: anyPrice, fetchPrice: anyPrice });

  test("the order is that of the income, whatever order the scrapes came in", () => {
    const unique = fc.uniqueArray(anyScrape, { selector: ({ infoHash: name }) => toHex(name), maxLength: 20 });
    fc.assert(
      fc.property(unique, anyPolicy, (scrapes, by) => {
        const order = rankTorrents(scrapes, NOW, by);
        expect(order).toHaveLength(scrapes.length);
        for (const [i, each] of order.entries())
          expect(each.income >= (order[i + 1] ?? each).income, "best first").toBe(true);
        expect(rankTorrents([...scrapes].reverse(), NOW, by)).toEqual(order);
      }),
    );
  });

  test("one bidder more, a higher second bid or one seeder fewer never lowers the income", () => {
    fc.assert(
      fc.property(anyScrape, anyPolicy, anyPrice, (scrape, by, higher) => {
        const whole = { ...scrape, heldBytes: scrape.totalBytes || 1, totalBytes: scrape.totalBytes || 1 };
        const income = (changes: Partial<TorrentScrape>): bigint =>
          rankTorrents([{ ...whole, ...changes }], NOW, by)[0]?.income as bigint;
        const before = income({});
        expect(income({ bidders: whole.bidders + 1 }) >= before).toBe(true);
        expect(income({ seeders: Math.max(0, whole.seeders - 1) }) >= before).toBe(true);
        if (higher >= whole.highest) expect(income({ highest: higher, second: whole.highest }) >= before).toBe(true);
        expect(before >= 0n && before <= whole.highest * 1_000n).toBe(true);
      }),
    );
  });
});
