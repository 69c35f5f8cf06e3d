/**
 * Scrapes over HTTP (BEP 48), both sides, and what a tracker knows of bids in one market (docs/spec/tracker_bids.md): how many
 * bid, and the two highest prices. A torrent's dictionary carries them as `bids`, `bid` and `bid2`.
 */
import { bigintToBytes, bytesToBigint, toHex } from "@everseed/core";
import { asBytes, asCount, asDict, type BencodeDict, type BencodeValue, dict, encodeBencode } from "@everseed/metainfo";
import { expectMarket, MAX_PRICE_BYTES, parseQuery, percent, withQuery } from "./http-query.ts";
import { answerDict } from "./http-tracker.ts";

export interface ScrapeEntry {
  readonly complete: number;
  readonly downloaded: number;
  readonly incomplete: number;
  /** Where a market was named, and the tracker knows of bids. */
  readonly bids?: BidSummary;
}

/** Prices are micro base units per MiB, below 2^96; the second of one bidder is zero. */
export interface BidSummary {
  readonly bidders: number;
  readonly highest: bigint;
  readonly second: bigint;
}

/** Infohashes of one scrape that a tracker reads. */
const MAX_SCRAPE = 74;

/**
 * The scrape URL of an announce URL (BEP 48): `announce` in the last part of the path becomes `scrape`. `undefined` when
 * it does not stand there, which means that the tracker cannot be scraped. `market` asks for the bids in it.
 */
export function scrapeUrl(
  announce: string,
  infoHashes: readonly Uint8Array[],
  market?: Uint8Array,
): string | undefined {
  const match = /^([^?#]*\/)announce([^/?#]*)(.*)$/.exec(announce);
  if (match === null) return undefined;
  return withQuery(`${match[1]}scrape${match[2]}${match[3]}`, [
    ...(market === undefined ? [] : ["bid=1", `market=${percent(market)}`]),
    ...infoHashes.map((hash) => `info_hash=${percent(hash)}`),
  ]);
}

/**
 * The same over as many URLs as it takes, none longer than `maxLength` unless it names a single torrent, nor with more torrents
 * than a tracker reads. No torrent, no URL.
 */
export function scrapeUrls(
  announce: string,
  infoHashes: readonly Uint8Array[],
  market: Uint8Array | undefined,
  maxLength: number,
): readonly string[] | undefined {
  const bare = scrapeUrl(announce, [], market);
  if (bare === undefined) return undefined;
  const urls: string[] = [];
  let group: Uint8Array[] = [];
  let length = bare.length;
  const flush = (): void => {
    if (group.length > 0) urls.push(scrapeUrl(announce, group, market) as string);
    group = [];
    length = bare.length;
  };
  for (const hash of infoHashes) {
    const more = "&info_hash=".length + percent(hash).length;
    if (length + more > maxLength || group.length === MAX_SCRAPE) flush();
    group.push(hash);
    length += more;
  }
  flush();
  return urls;
}

/**
 * The tracker's side: infohashes of another length are passed over, and those beyond 74. Throws `ProtocolError`
 * `announce-invalid`.
 */
export function parseScrapeQuery(query: string): {
  readonly infoHashes: readonly Uint8Array[];
  readonly market?: Uint8Array;
} {
  const values = parseQuery(query);
  const infoHashes = (values.get("info_hash") ?? []).filter((hash) => hash.length === 20).slice(0, MAX_SCRAPE);
  const market = values.get("market")?.[0];
  const asked = values.get("bid")?.[0]?.[0] === 0x31;
  return { infoHashes, ...(asked ? { market: expectMarket(market ?? new Uint8Array()) } : {}) };
}

/** Reads a scrape's answer: infohash (40 hexadecimal digits) to counts. Throws as `decodeAnnounceResponse` does. */
export function decodeScrapeResponse(body: Uint8Array): Map<string, ScrapeEntry> {
  const out = new Map<string, ScrapeEntry>();
  for (const [name, value] of asDict(answerDict(body, "scrape").get("files")) ?? []) {
    const entry = asDict(value);
    if (name.length !== 20 || entry === undefined) continue;
    const count = (key: string): number => asCount(entry.get(key)) ?? 0;
    out.set(toHex(Uint8Array.from(name, (char) => char.charCodeAt(0))), {
      complete: count("complete"),
      downloaded: count("downloaded"),
      incomplete: count("incomplete"),
      ...readSummary(entry),
    });
  }
  return out;
}

/** Another key of the same name, as some tracker may have, is no summary: nothing is refused for it. */
function readSummary(entry: BencodeDict): { bids?: BidSummary } {
  const bidders = asCount(entry.get("bids"));
  const highest = asBytes(entry.get("bid")) ?? new Uint8Array();
  const second = asBytes(entry.get("bid2")) ?? new Uint8Array();
  if (bidders === undefined || highest.length > MAX_PRICE_BYTES || second.length > MAX_PRICE_BYTES) return {};
  return { bids: { bidders, highest: bytesToBigint(highest), second: bytesToBigint(second) } };
}

/** The tracker's side. */
export function encodeScrapeResponse(entries: readonly (readonly [Uint8Array, ScrapeEntry])[]): Uint8Array {
  const files = new Map<string, BencodeValue>();
  for (const [hash, { complete, downloaded, incomplete, bids }] of entries) {
    const summary = bids && { bids: bids.bidders, bid: priceBytes(bids.highest), bid2: priceBytes(bids.second) };
    files.set(String.fromCharCode(...hash), dict({ complete, downloaded, incomplete, ...summary }));
  }
  return encodeBencode(dict({ files }));
}

/** Big-endian without leading zeros, as in es_market. */
function priceBytes(price: bigint): Uint8Array {
  const hex = price.toString(16);
  return price === 0n ? new Uint8Array() : bigintToBytes(price, Math.ceil(hex.length / 2));
}
