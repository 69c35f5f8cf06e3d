/**
 * What every choke round of the auction promises, as a table of checks over random rounds: the tests run some thousands,
 * `npm run lab -- market-truthful` a million. The generators draw from few values, so that ties, duplicates of identities
 * and of address groups, stale bids, held prices and mixed torrents come up in nearly every round. The number of rounds of
 * the tests is `EVERSEED_MARKET_ROUNDS`, else `DEFAULT_ROUNDS`.
 */
import { type RandomBytes, seededRandom } from "@everseed/core";
import { auction, slotPlan } from "./auction-choker.ts";
import { eligibleBid } from "./bidders.ts";
import { type Price, ZERO_PRICE } from "./price.ts";
import {
  type LiveBid,
  type MarketCandidate,
  type MarketChoker,
  type MarketDecision,
  type MarketRound,
  type MarketTorrent,
  PRICE_HOLD_MS,
  type SoldSlot,
} from "./round.ts";

/** Rounds a test runs where nothing else is asked. */
export const DEFAULT_ROUNDS = 10_000;

const NOW = 10_000_000;
const MAX_CANDIDATES = 14;

/** Whole numbers below a bound, from one seed. */
export type Draw = (bound: number) => number;

export function drawFrom(random: RandomBytes): Draw {
  let [buffer, at] = [random(1_024), 0];
  return (bound) => {
    if (at + 4 > buffer.length) [buffer, at] = [random(1_024), 0];
    const word = new DataView(buffer.buffer, buffer.byteOffset + at).getUint32(0);
    at += 4;
    return Math.floor((word / 0x1_0000_0000) * bound);
  };
}

const chance = (draw: Draw, percent: number): boolean => draw(100) < percent;
const price = (value: number): Price => BigInt(value) as Price;

function randomBid(draw: Draw, id: number): LiveBid {
  return {
    price: price(draw(chance(draw, 50) ? 12 : 200)),
    expiresAt: chance(draw, 10) ? NOW - draw(2) : NOW + 1 + draw(600_000),
    signature: Uint8Array.of(id),
  };
}

function randomCandidate(draw: Draw, id: number, alone: boolean): MarketCandidate {
  const plain = chance(draw, 30);
  const unchoked = chance(draw, 40);
  const wasSold = chance(draw, 25);
  const connectedAt = NOW - draw(chance(draw, 30) ? 60_000 : 900_000);
  const held = price(draw(40));
  return {
    id,
    torrent: `t${draw(3)}`,
    addressGroup: `g${alone ? id : draw(MAX_CANDIDATES * 2)}`,
    ...(plain ? {} : { identity: `i${alone ? id : draw(MAX_CANDIDATES * 2)}` }),
    interested: chance(draw, 90),
    banned: chance(draw, 5),
    unchoked,
    downloadRate: chance(draw, 70) ? 0 : 1 + draw(chance(draw, 30) ? 3 : 1_000_000),
    uploadRate: draw(1_000_000),
    connectedAt,
    lastUnchokedAt: unchoked || chance(draw, 50) ? connectedAt + draw(NOW - connectedAt) : 0,
    channelCanPay: chance(draw, 90),
    inSoldSlot: unchoked && wasSold,
    ...(plain && chance(draw, 90) ? {} : { bid: randomBid(draw, id) }),
    ...(wasSold
      ? { lastPrice: { price: held, reserve: ZERO_PRICE, reason: { type: "reserve" }, setAt: NOW - 1 - draw(60_000) } }
      : {}),
  };
}

/** A round; with `alone`, every candidate has an identity and an address group of its own. */
export function randomRound(draw: Draw, alone = false): MarketRound {
  const mode = draw(3);
  const torrents = new Map<string, MarketTorrent>();
  for (let i = 0; i < 3; i++) {
    const seeding = mode === 0 || (mode === 1 && chance(draw, 50));
    torrents.set(`t${i}`, { seeding, reserve: price(chance(draw, 40) ? 0 : draw(60)) });
  }
  const candidates = Array.from({ length: draw(MAX_CANDIDATES + 1) }, (_, i) => randomCandidate(draw, i + 1, alone));
  return {
    candidates,
    torrents,
    slots: draw(9),
    optimisticSlots: draw(3),
    optimistic: chance(draw, 50) ? [] : [1 + draw(MAX_CANDIDATES)],
    optimisticBytesLeft: new Map(chance(draw, 20) ? [[`g${draw(MAX_CANDIDATES)}`, draw(2)]] : []),
    now: NOW,
    salt: draw(0x7fff_ffff),
  };
}

export interface RoundCase {
  readonly round: MarketRound;
  readonly decision: MarketDecision;
  readonly choker: MarketChoker;
  readonly draw: Draw;
}

export interface Invariant {
  /** As the specification counts them. */
  readonly number: number;
  readonly name: string;
  /** True where every candidate stands alone in the rounds. */
  readonly alone?: boolean;
  /** What is broken, or nothing. */
  readonly check: (of: RoundCase) => string | undefined;
}

const byId = (round: MarketRound): Map<number, MarketCandidate> => new Map(round.candidates.map((c) => [c.id, c]));
const fresh = ({ setAt }: SoldSlot): boolean => setAt === NOW;
const bidOf = (round: MarketRound, id: number): bigint => byId(round).get(id)?.bid?.price ?? -1n;

/** The round with one candidate's bid changed; it stays fresh. */
export function withBid(round: MarketRound, id: number, value: bigint): MarketRound {
  const change = (c: MarketCandidate): MarketCandidate =>
    c.id === id && c.bid !== undefined ? { ...c, bid: { ...c.bid, price: value as Price } } : c;
  return { ...round, candidates: round.candidates.map(change) };
}

function shuffled<T>(items: readonly T[], draw: Draw): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** A decision as text, the same for the same content. */
export function canonical(decision: MarketDecision): string {
  const sort = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);
  const sold = [...decision.sold].sort((a, b) => a.id - b.id);
  return JSON.stringify([
    sort(decision.unchoke),
    sort(decision.barter),
    sold.map((s) => [s.id, `${s.price}`, `${s.reserve}`, s.reason.type === "loser" ? s.reason.id : -1, s.setAt]),
    [...decision.optimistic].sort((a, b) => a.id - b.id),
  ]);
}

/** The losers of the auction: eligible, alone or drawn for identity and group, without a slot of barter or sale. */
function losers({ round, decision }: RoundCase): MarketCandidate[] {
  const taken = new Set([...decision.barter, ...decision.sold.map(({ id }) => id)]);
  return slotPlan(round).interested.filter((c) => !taken.has(c.id) && eligibleBid(c, round) !== undefined);
}

/** Sole bidders: nobody else's bid counts, and no earlier price holds. */
function soleBidder(round: MarketRound, draw: Draw): { round: MarketRound; id: number } | undefined {
  const bidders = slotPlan(round).interested.filter((c) => eligibleBid(c, round) !== undefined);
  const one = bidders[draw(bidders.length || 1)];
  if (one === undefined) return undefined;
  const candidates = round.candidates.map((c) => {
    const { bid, lastPrice, ...rest } = c;
    return c.id === one.id && bid !== undefined ? { ...rest, bid } : rest;
  });
  return { round: { ...round, candidates }, id: one.id };
}

export const ROUND_INVARIANTS: readonly Invariant[] = [
  {
    number: 1,
    name: "a price is at most the bid",
    check: ({ round, decision }) =>
      decision.sold.some(({ id, price }) => price > bidOf(round, id)) ? "a price above the bid" : undefined,
  },
  {
    number: 2,
    name: "a price is at least the torrent's reserve when it was set",
    check: ({ round, decision }) => {
      for (const slot of decision.sold) {
        const reserve = round.torrents.get(byId(round).get(slot.id)?.torrent ?? "")?.reserve ?? -1n;
        if (slot.price < slot.reserve) return `slot ${slot.id} below its reserve`;
        if (fresh(slot) && slot.reserve !== reserve) return `slot ${slot.id} has another reserve`;
      }
      return undefined;
    },
  },
  {
    number: 3,
    name: "winners whose reserve does not bind pay one price",
    check: ({ decision }) => {
      const prices = new Set(decision.sold.filter((s) => fresh(s) && s.price > s.reserve).map((s) => s.price));
      return prices.size > 1 ? `${prices.size} prices` : undefined;
    },
  },
  {
    number: 4,
    name: "no loser bids more than a winner",
    alone: true,
    check: (of) => {
      const least = of.decision.sold.map(({ id }) => bidOf(of.round, id)).sort((a, b) => (a < b ? -1 : 1))[0];
      if (least === undefined) return undefined;
      return losers(of).some(({ id }) => bidOf(of.round, id) > least) ? "a loser bids more" : undefined;
    },
  },
  {
    number: 5,
    name: "a higher bid never loses a slot",
    alone: true,
    check: ({ round, decision, choker, draw }) => {
      const bidders = round.candidates.filter(({ bid }) => bid !== undefined);
      const one = bidders[draw(bidders.length || 1)];
      if (one === undefined) return undefined;
      const after = choker(withBid(round, one.id, bidOf(round, one.id) + 1n + BigInt(draw(100))));
      const bought = (d: MarketDecision): boolean => d.sold.some(({ id }) => id === one.id);
      if (bought(decision) && !bought(after)) return `${one.id} loses what it bought`;
      return decision.unchoke.includes(one.id) && !after.unchoke.includes(one.id) ? `${one.id} is choked` : undefined;
    },
  },
  {
    number: 6,
    name: "a winner's own bid never moves its own price",
    check: ({ round, decision, choker, draw }) => {
      const slot = decision.sold[draw(decision.sold.length || 1)];
      if (slot === undefined) return undefined;
      const other = choker(withBid(round, slot.id, BigInt(draw(220)))).sold.find(({ id }) => id === slot.id);
      return other !== undefined && other.price !== slot.price ? `${slot.price} becomes ${other.price}` : undefined;
    },
  },
  {
    number: 9,
    name: "a sole bidder pays the reserve",
    check: ({ round, choker, draw }) => {
      const sole = soleBidder(round, draw);
      const slot = sole && choker(sole.round).sold.find(({ id }) => id === sole.id);
      if (slot === undefined) return undefined;
      return slot.price !== slot.reserve || slot.reason.type !== "reserve" ? `pays ${slot.price}` : undefined;
    },
  },
  {
    number: 10,
    name: "at most n are unchoked, and no optimistic slot is sold",
    check: ({ round, decision }) => {
      const { interested, optimistic } = slotPlan(round);
      const allowed = new Set(interested.map(({ id }) => id));
      const held = new Set(decision.optimistic.map(({ id }) => id));
      if (new Set(decision.unchoke).size !== decision.unchoke.length) return "one is unchoked twice";
      if (decision.unchoke.length > round.slots) return `${decision.unchoke.length} unchoked of ${round.slots}`;
      if (decision.unchoke.length < Math.min(round.slots, interested.length)) return "a slot is empty";
      if (decision.unchoke.some((id) => !allowed.has(id))) return "a slot for one who may have none";
      if (held.size > optimistic || decision.sold.length > round.slots - optimistic) return "too many of a kind";
      if (decision.sold.some(({ id }) => held.has(id))) return "an optimistic slot is sold";
      return [...held].every((id) => decision.unchoke.includes(id)) ? undefined : "an optimistic peer is choked";
    },
  },
  {
    number: 11,
    name: "a plain client among the top k by rate is always unchoked by a leecher",
    check: ({ round, decision }) => {
      const { interested, regular } = slotPlan(round);
      const givers = interested.filter((c) => c.downloadRate > 0 && round.torrents.get(c.torrent)?.seeding === false);
      for (const giver of givers) {
        const notWorse = givers.filter((c) => c.downloadRate >= giver.downloadRate).length;
        if (notWorse <= regular && !decision.unchoke.includes(giver.id)) return `${giver.id} is choked`;
        if (notWorse <= regular && decision.sold.some(({ id }) => id === giver.id)) return `${giver.id} pays`;
      }
      return undefined;
    },
  },
  {
    number: 14,
    name: "same inputs, same output, whatever the order of the candidates",
    check: ({ round, decision, choker, draw }) => {
      const again = choker({ ...round, candidates: shuffled(round.candidates, draw) });
      return canonical(again) === canonical(decision) ? undefined : "another decision";
    },
  },
  {
    number: 15,
    name: "a price that was set holds for 30 s, as long as the bid stays above it",
    check: ({ round, decision }) => {
      for (const slot of decision.sold) {
        const last = byId(round).get(slot.id)?.lastPrice;
        const holds = last !== undefined && NOW - last.setAt < PRICE_HOLD_MS;
        if (holds && (slot.price !== last.price || slot.setAt !== last.setAt)) return `slot ${slot.id} is priced anew`;
        if (!holds && !fresh(slot)) return `slot ${slot.id} keeps a lapsed price`;
      }
      return undefined;
    },
  },
  {
    number: 16,
    name: "a bidder for one slot, priced in this round, gains nothing by another bid than its value",
    check: ({ round, decision, choker, draw }) => {
      const one = oneSlotBidder(round, draw);
      if (one === undefined || priceHolds(one)) return undefined;
      const value = one.bid.price;
      const around = BigInt(draw(5)) + value - 2n;
      const other = chance(draw, 30) && around >= 0n ? around : BigInt(draw(220));
      const honest = gain(decision, one.id, value);
      const deviating = gain(choker(withBid(round, one.id, other)), one.id, value);
      return deviating > honest ? `${one.id} gains ${deviating - honest} by bidding ${other} for ${value}` : undefined;
    },
  },
];

/** An earlier price holds: it can be below what the others bid now, and then a higher bid than one's value keeps it. */
export function priceHolds({ lastPrice }: MarketCandidate): boolean {
  return lastPrice !== undefined && NOW - lastPrice.setAt < PRICE_HOLD_MS;
}

/** A candidate with a bid whose identity has no other connection in the round. */
export function oneSlotBidder(round: MarketRound, draw: Draw): (MarketCandidate & { bid: LiveBid }) | undefined {
  const count = new Map<string | undefined, number>();
  for (const { identity } of round.candidates) count.set(identity, (count.get(identity) ?? 0) + 1);
  const bidders = round.candidates.filter((c): c is MarketCandidate & { bid: LiveBid } => {
    return c.bid !== undefined && c.identity !== undefined && count.get(c.identity) === 1;
  });
  return bidders[draw(bidders.length || 1)];
}

/** What a bought slot is worth beyond its price to a candidate that values it at `value`; 0 without one. */
export function gain(decision: MarketDecision, id: number, value: bigint): bigint {
  const slot = decision.sold.find((sold) => sold.id === id);
  return slot === undefined ? 0n : value - slot.price;
}

/**
 * Runs one invariant over `rounds` random rounds from `seed`. Returns the first violation with the number of its round, so
 * that it can be run again.
 */
export function violationOf(
  invariant: Invariant,
  { rounds, seed, choker = auction }: { rounds: number; seed: number; choker?: MarketChoker },
): string | undefined {
  const draw = drawFrom(seededRandom(seed));
  for (let i = 0; i < rounds; i++) {
    const round = randomRound(draw, invariant.alone);
    const broken = invariant.check({ round, decision: choker(round), choker, draw });
    if (broken !== undefined) return `invariant ${invariant.number}, seed ${seed}, round ${i}: ${broken}`;
  }
  return undefined;
}
