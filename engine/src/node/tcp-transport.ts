/** TCP as a `Transport`. Blocks leave in one `writev` per turn: `send` corks the socket until the parts are queued. */

import net from "node:net";
import { EverseedError } from "@everseed/core";
import type { Connection, ConnectionHandlers, Transport } from "../transport.ts";

/** `send` answers false from here on; one mebibyte keeps a gigabit link with 8 ms of scheduling busy. */
const SEND_MARK_BYTES = 1 << 20;

const UNSET: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };

function wrap(socket: net.Socket, initiator: boolean): Connection {
  const host = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "?";
  const remote = host.includes(":") ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
  let failure: Error | undefined;
  let closed = false;
  const connection: Connection = {
    remote,
    initiator,
    handlers: UNSET,
    get queuedBytes() {
      return socket.writableLength;
    },
    send(parts) {
      if (closed) return false;
      if (parts.length === 1) return socket.write(parts[0] as Uint8Array);
      socket.cork();
      let room = true;
      for (const part of parts) room = socket.write(part);
      socket.uncork();
      return room;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      closed = true;
      socket.destroy();
    },
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    if (!closed) connection.handlers.onData(plain(chunk));
  });
  socket.on("drain", () => connection.handlers.onDrain());
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => {
    closed = true;
    connection.handlers.onClose(failure);
  });
  return connection;
}

/** TCP on all interfaces, IPv4 and IPv6. */
export function createTcpTransport(): Transport {
  const servers: net.Server[] = [];
  const sockets = new Set<net.Socket>();
  const track = (socket: net.Socket): net.Socket => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  return {
    name: "tcp",
    connect(host, port, { timeoutMs, signal }) {
      return new Promise((resolve, reject) => {
        const fail = (cause: unknown): void =>
          reject(new EverseedError("connect-failed", `Cannot connect to ${host}:${port}`, { retryable: true, cause }));
        if (signal?.aborted) return fail(signal.reason);
        const socket = track(new net.Socket({ writableHighWaterMark: SEND_MARK_BYTES } as net.SocketConstructorOpts));
        const abort = (): void => void socket.destroy(new Error("aborted"));
        const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
        signal?.addEventListener("abort", abort, { once: true });
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
        };
        socket.once("error", fail);
        socket.once("close", () => {
          settle();
          fail(new Error("closed"));
        });
        socket.connect({ host, port }, () => {
          settle();
          socket.removeListener("error", fail);
          resolve(wrap(socket, true));
        });
      });
    },
    listen(port, accept, host) {
      return new Promise((resolve, reject) => {
        const server = net.createServer({ highWaterMark: SEND_MARK_BYTES }, (socket) =>
          accept(wrap(track(socket), false)),
        );
        server.once("error", (cause) =>
          reject(
            new EverseedError("listen-failed", `Cannot listen on port ${port}: ${(cause as Error).message}`, {
              cause,
              hint: "Choose another port with --port, or 0 for any free one.",
            }),
          ),
        );
        server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
          servers.push(server);
          resolve((server.address() as net.AddressInfo).port);
        });
      });
    },
    async close() {
      const stopped = servers.map((server) => new Promise<void>((done) => server.close(() => done())));
      for (const socket of sockets) socket.destroy();
      await Promise.all(stopped);
    },
  };
}

/** A Buffer as the Uint8Array it is: `Buffer.slice` shares memory and `toJSON` differs, which nobody above expects. */
function plain(chunk: Buffer): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}
