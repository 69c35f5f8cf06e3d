/**
 * What all signed statements of the market have in common: the EIP-712 domain `{name "Everseed Market", version "1", chainId,
 * verifyingContract}` of the channels they are paid through, the word of a torrent's name, and how signer and time are
 * checked (docs/spec/es_market.md).
 */
import { type Address, type Curve, domainSeparator, ProtocolError, recoverAddress } from "@everseed/core";

/** Where the market's money lives: the contract of the channels, on its chain. */
export interface MarketDomain {
  readonly chainId: bigint;
  readonly contract: Address;
}

/** A bid or an offer that is good for longer than this is refused: nobody is held to a forgotten price. Seconds. */
export const MAX_LIFE_SECONDS = 3_600;

export function marketSeparator(domain: MarketDomain): Uint8Array {
  return domainSeparator({
    name: "Everseed Market",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.contract,
  });
}

/** The 20 bytes of the wire, left-aligned in 32. */
export function infoHashWord(infoHash: Uint8Array): Uint8Array {
  const out = new Uint8Array(32);
  out.set(infoHash.subarray(0, 20));
  return out;
}

/** Both times in Unix seconds. Throws `ProtocolError` `market-expiry`. */
export function checkExpiry(what: string, expiry: number, now: number): void {
  if (expiry <= now || expiry > now + MAX_LIFE_SECONDS)
    throw new ProtocolError("market-expiry", what, `an expiry within ${MAX_LIFE_SECONDS} s`, `${expiry - now} s`);
}

/** Throws `ProtocolError` `market-signature`. */
export function checkSigner(
  what: string,
  digest: Uint8Array,
  signature: Uint8Array,
  signer: Address,
  curve: Curve,
): void {
  const recovered = recoverAddress(digest, signature, curve);
  if (recovered !== signer)
    throw new ProtocolError("market-signature", what, `a signature of ${signer}`, recovered ?? "none");
}
