/**
 * Keyed proof that a peer holds blocks of a torrent. The hash of a block is no proof: BEP 52 hands leaf hashes to anybody,
 * and a one-block piece has the same flaw in v1. So the answer is an HMAC over the blocks themselves, under a key that is
 * fresh and names both sides: it cannot be precomputed, replayed, or answered from hashes.
 *
 * The verifier chooses blocks that it has not uploaded lately, by a secret, so that a prover cannot keep only what it was
 * just sent. Fetching the blocks from a third party in time is not prevented: a copy was reachable then.
 */
import { type Address, addressBytes, bigintToBytes, concat, hmacSha256, ProtocolError } from "@everseed/core";

export const CHALLENGE_BLOCKS = 8;
/** What reading and hashing one block may take beyond the round trip. */
const BLOCK_MS = 5;
/** Draws before the choice is given up: nearly everything was uploaded lately. */
const MAX_DRAWS = 512;

export interface BlockChoice {
  /** 32 bytes known to the verifier alone. */
  readonly secret: Uint8Array;
  /** 20 bytes: the torrent's name on the wire. */
  readonly infoHash: Uint8Array;
  /** Never used twice with one secret. */
  readonly counter: bigint;
  /** 16 KiB blocks of the torrent, padding left out. */
  readonly blockCount: number;
  /** True for a block that we uploaded lately, to anybody. */
  readonly recentlyUploaded: (block: number) => boolean;
}

/**
 * Indices of up to 8 distinct blocks, in the order of the answer. `undefined` when there are none to ask for: the torrent is
 * empty, or nearly all of it was uploaded lately.
 */
export function chooseBlocks(choice: BlockChoice): readonly number[] | undefined {
  const wanted = Math.min(CHALLENGE_BLOCKS, choice.blockCount);
  const name = concat(choice.infoHash, bigintToBytes(choice.counter, 8));
  const chosen = new Set<number>();
  for (let draw = 0; draw < MAX_DRAWS && chosen.size < wanted; ) {
    const bits = hmacSha256(choice.secret, concat(name, bigintToBytes(BigInt(draw), 4)));
    const view = new DataView(bits.buffer, bits.byteOffset);
    for (let at = 0; at < 32 && chosen.size < wanted; at += 8, draw++) {
      const block = Number(view.getBigUint64(at) % BigInt(choice.blockCount));
      if (!choice.recentlyUploaded(block)) chosen.add(block);
    }
  }
  return wanted > 0 && chosen.size === wanted ? [...chosen] : undefined;
}

export interface PossessionChallenge {
  /** 32 random bytes, new for each challenge. */
  readonly nonce: Uint8Array;
  readonly blocks: readonly number[];
}

export interface PossessionParties {
  readonly infoHash: Uint8Array;
  readonly verifier: Address;
  readonly prover: Address;
}

/** HMAC-SHA-256(key = nonce || verifier || prover || infohash, the blocks in order). 32 bytes. */
export function possessionAnswer(
  nonce: Uint8Array,
  { infoHash, verifier, prover }: PossessionParties,
  blocks: readonly Uint8Array[],
): Uint8Array {
  return hmacSha256(concat(nonce, addressBytes(verifier), addressBytes(prover), infoHash), concat(...blocks));
}

/** When the answer is due. Milliseconds of the clock of `sentAt`. */
export function possessionDeadline(sentAt: number, roundTripMs: number, blocks: number): number {
  return sentAt + roundTripMs + BLOCK_MS * blocks;
}

export interface PossessionCheck extends PossessionParties {
  readonly challenge: PossessionChallenge;
  readonly sentAt: number;
  readonly roundTripMs: number;
  readonly receivedAt: number;
  /** The challenge's blocks in order, from our own copy. */
  readonly blocks: readonly Uint8Array[];
}

/** Throws `ProtocolError` `possession-late` or `possession-answer`. The signature is checked by `checkPossessionSigner`. */
export function checkAnswer(answer: Uint8Array, check: PossessionCheck): void {
  const due = possessionDeadline(check.sentAt, check.roundTripMs, check.challenge.blocks.length);
  if (check.receivedAt > due)
    throw new ProtocolError(
      "possession-late",
      "possession proof",
      `an answer within ${due - check.sentAt} ms`,
      `${check.receivedAt - check.sentAt} ms`,
    );
  const expected = possessionAnswer(check.challenge.nonce, check, check.blocks);
  if (!sameSecret(expected, answer))
    throw new ProtocolError("possession-answer", "possession proof", "the digest of the blocks", "another one");
}

/** Takes the same time wherever the first difference lies. */
function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [i, byte] of a.entries()) difference |= byte ^ (b[i] ?? 0);
  return difference === 0;
}
