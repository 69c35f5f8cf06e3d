/**
 * Who comes to a simulated swarm: capacities, times of arrival, money.
 *
 * Upload capacities are skewed as measured populations are (Piatek et al., "Do incentives build robustness in BitTorrent?",
 * 2007: a median of some tens of KiB/s and a mean several times that), scaled to six classes; download is four times upload.
 * Who bids and how rich it is do not depend on its capacity. Left out: correlation of wealth and line, time of day, NAT.
 */
import { Chance } from "./swarm-random.ts";

const KIB = 1024;
/** KiB/s of upload, and the share of peers. */
const CLASSES = [64, 128, 256, 512, 1024, 2048];
const CLASS_SHARES = [0.25, 0.3, 0.25, 0.12, 0.06, 0.02];
const DOWN_PER_UP = 4;
/** Base units that the median bidder has: enough that integer division loses nothing. */
export const MEDIAN_BALANCE = 1_000_000;
/** The richest sixth has over twice the median, the poorest sixth less than half. */
const BALANCE_SIGMA = 0.8;
/** Of a swarm's addresses so many per peer: a few peers share a group, as behind one provider. */
const GROUPS_PER_PEER = 4;

export interface PeerPlan {
  /** Bytes per second. */
  readonly up: number;
  readonly down: number;
  /** Seconds. */
  readonly arrivesAt: number;
  /** Has everything at the start. */
  readonly complete: boolean;
  /** Base units; 0: a plain client, which does not know of the market. */
  readonly balance: number;
  readonly addressGroup: string;
  /** Goes as soon as it is complete. */
  readonly leaves: boolean;
}

export interface PopulationOptions {
  /** When each peer comes, besides the seeders: rising seconds. */
  readonly times: readonly number[];
  readonly seeders: number;
  /** Bytes per second of each first seeder. */
  readonly seederUp: number;
  /** 0 to 1. The bidders of a smaller share are among those of a larger one. */
  readonly bidderShare: number;
  readonly leavers: boolean;
  readonly seed: number;
}

/** So many peers at random within `seconds`: Poisson, given their number. A short time is a flash crowd. */
export function arrivalsWithin(peers: number, seconds: number, seed: number): number[] {
  const chance = new Chance(seed, 5);
  return Array.from({ length: peers }, () => Math.floor(chance.next() * seconds)).sort((a, b) => a - b);
}

/** Poisson with a rate of `perHour` at first that falls to a third (1/e) every `decayHours`, until it ends. */
export function fadingArrivals(perHour: number, decayHours: number, seed: number): number[] {
  const chance = new Chance(seed, 6);
  const times: number[] = [];
  // In the time of a Poisson process of rate 1, the whole of it lasts perHour x decayHours.
  const whole = perHour * decayHours;
  for (let used = chance.exponential(1); used < whole; used += chance.exponential(1))
    times.push(Math.floor(-decayHours * Math.log(1 - used / whole) * 3_600));
  return times;
}

/** First the seeders, then the others in the order of arrival. Same seed, same peers, whatever the share of bidders. */
export function drawPopulation(options: PopulationOptions): readonly PeerPlan[] {
  const { times, seeders, seed, leavers } = options;
  const peers = times.length;
  const chance = new Chance(seed, 1);
  const ranks = bidderRanks(peers, chance);
  const bidders = Math.round(options.bidderShare * peers);
  const group = (): string => `g${chance.below(GROUPS_PER_PEER * peers)}`;
  const first = Array.from({ length: seeders }, (): PeerPlan => {
    const up = options.seederUp;
    return { up, down: up, arrivesAt: 0, complete: true, balance: 0, addressGroup: group(), leaves: false };
  });
  const rest = times.map((arrivesAt, i): PeerPlan => {
    const up = (CLASSES[chance.weighted(CLASS_SHARES)] as number) * KIB;
    const wealth = Math.round(MEDIAN_BALANCE * chance.logNormal(BALANCE_SIGMA));
    const balance = (ranks[i] as number) < bidders ? wealth : 0;
    const addressGroup = group();
    return { up, down: DOWN_PER_UP * up, arrivesAt, complete: false, balance, addressGroup, leaves: leavers };
  });
  return [...first, ...rest];
}

/** A random order: who of the peers bids first when the share of bidders grows. */
function bidderRanks(peers: number, chance: Chance): number[] {
  const ranks = Array.from({ length: peers }, (_, i) => i);
  for (let i = peers - 1; i > 0; i--) {
    const j = chance.below(i + 1);
    [ranks[i], ranks[j]] = [ranks[j] as number, ranks[i] as number];
  }
  return ranks;
}
