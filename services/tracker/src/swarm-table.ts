/**
 * Who is in which swarm: the tracker's rules without its sockets. Memory is bounded: torrents and peers a torrent have
 * limits, and peers that do not announce again are forgotten.
 */
import { type RandomBytes, randomInt, toHex } from "@everseed/core";
import type { AnnounceRequest, AnnounceResponse, PeerEndpoint, ScrapeEntry } from "@everseed/wire";

export interface SwarmLimits {
  /** @default 100000 */
  readonly maxTorrents: number;
  /** @default 5000 */
  readonly maxPeersPerTorrent: number;
  /** What clients are told to wait. @default 1800 */
  readonly intervalSeconds: number;
}

export const DEFAULT_LIMITS: SwarmLimits = { maxTorrents: 100_000, maxPeersPerTorrent: 5_000, intervalSeconds: 1_800 };

interface Member extends PeerEndpoint {
  readonly peerId: string;
  seeder: boolean;
  seenAt: number;
}

interface Swarm {
  readonly members: Map<string, Member>;
  downloaded: number;
}

export class SwarmTable {
  readonly #swarms = new Map<string, Swarm>();
  readonly #limits: SwarmLimits;
  readonly #random: RandomBytes;

  constructor(limits: SwarmLimits, random: RandomBytes) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Takes an announce from `host` at `now` (ms) and answers it. */
  announce(request: AnnounceRequest, host: string, now: number): AnnounceResponse {
    const key = toHex(request.infoHash);
    const swarm = this.#swarms.get(key) ?? { members: new Map<string, Member>(), downloaded: 0 };
    this.#swarms.delete(key);
    this.#swarms.set(key, swarm);
    this.#expire(swarm, now);
    const memberKey = `${host}|${request.port}`;
    if (request.event === "stopped") {
      swarm.members.delete(memberKey);
    } else {
      if (request.event === "completed") swarm.downloaded++;
      swarm.members.delete(memberKey);
      swarm.members.set(memberKey, {
        host,
        port: request.port,
        peerId: toHex(request.peerId),
        seeder: request.left === 0,
        seenAt: now,
      });
    }
    trim(swarm.members, this.#limits.maxPeersPerTorrent);
    if (swarm.members.size === 0 && swarm.downloaded === 0) this.#swarms.delete(key);
    trim(this.#swarms, this.#limits.maxTorrents);
    const { complete, incomplete } = count(swarm);
    return {
      intervalSeconds: this.#limits.intervalSeconds,
      complete,
      incomplete,
      peers: request.event === "stopped" ? [] : this.#choose(swarm, memberKey, request),
    };
  }

  /** A random share of the others; a seeder is told of leechers only. */
  #choose(swarm: Swarm, self: string, request: AnnounceRequest): PeerEndpoint[] {
    const others = [...swarm.members]
      .filter(([key, member]) => key !== self && !(request.left === 0 && member.seeder))
      .map(([, m]) => m);
    const wanted = Math.min(request.numWant, others.length);
    for (let i = 0; i < wanted; i++) {
      const j = i + randomInt(this.#random, others.length - i);
      [others[i], others[j]] = [others[j] as Member, others[i] as Member];
    }
    return others.slice(0, wanted).map(({ host, port }) => ({ host, port }));
  }

  scrape(infoHash: Uint8Array, now: number): ScrapeEntry {
    const swarm = this.#swarms.get(toHex(infoHash));
    if (swarm === undefined) return { complete: 0, downloaded: 0, incomplete: 0 };
    this.#expire(swarm, now);
    return { ...count(swarm), downloaded: swarm.downloaded };
  }

  totals(): { torrents: number; peers: number } {
    let peers = 0;
    for (const swarm of this.#swarms.values()) peers += swarm.members.size;
    return { torrents: this.#swarms.size, peers };
  }

  /** Members are kept in the order of their last announce, so the silent ones come first. */
  #expire(swarm: Swarm, now: number): void {
    const oldest = now - 2_000 * this.#limits.intervalSeconds;
    for (const [key, member] of swarm.members) {
      if (member.seenAt >= oldest) return;
      swarm.members.delete(key);
    }
  }
}

function count(swarm: Swarm): { complete: number; incomplete: number } {
  let complete = 0;
  for (const member of swarm.members.values()) if (member.seeder) complete++;
  return { complete, incomplete: swarm.members.size - complete };
}

/** Forgets the oldest entries beyond `most`. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
