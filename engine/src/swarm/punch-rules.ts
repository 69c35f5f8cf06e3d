/**
 * Which addresses a peer may have us dial (BEP 55). A stranger's word must not turn us against others: not into our own
 * network, where it could not send a packet itself, and not at ports on which servers listen.
 */
import { parseIpv4, parseIpv6 } from "@everseed/wire";
import { isLocalAddress } from "../dht/node-id.ts";
import type { PeerAddress } from "./peer-book.ts";

/** NATs hand out no ports below, and what listens there is no peer. */
const LEAST_PORT = 1_024;

type Scope = "public" | "private" | "loopback";

/** Peers that we may be sent to by one at `relayHost`: of anywhere, or of the same kind of local network as the relay. */
export function mayBePunched({ host, port }: PeerAddress, relayHost: string): boolean {
  const scope = scopeOf(host);
  if (scope === undefined || port < LEAST_PORT || port > 65_535) return false;
  return scope === "public" || scope === scopeOf(relayHost);
}

/** Undefined: nobody's address, or one that hides another in it. */
export function scopeOf(host: string): Scope | undefined {
  const v4 = parseIpv4(host);
  if (v4 !== undefined) {
    const [a, b] = v4 as unknown as [number, number];
    if (a === 0 || a >= 224) return undefined;
    if (a === 127) return "loopback";
    // Carriers' NATs (RFC 6598) are private to whoever is behind one.
    if (a === 100 && b >= 64 && b < 128) return "private";
    return isLocalAddress(host) ? "private" : "public";
  }
  const v6 = parseIpv6(host);
  if (v6 === undefined || v6[0] === 0xff) return undefined;
  // IPv4-mapped and -compatible, NAT64 and 6to4 addresses lead to an IPv4 address, of any kind.
  const embedded = [...v6.subarray(0, 10)].every((byte) => byte === 0);
  if (embedded) return v6[15] === 1 && v6.subarray(10, 15).every((byte) => byte === 0) ? "loopback" : undefined;
  const first = ((v6[0] as number) << 8) | (v6[1] as number);
  const second = ((v6[2] as number) << 8) | (v6[3] as number);
  if (first === 0x2002 || (first === 0x64 && second === 0xff9b) || (first === 0x2001 && second === 0)) return undefined;
  return isLocalAddress(host) ? "private" : "public";
}
