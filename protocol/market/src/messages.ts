/**
 * The messages of the `es_market` extension (BEP 10; docs/spec/es_market.md). The first byte is the kind, then one canonical
 * bencoded dictionary. Sizes are checked before parsing; unknown keys are ignored; nothing here checks a signature.
 */
import {
  type Address,
  addressBytes,
  addressFromBytes,
  bigintToBytes,
  bytesToBigint,
  concat,
  ProtocolError,
} from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  asList,
  type BencodeDict,
  type BencodeValue,
  decodeBencode,
  dict,
  encodeBencode,
} from "@everseed/metainfo";
import type { BidMessage, OfferMessage, OfferReason, SignedSealedBid } from "./offers.ts";
import { CHALLENGE_BLOCKS, type PossessionChallenge } from "./possession.ts";
import { MAX_PRICE, type Price } from "./price.ts";

export const MARKET_EXTENSION = "es_market";
/** The longest, an offer with a losing bid, takes about 450 bytes; the rest is room for keys to come. */
export const MAX_MARKET_MESSAGE_BYTES = 2_048;
const VERSION = 1;
const MAX_VERSIONS = 16;
const MAX_CODE_BYTES = 64;

export type MarketMessage =
  | { readonly type: "bid"; readonly bid: BidMessage }
  | { readonly type: "offer"; readonly offer: OfferMessage }
  | { readonly type: "challenge"; readonly challenge: PossessionChallenge }
  | {
      readonly type: "proof";
      readonly nonce: Uint8Array;
      readonly answer: Uint8Array;
      readonly signature: Uint8Array;
    }
  /** From a seller: the bid counts for nothing, and why; `price` is what would. From a buyer: its bid is withdrawn. */
  | { readonly type: "refuse"; readonly code: string; readonly price?: Price };

const KINDS = ["bid", "offer", "challenge", "proof", "refuse"] as const;

/** What the extended handshake carries under `esm`. */
export interface MarketHandshake {
  /** Bids for slots. */
  readonly bids: boolean;
  /** Sells slots. */
  readonly sells: boolean;
}

export function marketHandshake({ bids, sells }: MarketHandshake): BencodeDict {
  return dict({ esm: dict({ b: bids ? 1 : 0, s: sells ? 1 : 0, v: [VERSION] }) });
}

/** The peer's side; `undefined` when it speaks no version that we do, so that nothing follows. */
export function readMarketHandshake(fields: BencodeDict): MarketHandshake | undefined {
  const body = asDict(fields.get("esm"));
  const versions = asList(body?.get("v"));
  if (body === undefined || versions === undefined || versions.length > MAX_VERSIONS) return undefined;
  if (!versions.includes(VERSION)) return undefined;
  return { bids: body.get("b") === 1, sells: body.get("s") === 1 };
}

export function encodeMarketMessage(message: MarketMessage): Uint8Array {
  return concat(Uint8Array.of(KINDS.indexOf(message.type)), encodeBencode(bodyOf(message)));
}

function bodyOf(message: MarketMessage): BencodeDict {
  switch (message.type) {
    case "bid": {
      const { token, price, expiry, nonce, signature } = message.bid;
      return dict({ e: expiry, n: nonce, p: uint(price), s: signature, t: addressBytes(token) });
    }
    case "offer": {
      const { token, price, expiry, reason, signature } = message.offer;
      return dict({
        e: expiry,
        l: reason.type === "loser" ? encodeSealed(reason.bid) : undefined,
        p: uint(price),
        r: REASONS.indexOf(reason.type),
        s: signature,
        t: addressBytes(token),
      });
    }
    case "challenge":
      return dict({ b: message.challenge.blocks, n: message.challenge.nonce });
    case "proof":
      return dict({ a: message.answer, n: message.nonce, s: message.signature });
    case "refuse":
      return dict({ c: message.code, p: message.price === undefined ? undefined : uint(message.price) });
  }
}

const REASONS = ["free", "reserve", "loser"] as const;

/** Throws `ProtocolError` (`market-message`, `bencode-*`). */
export function decodeMarketMessage(payload: Uint8Array): MarketMessage {
  if (payload.length > MAX_MARKET_MESSAGE_BYTES)
    throw bad("es_market message", `at most ${MAX_MARKET_MESSAGE_BYTES} bytes`, `${payload.length}`);
  const type = KINDS[payload[0] ?? 255];
  if (type === undefined) throw bad("es_market message", "a known kind", `${payload[0] ?? "none"}`);
  const body = asDict(decodeBencode(payload.slice(1), { maxBytes: MAX_MARKET_MESSAGE_BYTES }));
  if (body === undefined) throw bad(type, "a dictionary", "another value");
  switch (type) {
    case "bid":
      return { type, bid: { ...decodeTerms(body), nonce: bytes(body, "n", 32) } };
    case "offer":
      return { type, offer: { ...decodeTerms(body), reason: decodeReason(body) } };
    case "challenge":
      return { type, challenge: { nonce: bytes(body, "n", 32), blocks: decodeBlocks(body) } };
    case "proof":
      return { type, nonce: bytes(body, "n", 32), answer: bytes(body, "a", 32), signature: bytes(body, "s", 65) };
    case "refuse": {
      const code = asBytes(body.get("c")) ?? new Uint8Array();
      const text = String.fromCharCode(...code.subarray(0, MAX_CODE_BYTES)).replace(/[^a-z-]/g, "");
      return { type, code: text, ...(body.has("p") ? { price: price(body) } : {}) };
    }
  }
}

function decodeTerms(body: BencodeDict): { token: Address; price: Price; expiry: number; signature: Uint8Array } {
  return {
    token: addressFromBytes(bytes(body, "t", 20)),
    price: price(body),
    expiry: count(body, "e"),
    signature: bytes(body, "s", 65),
  };
}

function decodeReason(body: BencodeDict): OfferReason {
  const type = REASONS[count(body, "r", REASONS.length - 1)] as (typeof REASONS)[number];
  return type === "loser" ? { type, bid: decodeSealed(body.get("l")) } : { type };
}

function encodeSealed(bid: SignedSealedBid): BencodeDict {
  return dict({
    e: bid.expiry,
    i: bid.torrent,
    p: uint(bid.price),
    r: addressBytes(bid.seller),
    s: bid.signature,
    t: addressBytes(bid.token),
  });
}

function decodeSealed(value: BencodeValue | undefined): SignedSealedBid {
  const body = asDict(value);
  if (body === undefined) throw bad("losing bid", "a dictionary", "another value");
  return { ...decodeTerms(body), torrent: bytes(body, "i", 32), seller: addressFromBytes(bytes(body, "r", 20)) };
}

function decodeBlocks(body: BencodeDict): readonly number[] {
  const list = asList(body.get("b"));
  if (list === undefined || list.length === 0 || list.length > CHALLENGE_BLOCKS)
    throw bad("challenge", `1 to ${CHALLENGE_BLOCKS} blocks`, `${list?.length ?? "no list"}`);
  const blocks = list.map((item) => asCount(item) ?? -1);
  if (blocks.some((block) => block < 0) || new Set(blocks).size !== blocks.length)
    throw bad("challenge", "distinct block indices", "other values");
  return blocks;
}

/** Prices travel as minimal big-endian bytes. */
function uint(value: bigint): Uint8Array {
  let length = 0;
  for (let rest = value; rest > 0n; rest >>= 8n) length++;
  return bigintToBytes(value, length);
}

function price(body: BencodeDict): Price {
  const value = asBytes(body.get("p"));
  if (value === undefined || value.length > 12 || value[0] === 0)
    throw bad("price", `at most ${MAX_PRICE}, without leading zero`, "another value");
  return bytesToBigint(value) as Price;
}

function bytes(body: BencodeDict, key: string, length: number): Uint8Array {
  const value = asBytes(body.get(key));
  if (value?.length !== length) throw bad(key, `${length} bytes`, `${value?.length ?? "none"}`);
  return value.slice();
}

function count(body: BencodeDict, key: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = asCount(body.get(key));
  if (value === undefined || value > most) throw bad(key, `an integer from 0 to ${most}`, `${value ?? "none"}`);
  return value;
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("market-message", field, expected, received);
}
