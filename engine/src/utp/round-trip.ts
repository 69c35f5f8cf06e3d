/** How long to wait for an acknowledgement (BEP 29): mean and variance of the round trip, doubled after each silence. */

const LEAST_MS = 500;
const MOST_MS = 15_000;
const INITIAL_MS = 1_000;

export class RoundTrip {
  #meanMs = 0;
  #varianceMs = 0;
  #timeoutMs = INITIAL_MS;
  #doublings = 0;

  get timeoutMs(): number {
    return Math.min(MOST_MS, this.#timeoutMs * 2 ** this.#doublings);
  }

  /** 0 before the first sample. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** Of a packet that was sent once: an answer to one that was sent twice may be to either. */
  sample(tookMs: number): void {
    if (this.#meanMs === 0) {
      this.#meanMs = tookMs;
      this.#varianceMs = tookMs / 2;
    } else {
      this.#varianceMs += (Math.abs(this.#meanMs - tookMs) - this.#varianceMs) / 4;
      this.#meanMs += (tookMs - this.#meanMs) / 8;
    }
    this.#timeoutMs = Math.max(LEAST_MS, this.#meanMs + 4 * this.#varianceMs);
  }

  timedOut(): void {
    this.#doublings++;
  }

  progressed(): void {
    this.#doublings = 0;
  }
}
