/**
 * What trackers know of bids for many torrents (docs/spec/tracker_bids.md), for a seeder that chooses what to seed: over HTTP
 * alone, as answers over UDP have no room for more than counts.
 */
import { EverseedError, toHex } from "@everseed/core";
import { decodeScrapeResponse, MAX_TRACKER_ANSWER_BYTES, type ScrapeEntry, scrapeUrls } from "@everseed/wire";
import type { HttpGet } from "./tracker-client.ts";

/** What every server reads of a URL. */
const MAX_URL = 2_000;
const TIMEOUT_MS = 15_000;

export interface ScrapeBidsInit {
  readonly http: HttpGet;
  /** The market whose bids are asked for (`encodeBidMarket` of protocol/market). */
  readonly market: Uint8Array;
  readonly signal?: AbortSignal;
}

/**
 * Counts and bids by infohash (40 hexadecimal digits), asked in as many requests as it takes, one after the other. Torrents
 * that the tracker does not know may be missing, and so may `bids` where it knows of none. Rejects with EverseedError
 * `scrape-unsupported` for a tracker without scrape, and as `http` and `decodeScrapeResponse` do.
 */
export async function scrapeBids(
  announceUrl: string,
  infoHashes: readonly Uint8Array[],
  { http, market, signal }: ScrapeBidsInit,
): Promise<Map<string, ScrapeEntry>> {
  const urls = /^https?:\/\//.test(announceUrl) ? scrapeUrls(announceUrl, infoHashes, market, MAX_URL) : undefined;
  if (urls === undefined)
    throw new EverseedError(
      "scrape-unsupported",
      `Cannot scrape ${announceUrl}: expected an HTTP URL whose last part begins with "announce"`,
      { hint: "Bids of many torrents are asked over HTTP; most trackers have it on the port of their UDP." },
    );
  const limits = {
    maxBytes: MAX_TRACKER_ANSWER_BYTES,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  };
  const asked = new Set(infoHashes.map(toHex));
  const entries = new Map<string, ScrapeEntry>();
  for (const url of urls)
    for (const [name, entry] of decodeScrapeResponse(await http(url, limits)))
      if (asked.has(name)) entries.set(name, entry);
  return entries;
}
