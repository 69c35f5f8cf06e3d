/** Hash chains: a lane's root is keccak applied `maxSteps` times to a secret; each tick reveals the value one hash deeper. */
import { equalBytes, keccakRun } from "@everseed/core";

/** All values of a chain, in one allocation: `at(0)` is the root, `at(maxSteps)` the secret. */
export interface HashChain {
  readonly maxSteps: number;
  at(steps: number): Uint8Array;
}

/** Derives the chain; `32 * (maxSteps + 1)` bytes, one hash a step. */
export function hashChain(secret: Uint8Array, maxSteps: number): HashChain {
  const values = keccakRun(secret, maxSteps);
  return { maxSteps, at: (steps) => values.slice(32 * steps, 32 * steps + 32) };
}

/** True when `steps` hashes lead from `preimage` to `target`. */
export function leadsTo(preimage: Uint8Array, steps: number, target: Uint8Array): boolean {
  return equalBytes(keccakRun(preimage, steps).subarray(0, 32), target);
}
