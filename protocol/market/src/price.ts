/**
 * The market's one unit of price: whole micro base units (10^-6 of a token's base unit) per MiB. People write base units
 * per GiB, a lane counts nano base units per unit of data (docs/adr/0002); both conversions are here and nowhere else, so
 * that no rule ever mixes units. Every rounding is named: a buyer's limit and what is charged round down, a reserve up.
 */
import { EverseedError } from "@everseed/core";

declare const unit: unique symbol;
/** Micro base units per MiB, from 0 to `MAX_PRICE`. */
export type Price = bigint & { readonly [unit]: "micro base units per MiB" };

/** Keeps the price of a unit of 256 MiB within the lane's uint128. */
export const MAX_PRICE = ((1n << 96n) - 1n) as Price;
export const ZERO_PRICE = 0n as Price;

const MICRO = 1_000_000n;
const NANO_PER_MICRO = 1_000n;
const MIB = 1n << 20n;
const MIB_PER_GIB = 1_024n;

/** Throws EverseedError `price-range`. */
export function toPrice(microPerMib: bigint): Price {
  if (microPerMib < 0n || microPerMib > MAX_PRICE)
    throw new EverseedError(
      "price-range",
      `Cannot take the price: expected 0 to ${MAX_PRICE} micro base units per MiB, received ${microPerMib}`,
    );
  return microPerMib as Price;
}

/** From base units per GiB. A limit or a bid rounds `down`, a reserve rounds `up`. Throws EverseedError `price-range`. */
export function priceFromPerGib(basePerGib: bigint, rounding: "down" | "up"): Price {
  const scaled = basePerGib * MICRO;
  return toPrice(rounding === "down" ? scaled / MIB_PER_GIB : (scaled + MIB_PER_GIB - 1n) / MIB_PER_GIB);
}

/** Base units per GiB, to the nearest: gives back exactly what `priceFromPerGib` was given, whichever way it rounded. */
export function pricePerGib(price: Price): bigint {
  return (price * MIB_PER_GIB + MICRO / 2n) / MICRO;
}

/** A lane's `unit` for steps of `unitBytes`: nano base units, rounded down, so that nobody pays more than the price. */
export function laneUnit(price: Price, unitBytes: number): bigint {
  return (price * NANO_PER_MICRO * BigInt(unitBytes)) / MIB;
}

/** The least price that allows a lane's `unit`, so that `laneUnit` of it gives at least `unit`. Throws `price-range`. */
export function priceOfLaneUnit(nanoPerUnit: bigint, unitBytes: number): Price {
  const perUnit = NANO_PER_MICRO * BigInt(unitBytes);
  return toPrice((nanoPerUnit * MIB + perUnit - 1n) / perUnit);
}

export function higher(a: Price, b: Price): Price {
  return a > b ? a : b;
}

/** For sorting, dearest first. */
export function dearer(a: Price, b: Price): number {
  return a === b ? 0 : a > b ? -1 : 1;
}
