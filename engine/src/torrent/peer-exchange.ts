/**
 * Peer exchange (BEP 11): tells each peer once a minute which others came and went, and takes their hints. Not for private
 * torrents (BEP 27). Hints are cheap lies, so their number and pace are bounded and they only ever become addresses to try.
 */
import { ProtocolError } from "@everseed/core";
import { decodePexMessage, encodePexMessage, PEX_INTERVAL_MS, PEX_MAX_CONTACTS, type PexPeer } from "@everseed/wire";
import type { Peer } from "../peer/peer.ts";
import { contactOf } from "./contact.ts";
import { Holepunch } from "./holepunch.ts";
import type { TorrentEvent } from "./types.ts";

export const UT_PEX_ID = 2;
/** Clients' timers are not exact; who sends more often than this, on the whole, is no client that we know. */
const MIN_PACE_MS = PEX_INTERVAL_MS * 0.75;
/** So many may come at once: messages that were sent minutes apart wait together behind data on a line that is full. */
const MAX_BURST = 5;

export interface PeerExchangeInit {
  readonly peers: ReadonlyMap<number, Peer>;
  readonly now: () => number;
  readonly listenPort: () => number;
  readonly holepunch: boolean;
  readonly wantsPeers: () => boolean;
  readonly onEvent: (event: TorrentEvent) => void;
  readonly onFault: (peer: Peer, error: ProtocolError) => void;
}

interface Exchange {
  sentAt: number;
  /** What the peer was told of, by address. */
  readonly told: Map<string, PexPeer>;
  heardAt: number;
  /** Messages that may come now; one more each `MIN_PACE_MS`. */
  allowed: number;
}

export class PeerExchange {
  readonly #init: PeerExchangeInit;
  readonly #exchanges = new WeakMap<Peer, Exchange>();
  /** Between those who were told of each other and cannot connect. */
  readonly holepunch: Holepunch;

  constructor(init: PeerExchangeInit) {
    this.#init = init;
    this.holepunch = new Holepunch({
      ...init,
      onIntroduced: (peer, relay) => init.onEvent({ type: "introduced", peer, relay: relay.remote }),
    });
  }

  /** Sends what is due. */
  tick(now: number): void {
    const known = new Map<string, PexPeer>();
    for (const peer of this.#init.peers.values()) {
      const contact = contactOf(peer);
      if (contact !== undefined) known.set(`${contact.host}|${contact.port}`, contact);
    }
    for (const peer of this.#init.peers.values()) {
      const id = peer.remoteExtended?.messages.get("ut_pex");
      const exchange = this.#of(peer);
      if (!id || now - exchange.sentAt < PEX_INTERVAL_MS) continue;
      const own = contactOf(peer);
      const added: PexPeer[] = [];
      for (const [key, contact] of known) {
        if (exchange.told.has(key) || added.length >= PEX_MAX_CONTACTS) continue;
        if (own !== undefined && contact.host === own.host && contact.port === own.port) continue;
        exchange.told.set(key, contact);
        added.push(contact);
      }
      const dropped: PexPeer[] = [];
      for (const [key, contact] of exchange.told) {
        if (known.has(key) || dropped.length >= PEX_MAX_CONTACTS) continue;
        exchange.told.delete(key);
        dropped.push(contact);
      }
      if (added.length === 0 && dropped.length === 0) continue;
      exchange.sentAt = now;
      peer.send({ type: "extended", id, payload: encodePexMessage({ added, dropped }) });
    }
  }

  onMessage(peer: Peer, payload: Uint8Array): void {
    const now = this.#init.now();
    const exchange = this.#of(peer);
    exchange.allowed = Math.min(MAX_BURST, exchange.allowed + (now - exchange.heardAt) / MIN_PACE_MS);
    exchange.heardAt = now;
    if (exchange.allowed < 1) {
      const error = new ProtocolError("pex-pace", "ut_pex messages", "one a minute", "more than that for minutes");
      return this.#init.onFault(peer, error);
    }
    exchange.allowed--;
    const added = decodePexMessage(payload).added.filter((contact) => !this.holepunch.isConnected(contact));
    if (added.length === 0) return;
    const peers = added.map(({ host, port }) => ({ host, port }));
    this.#init.onEvent({ type: "peers-found", source: "pex", peers });
    this.holepunch.learned(peer, added);
  }

  #of(peer: Peer): Exchange {
    let exchange = this.#exchanges.get(peer);
    if (exchange === undefined) {
      exchange = {
        sentAt: Number.NEGATIVE_INFINITY,
        told: new Map(),
        heardAt: this.#init.now(),
        allowed: MAX_BURST,
      };
      this.#exchanges.set(peer, exchange);
    }
    return exchange;
  }
}
