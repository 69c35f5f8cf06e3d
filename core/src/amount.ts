/**
 * Money. An amount is a bigint in base units of one token (USDC: 10^-6). A price is an exact integer too:
 * nano base units (10^-9 of a base unit) per byte would still lose digits, so a `Price` is base units per GiB, and the
 * price of one payment unit of n bytes is rounded once, to nano base units, by `unitPriceNano`.
 */
import { EverseedError } from "./errors.ts";

/** Nano base units in one base unit: the fixed point in which lanes and vouchers count (docs/spec/channels.md). */
export const NANO = 1_000_000_000n;
export const GIB = 1n << 30n;

export interface Token {
  /** Lower-case 0x address; the zero address is the chain's own coin. */
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** Base units per GiB. */
export type Price = bigint;

const AMOUNT = /^(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Reads an amount as people write it, `0.50`, in tokens.
 * Throws EverseedError `amount-syntax` or `amount-precision`.
 */
export function parseAmount(text: string, decimals: number): bigint {
  const match = AMOUNT.exec(text.trim());
  if (!match) {
    throw new EverseedError(
      "amount-syntax",
      `Cannot read the amount ${JSON.stringify(text)}: expected a number like 0.50`,
      {
        hint: "Write digits with a point, without sign, exponent or unit.",
      },
    );
  }
  const whole = match[1] as string;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) {
    throw new EverseedError(
      "amount-precision",
      `Cannot read the amount ${text}: the token has ${decimals} decimals, received ${fraction.length}`,
    );
  }
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** Writes an amount in tokens, without trailing zeros but with at least two decimals where the token has them. */
export function formatAmount(amount: bigint, decimals: number): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  const shown = decimals === 0 ? "" : `.${fraction.padEnd(Math.min(2, decimals), "0")}`;
  return `${sign}${whole}${shown}`;
}

/** Reads `0.01/GiB` (also /MiB, /TiB, /GB; a bare amount means per GiB) as base units per GiB. Throws `price-syntax`. */
export function parsePrice(text: string, decimals: number): Price {
  const [amountText, unit = "GiB", more] = text.trim().split("/");
  const bytes = { mib: 1n << 20n, gib: GIB, tib: 1n << 40n, mb: 10n ** 6n, gb: 10n ** 9n, tb: 10n ** 12n }[
    unit.trim().toLowerCase()
  ];
  if (bytes === undefined || more !== undefined || amountText === undefined) {
    throw new EverseedError(
      "price-syntax",
      `Cannot read the price ${JSON.stringify(text)}: expected an amount per size`,
      {
        hint: "Write it like 0.01/GiB; sizes are MiB, GiB, TiB, MB, GB and TB.",
      },
    );
  }
  return (parseAmount(amountText, decimals) * GIB) / bytes;
}

/** Price of `unitBytes` bytes in nano base units, rounded down (at most one part in 10^5 at 0.01 USDC a GiB). */
export function unitPriceNano(price: Price, unitBytes: number): bigint {
  return (price * NANO * BigInt(unitBytes)) / GIB;
}
