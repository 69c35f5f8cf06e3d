/** Arithmetic of the counters that uTP lets wrap (BEP 29): 16-bit packet numbers and 32-bit microseconds. */

/** Steps from `from` forward to `to`, 0 to 65535. */
export function stepsBetween(from: number, to: number): number {
  return (to - from) & 0xffff;
}

/** The packet number `steps` after this one; `steps` may be negative. */
export function stepped(sequence: number, steps: number): number {
  return (sequence + steps) & 0xffff;
}

/** Milliseconds of a `Clock` as the timestamp of a packet. */
export function timestampUs(nowMs: number): number {
  return (Math.floor(nowMs * 1_000) % 0x1_0000_0000) >>> 0;
}

/** Microseconds from `from` to `to`, negative when `to` is the earlier: right while they are within 35 minutes. */
export function elapsedUs(from: number, to: number): number {
  return (to - from) | 0;
}
