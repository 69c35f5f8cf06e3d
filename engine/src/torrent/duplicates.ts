/**
 * Two connections to one peer. Who dial each other at the same time (as BEP 55 has them do) may both get through; each side
 * must then keep the same one, or none is left. As in libtorrent, the side with the greater peer id is the one that dials.
 *
 * Invariant: peer ids are anybody's to claim, so a connection gives way only to one from the same host, and only while both
 * are new: nobody can end another's connection by its name.
 */
import { compareBytes } from "@everseed/core";
import type { Peer } from "../peer/peer.ts";
import type { Connection } from "../transport.ts";

/** Dials of both sides end within this. */
const SAME_TIME_MS = 10_000;

/** Closes the known connection where the new one is to be kept. Returns whether it is. */
export function replaces(known: Peer, connection: Connection, localPeerId: Uint8Array, now: number): boolean {
  if (known.connection.initiator === connection.initiator || now - known.connectedAt > SAME_TIME_MS) return false;
  if (hostOf(known.remote) !== hostOf(connection.remote)) return false;
  if (connection.initiator !== compareBytes(localPeerId, known.remotePeerId) > 0) return false;
  known.close();
  return true;
}

function hostOf(remote: string): string {
  return remote.slice(0, remote.lastIndexOf(":"));
}
