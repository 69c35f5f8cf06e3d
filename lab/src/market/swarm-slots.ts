/**
 * Upload slots of a simulated swarm: each peer runs a real choker of `@everseed/market` on its own round, with what it could
 * know, and its decision is carried out as the engine does (engine/src/torrent/slots.ts): a newcomer that is interested gets
 * a free slot at once, the optimistic slots rotate together every 30 s, rates are those of the last 20 s.
 *
 * A change of terms (free to sold, sold to free, another price) counts as choke and unchoke. Left out: the time that takes,
 * bans, faults, several torrents at one peer.
 */
import { mix } from "@everseed/choking";
import {
  type MarketCandidate,
  type MarketDecision,
  type MarketTorrent,
  OPTIMISTIC_GROUP_BYTES,
  OPTIMISTIC_MS,
  type Price,
  STRATEGIES,
  type StrategyName,
} from "@everseed/market";
import type { SwarmLinks } from "./swarm-links.ts";
import type { SwarmMoney } from "./swarm-money.ts";

/** `free`: a seed's turn, or lent because nobody earned or bought it. */
export const SLOT = { choked: 0, free: 1, optimistic: 2, barter: 3, sold: 4 } as const;
const TORRENT = "torrent";
const RATE_SECONDS = 20;
const HOUR_MS = 3_600_000;
const FREE = 0n as Price;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface SlotsInit {
  readonly links: SwarmLinks;
  readonly money: SwarmMoney;
  readonly groups: readonly string[];
  /** By peer. Tit-for-tat has no limit to the bytes of an optimistic slot. */
  readonly strategies: readonly StrategyName[];
  readonly slots: number;
  readonly optimisticSlots: number;
  readonly seed: number;
}

export class SwarmSlots {
  /** By link: what the peer at the other end has of its owner (`SLOT`). */
  readonly kind: Uint8Array;
  /** Bytes that an optimistic slot may still serve. */
  readonly optimisticLeft: Float64Array;
  /** Slots sold above the bid of their buyer: none, if the rules hold. */
  overcharges = 0;
  readonly #init: SlotsInit;
  readonly #candidates: Mutable<MarketCandidate>[];
  readonly #got: Float64Array;
  readonly #gotBefore: Float64Array;
  readonly #sent: Float64Array;
  readonly #sentBefore: Float64Array;
  /** Bytes of a sold or optimistic slot that are not accounted for yet. */
  readonly #open: Float64Array;
  readonly #price: Price[];
  readonly #rotatedAt: Float64Array;
  readonly #groupLeft: Map<string, number>[];
  readonly #groupSince: Float64Array;
  readonly #next: Uint8Array;

  constructor(init: SlotsInit) {
    const [links, peers] = [init.links.other.length, init.links.degree.length];
    this.#init = init;
    this.kind = new Uint8Array(links);
    this.optimisticLeft = new Float64Array(links);
    this.#candidates = new Array(links);
    this.#got = new Float64Array(links);
    this.#gotBefore = new Float64Array(links);
    this.#sent = new Float64Array(links);
    this.#sentBefore = new Float64Array(links);
    this.#open = new Float64Array(links);
    this.#price = new Array(links).fill(FREE);
    this.#rotatedAt = new Float64Array(peers).fill(Number.NEGATIVE_INFINITY);
    this.#groupLeft = Array.from({ length: peers }, () => new Map());
    this.#groupSince = new Float64Array(peers);
    this.#next = new Uint8Array(init.links.width);
  }

  /** Both ends of a new connection. */
  connected(link: number, now: number): void {
    const { links } = this.#init;
    for (const end of [link, links.back[link] as number]) {
      for (const bytes of [this.#got, this.#gotBefore, this.#sent, this.#sentBefore, this.#open]) bytes[end] = 0;
      this.kind[end] = SLOT.choked;
      this.#candidates[end] = this.#candidate(end, now);
    }
    for (const end of [link, links.back[link] as number])
      if ((links.wanted[end] as number) > 0) this.interested(end, now);
  }

  /** Call before the connection goes. */
  disconnected(link: number): void {
    for (const end of [link, this.#init.links.back[link] as number]) {
      this.#settle(end);
      this.kind[end] = SLOT.choked;
    }
  }

  /** The other end of the link begins to want something: it need not wait for the next round when a slot is free. */
  interested(link: number, now: number): void {
    if (this.kind[link] !== SLOT.choked) return;
    const { links, slots } = this.#init;
    const first = links.ownerOf(link) * links.width;
    let used = 0;
    for (let each = first; each < first + links.width; each++)
      if (links.other[each] !== -1 && this.kind[each] !== SLOT.choked && (links.wanted[each] as number) > 0) used++;
    if (used < slots) this.#set(link, SLOT.free, FREE, now);
  }

  moved(link: number, bytes: number): void {
    const back = this.#init.links.back[link] as number;
    this.#sent[link] = (this.#sent[link] as number) + bytes;
    this.#got[back] = (this.#got[back] as number) + bytes;
    const kind = this.kind[link];
    if (kind === SLOT.sold || kind === SLOT.optimistic) this.#open[link] = (this.#open[link] as number) + bytes;
    if (kind === SLOT.optimistic) this.optimisticLeft[link] = (this.optimisticLeft[link] as number) - bytes;
  }

  /** All connections of `peer` see its new bid. */
  publishBid(peer: number): void {
    const { links } = this.#init;
    for (let link = peer * links.width; link < (peer + 1) * links.width; link++)
      if (links.other[link] !== -1) this.#showBid(links.back[link] as number, peer);
  }

  round(peer: number, torrent: MarketTorrent, now: number): void {
    const { links, strategies, slots, optimisticSlots, seed } = this.#init;
    const first = peer * links.width;
    const rotate = now - (this.#rotatedAt[peer] as number) >= OPTIMISTIC_MS;
    if (rotate) this.#rotatedAt[peer] = now;
    const candidates: MarketCandidate[] = [];
    const optimistic: number[] = [];
    for (let link = first; link < first + links.width; link++) {
      if (links.other[link] === -1) continue;
      this.#settle(link);
      const candidate = this.#refresh(link);
      if (candidate.interested) candidates.push(candidate);
      if (!rotate && this.kind[link] === SLOT.optimistic) optimistic.push(candidate.id);
    }
    const decision = STRATEGIES[strategies[peer] as StrategyName]({
      candidates,
      torrents: new Map([[TORRENT, torrent]]),
      slots,
      optimisticSlots,
      optimistic,
      optimisticBytesLeft: this.#groupBytes(peer, now),
      now,
      salt: mix(peer, seed),
    });
    this.#carryOut(peer, decision, now);
  }

  #carryOut(peer: number, decision: MarketDecision, now: number): void {
    const { links, money, strategies } = this.#init;
    const first = peer * links.width;
    const capped = strategies[peer] !== "tit-for-tat";
    const next = this.#next.fill(SLOT.choked);
    for (const id of decision.unchoke) next[id - 1] = SLOT.free;
    for (const id of decision.barter) next[id - 1] = SLOT.barter;
    for (const { id, maxBytes } of decision.optimistic) {
      next[id - 1] = SLOT.optimistic;
      this.optimisticLeft[first + id - 1] = capped ? maxBytes : Number.POSITIVE_INFINITY;
    }
    for (const slot of decision.sold) {
      next[slot.id - 1] = SLOT.sold;
      const link = first + slot.id - 1;
      const bid = money.bidOf(links.other[link] as number);
      if (bid === undefined || slot.price > bid.price) this.overcharges++;
      (this.#candidates[link] as Mutable<MarketCandidate>).lastPrice = slot;
    }
    for (let place = 0; place < links.width; place++) {
      const link = first + place;
      if (links.other[link] === -1) continue;
      const kind = next[place] as number;
      const { lastPrice } = this.#candidates[link] as MarketCandidate;
      const price = kind === SLOT.sold && lastPrice !== undefined ? lastPrice.price : FREE;
      this.#set(link, kind, price, now);
    }
  }

  #set(link: number, kind: number, price: Price, now: number): void {
    const before = this.kind[link] as number;
    const terms = (before === SLOT.sold) !== (kind === SLOT.sold) || this.#price[link] !== price;
    this.kind[link] = kind;
    this.#price[link] = price;
    if (kind === SLOT.choked || terms) this.#init.links.stopSending(link);
    if (kind === SLOT.choked || (before !== SLOT.choked && !terms)) return;
    (this.#candidates[link] as Mutable<MarketCandidate>).lastUnchokedAt = now;
  }

  /** Charges what a sold slot served, and counts what an optimistic one did. */
  #settle(link: number): void {
    const bytes = this.#open[link] as number;
    if (bytes === 0) return;
    this.#open[link] = 0;
    const { links, money, groups } = this.#init;
    const [owner, other] = [links.ownerOf(link), links.other[link] as number];
    if (this.kind[link] === SLOT.sold) money.charge(other, owner, this.#price[link] as Price, bytes);
    else {
      const left = this.#groupLeft[owner] as Map<string, number>;
      const group = groups[other] as string;
      left.set(group, Math.max(0, (left.get(group) ?? OPTIMISTIC_GROUP_BYTES) - bytes));
    }
  }

  #groupBytes(peer: number, now: number): ReadonlyMap<string, number> {
    const left = this.#groupLeft[peer] as Map<string, number>;
    if (now - (this.#groupSince[peer] as number) >= HOUR_MS) {
      this.#groupSince[peer] = now;
      left.clear();
    }
    return left;
  }

  #candidate(link: number, now: number): Mutable<MarketCandidate> {
    const { links, money, groups } = this.#init;
    const other = links.other[link] as number;
    const bid = money.bidOf(other);
    return {
      id: (link % links.width) + 1,
      interested: false,
      unchoked: false,
      downloadRate: 0,
      uploadRate: 0,
      connectedAt: now,
      lastUnchokedAt: 0,
      torrent: TORRENT,
      addressGroup: groups[other] as string,
      banned: false,
      channelCanPay: false,
      inSoldSlot: false,
      ...(money.bids[other] === true ? { identity: String(other) } : {}),
      ...(bid === undefined ? {} : { bid }),
    };
  }

  #showBid(link: number, bidder: number): void {
    const bid = this.#init.money.bidOf(bidder);
    if (bid !== undefined) (this.#candidates[link] as Mutable<MarketCandidate>).bid = bid;
  }

  /** What the link's owner sees of the other end now. Begins a new half of the rate's window. */
  #refresh(link: number): MarketCandidate {
    const { links, money } = this.#init;
    const candidate = this.#candidates[link] as Mutable<MarketCandidate>;
    const [got, sent] = [this.#got[link] as number, this.#sent[link] as number];
    candidate.interested = (links.wanted[link] as number) > 0;
    candidate.unchoked = this.kind[link] !== SLOT.choked;
    candidate.inSoldSlot = this.kind[link] === SLOT.sold;
    candidate.downloadRate = (got + (this.#gotBefore[link] as number)) / RATE_SECONDS;
    candidate.uploadRate = (sent + (this.#sentBefore[link] as number)) / RATE_SECONDS;
    candidate.channelCanPay = candidate.bid !== undefined && money.canPay(links.other[link] as number);
    this.#gotBefore[link] = got;
    this.#sentBefore[link] = sent;
    this.#got[link] = 0;
    this.#sent[link] = 0;
    return candidate;
  }
}
