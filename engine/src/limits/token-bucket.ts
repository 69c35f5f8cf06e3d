/**
 * A rate limit in bytes per second. A bucket holds at most one quarter second of tokens (and always one block), so a
 * limit is met within a second and bursts stay short. `undefined` rates never limit.
 */
import { BLOCK_BYTES } from "@everseed/metainfo";

export class TokenBucket {
  #rate: number | undefined;
  #tokens = 0;
  #at: number;

  /** `rateBytesPerSecond` undefined: no limit. `now` in milliseconds. */
  constructor(rateBytesPerSecond: number | undefined, now: number) {
    this.#rate = rateBytesPerSecond;
    this.#at = now;
    this.#tokens = this.#capacity;
  }

  get #capacity(): number {
    return this.#rate === undefined ? 0 : Math.max(BLOCK_BYTES, this.#rate / 4);
  }

  setRate(rateBytesPerSecond: number | undefined, now: number): void {
    this.#refill(now);
    this.#rate = rateBytesPerSecond;
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #refill(now: number): void {
    if (this.#rate !== undefined) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#at) * this.#rate) / 1000);
    }
    this.#at = now;
  }

  /** Takes `bytes` when at least one byte is there (the debt is paid off later); false means: come back in `waitMs`. */
  take(bytes: number, now: number): boolean {
    if (this.#rate === undefined) return true;
    this.#refill(now);
    if (this.#tokens <= 0) return false;
    this.#tokens -= bytes;
    return true;
  }

  /** Milliseconds until `take` can succeed. */
  waitMs(now: number): number {
    if (this.#rate === undefined) return 0;
    this.#refill(now);
    return this.#tokens > 0 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / Math.max(1, this.#rate));
  }
}
