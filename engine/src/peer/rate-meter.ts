/** Bytes per second, averaged over about five seconds; fed by counters, so that the hot path only adds numbers. */
export class RateMeter {
  #last = 0;
  #at: number | undefined;
  #rate = 0;

  get bytesPerSecond(): number {
    return this.#rate;
  }

  /** Takes a counter's total at `now` (ms); call it about once a second. */
  sample(totalBytes: number, now: number): void {
    if (this.#at !== undefined && now > this.#at) {
      const instant = ((totalBytes - this.#last) * 1000) / (now - this.#at);
      const weight = this.#rate === 0 ? 1 : 0.3;
      this.#rate = this.#rate * (1 - weight) + instant * weight;
      if (this.#rate < 1) this.#rate = 0;
    }
    this.#last = totalBytes;
    this.#at = now;
  }
}
