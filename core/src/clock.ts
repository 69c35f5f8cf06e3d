/** Time and chance are handed in, so that a simulator can replay a run from one seed. */

/** A source of time. `now()` is milliseconds that never go back; `unixMs()` is wall-clock time. */
export interface Clock {
  now(): number;
  unixMs(): number;
  /** Calls `task` once after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** Fills and returns a new array of `length` unpredictable bytes. */
export type RandomBytes = (length: number) => Uint8Array;

export const systemClock: Clock = {
  now: () => performance.now(),
  unixMs: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** The platform's cryptographic generator (any browser, Node 20+). */
export const systemRandom: RandomBytes = (length) => {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) crypto.getRandomValues(out.subarray(at, Math.min(length, at + 65536)));
  return out;
};

/** An integer in [0, bound), unbiased for the small bounds used here (error below bound / 2^32). */
export function randomInt(random: RandomBytes, bound: number): number {
  const b = random(4);
  return Math.floor(
    (((((b[0] as number) << 24) | ((b[1] as number) << 16) | ((b[2] as number) << 8) | (b[3] as number)) >>> 0) /
      0x1_0000_0000) *
      bound,
  );
}

/** A reproducible generator (SplitMix32) for simulations and tests. Never for keys. */
export function seededRandom(seed: number): RandomBytes {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  return (length) => {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = next();
      for (let j = 0; j < 4 && i + j < length; j++) out[i + j] = word >>> (8 * j);
    }
    return out;
  };
}
