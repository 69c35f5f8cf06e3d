/**
 * The choke strategies one can choose, behind one interface. `auction` is the default; the others are there to be compared:
 * `paper` is the BitTorrent Token paper's order (bid, then rate) over all regular slots, `tit-for-tat` is BEP 3 and sells
 * nothing, `proportional` divides the upload by what peers give (PropShare: Levin et al., "BitTorrent is an Auction", 2008).
 */
import { titForTat } from "@everseed/choking";
import { auction, fillFreeSlots, slotPlan } from "./auction-choker.ts";
import { byRateThenWait, priceWinners, rankBidders } from "./bidders.ts";
import { anySeeding, asPlain, optimisticSlots } from "./free-slots.ts";
import type { MarketChoker, MarketDecision, MarketRound } from "./round.ts";

export type StrategyName = "auction" | "paper" | "tit-for-tat" | "proportional";

/** Every regular slot goes by bid, then by rate: a bid of nothing counts as no bid, and a giver loses to any payer. */
const paper: MarketChoker = (round) => {
  const plan = slotPlan(round);
  const bidders = rankBidders(plan.interested, round);
  const paying = bidders.filter(({ bid }) => bid > 0n);
  const winners = paying.slice(0, plan.regular);
  const sold = priceWinners(winners, bidders[winners.length], round);
  const buying = new Set(sold.map(({ id }) => id));
  const barter = plan.interested
    .filter((candidate) => candidate.downloadRate > 0 && !buying.has(candidate.id))
    .sort(byRateThenWait(round))
    .slice(0, plan.regular - sold.length);
  return fillFreeSlots(round, { ...plan, barter: barter.map(({ id }) => id), sold });
};

/** BEP 3 over all torrents. */
const plain: MarketChoker = (round) => {
  const { unchoke, optimistic } = titForTat({
    candidates: round.candidates.map(asPlain),
    slots: round.slots,
    optimisticSlots: slotPlan(round).optimistic,
    seeding: round.candidates.length > 0 && [...round.torrents.values()].every(({ seeding }) => seeding),
    optimistic: round.optimistic,
    now: round.now,
    salt: round.salt,
  });
  const holders = new Set(optimistic);
  return {
    unchoke,
    barter: unchoke.filter((id) => !holders.has(id)),
    sold: [],
    optimistic: optimisticSlots(
      round.candidates.filter(({ id }) => holders.has(id)),
      round,
    ),
  };
};

const MILLION = 1_000_000;

/** The slots of tit-for-tat; each giver's share of the upload is its share of the gifts, newcomers share one slot's part. */
const proportional: MarketChoker = (round) => {
  const decision = plain(round);
  return { ...decision, shares: sharesOf(decision, round) };
};

function sharesOf({ unchoke }: MarketDecision, round: MarketRound): Map<number, number> {
  const given = new Map(round.candidates.map(({ id, downloadRate }) => [id, downloadRate]));
  const giftOf = (id: number): number => (anySeeding(round.candidates, round) ? 0 : (given.get(id) ?? 0));
  const ids = [...unchoke].sort((a, b) => a - b);
  const total = ids.reduce((sum, id) => sum + giftOf(id), 0);
  const takers = ids.filter((id) => giftOf(id) === 0).length;
  const forTakers = total === 0 ? MILLION : takers === 0 ? 0 : Math.floor(MILLION / Math.max(1, round.slots));
  return new Map(
    ids.map((id) => [
      id,
      giftOf(id) === 0 ? Math.floor(forTakers / takers) : Math.floor(((MILLION - forTakers) * giftOf(id)) / total),
    ]),
  );
}

export const STRATEGIES: Readonly<Record<StrategyName, MarketChoker>> = {
  auction,
  paper,
  "tit-for-tat": plain,
  proportional,
};
