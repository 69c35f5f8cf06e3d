/**
 * How a seed's scarce upload is shared out: while a peer whose slot was bought waits for the rate limit, buyers together get
 * three fifths of the bytes. All of them would be the specification by the letter, and slowed plain clients of small swarms
 * down by a fifth (`lab market-fair`, docs/market.md). Of torrents that we still download all slots are alike: there
 * the others give us something too.
 */

const [BUYERS_PARTS, OTHERS_PARTS] = [3, 2];
/** What is remembered of the past: a few seconds of a home line. */
const WINDOW_BYTES = 1 << 20;

export class UploadShare {
  readonly #waiting = new Set<object>();
  #bought = 0;
  #free = 0;

  /** Whether the peer may take its turn at the limit now. */
  mayServe(sold: boolean): boolean {
    return sold || this.#waiting.size === 0 || this.#free * BUYERS_PARTS <= this.#bought * OTHERS_PARTS;
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
