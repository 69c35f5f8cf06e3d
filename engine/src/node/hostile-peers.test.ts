/** Peers that break the rules, on real sockets: the engine drops them by name and goes on serving the others. */
import { utf8 } from "@everseed/core";
import type { Message } from "@everseed/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  clear,
  close,
  closes,
  dial,
  faults,
  greeting,
  liar,
  node,
  open,
  PIECE,
  stillServes,
  until,
} from "./hostile-rig.ts";

beforeAll(open);
afterEach(clear);
afterAll(close);

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
