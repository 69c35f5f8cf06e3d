/**
 * The choke round over all torrents of a node: gathers what `@everseed/market` decides by, and carries the decision out in
 * the order that it demands (choke, reject, offer, unchoke).
 *
 * Invariant: a peer that hears offers is never unchoked without one that stands, and is charged what it says.
 */

import { toHex } from "@everseed/core";
import type { Price } from "@everseed/market";
import {
  chargedPrice,
  FREE_TERMS,
  type MarketCandidate,
  type MarketDecision,
  type MarketRound,
  type MarketTorrent,
  moveSlot,
  type OfferReason,
  OPTIMISTIC_MS,
  PRICE_HOLD_MS,
  ROUND_MS,
  type SetPrice,
  type SignedSealedBid,
  type SlotTarget,
  type SlotTerms,
  STRATEGIES,
  type StrategyName,
} from "@everseed/market";
import type { Peer } from "../peer/peer.ts";
import { candidateOf } from "../torrent/slots.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { addressGroup } from "./address-group.ts";
import type { MarketSession } from "./market-session.ts";
import { OptimisticBytes } from "./optimistic-bytes.ts";

export interface RoundsInit {
  readonly slots: number;
  readonly optimisticSlots: number;
  readonly strategy: StrategyName;
  /** 32 secret bits. */
  readonly salt: number;
  /** The market's side of a connection; undefined for peers that do not take part. */
  readonly session: (peer: Peer) => MarketSession | undefined;
  /** Reserve price of a torrent, and whether we have all that we want of it. */
  readonly torrent: (torrent: Torrent) => MarketTorrent;
  readonly banned: (identity: string | undefined, now: number) => boolean;
  /** No slot is sold to the address group: its buyers did not pay. */
  readonly distrusts: (group: string, now: number) => boolean;
}

/** A peer in its torrent. */
interface Seat {
  readonly torrent: Torrent;
  readonly peer: Peer;
  readonly id: number;
  readonly key: string;
  readonly session: MarketSession | undefined;
  readonly group: string;
}

interface Evidence {
  readonly bid: SignedSealedBid;
  readonly at: number;
}

/** A bid that set a price is shown for as long as the price holds, and a round longer. */
const EVIDENCE_MS = PRICE_HOLD_MS + 2 * ROUND_MS;

export class SlotRounds {
  readonly #init: RoundsInit;
  readonly #ids = new WeakMap<Peer, number>();
  #nextId = 1;
  #roundAt = Number.NEGATIVE_INFINITY;
  #optimistic: readonly number[] = [];
  #optimisticAt = Number.NEGATIVE_INFINITY;
  /** Holders of optimistic slots, and what they had been sent when it was looked at last. */
  readonly #served = new Map<Peer, { readonly group: string; bytes: number }>();
  readonly #optimisticBytes = new OptimisticBytes();
  /** By identity and torrent. */
  readonly #prices = new Map<string, SetPrice>();
  /** Bids that set a price, by signature. */
  readonly #evidence = new Map<string, Evidence>();

  constructor(init: RoundsInit) {
    this.#init = init;
  }

  /** Runs a round when one is due. */
  tick(torrents: Iterable<Torrent>, now: number): void {
    if (now - this.#roundAt < ROUND_MS) return;
    this.#roundAt = now;
    this.#forget(now);
    const seats = [...torrents].flatMap((torrent) => [...torrent.slots.peers].map((peer) => this.#seat(torrent, peer)));
    const round = this.#round(seats, now);
    this.#carryOut(seats, STRATEGIES[this.#init.strategy](round), now);
  }

  /** A free slot need not wait for the round. */
  interested(torrents: Iterable<Torrent>, torrent: Torrent, peer: Peer, now: number): void {
    const { slots, banned } = this.#init;
    const seat = this.#seat(torrent, peer);
    if (!peer.amChoking || peer.barred || banned(seat.session?.identity, now)) return;
    let used = 0;
    for (const other of torrents)
      for (const held of other.slots.peers) if (!held.amChoking && !held.paying && held.peerInterested) used++;
    if (peer.paying || used < slots) this.#move(seat, { unchoked: true, ...termsOf(seat, FREE_TERMS) }, now);
  }

  /** Its bid is gone: what it bought ends now. */
  evict(torrent: Torrent, peer: Peer, now: number): void {
    this.#move(this.#seat(torrent, peer), { unchoked: false }, now);
    peer.sold = false;
  }

  #seat(torrent: Torrent, peer: Peer): Seat {
    let id = this.#ids.get(peer);
    if (id === undefined) {
      id = this.#nextId++;
      this.#ids.set(peer, id);
    }
    const session = this.#init.session(peer);
    const group = session?.addressGroup ?? addressGroup(peer.remote);
    return { torrent, peer, id, key: toHex(torrent.wireInfoHashes[0] as Uint8Array), session, group };
  }

  #forget(now: number): void {
    for (const [key, { setAt }] of this.#prices) if (now - setAt >= PRICE_HOLD_MS) this.#prices.delete(key);
    for (const [key, { at }] of this.#evidence) if (now - at >= EVIDENCE_MS) this.#evidence.delete(key);
    for (const [peer, served] of this.#served) {
      this.#optimisticBytes.note(served.group, peer.uploadedBytes - served.bytes, now);
      this.#served.delete(peer);
    }
    if (now - this.#optimisticAt < OPTIMISTIC_MS) return;
    this.#optimistic = [];
    this.#optimisticAt = now;
  }

  #round(seats: readonly Seat[], now: number): MarketRound {
    const torrents = new Map<string, MarketTorrent>();
    for (const { torrent, key } of seats) if (!torrents.has(key)) torrents.set(key, this.#init.torrent(torrent));
    return {
      candidates: seats.filter(({ peer }) => !peer.paying).map((seat) => this.#candidate(seat, now)),
      torrents,
      slots: this.#init.slots,
      optimisticSlots: this.#init.optimisticSlots,
      optimistic: this.#optimistic,
      optimisticBytesLeft: this.#optimisticBytes.left(now),
      now,
      salt: this.#init.salt,
    };
  }

  #candidate({ peer, id, key, session, group }: Seat, now: number): MarketCandidate {
    const identity = session?.identity;
    const lastPrice = identity === undefined ? undefined : this.#prices.get(`${identity}|${key}`);
    return {
      ...candidateOf(peer),
      id,
      torrent: key,
      addressGroup: group,
      banned: peer.barred || this.#init.banned(identity, now),
      ...(identity === undefined ? {} : { identity }),
      ...(session?.bid === undefined ? {} : { bid: session.bid }),
      channelCanPay: session?.canPay === true && !this.#init.distrusts(group, now),
      ...(lastPrice === undefined ? {} : { lastPrice }),
      inSoldSlot: peer.sold && !peer.amChoking,
    };
  }

  #carryOut(seats: readonly Seat[], decision: MarketDecision, now: number): void {
    const byId = new Map(seats.map((seat) => [seat.id, seat]));
    const unchoked = new Set(decision.unchoke);
    const sold = new Map(decision.sold.map((slot) => [slot.id, slot]));
    const optimistic = new Map(decision.optimistic.map(({ id, maxBytes }) => [id, maxBytes]));
    this.#optimistic = [...optimistic.keys()];
    for (const slot of decision.sold) this.#keep(byId, slot.id, slot, now);
    // Who loses its slot goes first, so that there are never more than there should be.
    const order = [...seats].sort((a, b) => Number(unchoked.has(a.id)) - Number(unchoked.has(b.id)));
    for (const seat of order) {
      const { peer, id } = seat;
      if (peer.paying) {
        if (peer.amChoking) seat.torrent.slots.unchoke(peer);
        continue;
      }
      const slot = sold.get(id);
      const terms: SlotTerms = slot === undefined ? FREE_TERMS : slot;
      peer.sold = slot !== undefined;
      peer.uploadShare = decision.shares?.get(id);
      this.#move(seat, unchoked.has(id) ? { unchoked: true, ...termsOf(seat, terms) } : { unchoked: false }, now);
      this.#limit(seat, unchoked.has(id) ? optimistic.get(id) : undefined);
    }
  }

  #keep(byId: ReadonlyMap<number, Seat>, id: number, price: SetPrice, now: number): void {
    const session = byId.get(id)?.session;
    if (session?.identity !== undefined) this.#prices.set(`${session.identity}|${byId.get(id)?.key}`, price);
    if (price.reason.type !== "loser") return;
    const key = toHex(price.reason.signature);
    const bid = byId.get(price.reason.id)?.session?.sealedBid ?? this.#evidence.get(key)?.bid;
    if (bid !== undefined && toHex(bid.signature) === key) this.#evidence.set(key, { bid, at: now });
  }

  /** An optimistic slot has so many bytes; others have no limit but es_pay's. */
  #limit({ peer, group, session }: Seat, maxBytes: number | undefined): void {
    if (maxBytes !== undefined) {
      this.#served.set(peer, { group, bytes: peer.uploadedBytes });
      peer.serveAllowance = peer.uploadedBytes + maxBytes;
      peer.limited = true;
    } else if (peer.limited) {
      peer.limited = false;
      if (session === undefined || chargedPrice(session.slot) === 0n) peer.serveAllowance = undefined;
    }
  }

  #move({ torrent, peer, session }: Seat, target: SlotTarget, now: number): void {
    const state = { ...(session?.slot ?? {}), unchoked: !peer.amChoking };
    const step = moveSlot(state, target, now);
    if (session !== undefined) session.slot = step.state;
    for (const effect of step.effects) {
      if (effect.type === "choke") {
        torrent.slots.choke(peer);
        session?.slotChanged(false);
      } else if (effect.type === "unchoke") {
        torrent.slots.unchoke(peer);
        session?.slotChanged(true);
      } else if (effect.type === "offer")
        session?.offer(effect.terms.price, this.#reason(effect.terms), effect.expiresAt);
      // `choke` rejects the queue with it.
    }
  }

  #reason({ reason }: SlotTerms): OfferReason {
    if (reason.type !== "loser") return reason;
    const bid = this.#evidence.get(toHex(reason.signature))?.bid;
    return bid === undefined ? { type: "reserve" } : { type: "loser", bid };
  }

  /** What a peer's slot costs now; undefined: it has none, or a free one. */
  priceOf(peer: Peer): Price | undefined {
    return peer.sold && !peer.amChoking ? this.#init.session(peer)?.slot.offered?.price : undefined;
  }
}

/** Plain clients are unchoked without a word. */
function termsOf({ session }: Seat, terms: SlotTerms): { readonly terms?: SlotTerms } {
  return session?.hearsOffers === true ? { terms } : {};
}
