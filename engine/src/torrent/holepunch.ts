/**
 * Holepunching (BEP 55): two peers that cannot reach each other are introduced by a third that both are connected to, and
 * dial each other at the same time. Each peer may be all three: who asks, who introduces, and who is dialled.
 *
 * Invariant: what a peer can have us send or dial is bounded a minute, and so is what is remembered of its hints. Nobody
 * is introduced but peers of this torrent that said they know what that is. Not for private torrents (BEP 27).
 */
import { decodeHolepunchMessage, encodeHolepunchMessage, HolepunchError, type PexPeer } from "@everseed/wire";
import { Pace } from "../limits/pace.ts";
import type { Peer } from "../peer/peer.ts";
import type { PeerAddress } from "../swarm/peer-book.ts";
import { mayBePunched, scopeOf } from "../swarm/punch-rules.ts";
import { contactOf, datagramEndpointOf, endpointOf, supportsHolepunch } from "./contact.ts";

export const UT_HOLEPUNCH_ID = 4;

const MINUTE_MS = 60_000;
/** Rendezvous a minute that one peer may ask of us, and we of it. */
const MAX_ASKED = 10;
/** Introductions a minute that one peer gets from us, by whomever they were asked for. */
const MAX_INTRODUCED = 20;
/** Introductions a minute that one peer may send us. */
const MAX_CONNECTS = 10;
/** Addresses whose relays are remembered, and relays of each. */
const MAX_TOLD = 2_000;
const MAX_RELAYS = 4;
/** The same address is not asked for again before. */
const ASK_AGAIN_MS = 30_000;

export interface HolepunchInit {
  readonly peers: ReadonlyMap<number, Peer>;
  readonly now: () => number;
  readonly listenPort: () => number;
  /** False: we know nothing of it. */
  readonly holepunch: boolean;
  readonly wantsPeers: () => boolean;
  /** `relay` would have us dial the peer, over uTP and at once. */
  readonly onIntroduced: (peer: PeerAddress, relay: Peer) => void;
}

/** What one peer has used up. */
class Allowances {
  readonly asksOfUs = new Pace(MAX_ASKED, MINUTE_MS);
  readonly asksOfIt = new Pace(MAX_ASKED, MINUTE_MS);
  readonly introduced = new Pace(MAX_INTRODUCED, MINUTE_MS);
  readonly connects = new Pace(MAX_CONNECTS, MINUTE_MS);
}

/** Who told of an address, last first. Ids, so that no closed connection is kept. */
interface Told {
  relays: number[];
  askedAt: number;
}

export class Holepunch {
  readonly #init: HolepunchInit;
  readonly #allowances = new WeakMap<Peer, Allowances>();
  readonly #told = new Map<string, Told>();

  constructor(init: HolepunchInit) {
    this.#init = init;
  }

  /** The peer told of these (BEP 11). Those that nobody could reach, as far as it knows, are asked for at once. */
  learned(relay: Peer, contacts: readonly PexPeer[]): void {
    if (!this.#init.holepunch || !supportsHolepunch(relay)) return;
    for (const contact of contacts) {
      const key = keyOf(contact);
      const told = this.#told.get(key) ?? { relays: [], askedAt: Number.NEGATIVE_INFINITY };
      told.relays = [relay.id, ...told.relays.filter((id) => id !== relay.id)].slice(0, MAX_RELAYS);
      this.#told.delete(key);
      this.#told.set(key, told);
      const oldest = this.#told.keys().next().value;
      if (this.#told.size > MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
      if (contact.holepunch === true && contact.reachable !== true) this.introduce(contact);
    }
  }

  /** Asks a peer that told of this address to introduce us. False when none is left, or it is too early to ask again. */
  introduce(address: PeerAddress): boolean {
    const told = this.#told.get(keyOf(address));
    const now = this.#init.now();
    if (told === undefined || now - told.askedAt < ASK_AGAIN_MS) return false;
    if (!this.#init.wantsPeers() || this.isConnected(address)) return false;
    for (const id of told.relays) {
      const relay = this.#init.peers.get(id);
      if (relay === undefined || !mayBePunched(address, hostOf(relay)) || !this.#of(relay).asksOfIt.take(now)) continue;
      told.askedAt = now;
      this.#send(relay, "rendezvous", address);
      return true;
    }
    return false;
  }

  /** By the address it is seen at, or where it says it listens. */
  isConnected(address: PeerAddress): boolean {
    return this.#find(address) !== undefined;
  }

  /** Throws `ProtocolError` (`ut-holepunch`). */
  onMessage(peer: Peer, payload: Uint8Array): void {
    if (!this.#init.holepunch) return;
    const message = decodeHolepunchMessage(payload);
    const { endpoint } = message;
    if (message.type === "rendezvous") this.#onRendezvous(peer, endpoint);
    else if (message.type === "connect") this.#onConnect(peer, endpoint);
    else this.#onError(peer, endpoint);
  }

  #onRendezvous(peer: Peer, endpoint: PeerAddress): void {
    const now = this.#init.now();
    if (!supportsHolepunch(peer) || !this.#of(peer).asksOfUs.take(now)) return;
    const refuse = (error: number): void => this.#send(peer, "error", endpoint, error);
    const target = this.#find(endpoint);
    const own = datagramEndpointOf(peer);
    if (scopeOf(endpoint.host) === undefined || own === undefined) return refuse(HolepunchError.noSuchPeer);
    if (target === peer || this.#isOurs(peer, endpoint)) return refuse(HolepunchError.noSelf);
    const there = target && datagramEndpointOf(target);
    if (target === undefined || there === undefined) return refuse(HolepunchError.notConnected);
    if (!supportsHolepunch(target)) return refuse(HolepunchError.noSupport);
    if (!this.#of(target).introduced.take(now)) return;
    this.#send(target, "connect", own);
    this.#send(peer, "connect", there);
  }

  #onConnect(relay: Peer, endpoint: PeerAddress): void {
    if (!this.#of(relay).connects.take(this.#init.now())) return;
    if (!mayBePunched(endpoint, hostOf(relay)) || this.isConnected(endpoint)) return;
    this.#init.onIntroduced(endpoint, relay);
  }

  /** Another that told of the address may do what this one cannot. */
  #onError(relay: Peer, endpoint: PeerAddress): void {
    const told = this.#told.get(keyOf(endpoint));
    if (!told?.relays.includes(relay.id)) return;
    told.relays = told.relays.filter((id) => id !== relay.id);
    told.askedAt = Number.NEGATIVE_INFINITY;
    this.introduce(endpoint);
  }

  /** The peer at this address: by where it is seen, or else by where it says it listens. */
  #find(endpoint: PeerAddress): Peer | undefined {
    const key = keyOf(endpoint);
    let listens: Peer | undefined;
    for (const peer of this.#init.peers.values()) {
      const seen = endpointOf(peer.remote);
      if (seen !== undefined && keyOf(seen) === key) return peer;
      const contact = contactOf(peer);
      if (contact !== undefined && keyOf(contact) === key) listens = peer;
    }
    return listens;
  }

  /** Our own address is the one that the peer says it sees us at. */
  #isOurs(peer: Peer, { host, port }: PeerAddress): boolean {
    const seen = peer.remoteExtended?.yourIp;
    return port === this.#init.listenPort() && seen?.length === 4 && host === seen.join(".");
  }

  #send(peer: Peer, type: "rendezvous" | "connect" | "error", endpoint: PeerAddress, error = 0): void {
    const id = peer.remoteExtended?.messages.get("ut_holepunch");
    const payload = encodeHolepunchMessage({ type, endpoint, error });
    if (id && payload !== undefined) peer.send({ type: "extended", id, payload });
  }

  #of(peer: Peer): Allowances {
    let allowances = this.#allowances.get(peer);
    if (allowances === undefined) {
      allowances = new Allowances();
      this.#allowances.set(peer, allowances);
    }
    return allowances;
  }
}

function keyOf({ host, port }: PeerAddress): string {
  return `${host}|${port}`;
}

function hostOf(peer: Peer): string {
  return endpointOf(peer.remote)?.host ?? "";
}
