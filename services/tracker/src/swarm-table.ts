/**
 * Who is in which swarm: the tracker's rules without its sockets. Nothing is kept on disk: announces rebuild it.
 *
 * Invariants: torrents, peers a torrent and peers altogether stay within the limits; a peer that did not announce for two
 * intervals is named to nobody; one address cannot crowd the others out of a full swarm.
 */
import { type RandomBytes, randomInt, toHex } from "@everseed/core";
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry, TrackerPeer } from "@everseed/wire";
import { networkOf } from "./network.ts";

export interface SwarmLimits {
  /** @default 100000 */
  readonly maxTorrents: number;
  /** @default 5000 */
  readonly maxPeersPerTorrent: number;
  /** Of all torrents together, some 300 bytes each. @default 1000000 */
  readonly maxPeers: number;
  /** Peers of one address that a full swarm keeps. @default 8 */
  readonly maxPeersPerAddress: number;
  /** What clients are told to wait. @default 1800 */
  readonly intervalSeconds: number;
}

export const DEFAULT_LIMITS: SwarmLimits = {
  maxTorrents: 100_000,
  maxPeersPerTorrent: 5_000,
  maxPeers: 1_000_000,
  maxPeersPerAddress: 8,
  intervalSeconds: 1_800,
};

/** What the way an announce came allows in its answer. */
export interface AnswerLimits {
  /** Peers of this family only; both when absent. */
  readonly family?: 4 | 6;
  readonly maxPeers?: number;
}

/** What a peer says of itself, whichever way it can be reached. */
export type Presence = Pick<AnnounceRequest, "infoHash" | "peerId" | "left" | "event">;

interface Member extends TrackerPeer {
  readonly seeder: boolean;
  readonly seenAt: number;
  /** Reached through its WebSocket alone: named only to others like it. */
  readonly web: boolean;
}

/** The peers that one announce is told of. */
interface Taken {
  readonly complete: number;
  readonly incomplete: number;
  readonly chosen: readonly (readonly [key: string, Member])[];
}

/** Members are kept in the order of their last announce: the silent ones come first. */
interface Swarm {
  readonly members: Map<string, Member>;
  downloaded: number;
  seenAt: number;
}

export class SwarmTable {
  /** In the order of their last announce. */
  readonly #swarms = new Map<string, Swarm>();
  #peers = 0;
  readonly #limits: SwarmLimits;
  readonly #random: RandomBytes;

  constructor(limits: SwarmLimits, random: RandomBytes) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Takes an announce from `host` at `now` (ms) and answers it. */
  announce(request: AnnounceRequest, host: string, now: number, answer: AnswerLimits = {}): AnnounceResponse {
    const { port, numWant } = request;
    const maxPeers = Math.min(numWant, answer.maxPeers ?? numWant);
    const self = `${host}|${port}`;
    const { chosen, ...counts } = this.#take(request, { key: self, host, port, web: false }, now, {
      ...answer,
      maxPeers,
    });
    const peers = chosen.map(([, { host, port, peerId }]) => ({ host, port, ...(peerId && { peerId }) }));
    return { intervalSeconds: this.#limits.intervalSeconds, ...counts, peers };
  }

  /**
   * The same for a peer that cannot be dialled. `key` is its name with the caller, who alone can reach it; the answer
   * names others like it by theirs.
   */
  announceWeb(
    request: Presence,
    key: string,
    host: string,
    now: number,
    maxPeers: number,
  ): { readonly complete: number; readonly incomplete: number; readonly others: readonly string[] } {
    const { chosen, ...counts } = this.#take(request, { key, host, port: 0, web: true }, now, { maxPeers });
    return { ...counts, others: chosen.map(([other]) => other) };
  }

  #take(
    request: Presence,
    { key: self, host, port, web }: { key: string; host: string; port: number; web: boolean },
    now: number,
    answer: { family?: 4 | 6; maxPeers: number },
  ): Taken {
    const key = toHex(request.infoHash);
    const swarm = this.#swarms.get(key) ?? { members: new Map<string, Member>(), downloaded: 0, seenAt: now };
    swarm.seenAt = now;
    this.#swarms.delete(key);
    this.#swarms.set(key, swarm);
    this.#expire(swarm, now);
    const before = swarm.members.get(self);
    this.#remove(swarm, self);
    if (request.event !== "stopped") {
      if (request.event === "completed" && before?.seeder !== true) swarm.downloaded++;
      if (swarm.members.size >= this.#limits.maxPeersPerTorrent) this.#makeRoom(swarm, host);
      const { peerId } = request;
      swarm.members.set(self, { host, port, peerId, seeder: request.left === 0, seenAt: now, web });
      this.#peers++;
    }
    if (swarm.members.size === 0 && swarm.downloaded === 0) this.#swarms.delete(key);
    this.#trim(now);
    const stopped = request.event === "stopped";
    return { ...count(swarm), chosen: stopped ? [] : this.#choose(swarm, self, request.left === 0, web, answer) };
  }

  scrape(infoHash: Uint8Array, now: number): ScrapeEntry {
    const swarm = this.#swarms.get(toHex(infoHash));
    if (swarm === undefined) return { complete: 0, downloaded: 0, incomplete: 0 };
    this.#expire(swarm, now);
    return { ...count(swarm), downloaded: swarm.downloaded };
  }

  totals(now: number): { torrents: number; peers: number } {
    this.#trim(now);
    return { torrents: this.#swarms.size, peers: this.#peers };
  }

  /** A random share of the others that are reached the same way; a seeder is told of leechers only. */
  #choose(
    swarm: Swarm,
    self: string,
    seeder: boolean,
    web: boolean,
    { family, maxPeers }: { family?: 4 | 6; maxPeers: number },
  ): [string, Member][] {
    const others: [string, Member][] = [];
    for (const [key, member] of swarm.members) {
      if (key === self || member.web !== web || (seeder && member.seeder)) continue;
      if (family === undefined || (family === 6) === member.host.includes(":")) others.push([key, member]);
    }
    const wanted = Math.min(maxPeers, others.length);
    for (let i = 0; i < wanted; i++) {
      const j = i + randomInt(this.#random, others.length - i);
      [others[i], others[j]] = [others[j] as [string, Member], others[i] as [string, Member]];
    }
    return others.slice(0, wanted);
  }

  /** Drops the oldest peer of this address when it has its share, or of one that has more than that, or of all. */
  #makeRoom(swarm: Swarm, host: string): void {
    const most = this.#limits.maxPeersPerAddress;
    const counts = new Map<string, number>();
    for (const { host: other } of swarm.members.values()) {
      const network = networkOf(other);
      counts.set(network, (counts.get(network) ?? 0) + 1);
    }
    const own = networkOf(host);
    const full = (counts.get(own) ?? 0) >= most;
    const crowds = (network: string): boolean => (full ? network === own : (counts.get(network) ?? 0) > most);
    const [oldest] = swarm.members.keys();
    for (const [key, member] of swarm.members) {
      if (crowds(networkOf(member.host))) return this.#remove(swarm, key);
    }
    if (oldest !== undefined) this.#remove(swarm, oldest);
  }

  #remove(swarm: Swarm, member: string): void {
    if (swarm.members.delete(member)) this.#peers--;
  }

  #expire(swarm: Swarm, now: number): void {
    for (const [key, member] of swarm.members) {
      if (member.seenAt >= this.#oldest(now)) return;
      this.#remove(swarm, key);
    }
  }

  /** Forgets swarms in which everybody fell silent, and the quietest ones beyond the limits. */
  #trim(now: number): void {
    const { maxTorrents, maxPeers } = this.#limits;
    for (const [key, swarm] of this.#swarms) {
      const silent = swarm.seenAt < this.#oldest(now);
      if (!silent && this.#swarms.size <= maxTorrents && this.#peers <= maxPeers) return;
      this.#peers -= swarm.members.size;
      this.#swarms.delete(key);
    }
  }

  #oldest(now: number): number {
    return now - 2_000 * this.#limits.intervalSeconds;
  }
}

function count(swarm: Swarm): { complete: number; incomplete: number } {
  let complete = 0;
  for (const member of swarm.members.values()) if (member.seeder) complete++;
  return { complete, incomplete: swarm.members.size - complete };
}
