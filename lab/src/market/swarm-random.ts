/** Chance for the swarm model: numbers of one seed without allocation, and the distributions that the model draws from. */
import { mix } from "@everseed/choking";

/** A stream of numbers in [0, 1) (SplitMix32). Streams of one seed with different names are independent. */
export class Chance {
  #state: number;

  constructor(seed: number, stream: number) {
    this.#state = mix(seed, mix(stream, 0x5eed));
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mix(this.#state, 0) / 0x1_0000_0000;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** e^(sigma z) with z standard normal: median 1. */
  logNormal(sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** An index, drawn with the given weights, which sum to 1. */
  weighted(weights: readonly number[]): number {
    let left = this.next();
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i] as number;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }
}
