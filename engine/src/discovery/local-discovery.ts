/**
 * Local service discovery (BEP 14): peers on the same network find each other by multicast, no tracker needed. One instance
 * serves all torrents of a client; private torrents (BEP 27) are never given to it. Announces of one torrent go out every
 * five minutes, several in one packet; what is heard is bounded in size and pace, and only ever becomes an address to try.
 */
import { type Clock, type RandomBytes, toHex, utf8 } from "@everseed/core";
import type { PeerAddress } from "../swarm/peer-book.ts";

/** Where BEP 14 packets go, by address family. */
export const LSD_GROUPS = {
  4: { host: "239.192.152.143", port: 6771 },
  6: { host: "ff15::efc0:988f", port: 6771 },
} as const;

const INTERVAL_MS = 5 * 60_000;
/** BEP 14: at most one announce a minute; a torrent that is added waits for it. */
const PACE_MS = 60_000;
const FIRST_MS = 1_000;
/** BEP 14: packets above 1400 bytes break into fragments. */
const MAX_PACKET_BYTES = 1_400;
const MAX_INFO_HASHES = 24;
/** Packets that are read in a minute; the rest of a flood is dropped. */
const MAX_HEARD_PER_MINUTE = 600;

export interface LocalAnnounce {
  readonly port: number;
  /** 40 hexadecimal digits each. */
  readonly infoHashes: readonly string[];
  /** Tells our own packets from others'. */
  readonly cookie?: string;
}

export function encodeLocalAnnounce(announce: LocalAnnounce, group: { host: string; port: number }): Uint8Array {
  const host = group.host.includes(":") ? `[${group.host}]:${group.port}` : `${group.host}:${group.port}`;
  const lines = [
    "BT-SEARCH * HTTP/1.1",
    `Host: ${host}`,
    `Port: ${announce.port}`,
    ...announce.infoHashes.map((hash) => `Infohash: ${hash}`),
    ...(announce.cookie === undefined ? [] : [`cookie: ${announce.cookie}`]),
    "",
    "",
    "",
  ];
  return utf8(lines.join("\r\n"));
}

/** Undefined when the packet is no announce that can be used. */
export function decodeLocalAnnounce(packet: Uint8Array): LocalAnnounce | undefined {
  if (packet.length > MAX_PACKET_BYTES) return undefined;
  const [first, ...lines] = new TextDecoder("latin1").decode(packet).split("\r\n");
  if (first !== "BT-SEARCH * HTTP/1.1") return undefined;
  let port = 0;
  let cookie: string | undefined;
  const infoHashes: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "port" && /^\d{1,5}$/.test(value)) port = Number(value);
    if (name === "cookie" && /^[!-~]{1,64}$/.test(value)) cookie = value;
    if (name === "infohash" && /^[0-9a-f]{40}$/i.test(value) && infoHashes.length < MAX_INFO_HASHES)
      infoHashes.push(value.toLowerCase());
  }
  if (port < 1 || port > 65_535 || infoHashes.length === 0) return undefined;
  return { port, infoHashes, ...(cookie === undefined ? {} : { cookie }) };
}

/** Sockets that have joined the groups. */
export interface Multicast {
  readonly families: readonly (4 | 6)[];
  send(packet: Uint8Array, family: 4 | 6): void;
  close(): Promise<void>;
}

export interface LocalDiscoveryInit {
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Our TCP port. */
  readonly port: () => number;
  readonly open: (receive: (packet: Uint8Array, host: string) => void) => Promise<Multicast>;
  readonly onPeer: (infoHash: string, peer: PeerAddress) => void;
}

export class LocalDiscovery {
  readonly #init: LocalDiscoveryInit;
  readonly #cookie: string;
  /** Info hash to when it was announced last. */
  readonly #torrents = new Map<string, number>();
  #multicast: Multicast | undefined;
  #cancel: (() => void) | undefined;
  #heardSince = Number.NEGATIVE_INFINITY;
  #heard = 0;

  constructor(init: LocalDiscoveryInit) {
    this.#init = init;
    this.#cookie = toHex(init.random(8));
  }

  /** Joins the groups. A machine without multicast has no local discovery: false, and nothing else happens. */
  async start(): Promise<boolean> {
    try {
      this.#multicast = await this.#init.open((packet, host) => this.#receive(packet, host));
    } catch {
      return false;
    }
    this.#schedule(FIRST_MS);
    return true;
  }

  /** `infoHash`: 20 bytes. */
  add(infoHash: Uint8Array): void {
    const hex = toHex(infoHash);
    if (!this.#torrents.has(hex)) this.#torrents.set(hex, Number.NEGATIVE_INFINITY);
  }

  remove(infoHash: Uint8Array): void {
    this.#torrents.delete(toHex(infoHash));
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#multicast?.close();
    this.#multicast = undefined;
  }

  #schedule(delayMs: number): void {
    this.#cancel = this.#init.clock.after(delayMs, () => {
      this.#announce();
      this.#schedule(PACE_MS);
    });
  }

  #announce(): void {
    const now = this.#init.clock.now();
    const due = [...this.#torrents].filter(([, at]) => now - at >= INTERVAL_MS).map(([hash]) => hash);
    for (let i = 0; i < due.length; i += MAX_INFO_HASHES) {
      const infoHashes = due.slice(i, i + MAX_INFO_HASHES);
      for (const hash of infoHashes) this.#torrents.set(hash, now);
      const announce = { port: this.#init.port(), infoHashes, cookie: this.#cookie };
      for (const family of this.#multicast?.families ?? [])
        this.#multicast?.send(encodeLocalAnnounce(announce, LSD_GROUPS[family]), family);
    }
  }

  #receive(packet: Uint8Array, host: string): void {
    const now = this.#init.clock.now();
    if (now - this.#heardSince > 60_000) {
      this.#heardSince = now;
      this.#heard = 0;
    }
    if (++this.#heard > MAX_HEARD_PER_MINUTE) return;
    const announce = decodeLocalAnnounce(packet);
    if (announce === undefined || announce.cookie === this.#cookie) return;
    for (const hash of announce.infoHashes)
      if (this.#torrents.has(hash)) this.#init.onPeer(hash, { host, port: announce.port });
  }
}
