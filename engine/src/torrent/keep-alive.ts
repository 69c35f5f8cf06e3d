/**
 * When a peer is due a keep-alive (BEP 3). Beside the usual one there is an early one: over uTP Transmission 3.00 leaves what
 * came in one packet with the end of an encrypted handshake unread until more comes. That is our bitfield as a rule, and
 * without it the peer does not know that it wants anything.
 */
import type { Peer } from "../peer/peer.ts";
import { UTP } from "./contact.ts";

const KEEP_ALIVE_MS = 100_000;
const GREETING_MS = 1_000;

export function keepAliveDue(
  peer: Pick<Peer, "connection" | "encryption" | "connectedAt" | "lastSentAt">,
  now: number,
): boolean {
  const silentMs = now - peer.lastSentAt;
  if (silentMs > KEEP_ALIVE_MS) return true;
  const greetedAlone = peer.lastSentAt - peer.connectedAt < GREETING_MS;
  return peer.connection.transport === UTP && peer.encryption !== "none" && greetedAlone && silentMs >= GREETING_MS;
}
