/**
 * The prices of a step that one connection saw, where the market moves them. A lane that was signed at a price may pay what
 * was served until the price rose above it, and no more, whenever its voucher comes.
 */

/** A lane signed at an earlier price may be under way when the price changes; the prices of so many changes count. */
const REMEMBERED_PRICES = 4;

interface Step {
  readonly unit: bigint;
  /** Cheaper lanes pay so much of the connection in all. Bytes. */
  readonly boundBytes: number;
}

export class PriceHistory {
  #steps: readonly Step[];

  constructor(unit: bigint) {
    this.#steps = [{ unit, boundBytes: 0 }];
  }

  /** Nano base units a step, as everything here. */
  get present(): bigint {
    return (this.#steps.at(-1) as Step).unit;
  }

  get least(): bigint {
    return this.#steps.reduce((least, { unit }) => (unit < least ? unit : least), this.present);
  }

  get most(): bigint {
    return this.#steps.reduce((most, { unit }) => (unit > most ? unit : most), this.present);
  }

  change(unit: bigint, boundBytes: number): void {
    this.#steps = [...this.#steps, { unit, boundBytes }].slice(-REMEMBERED_PRICES);
  }

  /** What a lane of this price may pay of the connection in all; undefined: it covers the present price. Bytes. */
  boundOf(laneUnit: bigint): number | undefined {
    const covered = this.#steps.findLastIndex(({ unit }) => unit <= laneUnit);
    return this.#steps[covered + 1]?.boundBytes;
  }
}
