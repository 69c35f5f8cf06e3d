/** Peers that break the rules, on real sockets: the engine drops them by name and goes on serving the others. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InfoHash } from "@everseed/core";
import { concat, seededRandom, systemClock, systemRandom, utf8, wireInfoHash } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { encodeExtendedHandshake, encodeHandshake, encodeMessage, type Message } from "@everseed/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Engine, infoHashesOf } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const PIECE = 65_536;
const SIZE = 2_000_000;
const hasher = createWebHasher();
const folder = mkdtempSync(join(tmpdir(), "everseed-hostile-"));
const content = seededRandom(3)(SIZE);
let metainfo: Metainfo;
const engines: Engine[] = [];
const sockets: net.Socket[] = [];
const servers: net.Server[] = [];

beforeAll(async () => {
  writeFileSync(join(folder, "film.bin"), content);
  ({ metainfo } = await createTorrent(join(folder, "film.bin"), { kind: "v1", pieceLengthBytes: PIECE }, hasher));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});
afterAll(async () => {
  await hasher.close();
  rmSync(folder, { recursive: true, force: true });
});

async function engine(): Promise<Engine> {
  const made = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(made);
  await made.listen(0, "127.0.0.1");
  return made;
}

interface Node {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly events: TorrentEvent[];
}

async function node(role: "seed" | "get"): Promise<Node> {
  const made = await engine();
  const events: TorrentEvent[] = [];
  const torrent = await made.add({
    metainfo,
    storage: role === "seed" ? (m) => createFileStorage(folder, m) : createMemoryStorage,
    onEvent: (event) => void events.push(event),
  });
  return { engine: made, torrent, events };
}

async function until(condition: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limitMs) throw new Error(`Not in ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function greeting(peerId = "-XX0001-hostilehostile"): Uint8Array {
  return encodeHandshake({
    wireInfoHash: wireInfoHash(infoHashesOf(metainfo)[0] as InfoHash),
    peerId: utf8(peerId).slice(0, 20),
    extensions: { extended: true, fast: true, dht: false, v2: false },
  });
}

interface Stranger {
  readonly socket: net.Socket;
  readonly received: () => number;
  readonly closed: () => boolean;
  send(...parts: (Uint8Array | Message)[]): void;
}

function watch(socket: net.Socket): Stranger {
  let [received, closed] = [0, false];
  sockets.push(socket);
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
  });
  return {
    socket,
    received: () => received,
    closed: () => closed,
    send: (...parts) =>
      void socket.write(concat(...parts.map((p) => (p instanceof Uint8Array ? p : encodeMessage(p))))),
  };
}

async function dial(target: Node): Promise<Stranger> {
  const socket = net.connect(target.engine.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  return watch(socket);
}

/** After the attack: a newcomer still downloads the whole file. */
async function stillServes(seed: Node): Promise<void> {
  const honest = await node("get");
  honest.engine.addPeers(honest.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
  await until(() => honest.torrent.state === "seeding", "an honest download completes");
}

const faults = (who: Node): string[] =>
  who.events.flatMap((event) => (event.type === "fault" ? [event.error.code] : []));
const closes = (who: Node): string[] =>
  who.events.flatMap((event) =>
    event.type === "peer-closed" && event.reason !== undefined && "code" in event.reason
      ? [String(event.reason.code)]
      : [],
  );

describe("a seeder", () => {
  const attacks: readonly { name: string; code: string; bytes: () => (Uint8Array | Message)[] }[] = [
    { name: "a frame of four gigabytes", code: "frame-size", bytes: () => [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 20)] },
    { name: "a have beyond the last piece", code: "have-invalid", bytes: () => [{ type: "have", piece: 1 << 30 }] },
    {
      name: "a bitfield of another size",
      code: "bitfield-invalid",
      bytes: () => [{ type: "bitfield", bits: new Uint8Array(999) }],
    },
    { name: "a have of three bytes", code: "message-length", bytes: () => [Uint8Array.of(0, 0, 0, 4, 4, 0, 0, 0)] },
    {
      name: "an extended handshake that is no bencode",
      code: "bencode",
      bytes: () => [{ type: "extended", id: 0, payload: utf8("d1:m") }],
    },
    {
      name: "a request beyond the end of its piece",
      code: "request-range",
      bytes: () => [{ type: "interested" }, { type: "request", piece: 0, begin: PIECE, length: 16_384 }],
    },
    {
      name: "a request of a megabyte",
      code: "request-range",
      bytes: () => [{ type: "interested" }, { type: "request", piece: 0, begin: 0, length: 1 << 20 }],
    },
  ];
  for (const { name, code, bytes } of attacks) {
    test(`is sent ${name}: drops the peer as ${code} and serves on`, async () => {
      const seed = await node("seed");
      const stranger = await dial(seed);
      stranger.send(greeting(), { type: "haveNone" }, ...bytes());
      await until(stranger.closed, "the stranger is dropped");
      expect([...faults(seed), ...closes(seed)].some((seen) => seen.startsWith(code))).toBe(true);
      await stillServes(seed);
    });
  }

  test("is greeted by another protocol, or not at all: closes, and serves on", async () => {
    const seed = await node("seed");
    const web = await dial(seed);
    web.send(utf8(`GET / HTTP/1.1\r\nHost: example\r\n\r\n${" ".repeat(80)}`));
    await until(web.closed, "the browser is turned away");
    const silent = await dial(seed);
    await stillServes(seed);
    await until(silent.closed, "who says nothing is turned away", 15_000);
  }, 30_000);

  test("is flooded with requests: serves no more than it was asked for, and holds no more than its queue", async () => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" }, { type: "interested" });
    await until(() => stranger.received() > 68, "the seeder answers");
    stranger.socket.pause();
    const before = process.memoryUsage().rss;
    const flood: Message[] = Array.from({ length: 20_000 }, (_, i) => ({
      type: "request",
      piece: i % 30,
      begin: 0,
      length: 16_384,
    }));
    stranger.send(...flood);
    await stillServes(seed);
    // 20,000 requests are 312 MiB; what waits for a peer that reads nothing is a few.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  test("is flooded with extension messages nobody knows: ignores them, and serves on", async () => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" });
    const noise: Message[] = Array.from({ length: 5_000 }, (_, i) => ({
      type: "extended",
      id: 100 + (i % 100),
      payload: new Uint8Array(200),
    }));
    stranger.send(...noise);
    await stillServes(seed);
  });
});

describe("a downloader", () => {
  /** A peer that claims to have everything and answers each request with what `answer` says. */
  function liar(
    answer: (request: { piece: number; begin: number; length: number }) => Message | undefined,
  ): Promise<number> {
    const server = net.createServer((socket) => {
      const stranger = watch(socket);
      let buffered = new Uint8Array();
      let greeted = false;
      socket.on("data", (chunk: Buffer) => {
        buffered = Uint8Array.from([...buffered, ...chunk]);
        if (!greeted && buffered.length >= 68) {
          greeted = true;
          buffered = buffered.slice(68);
          const id = `-XX0001-${Math.random().toString(36).slice(2).padEnd(12, "0")}`;
          const handshake = encodeExtendedHandshake({ messages: new Map(), requestQueue: 250, extra: new Map() });
          stranger.send(
            greeting(id),
            { type: "extended", id: 0, payload: handshake },
            { type: "haveAll" },
            { type: "unchoke" },
          );
        }
        while (greeted && buffered.length >= 4) {
          const view = new DataView(buffered.buffer, buffered.byteOffset);
          const length = view.getUint32(0);
          if (buffered.length < 4 + length) return;
          if (length === 13 && buffered[4] === 6) {
            const reply = answer({ piece: view.getUint32(5), begin: view.getUint32(9), length: view.getUint32(13) });
            if (reply !== undefined) stranger.send(reply);
          }
          buffered = buffered.slice(4 + length);
        }
      });
    });
    servers.push(server);
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
    });
  }

  test("meets a peer that sends wrong data: finds it out, drops it, completes from the honest one without blaming it", async () => {
    const seed = await node("seed");
    const port = await liar(({ piece, begin, length }) => ({
      type: "piece",
      piece,
      begin,
      data: new Uint8Array(length).fill(0xbd),
    }));
    const victim = await node("get");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => victim.torrent.stats().downloadedBytes > 0, "the liar has sent something");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
    await until(() => victim.torrent.state === "seeding", "the download completes");
    expect(faults(victim)).toContain("corrupt-data");
    const { peers, corruptBytes } = victim.torrent.stats();
    expect(corruptBytes).toBeGreaterThan(0);
    expect(peers.every(({ remote }) => !remote.endsWith(`:${port}`))).toBe(true);
    const guilty = victim.events.filter((event) => event.type === "fault").map((event) => event.remote);
    expect(guilty.every((remote) => remote.endsWith(`:${port}`))).toBe(true);
  });

  test("meets a peer that claims everything and sends nothing: completes from the other", async () => {
    const seed = await node("seed");
    const port = await liar(() => undefined);
    const victim = await node("get");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => victim.torrent.stats().peers.length === 1, "the miser is met");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
    await until(() => victim.torrent.state === "seeding", "the download completes", 40_000);
  }, 50_000);

  test("is sent data it never asked for: throws it away, and drops the peer when there is too much", async () => {
    const victim = await node("get");
    const stranger = await dial(victim);
    stranger.send(greeting(), { type: "haveNone" });
    const block = { type: "piece", piece: 0, begin: 0, data: new Uint8Array(16_384) } as const;
    for (let i = 0; i < 700 && !stranger.closed(); i++) {
      stranger.send(block);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(stranger.closed, "the stranger is dropped");
    expect(faults(victim)).toContain("unwanted-data");
    expect(victim.torrent.stats().haveBytes).toBe(0);
  });
});
