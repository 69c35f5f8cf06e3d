/**
 * Which torrents to seed: those that pay best for a byte of upload, by what trackers tell of bids (docs/spec/tracker_bids.md).
 *
 * Income of a MiB = price x the share of our slots that finds a bidder. The price is the second bid, which is what one slot
 * fetches in the auction of es_market: the highest alone proves nothing, and one liar cannot move the second. The share
 * is bidders / (sellers x slots): fewer sellers, more of our slots sold. What must be downloaded first costs, spread over
 * the copies that we expect to give. An order, not a forecast. Invariants: integers alone; the same input gives the same
 * order; one bidder more, a higher second bid or one seeder fewer never ranks a complete torrent lower.
 */
import { compareBytes } from "@everseed/core";
import { higher, type Price } from "./price.ts";
import { MAX_LIFE_SECONDS } from "./statements.ts";

export interface TorrentScrape {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** When the tracker said so, Unix seconds. No bid of then lives after an hour: the scrape is passed over. */
  readonly at: number;
  /** Bidders that count: one per address and address group. */
  readonly bidders: number;
  readonly highest: Price;
  /** Zero where there is one bidder. */
  readonly second: Price;
  readonly seeders: number;
  readonly leechers: number;
  /** What we hold of the torrent, in bytes. */
  readonly heldBytes: number;
  /** Above zero where it is known; 0 counts as nothing held. */
  readonly totalBytes: number;
  /** We are one of the seeders that were counted. */
  readonly counted: boolean;
}

export interface RankPolicy {
  /** Slots that a seller has for sale, at least 1. */
  readonly slots: number;
  /** Our lowest price. */
  readonly reserve: Price;
  /** What we would pay for a MiB that we do not hold. */
  readonly fetchPrice: Price;
}

export interface RankedTorrent {
  readonly infoHash: Uint8Array;
  /** Nano base units per MiB of upload; below zero where fetching costs more than it brings. */
  readonly income: bigint;
}

const NANO_PER_MICRO = 1_000n;

/** Best first; scrapes from the future or older than an hour are left out. */
export function rankTorrents(
  scrapes: readonly TorrentScrape[],
  now: number,
  policy: RankPolicy,
): readonly RankedTorrent[] {
  return scrapes
    .filter(({ at }) => at <= now && now - at < MAX_LIFE_SECONDS)
    .map((scrape) => ({ scrape, infoHash: scrape.infoHash, income: incomeOf(scrape, policy) }))
    .sort((a, b) => order(b.income, a.income) || thirst(b.scrape, a.scrape) || compareBytes(a.infoHash, b.infoHash))
    .map(({ infoHash, income }) => ({ infoHash, income }));
}

function incomeOf(scrape: TorrentScrape, { slots, reserve, fetchPrice }: RankPolicy): bigint {
  const { bidders, highest, second, leechers, heldBytes, totalBytes } = scrape;
  const sellers = sellersOf(scrape);
  const offered = sellers * BigInt(slots);
  const taken = BigInt(bidders) < offered ? BigInt(bidders) : offered;
  const price = bidders > 0 && highest >= reserve ? higher(reserve, second) : 0n;
  const income = (price * NANO_PER_MICRO * taken) / offered;
  const total = BigInt(Math.max(totalBytes, 1));
  const held = totalBytes === 0 ? 0n : BigInt(Math.min(heldBytes, totalBytes));
  // Copies that we expect to give of what we fetch once: the leechers' share of this seller, at least one.
  const copies = BigInt(Math.max(leechers, 1));
  const divisor = total * (copies > sellers ? copies : sellers);
  const cost = fetchPrice * NANO_PER_MICRO * (total - held) * sellers;
  return income - (cost + divisor - 1n) / divisor;
}

function sellersOf({ seeders, counted }: TorrentScrape): bigint {
  return BigInt(counted ? Math.max(seeders, 1) : seeders + 1);
}

function order(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Where nobody pays, or all pay alike: more leechers a seller first. */
function thirst(a: TorrentScrape, b: TorrentScrape): number {
  return order(BigInt(a.leechers) * sellersOf(b), BigInt(b.leechers) * sellersOf(a));
}
