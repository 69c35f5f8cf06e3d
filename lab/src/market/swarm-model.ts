/**
 * A swarm for one torrent in steps of one second: who sends what to whom, under a choke strategy of `@everseed/market`.
 *
 * Peers arrive, connect to random others, send only whole pieces that the other lacks, and stay or leave. How an uploader
 * divides its capacity is `BandwidthRule`; within a class slots are equal, and what one cannot take goes to the others. Left out: latency, TCP and its ramps, request queues, hash failures, NAT, peer exchange, duplicate blocks at the end,
 * disconnects, and several torrents at one peer. Same plan, same result.
 */
import type { MarketTorrent, Price, StrategyName } from "@everseed/market";
import { SwarmLinks } from "./swarm-links.ts";
import { SwarmMoney } from "./swarm-money.ts";
import type { PeerPlan } from "./swarm-peers.ts";
import { Chance } from "./swarm-random.ts";
import { SLOT, SwarmSlots } from "./swarm-slots.ts";

/**
 * Who gets an uploader's bytes. `paid-first`: sold slots take all they can, the others share what is left (the specification's
 * "sold slots go first", by the letter). `equal`: a slot is a slot. `surplus`: barter, optimistic slots and a seed's turns keep
 * an equal slot's share; of the rest sold slots take all they can before lent ones.
 */
export type BandwidthRule = "paid-first" | "surplus" | "equal";

export interface SwarmPlan {
  readonly peers: readonly PeerPlan[];
  readonly strategy: StrategyName;
  /** Whether peers that do not bid run the strategy too; else they run plain tit-for-tat. */
  readonly everybodySells: boolean;
  readonly pieces: number;
  readonly pieceBytes: number;
  readonly slots: number;
  readonly optimisticSlots: number;
  /** A newcomer connects to so many; others may connect to it until it has `maxConnections`. */
  readonly dials: number;
  readonly maxConnections: number;
  readonly bandwidth: BandwidthRule;
  readonly bidCap: Price;
  /** The least price of a peer that is complete since `completedAt` (seconds). */
  readonly reserve: (peer: number, completedAt: number, now: number) => Price;
  readonly seed: number;
}

/** Any time of day that is not 0, which means never to the chokers. */
const EPOCH_MS = 1_000_000_000;
const ROUND_SECONDS = 10;
const REDIAL_SECONDS = 60;
const RESERVE_SECONDS = 60;
const DIAL_TRIES = 4;
const NO_RESERVE = 0n as Price;

export class Swarm {
  readonly links: SwarmLinks;
  readonly slots: SwarmSlots;
  readonly money: SwarmMoney;
  /** Seconds, when the peer was complete or left; -1: not yet. */
  readonly completedAt: Int32Array;
  readonly leftAt: Int32Array;
  /** In the last step, by peer. */
  readonly uploaded: Int32Array;
  readonly downloaded: Int32Array;
  now = 0;
  readonly #plan: SwarmPlan;
  readonly #chance: Chance;
  readonly #online: number[] = [];
  readonly #place: Int32Array;
  readonly #up: Int32Array;
  readonly #down: Int32Array;
  readonly #torrents: MarketTorrent[];
  /** When the reserve was looked up. */
  readonly #reserveAt: Int32Array;
  readonly #serving: Int32Array;
  readonly #finished: number[] = [];
  #arrived = 0;
  #leeching = 0;

  constructor(plan: SwarmPlan) {
    const { peers, seed } = plan;
    this.#plan = plan;
    this.#chance = new Chance(seed, 2);
    this.links = new SwarmLinks(peers.length, plan.maxConnections, plan.pieces, plan.pieceBytes, new Chance(seed, 3));
    this.money = new SwarmMoney(
      peers.map(({ balance }) => balance),
      plan.bidCap,
    );
    this.slots = new SwarmSlots({
      links: this.links,
      money: this.money,
      groups: peers.map(({ addressGroup }) => addressGroup),
      strategies: peers.map(({ balance }) => (plan.everybodySells || balance > 0 ? plan.strategy : "tit-for-tat")),
      slots: plan.slots,
      optimisticSlots: plan.optimisticSlots,
      seed,
    });
    this.completedAt = new Int32Array(peers.length).fill(-1);
    this.leftAt = new Int32Array(peers.length).fill(-1);
    this.uploaded = new Int32Array(peers.length);
    this.downloaded = new Int32Array(peers.length);
    this.#place = new Int32Array(peers.length).fill(-1);
    this.#up = Int32Array.from(peers, ({ up }) => up);
    this.#down = Int32Array.from(peers, ({ down }) => down);
    this.#torrents = peers.map(() => ({ seeding: false, reserve: NO_RESERVE }));
    this.#reserveAt = new Int32Array(peers.length).fill(-RESERVE_SECONDS);
    this.#serving = new Int32Array(plan.maxConnections);
  }

  /** Peers that came and did not leave, in no order that means anything. */
  get online(): readonly number[] {
    return this.#online;
  }

  /** Of those, how many are not complete. */
  get leeching(): number {
    return this.#leeching;
  }

  /** When the next peer comes; infinite: all came. Seconds. */
  get nextArrival(): number {
    return this.#plan.peers[this.#arrived]?.arrivesAt ?? Number.POSITIVE_INFINITY;
  }

  /** Every peer came, and is complete. */
  get done(): boolean {
    return this.#arrived === this.#plan.peers.length && this.#leeching === 0;
  }

  /** All pieces are somewhere among the peers that are online. */
  get whole(): boolean {
    if (this.#online.length > this.#leeching) return true;
    for (let piece = 0; piece < this.#plan.pieces; piece++)
      if (!this.#online.some((peer) => this.links.has(peer, piece))) return false;
    return true;
  }

  /** One second. */
  step(): void {
    while (this.nextArrival <= this.now) this.#arrive(this.#arrived++);
    for (const peer of this.#online) if (peer % ROUND_SECONDS === this.now % ROUND_SECONDS) this.#round(peer);
    this.uploaded.fill(0);
    this.downloaded.fill(0);
    const count = this.#online.length;
    const start = this.#chance.below(Math.max(1, count));
    for (let i = 0; i < count; i++) {
      const peer = this.#online[(start + i) % count] as number;
      if ((this.links.degree[peer] as number) > 0) this.#upload(peer);
    }
    this.now++;
    for (const peer of this.#finished.splice(0)) this.#finish(peer);
  }

  /** Lets time pass in which nobody downloads: up to `second`. */
  skipTo(second: number): void {
    this.now = Math.max(this.now, second);
  }

  depart(peer: number): void {
    const { width, other } = this.links;
    for (let link = peer * width; link < (peer + 1) * width; link++) if (other[link] !== -1) this.#disconnect(link);
    this.leftAt[peer] = this.now;
    if (!this.links.complete(peer)) this.#leeching--;
    const place = this.#place[peer] as number;
    const last = this.#online.pop() as number;
    if (last !== peer) {
      this.#online[place] = last;
      this.#place[last] = place;
    }
    this.#place[peer] = -1;
  }

  #arrive(peer: number): void {
    if (this.#plan.peers[peer]?.complete) {
      this.links.fill(peer);
      this.completedAt[peer] = this.now;
    } else this.#leeching++;
    this.#place[peer] = this.#online.length;
    this.#online.push(peer);
    this.#bid(peer);
    this.#dial(peer);
  }

  #dial(peer: number): void {
    const { links } = this;
    const { dials, maxConnections } = this.#plan;
    const wanted = Math.min(dials, this.#online.length - 1);
    for (let i = 0; i < DIAL_TRIES * wanted && (links.degree[peer] as number) < wanted; i++) {
      const other = this.#online[this.#chance.below(this.#online.length)] as number;
      if (other === peer || (links.degree[other] as number) >= maxConnections) continue;
      if ((links.complete(peer) && links.complete(other)) || links.connected(peer, other)) continue;
      this.slots.connected(links.connect(peer, other), this.#clock());
    }
  }

  #round(peer: number): void {
    const complete = this.links.complete(peer);
    if (complete && this.now - (this.#reserveAt[peer] as number) >= RESERVE_SECONDS) {
      this.#reserveAt[peer] = this.now;
      const reserve = this.#plan.reserve(peer, this.completedAt[peer] as number, this.now);
      this.#torrents[peer] = { seeding: true, reserve };
    }
    this.#bid(peer);
    if ((this.links.degree[peer] as number) > 0)
      this.slots.round(peer, this.#torrents[peer] as MarketTorrent, this.#clock());
    if (Math.floor(this.now / ROUND_SECONDS) % (REDIAL_SECONDS / ROUND_SECONDS) === 0) this.#dial(peer);
  }

  #bid(peer: number): void {
    if (!this.money.bids[peer] || this.links.complete(peer)) return;
    const bytesLeft = this.#plan.pieces * this.#plan.pieceBytes - this.links.bytesOf(peer);
    if (this.money.rebid(peer, bytesLeft, this.#clock())) this.slots.publishBid(peer);
  }

  #upload(peer: number): void {
    const capacity = this.#up[peer] as number;
    const { bandwidth } = this.#plan;
    if (bandwidth === "equal" || (bandwidth === "surplus" && this.links.complete(peer)))
      this.#serve(peer, capacity, SLOT.free, SLOT.sold);
    else if (bandwidth === "paid-first")
      this.#serve(peer, this.#serve(peer, capacity, SLOT.sold, SLOT.sold), SLOT.free, SLOT.barter);
    else {
      const all = this.#gather(peer, SLOT.free, SLOT.sold);
      const earned = this.#gather(peer, SLOT.optimistic, SLOT.barter);
      const kept = all === 0 ? 0 : Math.floor((capacity * earned) / all);
      let left = capacity - kept + this.#serve(peer, kept, SLOT.optimistic, SLOT.barter);
      left = this.#serve(peer, left, SLOT.sold, SLOT.sold);
      left = this.#serve(peer, left, SLOT.free, SLOT.free);
      this.#serve(peer, left, SLOT.optimistic, SLOT.barter);
    }
  }

  /** Finds the links with slots of the kinds `from` to `to` that have something to send. */
  #gather(peer: number, from: number, to: number): number {
    const { links, slots } = this;
    let count = 0;
    for (let link = peer * links.width; link < (peer + 1) * links.width; link++) {
      const kind = slots.kind[link] as number;
      if (kind >= from && kind <= to && (links.wanted[link] as number) > 0) this.#serving[count++] = link;
    }
    return count;
  }

  /** Shares `budget` among slots of the kinds `from` to `to`. Returns what nobody could take. */
  #serve(peer: number, budget: number, from: number, to: number): number {
    const serving = this.#serving;
    let count = this.#gather(peer, from, to);
    let left = budget;
    while (count > 0 && left >= count) {
      const share = Math.floor(left / count);
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const link = serving[i] as number;
        const moved = this.#send(peer, link, share);
        left -= moved;
        if (moved === share) serving[kept++] = link;
      }
      count = kept;
    }
    return left;
  }

  #send(peer: number, link: number, share: number): number {
    const to = this.links.other[link] as number;
    let most = Math.min(share, (this.#down[to] as number) - (this.downloaded[to] as number));
    if (this.slots.kind[link] === SLOT.optimistic) most = Math.min(most, this.slots.optimisticLeft[link] as number);
    if (most <= 0) return 0;
    const moved = this.links.send(link, most, this.#completed);
    this.uploaded[peer] = (this.uploaded[peer] as number) + moved;
    this.downloaded[to] = (this.downloaded[to] as number) + moved;
    this.slots.moved(link, moved);
    return moved;
  }

  readonly #completed = (peer: number, piece: number): void => {
    this.links.announce(peer, piece, this.#interested);
    if (this.links.complete(peer)) this.#finished.push(peer);
  };

  readonly #interested = (link: number): void => this.slots.interested(link, this.#clock());

  #finish(peer: number): void {
    this.#leeching--;
    this.completedAt[peer] = this.now;
    this.#torrents[peer] = { seeding: true, reserve: NO_RESERVE };
    if (this.#plan.peers[peer]?.leaves) {
      this.depart(peer);
      return;
    }
    const { width, other } = this.links;
    for (let link = peer * width; link < (peer + 1) * width; link++)
      if (other[link] !== -1 && this.links.complete(other[link] as number)) this.#disconnect(link);
  }

  #disconnect(link: number): void {
    this.slots.disconnected(link);
    this.links.disconnect(link);
  }

  #clock(): number {
    return EPOCH_MS + this.now * 1_000;
  }
}
