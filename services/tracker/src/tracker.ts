/** The tracker: HTTP, WebSockets and UDP on one port number, over the same swarms. */

import { createHmac } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EverseedError, equalBytes, systemRandom } from "@everseed/core";
import {
  decodeUdpRequest,
  encodeAnnounceResponse,
  encodeFailure,
  encodeScrapeResponse,
  encodeUdpResponse,
  parseAnnounceQuery,
  parseQuery,
  type UdpRequest,
  type UdpResponse,
} from "@everseed/wire";
import { RequestLimiter } from "./request-limiter.ts";
import { DEFAULT_LIMITS, type SwarmLimits, SwarmTable } from "./swarm-table.ts";
import { WebPeers } from "./web-peers.ts";
import { attachWebSockets } from "./websocket-endpoint.ts";

/** A connection id is good for two minutes (BEP 15): this period and the one before. */
const CONNECTION_PERIOD_MS = 60_000;
const MAX_URL = 8_192;
const MAX_SCRAPE = 74;
/** A UDP answer stays below what every path carries whole. */
const MAX_DATAGRAM_BYTES = 1_400;
const UDP_ANNOUNCE_BYTES = 20;
const DEFAULT_REQUESTS_PER_MINUTE = 1_200;
const DEFAULT_SOCKETS_PER_ADDRESS = 200;
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
        counts.announces++;
        return answer(encodeAnnounceResponse(table.announce(announce, host, Date.now()), announce.compact));
      }
      if (path === "/scrape") {
        counts.scrapes++;
        const hashes = (parseQuery(query).get("info_hash") ?? [])
          .filter((hash) => hash.length === 20)
          .slice(0, MAX_SCRAPE);
        return answer(encodeScrapeResponse(hashes.map((hash) => [hash, table.scrape(hash, Date.now())] as const)));
      }
      response.writeHead(404).end();
    } catch (error) {
      counts.refused++;
      answer(encodeFailure((error as Error).message));
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
    counts.announces++;
    const family = host.includes(":") ? 6 : 4;
    const maxPeers = Math.floor((MAX_DATAGRAM_BYTES - UDP_ANNOUNCE_BYTES) / (family === 6 ? 18 : 6));
    return {
      action: "announce",
      transaction,
      answer: table.announce(request.announce, host, now, { family, maxPeers }),
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

  const server = createServer({ maxHeaderSize: MAX_URL, requestTimeout: 10_000, keepAliveTimeout: 1_000 }, onHttp);
  server.maxConnections = 10_000;
  const intervalSeconds = Math.ceil(limits.intervalSeconds * WEB_INTERVAL_SHARE);
  const web = attachWebSockets({
    server,
    peers: new WebPeers({ table, limiter, counts, intervalSeconds }),
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
