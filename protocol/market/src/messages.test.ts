/** The messages of es_market: round trips, hostile bytes, signatures; docs/spec/es_market.md and its vectors. */
import { readFileSync } from "node:fs";
import { type Address, createSigner, fromHex, nobleCurve, ProtocolError, sha256, toHex, utf8 } from "@everseed/core";
import { dict, encodeBencode } from "@everseed/metainfo";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeMarketMessage,
  encodeMarketMessage,
  MAX_MARKET_MESSAGE_BYTES,
  type MarketMessage,
  marketHandshake,
  readMarketHandshake,
} from "./messages.ts";
import {
  bidDigest,
  checkBid,
  checkOffer,
  type MarketParties,
  type OfferMessage,
  offerDigest,
  possessionDigest,
  sealBid,
  signBid,
  signOffer,
} from "./offers.ts";
import { toPrice } from "./price.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = bytes(20).map((b) => `0x${toHex(b)}` as Address);
const price = fc.bigInt({ min: 0n, max: (1n << 96n) - 1n }).map(toPrice);
const terms = { token: address, price, expiry: fc.nat(), signature: bytes(65) };
const sealed = fc.record({ ...terms, torrent: bytes(32), seller: address });
const reason = fc.oneof(
  fc.record({ type: fc.constantFrom("free" as const, "reserve" as const) }),
  fc.record({ type: fc.constant("loser" as const), bid: sealed }),
);
const blocks = fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 8 });
const message = fc.oneof(
  fc.record({ type: fc.constant("bid"), bid: fc.record({ ...terms, nonce: bytes(32) }) }),
  fc.record({ type: fc.constant("offer"), offer: fc.record({ ...terms, reason }) }),
  fc.record({ type: fc.constant("challenge"), challenge: fc.record({ nonce: bytes(32), blocks }) }),
  fc.record({ type: fc.constant("proof"), nonce: bytes(32), answer: bytes(32), signature: bytes(65) }),
  fc.record(
    { type: fc.constant("refuse"), code: fc.stringMatching(/^[a-z-]{0,64}$/), price },
    { requiredKeys: ["type", "code"] },
  ),
) as fc.Arbitrary<MarketMessage>;

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return "accepted";
};

describe("the wire form", () => {
  test("every message survives the trip, within half the size limit", () => {
    fc.assert(
      fc.property(message, (m) => {
        const wire = encodeMarketMessage(m);
        expect(wire.length).toBeLessThanOrEqual(MAX_MARKET_MESSAGE_BYTES / 2);
        expect(decodeMarketMessage(wire)).toEqual(m);
      }),
      { numRuns: 500 },
    );
  });

  test("random bytes, and messages with bytes changed or cut off, are decoded or refused by name", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (wire) => void code(() => decodeMarketMessage(wire))),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (m, at, value, cut) => {
        const wire = encodeMarketMessage(m);
        wire[at % wire.length] = value;
        code(() => decodeMarketMessage(wire.subarray(0, cut % (wire.length + 1))));
        code(() => decodeMarketMessage(wire));
      }),
      { numRuns: 2_000 },
    );
  });

  test("keys that are not known are ignored; versions are agreed on in the handshake", () => {
    const wire = encodeBencode(dict({ c: "stale", z: 1 }));
    expect(decodeMarketMessage(Uint8Array.of(4, ...wire))).toEqual({ type: "refuse", code: "stale" });
    expect(readMarketHandshake(marketHandshake({ bids: true, sells: false }))).toEqual({ bids: true, sells: false });
    const said = (v: number[]) => readMarketHandshake(dict({ esm: dict({ b: 1, s: 1, v, x: 5 }) }));
    expect(said([7, 1])).toEqual({ bids: true, sells: true });
    expect(said([2])).toBeUndefined();
    expect(said(new Array(17).fill(1))).toBeUndefined();
    expect(readMarketHandshake(new Map())).toBeUndefined();
  });
});

const buyer = createSigner(sha256(utf8("es_market vector buyer")));
const seller = createSigner(sha256(utf8("es_market vector seller")));
const loser = createSigner(sha256(utf8("es_market vector loser")));
const NOW = 1_800_000_000;
const parties: MarketParties = {
  domain: { chainId: 31_337n, contract: "0xc0ffee0000000000000000000000000000000001" },
  infoHash: sha256(utf8("torrent")).slice(0, 20),
  token: "0x00000000000000000000000000000000005d0001",
  buyer: buyer.address,
  seller: seller.address,
};
const bidOf = (value: bigint, by = buyer, of: Partial<MarketParties> = {}, expiry = NOW + 600) =>
  signBid({ price: toPrice(value), expiry, nonce: sha256(utf8("nonce")) }, { ...parties, ...of }, by);

describe("a bid", () => {
  const bid = bidOf(40n);
  const check = (of: object = {}, change: object = {}, now = NOW): string =>
    code(() => checkBid({ ...bid, ...change }, { ...parties, ...of }, now, nobleCurve));

  test("is good for one bidder, seller, torrent, token, chain, contract and time", () => {
    expect(check()).toBe("accepted");
    expect(check({}, {}, NOW + 599)).toBe("accepted");
    expect(check({}, {}, NOW + 600)).toBe("market-expiry");
    expect(check({}, {}, NOW - 3_001)).toBe("market-expiry");
    expect(check({ token: loser.address })).toBe("market-token");
    const others = [{ buyer: loser.address }, { seller: loser.address }, { infoHash: new Uint8Array(20) }];
    for (const of of others) expect(check(of)).toBe("market-signature");
    expect(check({ domain: { ...parties.domain, chainId: 1n } })).toBe("market-signature");
    expect(check({ domain: { ...parties.domain, contract: loser.address } })).toBe("market-signature");
    for (const change of [
      { price: toPrice(41n) },
      { expiry: NOW + 601 },
      { nonce: new Uint8Array(32) },
      { signature: new Uint8Array(65) },
    ])
      expect(check({}, change)).toBe("market-signature");
  });

  test("shows others a commitment in place of the torrent", () => {
    const shown = sealBid(bid, parties);
    expect(toHex(shown.torrent)).not.toContain(toHex(parties.infoHash));
    expect(sealBid(bid, { ...parties, infoHash: new Uint8Array(20) }).torrent).not.toEqual(shown.torrent);
  });
});

describe("an offer", () => {
  const evidence = (value = 30n, by = loser, of: Partial<MarketParties> = {}, expiry = NOW + 600) => ({
    type: "loser" as const,
    bid: sealBid(bidOf(value, by, { buyer: by.address, ...of }, expiry), { ...parties, ...of }),
  });
  const offerOf = (change: Partial<OfferMessage> = {}) =>
    signOffer({ price: toPrice(30n), expiry: NOW + 120, reason: evidence(), ...change }, parties, seller);
  const check = (offer: OfferMessage, of: object = {}, ownBid = 40n): string =>
    code(() => checkOffer(offer, { ...parties, ...of }, { ownBid: toPrice(ownBid), now: NOW, curve: nobleCurve }));

  test("is taken with a losing bid, for the reserve, or free", () => {
    expect(check(offerOf())).toBe("accepted");
    expect(check(offerOf({ reason: { type: "reserve" } }))).toBe("accepted");
    expect(check(offerOf({ reason: { type: "free" }, price: toPrice(0n) }))).toBe("accepted");
    expect(check(offerOf(), {}, 30n)).toBe("accepted");
  });

  test("is refused above our bid, changed, or made for another", () => {
    expect(check(offerOf(), {}, 29n)).toBe("offer-price");
    expect(check(offerOf({ reason: { type: "free" } }))).toBe("offer-price");
    expect(check({ ...offerOf(), price: toPrice(29n) })).toBe("market-signature");
    expect(check({ ...offerOf(), reason: { type: "reserve" } })).toBe("market-signature");
    expect(check({ ...offerOf(), reason: evidence(30n, loser, {}, NOW + 601) })).toBe("market-signature");
    for (const of of [{ buyer: loser.address }, { seller: loser.address }, { infoHash: new Uint8Array(20) }])
      expect(check(offerOf(), of)).toBe("market-signature");
    expect(check(offerOf({ expiry: NOW }))).toBe("market-expiry");
  });

  test.each([
    ["of another price", evidence(29n)],
    ["to another seller", evidence(30n, loser, { seller: loser.address })],
    ["in another token", { ...evidence(), bid: { ...evidence().bid, token: loser.address } }],
    ["of the buyer itself", evidence(30n, buyer)],
    ["of the seller itself", evidence(30n, seller)],
    ["that lapsed long ago", evidence(30n, loser, {}, NOW - 301)],
    ["from the future", evidence(30n, loser, {}, NOW + 3_901)],
    ["without a signature", { ...evidence(), bid: { ...evidence().bid, signature: new Uint8Array(65) } }],
  ])("its losing bid is no reason %s", (_name, reason) => {
    expect(check(offerOf({ reason }))).toBe("offer-evidence");
  });
});

describe("docs/spec/es_market.vectors.json", () => {
  const path = new URL("../../../docs/spec/es_market.vectors.json", import.meta.url);
  const v = JSON.parse(readFileSync(path, "utf8"));
  const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;

  test("every message decodes, and encodes to the same bytes", () => {
    for (const wire of Object.values<string>(v.messages))
      expect(toHex(encodeMarketMessage(decodeMarketMessage(hex(wire))))).toBe(wire);
  });

  test("the digests are those that another implementation of EIP-712 made", () => {
    const of: MarketParties = {
      domain: { chainId: BigInt(v.domain.chainId), contract: v.domain.contract },
      infoHash: hex(v.infoHash),
      token: v.token,
      buyer: v.buyer.address,
      seller: v.seller.address,
    };
    const [bid, offer, proof] = ["bid", "offer", "proof"].map((kind) => decodeMarketMessage(hex(v.messages[kind])));
    if (bid?.type !== "bid" || offer?.type !== "offer" || proof?.type !== "proof") throw new Error("other kinds");
    expect(toHex(bidDigest(sealBid(bid.bid, of), of.domain))).toBe(v.digests.bid);
    expect(toHex(offerDigest(offer.offer, of))).toBe(v.digests.offer);
    expect(toHex(possessionDigest(proof, { ...of, verifier: of.seller }))).toBe(v.digests.proof);
    expect(code(() => checkBid(bid.bid, of, v.now, nobleCurve))).toBe("accepted");
    const look = { ownBid: bid.bid.price, now: v.now, curve: nobleCurve };
    expect(code(() => checkOffer(offer.offer, of, look))).toBe("accepted");
  });

  test.each(v.refused as { name: string; bytes: string; code: string }[])("refused: $name", (refused) => {
    expect(code(() => decodeMarketMessage(hex(refused.bytes)))).toContain(refused.code);
  });
});
