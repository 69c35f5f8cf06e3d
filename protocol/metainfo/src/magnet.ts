/**
 * Magnet links (BEP 9, BEP 52's btmh, BEP 53's select-only, BEP 46's torrents that change). Invariant: a link that was read
 * names a torrent, or a key whose holder does.
 */
import { fromHex, type InfoHash, infoHashHex, ProtocolError, toHex } from "@everseed/core";

export interface Magnet {
  /** A hybrid names both versions. None where `mutable` says who names the torrent. */
  readonly infoHashes: readonly InfoHash[];
  readonly name?: string;
  readonly trackers: readonly string[];
  readonly webSeeds: readonly string[];
  /** `host:port` of known peers (x.pe). */
  readonly peers: readonly string[];
  /** BEP 46: who says in the DHT which torrent it is at present. */
  readonly mutable?: MutableTorrent;
  /** BEP 53: inclusive ranges of file indices. */
  readonly selectOnly?: readonly (readonly [number, number])[];
}

export interface MutableTorrent {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Tells torrents of one key apart; at most 64 bytes. */
  readonly salt?: Uint8Array;
}

const MAX_SALT_BYTES = 64;
const MAX_LINK = 65_536;
/** Multihash prefix of SHA-256: code 0x12, length 0x20. */
const SHA256_MULTIHASH = "1220";

/** Reads a magnet link. Throws `ProtocolError` (`magnet-invalid`). */
export function parseMagnet(link: string): Magnet {
  if (link.length > MAX_LINK) throw bad("magnet link", `at most ${MAX_LINK} characters`, `${link.length}`);
  if (!/^magnet:\?/i.test(link)) throw bad("magnet link", "a text that begins with magnet:?", link.slice(0, 40));
  const infoHashes: InfoHash[] = [];
  const trackers: string[] = [];
  const webSeeds: string[] = [];
  const peers: string[] = [];
  let name: string | undefined;
  let selectOnly: [number, number][] | undefined;
  let publicKey: Uint8Array | undefined;
  let salt: string | undefined;
  for (const [key, value] of new URLSearchParams(link.slice(link.indexOf("?") + 1))) {
    const kind = key.replace(/\.\d+$/, "");
    if (kind === "xt") {
      const hash = parseTopic(value);
      if (hash !== undefined && !infoHashes.some((known) => known.version === hash.version)) infoHashes.push(hash);
    } else if (kind === "dn") name ??= value;
    else if (kind === "tr" && /^(https?|udp|wss?):\/\//i.test(value)) trackers.push(value);
    else if (kind === "ws" && /^https?:\/\//i.test(value)) webSeeds.push(value);
    else if (key === "x.pe" && isPeer(value)) peers.push(value);
    else if (kind === "so") selectOnly = parseRanges(value);
    else if (kind === "xs") publicKey ??= parseKey(value);
    else if (key === "s") salt ??= value;
  }
  if (infoHashes.length === 0 && publicKey === undefined)
    throw bad("magnet link", "xt=urn:btih:..., xt=urn:btmh:... or xs=urn:btpk:...", "none");
  infoHashes.sort((a, b) => a.version - b.version);
  return {
    infoHashes,
    trackers,
    webSeeds,
    peers,
    ...(name === undefined ? {} : { name }),
    ...(publicKey === undefined
      ? {}
      : { mutable: { publicKey, ...(salt === undefined ? {} : { salt: parseSalt(salt) }) } }),
    ...(selectOnly === undefined ? {} : { selectOnly }),
  };
}

export function formatMagnet(magnet: Magnet): string {
  const parts = magnet.infoHashes.map((hash) =>
    hash.version === 1 ? `xt=urn:btih:${infoHashHex(hash)}` : `xt=urn:btmh:${SHA256_MULTIHASH}${infoHashHex(hash)}`,
  );
  if (magnet.mutable !== undefined) {
    const { publicKey, salt } = magnet.mutable;
    parts.push(`xs=urn:btpk:${toHex(publicKey)}`, ...(salt === undefined ? [] : [`s=${toHex(salt)}`]));
  }
  if (magnet.name !== undefined) parts.push(`dn=${encodeURIComponent(magnet.name.toWellFormed())}`);
  for (const tracker of magnet.trackers) parts.push(`tr=${encodeURIComponent(tracker)}`);
  for (const seed of magnet.webSeeds) parts.push(`ws=${encodeURIComponent(seed)}`);
  for (const peer of magnet.peers) parts.push(`x.pe=${peer.replace(/[^\w.:[\]-]/g, encodeURIComponent)}`);
  if (magnet.selectOnly !== undefined) {
    parts.push(`so=${magnet.selectOnly.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",")}`);
  }
  return `magnet:?${parts.join("&")}`;
}

function parseTopic(text: string): InfoHash | undefined {
  const btih = /^urn:btih:(.+)$/i.exec(text)?.[1];
  const btmh = /^urn:btmh:(.+)$/i.exec(text)?.[1];
  if (btih !== undefined) {
    const bytes = btih.length === 32 ? fromBase32(btih) : btih.length === 40 ? fromHex(btih) : undefined;
    if (bytes?.length !== 20) throw bad("urn:btih", "40 hexadecimal or 32 base32 digits", btih.slice(0, 80));
    return { version: 1, bytes };
  }
  if (btmh !== undefined) {
    const whole = btmh.length === 68 && btmh.startsWith(SHA256_MULTIHASH);
    const bytes = whole ? fromHex(btmh.slice(4)) : undefined;
    if (bytes?.length !== 32) throw bad("urn:btmh", "1220 and 64 hexadecimal digits", btmh.slice(0, 80));
    return { version: 2, bytes };
  }
  return undefined;
}

/** An `xs` may be a link to anything. */
function parseKey(text: string): Uint8Array | undefined {
  const btpk = /^urn:btpk:(.*)$/i.exec(text)?.[1];
  if (btpk === undefined) return undefined;
  const bytes = btpk.length === 64 ? fromHex(btpk) : undefined;
  // With 0x before them they would be fewer.
  if (bytes?.length !== 32) throw bad("urn:btpk", "64 hexadecimal digits", btpk.slice(0, 80));
  return bytes;
}

function parseSalt(text: string): Uint8Array {
  const bytes = text.length <= 2 * MAX_SALT_BYTES ? fromHex(text) : undefined;
  if (bytes === undefined) throw bad("s", `at most ${2 * MAX_SALT_BYTES} hexadecimal digits`, text.slice(0, 80));
  return bytes;
}

/** `host:port`, IPv6 in brackets. */
function isPeer(text: string): boolean {
  const port = /^(?:\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text)?.[1];
  return port !== undefined && Number(port) > 0 && Number(port) < 65_536;
}

function fromBase32(text: string): Uint8Array | undefined {
  const out = new Uint8Array(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const char of text.toUpperCase()) {
    const digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(char);
    if (digit < 0) return undefined;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (held >> bits) & 0xff;
  }
  return out;
}

function parseRanges(text: string): [number, number][] {
  return text.split(",").map((part) => {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || to < from) throw bad("so", "file indices like 0,2,4-6", part.slice(0, 40));
    return [from, to];
  });
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("magnet-invalid", field, expected, received);
}
