/**
 * An infohash is a tagged value: v1 is a SHA-1 (20 bytes, BEP 3), v2 a SHA-256 (32 bytes, BEP 52).
 * On the wire, in trackers and in the DHT a v2 infohash is truncated to 20 bytes.
 */
import { equalBytes, fromHex, toHex } from "./bytes.ts";
import { ProtocolError } from "./errors.ts";

export interface InfoHashV1 {
  readonly version: 1;
  /** 20 bytes. */
  readonly bytes: Uint8Array;
}
export interface InfoHashV2 {
  readonly version: 2;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}
export type InfoHash = InfoHashV1 | InfoHashV2;

/** Tags raw bytes by their length. Throws `ProtocolError` (`info-hash-length`) on any length but 20 or 32. */
export function infoHash(bytes: Uint8Array): InfoHash {
  if (bytes.length === 20) return { version: 1, bytes };
  if (bytes.length === 32) return { version: 2, bytes };
  throw new ProtocolError("info-hash-length", "infohash", "20 bytes (v1) or 32 bytes (v2)", `${bytes.length} bytes`);
}

/** Parses the hexadecimal form. */
export function parseInfoHash(hex: string): InfoHash {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new ProtocolError("info-hash-hex", "infohash", "hexadecimal digits", hex.slice(0, 80));
  return infoHash(bytes);
}

/** The 20 bytes used in handshakes, announces and the DHT (BEP 52: v2 truncated). */
export function wireInfoHash(hash: InfoHash): Uint8Array {
  return hash.bytes.subarray(0, 20);
}

export function infoHashHex(hash: InfoHash): string {
  return toHex(hash.bytes);
}

export function sameInfoHash(a: InfoHash, b: InfoHash): boolean {
  return a.version === b.version && equalBytes(a.bytes, b.bytes);
}
