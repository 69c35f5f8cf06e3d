/** Where a connected peer can be reached by others: what we tell them of it, and what we call it when they ask for it. */
import type { PexPeer } from "@everseed/wire";
import type { Peer } from "../peer/peer.ts";
import type { PeerAddress } from "../swarm/peer-book.ts";

export const UTP = "utp";

/** The other end of the connection. Undefined where that is no address (a web seed, WebRTC). */
export function endpointOf(remote: string): PeerAddress | undefined {
  const at = remote.lastIndexOf(":");
  const host = remote.slice(0, at);
  const port = Number(remote.slice(at + 1));
  if (!Number.isInteger(port) || port < 1 || !/^(\[[0-9a-f:.]+\]|[0-9.]+)$/i.test(host)) return undefined;
  return { host: host.replace(/^\[|\]$/g, ""), port };
}

/** The address that we dialled, or the port it says it listens on; with the flags of BEP 11. */
export function contactOf(peer: Peer): PexPeer | undefined {
  const { remote, initiator, transport } = peer.connection;
  const at = remote.lastIndexOf(":");
  const port = initiator ? Number(remote.slice(at + 1)) : peer.remoteExtended?.port;
  if (!port) return undefined;
  return {
    host: remote.slice(0, at).replace(/^\[|\]$/g, ""),
    port,
    ...(initiator ? { reachable: true } : {}),
    ...(peer.have?.full === true || peer.remoteExtended?.uploadOnly === true ? { seed: true } : {}),
    ...(transport === UTP ? { utp: true } : {}),
    ...(supportsHolepunch(peer) ? { holepunch: true } : {}),
  };
}

/** Where its NAT, if it has one, lets datagrams leave from; over TCP the best guess is where it says it listens. */
export function datagramEndpointOf(peer: Peer): PeerAddress | undefined {
  if (peer.connection.transport === UTP) return endpointOf(peer.remote);
  const contact = contactOf(peer);
  return contact === undefined ? undefined : { host: contact.host, port: contact.port };
}

export function supportsHolepunch(peer: Peer): boolean {
  return (peer.remoteExtended?.messages.get("ut_holepunch") ?? 0) > 0;
}
