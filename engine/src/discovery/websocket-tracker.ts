/**
 * One WebSocket tracker (WebTorrent's): it brings no addresses but offers and answers of WebRTC, and a connection comes of
 * them. Offers are made for an announce that wants peers, and are taken back when nobody answers in time; offers of others
 * are answered while the torrent wants peers. Handshakes of data channels fail now and then, and nobody says so to the peer: an
 * offer that was answered in vain is replaced by a new one, at an announce ahead of its time. Nothing a tracker sends can do more than fail its own announce.
 *
 * Invariant: at most `MAX_OFFERS_OUT` offers of an infohash and `MAX_ANSWERING` answers are under way.
 */
import { type Clock, type EverseedError, equalBytes, ProtocolError, type RandomBytes, toHex } from "@everseed/core";
import {
  type AnnounceEvent,
  decodeWebSocketResponse,
  encodeWebSocketRequest,
  type WebRtcOffer,
  type WebSocketRequest,
  type WebSocketResponse,
} from "@everseed/wire";
import type { Connection } from "../transport.ts";
import type { MadeOffer, WebRtc } from "../webrtc/web-rtc.ts";
import { bidFields, type TrackerBidding, type TrackerClient } from "./tracker-client.ts";

/** What a browser calls `WebSocket`; Node 22 has it too. */
export type WebSocketConstructor = new (url: string) => WebSocket;

const MAX_OFFERS_OUT = 5;
const MAX_ANSWERING = 10;
const UNANSWERED_MS = 50_000;
/** A tracker that does not open the socket, or says nothing to an announce, for this long is gone. */
const SILENCE_MS = 20_000;
const DEFAULT_INTERVAL_S = 120;
const MIN_INTERVAL_S = 10;
const MAX_INTERVAL_S = 3_600;
const FIRST_RETRY_S = 5;
/** From an offer that was answered in vain to the announce with a new one; then twice as long, until a connection opens. */
const REPLACE_S = 10;
const GOODBYE_MS = 1_000;

/** Sorted by bid, our offers go to the dearest first; the peers' bids themselves are not told over WebSockets. */
export interface WebSocketTrackerInit extends TrackerBidding {
  readonly url: string;
  /** 20 bytes each: a hybrid torrent announces under both its names. */
  readonly wireInfoHashes: readonly Uint8Array[];
  readonly peerId: Uint8Array;
  readonly WebSocket: WebSocketConstructor;
  readonly webRtc: WebRtc;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly progress: () => { uploaded: number; downloaded: number; left: number; wantsPeers: boolean };
  /** A peer was met under this infohash: set the connection's handlers before returning (`Engine.addConnection`). */
  readonly onConnection: (connection: Connection, wireInfoHash: Uint8Array) => void;
  readonly onMessage?: (message: string) => void;
}

/** An offer that waits for its answer. */
interface OfferOut {
  readonly made: MadeOffer;
  readonly infoHash: Uint8Array;
  readonly cancel: () => void;
}

export function createWebSocketTracker(init: WebSocketTrackerInit): TrackerClient {
  return new WebSocketTracker(init);
}

class WebSocketTracker implements TrackerClient {
  readonly #init: WebSocketTrackerInit;
  /** By offer id. */
  readonly #offers = new Map<string, OfferOut>();
  #socket: WebSocket | undefined;
  #running = false;
  #pending: AnnounceEvent | undefined = "started";
  /** With the last announce. */
  #said: AnnounceEvent | undefined;
  /** The tracker refused our bid: the next announce goes without. */
  #bidRefused = false;
  #answering = 0;
  #failures = 0;
  #inARow = 0;
  /** Offers answered in vain since a connection opened; those of one announce count once. */
  #inVain = 0;
  #cancelReplacing: (() => void) | undefined;
  #cancelNext: (() => void) | undefined;
  #cancelSilence: (() => void) | undefined;

  constructor(init: WebSocketTrackerInit) {
    this.#init = init;
  }

  get failures(): number {
    return this.#failures;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#connect();
  }

  completed(): void {
    this.#pending = "completed";
    if (this.#socket?.readyState === WebSocketState.open) void this.#announce();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#cancelNext?.();
    this.#cancelReplacing?.();
    this.#cancelSilence?.();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return this.#withdraw();
    for (const infoHash of this.#init.wireInfoHashes) this.#send(socket, this.#request(infoHash, "stopped", []));
    this.#withdraw();
    await new Promise<void>((resolve) => {
      const cancel = this.#init.clock.after(GOODBYE_MS, resolve);
      socket.onclose = () => {
        cancel();
        resolve();
      };
      socket.onerror = null;
      socket.onmessage = null;
      socket.close();
    });
  }

  #connect(): void {
    if (!this.#running) return;
    let socket: WebSocket;
    try {
      socket = new this.#init.WebSocket(this.#init.url);
    } catch (error) {
      return this.#lost((error as Error).message);
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    this.#expectAnswer(socket);
    socket.onopen = () => void this.#announce();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#onData(socket, data);
    socket.onclose = () => this.#drop(socket, "the tracker hung up");
    socket.onerror = () => this.#drop(socket, "the tracker cannot be reached");
  }

  /** The socket is of no use any more: another one is opened after a wait that grows with each failure. */
  #drop(socket: WebSocket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.onclose = null;
    socket.onmessage = null;
    socket.close();
    this.#lost(reason);
  }

  #lost(reason: string): void {
    this.#cancelSilence?.();
    this.#cancelNext?.();
    this.#fail(reason);
    this.#withdraw();
    // To the new socket the torrent is new.
    if (this.#pending !== "completed") this.#pending = "started";
    const waitS = Math.min(MAX_INTERVAL_S, FIRST_RETRY_S * 2 ** this.#inARow++);
    const [share = 0] = this.#init.random(1);
    // Spread over half a wait more, so that a tracker that comes back is not met by all at once.
    this.#cancelNext = this.#init.clock.after(waitS * 1_000 * (1 + share / 512), () => this.#connect());
  }

  #fail(reason: string): void {
    this.#failures++;
    this.#init.onMessage?.(`${this.#init.url}: ${reason}`);
  }

  #expectAnswer(socket: WebSocket): void {
    this.#cancelSilence?.();
    this.#cancelSilence = this.#init.clock.after(SILENCE_MS, () => this.#drop(socket, "the tracker does not answer"));
  }

  async #announce(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || !this.#running) return;
    const event = this.#pending;
    this.#pending = undefined;
    this.#said = event;
    this.#cancelNext?.();
    this.#cancelNext = this.#init.clock.after(DEFAULT_INTERVAL_S * 1_000, () => void this.#announce());
    for (const infoHash of this.#init.wireInfoHashes) {
      const offers = await this.#makeOffers(infoHash, event);
      if (this.#socket !== socket || socket.readyState !== WebSocketState.open) return;
      this.#send(socket, this.#request(infoHash, event, offers));
      this.#expectAnswer(socket);
    }
  }

  /** A bid is a hint: nothing is lost for it but its place. */
  #announceWithoutBid(): void {
    this.#bidRefused = true;
    this.#pending ??= this.#said;
    this.#withdraw();
    void this.#announce();
  }

  #request(infoHash: Uint8Array, event: AnnounceEvent | undefined, offers: readonly WebRtcOffer[]): WebSocketRequest {
    const { uploaded, downloaded, left } = this.#init.progress();
    const { peerId } = this.#init;
    const counts = { uploaded, downloaded, left };
    const bids = event === "stopped" || this.#bidRefused ? {} : bidFields(this.#init, infoHash);
    return { action: "announce", infoHash, peerId, ...counts, offers, ...(event && { event }), ...bids };
  }

  async #makeOffers(infoHash: Uint8Array, event: AnnounceEvent | undefined): Promise<WebRtcOffer[]> {
    const { webRtc, random, clock } = this.#init;
    if (event === "completed" || !this.#init.progress().wantsPeers) return [];
    const out = [...this.#offers.values()].filter((offer) => equalBytes(offer.infoHash, infoHash)).length;
    const making: Promise<WebRtcOffer | undefined>[] = [];
    for (let i = out; i < MAX_OFFERS_OUT && webRtc.hasRoom; i++) {
      const make = async (): Promise<WebRtcOffer | undefined> => {
        try {
          const made = await webRtc.offer(
            (connection) => {
              this.#inVain = 0;
              this.#init.onConnection(connection, infoHash);
            },
            () => this.#replace(),
          );
          const offerId = random(20);
          const key = toHex(offerId);
          const timeOut = clock.after(UNANSWERED_MS, () => this.#forget(key));
          this.#offers.set(key, { made, infoHash, cancel: timeOut });
          return { offerId, sdp: made.sdp };
        } catch (error) {
          this.#fail((error as EverseedError).message);
          return undefined;
        }
      };
      making.push(make());
    }
    const made = (await Promise.all(making)).filter((offer) => offer !== undefined);
    if (!this.#running || this.#socket === undefined) this.#withdraw();
    return made;
  }

  /** The next announce takes a new offer with it: it comes early. */
  #replace(): void {
    if (!this.#running || this.#cancelReplacing !== undefined) return;
    const waitS = Math.min(MAX_INTERVAL_S, REPLACE_S * 2 ** this.#inVain++);
    this.#cancelReplacing = this.#init.clock.after(waitS * 1_000, () => {
      this.#cancelReplacing = undefined;
      if (this.#socket?.readyState === WebSocketState.open) void this.#announce();
    });
  }

  /** Takes an offer back that nobody answered. */
  #forget(key: string): void {
    const offer = this.#offers.get(key);
    if (offer === undefined) return;
    this.#offers.delete(key);
    offer.cancel();
    offer.made.cancel();
  }

  #withdraw(): void {
    for (const key of [...this.#offers.keys()]) this.#forget(key);
  }

  #onData(socket: WebSocket, data: unknown): void {
    let response: WebSocketResponse;
    try {
      response = decodeWebSocketResponse(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // One message out of form may be an extension; a tracker that sends nothing else has not answered.
      return this.#fail(error.message);
    }
    if (response.action === "failure") {
      this.#fail(response.reason);
      if (response.reason.startsWith("market-") && !this.#bidRefused) this.#announceWithoutBid();
      return;
    }
    this.#cancelSilence?.();
    if (response.action === "scrape" || !this.#init.wireInfoHashes.some((own) => equalBytes(own, response.infoHash)))
      return;
    if (response.action === "announce") {
      this.#inARow = 0;
      this.#bidRefused = false;
      if (response.warning !== undefined) this.#init.onMessage?.(`${this.#init.url}: ${response.warning}`);
      const seconds = Math.max(MIN_INTERVAL_S, response.intervalSeconds ?? DEFAULT_INTERVAL_S);
      this.#cancelNext?.();
      const waitS = Math.min(MAX_INTERVAL_S, seconds);
      this.#cancelNext = this.#init.clock.after(waitS * 1_000, () => void this.#announce());
      return;
    }
    if (equalBytes(response.peerId, this.#init.peerId)) return;
    if (response.action === "offer") return void this.#answer(socket, response);
    const key = toHex(response.offerId);
    const offer = this.#offers.get(key);
    if (offer === undefined || !equalBytes(offer.infoHash, response.infoHash)) return;
    this.#offers.delete(key);
    offer.cancel();
    offer.made.accept(response.sdp);
  }

  async #answer(socket: WebSocket, offer: WebRtcOffer & { infoHash: Uint8Array; peerId: Uint8Array }): Promise<void> {
    const { webRtc, peerId, progress, onConnection } = this.#init;
    if (this.#answering >= MAX_ANSWERING || !webRtc.hasRoom || !progress().wantsPeers) return;
    const { infoHash, offerId, peerId: toPeerId } = offer;
    this.#answering++;
    try {
      const sdp = await webRtc.answer(offer.sdp, (connection) => onConnection(connection, infoHash));
      if (this.#socket === socket) this.#send(socket, { action: "answer", infoHash, peerId, toPeerId, offerId, sdp });
    } catch (error) {
      this.#fail((error as EverseedError).message);
    } finally {
      this.#answering--;
    }
  }

  #send(socket: WebSocket, request: WebSocketRequest): void {
    if (socket.readyState === WebSocketState.open) socket.send(encodeWebSocketRequest(request));
  }
}

/** The constructor is handed in, and its constants with it; these are the standard's. */
const WebSocketState = { open: 1 } as const;
