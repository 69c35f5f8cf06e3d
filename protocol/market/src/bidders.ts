/**
 * Who may buy in a round, in which order, and at what price: the part that all paying strategies share.
 *
 * Invariants: whether a bid counts, and who stands for an address group, never depends on how high a bid is beyond the
 * reserve and the price that still holds; so a higher bid can only move its owner up. An ineligible bid sets no price.
 */
import { mix } from "@everseed/choking";
import { dearer, higher, type Price } from "./price.ts";
import {
  type MarketCandidate,
  type MarketRound,
  PRICE_HOLD_MS,
  type SetPrice,
  type SoldSlot,
  torrentOf,
} from "./round.ts";

/** A peer keeps its turn this long before others that bid the same. */
const TURN_MS = 30_000;
const GROUP_LOT_MS = 30_000;

export interface Bidder {
  readonly candidate: MarketCandidate;
  readonly bid: Price;
  readonly signature: Uint8Array;
}

/** The candidate's bid where it counts: fresh, at least the reserve and the price that still holds, and payable. */
export function eligibleBid(candidate: MarketCandidate, round: MarketRound): Bidder | undefined {
  const { bid } = candidate;
  if (bid === undefined || candidate.identity === undefined || !candidate.channelCanPay) return undefined;
  if (bid.expiresAt <= round.now || bid.price < torrentOf(candidate, round).reserve) return undefined;
  // Who bids below a price that holds does not want the slot at that price: it waits until the price lapses.
  const held = heldPrice(candidate, round.now);
  if (held !== undefined && bid.price < held.price) return undefined;
  return { candidate, bid: bid.price, signature: bid.signature };
}

function heldPrice(candidate: MarketCandidate, now: number): SetPrice | undefined {
  const { lastPrice } = candidate;
  return lastPrice !== undefined && now - lastPrice.setAt < PRICE_HOLD_MS ? lastPrice : undefined;
}

/**
 * Eligible bidders in the order of the auction, one per identity (its highest bid) and one per address group. The group's
 * is drawn by lot, anew every 30 s: if the highest bid stood for the group, a bid above one's value would pay there.
 */
export function rankBidders(candidates: readonly MarketCandidate[], round: MarketRound): Bidder[] {
  const eligible: Bidder[] = [];
  for (const candidate of candidates) {
    const bidder = eligibleBid(candidate, round);
    if (bidder !== undefined) eligible.push(bidder);
  }
  const byIdentity = new Map<string, Bidder>();
  for (const bidder of eligible) {
    const identity = bidder.candidate.identity as string;
    const other = byIdentity.get(identity);
    if (other === undefined || dearer(bidder.bid, other.bid) < 0 || ahead(bidder, other, round.salt))
      byIdentity.set(identity, bidder);
  }
  const lotSalt = round.salt ^ mix(Math.floor(round.now / GROUP_LOT_MS), round.salt);
  const byGroup = new Map<string, Bidder>();
  for (const bidder of byIdentity.values()) {
    const { addressGroup, id } = bidder.candidate;
    const other = byGroup.get(addressGroup);
    if (other === undefined || mix(id, lotSalt) < mix(other.candidate.id, lotSalt)) byGroup.set(addressGroup, bidder);
  }
  return [...byGroup.values()].sort((a, b) => dearer(a.bid, b.bid) || byRateThenWait(round)(a.candidate, b.candidate));
}

/** Of two bids of one identity that are equal, by lot. */
function ahead(a: Bidder, b: Bidder, salt: number): boolean {
  return a.bid === b.bid && mix(a.candidate.id, salt) < mix(b.candidate.id, salt);
}

/** Best giver, then longest wait (a turn that is under way first), then by lot. */
export function byRateThenWait({ now, salt }: MarketRound): (a: MarketCandidate, b: MarketCandidate) => number {
  const since = (c: MarketCandidate): number =>
    c.unchoked && now - c.lastUnchokedAt < TURN_MS ? 0 : Math.max(c.lastUnchokedAt, c.connectedAt);
  return (a, b) => b.downloadRate - a.downloadRate || since(a) - since(b) || mix(a.id, salt) - mix(b.id, salt);
}

/** Sells to `winners`: the first loser's bid or the torrent's reserve, unless an earlier price still holds. */
export function priceWinners(winners: readonly Bidder[], loser: Bidder | undefined, round: MarketRound): SoldSlot[] {
  return winners.map(({ candidate }) => {
    const held = heldPrice(candidate, round.now);
    if (held !== undefined) return { ...held, id: candidate.id };
    const { reserve } = torrentOf(candidate, round);
    const bound = loser !== undefined && loser.bid > reserve;
    return {
      id: candidate.id,
      price: loser === undefined ? reserve : higher(reserve, loser.bid),
      reserve,
      reason: bound ? { type: "loser", id: loser.candidate.id, signature: loser.signature } : { type: "reserve" },
      setAt: round.now,
    };
  });
}
