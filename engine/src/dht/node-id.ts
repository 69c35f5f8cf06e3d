/**
 * Ids of DHT nodes: distances between them (BEP 5), and the ids that an address may have (BEP 42), so that nobody can sit
 * down beside a torrent without owning an address for it.
 */
import { parseIpv4, parseIpv6 } from "@everseed/wire";

export const ID_BYTES = 20;
const IPV4_MASK = [0x03, 0x0f, 0x3f, 0xff];
const IPV6_MASK = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

/** Negative when `a` is nearer to the target than `b`: the bytes of the XOR, most significant first. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const t = target[i] as number;
    const difference = ((a[i] as number) ^ t) - ((b[i] as number) ^ t);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Leading bits that two ids share: 0 to 160. */
export function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const xor = (a[i] as number) ^ (b[i] as number);
    if (xor !== 0) return i * 8 + Math.clz32(xor) - 24;
  }
  return ID_BYTES * 8;
}

/** An id that shares exactly `prefix` bits with `id`, and is random beyond. */
export function idWithPrefix(id: Uint8Array, prefix: number, random: (length: number) => Uint8Array): Uint8Array {
  const out = random(ID_BYTES);
  const byte = prefix >> 3;
  const bit = 0x80 >> (prefix & 7);
  out.set(id.subarray(0, byte));
  const kept = 0xff & ~(2 * bit - 1);
  out[byte] = ((id[byte] as number) & kept) | (~(id[byte] as number) & bit) | ((out[byte] as number) & (bit - 1));
  return out;
}

/** The first 21 bits that BEP 42 gives a node at this address whose id ends in `last`. */
function prefixOf(address: Uint8Array, last: number): number {
  const mask = address.length === 4 ? IPV4_MASK : IPV6_MASK;
  const masked = Uint8Array.from(mask, (bits, i) => (address[i] as number) & bits);
  masked[0] = (masked[0] as number) | ((last & 7) << 5);
  return crc32c(masked) >>> 11;
}

/** An id that the address may have. `random`: 20 bytes. Undefined when the host is no address. */
export function secureId(host: string, random: Uint8Array): Uint8Array | undefined {
  const address = parseIpv4(host) ?? parseIpv6(host);
  if (address === undefined) return undefined;
  const id = random.slice();
  const prefix = prefixOf(address, id[ID_BYTES - 1] as number);
  id[0] = prefix >> 13;
  id[1] = (prefix >> 5) & 0xff;
  id[2] = ((prefix & 0x1f) << 3) | ((id[2] as number) & 0x07);
  return id;
}

/** True when the address may have the id; local addresses may have any (BEP 42). */
export function mayHaveId(host: string, id: Uint8Array): boolean {
  const address = parseIpv4(host) ?? parseIpv6(host);
  if (address === undefined) return false;
  if (isLocalAddress(host)) return true;
  const prefix = prefixOf(address, id[ID_BYTES - 1] as number);
  return (((id[0] as number) << 16) | ((id[1] as number) << 8) | (id[2] as number)) >> 3 === prefix;
}

/** Addresses that mean nothing, or something else, to others: loopback, private, link-local, multicast, unspecified. */
export function isLocalAddress(host: string): boolean {
  const v4 = parseIpv4(host);
  if (v4 !== undefined) {
    const [a, b] = v4 as unknown as [number, number];
    if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
    return (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
  }
  const v6 = parseIpv6(host);
  if (v6 === undefined) return true;
  const first = v6[0] as number;
  if (first === 0xff || (first & 0xfe) === 0xfc || (first === 0xfe && ((v6[1] as number) & 0xc0) === 0x80)) return true;
  return v6.subarray(0, 15).every((byte) => byte === 0);
}

/** CRC-32C (Castagnoli), as RFC 3720 defines it. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
