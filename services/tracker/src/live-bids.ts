/**
 * The bids of peers that are in a swarm now (docs/spec/tracker_bids.md): who counts, and in what order.
 *
 * Invariants: of one bidder's address and of one address group (IPv4 /24, IPv6 /48) at most one bid of a torrent counts, so that
 * one person cannot fill the front; bids of different markets never meet; a bid leaves with its peer and at its expiry; bids
 * of a torrent and bids altogether stay within their limits. Signatures are checked by `BidGate`, before a bid comes here.
 */
import { type Address, toHex } from "@everseed/core";
import type { Price } from "@everseed/market";
import { type BidSummary, parseIpv6 } from "@everseed/wire";

/** A bid whose signature was checked. */
export interface LiveBid {
  /** The 48 bytes of its market, in hexadecimal. */
  readonly market: string;
  readonly bidder: Address;
  readonly price: Price;
  /** Unix seconds. */
  readonly expiry: number;
  /** As it was announced. */
  readonly bytes: Uint8Array;
}

interface Placed extends LiveBid {
  readonly group: string;
}

export interface BidLimits {
  /** @default 500 */
  readonly maxBidsPerTorrent: number;
  /** Of all torrents together, some 500 bytes each. @default 100000 */
  readonly maxBids: number;
}

export class LiveBids {
  /** By torrent, in the order of their last bid; then by peer, in the order in which they came. */
  readonly #torrents = new Map<string, Map<string, Placed>>();
  readonly #limits: BidLimits;
  #count = 0;

  constructor(limits: BidLimits) {
    this.#limits = limits;
  }

  /** All that are kept, those that expired and were not met since among them. */
  get count(): number {
    return this.#count;
  }

  /** Takes the bid of a peer in place of its earlier one. `now` in Unix seconds. */
  place(torrent: string, peer: string, host: string, bid: LiveBid, now: number): void {
    const bids = this.#torrents.get(torrent) ?? new Map<string, Placed>();
    if (!bids.has(peer)) {
      if (bids.size >= this.#limits.maxBidsPerTorrent) this.#makeRoom(torrent, bids, now);
      this.#count++;
    }
    bids.set(peer, { ...bid, group: addressGroup(host) });
    this.#torrents.delete(torrent);
    this.#torrents.set(torrent, bids);
    for (const quietest of this.#torrents.keys()) {
      if (this.#count <= this.#limits.maxBids) break;
      this.forget(quietest);
    }
  }

  drop(torrent: string, peer: string): void {
    const bids = this.#torrents.get(torrent);
    if (!bids?.delete(peer)) return;
    this.#count--;
    if (bids.size === 0) this.#torrents.delete(torrent);
  }

  forget(torrent: string): void {
    this.#count -= this.#torrents.get(torrent)?.size ?? 0;
    this.#torrents.delete(torrent);
  }

  /** Who counts in this market, with its bid, dearest first; of equal prices who came first. `now` in Unix seconds. */
  ranked(torrent: string, market: string, now: number): readonly (readonly [peer: string, LiveBid])[] {
    this.#expire(torrent, now);
    const byBidder = new Map<Address, readonly [string, Placed]>();
    for (const [peer, bid] of this.#torrents.get(torrent) ?? []) {
      if (bid.market !== market) continue;
      const other = byBidder.get(bid.bidder)?.[1];
      // Only its signer can make a bid that lives longer: a copy of it cannot take its place, nor go before it.
      if (other === undefined || bid.expiry > other.expiry) byBidder.set(bid.bidder, [peer, bid]);
    }
    const byGroup = new Map<string, readonly [string, Placed]>();
    for (const each of byBidder.values()) {
      const other = byGroup.get(each[1].group)?.[1];
      if (other === undefined || each[1].price > other.price) byGroup.set(each[1].group, each);
    }
    return [...byGroup.values()].sort(([, a], [, b]) => (a.price === b.price ? 0 : a.price > b.price ? -1 : 1));
  }

  summary(torrent: string, market: string, now: number): BidSummary {
    const ranked = this.ranked(torrent, market, now);
    return { bidders: ranked.length, highest: ranked[0]?.[1].price ?? 0n, second: ranked[1]?.[1].price ?? 0n };
  }

  #expire(torrent: string, now: number): void {
    for (const [peer, bid] of this.#torrents.get(torrent) ?? []) if (bid.expiry <= now) this.drop(torrent, peer);
  }

  /** Drops what expired; else the oldest bid of the group that has most. */
  #makeRoom(torrent: string, bids: ReadonlyMap<string, Placed>, now: number): void {
    this.#expire(torrent, now);
    if (bids.size < this.#limits.maxBidsPerTorrent) return;
    const counts = new Map<string, number>();
    for (const { group } of bids.values()) counts.set(group, (counts.get(group) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [peer, { group }] of bids) if (counts.get(group) === most) return this.drop(torrent, peer);
  }
}

/** es_market's: IPv4 /24, IPv6 /48. */
function addressGroup(host: string): string {
  const six = host.includes(":") ? parseIpv6(host) : undefined;
  return six === undefined ? host.replace(/\.\d+$/, "") : toHex(six.subarray(0, 6));
}
