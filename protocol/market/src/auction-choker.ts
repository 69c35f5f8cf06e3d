/**
 * The market's choke round: who barters keeps its slot for nothing, and only the slots that barter leaves are auctioned.
 *
 * Of n slots o are optimistic and k = n - o regular. Of the torrents we still download, the best k givers get a regular slot
 * free. What is left is sold where we leech, two thirds of it where some peer wants a torrent that we seed; the rest goes
 * round by the plain rule, and so do slots that nobody buys. All winners pay the bid of the first loser, or their torrent's
 * reserve where that is higher.
 *
 * Invariants (tested in auction-choker.test.ts): reserve <= price <= bid; a bid never moves its owner's own price, and
 * a higher one never costs a slot; a plain client among the top k givers is always unchoked; optimistic slots are never
 * sold; same input, same output, whatever the order of the candidates. A bid says what a sold slot is worth beyond what the
 * plain rule gives; with that, a bidder for one slot gains nothing by bidding anything else, if the seller is honest.
 */
import { mix } from "@everseed/choking";
import { priceWinners, rankBidders } from "./bidders.ts";
import { anySeeding, drawOptimistic, heldOptimistic, optimisticSlots, plainSlots } from "./free-slots.ts";
import {
  type MarketCandidate,
  type MarketChoker,
  type MarketDecision,
  type MarketRound,
  type SoldSlot,
  torrentOf,
} from "./round.ts";

export const auction: MarketChoker = (round) => {
  const { interested, optimistic, regular } = slotPlan(round);
  const barter = interested
    .filter((candidate) => candidate.downloadRate > 0 && !torrentOf(candidate, round).seeding)
    .sort(byGift(round.salt))
    .slice(0, regular);
  const bartering = new Set(barter.map(({ id }) => id));
  const surplus = regular - barter.length;
  const forSale = anySeeding(interested, round) ? Math.floor((2 * surplus) / 3) : surplus;
  const bidders = rankBidders(
    interested.filter(({ id }) => !bartering.has(id)),
    round,
  );
  const sold = priceWinners(bidders.slice(0, forSale), bidders[forSale], round);
  return fillFreeSlots(round, { interested, optimistic, regular, barter: [...bartering], sold });
};

export interface SlotPlan {
  readonly interested: readonly MarketCandidate[];
  readonly optimistic: number;
  readonly regular: number;
}

/** How the slots are divided, and who may have one. */
export function slotPlan(round: MarketRound): SlotPlan {
  const optimistic = Math.min(round.slots, Math.max(1, round.optimisticSlots));
  return {
    interested: round.candidates.filter((candidate) => candidate.interested && !candidate.banned),
    optimistic,
    regular: round.slots - optimistic,
  };
}

/** The free slots beside those of barter and sale: seed's turns, optimistic slots, then what is left over. */
export function fillFreeSlots(
  round: MarketRound,
  plan: SlotPlan & { readonly barter: readonly number[]; readonly sold: readonly SoldSlot[] },
): MarketDecision {
  const chosen = new Set([...plan.barter, ...plan.sold.map(({ id }) => id)]);
  const rest = (): MarketCandidate[] => plan.interested.filter(({ id }) => !chosen.has(id));
  const add = (ids: readonly number[]): void => {
    for (const id of ids) chosen.add(id);
  };
  const held = heldOptimistic(rest(), plan.optimistic, round);
  const holding = new Set(held.map(({ id }) => id));
  if (anySeeding(plan.interested, round)) {
    const queue = rest().filter(({ id }) => !holding.has(id));
    add(plainSlots(queue, plan.regular - chosen.size, round));
  }
  add([...holding]);
  const drawn = drawOptimistic(rest(), plan.optimistic - held.length, round);
  add(drawn.map(({ id }) => id));
  // Slots nobody earned or bought are lent, so that a swarm of newcomers starts at once.
  add(plainSlots(rest(), round.slots - chosen.size, round));
  return {
    unchoke: [...chosen],
    barter: plan.barter,
    sold: plan.sold,
    optimistic: optimisticSlots([...held, ...drawn], round),
  };
}

function byGift(salt: number): (a: MarketCandidate, b: MarketCandidate) => number {
  return (a, b) =>
    b.downloadRate - a.downloadRate || a.lastUnchokedAt - b.lastUnchokedAt || mix(a.id, salt) - mix(b.id, salt);
}
