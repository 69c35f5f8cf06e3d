/** `httpGet` and the tracker client on it, against servers that mean it ill, over real sockets. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { systemClock, systemRandom } from "@everseed/core";
import { encodeAnnounceResponse, type TrackerPeer } from "@everseed/wire";
import { afterEach, describe, expect, test } from "vitest";
import { createTrackerClient } from "../discovery/tracker-client.ts";
import { httpGet } from "./http-get.ts";
import { openUdp } from "./udp-socket.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer, host = "127.0.0.1", port = 0): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server that is no HTTP server. */
async function serveRaw(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const LIMITS = { maxBytes: 1_000, timeoutMs: 10_000 };
const get = (port: number, limits: Partial<Parameters<typeof httpGet>[1]> = {}): Promise<string> =>
  httpGet(`http://127.0.0.1:${port}/announce?a=1`, { ...LIMITS, ...limits }).then(
    (body) => Buffer.from(body).toString(),
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  );

const redirectTo =
  (location: string): Answer =>
  (_, response) =>
    void response.writeHead(302, { location }).end();

describe("httpGet", () => {
  test("reads what is small enough, packed or not", async () => {
    expect(await get(await serve((_, response) => void response.end("hello")))).toBe("hello");
    const packed: Answer = (_, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello"));
    expect(await get(await serve(packed))).toBe("hello");
  });

  test("follows a few redirects, and none that leads around in circles or elsewhere than to HTTP", async () => {
    const end = await serve((_, response) => void response.end("there"));
    const first = await serve(redirectTo(`http://127.0.0.1:${end}/x`));
    expect(await get(first)).toBe("there");
    let asked = 0;
    const circle = await serve((request, response) => {
      asked++;
      redirectTo(request.url ?? "")(request, response);
    });
    expect(await get(circle)).toMatch(/^http-failed: .*more than 5 redirects/);
    expect(asked).toBe(6);
    for (const elsewhere of ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "data:,d8:intervali1ee"])
      expect(await get(await serve(redirectTo(elsewhere)))).toMatch(/^http-failed: /);
  });

  test("gives up on a body that is too long, packed or not, and on a status that is no success", async () => {
    expect(await get(await serve((_, response) => void response.end(Buffer.alloc(1_001))))).toContain("1000 bytes");
    const bomb = gzipSync(Buffer.alloc(50 << 20));
    const packed: Answer = (_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    expect(await get(await serve(packed), { maxBytes: 100_000 })).toMatch(/^http-failed: .*cannot be unpacked/);
    const endless = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(500)));
      };
      response.on("drain", more);
      more();
    });
    expect(await get(endless)).toContain("more than 1000 bytes");
    expect(await get(await serve((_, response) => void response.writeHead(404).end("no")))).toContain("status 404");
  });

  test("ends in time, whether nothing comes, or headers or a body that never end", async () => {
    const drip = (head: string) => (socket: Socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer));
    };
    for (const port of [
      await serveRaw(() => undefined),
      await serveRaw(drip("HTTP/1.1 200 OK\r\nx-")),
      await serveRaw(drip("HTTP/1.1 200 OK\r\n\r\n")),
    ])
      expect(await get(port, { timeoutMs: 400 })).toMatch(/^http-failed: .*no answer in 0.4 s/);
    const noise = await serveRaw((socket) => void socket.end(systemRandom(500)));
    expect(await get(noise)).toMatch(/^http-failed: /);
    const hangUp = await serveRaw((socket) => void socket.destroy());
    expect(await get(hangUp)).toMatch(/^http-failed: /);
    expect(await httpGet("nonsense", LIMITS).catch((error: Error) => error.message)).toContain("Cannot fetch");
  });
});

describe("a tracker client", () => {
  const answerWith = (peers: readonly TrackerPeer[]): Answer => {
    const body = encodeAnnounceResponse({ intervalSeconds: 60, peers }, true);
    return (_, response) => void response.end(body);
  };

  function client(tiers: readonly (readonly string[])[], resolve?: (host: string) => Promise<readonly string[]>) {
    const found: string[] = [];
    const words: string[] = [];
    const made = createTrackerClient({
      tiers,
      wireInfoHashes: [systemRandom(20)],
      peerId: systemRandom(20),
      http: (url, limits) => httpGet(url, { ...limits, timeoutMs: Math.min(limits.timeoutMs, 500) }),
      openUdp,
      clock: systemClock,
      random: systemRandom,
      ...(resolve === undefined ? {} : { resolve }),
      progress: () => ({ port: 7, uploaded: 0, downloaded: 0, left: 1, wantsPeers: true }),
      onPeers: (peers) => void found.push(...peers.map(({ host, port }) => `${host}:${port}`)),
      onMessage: (message) => void words.push(message),
    });
    stops.push(() => made.stop());
    made.start();
    return { made, found, words };
  }

  test("goes on to the next when one hangs, leads in circles, speaks nonsense or names too many", async () => {
    const urlOf = (port: number): string => `http://127.0.0.1:${port}/announce`;
    const bad = [
      urlOf(await serveRaw(() => undefined)),
      urlOf(await serve((request, response) => redirectTo(request.url ?? "")(request, response))),
      urlOf(await serve((_, response) => void response.end("<html>parked</html>"))),
      urlOf(await serve((_, response) => void response.end("d5:peersd"))),
      urlOf(await serve((_, response) => void response.end(Buffer.alloc(1 << 20, "6")))),
      "http://256.256.256.256/announce",
    ];
    const good = await serve(answerWith([{ host: "10.0.0.1", port: 9 }]));
    const { made, found, words } = client([...bad.map((url) => [url]), [urlOf(good)]]);
    await expect.poll(() => found, { timeout: 10_000 }).toEqual(["10.0.0.1:9"]);
    expect(made.failures).toBe(bad.length);
    for (const url of bad) expect(words.some((word) => word.startsWith(url))).toBe(true);
  });

  test("announces over both families to a tracker that has both (BEP 7), and needs but one answer", async () => {
    const asked: string[] = [];
    const noting =
      (answer: Answer): Answer =>
      (request, response) => {
        asked.push(`${request.socket.localFamily} ${request.headers.host} ${request.url?.includes("ip")}`);
        answer(request, response);
      };
    const four = await serve(noting(answerWith([{ host: "10.0.0.4", port: 4 }])));
    await serve(noting(answerWith([{ host: "2001:db8::6", port: 6 }])), "::1", four);
    const both = async (): Promise<string[]> => ["127.0.0.1", "::1", "127.0.0.9"];
    const url = `http://tracker.example:${four}/announce`;
    const { found } = client([[url]], both);
    await expect.poll(() => found.toSorted()).toEqual(["10.0.0.4:4", "2001:db8::6:6"]);
    // No address of ours is in the query: trackers that believe it let anybody name a victim.
    const host = `tracker.example:${four}`;
    expect(asked.toSorted()).toEqual([`IPv4 ${host} false`, `IPv6 ${host} false`]);

    const onlyFour = await serve(answerWith([{ host: "10.0.0.5", port: 5 }]));
    const half = client([[`http://tracker.example:${onlyFour}/announce`]], both);
    await expect.poll(() => half.found).toEqual(["10.0.0.5:5"]);
    expect(half.made.failures).toBe(0);
  });
});
