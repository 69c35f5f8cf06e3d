/**
 * The WebSocket tracker protocol of WebTorrent: peers that cannot be dialled (browsers) find each other by offers and
 * answers that the tracker carries between them. One JSON object a message; infohashes, peer ids and offer ids are 20 bytes
 * as a string of as many characters (latin1). Session descriptions are taken whole, after ICE gathering: nothing follows.
 *
 * Invariant: a message is measured before it is parsed, and every part of it has a bound; what is not of the form is a
 * `ProtocolError`. Fields that nobody knows are passed over, as the protocol has no version. Bids are of docs/spec/tracker_bids.md.
 */
import { fromHex, toHex, utf8 } from "@everseed/core";
import { BID_MARKET_LENGTH, type BidFields, MAX_BID_BYTES } from "./http-query.ts";
import type { ScrapeEntry } from "./http-scrape.ts";
import type { AnnounceEvent } from "./http-tracker.ts";
import { remoteText } from "./remote-text.ts";
import { type Fields, latin1, MAX_WEBSOCKET_MESSAGE, type Reader, reader, show } from "./websocket-fields.ts";

export { MAX_WEBSOCKET_MESSAGE };

/** Offers of one announce that are read; WebTorrent makes five. */
export const MAX_OFFERS = 10;
/** Infohashes of one scrape. */
export const MAX_WEBSOCKET_SCRAPE = 74;
const MAX_REASON_BYTES = 200;

export interface WebRtcOffer {
  /** 20 bytes that name the offer in its answer. */
  readonly offerId: Uint8Array;
  readonly sdp: string;
}

export interface WebSocketAnnounce extends BidFields {
  readonly action: "announce";
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes. Who does not know yet how much it is says `null` on the wire, and is read as 1. */
  readonly left: number;
  readonly event?: AnnounceEvent;
  readonly offers: readonly WebRtcOffer[];
}

/** An answer to an offer that the tracker brought. */
export interface WebSocketAnswer extends WebRtcOffer {
  readonly action: "answer";
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  /** Who made the offer. */
  readonly toPeerId: Uint8Array;
}

export interface WebSocketScrape {
  readonly action: "scrape";
  readonly infoHashes: readonly Uint8Array[];
  /** Asks for the bids in this market (48 bytes, docs/spec/tracker_bids.md). */
  readonly market?: Uint8Array;
}

export type WebSocketRequest = WebSocketAnnounce | WebSocketAnswer | WebSocketScrape;

/** What another peer sends through the tracker. */
interface WebSocketRelay<A extends "offer" | "answer"> extends WebRtcOffer {
  readonly action: A;
  readonly infoHash: Uint8Array;
  /** Of the peer that sent it. */
  readonly peerId: Uint8Array;
}

export type WebSocketResponse =
  | {
      readonly action: "announce";
      readonly infoHash: Uint8Array;
      readonly intervalSeconds?: number;
      readonly complete?: number;
      readonly incomplete?: number;
      readonly warning?: string;
    }
  | WebSocketRelay<"offer">
  | WebSocketRelay<"answer">
  | {
      readonly action: "scrape";
      /** By infohash, 40 hexadecimal digits. */
      readonly entries: ReadonlyMap<string, ScrapeEntry>;
    }
  | { readonly action: "failure"; readonly reason: string; readonly infoHash?: Uint8Array };

export function encodeWebSocketRequest(request: WebSocketRequest): string {
  if (request.action === "scrape") {
    const { infoHashes, market } = request;
    return JSON.stringify({ action: "scrape", info_hash: infoHashes.map(latin1), market: market && latin1(market) });
  }
  const names = { action: "announce", info_hash: latin1(request.infoHash), peer_id: latin1(request.peerId) };
  if (request.action === "answer") {
    return JSON.stringify({
      ...names,
      to_peer_id: latin1(request.toPeerId),
      offer_id: latin1(request.offerId),
      answer: { type: "answer", sdp: request.sdp },
    });
  }
  const { uploaded, downloaded, left, event, offers, bid, sortByBid } = request;
  return JSON.stringify({
    ...names,
    ...{ uploaded, downloaded, left, event },
    ...(bid === undefined ? {} : { bid: latin1(bid) }),
    ...(sortByBid === undefined ? {} : { sort: "bid", market: latin1(sortByBid) }),
    numwant: offers.length,
    offers: offers.map(({ offerId, sdp }) => ({ offer: { type: "offer", sdp }, offer_id: latin1(offerId) })),
  });
}

/** The tracker's side. Throws `ProtocolError` `announce-invalid`. */
export function decodeWebSocketRequest(message: string | Uint8Array): WebSocketRequest {
  const read = reader("announce-invalid");
  const root = read.root(message);
  if (root.action === "scrape") {
    const names = Array.isArray(root.info_hash) ? (root.info_hash as unknown[]) : [root.info_hash];
    if (names.length > MAX_WEBSOCKET_SCRAPE)
      throw read.error("info_hash", `at most ${MAX_WEBSOCKET_SCRAPE} names`, `${names.length}`);
    return {
      action: "scrape",
      infoHashes: names.map((name) => read.name(name, "info_hash")),
      ...(isThere(root.market) ? { market: readMarket(read, root) } : {}),
    };
  }
  if (root.action !== "announce") throw read.error("action", "announce or scrape", show(root.action));
  const names = { infoHash: read.name(root.info_hash, "info_hash"), peerId: read.name(root.peer_id, "peer_id") };
  if (root.answer !== undefined && root.answer !== null) {
    return {
      action: "answer",
      ...names,
      toPeerId: read.name(root.to_peer_id, "to_peer_id"),
      offerId: read.name(root.offer_id, "offer_id"),
      sdp: read.sdp(root.answer, "answer"),
    };
  }
  const offers = root.offers ?? [];
  if (!Array.isArray(offers)) throw read.error("offers", "a list", show(offers));
  return {
    action: "announce",
    ...names,
    uploaded: read.count(root.uploaded, "uploaded") ?? 0,
    downloaded: read.count(root.downloaded, "downloaded") ?? 0,
    left: read.count(root.left, "left") ?? 1,
    ...(isEvent(root.event) ? { event: root.event } : {}),
    ...(isThere(root.bid) ? { bid: read.bytes(root.bid, "bid", 1, MAX_BID_BYTES) } : {}),
    ...(root.sort === "bid" ? { sortByBid: readMarket(read, root) } : {}),
    offers: offers.slice(0, MAX_OFFERS).map((each: unknown) => {
      const { offer, offer_id } = read.fields(each, "offers");
      return { offerId: read.name(offer_id, "offer_id"), sdp: read.sdp(offer, "offer") };
    }),
  };
}

export function encodeWebSocketResponse(response: WebSocketResponse): string {
  if (response.action === "failure") {
    const { reason, infoHash } = response;
    return JSON.stringify({
      action: "announce",
      "failure reason": reason,
      ...(infoHash === undefined ? {} : { info_hash: latin1(infoHash) }),
    });
  }
  if (response.action === "scrape") {
    const files = [...response.entries].map(([hex, { bids, ...counts }]) => [
      latin1(fromHex(hex) as Uint8Array),
      { ...counts, ...(bids && { bids: bids.bidders, bid: `${bids.highest}`, bid2: `${bids.second}` }) },
    ]);
    return JSON.stringify({ action: "scrape", files: Object.fromEntries(files) as unknown });
  }
  const info_hash = latin1(response.infoHash);
  if (response.action === "announce") {
    const { intervalSeconds: interval, complete, incomplete, warning } = response;
    return JSON.stringify({
      action: "announce",
      info_hash,
      interval,
      complete,
      incomplete,
      "warning message": warning,
    });
  }
  return JSON.stringify({
    action: "announce",
    info_hash,
    peer_id: latin1(response.peerId),
    offer_id: latin1(response.offerId),
    [response.action]: { type: response.action, sdp: response.sdp },
  });
}

/** The peer's side. Throws `ProtocolError` `tracker-answer`. */
export function decodeWebSocketResponse(message: string | Uint8Array): WebSocketResponse {
  const read = reader("tracker-answer");
  const root = read.root(message);
  const reason = root["failure reason"];
  if (typeof reason === "string") {
    // A tracker that could not read the request cannot name its torrent.
    const infoHash = typeof root.info_hash === "string" ? { infoHash: read.name(root.info_hash, "info_hash") } : {};
    return { action: "failure", reason: remoteText(utf8(reason), MAX_REASON_BYTES), ...infoHash };
  }
  if (root.action === "scrape") return { action: "scrape", entries: readFiles(read, root.files) };
  if (root.action !== "announce") throw read.error("action", "announce or scrape", show(root.action));
  const infoHash = read.name(root.info_hash, "info_hash");
  for (const action of ["offer", "answer"] as const) {
    if (root[action] === undefined || root[action] === null) continue;
    return {
      action,
      infoHash,
      peerId: read.name(root.peer_id, "peer_id"),
      offerId: read.name(root.offer_id, "offer_id"),
      sdp: read.sdp(root[action], action),
    };
  }
  const interval = read.count(root.interval ?? root["min interval"], "interval");
  const complete = read.count(root.complete, "complete");
  const incomplete = read.count(root.incomplete, "incomplete");
  const warning = root["warning message"];
  return {
    action: "announce",
    infoHash,
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(complete === undefined ? {} : { complete }),
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(typeof warning === "string" ? { warning: remoteText(utf8(warning), MAX_REASON_BYTES) } : {}),
  };
}

function readFiles(read: Reader, files: unknown): Map<string, ScrapeEntry> {
  const entries = Object.entries(read.fields(files, "files"));
  if (entries.length > MAX_WEBSOCKET_SCRAPE)
    throw read.error("files", `at most ${MAX_WEBSOCKET_SCRAPE} torrents`, `${entries.length}`);
  return new Map(
    entries.map(([name, value]) => {
      const entry = read.fields(value, "files");
      const count = (field: string): number => read.count(entry[field], field) ?? 0;
      const counts = {
        complete: count("complete"),
        downloaded: count("downloaded"),
        incomplete: count("incomplete"),
      };
      const bidders = read.count(entry.bids, "bids");
      if (bidders === undefined) return [toHex(read.name(name, "files")), counts] as const;
      const bids = { bidders, highest: read.price(entry.bid, "bid"), second: read.price(entry.bid2, "bid2") };
      return [toHex(read.name(name, "files")), { ...counts, bids }] as const;
    }),
  );
}

function readMarket(read: Reader, root: Fields): Uint8Array {
  return read.bytes(root.market, "market", BID_MARKET_LENGTH, BID_MARKET_LENGTH);
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isEvent(value: unknown): value is AnnounceEvent {
  return value === "started" || value === "completed" || value === "stopped";
}
