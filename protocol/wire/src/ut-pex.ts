/**
 * Peer exchange (BEP 11): who joined and who left since the last message, IPv4 and IPv6. What comes in is hearsay:
 * counts are bounded, doubles are dropped, and no more than that is believed.
 */
import { ProtocolError } from "@everseed/core";
import { asBytes, asDict, type BencodeValue, decodeBencode, encodeBencode } from "@everseed/metainfo";
import { decodeCompactPeers, encodeCompactPeers, type PeerEndpoint, parseIpv4, parseIpv6 } from "./compact-peers.ts";

/** Contacts that one message after the first may add, and drop (BEP 11). */
export const PEX_MAX_CONTACTS = 50;
/** No more than one message in this time (BEP 11). */
export const PEX_INTERVAL_MS = 60_000;
/** The first message may be longer; this many of each family are read of any. */
const MAX_READ = 200;
const MAX_BYTES = 16_384;

const Flag = { prefersEncryption: 0x01, seed: 0x02, utp: 0x04, holepunch: 0x08, reachable: 0x10 } as const;

export interface PexPeer extends PeerEndpoint {
  readonly prefersEncryption?: boolean;
  /** Has everything, or wants no more. */
  readonly seed?: boolean;
  readonly utp?: boolean;
  readonly holepunch?: boolean;
  /** The sender of the message connected to it. */
  readonly reachable?: boolean;
}

export interface PexMessage {
  readonly added: readonly PexPeer[];
  readonly dropped: readonly PeerEndpoint[];
}

/** Peers whose host is no IP address are left out. */
export function encodePexMessage(message: PexMessage): Uint8Array {
  const out = new Map<string, BencodeValue>();
  for (const [family, suffix] of [
    [4, ""],
    [6, "6"],
  ] as const) {
    const known = (peer: PeerEndpoint): boolean =>
      peer.port > 0 && (family === 4 ? parseIpv4(peer.host) : parseIpv6(peer.host)) !== undefined;
    const added = message.added.filter(known);
    const dropped = message.dropped.filter(known);
    if (added.length > 0 || suffix === "") {
      out.set(`added${suffix}`, encodeCompactPeers(added, family));
      out.set(`added${suffix}.f`, Uint8Array.from(added, flagsOf));
    }
    if (dropped.length > 0) out.set(`dropped${suffix}`, encodeCompactPeers(dropped, family));
  }
  return encodeBencode(out);
}

/** Throws `ProtocolError` (`ut-pex`, `bencode-*`). */
export function decodePexMessage(payload: Uint8Array): PexMessage {
  const root = asDict(decodeBencode(payload, { maxBytes: MAX_BYTES, unsortedKeys: true }));
  if (root === undefined) throw new ProtocolError("ut-pex", "ut_pex message", "a dictionary", "another value");
  const read = (key: string, family: 4 | 6): PexPeer[] => {
    const bytes = asBytes(root.get(key)) ?? new Uint8Array();
    const size = family === 4 ? 6 : 18;
    if (bytes.length % size !== 0)
      throw new ProtocolError("ut-pex", `ut_pex ${key}`, `whole contacts of ${size} bytes`, `${bytes.length} bytes`);
    const flags = asBytes(root.get(`${key}.f`));
    const out = new Map<string, PexPeer>();
    for (let i = 0; i * size < bytes.length && i < MAX_READ; i++) {
      const [peer] = decodeCompactPeers(bytes.subarray(i * size, (i + 1) * size), family);
      if (peer !== undefined) out.set(`${peer.host}|${peer.port}`, { ...peer, ...namesOf(flags?.[i] ?? 0) });
    }
    return [...out.values()];
  };
  return {
    added: [...read("added", 4), ...read("added6", 6)],
    dropped: [...read("dropped", 4), ...read("dropped6", 6)],
  };
}

function flagsOf(peer: PexPeer): number {
  let flags = 0;
  for (const [name, bit] of Object.entries(Flag)) if (peer[name as keyof typeof Flag] === true) flags |= bit;
  return flags;
}

function namesOf(flags: number): Omit<PexPeer, keyof PeerEndpoint> {
  return Object.fromEntries(
    Object.entries(Flag)
      .filter(([, bit]) => (flags & bit) !== 0)
      .map(([name]) => [name, true]),
  );
}
