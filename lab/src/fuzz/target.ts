/**
 * What a decoder looks like to the fuzzer, and what its checks are made of. Invariant: a corpus depends on nothing that ran
 * before, so that one decoder run alone gets the inputs it gets among all.
 */
import { isDeepStrictEqual } from "node:util";
import { EverseedError, ProtocolError, seededRandom } from "@everseed/core";

export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs to begin with: the decoder accepts each of them. */
  readonly corpus: () => readonly Uint8Array[];
  /** More to begin with, which the decoder may well refuse. */
  readonly refused?: () => readonly Uint8Array[];
  /** Throws `ProtocolError` or `EverseedError` when it refuses the input; any other error is a finding. */
  readonly run: (input: Uint8Array) => void;
}

/** True for an error by which a decoder may refuse what it reads. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError || error instanceof EverseedError;
}

/** Bytes without meaning: the same for the same length and number. */
export function sample(length: number, number = 1): Uint8Array {
  return seededRandom(number * 7_919 + length)(length);
}

/** Gives the input to several decoders. Refuses when all do; any other error comes through at once. */
export function anyOf(...decoders: readonly (() => unknown)[]): void {
  const refusals: unknown[] = [];
  for (const decode of decoders) {
    try {
      decode();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === decoders.length) throw refusals[0];
}

/** Throws a finding unless both are equal in depth. */
export function same(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what} does not read back as the same`);
}

/** Throws a finding unless the bytes are equal, whatever kind of array holds them. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) !== 0) throw new Error(`${what} does not encode to what it was read from`);
}
