/** libsecp256k1 through its Node binding: 38 us to sign, 47 us to recover, where noble needs 300 and 900. */
import { createRequire } from "node:module";
import { type Curve, nobleCurve, wellFormed } from "../keys.ts";

interface Binding {
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

let found: { readonly binding: Binding | undefined } | undefined;

/** Loaded when it is first needed: half of all starts sign nothing. */
function loadBinding(): Binding | undefined {
  if (found !== undefined) return found.binding;
  let binding: Binding | undefined;
  try {
    // "secp256k1/bindings" is the compiled addon alone: the package's main file would fall back to slow JavaScript in silence.
    binding = createRequire(import.meta.url)("secp256k1/bindings") as Binding;
  } catch {}
  found = { binding };
  return binding;
}

/** The native curve, or noble's where the platform has no prebuilt binding; `curve.name` says which. */
export const nativeCurve: Curve = {
  get name() {
    return loadBinding() === undefined ? nobleCurve.name : "libsecp256k1";
  },
  publicKey: (privateKey) => loadBinding()?.publicKeyCreate(privateKey, false) ?? nobleCurve.publicKey(privateKey),
  sign(digest, privateKey) {
    const signed = loadBinding()?.ecdsaSign(digest, privateKey);
    if (signed === undefined) return nobleCurve.sign(digest, privateKey);
    const out = new Uint8Array(65);
    out.set(signed.signature, 0);
    out[64] = 27 + signed.recid;
    return out;
  },
  recover(digest, signature) {
    const binding = loadBinding();
    if (binding === undefined) return nobleCurve.recover(digest, signature);
    if (!wellFormed(signature)) return undefined;
    try {
      return binding.ecdsaRecover(signature.slice(0, 64), (signature[64] as number) - 27, digest, false);
    } catch {
      return undefined;
    }
  },
};
