/**
 * Which of the bytes that come over a connection are to be paid: in a market, free slots and bought ones follow each other.
 * Positions are useful bytes since the connection began; data verifies a little later than it arrives, and is counted in
 * the order of its arrival.
 */
export interface Stretch {
  /** Where it begins. Bytes. */
  readonly from: number;
  readonly free: boolean;
}

export interface Stretches {
  /** Bytes to be paid of the stretches that are forgotten. */
  readonly before: number;
  readonly list: readonly Stretch[];
}

/** Older ones are taken as verified: what of them was wasted or corrupt will never be. */
const MAX_STRETCHES = 32;

export function firstStretch(stretch: Stretch): Stretches {
  return { before: 0, list: [stretch] };
}

export function nextStretch({ before, list }: Stretches, stretch: Stretch): Stretches {
  const next = [...list, stretch];
  if (next.length <= MAX_STRETCHES) return { before, list: next };
  const [first, second] = next as [Stretch, Stretch];
  return { before: before + (first.free ? 0 : second.from - first.from), list: next.slice(1) };
}

/** Of the first `bytes` of the connection, those that are to be paid. */
export function chargedBytes({ before, list }: Stretches, bytes: number): number {
  return list.reduce((sum, { from, free }, i) => {
    const end = Math.min(bytes, list[i + 1]?.from ?? Number.POSITIVE_INFINITY);
    return free ? sum : sum + Math.max(0, end - from);
  }, before);
}
