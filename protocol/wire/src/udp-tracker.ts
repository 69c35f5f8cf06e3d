/**
 * The UDP tracker protocol (BEP 15): connect, announce, scrape and error, both sides, and the options of an announce
 * (BEP 41), two of them ours (docs/spec/tracker_bids.md). Integers are big-endian. Packets may be longer than their fields: what follows is left to later extensions.
 */
import { concat, fromUtf8, ProtocolError, utf8 } from "@everseed/core";
import { decodeCompactPeers, encodeCompactPeers } from "./compact-peers.ts";
import { BID_MARKET_LENGTH, type BidFields, expectBid } from "./http-query.ts";
import type { ScrapeEntry } from "./http-scrape.ts";
import type { AnnounceRequest, AnnounceResponse } from "./http-tracker.ts";
import { remoteText } from "./remote-text.ts";

const MAGIC = Uint8Array.of(0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80);
const Action = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
const EVENTS = [undefined, "completed", "started", "stopped"] as const;
/** Infohashes of one scrape (BEP 15). */
export const MAX_UDP_SCRAPE = 74;
/** Bytes of an announce before its options. */
const ANNOUNCE_BYTES = 98;
/** From 2 on each has a byte of length and as many bytes; the last two are of tracker_bids. */
const Option = { end: 0, nop: 1, urlData: 2, bid: 0xe5, sortByBid: 0xe6 } as const;
/** Path and query of a tracker's URL are read up to here. */
const MAX_URL_DATA = 1_024;
/** The words of an error are read up to here. */
const MAX_REASON_BYTES = 200;

export type UdpRequest =
  | { readonly action: "connect"; readonly transaction: number }
  | {
      readonly action: "announce";
      readonly transaction: number;
      readonly connection: Uint8Array;
      readonly announce: AnnounceRequest;
    }
  | {
      readonly action: "scrape";
      readonly transaction: number;
      readonly connection: Uint8Array;
      readonly infoHashes: readonly Uint8Array[];
    };

export type UdpResponse =
  | { readonly action: "connect"; readonly transaction: number; readonly connection: Uint8Array }
  | { readonly action: "announce"; readonly transaction: number; readonly answer: AnnounceResponse }
  | { readonly action: "scrape"; readonly transaction: number; readonly entries: readonly ScrapeEntry[] }
  | { readonly action: "error"; readonly transaction: number; readonly reason: string };

function uint32(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  const view = new DataView(out.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return out;
}

function uint64(value: number): Uint8Array {
  return uint32(Math.floor(value / 0x1_0000_0000), value >>> 0);
}

/** A count from afar: what is beyond 53 bits is as good as 2^53 - 1. */
function readUint64(view: DataView, at: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4));
}

/** Infohash and peer id have 20 bytes, connection ids 8. */
export function encodeUdpRequest(request: UdpRequest): Uint8Array {
  if (request.action === "connect") return concat(MAGIC, uint32(Action.connect, request.transaction));
  if (request.action === "scrape")
    return concat(request.connection, uint32(Action.scrape, request.transaction), ...request.infoHashes);
  const { announce: a } = request;
  return concat(
    request.connection,
    uint32(Action.announce, request.transaction),
    a.infoHash,
    a.peerId,
    uint64(a.downloaded),
    uint64(a.left),
    uint64(a.uploaded),
    uint32(EVENTS.indexOf(a.event), 0, a.key ?? 0, a.numWant),
    uint32(a.port).subarray(2),
    ...encodeOptions(a),
  );
}

/** Text of a URL in chunks of at most 255 bytes, then the bid, then the wish for peers by bid. */
function encodeOptions({ urlData, bid, sortByBid }: AnnounceRequest): Uint8Array[] {
  const url = utf8(urlData ?? "").subarray(0, MAX_URL_DATA);
  const out: Uint8Array[] = [];
  const put = (type: number, bytes: Uint8Array): void => void out.push(Uint8Array.of(type, bytes.length), bytes);
  for (let at = 0; at < url.length; at += 255) put(Option.urlData, url.subarray(at, at + 255));
  if (bid !== undefined) put(Option.bid, expectBid(bid));
  if (sortByBid !== undefined) put(Option.sortByBid, sortByBid);
  return out;
}

/**
 * The options of an announce. Types that nobody knows are passed over by their length; an option that is cut off ends the
 * list. Of bids the first counts, and one of the wrong length is none: an announce is not lost for an option.
 */
function readOptions(options: Uint8Array): BidFields & { urlData?: string } {
  const chunks: Uint8Array[] = [];
  let bid: Uint8Array | undefined;
  let market: Uint8Array | undefined;
  for (let at = 0; at < options.length && options[at] !== Option.end; ) {
    const type = options[at++];
    if (type === Option.nop) continue;
    const length = options[at++];
    if (length === undefined || at + length > options.length) break;
    const value = options.subarray(at, at + length);
    if (type === Option.urlData) chunks.push(value);
    if (type === Option.bid && length > 0) bid ??= value.slice();
    if (type === Option.sortByBid && length === BID_MARKET_LENGTH) market ??= value.slice();
    at += length;
  }
  return {
    ...(chunks.length === 0 ? {} : { urlData: fromUtf8(concat(...chunks).subarray(0, MAX_URL_DATA)) }),
    ...(bid === undefined ? {} : { bid }),
    ...(market === undefined ? {} : { sortByBid: market }),
  };
}

/** The tracker's side. Throws `ProtocolError` `udp-tracker`. */
export function decodeUdpRequest(packet: Uint8Array): UdpRequest {
  if (packet.length < 16 || packet.length > 2_048) throw bad("request", "16 to 2048 bytes", packet.length);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const action = view.getUint32(8);
  const transaction = view.getUint32(12);
  const connection = packet.slice(0, 8);
  if (action === Action.connect) {
    if (!MAGIC.every((byte, i) => byte === packet[i]))
      throw bad("connect", "the protocol's magic number", packet.length);
    return { action: "connect", transaction };
  }
  if (action === Action.scrape) {
    const count = Math.floor((packet.length - 16) / 20);
    if (count < 1 || count > MAX_UDP_SCRAPE) throw bad("scrape", `1 to ${MAX_UDP_SCRAPE} infohashes`, count);
    return {
      action: "scrape",
      transaction,
      connection,
      infoHashes: Array.from({ length: count }, (_, i) => packet.slice(16 + 20 * i, 36 + 20 * i)),
    };
  }
  if (action !== Action.announce || packet.length < ANNOUNCE_BYTES)
    throw bad("announce", `${ANNOUNCE_BYTES} bytes`, packet.length);
  const event = EVENTS[view.getUint32(80)];
  const numWant = view.getInt32(92);
  return {
    action: "announce",
    transaction,
    connection,
    announce: {
      infoHash: packet.slice(16, 36),
      peerId: packet.slice(36, 56),
      downloaded: readUint64(view, 56),
      left: readUint64(view, 64),
      uploaded: readUint64(view, 72),
      key: view.getUint32(88),
      numWant: numWant < 0 ? 50 : Math.min(numWant, 200),
      port: view.getUint16(96),
      ...(event === undefined ? {} : { event }),
      ...readOptions(packet.subarray(ANNOUNCE_BYTES)),
    },
  };
}

/** `family` is that of the packet's own transport: BEP 15 sends IPv6 peers over IPv6. */
export function encodeUdpResponse(response: UdpResponse, family: 4 | 6): Uint8Array {
  const head = uint32(Action[response.action], response.transaction);
  switch (response.action) {
    case "connect":
      return concat(head, response.connection);
    case "announce": {
      const { intervalSeconds, incomplete = 0, complete = 0, peers } = response.answer;
      return concat(head, uint32(intervalSeconds, incomplete, complete), encodeCompactPeers(peers, family));
    }
    case "scrape":
      return concat(head, ...response.entries.map((e) => uint32(e.complete, e.downloaded, e.incomplete)));
    case "error":
      return concat(head, utf8(response.reason));
  }
}

/** The client's side. Throws `ProtocolError` `udp-tracker`. */
export function decodeUdpResponse(packet: Uint8Array, family: 4 | 6): UdpResponse {
  if (packet.length < 8) throw bad("answer", "at least 8 bytes", packet.length);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const transaction = view.getUint32(4);
  switch (view.getUint32(0)) {
    case Action.connect:
      if (packet.length < 16) throw bad("connect answer", "16 bytes", packet.length);
      return { action: "connect", transaction, connection: packet.slice(8, 16) };
    case Action.announce:
      if (packet.length < 20) throw bad("announce answer", "at least 20 bytes", packet.length);
      return {
        action: "announce",
        transaction,
        answer: {
          intervalSeconds: view.getUint32(8),
          incomplete: view.getUint32(12),
          complete: view.getUint32(16),
          peers: decodeCompactPeers(packet.subarray(20), family),
        },
      };
    case Action.scrape:
      return {
        action: "scrape",
        transaction,
        entries: Array.from({ length: Math.floor((packet.length - 8) / 12) }, (_, i) => ({
          complete: view.getUint32(8 + 12 * i),
          downloaded: view.getUint32(12 + 12 * i),
          incomplete: view.getUint32(16 + 12 * i),
        })),
      };
    case Action.error:
      return { action: "error", transaction, reason: remoteText(packet.subarray(8), MAX_REASON_BYTES) };
    default:
      throw bad("answer", "a known action", view.getUint32(0));
  }
}

function bad(field: string, expected: string, received: number): ProtocolError {
  return new ProtocolError("udp-tracker", `UDP tracker ${field}`, expected, `${received}`);
}
