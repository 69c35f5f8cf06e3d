/**
 * Who is in which swarm: the tracker's rules without its sockets. Nothing is kept on disk: announces rebuild it.
 *
 * Invariants: torrents, peers a torrent and peers altogether stay within the limits; a peer that did not announce for two
 * intervals is named to nobody; one address cannot crowd the others out of a full swarm.
 */
import { type RandomBytes, randomInt, toHex } from "@everseed/core";
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry, TrackerPeer } from "@everseed/wire";
import { type BidLimits, type LiveBid, LiveBids } from "./live-bids.ts";
import { networkOf } from "./network.ts";

export interface SwarmLimits extends BidLimits {
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
  maxBidsPerTorrent: 500,
  maxBids: 100_000,
  intervalSeconds: 1_800,
};

/** What an announce says of bids, once that is checked (docs/spec/tracker_bids.md). */
export interface BidTerms {
  /** Takes the place of the peer's earlier one; without it the peer bids no more. */
  readonly bid?: LiveBid;
  /** Peers that bid in this market (48 bytes in hexadecimal) come first, dearest bid first. */
  readonly sortMarket?: string;
}

/** What the way an announce came allows in its answer, and its bids. */
export interface AnswerLimits extends BidTerms {
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

interface Chosen {
  readonly key: string;
  readonly member: Member;
  /** By which it was sorted. */
  readonly bid?: LiveBid;
}

/** The peers that one announce is told of. */
interface Taken {
  readonly complete: number;
  readonly incomplete: number;
  readonly chosen: readonly Chosen[];
}

/** Who is to be told of others. */
interface Asker {
  readonly self: string;
  readonly seeder: boolean;
  readonly web: boolean;
  readonly bids: readonly (readonly [key: string, LiveBid])[];
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
  readonly #bids: LiveBids;

  constructor(limits: SwarmLimits, random: RandomBytes) {
    this.#limits = limits;
    this.#bids = new LiveBids(limits);
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
    const peers = chosen.map(({ member: { host, port, peerId }, bid }) => ({
      host,
      port,
      ...(peerId && { peerId }),
      ...(bid && { bid: bid.bytes }),
    }));
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
    answer: BidTerms & { readonly maxPeers: number },
  ): { readonly complete: number; readonly incomplete: number; readonly others: readonly string[] } {
    const { chosen, ...counts } = this.#take(request, { key, host, port: 0, web: true }, now, answer);
    return { ...counts, others: chosen.map((other) => other.key) };
  }

  #take(
    request: Presence,
    { key: self, host, port, web }: { key: string; host: string; port: number; web: boolean },
    now: number,
    answer: AnswerLimits & { readonly maxPeers: number },
  ): Taken {
    const key = toHex(request.infoHash);
    const swarm = this.#swarms.get(key) ?? { members: new Map<string, Member>(), downloaded: 0, seenAt: now };
    swarm.seenAt = now;
    this.#swarms.delete(key);
    this.#swarms.set(key, swarm);
    this.#expire(key, swarm, now);
    const before = swarm.members.get(self);
    if (swarm.members.delete(self)) this.#peers--;
    // Who is complete has nothing to buy.
    if (answer.bid === undefined || request.left === 0 || request.event === "stopped") this.#bids.drop(key, self);
    if (request.event !== "stopped") {
      if (request.event === "completed" && before?.seeder !== true) swarm.downloaded++;
      if (swarm.members.size >= this.#limits.maxPeersPerTorrent) this.#makeRoom(key, swarm, host);
      const { peerId } = request;
      swarm.members.set(self, { host, port, peerId, seeder: request.left === 0, seenAt: now, web });
      this.#peers++;
      if (answer.bid !== undefined && request.left !== 0) this.#bids.place(key, self, host, answer.bid, seconds(now));
    }
    if (swarm.members.size === 0 && swarm.downloaded === 0) this.#swarms.delete(key);
    this.#trim(now);
    const stopped = request.event === "stopped";
    if (stopped) return { ...count(swarm), chosen: [] };
    const { sortMarket } = answer;
    const bids = sortMarket === undefined ? [] : this.#bids.ranked(key, sortMarket, seconds(now));
    return { ...count(swarm), chosen: this.#choose(swarm, { self, seeder: request.left === 0, web, bids }, answer) };
  }

  /** With the bids in `market` (48 bytes in hexadecimal), where one is named. */
  scrape(infoHash: Uint8Array, now: number, market?: string): ScrapeEntry {
    const key = toHex(infoHash);
    const swarm = this.#swarms.get(key);
    if (swarm !== undefined) this.#expire(key, swarm, now);
    const bids = market === undefined ? {} : { bids: this.#bids.summary(key, market, seconds(now)) };
    if (swarm === undefined) return { complete: 0, downloaded: 0, incomplete: 0, ...bids };
    return { ...count(swarm), downloaded: swarm.downloaded, ...bids };
  }

  totals(now: number): { torrents: number; peers: number; bids: number } {
    this.#trim(now);
    return { torrents: this.#swarms.size, peers: this.#peers, bids: this.#bids.count };
  }

  /** Those that bid, dearest first, then a random share of the others that are reached the same way; to a seeder leechers only. */
  #choose(
    swarm: Swarm,
    { self, seeder, web, bids }: Asker,
    { family, maxPeers }: { readonly family?: 4 | 6; readonly maxPeers: number },
  ): Chosen[] {
    const fits = (key: string, member: Member): boolean =>
      key !== self &&
      member.web === web &&
      !(seeder && member.seeder) &&
      (family === undefined || (family === 6) === member.host.includes(":"));
    const chosen: Chosen[] = [];
    for (const [key, bid] of bids) {
      const member = swarm.members.get(key);
      if (member !== undefined && fits(key, member) && chosen.length < maxPeers) chosen.push({ key, member, bid });
    }
    const taken = new Set(chosen.map(({ key }) => key));
    const rest: Chosen[] = [];
    for (const [key, member] of swarm.members) if (fits(key, member) && !taken.has(key)) rest.push({ key, member });
    const wanted = Math.min(maxPeers - chosen.length, rest.length);
    for (let i = 0; i < wanted; i++) {
      const j = i + randomInt(this.#random, rest.length - i);
      [rest[i], rest[j]] = [rest[j] as Chosen, rest[i] as Chosen];
    }
    return [...chosen, ...rest.slice(0, wanted)];
  }

  /** Drops the oldest peer of this address when it has its share, or of one that has more than that, or of all. */
  #makeRoom(torrent: string, swarm: Swarm, host: string): void {
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
      if (crowds(networkOf(member.host))) return this.#remove(torrent, swarm, key);
    }
    if (oldest !== undefined) this.#remove(torrent, swarm, oldest);
  }

  #remove(torrent: string, swarm: Swarm, member: string): void {
    if (swarm.members.delete(member)) this.#peers--;
    this.#bids.drop(torrent, member);
  }

  #expire(torrent: string, swarm: Swarm, now: number): void {
    for (const [key, member] of swarm.members) {
      if (member.seenAt >= this.#oldest(now)) return;
      this.#remove(torrent, swarm, key);
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
      this.#bids.forget(key);
    }
  }

  #oldest(now: number): number {
    return now - 2_000 * this.#limits.intervalSeconds;
  }
}

/** Bids count in Unix seconds, announces in ms. */
function seconds(now: number): number {
  return Math.floor(now / 1_000);
}

function count(swarm: Swarm): { complete: number; incomplete: number } {
  let complete = 0;
  for (const member of swarm.members.values()) if (member.seeder) complete++;
  return { complete, incomplete: swarm.members.size - complete };
}
