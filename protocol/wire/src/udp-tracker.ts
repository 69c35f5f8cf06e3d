/** The UDP tracker protocol (BEP 15): connect, announce, scrape and error, both sides. Integers are big-endian. */
import { concat, fromUtf8, ProtocolError, utf8 } from "@everseed/core";
import { decodeCompactPeers, encodeCompactPeers } from "./compact-peers.ts";
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from "./http-tracker.ts";

const MAGIC = Uint8Array.of(0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80);
const Action = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
const EVENTS = [undefined, "completed", "started", "stopped"] as const;
const MAX_SCRAPE = 74;

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
  );
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
    if (count < 1 || count > MAX_SCRAPE) throw bad("scrape", `1 to ${MAX_SCRAPE} infohashes`, count);
    return {
      action: "scrape",
      transaction,
      connection,
      infoHashes: Array.from({ length: count }, (_, i) => packet.slice(16 + 20 * i, 36 + 20 * i)),
    };
  }
  if (action !== Action.announce || packet.length < 98) throw bad("announce", "98 bytes", packet.length);
  const uint = (at: number): number => view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
  const event = EVENTS[view.getUint32(80)];
  const numWant = view.getInt32(92);
  return {
    action: "announce",
    transaction,
    connection,
    announce: {
      infoHash: packet.slice(16, 36),
      peerId: packet.slice(36, 56),
      downloaded: uint(56),
      left: uint(64),
      uploaded: uint(72),
      key: view.getUint32(88),
      numWant: numWant < 0 ? 50 : Math.min(numWant, 200),
      port: view.getUint16(96),
      ...(event === undefined ? {} : { event }),
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
      return { action: "error", transaction, reason: fromUtf8(packet.subarray(8, 208)) };
    default:
      throw bad("answer", "a known action", view.getUint32(0));
  }
}

function bad(field: string, expected: string, received: number): ProtocolError {
  return new ProtocolError("udp-tracker", `UDP tracker ${field}`, expected, `${received}`);
}
