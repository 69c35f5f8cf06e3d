/**
 * How a running node shows its market to other processes of its user: a local socket beside the wallet that gives whoever
 * connects one JSON object a line, now and once a second. It reads nothing and changes nothing.
 */
import { rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { EverseedError, sha256, toHex, utf8 } from "@everseed/core";

const EVERY_MS = 1_000;
const MAX_VIEWERS = 8;
/** Unix sockets have short names. */
const MAX_PATH_BYTES = 100;

/** Where the node that uses this wallet listens. */
export function marketSocketPath(walletDir: string): string {
  const name = `everseed-${toHex(sha256(utf8(walletDir))).slice(0, 16)}`;
  if (process.platform === "win32") return `\\\\.\\pipe\\${name}`;
  const beside = join(walletDir, "market.sock");
  return beside.length <= MAX_PATH_BYTES ? beside : join(tmpdir(), `${name}.sock`);
}

export interface MarketSocket {
  close(): Promise<void>;
}

/** Shows `report` to viewers. A socket that cannot be opened is no reason not to seed: resolves with undefined then. */
export async function openMarketSocket(walletDir: string, report: () => string): Promise<MarketSocket | undefined> {
  const path = marketSocketPath(walletDir);
  // The wallet's store is locked by this process: whoever left a socket here is gone.
  if (process.platform !== "win32") await rm(path, { force: true });
  const viewers = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    if (viewers.size >= MAX_VIEWERS) return void socket.destroy();
    viewers.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => viewers.delete(socket));
    socket.resume();
    socket.write(`${report()}\n`);
  });
  const opened = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(path, () => resolve(true));
  });
  if (!opened) return undefined;
  server.unref();
  const timer = setInterval(() => {
    if (viewers.size === 0) return;
    const line = `${report()}\n`;
    // A viewer that does not read gets no more, so that it cannot fill our memory.
    for (const viewer of viewers) if (viewer.writableLength === 0) viewer.write(line);
  }, EVERY_MS);
  timer.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer);
        for (const viewer of viewers) viewer.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Reports of the node that uses this wallet, one a second. Rejects with EverseedError `market-not-running`. */
export async function* watchMarket(walletDir: string): AsyncGenerator<unknown, void, void> {
  const socket = net.connect(marketSocketPath(walletDir));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (cause) =>
      reject(
        new EverseedError(
          "market-not-running",
          `Cannot show the market: no node is running with the wallet in ${walletDir}`,
          {
            cause,
            hint: "Start one with `everseed seed --price auto` or `everseed get --budget`, or name its wallet with --wallet.",
          },
        ),
      ),
    );
  });
  try {
    for await (const line of createInterface({ input: socket })) yield JSON.parse(line) as unknown;
  } finally {
    socket.destroy();
  }
}
