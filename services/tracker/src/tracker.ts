/** The tracker: HTTP, WebSockets and UDP on one port number, over the same swarms. */

import { createHmac } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EverseedError, equalBytes, ProtocolError, systemRandom, toHex } from "@everseed/core";
import { http, nativeCurve } from "@everseed/core/node";
import {
  type AnnounceRequest,
  type BidFields,
  decodeUdpRequest,
  encodeAnnounceResponse,
  encodeFailure,
  encodeScrapeResponse,
  encodeUdpResponse,
  parseAnnounceQuery,
  parseQuery,
  parseScrapeQuery,
  readBidQuery,
  type UdpRequest,
  type UdpResponse,
} from "@everseed/wire";
import { BID_UNCHECKED, BidGate, reasonOf } from "./bid-gate.ts";
import { RequestLimiter } from "./request-limiter.ts";
import { type BidTerms, DEFAULT_LIMITS, type SwarmLimits, SwarmTable } from "./swarm-table.ts";
import { WebPeers } from "./web-peers.ts";
import { attachWebSockets } from "./websocket-endpoint.ts";

/** A connection id is good for two minutes (BEP 15): this period and the one before. */
const CONNECTION_PERIOD_MS = 60_000;
const MAX_URL = 8_192;
/** A UDP answer stays below what every path carries whole. */
const MAX_DATAGRAM_BYTES = 1_400;
const UDP_ANNOUNCE_BYTES = 20;
const DEFAULT_REQUESTS_PER_MINUTE = 1_200;
const DEFAULT_SOCKETS_PER_ADDRESS = 200;
const DEFAULT_BID_CHECKS_PER_MINUTE = 120;
/** Altogether: some 5 % of a processor where there is no native curve. */
const ALL_BID_CHECKS_PER_MINUTE = 3_000;
/** Peers on WebSockets announce more often than others: only with an announce can they offer themselves. */
const WEB_INTERVAL_SHARE = 1 / 15;

export interface TrackerInit {
  /** 0 takes any free one. */
  readonly port: number;
  /** @default all interfaces */
  readonly host?: string;
  readonly limits?: Partial<SwarmLimits>;
  /** Of one address (a /64 of IPv6); more are refused. @default 1200 */
  readonly requestsPerMinute?: number;
  /** Bids of one address (a /64 of IPv6) whose signature is checked; more are left out. @default 120 */
  readonly bidChecksPerMinute?: number;
  /** WebSockets of one address (a /64 of IPv6); more are refused. @default 200 */
  readonly socketsPerAddress?: number;
}

export interface Tracker {
  readonly port: number;
  stats(): TrackerStats;
  stop(): Promise<void>;
}

export interface TrackerStats {
  readonly torrents: number;
  readonly peers: number;
  /** Bids that are kept. */
  readonly bids: number;
  /** WebSockets that are open. */
  readonly sockets: number;
  readonly announces: number;
  readonly scrapes: number;
  /** Requests that broke a rule. */
  readonly refused: number;
}

/** Starts a tracker. Rejects with EverseedError `listen-failed`. */
export async function startTracker(init: TrackerInit): Promise<Tracker> {
  const limits = { ...DEFAULT_LIMITS, ...init.limits };
  const table = new SwarmTable(limits, systemRandom);
  const secret = systemRandom(32);
  const counts = { announces: 0, scrapes: 0, refused: 0 };
  const limiter = new RequestLimiter(init.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE);
  const gate = new BidGate({
    curve: nativeCurve,
    perAddress: new RequestLimiter(init.bidChecksPerMinute ?? DEFAULT_BID_CHECKS_PER_MINUTE),
    altogether: new RequestLimiter(ALL_BID_CHECKS_PER_MINUTE),
  });
  const stats = (): TrackerStats => ({ ...table.totals(Date.now()), sockets: web.sockets, ...counts });

  const onHttp = (request: IncomingMessage, response: ServerResponse): void => {
    const host = hostOf(request);
    const [path, query = ""] = (request.url ?? "").split("?", 2);
    const answer = (body: Uint8Array | string, type = "text/plain"): void =>
      void response.writeHead(200, { "content-type": type }).end(body);
    try {
      if (!limiter.allow(host, Date.now())) {
        counts.refused++;
        return answer(encodeFailure("asked too often: keep to the interval"));
      }
      if (path === "/stats") return answer(JSON.stringify(stats()), "application/json");
      if (path === "/announce") {
        const announce = parseAnnounceQuery(query);
        const now = Date.now();
        const terms = gate.terms(announce, announce.infoHash, host, now);
        counts.announces++;
        const unchecked = announce.bid !== undefined && terms.bid === undefined;
        const told = table.announce(announce, host, now, terms);
        return answer(
          encodeAnnounceResponse({ ...told, ...(unchecked && { warning: BID_UNCHECKED }) }, announce.compact),
        );
      }
      if (path === "/scrape") {
        counts.scrapes++;
        const { infoHashes, market } = parseScrapeQuery(query);
        const named = market && toHex(market);
        return answer(
          encodeScrapeResponse(infoHashes.map((hash) => [hash, table.scrape(hash, Date.now(), named)] as const)),
        );
      }
      response.writeHead(404).end();
    } catch (error) {
      counts.refused++;
      answer(encodeFailure(reasonOf(error)));
    }
  };

  const connectionId = (host: string, now: number): Uint8Array =>
    new Uint8Array(
      createHmac("sha256", secret)
        .update(`${host}|${Math.floor(now / CONNECTION_PERIOD_MS)}`)
        .digest()
        .subarray(0, 8),
    );

  const answerUdp = (request: UdpRequest, host: string): UdpResponse => {
    const now = Date.now();
    const { transaction } = request;
    if (request.action === "connect") return { action: "connect", transaction, connection: connectionId(host, now) };
    const known = [now, now - CONNECTION_PERIOD_MS].some((at) =>
      equalBytes(request.connection, connectionId(host, at)),
    );
    if (!known) return { action: "error", transaction, reason: "connection id expired: connect again" };
    // Counted from here on: a connection id proves the address, and a forged one must not use up its owner's share.
    if (!limiter.allow(host, now)) {
      counts.refused++;
      return { action: "error", transaction, reason: "asked too often: keep to the interval" };
    }
    if (request.action === "scrape") {
      counts.scrapes++;
      return { action: "scrape", transaction, entries: request.infoHashes.map((hash) => table.scrape(hash, now)) };
    }
    if (request.announce.port === 0) return { action: "error", transaction, reason: "port 0 cannot be reached" };
    const { announce } = request;
    let terms: BidTerms;
    try {
      terms = gate.terms(bidFieldsOf(announce), announce.infoHash, host, now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      counts.refused++;
      return { action: "error", transaction, reason: reasonOf(error) };
    }
    counts.announces++;
    const family = host.includes(":") ? 6 : 4;
    const maxPeers = Math.floor((MAX_DATAGRAM_BYTES - UDP_ANNOUNCE_BYTES) / (family === 6 ? 18 : 6));
    return {
      action: "announce",
      transaction,
      answer: table.announce(announce, host, now, { ...terms, family, maxPeers }),
    };
  };

  const onUdp = (socket: Socket, packet: Uint8Array, from: RemoteInfo): void => {
    try {
      const host = plainHost(from.address);
      const family = host.includes(":") ? 6 : 4;
      socket.send(
        encodeUdpResponse(answerUdp(decodeUdpRequest(new Uint8Array(packet)), host), family),
        from.port,
        from.address,
      );
    } catch {
      // UDP sources can be forged: what is malformed gets no answer at all.
      counts.refused++;
    }
  };

  const server = http.createServer({ maxHeaderSize: MAX_URL, requestTimeout: 10_000, keepAliveTimeout: 1_000 }, onHttp);
  server.maxConnections = 10_000;
  const intervalSeconds = Math.ceil(limits.intervalSeconds * WEB_INTERVAL_SHARE);
  const web = attachWebSockets({
    server,
    peers: new WebPeers({ table, limiter, gate, counts, intervalSeconds }),
    limiter,
    maxSocketsPerAddress: init.socketsPerAddress ?? DEFAULT_SOCKETS_PER_ADDRESS,
    hostOf,
    onRefused: () => void counts.refused++,
  });
  const stopServer = (): Promise<void> => {
    web.close();
    server.closeAllConnections();
    return new Promise((done) => void server.close(() => done()));
  };
  let port: number;
  let udp: Socket;
  try {
    port = await listenHttp(server, init);
    udp = await listenUdp(port, init.host, onUdp);
  } catch (error) {
    await stopServer();
    throw error;
  }
  return {
    port,
    stats,
    async stop() {
      await Promise.all([stopServer(), new Promise<void>((done) => udp.close(() => done()))]);
    },
  };
}

/** Of a UDP announce: its options, and else the query of the URL that it carries (BEP 41). */
function bidFieldsOf({ urlData = "", bid, sortByBid }: AnnounceRequest): BidFields {
  const [, query = ""] = urlData.split("?", 2);
  return { ...readBidQuery(parseQuery(query)), ...(bid && { bid }), ...(sortByBid && { sortByBid }) };
}

function hostOf(request: IncomingMessage): string {
  return plainHost(request.socket.remoteAddress ?? "");
}

function plainHost(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function listenFailed(port: number, cause: Error): EverseedError {
  return new EverseedError("listen-failed", `Cannot listen on port ${port}: ${cause.message}`, {
    cause,
    hint: "Choose another port with --port, or 0 for any free one.",
  });
}

function listenHttp(server: Server, { port, host }: TrackerInit): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenFailed(port, cause)));
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

function listenUdp(
  port: number,
  host: string | undefined,
  onPacket: (socket: Socket, packet: Uint8Array, from: RemoteInfo) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host === undefined || host.includes(":") ? { type: "udp6" } : { type: "udp4" });
    socket.on("message", (packet, from) => onPacket(socket, packet, from));
    socket.once("error", (cause) => reject(listenFailed(port, cause)));
    socket.bind({ port, ...(host === undefined ? {} : { address: host }) }, () => {
      socket.removeAllListeners("error");
      // A reply that cannot be delivered concerns its receiver alone.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
