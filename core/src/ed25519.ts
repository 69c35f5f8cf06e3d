/** Ed25519 (RFC 8032), for items of the DHT (BEP 44). Keys of money are secp256k1: see `keys.ts`. */
import { ed25519 } from "@noble/curves/ed25519.js";

/** 32 bytes from a 32-byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** 64 bytes. */
export function signEd25519(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/** False for any input that is no good signature, of whatever length. */
export function verifyEd25519(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
