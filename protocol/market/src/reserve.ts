/**
 * The reserve price of a torrent: nothing right after completion, and more the longer nobody else was seen to hold it, so
 * that keeping rare data pays.
 *
 * `paperReserve` is the BitTorrent Token paper's rule: the clock starts anew with every valid proof. A rival can so reset
 * a price for nothing, therefore `hardenedReserve` never starts anew; proofs of S distinct funded address groups within a
 * window divide it by 1 + kS: r(t) = rMax (1 - e^(-(t - t0) / tau)) / (1 + kS).
 *
 * Invariants: 0 at completion; monotone between proofs; <= rMax; a proof never raises it. All arithmetic is integer, so
 * that it is the same on every machine.
 */
import { assert } from "@everseed/core";
import { type Price, toPrice } from "./price.ts";

export interface ReserveCurve {
  /** What the price grows towards. */
  readonly max: Price;
  /** Time in which 63 % of `max` is reached. Seconds, at least 1. */
  readonly tauSeconds: number;
}

export interface PaperReserveInput extends ReserveCurve {
  /** When our copy was complete. Unix seconds. */
  readonly completedAt: number;
  /** Last valid proof that somebody else holds it. Unix seconds. */
  readonly lastProofAt?: number;
  readonly now: number;
}

export function paperReserve(input: PaperReserveInput): Price {
  const since = Math.max(input.completedAt, input.lastProofAt ?? input.completedAt);
  return toPrice(grown(input, input.now - since));
}

export interface HardenedReserveInput extends ReserveCurve {
  /** Unix seconds. */
  readonly completedAt: number;
  readonly now: number;
  /** S: distinct funded address groups that proved possession in the window. */
  readonly provenGroups: number;
  /** k in parts per million: 1,000,000 halves the price with the first rival. */
  readonly rivalWeightPpm: number;
}

export function hardenedReserve(input: HardenedReserveInput): Price {
  const rivals = BigInt(input.rivalWeightPpm) * BigInt(input.provenGroups);
  return toPrice((grown(input, input.now - input.completedAt) * 1_000_000n) / (1_000_000n + rivals));
}

/** max (1 - e^(-elapsed / tau)), rounded down. */
function grown({ max, tauSeconds }: ReserveCurve, elapsedSeconds: number): bigint {
  assert(tauSeconds >= 1, "the reserve's time constant is at least a second");
  if (elapsedSeconds <= 0) return 0n;
  const x = (BigInt(Math.floor(elapsedSeconds)) << X_BITS) / BigInt(Math.floor(tauSeconds));
  return (max * (ONE - expNegative(x))) >> FRACTION_BITS;
}

const FRACTION_BITS = 80n;
const ONE = 1n << FRACTION_BITS;
/** Arguments are multiples of 2^-20. */
const X_BITS = 20n;
/** e^-1 times 2^80, rounded down, from its own series. */
const INVERSE_E = series(ONE);
/** e^-32 is below 2^-46: the curve has reached its maximum. */
const SATURATED = 32n << X_BITS;

/**
 * e^-x in fixed point: `x` is in units of 2^-20, the result in units of 2^-80. x = m + f: e^-m by repeated multiplication,
 * e^-f by its alternating series. The error is below 2^-73, while neighbouring arguments differ by at least e^-32 2^-20 >
 * 2^-67: the result falls strictly where x grows, which the monotone reserve rests on.
 */
export function expNegative(x: bigint): bigint {
  if (x >= SATURATED) return 0n;
  const whole = x >> X_BITS;
  let result = series((x - (whole << X_BITS)) << (FRACTION_BITS - X_BITS));
  for (let i = 0n; i < whole; i++) result = (result * INVERSE_E) >> FRACTION_BITS;
  return result;
}

/** e^-f for f in [0, 1], both in units of 2^-80. */
function series(f: bigint): bigint {
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term > 0n; n++) {
    term = ((term * f) >> FRACTION_BITS) / n;
    sum += n % 2n === 1n ? -term : term;
  }
  return sum;
}

/** Who proved possession, by address group: what S is counted from. */
export interface ProofRecord {
  readonly addressGroup: string;
  /** Unix seconds. */
  readonly at: number;
}

/** A proof counts for a day. */
export const PROOF_WINDOW_SECONDS = 86_400;
const MAX_PROOFS = 256;

/**
 * Adds a valid proof of a prover with a funded channel. One record per address group, the latest; at most 256, which is more
 * than any price can tell apart.
 */
export function recordProof(records: readonly ProofRecord[], proof: ProofRecord): readonly ProofRecord[] {
  const kept = records.filter(
    ({ addressGroup, at }) => addressGroup !== proof.addressGroup && proof.at - at < PROOF_WINDOW_SECONDS,
  );
  return [...kept.slice(Math.max(0, kept.length - MAX_PROOFS + 1)), proof];
}

export function provenGroups(records: readonly ProofRecord[], now: number): number {
  return records.filter(({ at }) => now - at < PROOF_WINDOW_SECONDS).length;
}
