/** What the market signs is EIP-712 as viem, an independent implementation, computes it; viem's vectors are up to date. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Address, toHex } from "@everseed/core";
import {
  bidDigest,
  type MarketParties,
  type OfferReason,
  offerDigest,
  possessionDigest,
  type SealedBid,
  toPrice,
  trackerBidDigest,
} from "@everseed/market";
import fc from "fast-check";
import { hashStruct, hashTypedData, padHex } from "viem";
import { expect, test } from "vitest";

const types = {
  Bid: [
    { name: "torrent", type: "bytes32" },
    { name: "seller", type: "address" },
    { name: "token", type: "address" },
    { name: "price", type: "uint128" },
    { name: "expiry", type: "uint64" },
  ],
  Offer: [
    { name: "infohash", type: "bytes32" },
    { name: "buyer", type: "address" },
    { name: "token", type: "address" },
    { name: "price", type: "uint128" },
    { name: "expiry", type: "uint64" },
    { name: "reason", type: "uint8" },
    { name: "losingBid", type: "bytes32" },
  ],
  TrackerBid: [
    { name: "infohash", type: "bytes32" },
    { name: "token", type: "address" },
    { name: "price", type: "uint128" },
    { name: "expiry", type: "uint64" },
  ],
  Possession: [
    { name: "infohash", type: "bytes32" },
    { name: "verifier", type: "address" },
    { name: "nonce", type: "bytes32" },
    { name: "answer", type: "bytes32" },
  ],
} as const;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = bytes(20).map((b) => `0x${toHex(b)}` as Address);
const price = fc.bigInt({ min: 0n, max: (1n << 96n) - 1n }).map(toPrice);
const bid: fc.Arbitrary<SealedBid> = fc.record({
  torrent: bytes(32),
  seller: address,
  token: address,
  price,
  expiry: fc.nat(),
});
const parties: fc.Arbitrary<MarketParties> = fc.record({
  domain: fc.record({ chainId: fc.nat().map(BigInt), contract: address }),
  infoHash: bytes(20),
  token: address,
  buyer: address,
  seller: address,
});
const hex = (b: Uint8Array): Address => `0x${toHex(b)}`;
const typed = (of: MarketParties) => ({
  domain: {
    name: "Everseed Market",
    version: "1",
    chainId: of.domain.chainId,
    verifyingContract: of.domain.contract,
  },
  types,
});
const bidData = (b: SealedBid) => ({ ...b, torrent: hex(b.torrent), expiry: BigInt(b.expiry) });

test("bids", () => {
  fc.assert(
    fc.property(bid, parties, (b, of) => {
      const expected = hashTypedData({ ...typed(of), primaryType: "Bid", message: bidData(b) });
      expect(hex(bidDigest(b, of.domain))).toBe(expected);
    }),
  );
});

test("offers, with and without a losing bid", () => {
  const reasons = fc.oneof(
    fc.constant<OfferReason>({ type: "free" }),
    fc.constant<OfferReason>({ type: "reserve" }),
    bid.map((b): OfferReason => ({ type: "loser", bid: { ...b, signature: new Uint8Array(65) } })),
  );
  fc.assert(
    fc.property(reasons, price, fc.nat(), parties, (reason, value, expiry, of) => {
      const losingBid =
        reason.type === "loser"
          ? hashStruct({ types, primaryType: "Bid", data: bidData(reason.bid) })
          : padHex("0x", { size: 32 });
      const message = {
        infohash: padHex(hex(of.infoHash), { dir: "right", size: 32 }),
        buyer: of.buyer,
        token: of.token,
        price: value,
        expiry: BigInt(expiry),
        reason: ["free", "reserve", "loser"].indexOf(reason.type),
        losingBid,
      };
      const expected = hashTypedData({ ...typed(of), primaryType: "Offer", message });
      expect(hex(offerDigest({ token: of.token, price: value, expiry, reason }, of))).toBe(expected);
    }),
  );
});

test("possession proofs", () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), parties, (nonce, answer, of) => {
      const message = {
        infohash: padHex(hex(of.infoHash), { dir: "right", size: 32 }),
        verifier: of.seller,
        nonce: hex(nonce),
        answer: hex(answer),
      };
      const expected = hashTypedData({ ...typed(of), primaryType: "Possession", message });
      expect(hex(possessionDigest({ nonce, answer }, { ...of, verifier: of.seller }))).toBe(expected);
    }),
  );
});

test("bids at trackers", () => {
  const terms = fc.record({ price: fc.bigInt({ min: 1n, max: (1n << 96n) - 1n }), expiry: fc.nat() });
  fc.assert(
    fc.property(parties, terms, (of, { price, expiry }) => {
      const message = {
        infohash: padHex(hex(of.infoHash), { dir: "right", size: 32 }),
        token: of.token,
        price,
        expiry: BigInt(expiry),
      };
      const expected = hashTypedData({ ...typed(of), primaryType: "TrackerBid", message });
      const bid = { ...of.domain, token: of.token, price: toPrice(price), expiry };
      expect(hex(trackerBidDigest(bid, of.infoHash))).toBe(expected);
    }),
  );
});

test.each([
  ["es_market.vectors.json", "market-vectors.mjs"],
  ["tracker_bids.vectors.json", "tracker-bid-vectors.mjs"],
])("docs/spec/%s is what viem gives", (_, name) => {
  const script = fileURLToPath(new URL(`../contracts/${name}`, import.meta.url));
  expect(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" })).not.toThrow();
});
