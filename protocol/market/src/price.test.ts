/** Prices: one unit, and rounding that favours nobody by accident. */
import { parsePrice, unitPriceNano } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dearer,
  higher,
  laneUnit,
  MAX_PRICE,
  type Price,
  priceFromPerGib,
  priceOfLaneUnit,
  pricePerGib,
  toPrice,
} from "./price.ts";

const perGib = fc.bigInt({ min: 0n, max: 10n ** 20n });
const anyPrice = fc.bigInt({ min: 0n, max: MAX_PRICE / 2n }).map(toPrice);
const unitBytes = fc.integer({ min: 1, max: 1 << 28 });

test.each([
  ["0.01/GiB", 10_000n, 9_765_625n, 9_765_625n, 152_587_890n],
  ["0.000001/GiB", 1n, 976n, 977n, 15_250n],
  ["1/GiB", 1_000_000n, 976_562_500n, 976_562_500n, 15_258_789_062n],
  ["0/GiB", 0n, 0n, 0n, 0n],
])("%s", (text, base, down, up, unit) => {
  expect(parsePrice(text, 6)).toBe(base);
  expect(priceFromPerGib(base, "down")).toBe(down);
  expect(priceFromPerGib(base, "up")).toBe(up);
  expect(laneUnit(toPrice(down), 16_384)).toBe(unit);
});

test("an amount per GiB comes back from the price, whichever way it was rounded", () => {
  fc.assert(
    fc.property(perGib, fc.constantFrom("down" as const, "up" as const), (base, rounding) => {
      expect(pricePerGib(priceFromPerGib(base, rounding))).toBe(base);
    }),
  );
});

test("a limit rounds down and a reserve up, by less than one", () => {
  fc.assert(
    fc.property(perGib, (base) => {
      const [down, up] = [priceFromPerGib(base, "down"), priceFromPerGib(base, "up")];
      expect(down * 1_024n).toBeLessThanOrEqual(base * 1_000_000n);
      expect(up * 1_024n).toBeGreaterThanOrEqual(base * 1_000_000n);
      expect(up - down).toBeLessThanOrEqual(1n);
    }),
  );
});

test("a lane's unit never costs more than the price, nor more than core's unit price of the same amount", () => {
  fc.assert(
    fc.property(anyPrice, unitBytes, (price, bytes) => {
      expect(laneUnit(price, bytes) << 20n).toBeLessThanOrEqual(price * 1_000n * BigInt(bytes));
    }),
  );
  fc.assert(
    fc.property(perGib, unitBytes, (base, bytes) => {
      expect(laneUnit(priceFromPerGib(base, "down"), bytes)).toBeLessThanOrEqual(unitPriceNano(base, bytes));
    }),
  );
});

test("the price of a lane's unit is the least that allows it", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), unitBytes, (unit, bytes) => {
      const price = priceOfLaneUnit(unit, bytes);
      expect(laneUnit(price, bytes)).toBeGreaterThanOrEqual(unit);
      if (price > 0n) expect(laneUnit((price - 1n) as Price, bytes)).toBeLessThan(unit);
    }),
  );
});

describe("bounds", () => {
  test("a price outside its range is refused by name", () => {
    for (const value of [-1n, MAX_PRICE + 1n]) expect(() => toPrice(value)).toThrow(/expected 0 to/);
    expect(laneUnit(MAX_PRICE, 1 << 28)).toBeLessThan(1n << 128n);
  });
  test("order", () => {
    expect([3n, 1n, 2n].map(toPrice).sort(dearer)).toEqual([3n, 2n, 1n]);
    expect(higher(toPrice(1n), toPrice(2n))).toBe(2n);
  });
});
