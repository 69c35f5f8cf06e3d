/** Peers that are slow, loud or false on purpose, on real sockets and many at a time: none of them keeps honest ones apart. */
import { encodeExtendedHandshake, encodeMetadataMessage, encodePexMessage, type Message } from "@everseed/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { UT_METADATA_ID } from "../torrent/extensions.ts";
import { UT_PEX_ID } from "../torrent/peer-exchange.ts";
import {
  clear,
  close,
  content,
  dial,
  faults,
  greeting,
  liar,
  node,
  open,
  PIECE,
  type Stranger,
  stillServes,
  until,
} from "./hostile-rig.ts";

beforeAll(open);
afterEach(clear);
afterAll(close);

const extended = (id: number, payload: Uint8Array): Message => ({ type: "extended", id, payload });
const handshake = (names: readonly (readonly [string, number])[]): Message =>
  extended(0, encodeExtendedHandshake({ messages: new Map(names), requestQueue: 250, extra: new Map() }));

describe("a seeder", () => {
  test("meets two hundred who greet a byte at a time: honest ones come through, the slow are turned away", async () => {
    const seed = await node("seed");
    const slow: Stranger[] = [];
    for (let i = 0; i < 200; i++) slow.push(await dial(seed));
    const hello = greeting();
    let at = 0;
    const timer = setInterval(() => {
      for (const stranger of slow) if (!stranger.closed()) stranger.send(hello.slice(at, at + 1));
      at = Math.min(at + 1, hello.length - 2);
    }, 300);
    try {
      await stillServes(seed);
      await until(() => slow.every((stranger) => stranger.closed()), "the slow are turned away", 15_000);
      expect(seed.torrent.stats().peers.every(({ client }) => client !== "")).toBe(true);
    } finally {
      clearInterval(timer);
    }
  }, 40_000);

  test("is told of thousands of peers a second: takes a few messages, and drops who sends the rest", async () => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" }, handshake([["ut_pex", 1]]));
    for (let i = 0; i < 500 && !stranger.closed(); i++) {
      const added = Array.from({ length: 50 }, (_, n) => ({ host: `10.${i >> 8}.${i & 255}.${n}`, port: 6_881 }));
      stranger.send(extended(UT_PEX_ID, encodePexMessage({ added, dropped: [] })));
    }
    await until(stranger.closed, "the stranger is dropped");
    expect(faults(seed)).toContain("pex-pace");
    expect(seed.events.filter(({ type }) => type === "peers-found").length).toBeLessThanOrEqual(6);
    await stillServes(seed);
  });

  test("is asked for its metadata without end: answers what its queue holds, and no more", async () => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" }, handshake([["ut_metadata", 7]]));
    await until(() => stranger.received() > 68, "the seeder answers");
    stranger.socket.pause();
    const before = process.memoryUsage().rss;
    const request = extended(UT_METADATA_ID, encodeMetadataMessage({ type: "request", piece: 0 }));
    for (let i = 0; i < 200 && !stranger.closed(); i++) {
      stranger.send(...Array.from({ length: 500 }, () => request));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stillServes(seed);
    // Answers to a hundred thousand would be two hundred megabytes of even a small info dictionary.
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  test("is greeted again and again by name: remembers the last, and serves on", async () => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" });
    for (let i = 0; i < 3_000; i++)
      stranger.send(handshake(Array.from({ length: 40 }, (_, n) => [`x_${i}_${n}`, 1 + n] as const)));
    await stillServes(seed);
  });

  test.each([
    ["a choke and an unchoke by turns", () => [{ type: "choke" }, { type: "unchoke" }]],
    ["interest and none by turns", () => [{ type: "interested" }, { type: "notInterested" }]],
    ["the same have", () => [{ type: "have", piece: 1 }]],
    ["cancels of what it never asked for", () => [{ type: "cancel", piece: 0, begin: 0, length: 16_384 }]],
    ["rejects of what nobody asked it for", () => [{ type: "reject", piece: 0, begin: 0, length: 16_384 }]],
  ] as const)("is sent %s, ten thousand times: serves on", async (_, messages) => {
    const seed = await node("seed");
    const stranger = await dial(seed);
    stranger.send(greeting(), { type: "haveNone" });
    for (let i = 0; i < 20; i++) stranger.send(...Array.from({ length: 500 }, () => messages() as Message[]).flat());
    await stillServes(seed);
  });
});

describe("a downloader", () => {
  const truth = (piece: number, begin: number, length: number): Uint8Array =>
    content.slice(piece * PIECE + begin, piece * PIECE + begin + length);

  test("gets every fourth block wrong from one of many: finds out which, bans it, and blames nobody else", async () => {
    let lies = 0;
    const port = await liar(({ piece, begin, length }) => {
      const data = truth(piece, begin, length);
      if ((begin / 16_384) % 4 === piece % 4) {
        data[0] = (data[0] as number) ^ 1;
        lies++;
      }
      return { type: "piece", piece, begin, data };
    }, "127.0.0.2");
    const honest = await Promise.all([node("seed"), node("seed"), node("seed")]);
    const victim = await node("get");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.2", port }]);
    await until(() => lies > 0, "the liar has lied");
    victim.engine.addPeers(
      victim.torrent,
      honest.map((each) => ({ host: "127.0.0.1", port: each.engine.port })),
    );
    await until(() => victim.torrent.state === "seeding", "the download completes");
    const guilty = victim.events.flatMap((event) => (event.type === "fault" ? [event] : []));
    expect(guilty.length).toBeGreaterThan(0);
    expect(guilty.every(({ remote }) => remote === `127.0.0.2:${port}`)).toBe(true);
    expect(guilty[0]?.error.code).toBe("corrupt-data");
    expect(victim.torrent.stats().peers.some(({ remote }) => remote.startsWith("127.0.0.2"))).toBe(false);
  });

  test("meets one that has all and rejects each request: completes from the other", async () => {
    const port = await liar(({ piece, begin, length }) => ({ type: "reject", piece, begin, length }), "127.0.0.2");
    const seed = await node("seed");
    const victim = await node("get");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.2", port }]);
    await until(() => victim.torrent.stats().peers.length === 1, "the miser is met");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
    await until(() => victim.torrent.state === "seeding", "the download completes");
  });

  test("knows no more than the magnet link, and is sent one bitfield after the other: holds the last alone", async () => {
    const victim = await node("magnet");
    const stranger = await dial(victim);
    stranger.send(greeting(), { type: "haveNone" });
    await until(() => stranger.received() > 68, "the downloader answers");
    const before = process.memoryUsage().rss;
    const bits = new Uint8Array(500_000);
    for (let i = 0; i < 600; i++) {
      stranger.send({ type: "bitfield", bits });
      while (stranger.socket.writableLength > 4 << 20) await new Promise((resolve) => setImmediate(resolve));
    }
    stranger.send(handshake([["x", 1]]));
    await until(() => stranger.socket.writableLength === 0, "all was sent");
    const seed = await node("seed");
    victim.engine.addPeers(victim.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
    await until(() => victim.torrent.state === "seeding", "the download completes");
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  test("is sent a bitfield with bits beyond the last piece: drops the peer", async () => {
    const victim = await node("get");
    const pieces = Math.ceil(content.length / PIECE);
    const bits = new Uint8Array(Math.ceil(pieces / 8)).fill(0xff);
    const spare = await dial(victim);
    spare.send(greeting(), { type: "bitfield", bits });
    await until(spare.closed, "spare bits are refused");
  });
});
