/** Compact peer lists (BEP 23 for IPv4, BEP 7 for IPv6): address bytes and a big-endian port, one after the other. */

export interface PeerEndpoint {
  readonly host: string;
  readonly port: number;
}

const IPV4_BYTES = 6;
const IPV6_BYTES = 18;

/** Reads whole entries; a rest that is none is ignored, and so are ports of 0. */
export function decodeCompactPeers(bytes: Uint8Array, family: 4 | 6): PeerEndpoint[] {
  const size = family === 4 ? IPV4_BYTES : IPV6_BYTES;
  const out: PeerEndpoint[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    const port = ((bytes[at + size - 2] as number) << 8) | (bytes[at + size - 1] as number);
    const address = bytes.subarray(at, at + size - 2);
    if (port > 0) out.push({ host: family === 4 ? address.join(".") : formatIpv6(address), port });
  }
  return out;
}

/** Writes the peers of one family; others, and those without a port, are left out. */
export function encodeCompactPeers(peers: readonly PeerEndpoint[], family: 4 | 6): Uint8Array {
  const out: number[] = [];
  for (const { host, port } of peers) {
    if (port < 1 || port > 65_535) continue;
    const address = family === 4 ? parseIpv4(host) : parseIpv6(host);
    if (address !== undefined) out.push(...address, port >> 8, port & 0xff);
  }
  return Uint8Array.from(out);
}

export function parseIpv4(host: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  const bytes = match?.slice(1).map(Number);
  return bytes?.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined;
}

export function parseIpv6(host: string): Uint8Array | undefined {
  const halves = host.split("::");
  if (!host.includes(":") || halves.length > 2 || !/^[0-9a-fA-F:]+$/.test(host)) return undefined;
  const groups = (text: string | undefined): string[] => (text === undefined || text === "" ? [] : text.split(":"));
  const head = groups(halves[0]);
  const tail = groups(halves[1]);
  const gap = 8 - head.length - tail.length;
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined;
  const all = [...head, ...new Array<string>(gap).fill("0"), ...tail];
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

/**
 * The one text of an address (RFC 5952): lower case, no leading zeros, the first longest run of two or more zero groups
 * as `::`. One peer must not count as two because two sources spell it differently. 16 bytes.
 */
export function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  let [start, length] = [-1, 1];
  for (let i = 0, run = 0; i < 8; i++) {
    run = groups[i] === 0 ? run + 1 : 0;
    if (run > length) [start, length] = [i - run + 1, run];
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return start < 0 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}
