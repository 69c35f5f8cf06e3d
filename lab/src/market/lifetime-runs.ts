/**
 * How long a torrent lives when staying costs something: arrivals fade, and who is complete leaves when its patience is over,
 * unless the market's income pays for its staying.
 *
 * A peer earns only if it runs the market, that is if it bids too; the others and the publisher are plain clients. Costs and
 * prices are in shares of what the median bidder would give for the whole download. Left out: several torrents at a peer, people
 * who come back, forecasts (a peer looks at the last day), the cost of bandwidth, and why anybody would seed unpaid for long.
 */
import { hardenedReserve, PROOF_WINDOW_SECONDS, type Price, paperReserve, priceFromPerGib } from "@everseed/market";
import { type BandwidthRule, Swarm } from "./swarm-model.ts";
import { arrivalsWithin, drawPopulation, fadingArrivals, MEDIAN_BALANCE, type PeerPlan } from "./swarm-peers.ts";
import { Chance } from "./swarm-random.ts";

export interface LifetimeOptions {
  /** Peers of the first ten minutes. */
  readonly crowd: number;
  /** After the crowd, per hour, at first. */
  readonly demand: number;
  /** The demand falls to 1/e in this time. */
  readonly decayHours: number;
  /** Mean time that a complete peer stays for nothing. */
  readonly patienceHours: number;
  /** What staying an hour costs the median peer, over what the median bidder would give for the download. */
  readonly cost: number;
  /** The highest reserve, over the median first bid. */
  readonly reserveMax: number;
  readonly reserveTauHours: number;
  /** k of the hardened reserve. */
  readonly rivalWeight: number;
  readonly mebibytes: number;
  readonly pieces: number;
  readonly bandwidth: BandwidthRule;
}

export interface Market {
  /** Percent. */
  readonly bidders: number;
  readonly reserve: "hardened" | "paper";
}

export interface Lifetime {
  /** Hours until not all pieces are online any more. */
  readonly hours: number;
  /** Hours until the last complete peer left. */
  readonly seederHours: number;
  /** Percent of all who came that completed. */
  readonly servedPercent: number;
}

const HOUR = 3_600;
const CHECK_SECONDS = 600;
const CROWD_SECONDS = 600;
const PUBLISHER_SECONDS = 2 * HOUR;
const PUBLISHER_UP = 512 << 10;
const INCOME_HOURS = 24;
/** Costs differ as much as people do: a sixth pays less than a third of the median, a sixth over three times it. */
const COST_SIGMA = 1.2;
const FINE_PER_BASE = 1e6 * 2 ** 20;

interface Stayer {
  /** When its patience ends, counted from completion. Seconds. */
  readonly patience: number;
  /** Base units an hour. */
  readonly cost: number;
  /** What it had earned by each check since it was complete, base units, at most of the last day. */
  readonly earned: number[];
}

/** One torrent from its publication to its end; without `market` nobody bids and all are plain clients. */
export function liveSwarm(options: LifetimeOptions, market: Market | undefined, seed: number): Lifetime {
  const times = [
    ...arrivalsWithin(options.crowd, CROWD_SECONDS, seed),
    ...fadingArrivals(options.demand, options.decayHours, seed).map((second) => second + CROWD_SECONDS),
  ];
  const bidderShare = (market?.bidders ?? 0) / 100;
  const peers = drawPopulation({ times, seeders: 1, seederUp: PUBLISHER_UP, bidderShare, leavers: false, seed });
  const stayers = drawStayers(options, peers, seed);
  const swarm = startSwarm(options, market, peers, seed);
  let [nextCheck, lastSeeder] = [0, 0];
  while (swarm.online.length > 0 || swarm.now === 0) {
    if (swarm.leeching === 0) swarm.skipTo(Math.min(swarm.nextArrival, nextCheck));
    if (swarm.now >= nextCheck) {
      nextCheck += CHECK_SECONDS;
      leaveWhereItCosts(swarm, stayers);
      if (swarm.now > 0 && !swarm.whole) break;
    }
    swarm.step();
    if (swarm.online.length > swarm.leeching) lastSeeder = swarm.now;
  }
  const served = swarm.completedAt.reduce((sum, at) => sum + (at > 0 ? 1 : 0), 0);
  return {
    hours: swarm.now / HOUR,
    seederHours: lastSeeder / HOUR,
    servedPercent: (100 * served) / times.length,
  };
}

function drawStayers(options: LifetimeOptions, peers: readonly PeerPlan[], seed: number): readonly Stayer[] {
  const chance = new Chance(seed, 4);
  return peers.map(({ complete }) => ({
    patience: chance.exponential(options.patienceHours * HOUR) + (complete ? PUBLISHER_SECONDS : 0),
    cost: options.cost * MEDIAN_BALANCE * chance.logNormal(COST_SIGMA),
    earned: [],
  }));
}

function leaveWhereItCosts(swarm: Swarm, stayers: readonly Stayer[]): void {
  for (const peer of [...swarm.online]) {
    if (!swarm.links.complete(peer)) continue;
    const { patience, cost, earned } = stayers[peer] as Stayer;
    earned.push(Number(swarm.money.earned[peer]) / FINE_PER_BASE);
    if (earned.length > (INCOME_HOURS * HOUR) / CHECK_SECONDS + 1) earned.shift();
    const stayed = swarm.now - (swarm.completedAt[peer] as number);
    if (stayed < patience) continue;
    const hours = Math.max(1, ((earned.length - 1) * CHECK_SECONDS) / HOUR);
    const income = ((earned.at(-1) as number) - (earned[0] as number)) / hours;
    if (income < cost || income === 0) swarm.depart(peer);
  }
}

function startSwarm(
  options: LifetimeOptions,
  market: Market | undefined,
  peers: readonly PeerPlan[],
  seed: number,
): Swarm {
  const bid = priceFromPerGib((BigInt(MEDIAN_BALANCE) * 1_024n) / BigInt(options.mebibytes), "down");
  const max = (bid * BigInt(Math.round(options.reserveMax * 1e6))) / 1_000_000n;
  const curve = { max: max as Price, tauSeconds: options.reserveTauHours * HOUR };
  const rivalWeightPpm = Math.round(options.rivalWeight * 1e6);
  const swarm: Swarm = new Swarm({
    peers,
    strategy: market === undefined ? "tit-for-tat" : "auction",
    everybodySells: false,
    pieces: options.pieces,
    pieceBytes: Math.floor((options.mebibytes << 20) / options.pieces),
    ...{ slots: 8, optimisticSlots: 1, dials: 16, maxConnections: 40, bandwidth: options.bandwidth },
    bidCap: (bid * 20n) as Price,
    reserve: (peer, completedAt, now) => {
      const { provenGroups, lastProofAt } = proofsOf(swarm, peers, peer, now);
      if (market?.reserve === "paper")
        return paperReserve({ ...curve, completedAt, now, ...(lastProofAt < 0 ? {} : { lastProofAt }) });
      return hardenedReserve({ ...curve, completedAt, now, provenGroups, rivalWeightPpm });
    },
    seed,
  });
  return swarm;
}

/** Every other complete peer that runs the market proves possession to `peer` whenever it is asked, as long as it is there. */
function proofsOf(
  { completedAt, leftAt }: Swarm,
  peers: readonly PeerPlan[],
  peer: number,
  now: number,
): { readonly provenGroups: number; readonly lastProofAt: number } {
  const groups = new Set<string>();
  let lastProofAt = -1;
  const since = completedAt[peer] as number;
  for (let other = 0; other < peers.length; other++) {
    const plan = peers[other] as PeerPlan;
    if (other === peer || plan.balance === 0 || (completedAt[other] as number) < 0) continue;
    const left = leftAt[other] as number;
    const seen = left < 0 ? now : left;
    if (seen < since || now - seen >= PROOF_WINDOW_SECONDS) continue;
    groups.add(plan.addressGroup);
    lastProofAt = Math.max(lastProofAt, seen);
  }
  return { provenGroups: groups.size, lastProofAt };
}
