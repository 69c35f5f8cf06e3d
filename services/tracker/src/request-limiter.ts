/**
 * How often one address may ask: a token bucket each. Memory is bounded: the address that was quiet longest is forgotten,
 * and starts with a full bucket again.
 */
import { networkOf } from "./network.ts";

const MAX_ADDRESSES = 100_000;
const MINUTE_MS = 60_000;

interface Bucket {
  tokens: number;
  at: number;
}

export class RequestLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perMinute: number;

  constructor(requestsPerMinute: number) {
    this.#perMinute = requestsPerMinute;
  }

  /** Takes one request from `host` at `now` (ms): false when it asks too often. */
  allow(host: string, now: number): boolean {
    const key = networkOf(host);
    const bucket = this.#buckets.get(key) ?? { tokens: this.#perMinute, at: now };
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + ((now - bucket.at) * this.#perMinute) / MINUTE_MS);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_ADDRESSES) break;
      this.#buckets.delete(oldest);
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
