/**
 * The hashes that peers exchange (BEP 52, messages 21 to 23): a run of one layer of a file's tree, then its uncles, so that
 * the receiver can compute an ancestor it already trusts. Invariant: a run is a whole subtree (its length is a power of two
 * and divides its index), so each layer above the run's own root needs one uncle; those below it are computed from the run
 * and never sent. `proofLayers` counts from the base layer, hence uncles = proofLayers - log2(length) + 1, at least none.
 */
import { equalBytes } from "@everseed/core";
import { HASH_BYTES, hashPair, layerWithProof, merkleRoot, nextPowerOfTwo, paddingRoot } from "./merkle.ts";
import { BLOCK_BYTES } from "./types.ts";

/** What a hash request names, besides the file. */
export interface ProofRange {
  /** Layers above the leaves: 0 for leaves, log2(blocks per piece) for the piece layer. */
  readonly baseLayer: number;
  /** Of the first hash in its layer; a multiple of `length`. */
  readonly index: number;
  /** A power of two of at least 2. */
  readonly length: number;
  /** Layers above the base layer that the answer must prove. */
  readonly proofLayers: number;
}

/** A node of a file's tree. */
export interface TreeNode {
  /** Layers above the leaves. */
  readonly layer: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** Layers above the leaves at which the root of a file lies. */
export function treeHeight(fileBytes: number): number {
  return Math.log2(nextPowerOfTwo(Math.ceil(fileBytes / BLOCK_BYTES)));
}

/** `proofLayers` that make an answer reach the file's root: the root itself is never sent. */
export function proofLayersToRoot(fileBytes: number, baseLayer: number): number {
  return Math.max(0, treeHeight(fileBytes) - baseLayer - 1);
}

/** Uncles after the run in an answer. */
export function uncleCount(range: ProofRange): number {
  return Math.max(0, range.proofLayers - Math.log2(range.length) + 1);
}

/** True when the range is a whole subtree inside a tree of this file, and its proof does not climb past the root. */
export function isValidRange(range: ProofRange, fileBytes: number): boolean {
  const { baseLayer, index, length, proofLayers } = range;
  if (![baseLayer, index, length, proofLayers].every((n) => Number.isSafeInteger(n) && n >= 0)) return false;
  const height = treeHeight(fileBytes);
  if (length < 2 || nextPowerOfTwo(length) !== length || index % length !== 0) return false;
  if (baseLayer >= height || proofLayers >= height - baseLayer) return false;
  return index + length <= 2 ** (height - baseLayer);
}

/**
 * Answers a request: the run followed by its uncles, lowest first. `layer` holds all hashes of the base layer that the file
 * has; padding is added. `undefined` when the range is not one of the file's, or begins in the padding.
 */
export function createHashProof(layer: Uint8Array, range: ProofRange, fileBytes: number): Uint8Array | undefined {
  const { baseLayer, index } = range;
  const blocks = Math.ceil(fileBytes / BLOCK_BYTES);
  const known = Math.ceil(blocks / 2 ** baseLayer);
  if (!isValidRange(range, fileBytes) || layer.length !== known * HASH_BYTES || index >= known) return undefined;
  return layerWithProof(layer, range, paddingRoot(2 ** baseLayer));
}

/**
 * The ancestor that an answer computes: the root of the run when there are no uncles. The caller compares it with a node it
 * trusts. `undefined` when the answer has not the length that the request implies.
 */
export function climbHashProof(hashes: Uint8Array, range: ProofRange): TreeNode | undefined {
  const { baseLayer, length } = range;
  const uncles = uncleCount(range);
  if (length < 1 || nextPowerOfTwo(length) !== length || range.index % length !== 0) return undefined;
  if (hashes.length !== (length + uncles) * HASH_BYTES) return undefined;
  let hash = merkleRoot(hashes.subarray(0, length * HASH_BYTES), length);
  let index = range.index / length;
  for (let i = 0; i < uncles; i++) {
    const uncle = hashes.subarray((length + i) * HASH_BYTES, (length + i + 1) * HASH_BYTES);
    hash = index % 2 === 0 ? hashPair(hash, uncle) : hashPair(uncle, hash);
    index = Math.floor(index / 2);
  }
  return { layer: baseLayer + Math.log2(length) + uncles, index, hash };
}

/** True when the answer to `range` proves its hashes up to the file's root. */
export function verifyHashProof(
  hashes: Uint8Array,
  range: ProofRange,
  file: { readonly piecesRoot: Uint8Array; readonly lengthBytes: number },
): boolean {
  if (!isValidRange(range, file.lengthBytes)) return false;
  const top = climbHashProof(hashes, range);
  return top !== undefined && top.layer === treeHeight(file.lengthBytes) && equalBytes(top.hash, file.piecesRoot);
}
