import { seededRandom } from "@everseed/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RarityIndex } from "./rarity-index.ts";

const N = 40;
const anyStep = fc.record({
  piece: fc.integer({ min: 0, max: N - 1 }),
  priority: fc.integer({ min: 0, max: 7 }),
  copies: fc.integer({ min: 0, max: 100 }),
});

test("whatever is put and removed: what may be begun comes by priority, then by copies, each piece once", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), fc.integer(), (steps, seed) => {
      const index = new RarityIndex(N, seededRandom(seed));
      const model = new Map<number, { priority: number; copies: number }>();
      for (const { piece, priority, copies } of steps) {
        index.put(piece, priority, copies);
        if (priority === 0) model.delete(piece);
        else model.set(piece, { priority, copies: Math.min(copies, 63) });
      }
      expect(index.size).toBe(model.size);
      const order: number[] = [];
      index.first((piece) => {
        order.push(piece);
        return false;
      });
      expect([...order].sort((a, b) => a - b)).toEqual([...model.keys()].sort((a, b) => a - b));
      const rank = (piece: number): number => {
        const { priority, copies } = model.get(piece) as { priority: number; copies: number };
        return (7 - priority) * 64 + copies;
      };
      for (let i = 1; i < order.length; i++)
        expect(rank(order[i - 1] as number)).toBeLessThanOrEqual(rank(order[i] as number));
      for (let piece = 0; piece < N; piece++) expect(index.has(piece)).toBe(model.has(piece));
    }),
  );
});

test("equally rare pieces come in another order for another client", () => {
  const order = (seed: number): number[] => {
    const index = new RarityIndex(200, seededRandom(seed));
    for (let piece = 0; piece < 200; piece++) index.put(piece, 4, 1);
    const out: number[] = [];
    index.first((piece) => {
      out.push(piece);
      return false;
    });
    return out;
  };
  expect(order(1)).not.toEqual(order(2));
  expect(order(1)).toEqual(order(1));
});
