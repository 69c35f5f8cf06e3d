/** Bytes per second, averaged over about three seconds; fed by counters, so that the hot path only adds numbers. */

/** Samples that come sooner add nothing but noise. */
const MIN_INTERVAL_MS = 200;
const AVERAGE_MS = 3_000;

export class RateMeter {
  #last = 0;
  #at: number;
  #rate = 0;
  #samples = 0;

  /** Counting begins at `startedAt` (ms) with a total of 0. */
  constructor(startedAt: number) {
    this.#at = startedAt;
  }

  get bytesPerSecond(): number {
    return this.#rate;
  }

  /** Takes a counter's total at `now` (ms); call it once a second, and before the rate is shown. */
  sample(totalBytes: number, now: number): void {
    const elapsedMs = now - this.#at;
    if (elapsedMs < MIN_INTERVAL_MS) return;
    const instant = ((totalBytes - this.#last) * 1000) / elapsedMs;
    const weight = this.#samples++ === 0 || this.#rate === 0 ? 1 : Math.min(1, elapsedMs / AVERAGE_MS);
    this.#rate = this.#rate * (1 - weight) + instant * weight;
    if (this.#rate < 1) this.#rate = 0;
    this.#last = totalBytes;
    this.#at = now;
  }
}
