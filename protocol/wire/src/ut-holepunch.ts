/**
 * Holepunch messages (BEP 55): a peer that both sides are connected to has them dial each other over uTP at the same time,
 * so that each opens its NAT for the other. A message is one type, one address, and what went wrong.
 *
 * Invariant: an endpoint that was read is one that can be written again: a port above 0, IPv6 in its one spelling.
 */
import { ProtocolError } from "@everseed/core";
import { decodeCompactPeers, encodeCompactPeers, type PeerEndpoint, parseIpv4 } from "./compact-peers.ts";

/** IPv6, with the error. */
export const HOLEPUNCH_MAX_BYTES = 24;
const ERROR_BYTES = 4;
const TYPES = ["rendezvous", "connect", "error"] as const;

/** Why a relay introduces nobody. Other numbers may come: they mean no more than that it does not. */
export const HolepunchError = {
  /** The endpoint is none that a peer can have. */
  noSuchPeer: 1,
  /** The relay is not connected to it. */
  notConnected: 2,
  /** It is, and that peer does not know holepunching. */
  noSupport: 3,
  /** It is the relay's own. */
  noSelf: 4,
} as const;

export type HolepunchMessage =
  /** To the relay: have me and this peer dial each other. */
  | { readonly type: "rendezvous"; readonly endpoint: PeerEndpoint }
  /** From the relay: dial this peer now. */
  | { readonly type: "connect"; readonly endpoint: PeerEndpoint }
  /** From the relay: nothing came of the rendezvous with this peer. `error`: a `HolepunchError`, or a number yet unknown. */
  | { readonly type: "error"; readonly endpoint: PeerEndpoint; readonly error: number };

/** Undefined where the endpoint's host is no address, or its port none. */
export function encodeHolepunchMessage(message: HolepunchMessage): Uint8Array | undefined {
  const { endpoint } = message;
  const family = parseIpv4(endpoint.host) === undefined ? 6 : 4;
  const compact = encodeCompactPeers([endpoint], family);
  if (compact.length === 0) return undefined;
  const out = new Uint8Array(2 + compact.length + ERROR_BYTES);
  out.set([TYPES.indexOf(message.type), family === 4 ? 0 : 1]);
  out.set(compact, 2);
  if (message.type === "error") new DataView(out.buffer).setUint32(2 + compact.length, message.error);
  return out;
}

/** Throws `ProtocolError` (`ut-holepunch`). The error field may be absent where it says nothing, as libtorrent leaves it out. */
export function decodeHolepunchMessage(payload: Uint8Array): HolepunchMessage {
  if (payload.length > HOLEPUNCH_MAX_BYTES)
    throw bad("message", `at most ${HOLEPUNCH_MAX_BYTES} bytes`, `${payload.length} bytes`);
  const type = TYPES[payload[0] ?? TYPES.length];
  if (type === undefined) throw bad("message", `a type from 0 to ${TYPES.length - 1}`, `${payload[0] ?? "nothing"}`);
  const kind = payload[1] ?? 2;
  if (kind > 1) throw bad("address type", "0 (IPv4) or 1 (IPv6)", `${payload[1] ?? "nothing"}`);
  const end = 2 + (kind === 0 ? 6 : 18);
  const whole = payload.length === end + ERROR_BYTES;
  if (!whole && (payload.length !== end || type === "error"))
    throw bad("message", `${end + ERROR_BYTES} bytes`, `${payload.length} bytes`);
  const [endpoint] = decodeCompactPeers(payload.subarray(2, end), kind === 0 ? 4 : 6);
  if (endpoint === undefined) throw bad("port", "1 to 65535", "0");
  if (type !== "error") return { type, endpoint };
  return { type, endpoint, error: new DataView(payload.buffer, payload.byteOffset).getUint32(end) };
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("ut-holepunch", `ut_holepunch ${field}`, expected, received);
}
