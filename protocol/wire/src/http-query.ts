/**
 * The query strings of HTTP trackers, whose values are bytes, and the two values of tracker_bids in them
 * (docs/spec/tracker_bids.md): a signed `bid`, and the `market` in which peers are asked for by bid. Both are opaque here.
 */
import { fromUtf8, ProtocolError, utf8 } from "@everseed/core";

/** What an announce says of bids, and what a tracker is asked. */
export interface BidFields {
  /** A signed bid, 1 to `MAX_BID_BYTES` bytes. */
  readonly bid?: Uint8Array;
  /** Peers that bid in this market first, dearest bid first: `BID_MARKET_LENGTH` bytes. */
  readonly sortByBid?: Uint8Array;
}

/** What one option of BEP 41 holds. */
export const MAX_BID_BYTES = 255;
/** Chain id (8), contract (20) and token (20). */
export const BID_MARKET_LENGTH = 48;
/** A price is below 2^96. */
export const MAX_PRICE_BYTES = 12;

export function percent(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    out += /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
  }
  return out;
}

/** `base` with a query; a fragment is no part of a request. */
export function withQuery(base: string, query: readonly string[]): string {
  const [page = ""] = base.split("#", 1);
  return `${page}${page.includes("?") ? "&" : "?"}${query.join("&")}`;
}

/** Query parameters with their values as bytes: an infohash is no text. */
export function parseQuery(query: string): Map<string, Uint8Array[]> {
  const out = new Map<string, Uint8Array[]>();
  for (const part of query.split("&").slice(0, 200)) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    const key = part.slice(0, at);
    out.set(key, [...(out.get(key) ?? []), unescapeBytes(part.slice(at + 1))]);
  }
  return out;
}

function unescapeBytes(text: string): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const pair = text[i] === "%" ? text.slice(i + 1, i + 3) : "";
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      out.push(Number.parseInt(pair, 16));
      i += 2;
    } else if (text[i] === "+") out.push(32);
    else if (text.charCodeAt(i) < 0x80) out.push(text.charCodeAt(i));
    else out.push(...utf8(text[i] as string));
  }
  return Uint8Array.from(out);
}

export function bidQuery({ bid, sortByBid }: BidFields): string[] {
  return [
    ...(bid === undefined ? [] : [`bid=${percent(bid)}`]),
    ...(sortByBid === undefined ? [] : ["sort=bid", `market=${percent(sortByBid)}`]),
  ];
}

/** Of an announce's query, or of the URL that BEP 41 carries. Throws `ProtocolError` `announce-invalid`. */
export function readBidQuery(values: ReadonlyMap<string, readonly Uint8Array[]>): BidFields {
  const bid = values.get("bid")?.[0];
  const sorted = fromUtf8(values.get("sort")?.[0] ?? new Uint8Array()) === "bid";
  const market = values.get("market")?.[0];
  return {
    ...(bid === undefined ? {} : { bid: expectBid(bid) }),
    ...(sorted ? { sortByBid: expectMarket(market ?? new Uint8Array()) } : {}),
  };
}

/** Throws `ProtocolError` `announce-invalid`. */
export function expectBid(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 1 || bytes.length > MAX_BID_BYTES)
    throw new ProtocolError("announce-invalid", "bid", `1 to ${MAX_BID_BYTES} bytes`, `${bytes.length}`);
  return bytes;
}

/** Throws `ProtocolError` `announce-invalid`. */
export function expectMarket(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== BID_MARKET_LENGTH)
    throw new ProtocolError("announce-invalid", "market", `${BID_MARKET_LENGTH} bytes`, `${bytes.length}`);
  return bytes;
}
