/**
 * Which addresses may be peers: ranges that are refused, as in the lists that other clients read (PeerGuardian's text,
 * eMule's DAT, CIDR). Kept as sorted, merged ranges, so that a list of a million costs twenty comparisons an address.
 */
import { parseIpv4, parseIpv6 } from "@everseed/wire";

/** Both ends are in it. 4 or 16 bytes. */
interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/** eMule: addresses whose level is at most this are refused. */
const BLOCKED_LEVEL = 127;
const MAX_LIST_BYTES = 256 << 20;

export class AddressFilter {
  readonly #ranges: { readonly 4: readonly Range[]; readonly 6: readonly Range[] };
  /** Lines that are neither a range, a comment nor empty. */
  readonly unread: number;

  private constructor(v4: Range[], v6: Range[], unread: number) {
    this.#ranges = { 4: merged(v4), 6: merged(v6) };
    this.unread = unread;
  }

  /**
   * Reads a list, one range a line: `name:1.2.3.4-1.2.3.255`, `1.2.3.4 - 1.2.3.255 , 100 , name`, `1.2.3.0/24`, or one
   * address; IPv6 in the last three forms. Lines that say nothing of this are counted and left out.
   */
  static parse(text: string): AddressFilter {
    const v4: Range[] = [];
    const v6: Range[] = [];
    let unread = 0;
    for (const line of text.slice(0, MAX_LIST_BYTES).split(/\r?\n/)) {
      const trimmed = line.trim();
      if (trimmed === "" || trimmed.startsWith("#")) continue;
      const parsed = parseLine(trimmed);
      if (parsed === undefined) unread++;
      else if (parsed !== "allowed") (parsed.family === 4 ? v4 : v6).push(parsed);
    }
    return new AddressFilter(v4, v6, unread);
  }

  get size(): number {
    return this.#ranges[4].length + this.#ranges[6].length;
  }

  /** `host`: an IPv4 or IPv6 address; what is no address is not refused. */
  blocks(host: string): boolean {
    const address = parseAddress(host);
    if (address === undefined) return false;
    const ranges = this.#ranges[address.family];
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as Range).to < address.value) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low];
    return range !== undefined && range.from <= address.value;
  }
}

function parseLine(line: string): (Range & { family: 4 | 6 }) | "allowed" | undefined {
  const cidr = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(line);
  if (cidr !== null) return parseCidr(cidr[1] as string, Number(cidr[2]));
  const dat = /^([0-9a-f.:]+)\s*-\s*([0-9a-f.:]+)\s*(?:,\s*(\d+)\s*(?:,.*)?)?$/i.exec(line);
  if (dat !== null) {
    const range = rangeOf(dat[1] as string, dat[2] as string);
    return range !== undefined && dat[3] !== undefined && Number(dat[3]) > BLOCKED_LEVEL ? "allowed" : range;
  }
  const guardian = /:\s*([0-9.]+)\s*-\s*([0-9.]+)$/.exec(line);
  if (guardian !== null) return rangeOf(guardian[1] as string, guardian[2] as string);
  return rangeOf(line, line);
}

function parseCidr(host: string, bits: number): (Range & { family: 4 | 6 }) | undefined {
  const address = parseAddress(host);
  const width = address?.family === 4 ? 32 : 128;
  if (address === undefined || bits > width) return undefined;
  const size = 1n << BigInt(width - bits);
  const from = (address.value / size) * size;
  return { family: address.family, from, to: from + size - 1n };
}

function rangeOf(first: string, last: string): (Range & { family: 4 | 6 }) | undefined {
  const from = parseAddress(first);
  const to = parseAddress(last);
  if (from === undefined || to === undefined || from.family !== to.family || from.value > to.value) return undefined;
  return { family: from.family, from: from.value, to: to.value };
}

/** eMule pads its numbers with zeros: 001.002.003.004. */
function parseAddress(host: string): { family: 4 | 6; value: bigint } | undefined {
  const v4 = parseIpv4(host.includes(".") && !host.includes(":") ? host.replace(/\b0+(?=\d)/g, "") : host);
  const bytes = v4 ?? parseIpv6(host);
  if (bytes === undefined) return undefined;
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: v4 === undefined ? 6 : 4, value };
}

function merged(ranges: Range[]): Range[] {
  ranges.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const out: Range[] = [];
  for (const range of ranges) {
    const last = out.at(-1);
    if (last === undefined || range.from > last.to + 1n) out.push(range);
    else if (range.to > last.to) out[out.length - 1] = { from: last.from, to: range.to };
  }
  return out;
}
