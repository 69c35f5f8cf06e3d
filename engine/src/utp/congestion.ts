/**
 * LEDBAT (BEP 29, RFC 6817): how many bytes may be on their way. What it watches is not loss but delay: the time packets
 * take beyond the least they took in the last minutes is time spent in queues, and the window shrinks as that nears 100 ms.
 * So a transfer fills a line that is free, and gives way to everything else on one that is not.
 *
 * Invariant: the window is never below one packet, so a connection never stalls for good.
 */
import { elapsedUs } from "./sequence.ts";

/** Delay in queues that the window settles at (BEP 29). */
const TARGET_US = 100_000;
/** The window's growth in a round trip without any queue, once slow start is over (libutp's figure). */
const MAX_GROWTH_BYTES = 3_000;
/** The least delay is that of this many intervals: routes and clocks change. */
const BASE_INTERVALS = 13;
const BASE_INTERVAL_MS = 60_000;
/** The least of the latest samples: one that waited for a busy processor says nothing about the line. */
const RECENT_SAMPLES = 4;
/** Slow start ends when queues reach this part of the target. */
const SLOW_START_QUEUE = 0.9;

export class Congestion {
  readonly #packetBytes: number;
  readonly #maxBytes: number;
  /** Least delay of each interval, oldest first. Microseconds between two clocks that do not agree: only differences count. */
  readonly #base: number[] = [];
  readonly #recent: number[] = [];
  #intervalSince = 0;
  #windowBytes: number;
  #thresholdBytes = Number.POSITIVE_INFINITY;
  #slowStart = true;

  constructor(init: { readonly packetBytes: number; readonly maxBytes: number }) {
    this.#packetBytes = init.packetBytes;
    this.#maxBytes = init.maxBytes;
    this.#windowBytes = 4 * init.packetBytes;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /**
   * `delayUs` is the time our packet took as the other side saw it; undefined when it has not said. `limited`: the window
   * was what held us back, otherwise there is no reason to widen it.
   */
  acknowledged(bytes: number, delayUs: number | undefined, limited: boolean, now: number): void {
    const queueUs = delayUs === undefined ? 0 : this.#queue(delayUs, now);
    if (bytes <= 0) return;
    if (this.#slowStart && queueUs > TARGET_US * SLOW_START_QUEUE) {
      this.#slowStart = false;
      this.#thresholdBytes = this.#windowBytes;
    }
    const off = Math.max(-1, (TARGET_US - queueUs) / TARGET_US);
    if (off > 0 && !limited) return;
    const share = Math.min(bytes, this.#windowBytes) / Math.max(bytes, this.#windowBytes);
    let window = this.#windowBytes + MAX_GROWTH_BYTES * share * off;
    if (this.#slowStart) {
      window = Math.max(window, this.#windowBytes + bytes);
      if (window > this.#thresholdBytes) this.#slowStart = false;
    }
    this.#windowBytes = Math.min(this.#maxBytes, Math.max(this.#packetBytes, window));
  }

  /** Packets were lost that the other side saw the absence of. Once for all the losses of one window. */
  lost(): void {
    this.#slowStart = false;
    // Two packets: the loss of one can still be told by the other.
    this.#windowBytes = Math.max(2 * this.#packetBytes, this.#windowBytes / 2);
    this.#thresholdBytes = this.#windowBytes;
  }

  /** Nothing has come back at all. */
  timedOut(): void {
    this.#thresholdBytes = Math.max(2 * this.#packetBytes, this.#windowBytes / 2);
    this.#windowBytes = this.#packetBytes;
    this.#slowStart = true;
  }

  /** Takes a sample and returns the delay that is due to queues. Microseconds. */
  #queue(delayUs: number, now: number): number {
    if (this.#base.length === 0 || now - this.#intervalSince >= BASE_INTERVAL_MS) {
      this.#base.push(delayUs);
      this.#intervalSince = now;
      if (this.#base.length > BASE_INTERVALS) this.#base.shift();
    }
    const last = this.#base.length - 1;
    this.#base[last] = earlier(this.#base[last] as number, delayUs);
    this.#recent.push(delayUs);
    if (this.#recent.length > RECENT_SAMPLES) this.#recent.shift();
    return Math.max(0, elapsedUs(this.#base.reduce(earlier), this.#recent.reduce(earlier)));
  }
}

function earlier(a: number, b: number): number {
  return elapsedUs(a, b) < 0 ? b : a;
}
