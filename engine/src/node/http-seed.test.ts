/** HTTP seeds (BEP 17) against a real HTTP server of loopback that knows the torrent, as the BEP's script does. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock, systemRandom, toHex } from "@everseed/core";
import type { Metainfo, TorrentKind } from "@everseed/metainfo";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import { handClock } from "../payment/payment-rig.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import { createWebHasher } from "../web-hasher.ts";
import { type HttpSeedInit, httpSeedUrl, openHttpSeed } from "../web-seed/http-seed.ts";
import { createTorrent } from "./create-torrent.ts";
import { createHttpPiece } from "./http-piece.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const folder = mkdtempSync(join(tmpdir(), "everseed-httpseed-"));
const hasher = createWebHasher();
const random = seededRandom(17);
const FILES = { "a.bin": random(700_001), "sub/b.bin": random(90_000), "sub/c.bin": random(7) };
const engines: Engine[] = [];
const servers: Server[] = [];

beforeAll(() => {
  mkdirSync(join(folder, "show", "sub"), { recursive: true });
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, "show", name), bytes);
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(async () => {
  await hasher.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Behaviour {
  /** Answers with 503 and this body to begin with, so many times. */
  readonly busy?: { readonly body: string; readonly times: number };
  readonly corrupt?: boolean;
  readonly status?: number;
  /** Bytes too many or too few, without saying so before. */
  readonly off?: number;
}

interface Asked {
  readonly piece: number;
  readonly bytes: number;
}

/** The script of the BEP: from infohash, piece and ranges to bytes of the torrent's space. */
async function serve(metainfo: Metainfo, how: Behaviour = {}): Promise<{ url: string; asked: Asked[] }> {
  const space = new Uint8Array(metainfo.pieceCount * metainfo.pieceLengthBytes);
  for (const file of metainfo.files) space.set(FILES[file.path.join("/") as keyof typeof FILES], file.offsetBytes);
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const query = /\?key=7&info_hash=((?:%[0-9A-F]{2}){20})&piece=(\d+)&ranges=([\d,-]+)$/.exec(request.url ?? "");
    const hash = query?.[1]?.replaceAll("%", "").toLowerCase();
    if (query === null || hash !== toHex(metainfo.infoHashV1?.bytes as Uint8Array))
      return void response.writeHead(404).end();
    if (how.status !== undefined) return void response.writeHead(how.status).end();
    const piece = Number(query[2]);
    const ranges = (query[3] as string).split(",").map((range) => range.split("-").map(Number) as [number, number]);
    const start = piece * metainfo.pieceLengthBytes;
    const parts = ranges.map(([first, last]) => space.slice(start + first, start + last + 1));
    const body = Buffer.concat(parts);
    asked.push({ piece, bytes: body.length });
    if (asked.length <= (how.busy?.times ?? 0)) return void response.writeHead(503).end(how.busy?.body);
    if (how.corrupt === true) body[0] = 1 ^ (body[0] as number);
    if (how.off === undefined) return void response.writeHead(200, { "content-length": body.length }).end(body);
    response.writeHead(200);
    response.end(Buffer.concat([body, Buffer.alloc(1)]).subarray(0, body.length + how.off));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/seed.php?key=7`, asked };
}

const torrentOf = async (kind: TorrentKind): Promise<HttpSeedInit["metainfo"]> =>
  (await createTorrent(join(folder, "show"), { kind, pieceLengthBytes: 65_536 }, hasher))
    .metainfo as HttpSeedInit["metainfo"];

async function download(metainfo: HttpSeedInit["metainfo"]) {
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(engine);
  const events: TorrentEvent[] = [];
  const onEvent = (event: TorrentEvent): void => void events.push(event);
  const torrent = await engine.add({ metainfo, storage: createMemoryStorage, onEvent });
  /** The wait of a busy server goes by this clock. */
  const clock = handClock();
  const add = (url: string, allowLocal = true): Promise<Error | undefined> =>
    new Promise((onClose) => {
      const http = createHttpPiece({ allowLocal });
      engine.addConnection(torrent, openHttpSeed({ url, metainfo, http, clock, random: systemRandom, onClose }));
    });
  return { torrent, events, add, clock };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 15_000) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("BEP 17", () => {
  test.each(["v1", "hybrid"] as const)("a script alone completes a %s torrent, piece by piece", async (kind) => {
    const metainfo = await torrentOf(kind);
    const { url, asked } = await serve(metainfo);
    const { torrent, add } = await download(metainfo);
    void add(url);
    await until(() => torrent.state === "seeding", "the download");
    for (const [index, file] of metainfo.files.entries()) {
      const parts: Uint8Array[] = [];
      for await (const part of torrent.files.read(index)) parts.push(part);
      expect(Buffer.concat(parts).equals(FILES[file.path.join("/") as keyof typeof FILES])).toBe(true);
    }
    // Blocks of a piece come together, mostly.
    expect(asked.length).toBeLessThan(2 * metainfo.pieceCount);
    expect(asked.every(({ bytes }) => bytes <= metainfo.pieceLengthBytes)).toBe(true);
  });

  test("one that is busy is left alone for as long as it says, and then goes on", async () => {
    const metainfo = await torrentOf("v1");
    const { url, asked } = await serve(metainfo, { busy: { body: " 150\n", times: 1 } });
    const { torrent, add, clock } = await download(metainfo);
    void add(url);
    await until(() => asked.length === 1 && torrent.stats().peers[0]?.peerChoking === true, "the choke");
    clock.advance(149_999);
    expect(torrent.stats().peers[0]?.peerChoking).toBe(true);
    clock.advance(1);
    await until(() => torrent.state === "seeding", "the download");
  });

  test("what it says for long, or says badly, holds nobody up", async () => {
    const metainfo = await torrentOf("v1");
    for (const body of ["86400", "soon", "", "1".repeat(100_000)]) {
      const { url, asked } = await serve(metainfo, { busy: { body, times: 1 } });
      const { torrent, add } = await download(metainfo);
      const closed = add(url);
      await until(() => asked.length === 1 && torrent.stats().peers[0]?.peerChoking === true, `choke by ${body}`);
      expect(torrent.stats().peers).toHaveLength(1);
      const { url: good } = await serve(metainfo);
      void add(good);
      await until(() => torrent.state === "seeding", "from the other");
      expect(await closed).toBeUndefined();
      expect(asked).toHaveLength(1);
    }
  });

  test.each([
    ["without the torrent", { status: 404 }, "web-seed-refused"],
    ["that fail", { status: 500 }, "web-seed-refused"],
    ["that answer too much", { off: 1 }, "web-seed-length"],
    ["that answer too little", { off: -1 }, "web-seed-length"],
  ] as const)("servers %s are left with the reason", async (_name, how, code) => {
    const metainfo = await torrentOf("v1");
    const { url } = await serve(metainfo, how);
    const { torrent, add } = await download(metainfo);
    expect(await add(url)).toMatchObject({ code });
    expect(torrent.state).toBe("downloading");
  });

  test("one that lies is blamed; addresses in a private network are refused", async () => {
    const metainfo = await torrentOf("v1");
    const { url } = await serve(metainfo, { corrupt: true });
    const { events, add } = await download(metainfo);
    await add(url);
    expect(events.some((event) => event.type === "fault" && event.remote.startsWith("web:127.0.0.1:"))).toBe(true);
    expect(await (await download(metainfo)).add(url, false)).toMatchObject({ code: "web-seed-address" });
  });

  test("what is asked for, and where the torrent says so", async () => {
    const hash = new Uint8Array(20).fill(0x9c);
    const name = "%9C".repeat(20);
    expect(httpSeedUrl("http://h/s.php", hash, 8, 49_152, 131_072)).toBe(
      `http://h/s.php?info_hash=${name}&piece=8&ranges=49152-131071`,
    );
    expect(httpSeedUrl("http://h/s?a=b#c", hash, 0, 0, 1)).toBe(`http://h/s?a=b&info_hash=${name}&piece=0&ranges=0-0`);
    const httpSeeds = ["http://h/s.php", "https://i/"];
    const { metainfo } = await createTorrent(join(folder, "show"), { kind: "v1", httpSeeds }, hasher);
    expect(metainfo.httpSeeds).toEqual(httpSeeds);
  });
});
