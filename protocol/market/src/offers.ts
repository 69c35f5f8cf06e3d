/**
 * Bids, offers and possession proofs as signed statements: EIP-712 typed data in the domain `{name "Everseed Market",
 * version "1", chainId, verifyingContract}` of the channels they are paid through (docs/spec/es_market.md).
 *
 * A bid names its torrent by a commitment, keccak256(infohash || nonce): an offer shows the losing bid to the winner, and
 * what the loser downloads is nobody's business. A statement fits one seller or one buyer, one token and a time.
 */
import {
  type Address,
  addressWord,
  type Curve,
  concat,
  equalBytes,
  hashWords,
  keccak256,
  ProtocolError,
  recoverAddress,
  type Signer,
  typedDataDigest,
  utf8,
  word,
} from "@everseed/core";
import type { Price } from "./price.ts";
import {
  checkExpiry,
  checkSigner,
  infoHashWord,
  MAX_LIFE_SECONDS,
  type MarketDomain,
  marketSeparator,
} from "./statements.ts";

/** A bid as the auction sees it, and as an offer shows it to others. */
export interface SealedBid {
  /** keccak256(infohash, left-aligned in 32 bytes, || nonce). */
  readonly torrent: Uint8Array;
  readonly seller: Address;
  readonly token: Address;
  readonly price: Price;
  /** Unix seconds. */
  readonly expiry: number;
}

export interface SignedSealedBid extends SealedBid {
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

/** What a bidder sends: the nonce opens the commitment to the seller alone. */
export interface BidMessage {
  readonly token: Address;
  readonly price: Price;
  readonly expiry: number;
  /** 32 random bytes. */
  readonly nonce: Uint8Array;
  readonly signature: Uint8Array;
}

export type OfferReason =
  | { readonly type: "free" }
  | { readonly type: "reserve" }
  | { readonly type: "loser"; readonly bid: SignedSealedBid };

export interface OfferMessage {
  readonly token: Address;
  readonly price: Price;
  readonly expiry: number;
  readonly reason: OfferReason;
  readonly signature: Uint8Array;
}

/** The connection that a statement is for. */
export interface MarketParties {
  readonly domain: MarketDomain;
  /** 20 bytes: the torrent's name on the wire. */
  readonly infoHash: Uint8Array;
  readonly token: Address;
  readonly buyer: Address;
  readonly seller: Address;
}

/**
 * A losing bid may have lapsed since it set a price that still holds, and the clocks of seller and winner differ; a loser
 * chooses the time of its bid, and must not be able to make the winner doubt the seller. Seconds.
 */
const EVIDENCE_GRACE_SECONDS = 300;

const BID_TYPE = keccak256(utf8("Bid(bytes32 torrent,address seller,address token,uint128 price,uint64 expiry)"));
const OFFER_TYPE = keccak256(
  utf8(
    "Offer(bytes32 infohash,address buyer,address token,uint128 price,uint64 expiry,uint8 reason,bytes32 losingBid)",
  ),
);
const POSSESSION_TYPE = keccak256(utf8("Possession(bytes32 infohash,address verifier,bytes32 nonce,bytes32 answer)"));
const REASONS = ["free", "reserve", "loser"] as const;
const NO_BID = new Uint8Array(32);

export function torrentCommitment(infoHash: Uint8Array, nonce: Uint8Array): Uint8Array {
  return keccak256(concat(infoHashWord(infoHash), nonce));
}

function bidHash(bid: SealedBid): Uint8Array {
  return hashWords(
    BID_TYPE,
    bid.torrent,
    addressWord(bid.seller),
    addressWord(bid.token),
    word(bid.price),
    word(bid.expiry),
  );
}

export function bidDigest(bid: SealedBid, domain: MarketDomain): Uint8Array {
  return typedDataDigest(marketSeparator(domain), bidHash(bid));
}

export function sealBid(bid: BidMessage, { infoHash, seller }: MarketParties): SignedSealedBid {
  const { token, price, expiry, signature } = bid;
  return { torrent: torrentCommitment(infoHash, bid.nonce), seller, token, price, expiry, signature };
}

export function signBid(
  bid: Pick<BidMessage, "price" | "expiry" | "nonce">,
  parties: MarketParties,
  signer: Signer,
): BidMessage {
  const unsigned = { ...bid, token: parties.token, signature: new Uint8Array(65) };
  return { ...unsigned, signature: signer.sign(bidDigest(sealBid(unsigned, parties), parties.domain)) };
}

/** What a seller keeps of a bid. Throws `ProtocolError` `market-token`, `market-expiry` or `market-signature`. */
export function checkBid(bid: BidMessage, parties: MarketParties, now: number, curve: Curve): SignedSealedBid {
  checkTerms("bid", bid, parties, now);
  const sealed = sealBid(bid, parties);
  checkSigner("bid", bidDigest(sealed, parties.domain), bid.signature, parties.buyer, curve);
  return sealed;
}

export function offerDigest(offer: Omit<OfferMessage, "signature">, parties: MarketParties): Uint8Array {
  return typedDataDigest(
    marketSeparator(parties.domain),
    hashWords(
      OFFER_TYPE,
      infoHashWord(parties.infoHash),
      addressWord(parties.buyer),
      addressWord(offer.token),
      word(offer.price),
      word(offer.expiry),
      word(REASONS.indexOf(offer.reason.type)),
      offer.reason.type === "loser" ? bidHash(offer.reason.bid) : NO_BID,
    ),
  );
}

export function signOffer(
  offer: Pick<OfferMessage, "price" | "expiry" | "reason">,
  parties: MarketParties,
  signer: Signer,
): OfferMessage {
  const unsigned = { ...offer, token: parties.token };
  return { ...unsigned, signature: signer.sign(offerDigest(unsigned, parties)) };
}

/**
 * The buyer's look at an offer: it is the seller's, it is not above our bid, and a price that names a loser is the bid of
 * somebody else to this seller. Throws `ProtocolError` `market-token`, `market-expiry`, `market-signature`, `offer-price` or
 * `offer-evidence`.
 */
export function checkOffer(
  offer: OfferMessage,
  parties: MarketParties,
  { ownBid, now, curve }: { readonly ownBid: Price; readonly now: number; readonly curve: Curve },
): void {
  checkTerms("offer", offer, parties, now);
  checkSigner("offer", offerDigest(offer, parties), offer.signature, parties.seller, curve);
  if (offer.price > ownBid) throw new ProtocolError("offer-price", "offer", `at most ${ownBid}`, `${offer.price}`);
  const { reason } = offer;
  if (reason.type === "free" && offer.price > 0n)
    throw new ProtocolError("offer-price", "free offer", "no price", `${offer.price}`);
  if (reason.type !== "loser") return;
  const { bid } = reason;
  const evidence = (expected: string, received: string): ProtocolError =>
    new ProtocolError("offer-evidence", "losing bid", expected, received);
  if (bid.price !== offer.price) throw evidence(`a bid of ${offer.price}`, `${bid.price}`);
  if (bid.seller !== parties.seller || bid.token !== parties.token)
    throw evidence("a bid to this seller in this token", "another");
  if (Math.abs(bid.expiry - now - MAX_LIFE_SECONDS / 2) > MAX_LIFE_SECONDS / 2 + EVIDENCE_GRACE_SECONDS)
    throw evidence("a bid of this time", `one until ${bid.expiry}`);
  const bidder = recoverAddress(bidDigest(bid, parties.domain), bid.signature, curve);
  if (bidder === undefined || bidder === parties.buyer || bidder === parties.seller)
    throw evidence("a bid that somebody else signed", bidder ?? "no signature");
}

export interface PossessionStatement {
  readonly nonce: Uint8Array;
  readonly answer: Uint8Array;
}

export interface PossessionRole {
  readonly domain: MarketDomain;
  readonly infoHash: Uint8Array;
  readonly verifier: Address;
}

export function possessionDigest(statement: PossessionStatement, role: PossessionRole): Uint8Array {
  return typedDataDigest(
    marketSeparator(role.domain),
    hashWords(
      POSSESSION_TYPE,
      infoHashWord(role.infoHash),
      addressWord(role.verifier),
      statement.nonce,
      statement.answer,
    ),
  );
}

export function signPossession(statement: PossessionStatement, role: PossessionRole, signer: Signer): Uint8Array {
  return signer.sign(possessionDigest(statement, role));
}

/** Throws `ProtocolError` `market-signature`, or `possession-nonce` for the answer to another challenge. */
export function checkPossessionSigner(
  proof: PossessionStatement & { readonly signature: Uint8Array },
  expected: PossessionRole & { readonly nonce: Uint8Array; readonly prover: Address; readonly curve: Curve },
): void {
  if (!equalBytes(proof.nonce, expected.nonce))
    throw new ProtocolError("possession-nonce", "possession proof", "the nonce of our challenge", "another one");
  const digest = possessionDigest(proof, expected);
  checkSigner("possession proof", digest, proof.signature, expected.prover, expected.curve);
}

/** Token, then expiry. */
function checkTerms(
  what: string,
  { token, expiry }: { readonly token: Address; readonly expiry: number },
  parties: MarketParties,
  now: number,
): void {
  if (token !== parties.token) throw new ProtocolError("market-token", what, parties.token, token);
  checkExpiry(what, expiry, now);
}
