/**
 * Who goes first where the upload is scarce: peers whose slot was bought. While one of them waits for the rate limit, all
 * others together get at most a quarter of the bytes, and never nothing: barter and optimistic slots stay worth something.
 */

/** Bytes of buyers for each byte of others, while a buyer waits. */
const BUYERS_WEIGHT = 3;
/** What is remembered of the past: a few seconds of a home line. */
const WINDOW_BYTES = 1 << 20;

export class UploadShare {
  readonly #waiting = new Set<object>();
  #bought = 0;
  #free = 0;

  /** Whether the peer may take its turn at the limit now. */
  mayServe(sold: boolean): boolean {
    return sold || this.#waiting.size === 0 || this.#free * BUYERS_WEIGHT <= this.#bought;
  }

  /** A buyer that has requests and found the limit used up. */
  waits(peer: object): void {
    this.#waiting.add(peer);
  }

  /** It has nothing to ask for any more, or its slot is gone. */
  rests(peer: object): void {
    this.#waiting.delete(peer);
  }

  served(sold: boolean, bytes: number): void {
    if (sold) this.#bought += bytes;
    else this.#free += bytes;
    if (this.#bought + this.#free < WINDOW_BYTES) return;
    this.#bought /= 2;
    this.#free /= 2;
  }
}
