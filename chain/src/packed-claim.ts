/**
 * Claims and closes in as few bytes as the contract reads them (chain/contracts/src/libraries/PackedClaims.sol): every field
 * in its own width, signatures in two words (EIP-2098). Calldata is most of what a claim costs above the transfer it makes.
 */

import type { ChannelTerms, LaneProof, SignedVoucher } from "@everseed/channel";
import { bigintToBytes, concat, EverseedError, equalBytes, fromHex } from "@everseed/core";

const ADDRESS_BYTES = 20;
const SIGNATURE_BYTES = 65;

/** The signature's `r` and `vs`, 32 bytes each. Throws EverseedError `signature-form` when it is not one of a key. */
export function compactSignature(signature: Uint8Array): { r: Uint8Array; vs: Uint8Array } {
  const v = signature[SIGNATURE_BYTES - 1];
  if (signature.length !== SIGNATURE_BYTES || (v !== 27 && v !== 28)) {
    throw new EverseedError(
      "signature-form",
      `Cannot send the signature: expected 65 bytes that end in 27 or 28, received ${signature.length}`,
    );
  }
  const vs = signature.slice(32, 64);
  if (v === 28) vs[0] = (vs[0] as number) | 0x80;
  return { r: signature.slice(0, 32), vs };
}

/** The calldata of `claimPacked`. Throws EverseedError `signature-form`. */
export function packClaim(terms: ChannelTerms, signed: SignedVoucher, proofs: readonly LaneProof[]): Uint8Array {
  const { voucher, signature } = signed;
  const { r, vs } = compactSignature(signature);
  const lanes = voucher.lanes.map((lane) => {
    // Of two proofs of a lane the deeper one counts.
    const proof = proofs
      .filter(({ root }) => equalBytes(root, lane.root))
      .reduce<LaneProof | undefined>((best, one) => (one.steps > (best?.steps ?? 0) ? one : best), undefined);
    return concat(
      proof?.preimage ?? lane.root,
      lane.receiptHash,
      bigintToBytes(lane.unit, 16),
      bigintToBytes(BigInt(lane.maxSteps), 4),
      bigintToBytes(BigInt(proof?.steps ?? 0), 4),
      bigintToBytes(lane.expiry, 8),
    );
  });
  return concat(
    addressBytes(terms.payer),
    addressBytes(terms.payee),
    addressBytes(terms.signer),
    addressBytes(terms.token),
    bigintToBytes(BigInt(terms.window), 4),
    bigintToBytes(terms.nonce, 8),
    bigintToBytes(voucher.cumulative, 16),
    r,
    vs,
    ...lanes,
  );
}

/** Arguments of `closeWith` for these terms; the signature is the other side's, over `closeDigest`. */
export function closeWithArguments(
  terms: ChannelTerms,
  claimed: bigint,
): { payerWindowNonce: bigint; payeeClaimed: bigint; signer: string } {
  return {
    payerWindowNonce: (BigInt(terms.payer) << 96n) | (BigInt(terms.window) << 64n) | terms.nonce,
    payeeClaimed: (BigInt(terms.payee) << 96n) | claimed,
    signer: terms.signer.toLowerCase() === terms.payer.toLowerCase() ? `0x${"00".repeat(ADDRESS_BYTES)}` : terms.signer,
  };
}

function addressBytes(address: string): Uint8Array {
  return fromHex(address.slice(2)) as Uint8Array;
}
