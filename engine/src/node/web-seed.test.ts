/** Web seeds against a real HTTP server of loopback. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock, systemRandom } from "@everseed/core";
import type { Metainfo, TorrentKind } from "@everseed/metainfo";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import { createWebHasher } from "../web-hasher.ts";
import { openWebSeed, webSeedUrl } from "../web-seed/web-seed.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createHttpRange } from "./http-range.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const folder = mkdtempSync(join(tmpdir(), "everseed-webseed-"));
const hasher = createWebHasher();
const random = seededRandom(21);
const FILES = { "a film.bin": random(1_200_001), "sub/b.bin": random(300_000), "sub/ü.txt": random(5) };
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
  readonly ranges?: boolean;
  readonly corrupt?: boolean;
  readonly short?: boolean;
  readonly status?: number;
  readonly redirect?: string;
}

async function serve(how: Behaviour = {}): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.range}`);
    if (how.status !== undefined) return void response.writeHead(how.status).end();
    if (how.redirect !== undefined) return void response.writeHead(302, { location: how.redirect + request.url }).end();
    const bytes = readFileSync(join(folder, decodeURIComponent(request.url as string)));
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const body = how.ranges === false ? bytes : bytes.subarray(Number(from), Number(to) + 1);
    if (how.corrupt === true) body[0] = 1 ^ (body[0] as number);
    const headers = how.ranges === false ? {} : { "content-range": `bytes ${from}-${to}/${bytes.length}` };
    response.writeHead(how.ranges === false ? 200 : 206, { ...headers, "content-length": body.length });
    if (how.short !== true) return void response.end(body);
    response.write(body.subarray(0, 10));
    setTimeout(() => response.destroy(), 20);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

const torrentOf = async (kind: TorrentKind, source = "show"): Promise<Metainfo> =>
  (await createTorrent(join(folder, source), { kind, pieceLengthBytes: 65_536 }, hasher)).metainfo;

async function download(metainfo: Metainfo) {
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(engine);
  await engine.listen(0, "127.0.0.1");
  const events: TorrentEvent[] = [];
  const torrent = await engine.add({
    metainfo,
    storage: createMemoryStorage,
    onEvent: (event) => void events.push(event),
  });
  const add = (url: string, allowLocal = true): Promise<Error | undefined> =>
    new Promise((resolve) => {
      const http = createHttpRange({ allowLocal });
      engine.addConnection(
        torrent,
        openWebSeed({ url, metainfo, http, clock: systemClock, random: systemRandom, onClose: resolve }),
      );
    });
  return { engine, torrent, events, add };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 15_000) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function contentOf(torrent: Awaited<ReturnType<typeof download>>["torrent"], file: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of torrent.files.read(file)) parts.push(part);
  return Buffer.concat(parts);
}

describe("BEP 19", () => {
  test.each(["v1", "v2", "hybrid"] as const)(
    "a web seed alone completes a %s torrent of several files",
    async (kind) => {
      const metainfo = await torrentOf(kind);
      const { url, requests } = await serve();
      const { torrent, add } = await download(metainfo);
      void add(url);
      await until(() => torrent.state === "seeding", "the download");
      for (const [index, file] of metainfo.files.entries())
        expect((await contentOf(torrent, index)).equals(FILES[file.path.join("/") as keyof typeof FILES])).toBe(true);
      // Adjacent blocks come in one request: far fewer than the 92 blocks.
      expect(requests.length).toBeLessThan(50);
    },
  );

  test("a single file, by its own URL, from a server that redirects", async () => {
    const metainfo = await torrentOf("v1", "show/a film.bin");
    const { url } = await serve();
    const { url: front } = await serve({ redirect: url.slice(0, -1) });
    const { torrent, add } = await download(metainfo);
    void add(`${front}show/a%20film.bin`);
    await until(() => torrent.state === "seeding", "the download");
    expect((await contentOf(torrent, 0)).equals(FILES["a film.bin"])).toBe(true);
  });

  test("where the files lie", async () => {
    const many = await torrentOf("v1");
    const one = await torrentOf("v1", "show/a film.bin");
    const index = many.files.findIndex(({ path }) => path.join("/") === "sub/ü.txt");
    expect(webSeedUrl("http://h/x/", many, index)).toBe("http://h/x/show/sub/%C3%BC.txt");
    expect(webSeedUrl("http://h/x", many, index)).toBe("http://h/x/show/sub/%C3%BC.txt");
    expect(webSeedUrl("http://h/x/", one, 0)).toBe("http://h/x/a%20film.bin");
    expect(webSeedUrl("http://h/film?id=7", one, 0)).toBe("http://h/film?id=7");
  });
});

describe("servers that are no good", () => {
  test.each([
    ["without ranges", { ranges: false }, "web-seed-range"],
    ["that hang up early", { short: true }, undefined],
    ["without the file", { status: 404 }, "web-seed-refused"],
    ["that are busy", { status: 503 }, "web-seed-refused"],
  ] as const)("%s are left with the reason", async (_name, how, code) => {
    const { url } = await serve(how);
    const { torrent, add } = await download(await torrentOf("v1"));
    const error = await add(url);
    expect(error).toBeDefined();
    if (code !== undefined) expect(error).toMatchObject({ code });
    expect(torrent.state).toBe("downloading");
  });

  test("one that lies is blamed by its host; honest peers finish", async () => {
    const metainfo = await torrentOf("v1");
    const { url } = await serve({ corrupt: true });
    const { engine, torrent, events, add } = await download(metainfo);
    await add(url);
    expect(events.some((event) => event.type === "fault" && event.remote.startsWith("web:127.0.0.1:"))).toBe(true);
    const seeder = await download(metainfo);
    await seeder.engine.remove(seeder.torrent);
    await seeder.engine.add({ metainfo, storage: (m) => createFileStorage(folder, m) });
    engine.addPeers(torrent, [{ host: "127.0.0.1", port: seeder.engine.port }]);
    await until(() => torrent.state === "seeding", "from the honest peer");
  });

  test("addresses in a private network are refused, by name, number and redirect", async () => {
    const { url, requests } = await serve();
    const { add } = await download(await torrentOf("v1"));
    for (const bad of [url, url.replace("127.0.0.1", "localhost"), "http://[::1]:1/", "http://10.0.0.1/"])
      expect(await add(bad, false)).toMatchObject({ code: "web-seed-address" });
    expect(requests).toEqual([]);
  });
});
