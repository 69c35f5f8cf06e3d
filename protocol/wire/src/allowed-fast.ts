/**
 * The allowed fast set (BEP 6): pieces a peer may ask for while it is choked. Computed from the peer's own address, so
 * that whoever offers pieces to one peer offers it the same ones. IPv4 only: the BEP has no form for IPv6.
 */
import { assert, concat, sha1 } from "@everseed/core";
import { parseIpv4 } from "./compact-peers.ts";

/** Pieces in a set, as the BEP has it. */
export const ALLOWED_FAST_COUNT = 10;

/**
 * Pieces that the peer at `host` may have while choked, at most `count` and no more than there are.
 * Empty when `host` is not IPv4. `wireInfoHash` has 20 bytes.
 */
export function allowedFastSet(
  host: string,
  wireInfoHash: Uint8Array,
  pieceCount: number,
  count: number = ALLOWED_FAST_COUNT,
): number[] {
  assert(wireInfoHash.length === 20, "an infohash on the wire has 20 bytes");
  const address = parseIpv4(host);
  if (address === undefined) return [];
  // The last octet is cleared: the neighbours of one network share a set.
  address[3] = 0;
  const wanted = Math.min(count, pieceCount);
  const out = new Set<number>();
  let digest = concat(address, wireInfoHash);
  while (out.size < wanted) {
    digest = sha1(digest);
    const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
    for (let at = 0; at < 20 && out.size < wanted; at += 4) out.add(view.getUint32(at) % pieceCount);
  }
  return [...out];
}
