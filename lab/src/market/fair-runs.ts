/**
 * Completion times of plain clients and of bidders in pairs of simulated swarms: the same peers, connections drawn from the
 * same seed, once with a strategy and bidders, once with tit-for-tat and nobody bidding. What the swarm model leaves out is
 * said in swarm-model.ts. Unless told otherwise every peer, bidder or not, runs the strategy, so that all that can be sold is.
 */
import { hardenedReserve, type Price, priceFromPerGib, type StrategyName } from "@everseed/market";
import { type Estimate, estimateMean, mean } from "./statistics.ts";
import { type BandwidthRule, Swarm } from "./swarm-model.ts";
import { arrivalsWithin, drawPopulation, MEDIAN_BALANCE, type PeerPlan } from "./swarm-peers.ts";

export type Arrivals = "flash" | "poisson";

export interface FairOptions {
  readonly peers: readonly number[];
  /** Percent. */
  readonly bidders: readonly number[];
  readonly departures: readonly ("stayers" | "leavers")[];
  readonly arrivals: readonly Arrivals[];
  readonly strategies: readonly StrategyName[];
  readonly bandwidth: BandwidthRule;
  readonly everybodySells: boolean;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly mebibytes: number;
  readonly pieces: number;
}

export interface FairRow {
  readonly peers: number;
  readonly arrivals: Arrivals;
  readonly departure: "stayers" | "leavers";
  readonly strategy: StrategyName;
  readonly bidders: number;
  /** Mean completion time over that without the market, per seed: 1 is as fast, 1.1 is 10 % slower. */
  readonly plain: Estimate;
  /** Absent where nobody bids. */
  readonly paying?: Estimate;
  /** Mean completion of all peers without the market, in seconds. */
  readonly seconds: number;
  /** Percent of their money that bidders paid, net of what they earned themselves. */
  readonly spentPercent: number;
}

const SEEDER_UP = 512 << 10;
const PEERS_PER_SEEDER = 200;
const ARRIVAL_SECONDS = { flash: 30, poisson: 600 } as const;
const SLOTS = 8;
const OPTIMISTIC_SLOTS = 1;
const DIALS = 16;
const MAX_CONNECTIONS = 40;
const GIVE_UP_SECONDS = 50_000;
/** A bid grows without bound towards the end of a download; people would not. */
const CAP_PER_BID = 20n;
const RESERVE_PER_BID = 5n;
const RESERVE_TAU_SECONDS = 86_400;

interface Timed {
  readonly peers: readonly PeerPlan[];
  /** Seconds from arrival to completion, by peer; the first seeders have none. */
  readonly seconds: readonly number[];
  readonly spentPercent: number;
}

type Case = Pick<FairRow, "peers" | "arrivals" | "departure" | "strategy" | "bidders">;

/** What the median bidder bids at first. */
function medianBid(mebibytes: number): Price {
  return priceFromPerGib((BigInt(MEDIAN_BALANCE) * 1_024n) / BigInt(mebibytes), "down");
}

/** One swarm, until the last peer is complete. `chance` is the seed of everything but the peers themselves. */
export function timeSwarm(of: Case, options: FairOptions, seed: number, chance = seed): Timed {
  const seeders = Math.max(1, Math.floor(of.peers / PEERS_PER_SEEDER));
  const peers = drawPopulation({
    times: arrivalsWithin(of.peers, ARRIVAL_SECONDS[of.arrivals], seed),
    ...{ seeders, seederUp: SEEDER_UP, bidderShare: of.bidders / 100, leavers: of.departure === "leavers", seed },
  });
  const bid = medianBid(options.mebibytes);
  const swarm = new Swarm({
    peers,
    strategy: of.strategy,
    everybodySells: options.everybodySells,
    pieces: options.pieces,
    pieceBytes: Math.floor((options.mebibytes << 20) / options.pieces),
    slots: SLOTS,
    optimisticSlots: OPTIMISTIC_SLOTS,
    dials: DIALS,
    maxConnections: MAX_CONNECTIONS,
    bandwidth: of.strategy === "tit-for-tat" ? "equal" : options.bandwidth,
    bidCap: (bid * CAP_PER_BID) as Price,
    reserve: (_, completedAt, now) =>
      hardenedReserve({
        ...{ max: (bid / RESERVE_PER_BID) as Price, tauSeconds: RESERVE_TAU_SECONDS },
        ...{ completedAt, now, provenGroups: 1, rivalWeightPpm: 1_000_000 },
      }),
    seed: chance,
  });
  while (!swarm.done && swarm.now < GIVE_UP_SECONDS) swarm.step();
  if (!swarm.done) throw new Error(`Swarm of seed ${seed} is not complete after ${GIVE_UP_SECONDS} s: ${of.strategy}`);
  const { spent, earned, bids } = swarm.money;
  let [paid, owned] = [0, 0];
  for (const [i, peer] of peers.entries()) {
    if (!bids[i]) continue;
    paid += Number((spent[i] as bigint) - (earned[i] as bigint)) / 1e6 / 2 ** 20;
    owned += peer.balance;
  }
  return {
    peers,
    seconds: peers.map(({ arrivesAt }, i) => (swarm.completedAt[i] as number) - arrivesAt),
    spentPercent: owned === 0 ? 0 : (100 * paid) / owned,
  };
}

/** The mean of those that bid, or of those that do not. */
function meanOf({ seconds }: Timed, peers: readonly PeerPlan[], bidding: boolean): number {
  return mean(seconds.filter((_, i) => peers[i]?.complete === false && (peers[i]?.balance ?? 0) > 0 === bidding));
}

/** All rows for one swarm size, way of arrival and of departure. `tell` is called after every seed. */
export function measureFairness(
  options: FairOptions,
  [peers, arrivals, departure]: readonly [number, Arrivals, "stayers" | "leavers"],
  tell: (seed: number) => void = () => {},
): readonly FairRow[] {
  const cases = options.strategies.flatMap((strategy) =>
    // Tit-for-tat sees no bids: one row, with other connections and lots, shows how far chance alone goes.
    (strategy === "tit-for-tat" ? [0] : options.bidders).map((bidders) => ({
      ...{ of: { peers, arrivals, departure, strategy, bidders }, plain: [] as number[], paying: [] as number[] },
      spent: [] as number[],
    })),
  );
  const seconds: number[] = [];
  for (let seed = options.firstSeed; seed < options.firstSeed + options.seeds; seed++) {
    const base = timeSwarm({ peers, arrivals, departure, strategy: "tit-for-tat", bidders: 0 }, options, seed);
    seconds.push(meanOf(base, base.peers, false));
    for (const { of, plain, paying, spent } of cases) {
      const other = timeSwarm(of, options, seed, of.strategy === "tit-for-tat" ? seed + 1_000_000 : seed);
      if (of.bidders < 100) plain.push(meanOf(other, other.peers, false) / meanOf(base, other.peers, false));
      if (of.bidders > 0) paying.push(meanOf(other, other.peers, true) / meanOf(base, other.peers, true));
      spent.push(other.spentPercent);
    }
    tell(seed);
  }
  return cases.map(({ of, plain, paying, spent }) => ({
    ...of,
    plain: estimateMean(plain),
    ...(paying.length === 0 ? {} : { paying: estimateMean(paying) }),
    seconds: mean(seconds),
    spentPercent: mean(spent),
  }));
}
