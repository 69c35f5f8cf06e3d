/** Hash chains: a lane's root is keccak applied `maxSteps` times to a secret; each tick reveals the value one hash deeper. */
import { equalBytes } from "@everseed/core";

/** keccak-256 of 32 bytes. Handed in, because a tick is on the hot path and platforms differ by a factor of five. */
export type Keccak = (data: Uint8Array) => Uint8Array;

/** All values of a chain, in one allocation: `at(0)` is the root, `at(maxSteps)` the secret. */
export interface HashChain {
  readonly maxSteps: number;
  at(steps: number): Uint8Array;
}

/** Derives the chain; `32 * (maxSteps + 1)` bytes, one hash a step. */
export function hashChain(secret: Uint8Array, maxSteps: number, keccak: Keccak): HashChain {
  const values = new Uint8Array(32 * (maxSteps + 1));
  values.set(secret, 32 * maxSteps);
  for (let k = maxSteps; k > 0; k--) values.set(keccak(values.subarray(32 * k, 32 * k + 32)), 32 * (k - 1));
  return { maxSteps, at: (steps) => values.slice(32 * steps, 32 * steps + 32) };
}

/** True when `steps` hashes lead from `preimage` to `target`. */
export function leadsTo(preimage: Uint8Array, steps: number, target: Uint8Array, keccak: Keccak): boolean {
  let value = preimage;
  for (let k = 0; k < steps; k++) value = keccak(value);
  return equalBytes(value, target);
}
