/**
 * BEP 52 hash trees: leaves are SHA-256 of 16 KiB blocks, the tree is binary, and missing leaves are 32 zero bytes.
 * Hashes are concatenated 32-byte strings throughout.
 */
import { concat, sha256 } from "@everseed/core";

export const HASH_BYTES = 32;

export function nextPowerOfTwo(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/** Root of a subtree of `width` leaves that all are padding; `width` is a power of two. */
export function paddingRoot(width: number, leaf: Uint8Array = new Uint8Array(HASH_BYTES)): Uint8Array {
  let node = leaf;
  for (let w = 1; w < width; w *= 2) node = hashPair(node, node);
  return node;
}

/**
 * Root over `hashes`, padded to `width` (a power of two, at least their number) with `padding`, which is the zero leaf
 * unless the hashes are of a higher layer.
 */
export function merkleRoot(
  hashes: Uint8Array,
  width: number,
  padding: Uint8Array = new Uint8Array(HASH_BYTES),
): Uint8Array {
  let layer: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) layer.push(hashes.subarray(at, at + HASH_BYTES));
  let pad = padding;
  for (let w = width; w > 1; w /= 2) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < layer.length; i += 2) above.push(hashPair(layer[i] as Uint8Array, layer[i + 1] ?? pad));
    layer = above;
    pad = hashPair(pad, pad);
  }
  return layer[0] ?? pad;
}

/** Root of a file's tree from its piece layer; `blocksPerPiece` sizes the padding. */
export function rootOfPieceLayer(pieceLayer: Uint8Array, blocksPerPiece: number): Uint8Array {
  return merkleRoot(pieceLayer, nextPowerOfTwo(pieceLayer.length / HASH_BYTES), paddingRoot(blocksPerPiece));
}

/**
 * Answers a BEP 52 hash request on one layer: `length` hashes from `index`, then the uncles that lead from their common
 * ancestor upwards, `proofLayers` counted from the base layer. Missing hashes are `padding`. `undefined` when the range
 * is outside the layer.
 */
export function layerWithProof(
  layer: Uint8Array,
  range: { readonly index: number; readonly length: number; readonly proofLayers: number },
  padding: Uint8Array,
): Uint8Array | undefined {
  const count = layer.length / HASH_BYTES;
  const width = Math.max(nextPowerOfTwo(count), range.length);
  if (range.index + range.length > width || range.proofLayers > 64) return undefined;
  const at = (i: number): Uint8Array => (i < count ? layer.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) : padding);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < range.length; i++) parts.push(at(range.index + i));
  const skipped = Math.log2(range.length);
  for (let level = skipped, span = range.length; level < range.proofLayers && span < width; level++, span *= 2) {
    const sibling = (Math.floor(range.index / span) ^ 1) * span;
    const hashes: Uint8Array[] = [];
    for (let i = 0; i < span; i++) hashes.push(at(sibling + i));
    parts.push(merkleRoot(concat(...hashes), span));
  }
  return concat(...parts);
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH_BYTES);
  both.set(left);
  both.set(right, HASH_BYTES);
  return sha256(both);
}
