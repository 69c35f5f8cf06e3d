/**
 * WebSockets on the tracker's HTTP server, by npm's `ws`. Invariants: sockets are bounded altogether (by the server) and by
 * address; who does not answer a ping, reads too slowly or sits there without a torrent is hung up on; a message beyond
 * the limit is refused by its length before it is gathered.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { MAX_WEBSOCKET_MESSAGE } from "@everseed/wire";
import { type WebSocket, WebSocketServer } from "ws";
import { networkOf } from "./network.ts";
import type { RequestLimiter } from "./request-limiter.ts";
import type { WebPeer, WebPeers } from "./web-peers.ts";

const PING_MS = 60_000;
/** Unsent bytes at which a socket is given up. */
const MAX_UNSENT_BYTES = 1 << 20;
/** WebSocket's "policy violation". */
const POLICY = 1008;

export interface WebSocketEndpointInit {
  readonly server: Server;
  readonly peers: WebPeers;
  readonly limiter: RequestLimiter;
  /** Sockets of one address (a /64 of IPv6). */
  readonly maxSocketsPerAddress: number;
  readonly hostOf: (request: IncomingMessage) => string;
  readonly onRefused: () => void;
}

export interface WebSocketEndpoint {
  readonly sockets: number;
  close(): void;
}

export function attachWebSockets(init: WebSocketEndpointInit): WebSocketEndpoint {
  const { server, peers, limiter, maxSocketsPerAddress, hostOf, onRefused } = init;
  const accepting = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_WEBSOCKET_MESSAGE,
    perMessageDeflate: false,
  });
  /** With whether it gave a sign of life since the last ping, and whether it was without a torrent then. */
  const sockets = new Map<WebSocket, { peer: WebPeer; alive: boolean; idle: boolean }>();
  const byNetwork = new Map<string, number>();

  const onOpen = (socket: WebSocket, host: string): void => {
    const network = networkOf(host);
    byNetwork.set(network, (byNetwork.get(network) ?? 0) + 1);
    const peer = peers.open({
      host,
      send(message) {
        if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
        else if (socket.readyState === socket.OPEN) socket.send(message);
      },
      close: () => socket.close(POLICY),
    });
    const state = { peer, alive: true, idle: false };
    sockets.set(socket, state);
    socket.on("message", (data) => {
      state.alive = true;
      if (socket.readyState === socket.OPEN) peer.message(data as Uint8Array, Date.now());
    });
    socket.on("pong", () => {
      state.alive = true;
    });
    // A frame that breaks a rule (too long, not masked): `ws` closes the socket itself.
    socket.on("error", onRefused);
    socket.on("close", () => {
      sockets.delete(socket);
      const left = (byNetwork.get(network) ?? 1) - 1;
      if (left > 0) byNetwork.set(network, left);
      else byNetwork.delete(network);
      peer.closed(Date.now());
    });
  };

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const host = hostOf(request);
    stream.on("error", () => undefined);
    if (!limiter.allow(host, Date.now()) || (byNetwork.get(networkOf(host)) ?? 0) >= maxSocketsPerAddress) {
      onRefused();
      stream.end("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    accepting.handleUpgrade(request, stream, head, (socket) => onOpen(socket, host));
  };

  const heartbeat = setInterval(() => {
    for (const [socket, state] of sockets) {
      if (!state.alive || (state.idle && state.peer.idle)) socket.terminate();
      state.alive = false;
      state.idle = state.peer.idle;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }, PING_MS);
  server.on("upgrade", onUpgrade);
  return {
    get sockets() {
      return sockets.size;
    },
    close() {
      clearInterval(heartbeat);
      server.off("upgrade", onUpgrade);
      for (const socket of sockets.keys()) socket.terminate();
    },
  };
}
