/**
 * The bid that a downloader leaves with a tracker (docs/spec/tracker_bids.md): what it would pay for one torrent, in one token
 * of one chain, for at most an hour. It is a hint for whom to meet and binds nobody: the bid that counts is the one that
 * the peer makes on its connection, and `contradictsHint` drops a peer whose live bid is far below.
 *
 * Invariant: bids are compared within one market only, which is one token of one contract of one chain.
 */
import {
  type Address,
  addressBytes,
  addressFromBytes,
  addressWord,
  bigintToBytes,
  bytesToBigint,
  type Curve,
  concat,
  equalBytes,
  hashWords,
  keccak256,
  ProtocolError,
  SIGNATURE_BYTES,
  type Signer,
  typedDataDigest,
  utf8,
  word,
} from "@everseed/core";
import type { Price } from "./price.ts";
import { checkExpiry, checkSigner, infoHashWord, type MarketDomain, marketSeparator } from "./statements.ts";

/** What makes two bids comparable. */
export interface BidMarket extends MarketDomain {
  readonly token: Address;
}

export interface TrackerBid extends BidMarket {
  /** Above zero. */
  readonly price: Price;
  /** Who signed it. */
  readonly bidder: Address;
  /** Unix seconds, at most an hour ahead. */
  readonly expiry: number;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/** chain id (8), contract (20), token (20). */
export const BID_MARKET_BYTES = 48;
/** version (1), market (48), price (12), bidder (20), expiry (8), signature (65). */
export const TRACKER_BID_BYTES = 154;
const VERSION = 1;
const TRACKER_BID_TYPE = keccak256(utf8("TrackerBid(bytes32 infohash,address token,uint128 price,uint64 expiry)"));

/** What is signed. `infoHash` has the 20 bytes of the wire. */
export function trackerBidDigest(
  bid: BidMarket & Pick<TrackerBid, "price" | "expiry">,
  infoHash: Uint8Array,
): Uint8Array {
  return typedDataDigest(
    marketSeparator(bid),
    hashWords(TRACKER_BID_TYPE, infoHashWord(infoHash), addressWord(bid.token), word(bid.price), word(bid.expiry)),
  );
}

/** `price` is above zero; `expiry` (Unix seconds) at most an hour ahead, or nobody takes the bid. */
export function signTrackerBid(
  terms: { readonly market: BidMarket; readonly price: Price; readonly expiry: number },
  infoHash: Uint8Array,
  signer: Signer,
): TrackerBid {
  const { chainId, contract, token } = terms.market;
  const unsigned = { chainId, contract, token, price: terms.price, expiry: terms.expiry };
  return { ...unsigned, bidder: signer.address, signature: signer.sign(trackerBidDigest(unsigned, infoHash)) };
}

/** `now` in Unix seconds. Throws `ProtocolError` `market-expiry` or `market-signature`. */
export function checkTrackerBid(bid: TrackerBid, infoHash: Uint8Array, now: number, curve: Curve): void {
  checkExpiry("tracker bid", bid.expiry, now);
  checkSigner("tracker bid", trackerBidDigest(bid, infoHash), bid.signature, bid.bidder, curve);
}

export function encodeBidMarket({ chainId, contract, token }: BidMarket): Uint8Array {
  return concat(bigintToBytes(chainId, 8), addressBytes(contract), addressBytes(token));
}

/** Throws `ProtocolError` `market-message`. */
export function decodeBidMarket(bytes: Uint8Array): BidMarket {
  if (bytes.length !== BID_MARKET_BYTES) throw bad("bid market", `${BID_MARKET_BYTES} bytes`, `${bytes.length}`);
  return {
    chainId: bytesToBigint(bytes.subarray(0, 8)),
    contract: addressFromBytes(bytes.subarray(8, 28)),
    token: addressFromBytes(bytes.subarray(28, 48)),
  };
}

export function encodeTrackerBid(bid: TrackerBid): Uint8Array {
  return concat(
    Uint8Array.of(VERSION),
    encodeBidMarket(bid),
    bigintToBytes(bid.price, 12),
    addressBytes(bid.bidder),
    bigintToBytes(BigInt(bid.expiry), 8),
    bid.signature,
  );
}

/** Reads the form alone: signature and time are for `checkTrackerBid`. Throws `ProtocolError` `market-message`. */
export function decodeTrackerBid(bytes: Uint8Array): TrackerBid {
  if (bytes.length !== TRACKER_BID_BYTES) throw bad("tracker bid", `${TRACKER_BID_BYTES} bytes`, `${bytes.length}`);
  if (bytes[0] !== VERSION) throw bad("tracker bid", `version ${VERSION}`, `${bytes[0]}`);
  const price = bytesToBigint(bytes.subarray(49, 61)) as Price;
  if (price === 0n) throw bad("tracker bid", "a price above zero", "0");
  const expiry = bytesToBigint(bytes.subarray(81, 89));
  if (expiry > BigInt(Number.MAX_SAFE_INTEGER)) throw bad("tracker bid", "an expiry in seconds", `${expiry}`);
  return {
    ...decodeBidMarket(bytes.subarray(1, 49)),
    price,
    bidder: addressFromBytes(bytes.subarray(61, 81)),
    expiry: Number(expiry),
    signature: bytes.slice(89, 89 + SIGNATURE_BYTES),
  };
}

/**
 * What a tracker's answer says that a peer bids, if it is worth anything: signed, of this torrent, market and time. A hint
 * that does not hold is no hint, and no fault of the peer, who may not know of it.
 */
export function readTrackerHint(
  bytes: Uint8Array,
  expected: { readonly infoHash: Uint8Array; readonly market: BidMarket; readonly now: number; readonly curve: Curve },
): { readonly bidder: Address; readonly price: Price } | undefined {
  try {
    const bid = decodeTrackerBid(bytes);
    if (!equalBytes(encodeBidMarket(bid), encodeBidMarket(expected.market))) return undefined;
    checkTrackerBid(bid, expected.infoHash, expected.now, expected.curve);
    return { bidder: bid.bidder, price: bid.price };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("market-message", field, expected, received);
}
