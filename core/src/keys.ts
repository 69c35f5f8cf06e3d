/**
 * Keys, addresses and signatures: secp256k1 as Ethereum uses it (EIP-191, EIP-712; signatures are r || s || v, 65 bytes,
 * low s, v 27 or 28). The curve itself is a backend that is handed in: `nobleCurve` runs everywhere, `nativeCurve`
 * (`@everseed/core/node`) is fifty times faster.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromHex, toHex } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";
import { keccak256 } from "./keccak.ts";

/** An Ethereum address: lower-case hexadecimal with 0x. */
export type Address = `0x${string}`;

export interface Curve {
  readonly name: string;
  /** Uncompressed public key, 65 bytes. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** 65 bytes: r || s || v. */
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** Uncompressed public key of the signer, or `undefined` when the signature is not one. */
  recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined;
}

/** A key that signs digests in the name of `address`. */
export interface Signer {
  readonly address: Address;
  sign(digest: Uint8Array): Uint8Array;
}

export const ZERO_ADDRESS: Address = `0x${"0".repeat(40)}`;
export const SIGNATURE_BYTES = 65;
/** Half the group order: a larger s is refused, as OpenZeppelin's ECDSA does (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export const nobleCurve: Curve = {
  name: "noble",
  publicKey: (privateKey) => secp256k1.getPublicKey(privateKey, false),
  sign(digest, privateKey) {
    const signature = secp256k1.sign(digest, privateKey, { prehash: false, format: "recovered" });
    const out = new Uint8Array(65);
    out.set(signature.subarray(1), 0);
    out[64] = 27 + (signature[0] as number);
    return out;
  },
  recover(digest, signature) {
    if (!wellFormed(signature)) return undefined;
    try {
      const recovered = new Uint8Array(65);
      recovered[0] = (signature[64] as number) - 27;
      recovered.set(signature.subarray(0, 64), 1);
      return secp256k1.Point.fromBytes(secp256k1.recoverPublicKey(recovered, digest, { prehash: false })).toBytes(
        false,
      );
    } catch {
      return undefined;
    }
  },
};

/** True for 65 bytes with v 27 or 28 and a low s. Backends call it before touching the curve. */
export function wellFormed(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const v = signature[64];
  return (v === 27 || v === 28) && BigInt(`0x${toHex(signature.subarray(32, 64))}`) <= HALF_ORDER;
}

/** The address of an uncompressed public key. */
export function publicKeyAddress(publicKey: Uint8Array): Address {
  return `0x${toHex(keccak256(publicKey.subarray(1)).subarray(12))}`;
}

export function createSigner(privateKey: Uint8Array, curve: Curve = nobleCurve): Signer {
  const key = privateKey.slice();
  const address = publicKeyAddress(curve.publicKey(key));
  return { address, sign: (digest) => curve.sign(digest, key) };
}

/** The address that signed `digest`, or `undefined` when the signature is malformed. */
export function recoverAddress(
  digest: Uint8Array,
  signature: Uint8Array,
  curve: Curve = nobleCurve,
): Address | undefined {
  const key = curve.recover(digest, signature);
  return key && publicKeyAddress(key);
}

export function addressBytes(address: Address): Uint8Array {
  const bytes = fromHex(address);
  if (bytes?.length !== 20)
    throw new ProtocolError("address", "address", "0x and 40 hexadecimal digits", address.slice(0, 80));
  return bytes;
}

export function addressFromBytes(bytes: Uint8Array): Address {
  if (bytes.length !== 20) throw new ProtocolError("address", "address", "20 bytes", `${bytes.length} bytes`);
  return `0x${toHex(bytes)}`;
}
