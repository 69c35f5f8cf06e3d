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

export type Arrivals = "flash" | "poisson";

export interface PopulationOptions {
  /** Besides the seeders. */
  readonly peers: number;
  readonly seeders: number;
  /** Bytes per second of each first seeder. */
  readonly seederUp: number;
  /** 0 to 1. The bidders of a smaller share are among those of a larger one. */
  readonly bidderShare: number;
  readonly leavers: boolean;
  /** `flash`: all within half a minute. `poisson`: at random over `arrivalSeconds`. */
  readonly arrivals: Arrivals;
  readonly arrivalSeconds: number;
  readonly seed: number;
}

const FLASH_SECONDS = 30;

/** First the seeders, then the others in the order of arrival. Same seed, same peers, whatever the share of bidders. */
export function drawPopulation(options: PopulationOptions): readonly PeerPlan[] {
  const { peers, seeders, seed, leavers } = options;
  const chance = new Chance(seed, 1);
  const span = options.arrivals === "flash" ? FLASH_SECONDS : options.arrivalSeconds;
  const times = Array.from({ length: peers }, () => Math.floor(chance.next() * span)).sort((a, b) => a - b);
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
