/** HTTP tracker announces (BEP 3, 7, 23; docs/spec/tracker_bids.md): query strings and bencoded answers, both sides. */
import { fromUtf8, ProtocolError, utf8 } from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  asList,
  type BencodeDict,
  type BencodeValue,
  decodeBencode,
  dict,
  encodeBencode,
} from "@everseed/metainfo";
import {
  decodeCompactPeers,
  encodeCompactPeers,
  formatIpv6,
  type PeerEndpoint,
  parseIpv4,
  parseIpv6,
} from "./compact-peers.ts";
import { type BidFields, bidQuery, MAX_BID_BYTES, parseQuery, percent, readBidQuery, withQuery } from "./http-query.ts";
import { remoteText } from "./remote-text.ts";

export type AnnounceEvent = "started" | "completed" | "stopped";

export interface AnnounceRequest extends BidFields {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly port: number;
  readonly uploaded: number;
  readonly downloaded: number;
  readonly left: number;
  readonly event?: AnnounceEvent;
  readonly numWant: number;
  readonly key?: number;
  /** Path and query of a UDP tracker's URL (BEP 41). */
  readonly urlData?: string;
}

/** A peer in an answer. Dictionary lists name its id as well. */
export interface TrackerPeer extends PeerEndpoint {
  /** 20 bytes. */
  readonly peerId?: Uint8Array;
  /** The signed bid by which the peer was sorted, 1 to 255 bytes. */
  readonly bid?: Uint8Array;
}

export interface AnnounceResponse {
  readonly intervalSeconds: number;
  readonly minIntervalSeconds?: number;
  readonly peers: readonly TrackerPeer[];
  readonly complete?: number;
  readonly incomplete?: number;
  readonly warning?: string;
}

/** Largest answer read: some 80,000 compact peers. */
export const MAX_TRACKER_ANSWER_BYTES = 1 << 19;
/** A reason or warning is read up to here. */
const MAX_REASON_BYTES = 200;

/** The announce URL with its query. */
export function announceUrl(base: string, request: AnnounceRequest): string {
  const query = [
    `info_hash=${percent(request.infoHash)}`,
    `peer_id=${percent(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    "compact=1",
    `numwant=${request.numWant}`,
  ];
  if (request.event !== undefined) query.push(`event=${request.event}`);
  if (request.key !== undefined) query.push(`key=${request.key.toString(16)}`);
  return withQuery(base, [...query, ...bidQuery(request)]);
}

/** Reads a tracker's answer. Throws `ProtocolError` `tracker-refused` with the tracker's own reason, or `tracker-answer`. */
export function decodeAnnounceResponse(body: Uint8Array): AnnounceResponse {
  const root = answerDict(body, "announce");
  const list = root.get("peers");
  let peers: TrackerPeer[] = list instanceof Uint8Array ? decodeCompactPeers(list, 4) : [];
  for (const item of asList(list) ?? []) {
    const host = asBytes(asDict(item)?.get("ip"));
    const port = asCount(asDict(item)?.get("port"));
    const peerId = asBytes(asDict(item)?.get("peer id"));
    // A host is an IP address or a DNS name; anything else could only confuse what it is given to.
    const text = host !== undefined && host.length <= 253 ? fromUtf8(host) : "";
    if (/^[A-Za-z0-9.:_-]+$/.test(text) && port !== undefined && port > 0 && port < 65_536)
      peers.push({
        host: oneText(text),
        port,
        ...(peerId?.length === 20 ? { peerId } : {}),
        ...readBid(asDict(item)?.get("bid")),
      });
  }
  const six = asBytes(root.get("peers6"));
  // One by one: tens of thousands of peers do not fit a call's arguments everywhere.
  if (six !== undefined) for (const peer of decodeCompactPeers(six, 6)) peers.push(peer);
  const bids = asDict(root.get("bids"));
  if (bids !== undefined && bids.size > 0)
    peers = peers.map((peer) => ({ ...readBid(bids.get(compactKey(peer))), ...peer }));
  const minimum = asCount(root.get("min interval"));
  const complete = asCount(root.get("complete"));
  const incomplete = asCount(root.get("incomplete"));
  const warning = asBytes(root.get("warning message"));
  return {
    intervalSeconds: asCount(root.get("interval")) ?? 1800,
    peers,
    ...(minimum === undefined ? {} : { minIntervalSeconds: minimum }),
    ...(complete === undefined ? {} : { complete }),
    ...(incomplete === undefined ? {} : { incomplete }),
    ...(warning === undefined ? {} : { warning: remoteText(warning, MAX_REASON_BYTES) }),
  };
}

function readBid(value: BencodeValue | undefined): { bid?: Uint8Array } {
  const bid = asBytes(value);
  return bid !== undefined && bid.length > 0 && bid.length <= MAX_BID_BYTES ? { bid: new Uint8Array(bid) } : {};
}

/** A peer's entry in a compact list, as a key; empty for a DNS name. */
function compactKey(peer: TrackerPeer): string {
  return String.fromCharCode(...encodeCompactPeers([peer], peer.host.includes(":") ? 6 : 4));
}

/** The bids of a compact answer, by the peers' compact entries. */
function encodeBids(peers: readonly TrackerPeer[]): BencodeDict | undefined {
  const bids = new Map<string, BencodeValue>();
  for (const peer of peers) if (peer.bid !== undefined) bids.set(compactKey(peer), peer.bid);
  bids.delete("");
  return bids.size === 0 ? undefined : bids;
}

/** An address in the text that compact lists give it, so that a peer named twice is one peer; a DNS name as it is. */
function oneText(host: string): string {
  const six = parseIpv6(host);
  return six === undefined ? (parseIpv4(host)?.join(".") ?? host) : formatIpv6(six);
}

/** The outermost dictionary of an answer, announce or scrape. Throws as `decodeAnnounceResponse` does. */
export function answerDict(body: Uint8Array, field: string): BencodeDict {
  const root = asDict(decodeBencode(body, { maxBytes: MAX_TRACKER_ANSWER_BYTES, unsortedKeys: true }));
  if (root === undefined) throw new ProtocolError("tracker-answer", "tracker answer", "a dictionary", "another value");
  // BEP 3 writes the key with a space, BEP 48 with an underscore.
  const reason = asBytes(root.get("failure reason")) ?? asBytes(root.get("failure_reason"));
  if (reason !== undefined)
    throw new ProtocolError("tracker-refused", field, "an answer", remoteText(reason, MAX_REASON_BYTES));
  return root;
}

/** The tracker's side: an answer in compact or in dictionary form. */
export function encodeAnnounceResponse(response: AnnounceResponse, compact: boolean): Uint8Array {
  const six = encodeCompactPeers(response.peers, 6);
  return encodeBencode(
    dict({
      bids: compact ? encodeBids(response.peers) : undefined,
      interval: response.intervalSeconds,
      "min interval": response.minIntervalSeconds,
      complete: response.complete,
      incomplete: response.incomplete,
      peers: compact
        ? encodeCompactPeers(response.peers, 4)
        : response.peers.map(({ host, port, peerId, bid }) => dict({ bid, ip: host, port, "peer id": peerId })),
      "warning message": response.warning,
      peers6: compact && six.length > 0 ? six : undefined,
    }),
  );
}

export function encodeFailure(reason: string): Uint8Array {
  return encodeBencode(dict({ "failure reason": reason }));
}

/** The tracker's side of an announce. Throws `ProtocolError` `announce-invalid`. */
export function parseAnnounceQuery(query: string): AnnounceRequest & { readonly compact: boolean } {
  const values = parseQuery(query);
  const bytes = (key: string): Uint8Array => {
    const value = values.get(key)?.[0];
    if (value?.length !== 20)
      throw new ProtocolError("announce-invalid", key, "20 bytes", `${value?.length ?? "none"}`);
    return value;
  };
  const number = (key: string, fallback: number, most: number): number => {
    const text = fromUtf8(values.get(key)?.[0] ?? new Uint8Array());
    if (text === "") return fallback;
    if (!/^\d{1,20}$/.test(text)) throw new ProtocolError("announce-invalid", key, "a number", text.slice(0, 40));
    return Math.min(Number(text), most);
  };
  const port = number("port", 0, Number.MAX_SAFE_INTEGER);
  if (port < 1 || port > 65_535) throw new ProtocolError("announce-invalid", "port", "1 to 65535", `${port}`);
  const event = fromUtf8(values.get("event")?.[0] ?? new Uint8Array());
  const key = fromUtf8(values.get("key")?.[0] ?? new Uint8Array());
  const most = Number.MAX_SAFE_INTEGER;
  return {
    infoHash: bytes("info_hash"),
    peerId: bytes("peer_id"),
    port,
    uploaded: number("uploaded", 0, most),
    downloaded: number("downloaded", 0, most),
    left: number("left", 0, most),
    // Some clients ask for -1 and mean that they leave it to the tracker, as BEP 15 has it.
    numWant: fromUtf8(values.get("numwant")?.[0] ?? new Uint8Array()) === "-1" ? 50 : number("numwant", 50, 200),
    ...(/^[0-9a-fA-F]{1,8}$/.test(key) ? { key: Number.parseInt(key, 16) } : {}),
    compact: fromUtf8(values.get("compact")?.[0] ?? utf8("1")) !== "0",
    ...(event === "started" || event === "completed" || event === "stopped" ? { event } : {}),
    ...readBidQuery(values),
  };
}
