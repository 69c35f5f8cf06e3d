/**
 * Plain tit-for-tat (BEP 3). Leeching: the best uploaders to us keep the slots. Seeding: the slots go round, longest
 * wait first, so that everyone is served; the wait of a newcomer begins when it connects, so that connecting again does
 * not jump the queue. The optimistic slot lets newcomers show what they give: of peers that waited equally long, one that
 * connected within a minute is three times as likely to get it (BEP 3); a longer wait counts beside that.
 *
 * Invariants: free unchokes <= slots; a paying peer is always unchoked and never takes a free slot; same input, same
 * output, whatever the order of the candidates.
 */
import type { Candidate, ChokeInput, Choker } from "./choker.ts";

const NEW_PEER_MS = 60_000;
const NEW_PEER_WEIGHT = 3;
/** A seed keeps a peer this long, so that it gets whole pieces. */
const SEED_TURN_MS = 30_000;
/** A peer is unchoked a moment after the round that decided it; that moment must not cost others a round. */
const LATE_UNCHOKE_MS = 1_000;

export const titForTat: Choker = (input) => {
  const { candidates, slots, seeding, salt } = input;
  const paying = candidates.filter((c) => c.paying).map((c) => c.id);
  const free = candidates.filter((c) => c.interested && !c.paying && !c.barred);
  const optimisticSlots = Math.min(input.optimisticSlots, slots);
  const order = seeding ? bySeedTurn(input) : byRate(salt);
  // Who gives enough moves from the optimistic slot to a regular one. Seeding, that would let the lottery fill the queue.
  const holders = new Set(input.optimistic.filter((id) => free.some((c) => c.id === id)).slice(0, optimisticSlots));
  const earners = free.filter((c) => (seeding ? !holders.has(c.id) : c.downloadRate > 0));
  const regular = [...earners].sort(order).slice(0, slots - optimisticSlots);
  const chosen = new Set(regular.map((c) => c.id));
  const held = input.optimistic
    .filter((id) => !chosen.has(id) && free.some((c) => c.id === id))
    .slice(0, optimisticSlots);
  for (const id of held) chosen.add(id);
  const rest = free.filter((c) => !chosen.has(c.id));
  const drawn = draw(rest, optimisticSlots - held.length, input);
  for (const id of drawn) chosen.add(id);
  // Slots nobody earned are lent, so that a swarm of newcomers starts at once.
  const lent = draw(
    rest.filter((c) => !chosen.has(c.id)),
    slots - chosen.size,
    input,
  );
  return { unchoke: [...paying, ...chosen, ...lent], optimistic: [...held, ...drawn] };
};

function byRate(salt: number): (a: Candidate, b: Candidate) => number {
  return (a, b) =>
    b.downloadRate - a.downloadRate || a.lastUnchokedAt - b.lastUnchokedAt || mix(a.id, salt) - mix(b.id, salt);
}

/** Whose turn is under way, then who waits, longest first, then those who had their turn and are still unchoked. */
function bySeedTurn({ now, salt }: ChokeInput): (a: Candidate, b: Candidate) => number {
  const rank = (c: Candidate): number => {
    if (!c.unchoked) return 1;
    return now - c.lastUnchokedAt < SEED_TURN_MS - LATE_UNCHOKE_MS ? 0 : 2;
  };
  return (a, b) => rank(a) - rank(b) || waitingSince(a) - waitingSince(b) || mix(a.id, salt) - mix(b.id, salt);
}

function waitingSince(c: Candidate): number {
  return Math.max(c.lastUnchokedAt, c.connectedAt);
}

/** Draws without replacement: longest wait first within a weighted lottery whose tickets are the salted ids. */
function draw(from: readonly Candidate[], count: number, { now, salt }: ChokeInput): number[] {
  if (count <= 0) return [];
  const key = (c: Candidate): number => {
    const weight = now - c.connectedAt < NEW_PEER_MS ? NEW_PEER_WEIGHT : 1;
    const waited = now - waitingSince(c);
    const ticket = (mix(c.id, salt ^ Math.floor(now / 30_000)) + 1) / 0x1_0000_0001;
    return (Math.log(ticket) / weight) * (1 / (1 + waited / 30_000));
  };
  return [...from]
    .map((c) => ({ id: c.id, key: key(c) }))
    .sort((a, b) => b.key - a.key || a.id - b.id)
    .slice(0, count)
    .map((c) => c.id);
}

/** A 32-bit hash of (id, salt) (the finaliser of MurmurHash3). */
export function mix(id: number, salt: number): number {
  let h = (id ^ salt) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
