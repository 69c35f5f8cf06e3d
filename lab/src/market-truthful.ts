/**
 * Does it pay to bid anything but one's value? Random choke rounds, one bidder deviating in each.
 *
 *     npm run lab -- market-truthful [--rounds N] [--seed S] [--invariants N] [--json]
 *
 * The promise: a bidder for one slot that is priced in the round gains nothing by any other bid (exit 1 otherwise). The limits,
 * measured and printed, are no failures: what a second identity, a seller's phantom bid, the free slots and a price that
 * still holds can give. `--invariants N` also runs every invariant of the choke round over N rounds each.
 *
 * A buyer's limits are given in percent of the rounds it was in, and of the summed values of its bidder; the seller's in percent
 * of what honest rounds earn. Gains are upper bounds: the deviating side knows every bid.
 */
import { parseArgs } from "node:util";
import { seededRandom } from "@everseed/core";
import { auction, type LiveBid, type MarketCandidate, type MarketRound } from "@everseed/market";
import {
  type Draw,
  drawFrom,
  gain,
  oneSlotBidder,
  priceHolds,
  ROUND_INVARIANTS,
  randomRound,
  violationOf,
  withBid,
} from "../../protocol/market/src/market-compliance.ts";
import { printTable } from "./table.ts";

type Bidding = MarketCandidate & { readonly bid: LiveBid };

/** One way to deviate: what it gave in a round, beside what honesty gave. */
interface Outcome {
  readonly honest: number;
  readonly deviating: number;
  /** What the gain is measured against. */
  readonly base: number;
}

interface Experiment {
  readonly name: string;
  readonly promise: boolean;
  readonly play: (round: MarketRound, draw: Draw) => Outcome | undefined;
}

export interface TruthfulRow {
  readonly name: string;
  /** True where any gain is a failure. */
  readonly promise: boolean;
  readonly rounds: number;
  readonly gaining: number;
  readonly losing: number;
  /** Sum of the gains of rounds that gain, in percent of the base. */
  readonly gainPercent: number;
  /** Sum of all gains and losses, in percent of the base: what blind use would give. */
  readonly netPercent: number;
}

const worthTo = (one: Bidding): bigint => one.bid.price;

/** One bidder, another bid: near its value, anywhere, or around every other bid, where the outcome can turn. */
function otherBid(one: Bidding, round: MarketRound, draw: Draw): bigint {
  const kind = draw(3);
  if (kind === 0) return BigInt(draw(260));
  const bids = kind === 1 ? [one.bid.price] : round.candidates.flatMap(({ bid }) => bid?.price ?? []);
  const near = (bids[draw(bids.length)] ?? 0n) + BigInt(draw(3)) - 1n;
  return near < 0n ? 0n : near;
}

function deviate(round: MarketRound, draw: Draw, held: boolean): Outcome | undefined {
  const one = oneSlotBidder(round, draw);
  if (one === undefined || priceHolds(one) !== held) return undefined;
  const value = worthTo(one);
  const other = auction(withBid(round, one.id, otherBid(one, round, draw)));
  return {
    honest: Number(gain(auction(round), one.id, value)),
    deviating: Number(gain(other, one.id, value)),
    base: Number(value),
  };
}

/** A free slot is worth `share` of a bought one: does it pay not to bid? */
function waitForFree(round: MarketRound, draw: Draw, share: number): Outcome | undefined {
  const one = oneSlotBidder(round, draw);
  if (one === undefined) return undefined;
  const value = Number(worthTo(one));
  const worth = (of: MarketRound): number => {
    const decision = auction(of);
    const slot = decision.sold.find(({ id }) => id === one.id);
    if (slot !== undefined) return value - Number(slot.price);
    return decision.unchoke.includes(one.id) ? value * share : 0;
  };
  const silent = round.candidates.map((c) => {
    const { bid, ...rest } = c;
    return c.id === one.id || bid === undefined ? rest : c;
  });
  return { honest: worth(round), deviating: worth({ ...round, candidates: silent }), base: value };
}

/** The same person under two identities, both slots worth the same: the second bids less to make the first cheaper. */
function twoIdentities(round: MarketRound, draw: Draw): Outcome | undefined {
  const one = oneSlotBidder(round, draw);
  if (one === undefined || priceHolds(one)) return undefined;
  const { lastPrice: _, ...rest } = one;
  const second: Bidding = { ...rest, id: 999, identity: "second", addressGroup: "second" };
  const honest = { ...round, candidates: [...round.candidates, second] };
  const shaded = withBid(honest, second.id, BigInt(draw(Number(one.bid.price) + 1)));
  const worth = (of: MarketRound): number => {
    const decision = auction(of);
    return [one.id, second.id].reduce((sum, id) => sum + Number(gain(decision, id, worthTo(one))), 0);
  };
  return { honest: worth(honest), deviating: worth(shaded), base: 2 * Number(worthTo(one)) };
}

/** A bidder for one slot invents a second name, whatever that one bids. */
function secondName(round: MarketRound, draw: Draw): Outcome | undefined {
  const one = oneSlotBidder(round, draw);
  if (one === undefined || priceHolds(one)) return undefined;
  const { lastPrice: _, ...rest } = one;
  const second: Bidding = { ...rest, id: 999, identity: "second", addressGroup: "second" };
  const both = withBid({ ...round, candidates: [...round.candidates, second] }, second.id, otherBid(one, round, draw));
  const decision = auction(both);
  // It has use for one slot, and pays for each that it wins.
  const paid = [one.id, second.id].reduce((sum, id) => sum - gain(decision, id, 0n), 0n);
  const won = decision.sold.some(({ id }) => id === one.id || id === second.id);
  const value = worthTo(one);
  return {
    honest: Number(gain(auction(round), one.id, value)),
    deviating: Number((won ? value : 0n) - paid),
    base: Number(value),
  };
}

/** The seller signs a bid itself, as high as the lowest winner's, under a name that is always the first loser. */
function phantomBid(round: MarketRound): Outcome | undefined {
  const honest = auction(round);
  const bids = honest.sold.map(({ id }) => round.candidates.find((c) => c.id === id)?.bid?.price ?? 0n);
  const least = bids.sort((a, b) => (a < b ? -1 : 1))[0];
  if (least === undefined || least === 0n) return undefined;
  const torrent = [...round.torrents].sort((a, b) => (a[1].reserve < b[1].reserve ? -1 : 1))[0]?.[0] as string;
  const phantom: Bidding = {
    ...(round.candidates[0] as MarketCandidate),
    ...{ id: 999, torrent, identity: "phantom", addressGroup: "phantom", interested: true, banned: false },
    ...{ unchoked: false, downloadRate: 0, connectedAt: round.now, lastUnchokedAt: round.now, channelCanPay: true },
    bid: { price: (least - 1n) as LiveBid["price"], expiresAt: round.now + 1, signature: new Uint8Array(65) },
  };
  const { lastPrice: _, ...fresh } = phantom;
  const revenue = (of: MarketRound): number =>
    auction(of).sold.reduce((sum, slot) => sum + (slot.id === 999 ? 0 : Number(slot.price)), 0);
  const before = revenue(round);
  return { honest: before, deviating: revenue({ ...round, candidates: [...round.candidates, fresh] }), base: before };
}

/** A loser bids up to just below the lowest winner, for the tie of the free optimistic slot. */
function optimisticTie(round: MarketRound, draw: Draw): Outcome | undefined {
  const one = oneSlotBidder(round, draw);
  if (one === undefined || priceHolds(one)) return undefined;
  const value = Number(worthTo(one));
  const worth = (of: MarketRound): number => {
    const decision = auction(of);
    if (decision.optimistic.some(({ id }) => id === one.id)) return value;
    return Number(gain(decision, one.id, worthTo(one)));
  };
  return { honest: worth(round), deviating: worth(withBid(round, one.id, otherBid(one, round, draw))), base: value };
}

const EXPERIMENTS: readonly Experiment[] = [
  { name: "one slot, another bid", promise: true, play: (round, draw) => deviate(round, draw, false) },
  { name: "one slot, a second name", promise: false, play: secondName },
  { name: "two identities, the second shades", promise: false, play: twoIdentities },
  { name: "seller's phantom bid", promise: false, play: phantomBid },
  { name: "no bid, free slot worth half", promise: false, play: (round, draw) => waitForFree(round, draw, 0.5) },
  { name: "no bid, free slot worth all", promise: false, play: (round, draw) => waitForFree(round, draw, 1) },
  { name: "another bid for the optimistic tie", promise: false, play: optimisticTie },
  { name: "another bid while a price holds", promise: false, play: (round, draw) => deviate(round, draw, true) },
];

/** Plays every experiment in each of `rounds` random rounds. */
export function measureTruthfulness(rounds: number, seed: number): readonly TruthfulRow[] {
  const draw = drawFrom(seededRandom(seed));
  const sums = EXPERIMENTS.map(() => ({ rounds: 0, gaining: 0, losing: 0, gained: 0, net: 0, base: 0 }));
  for (let i = 0; i < rounds; i++) {
    const round = randomRound(draw);
    for (const [index, { play }] of EXPERIMENTS.entries()) {
      const outcome = play(round, draw);
      const sum = sums[index];
      if (outcome === undefined || sum === undefined) continue;
      const difference = outcome.deviating - outcome.honest;
      sum.rounds++;
      sum.base += outcome.base;
      sum.net += difference;
      if (difference > 0) [sum.gaining, sum.gained] = [sum.gaining + 1, sum.gained + difference];
      if (difference < 0) sum.losing++;
    }
  }
  return EXPERIMENTS.map(({ name, promise }, index) => {
    const { base, gained, net, ...counts } = sums[index] as (typeof sums)[number];
    const percent = (part: number): number => (base === 0 ? 0 : (100 * part) / base);
    return { name, promise, ...counts, gainPercent: percent(gained), netPercent: percent(net) };
  });
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
      invariants: { type: "string", default: "0" },
    },
  });
  const seed = Number(values.seed);
  const rows = measureTruthfulness(Number(values.rounds), seed);
  const rounds = Number(values.invariants);
  const broken = rounds === 0 ? [] : ROUND_INVARIANTS.flatMap((each) => violationOf(each, { rounds, seed }) ?? []);
  if (values.json) console.log(JSON.stringify({ seed, rows, invariants: { rounds, broken } }));
  else {
    printTable(
      ["deviation", "claim", "rounds", "gain", "lose", "gained %", "net %"],
      rows.map((row) => [
        row.name,
        row.promise ? "never gains" : "known limit",
        ...[row.rounds, row.gaining, row.losing].map(String),
        row.gainPercent.toFixed(2),
        row.netPercent.toFixed(2),
      ]),
    );
    if (rounds > 0)
      console.log(`\n${ROUND_INVARIANTS.length} invariants over ${rounds} rounds each: ${broken.length} broken`);
    for (const each of broken) console.log(each);
  }
  if (broken.length > 0 || rows.some(({ promise, gaining }) => promise && gaining > 0)) process.exitCode = 1;
}
