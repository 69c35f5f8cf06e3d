/**
 * TCP as a `Transport`. The parts of a message leave in one `writev`, and small messages with what else is sent in the same turn of
 * the event loop: a system call, and waking the other side, cost more than most messages. All sockets read into one buffer, which is handled before the next read: a buffer of its own for each read costs a download
 * a quarter of its CPU time in fresh pages and garbage collection.
 */

import net from "node:net";
import { EverseedError } from "@everseed/core";
import type { Connection, ConnectionHandlers, Transport } from "../transport.ts";

/** `send` answers false from here on; one mebibyte keeps a gigabit link with 8 ms of scheduling busy. */
const SEND_MARK_BYTES = 1 << 20;

/** What one read takes at most. Larger reads no longer pay: the copy out of it leaves the processor's cache. */
const READ_BYTES = 1 << 18;

const UNSET: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };

/** A socket whose bytes go to `received` as they come, without a buffer of their own: they are only lent. */
interface ReadingSocket {
  readonly socket: net.Socket;
  received: (chunk: Uint8Array) => void;
}

function wrap(reading: ReadingSocket, initiator: boolean): Connection {
  const { socket } = reading;
  const host = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "?";
  const remote = host.includes(":") ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
  let failure: Error | undefined;
  let closed = false;
  /** Something small waits for the end of this turn. */
  let gathering = false;
  const flush = (): void => {
    if (!gathering) return;
    gathering = false;
    socket.uncork();
  };
  const connection: Connection = {
    remote,
    initiator,
    handlers: UNSET,
    get queuedBytes() {
      return socket.writableLength;
    },
    send(parts, sent) {
      if (closed) {
        sent?.();
        return false;
      }
      if (parts.length === 1) {
        if (!gathering) {
          gathering = true;
          socket.cork();
          process.nextTick(flush);
        }
        return socket.write(parts[0] as Uint8Array, sent);
      }
      socket.cork();
      let room = true;
      const last = parts.length - 1;
      for (let i = 0; i < last; i++) socket.write(parts[i] as Uint8Array);
      room = socket.write(parts[last] as Uint8Array, sent);
      socket.uncork();
      return room;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      closed = true;
      // What was said last says why.
      flush();
      socket.destroy();
    },
  };
  socket.setNoDelay(true);
  reading.received = (chunk) => {
    if (!closed) connection.handlers.onData(chunk);
  };
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

/** A socket that reads into `readBuffer`, around an accepted connection's handle when one is given. */
function openSocket(readBuffer: Uint8Array, handle?: object): ReadingSocket {
  const reading: { socket?: net.Socket; received: (chunk: Uint8Array) => void } = { received() {} };
  const options = {
    writableHighWaterMark: SEND_MARK_BYTES,
    onread: {
      buffer: readBuffer,
      callback: (bytes: number, buffer: Uint8Array) => {
        reading.received(buffer.subarray(0, bytes));
        return true;
      },
    },
    ...(handle === undefined ? {} : { handle }),
  };
  reading.socket = new net.Socket(options as object);
  return reading as ReadingSocket;
}

/**
 * `net.Server` has no option for `onread`, so the handle of an accepted connection moves to a socket that has; destroying
 * the first one keeps the server's count of connections right. Reading begins with `resume`.
 */
function moveAccepted(accepted: net.Socket, readBuffer: Uint8Array): ReadingSocket {
  const holder = accepted as unknown as { _handle: object | null };
  const handle = holder._handle;
  if (handle === null) return { socket: accepted, received() {} };
  holder._handle = null;
  accepted.destroy();
  return openSocket(readBuffer, handle);
}

/** TCP on all interfaces, IPv4 and IPv6. */
export function createTcpTransport(): Transport {
  const readBuffer = new Uint8Array(READ_BYTES);
  const servers: net.Server[] = [];
  /** Who listens on one address speaks from it too: a machine may have several. */
  let own: string | undefined;
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
        const reading = openSocket(readBuffer);
        const socket = track(reading.socket);
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
        const from = own !== undefined && net.isIP(own) === net.isIP(host) ? { localAddress: own } : {};
        socket.connect({ host, port, ...from }, () => {
          settle();
          socket.removeListener("error", fail);
          resolve(wrap(reading, true));
        });
      });
    },
    listen(port, accept, host) {
      return new Promise((resolve, reject) => {
        const server = net.createServer({ pauseOnCreate: true } as net.ServerOpts, (accepted) => {
          const reading = moveAccepted(accepted, readBuffer);
          track(reading.socket);
          accept(wrap(reading, false));
          reading.socket.resume();
        });
        server.once("error", (cause) =>
          reject(
            new EverseedError("listen-failed", `Cannot listen on port ${port}: ${(cause as Error).message}`, {
              cause,
              hint: "Choose another port with --port, or 0 for any free one.",
            }),
          ),
        );
        own = host === undefined || net.isIP(host) === 0 || /^[0.:]+$/.test(host) ? undefined : host;
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
