/**
 * Peers that are reached through their WebSocket alone (browsers): the rules of the WebTorrent tracker without its sockets.
 * Offers go to random others of the swarm, one each; answers go back to whoever made the offer.
 *
 * Invariants: an answer is carried only from a peer that was brought that offer, once; a socket's swarms and the offers
 * that wait for its answer are bounded; each offer carried counts as a request of its sender.
 */
import { ProtocolError, toHex } from "@everseed/core";
import {
  decodeWebSocketRequest,
  encodeWebSocketResponse,
  type WebSocketAnnounce,
  type WebSocketAnswer,
  type WebSocketResponse,
} from "@everseed/wire";
import { BID_UNCHECKED, type BidGate, reasonOf } from "./bid-gate.ts";
import type { RequestLimiter } from "./request-limiter.ts";
import type { SwarmTable } from "./swarm-table.ts";

/** Torrents of one socket; a client keeps one socket for all of its torrents. */
const MAX_MEMBERSHIPS = 200;
/** The oldest is forgotten beyond this. */
const MAX_WAITING_OFFERS = 200;

/** What carries messages to one peer. */
export interface WebSocketPort {
  readonly host: string;
  send(message: string): void;
  /** The peer asks too often. */
  close(): void;
}

interface Membership {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly socket: Socket;
}

interface Socket {
  readonly id: number;
  readonly port: WebSocketPort;
  /** By the key that the swarm table knows them by. */
  readonly memberships: Map<string, Membership>;
  /** Offers that were brought to this socket, by infohash, sender and offer id: who made them. */
  readonly waiting: Map<string, Membership>;
}

export interface WebPeersInit {
  readonly table: SwarmTable;
  readonly limiter: RequestLimiter;
  readonly gate: BidGate;
  /** When clients announce again, and may send new offers. */
  readonly intervalSeconds: number;
  readonly counts: { announces: number; scrapes: number; refused: number };
}

/** One socket's end of the tracker. */
export interface WebPeer {
  /** No torrent was announced, or none is left. */
  readonly idle: boolean;
  /** Handles one message at `now` (ms). */
  message(message: Uint8Array, now: number): void;
  /** The socket is gone, and with it its peers. */
  closed(now: number): void;
}

export class WebPeers {
  readonly #init: WebPeersInit;
  /** All memberships, by key. */
  readonly #members = new Map<string, Membership>();
  #nextId = 1;

  constructor(init: WebPeersInit) {
    this.#init = init;
  }

  open(port: WebSocketPort): WebPeer {
    const socket: Socket = { id: this.#nextId++, port, memberships: new Map(), waiting: new Map() };
    return {
      get idle() {
        return socket.memberships.size === 0;
      },
      message: (message, now) => this.#onMessage(socket, message, now),
      closed: (now) => {
        for (const membership of [...socket.memberships.keys()]) this.#leave(socket, membership, now);
      },
    };
  }

  #onMessage(socket: Socket, message: Uint8Array, now: number): void {
    const { limiter, counts } = this.#init;
    if (!limiter.allow(socket.port.host, now)) {
      counts.refused++;
      send(socket, { action: "failure", reason: "asked too often: keep to the interval" });
      return socket.port.close();
    }
    try {
      const request = decodeWebSocketRequest(message);
      if (request.action === "scrape") {
        counts.scrapes++;
        const market = request.market && toHex(request.market);
        const entries = new Map(
          request.infoHashes.map((hash) => [toHex(hash), this.#init.table.scrape(hash, now, market)] as const),
        );
        return send(socket, { action: "scrape", entries });
      }
      if (request.action === "answer") return this.#answer(socket, request);
      counts.announces++;
      this.#announce(socket, request, now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      counts.refused++;
      send(socket, { action: "failure", reason: reasonOf(error) });
    }
  }

  #announce(socket: Socket, request: WebSocketAnnounce, now: number): void {
    const { infoHash, peerId, offers, event } = request;
    const { table, limiter, gate, intervalSeconds } = this.#init;
    const key = keyOf(socket, request);
    if (event === "stopped") {
      this.#leave(socket, key, now);
      const { complete, incomplete } = table.scrape(infoHash, now);
      return send(socket, { action: "announce", infoHash, intervalSeconds, complete, incomplete });
    }
    // Before anything is kept: who brings a forged bid does not enter.
    const terms = gate.terms(request, infoHash, socket.port.host, now);
    let membership = socket.memberships.get(key);
    if (membership === undefined) {
      if (socket.memberships.size >= MAX_MEMBERSHIPS)
        throw new ProtocolError("announce-invalid", "announce", `at most ${MAX_MEMBERSHIPS} torrents`, "one more");
      membership = { infoHash, peerId, socket };
      socket.memberships.set(key, membership);
      this.#members.set(key, membership);
    }
    const { others, ...counts } = table.announceWeb(request, key, socket.port.host, now, {
      ...terms,
      maxPeers: offers.length,
    });
    const warning = request.bid !== undefined && terms.bid === undefined ? { warning: BID_UNCHECKED } : {};
    send(socket, { action: "announce", infoHash, intervalSeconds, ...counts, ...warning });
    for (const [i, other] of others.entries()) {
      const receiver = this.#members.get(other)?.socket;
      const offer = offers[i];
      if (receiver === undefined || offer === undefined) continue;
      if (!limiter.allow(socket.port.host, now)) return;
      remember(receiver, waitingKey(infoHash, peerId, offer.offerId), membership);
      send(receiver, { action: "offer", infoHash, peerId, ...offer });
    }
  }

  #answer(socket: Socket, { infoHash, peerId, toPeerId, offerId, sdp }: WebSocketAnswer): void {
    const key = waitingKey(infoHash, toPeerId, offerId);
    const offerer = socket.waiting.get(key);
    if (offerer === undefined || !socket.memberships.has(keyOf(socket, { infoHash, peerId })))
      throw new ProtocolError("announce-invalid", "answer", "an answer to an offer that was brought", "another");
    socket.waiting.delete(key);
    // Who made the offer may be gone.
    if (this.#members.get(keyOf(offerer.socket, offerer)) === offerer)
      send(offerer.socket, { action: "answer", infoHash, peerId, offerId, sdp });
  }

  #leave(socket: Socket, key: string, now: number): void {
    const membership = socket.memberships.get(key);
    if (membership === undefined) return;
    socket.memberships.delete(key);
    this.#members.delete(key);
    const { infoHash, peerId } = membership;
    this.#init.table.announceWeb({ infoHash, peerId, left: 1, event: "stopped" }, key, socket.port.host, now, {
      maxPeers: 0,
    });
  }
}

/** Names of one socket cannot meet those of another, whatever peer id either claims. */
function keyOf(socket: Socket, { infoHash, peerId }: { infoHash: Uint8Array; peerId: Uint8Array }): string {
  return `web|${socket.id}|${toHex(infoHash)}|${toHex(peerId)}`;
}

function waitingKey(infoHash: Uint8Array, from: Uint8Array, offerId: Uint8Array): string {
  return `${toHex(infoHash)}|${toHex(from)}|${toHex(offerId)}`;
}

function remember(socket: Socket, key: string, offerer: Membership): void {
  socket.waiting.delete(key);
  socket.waiting.set(key, offerer);
  for (const oldest of socket.waiting.keys()) {
    if (socket.waiting.size <= MAX_WAITING_OFFERS) return;
    socket.waiting.delete(oldest);
  }
}

function send(socket: Socket, response: WebSocketResponse): void {
  socket.port.send(encodeWebSocketResponse(response));
}
