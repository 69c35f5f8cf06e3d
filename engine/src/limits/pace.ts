/** At most so many times in any stretch of so long: for what strangers may make us do. Memory is bounded by the count. */

export class Pace {
  readonly #most: number;
  readonly #windowMs: number;
  /** When it happened, oldest first; within the window. */
  readonly #times: number[] = [];

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Whether once more is allowed at `now` (ms); if so, it is counted. */
  take(now: number): boolean {
    while (this.#times.length > 0 && now - (this.#times[0] as number) >= this.#windowMs) this.#times.shift();
    if (this.#times.length >= this.#most) return false;
    this.#times.push(now);
    return true;
  }
}
