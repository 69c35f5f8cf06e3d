/** Trees and proofs, against a plain second implementation and against what libtorrent answers over the wire. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { concat, fromHex, toHex } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  climbHashProof,
  createHashProof,
  HASH_BYTES,
  isValidRange,
  layerAbove,
  merkleRoot,
  nextPowerOfTwo,
  type ProofRange,
  paddingRoot,
  proofLayersToRoot,
  rootOfPieceLayer,
  treeHeight,
  uncleCount,
  verifyHashProof,
} from "./index.ts";

const sha = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest());
const zero = new Uint8Array(HASH_BYTES);
const leavesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => sha(Uint8Array.of(i, i >> 8)));

/** All layers of the padded tree, leaves first. */
function plainTree(leaves: readonly Uint8Array[]): Uint8Array[][] {
  const layers = [[...leaves, ...Array<Uint8Array>(nextPowerOfTwo(leaves.length) - leaves.length).fill(zero)]];
  for (let last = layers[0] as Uint8Array[]; last.length > 1; layers.push(last)) {
    last = Array.from({ length: last.length / 2 }, (_, i) =>
      sha(concat(last[2 * i] as Uint8Array, last[2 * i + 1] as Uint8Array)),
    );
  }
  return layers;
}
const rootOf = (leaves: readonly Uint8Array[]): string => toHex(plainTree(leaves).at(-1)?.[0] as Uint8Array);

describe("trees", () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 31, 33])("of %i leaves have the root of the padded tree", (count) => {
    const leaves = leavesOf(count);
    expect(toHex(merkleRoot(concat(...leaves), nextPowerOfTwo(count)))).toBe(rootOf(leaves));
  });

  it("of one leaf are that leaf, and of none are padding", () => {
    const [leaf] = leavesOf(1) as [Uint8Array];
    expect(merkleRoot(leaf, 1)).toEqual(leaf);
    expect(merkleRoot(new Uint8Array(), 4)).toEqual(paddingRoot(4));
    expect(paddingRoot(4)).toEqual(sha(concat(sha(concat(zero, zero)), sha(concat(zero, zero)))));
  });

  it.each([5, 8, 9, 12, 17])("of %i blocks have the same root by leaves and by piece layer", (count) => {
    const leaves = leavesOf(count);
    const layer: Uint8Array[] = [];
    for (let i = 0; i < count; i += 4) layer.push(merkleRoot(concat(...leaves.slice(i, i + 4)), 4));
    expect(toHex(rootOfPieceLayer(concat(...layer), 4))).toBe(rootOf(leaves));
  });

  it("refuse more hashes than they are wide", () => {
    expect(() => merkleRoot(concat(...leavesOf(3)), 2)).toThrow("Invariant broken");
  });
});

describe("hash proofs, as libtorrent answers", () => {
  const vectors = JSON.parse(readFileSync(new URL("../fixtures/hash-proofs.json", import.meta.url), "utf8"));
  const { lengthBytes } = vectors;
  const piecesRoot = fromHex(vectors.piecesRoot) as Uint8Array;
  const leaves: Uint8Array[] = [];
  for (let i = 0; i < 1100; i++) {
    const digest = createHash("sha256").update(`everseed${i}`).digest();
    const block = Buffer.concat(Array<Buffer>(512).fill(digest));
    leaves.push(sha(block.subarray(0, Math.min(16_384, lengthBytes - i * 16_384))));
  }
  const layers = [concat(...leaves), layerAbove(concat(...leaves), zero)];

  it.each(vectors.answers as (ProofRange & { count: number; sha256: string })[])(
    "layer $baseLayer, $length from $index, $proofLayers proof layers",
    ({ count, sha256, ...range }) => {
      const answer = createHashProof(layers[range.baseLayer] as Uint8Array, range, lengthBytes) as Uint8Array;
      expect(answer.length / HASH_BYTES).toBe(count);
      expect(toHex(sha(answer))).toBe(sha256);
      const full = range.proofLayers === proofLayersToRoot(lengthBytes, range.baseLayer);
      expect(verifyHashProof(answer, range, { piecesRoot, lengthBytes })).toBe(full);
    },
  );
});

describe("properties of proofs", () => {
  const cases = fc
    .record({
      blocks: fc.integer({ min: 2, max: 200 }),
      base: fc.nat(3),
      power: fc.integer({ min: 1, max: 6 }),
      at: fc.nat(),
      proof: fc.nat(8),
    })
    .map(({ blocks, base, power, at, proof }) => {
      const lengthBytes = blocks * 16_384 - 5;
      const baseLayer = Math.min(base, treeHeight(lengthBytes) - 1);
      const height = treeHeight(lengthBytes) - baseLayer;
      const length = 2 ** Math.min(power, height);
      const index = (at % Math.ceil(Math.ceil(blocks / 2 ** baseLayer) / length)) * length;
      return { blocks, lengthBytes, range: { baseLayer, index, length, proofLayers: Math.min(proof, height - 1) } };
    });

  it("a proof is the run and its uncles, and leads to the ancestor in the tree", () => {
    fc.assert(
      fc.property(cases, ({ blocks, lengthBytes, range }) => {
        const tree = plainTree(leavesOf(blocks));
        const { baseLayer, index, length } = range;
        const known = Math.ceil(blocks / 2 ** baseLayer);
        const layer = concat(...(tree[baseLayer] as Uint8Array[]).slice(0, known));
        const answer = createHashProof(layer, range, lengthBytes) as Uint8Array;
        expect(answer.length).toBe((length + uncleCount(range)) * HASH_BYTES);
        expect(toHex(answer.subarray(0, length * HASH_BYTES))).toBe(
          toHex(concat(...(tree[baseLayer] as Uint8Array[]).slice(index, index + length))),
        );
        const top = climbHashProof(answer, range);
        expect(toHex(top?.hash as Uint8Array)).toBe(
          toHex(tree[top?.layer as number]?.[top?.index as number] as Uint8Array),
        );
      }),
    );
  });

  it("a full proof verifies, and no longer when any bit of it is turned", () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(7), ({ blocks, lengthBytes, range }, byte, bit) => {
        const tree = plainTree(leavesOf(blocks));
        const full = { ...range, proofLayers: proofLayersToRoot(lengthBytes, range.baseLayer) };
        const known = Math.ceil(blocks / 2 ** range.baseLayer);
        const layer = concat(...(tree[range.baseLayer] as Uint8Array[]).slice(0, known));
        const answer = createHashProof(layer, full, lengthBytes) as Uint8Array;
        const file = { piecesRoot: tree.at(-1)?.[0] as Uint8Array, lengthBytes };
        expect(verifyHashProof(answer, full, file)).toBe(true);
        answer[byte % answer.length] = (answer[byte % answer.length] as number) ^ (1 << bit);
        expect(verifyHashProof(answer, full, file)).toBe(false);
      }),
    );
  });

  it("a range that begins behind the last block is refused: it would be padding alone", () => {
    const layer = concat(...leavesOf(9));
    const range = { baseLayer: 0, length: 2, proofLayers: 0 };
    expect(createHashProof(layer, { ...range, index: 8 }, 9 * 16_384)).toBeDefined();
    expect(createHashProof(layer, { ...range, index: 10 }, 9 * 16_384)).toBeUndefined();
  });

  it.each([
    { baseLayer: 0, index: 1, length: 2, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 3, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 1, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 0, proofLayers: 0 },
    { baseLayer: 0, index: 16, length: 2, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 32, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 2, proofLayers: 4 },
    { baseLayer: 4, index: 0, length: 2, proofLayers: 0 },
    { baseLayer: 4_294_967_295, index: 0, length: 2, proofLayers: 0 },
    { baseLayer: 0, index: 4_294_967_294, length: 2, proofLayers: 0 },
    { baseLayer: 0, index: 0, length: 2 ** 31, proofLayers: 4_294_967_295 },
  ])("ranges outside a tree of 16 leaves are refused: %j", (range) => {
    expect(isValidRange(range, 16 * 16_384)).toBe(false);
    expect(createHashProof(new Uint8Array(16 * HASH_BYTES), range, 16 * 16_384)).toBeUndefined();
  });
});
