/** Peers on WebSockets, over real sockets: offers and answers find their way, and no one can do what is not theirs. */
import { request } from "node:http";
import net from "node:net";
import { fromUtf8, systemRandom, toHex } from "@everseed/core";
import {
  decodeWebSocketResponse,
  encodeWebSocketRequest,
  MAX_WEBSOCKET_MESSAGE,
  type WebSocketRequest,
  type WebSocketResponse,
} from "@everseed/wire";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { startTracker, type Tracker, type TrackerInit } from "./tracker.ts";

const INFO_HASH = new Uint8Array(20).fill(0xaa);
const id = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);
const trackers: Tracker[] = [];

afterEach(async () => {
  await Promise.all(trackers.splice(0).map((tracker) => tracker.stop()));
});

async function tracker(init: Partial<TrackerInit> = {}): Promise<Tracker> {
  const made = await startTracker({ port: 0, host: "127.0.0.1", ...init });
  trackers.push(made);
  return made;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 10_000) throw new Error(`Not in 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** One browser's socket, with what came over it. */
async function browser(made: Tracker, byte = 0) {
  const socket = new WebSocket(`ws://127.0.0.1:${made.port}/`);
  socket.binaryType = "arraybuffer";
  const got: WebSocketResponse[] = [];
  const state = { closed: 0 };
  socket.onmessage = ({ data }) => void got.push(decodeWebSocketResponse(String(data)));
  socket.onclose = ({ code }) => {
    state.closed = code;
  };
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const send = (message: WebSocketRequest): void => socket.send(encodeWebSocketRequest(message));
  const announce = (offers: number, changes: Partial<Extract<WebSocketRequest, { action: "announce" }>> = {}): void =>
    send({
      action: "announce",
      infoHash: INFO_HASH,
      peerId: id(byte),
      uploaded: 0,
      downloaded: 0,
      left: 5,
      offers: Array.from({ length: offers }, (_, i) => ({ offerId: id(100 + i), sdp: `v=0 of ${byte}` })),
      ...changes,
    });
  const of = <A extends WebSocketResponse["action"]>(action: A) =>
    got.filter((each): each is Extract<WebSocketResponse, { action: A }> => each.action === action);
  return { socket, got, send, announce, of, state };
}

/** Waits until everything sent before is handled. */
async function settle(peer: Awaited<ReturnType<typeof browser>>): Promise<void> {
  const before = peer.of("scrape").length;
  peer.send({ action: "scrape", infoHashes: [INFO_HASH] });
  await until(() => peer.of("scrape").length > before, "a scrape is answered");
}

describe("signalling", () => {
  test("an offer reaches the other peer, the answer whoever made it, and both are counted", async () => {
    const made = await tracker();
    const [a, b] = [await browser(made, 1), await browser(made, 2)];
    a.announce(0, { left: 0 });
    await settle(a);
    b.announce(3);
    await until(() => a.of("offer").length === 1, "the offer came");
    expect(a.of("offer")[0]).toEqual({
      action: "offer",
      infoHash: INFO_HASH,
      peerId: id(2),
      offerId: id(100),
      sdp: "v=0 of 2",
    });
    expect(b.of("announce")[0]).toEqual({
      action: "announce",
      infoHash: INFO_HASH,
      intervalSeconds: 120,
      complete: 1,
      incomplete: 1,
    });
    const answer = { action: "answer", infoHash: INFO_HASH, peerId: id(1), toPeerId: id(2), offerId: id(100) } as const;
    a.send({ ...answer, sdp: "v=0 answer" });
    await until(() => b.of("answer").length === 1, "the answer came");
    expect(b.of("answer")[0]).toMatchObject({ peerId: id(1), offerId: id(100), sdp: "v=0 answer" });
    expect(b.of("offer")).toEqual([]);
  });

  test("they share swarms and scrapes with TCP peers, but neither is named to the other", async () => {
    const made = await tracker();
    const a = await browser(made, 1);
    const http = (port: number): Promise<string> =>
      fetch(
        `http://127.0.0.1:${made.port}/announce?info_hash=${"%AA".repeat(20)}&peer_id=${"b".repeat(20)}&port=${port}&left=0`,
      ).then((answer) => answer.text());
    await http(1_001);
    a.announce(5);
    await settle(a);
    expect(a.of("announce")[0]).toMatchObject({ complete: 1, incomplete: 1 });
    expect(await http(1_002)).toContain("5:peers0:");
    expect(a.of("offer")).toEqual([]);
    expect(a.of("scrape")[0]?.entries.get(toHex(INFO_HASH))).toEqual({ complete: 1, downloaded: 0, incomplete: 1 });
    expect(made.stats()).toMatchObject({ peers: 3, sockets: 1 });
  });

  test("who stops or hangs up is forgotten at once", async () => {
    const made = await tracker();
    const [a, b] = [await browser(made, 1), await browser(made, 2)];
    a.announce(0);
    a.announce(0, { infoHash: id(9) });
    b.announce(0);
    await settle(a);
    await settle(b);
    expect(made.stats()).toMatchObject({ peers: 3, torrents: 2 });
    b.announce(0, { event: "stopped" });
    await settle(b);
    expect(made.stats().peers).toBe(2);
    a.socket.close();
    await until(() => made.stats().peers === 0, "its peers are gone");
  });
});

describe("hostile sockets", () => {
  test("answers to offers of others, to none, or twice, go nowhere", async () => {
    const made = await tracker();
    const [seed, leech, thief] = [await browser(made, 1), await browser(made, 2), await browser(made, 3)];
    seed.announce(0, { left: 0 });
    await settle(seed);
    leech.announce(1);
    await until(() => seed.of("offer").length === 1, "the offer came");
    thief.announce(0, { left: 0 });
    const answer = { action: "answer", infoHash: INFO_HASH, toPeerId: id(2), offerId: id(100), sdp: "v=0" } as const;
    // As itself, under the seed's name, for another torrent, and to a peer that offered nothing.
    thief.send({ ...answer, peerId: id(3) });
    thief.send({ ...answer, peerId: id(1) });
    thief.announce(0, { peerId: id(1) });
    thief.send({ ...answer, peerId: id(1) });
    seed.send({ ...answer, peerId: id(1), infoHash: id(7) });
    seed.send({ ...answer, peerId: id(1), offerId: id(1) });
    seed.send({ ...answer, peerId: id(1), toPeerId: id(3) });
    seed.send({ ...answer, peerId: id(8) });
    await settle(thief);
    await settle(seed);
    expect(leech.of("answer")).toEqual([]);
    expect(thief.of("failure")).toHaveLength(3);
    expect(seed.of("failure")).toHaveLength(4);
    seed.send({ ...answer, peerId: id(1) });
    seed.send({ ...answer, peerId: id(1) });
    await settle(seed);
    await until(() => leech.of("answer").length > 0, "the seed's answer came");
    await settle(leech);
    expect(leech.of("answer")).toHaveLength(1);
    expect(leech.of("answer")[0]?.peerId).toEqual(id(1));
  });

  test("a claimed peer id takes nothing from its owner", async () => {
    const made = await tracker();
    const [owner, thief, other] = [await browser(made, 1), await browser(made, 1), await browser(made, 2)];
    owner.announce(0);
    await settle(owner);
    thief.announce(0);
    thief.announce(0, { event: "stopped" });
    thief.socket.close();
    await until(() => made.stats().sockets === 2, "the thief is gone");
    other.announce(1);
    await until(() => owner.of("offer").length === 1, "the owner is still there");
  });

  test("a giant message ends the socket that sent it, nonsense does not, and nothing else notices", async () => {
    const made = await tracker();
    const [good, bad] = [await browser(made, 1), await browser(made, 2)];
    good.announce(0);
    const words = ["", "{}", "null", '{"action":"announce"}', "[".repeat(10_000)];
    for (const text of words) bad.socket.send(text);
    for (const bytes of [new Uint8Array(0), new Uint8Array(500).fill(0xe9)]) bad.socket.send(bytes);
    await until(() => bad.of("failure").length === words.length + 2, "nonsense is told so");
    expect(bad.state.closed).toBe(0);
    bad.socket.send("x".repeat(MAX_WEBSOCKET_MESSAGE + 1));
    await until(() => bad.state.closed !== 0, "the giant is hung up on");
    await settle(good);
    expect(made.stats()).toMatchObject({ sockets: 1, peers: 1 });
    expect(made.stats().refused).toBeGreaterThanOrEqual(words.length + 3);
  });

  test("any text at all is answered or refused", async () => {
    const made = await tracker({ requestsPerMinute: 1_000_000 });
    const peer = await browser(made, 1);
    const texts = fc.sample(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.jsonValue().map((value) => JSON.stringify({ action: "announce", info_hash: value, offers: value })),
      ),
      300,
    );
    for (const text of texts) peer.socket.send(text);
    await settle(peer);
    expect(peer.got.length).toBeGreaterThan(texts.length);
  });

  test("a flood is cut off, and each offer counts as a request", async () => {
    const made = await tracker({ requestsPerMinute: 40 });
    const [victim, flood] = [await browser(made, 1), await browser(made, 2)];
    victim.announce(0);
    await until(() => victim.of("announce").length === 1, "the victim is there");
    for (let i = 0; i < 100; i++) flood.announce(1);
    await until(() => flood.state.closed === 1008, "the flood is hung up on");
    expect(victim.of("offer").length).toBeLessThanOrEqual(20);
    expect(victim.state.closed).toBe(0);
    await expect(browser(made, 3)).rejects.toBeDefined();
  });

  test("sockets of one address and torrents of one socket are bounded", async () => {
    const made = await tracker({ socketsPerAddress: 2, requestsPerMinute: 100_000 });
    const [a, b] = [await browser(made, 1), await browser(made, 2)];
    await expect(browser(made, 3)).rejects.toBeDefined();
    b.socket.close();
    await until(() => made.stats().sockets === 1, "one has left");
    await browser(made, 3);
    for (let i = 0; i < 300; i++) a.announce(0, { infoHash: systemRandom(20) });
    await settle(a);
    expect(made.stats()).toMatchObject({ peers: 200, torrents: 200 });
    expect(a.of("failure")).toHaveLength(100);
    expect(a.of("failure")[0]?.reason).toContain("at most 200 torrents");
  });

  test("an upgrade that is none, or breaks off, leaves nothing behind", async () => {
    const made = await tracker();
    const status = await new Promise((resolve, reject) => {
      const asked = request({ port: made.port, host: "127.0.0.1", headers: { connection: "upgrade", upgrade: "h2c" } });
      asked.on("response", ({ statusCode }) => resolve(statusCode));
      asked.on("error", reject);
      asked.end();
    });
    expect(status).toBe(400);
    const stranger = net.connect(made.port, "127.0.0.1");
    const key = Buffer.from(systemRandom(16)).toString("base64");
    stranger.write(
      `GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
    );
    const answer = await new Promise<Uint8Array>((resolve) => stranger.once("data", resolve));
    expect(fromUtf8(answer)).toContain("101");
    // Not masked, reserved bits set, a length beyond all measure.
    stranger.write(Uint8Array.of(0xff, 127, 255, 255, 255, 255, 255, 255, 255, 255));
    stranger.on("error", () => undefined);
    await until(() => made.stats().refused === 1 && made.stats().sockets === 0, "the frame is refused");
  });

  test("stops at once, with sockets open", async () => {
    const made = await tracker();
    const peer = await browser(made, 1);
    trackers.splice(0);
    await made.stop();
    await until(() => peer.state.closed !== 0, "the socket is closed");
  });
});
