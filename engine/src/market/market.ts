/**
 * The market of a node: sells the upload slots of all its torrents together, and bids for those of others. A thin shell over
 * the rules in `@everseed/market`: it keeps bans, reserves and what was seen of prices, and gives each connection its session.
 */
import { type Address, randomInt, toHex } from "@everseed/core";
import {
  type BanBook,
  createBanBook,
  estimatePrice,
  MARKET_EXTENSION,
  MAX_MARKET_MESSAGE_BYTES,
  type MarketTorrent,
  type Price,
  type PriceVote,
  recordPrice,
} from "@everseed/market";
import type { SlotRule } from "../engine.ts";
import type { PeerExtension } from "../extension.ts";
import type { Peer } from "../peer/peer.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { MarketSession, type MarketSessions } from "./market-session.ts";
import { ReserveBook } from "./reserve-book.ts";
import { SlotRounds } from "./slot-rounds.ts";
import type { MarketInit, MarketNews, TorrentMarket } from "./types.ts";

const MAX_HINTS = 1_024;

/** One counterparty as the market sees it now. Prices in micro base units per MiB. */
export interface MarketPeer {
  readonly torrent: string;
  readonly remote: string;
  readonly address: Address;
  /** What it bids for a slot of ours. */
  readonly theirBid?: Price;
  readonly canPay: boolean;
  /** What it pays for a slot that it bought. */
  readonly slotPrice?: Price;
  /** What we bid for a slot of its. */
  readonly ourBid?: Price;
  /** What it charges us. */
  readonly theirOffer?: Price;
}

export interface MarketStats {
  readonly slots: number;
  /** `undefined`: too few offers were seen. */
  readonly marketPrice?: Price;
  readonly torrents: readonly { readonly torrent: string; readonly reserve: Price }[];
  readonly peers: readonly MarketPeer[];
}

export class Market implements SlotRule, MarketSessions {
  readonly init: MarketInit;
  readonly secret: Uint8Array;
  readonly #rounds: SlotRounds;
  readonly #sessions = new Map<object, MarketSession>();
  readonly #reserves = new Map<string, ReserveBook>();
  /** Buyers that miss ticks; sellers whose data does not verify. */
  readonly #buyers: BanBook = createBanBook();
  readonly #sellers: BanBook = createBanBook();
  /** What trackers told that an address bids. */
  readonly #hints = new Map<string, Price>();
  #votes: readonly PriceVote[] = [];
  #counter = 0n;
  readonly #evicted = new Set<MarketSession>();
  #torrents: readonly Torrent[] = [];

  constructor(init: MarketInit) {
    this.init = init;
    this.secret = init.random(32);
    this.#rounds = new SlotRounds({
      slots: init.slots ?? 8,
      optimisticSlots: init.optimisticSlots ?? 1,
      strategy: init.strategy ?? "auction",
      salt: randomInt(init.random, 0x1_0000_0000),
      session: (peer) => this.#sessions.get(peer),
      torrent: (torrent) => this.#torrent(torrent),
      banned: (identity, now) => identity !== undefined && this.#buyers.banned(identity, now),
      distrusts: (group, now) => this.#buyers.banned(group, now),
    });
  }

  /** The engine extension by which a torrent takes part. Add it after the payments'. */
  extension(terms: TorrentMarket): PeerExtension {
    const name = toHex(terms.names[0] as Uint8Array);
    const book = new ReserveBook(terms.selling?.reserve);
    this.#reserves.set(name, book);
    return {
      name: MARKET_EXTENSION,
      maxMessageBytes: MAX_MARKET_MESSAGE_BYTES,
      connect: (port) => {
        const session = new MarketSession(this, terms, name, port);
        this.#sessions.set(port.connection, session);
        return session;
      },
    };
  }

  /** The torrent is gone. */
  forget(names: readonly Uint8Array[]): void {
    this.#reserves.delete(toHex(names[0] as Uint8Array));
  }

  reserves(torrent: string): ReserveBook {
    return this.#reserves.get(torrent) ?? new ReserveBook(undefined);
  }

  #torrent(torrent: Torrent): MarketTorrent {
    const unixSeconds = Math.floor(this.init.clock.unixMs() / 1000);
    const book = this.reserves(toHex(torrent.wireInfoHashes[0] as Uint8Array));
    return { seeding: torrent.complete, reserve: book.price(unixSeconds) };
  }

  /** The reserve grows from here on, whether anybody comes or not. */
  #noteComplete(torrent: Torrent): void {
    if (!torrent.complete) return;
    const book = this.#reserves.get(toHex(torrent.wireInfoHashes[0] as Uint8Array));
    if (torrent.completedAt !== undefined) book?.completed(torrent.completedAt);
  }

  tick(torrents: Iterable<Torrent>, now: number): void {
    this.#torrents = [...torrents];
    for (const torrent of this.#torrents) this.#noteComplete(torrent);
    for (const [connection, session] of this.#sessions) {
      if (session.closed) this.#sessions.delete(connection);
      else session.tick();
    }
    this.#evict(now);
    this.#rounds.tick(this.#torrents, now);
  }

  /** Slots whose buyer does not pay, or withdrew its bid. */
  #evict(now: number): void {
    const evicted = [...this.#evicted];
    this.#evicted.clear();
    for (const session of evicted) {
      const peer = session.port.connection as Peer;
      if (!peer.sold || peer.amChoking) continue;
      for (const torrent of this.#torrents)
        for (const held of torrent.slots.peers) if (held === peer) this.#rounds.evict(torrent, peer, now);
    }
  }

  interested(torrent: Torrent, peer: Peer): void {
    const known = this.#torrents.includes(torrent) ? this.#torrents : [...this.#torrents, torrent];
    this.#rounds.interested(known, torrent, peer, this.init.clock.now());
  }

  nextCounter(): bigint {
    return ++this.#counter;
  }

  marketPrice(): Price | undefined {
    return estimatePrice(this.#votes, this.init.clock.now());
  }

  notePrice(session: MarketSession, signal: "offer" | "win" | "loss", price: Price): void {
    const { addressGroup } = session;
    this.#votes = recordPrice(this.#votes, { addressGroup, signal, price, at: this.init.clock.now() });
  }

  /** A tracker tells that this address bids so much: a hint, held against what it bids. */
  noteHint(host: string, price: Price): void {
    this.#hints.delete(host);
    this.#hints.set(host, price);
    const [oldest] = this.#hints.keys();
    if (this.#hints.size > MAX_HINTS && oldest !== undefined) this.#hints.delete(oldest);
  }

  hint(remote: string): Price | undefined {
    return this.#hints.get(remote);
  }

  shuns(address: Address): boolean {
    return this.#sellers.banned(address, this.init.clock.now());
  }

  onMissedTicks(session: MarketSession): void {
    const now = this.init.clock.now();
    const { identity, addressGroup } = session;
    this.#evicted.add(session);
    if (identity === undefined) return;
    const banned = this.#buyers.offend(identity, now);
    // A new identity costs nothing, a new address group does; its other peers lose no free slot by it.
    if (this.#buyers.offend(addressGroup, now) || banned)
      this.tell(session, { type: "banned", address: identity, why: "missed-ticks" });
  }

  onCorrupt(session: MarketSession): void {
    const { identity } = session;
    if (identity !== undefined && this.#sellers.offend(identity, this.init.clock.now()))
      this.tell(session, { type: "banned", address: identity, why: "corrupt-data" });
  }

  onWithdrawn(session: MarketSession): void {
    this.#evicted.add(session);
  }

  tell(session: MarketSession, news: MarketNews): void {
    this.init.onEvent?.({ ...news, remote: session.port.remote });
  }

  stats(): MarketStats {
    const now = Math.floor(this.init.clock.unixMs() / 1000);
    const marketPrice = this.marketPrice();
    return {
      slots: this.init.slots ?? 8,
      ...(marketPrice === undefined ? {} : { marketPrice }),
      torrents: [...this.#reserves]
        .filter(([, book]) => book.sells)
        .map(([torrent, book]) => ({ torrent, reserve: book.price(now) })),
      peers: [...this.#sessions.values()].flatMap((session) => this.#peerStats(session) ?? []),
    };
  }

  #peerStats(session: MarketSession): MarketPeer | undefined {
    const { identity, bid, ourBid, theirOffer } = session;
    if (identity === undefined || session.closed) return undefined;
    const slotPrice = this.#rounds.priceOf(session.port.connection as Peer);
    return {
      torrent: session.torrent,
      remote: session.port.remote,
      address: identity,
      canPay: session.canPay,
      ...(bid === undefined ? {} : { theirBid: bid.price }),
      ...(slotPrice === undefined ? {} : { slotPrice }),
      ...(ourBid === undefined ? {} : { ourBid }),
      ...(theirOffer === undefined ? {} : { theirOffer }),
    };
  }
}
