/** libsecp256k1 through its Node binding: 38 us to sign, 47 us to recover, where noble needs 300 and 900. */
import { createRequire } from "node:module";
import { type Curve, nobleCurve, wellFormed } from "../keys.ts";

interface Binding {
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number };
  ecdsaRecover(signature: Uint8Array, recid: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

function loadBinding(): Binding | undefined {
  try {
    // "secp256k1/bindings" is the compiled addon alone: the package's main file would fall back to slow JavaScript in silence.
    return createRequire(import.meta.url)("secp256k1/bindings") as Binding;
  } catch {
    return undefined;
  }
}

const binding = loadBinding();

/** The native curve, or noble's where the platform has no prebuilt binding; `curve.name` says which. */
export const nativeCurve: Curve =
  binding === undefined
    ? nobleCurve
    : {
        name: "libsecp256k1",
        publicKey: (privateKey) => binding.publicKeyCreate(privateKey, false),
        sign(digest, privateKey) {
          const { signature, recid } = binding.ecdsaSign(digest, privateKey);
          const out = new Uint8Array(65);
          out.set(signature, 0);
          out[64] = 27 + recid;
          return out;
        },
        recover(digest, signature) {
          if (!wellFormed(signature)) return undefined;
          try {
            return binding.ecdsaRecover(signature.slice(0, 64), (signature[64] as number) - 27, digest, false);
          } catch {
            return undefined;
          }
        },
      };
