/** The 68 bytes that open a peer connection (BEP 3), with the reserved bits of BEP 5, 6, 10 and 52. */
import { assert, equalBytes, ProtocolError, utf8 } from "@everseed/core";

export const HANDSHAKE_BYTES = 68;
const PROTOCOL = utf8("\u0013BitTorrent protocol");

export interface Handshake {
  /** 20 bytes: a v1 infohash or a truncated v2 one. */
  readonly wireInfoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly extensions: {
    /** BEP 10. */
    readonly extended: boolean;
    /** BEP 6. */
    readonly fast: boolean;
    /** BEP 5. */
    readonly dht: boolean;
    /** BEP 52: the peer of a hybrid torrent knows v2. */
    readonly v2: boolean;
  };
}

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const { extended, fast, dht, v2 } = handshake.extensions;
  assert(handshake.wireInfoHash.length === 20, "an infohash on the wire has 20 bytes");
  assert(handshake.peerId.length === 20, "a peer id has 20 bytes");
  const out = new Uint8Array(HANDSHAKE_BYTES);
  out.set(PROTOCOL);
  out[25] = extended ? 0x10 : 0;
  out[27] = (fast ? 0x04 : 0) | (dht ? 0x01 : 0) | (v2 ? 0x10 : 0);
  out.set(handshake.wireInfoHash, 28);
  out.set(handshake.peerId, 48);
  return out;
}

/** Reads a peer's handshake. Throws `ProtocolError` (`handshake`). */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  if (bytes.length !== HANDSHAKE_BYTES || !equalBytes(bytes.subarray(0, 20), PROTOCOL)) {
    throw new ProtocolError(
      "handshake",
      "handshake",
      "68 bytes that name the BitTorrent protocol",
      `${bytes.length} others`,
    );
  }
  const [high, low] = [bytes[25] as number, bytes[27] as number];
  return {
    wireInfoHash: bytes.slice(28, 48),
    peerId: bytes.slice(48, 68),
    extensions: {
      extended: (high & 0x10) !== 0,
      fast: (low & 0x04) !== 0,
      dht: (low & 0x01) !== 0,
      v2: (low & 0x10) !== 0,
    },
  };
}
