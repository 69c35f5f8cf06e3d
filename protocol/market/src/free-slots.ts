/**
 * The slots that nobody buys: plain tit-for-tat for what is left, and the optimistic slots.
 *
 * Optimistic slots are free and never sold. They go as in plain tit-for-tat (BEP 3): longest wait first within a lottery
 * that favours newcomers three to one. A bid only breaks a tie between peers of equal standing that were never unchoked.
 * Each address group has so many bytes of them, because a new address costs nothing within a group.
 */
import { type Candidate, titForTat } from "@everseed/choking";
import { eligibleBid } from "./bidders.ts";
import {
  type MarketCandidate,
  type MarketRound,
  OPTIMISTIC_GROUP_BYTES,
  type OptimisticSlot,
  torrentOf,
} from "./round.ts";

/** A newcomer's minute is two rotations long, so that peers of one standing have the same odds in the lottery. */
const ROTATION_MS = 30_000;

/** The plain rule for `slots` slots among `candidates`. */
export function plainSlots(
  candidates: readonly MarketCandidate[],
  slots: number,
  round: MarketRound,
): readonly number[] {
  if (slots <= 0 || candidates.length === 0) return [];
  return titForTat({
    candidates: candidates.map(asPlain),
    slots,
    optimisticSlots: 0,
    seeding: anySeeding(candidates, round),
    optimistic: [],
    now: round.now,
    salt: round.salt,
  }).unchoke;
}

export function anySeeding(candidates: readonly MarketCandidate[], round: MarketRound): boolean {
  return candidates.some((candidate) => torrentOf(candidate, round).seeding);
}

/** What tit-for-tat sees: a bought turn is no turn of the free queue, so that nobody buys ten seconds and stays thirty. */
export function asPlain(candidate: MarketCandidate): Candidate {
  return {
    id: candidate.id,
    interested: candidate.interested,
    unchoked: candidate.unchoked && !candidate.inSoldSlot,
    downloadRate: candidate.downloadRate,
    uploadRate: candidate.uploadRate,
    connectedAt: candidate.connectedAt,
    lastUnchokedAt: candidate.lastUnchokedAt,
    paying: false,
    barred: candidate.banned,
  };
}

function bytesLeft({ addressGroup }: MarketCandidate, round: MarketRound): number {
  return round.optimisticBytesLeft.get(addressGroup) ?? OPTIMISTIC_GROUP_BYTES;
}

/** Optimistic holders that keep their slot, in the order of the round's list. */
export function heldOptimistic(from: readonly MarketCandidate[], slots: number, round: MarketRound): MarketCandidate[] {
  const byId = new Map(from.map((candidate) => [candidate.id, candidate]));
  return [...new Set(round.optimistic)]
    .flatMap((id) => byId.get(id) ?? [])
    .filter((candidate) => bytesLeft(candidate, round) > 0)
    .slice(0, slots);
}

/** Draws `slots` holders of optimistic slots anew. */
export function drawOptimistic(from: readonly MarketCandidate[], slots: number, round: MarketRound): MarketCandidate[] {
  const pool = from.filter((candidate) => bytesLeft(candidate, round) > 0);
  if (slots <= 0 || pool.length === 0) return [];
  const byId = new Map(pool.map((candidate) => [candidate.id, candidate]));
  const { optimistic } = titForTat({
    candidates: pool.map(asPlain),
    slots,
    optimisticSlots: slots,
    seeding: false,
    optimistic: [],
    now: round.now,
    salt: round.salt,
  });
  const drawn = optimistic.flatMap((id) => byId.get(id) ?? []);
  const places = new Map<number, MarketCandidate[]>();
  for (const candidate of drawn) {
    const standing = standingOf(candidate, round);
    if (standing !== undefined) places.set(standing, [...(places.get(standing) ?? []), candidate]);
  }
  const winners = drawn.filter((candidate) => standingOf(candidate, round) === undefined);
  for (const [standing, chosen] of places) {
    const equals = pool.filter((candidate) => standingOf(candidate, round) === standing);
    const bidOf = (candidate: MarketCandidate): bigint => eligibleBid(candidate, round)?.bid ?? 0n;
    const rank = new Map(chosen.map((candidate, index) => [candidate.id, index]));
    const lot = (candidate: MarketCandidate): number => rank.get(candidate.id) ?? chosen.length;
    equals.sort((a, b) => {
      const [bidA, bidB] = [bidOf(a), bidOf(b)];
      return bidA === bidB ? lot(a) - lot(b) || a.id - b.id : bidA > bidB ? -1 : 1;
    });
    winners.push(...equals.slice(0, chosen.length));
  }
  return winners;
}

/** Peers that were never unchoked and waited equally long (in whole rotations) stand equal. `undefined`: was unchoked. */
function standingOf(candidate: MarketCandidate, { now }: MarketRound): number | undefined {
  if (candidate.lastUnchokedAt > 0) return undefined;
  return Math.floor((now - candidate.connectedAt) / ROTATION_MS);
}

/** An address group's bytes are shared by its holders, first come first. */
export function optimisticSlots(holders: readonly MarketCandidate[], round: MarketRound): OptimisticSlot[] {
  const inGroup = new Map<string, number>();
  for (const { addressGroup } of holders) inGroup.set(addressGroup, (inGroup.get(addressGroup) ?? 0) + 1);
  return holders.map((holder) => ({
    id: holder.id,
    maxBytes: Math.floor(bytesLeft(holder, round) / (inGroup.get(holder.addressGroup) as number)),
  }));
}
