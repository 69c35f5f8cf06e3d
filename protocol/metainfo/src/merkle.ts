/**
 * BEP 52 hash trees: leaves are SHA-256 of 16 KiB blocks, the tree is binary, and missing leaves are 32 zero bytes.
 * Hashes are concatenated 32-byte strings throughout, so that a layer of a million costs one buffer.
 */
import { assert, concat, sha256 } from "@everseed/core";

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
  assert(hashes.length % HASH_BYTES === 0 && hashes.length <= width * HASH_BYTES, "a layer fits its tree");
  let layer = hashes;
  let pad = padding;
  for (let w = width; w > 1; w /= 2) {
    layer = layerAbove(layer, pad);
    pad = hashPair(pad, pad);
  }
  return layer.length === 0 ? pad : layer;
}

/** The layer of parents; an odd last node is paired with `padding`. */
export function layerAbove(layer: Uint8Array, padding: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(layer.length / (2 * HASH_BYTES)) * HASH_BYTES);
  for (let from = 0, to = 0; from < layer.length; from += 2 * HASH_BYTES, to += HASH_BYTES) {
    const pair = layer.subarray(from, from + 2 * HASH_BYTES);
    out.set(pair.length === 2 * HASH_BYTES ? sha256(pair) : hashPair(pair, padding), to);
  }
  return out;
}

/** Root of a file's tree from its piece layer; `blocksPerPiece` sizes the padding. */
export function rootOfPieceLayer(pieceLayer: Uint8Array, blocksPerPiece: number): Uint8Array {
  return merkleRoot(pieceLayer, nextPowerOfTwo(pieceLayer.length / HASH_BYTES), paddingRoot(blocksPerPiece));
}

/**
 * Answers a BEP 52 hash request on one layer: `length` hashes (a power of two) from `index`, then the uncles that lead from
 * their common ancestor upwards. `proofLayers` counts from the base layer, and layers that follow from the hashes
 * themselves get no uncle: proofLayers - log2(length) + 1 of them. Missing hashes are `padding`. `undefined` when the range
 * is outside the layer.
 */
export function layerWithProof(
  layer: Uint8Array,
  range: { readonly index: number; readonly length: number; readonly proofLayers: number },
  padding: Uint8Array,
): Uint8Array | undefined {
  const { index, length, proofLayers } = range;
  const width = Math.max(nextPowerOfTwo(layer.length / HASH_BYTES), length);
  if (index + length > width || proofLayers > 64) return undefined;
  const parts = [slicePadded(layer, index, length, padding)];
  const ownLayers = Math.log2(length);
  let above = layer;
  let pad = padding;
  for (let level = 0; level < proofLayers && width / 2 ** (level + 1) > 1; ) {
    above = layerAbove(above, pad);
    pad = hashPair(pad, pad);
    level++;
    // From the ancestor of the whole range upwards, each node's sibling is an uncle.
    if (level >= ownLayers) parts.push(slicePadded(above, Math.floor(index / 2 ** level) ^ 1, 1, pad));
  }
  return concat(...parts);
}

function slicePadded(layer: Uint8Array, index: number, count: number, pad: Uint8Array): Uint8Array {
  const out = new Uint8Array(count * HASH_BYTES);
  const known = layer.subarray(index * HASH_BYTES, (index + count) * HASH_BYTES);
  out.set(known);
  for (let at = known.length; at < out.length; at += HASH_BYTES) out.set(pad, at);
  return out;
}

/** The parent of two nodes. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH_BYTES);
  both.set(left);
  both.set(right, HASH_BYTES);
  return sha256(both);
}
