/**
 * Bids at the tracker, over real sockets on loopback addresses of several groups: shown, sorted, kept apart by market, gone
 * when they lapse or their peer leaves, refused when forged, and asked for over many torrents.
 */
import dgram from "node:dgram";
import { get } from "node:http";
import {
  createSigner,
  nobleCurve,
  type Signer,
  seededRandom,
  sha256,
  systemClock,
  systemRandom,
  toHex,
  utf8,
} from "@everseed/core";
import {
  createTrackerClient,
  createWebSocketTracker,
  type HttpGet,
  type OpenUdp,
  scrapeBids,
  type TrackerClient,
  WebRtc,
} from "@everseed/engine";
import { httpGet, loadWebRtc } from "@everseed/engine/node";
import {
  type BidMarket,
  contradictsHint,
  encodeBidMarket,
  encodeTrackerBid,
  readTrackerHint,
  signTrackerBid,
  toPrice,
} from "@everseed/market";
import {
  decodeUdpRequest,
  decodeWebSocketResponse,
  encodeWebSocketRequest,
  type TrackerPeer,
  type WebSocketRequest,
  type WebSocketResponse,
} from "@everseed/wire";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startTracker, type Tracker, type TrackerInit } from "./tracker.ts";

const INFO_HASH = new Uint8Array(20).fill(0xaa);
const MARKET: BidMarket = { chainId: 31_337n, contract: `0x${"c0".repeat(20)}`, token: `0x${"5d".repeat(20)}` };
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function tracker(init: Partial<TrackerInit> = {}): Promise<Tracker> {
  const made = await startTracker({ port: 0, host: "127.0.0.1", ...init });
  stops.push(() => made.stop());
  return made;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 10_000) throw new Error(`Not in 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const bidder = (name: string): Signer => createSigner(sha256(utf8(name)));
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

function bidOf(
  name: string,
  price: number,
  { market = MARKET, expiry = inSeconds(600), infoHash = INFO_HASH as Uint8Array } = {},
): Uint8Array {
  return encodeTrackerBid(signTrackerBid({ market, price: toPrice(BigInt(price)), expiry }, infoHash, bidder(name)));
}

/** HTTP from one of loopback's addresses. */
const httpFrom =
  (localAddress: string, asked: string[] = []): HttpGet =>
  (url) =>
    new Promise((resolve, reject) => {
      asked.push(url);
      get(url, { localAddress }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => void parts.push(part));
        response.on("end", () => resolve(new Uint8Array(Buffer.concat(parts))));
      }).on("error", reject);
    });

const udpFrom =
  (localAddress: string, sent: Uint8Array[] = []): OpenUdp =>
  (host, port, onPacket) =>
    new Promise((resolve) => {
      const socket = dgram.createSocket("udp4");
      socket.on("message", (packet) => onPacket(new Uint8Array(packet)));
      socket.bind({ address: localAddress }, () =>
        resolve({
          family: 4,
          send(packet) {
            sent.push(packet);
            socket.send(packet, port, host);
          },
          close: () => socket.close(),
        }),
      );
    });

interface PeerOptions {
  readonly bid?: Uint8Array | undefined;
  readonly market?: BidMarket;
  readonly left?: number;
  readonly asked?: string[];
  readonly sent?: Uint8Array[];
}

/** The engine's own client at `127.0.<group>.1`, which announces once. */
async function peer(url: string, group: number, options: PeerOptions = {}) {
  const host = `127.0.${group}.1`;
  const told: TrackerPeer[][] = [];
  const words: string[] = [];
  const client: TrackerClient = createTrackerClient({
    tiers: [[url]],
    wireInfoHashes: [INFO_HASH],
    peerId: systemRandom(20),
    http: httpFrom(host, options.asked),
    openUdp: udpFrom(host, options.sent),
    clock: systemClock,
    random: systemRandom,
    progress: () => ({ port: 1_000 + group, uploaded: 0, downloaded: 0, left: options.left ?? 9, wantsPeers: true }),
    onPeers: (peers) => void told.push([...peers]),
    onMessage: (message) => void words.push(message),
    bid: () => options.bid,
    sortByBid: () => options.market && encodeBidMarket(options.market),
  });
  stops.push(() => client.stop());
  client.start();
  await until(() => told.length > 0, `${host} is answered`);
  return { client, words, peers: told[0] as TrackerPeer[], groups: told[0]?.map(({ port }) => port - 1_000) ?? [] };
}

const seeder = { left: 0, market: MARKET };

describe("announces", () => {
  for (const scheme of ["http", "udp"] as const) {
    test(`${scheme}: who bids comes first, dearest first; others follow`, async () => {
      const made = await tracker();
      const url = `${scheme}://127.0.0.1:${made.port}/announce`;
      for (const [group, price] of [
        [1, 300],
        [2, 0],
        [3, 900],
        [4, 500],
        [5, 0],
      ] as const)
        await peer(url, group, { bid: price > 0 ? bidOf(`bidder ${group}`, price) : undefined });
      expect(made.stats()).toMatchObject({ peers: 5, bids: 3, refused: 0 });
      const asker = await peer(url, 9, seeder);
      expect(asker.groups.slice(0, 3)).toEqual([3, 4, 1]);
      expect(asker.groups.slice(3).sort()).toEqual([2, 5]);
      const hints = asker.peers.map(({ bid }) => {
        const expected = { infoHash: INFO_HASH, market: MARKET, now: inSeconds(0), curve: nobleCurve };
        return bid && readTrackerHint(bid, expected);
      });
      if (scheme === "udp") return expect(hints).toEqual(new Array(5).fill(undefined));
      expect(hints.map((hint) => hint?.price)).toEqual([900n, 500n, 300n, undefined, undefined]);
      expect(hints[0]?.bidder).toBe(bidder("bidder 3").address);
      expect(contradictsHint(toPrice(100n), toPrice(hints[0]?.price ?? 0n))).toBe(true);
      // Who does not ask for bids is told of none.
      const plain = await peer(url, 8, { left: 0 });
      expect(plain.peers.every(({ bid }) => bid === undefined)).toBe(true);
    });
  }

  test("bids of another token, contract or chain are not mixed in", async () => {
    const made = await tracker();
    const url = `http://127.0.0.1:${made.port}/announce`;
    const others: BidMarket[] = [
      { ...MARKET, token: `0x${"11".repeat(20)}` },
      { ...MARKET, contract: `0x${"22".repeat(20)}` },
      { ...MARKET, chainId: 1n },
    ];
    for (const [i, market] of others.entries()) await peer(url, 1 + i, { bid: bidOf(`${i}`, 10_000, { market }) });
    await peer(url, 4, { bid: bidOf("ours", 1) });
    const asker = await peer(url, 9, seeder);
    expect(asker.groups[0]).toBe(4);
    expect(asker.peers.map(({ bid }) => bid !== undefined)).toEqual([true, false, false, false]);
    const theirs = await peer(url, 10, { left: 0, market: others[2] as BidMarket });
    expect(theirs.groups[0]).toBe(3);
  });

  test("a forged, an expired and a malformed bid are refused by name; the client then announces without", async () => {
    const made = await tracker();
    const forged = bidOf("honest", 5);
    forged[60] = 99;
    const bids = {
      "market-signature": forged,
      "market-expiry": bidOf("late", 5, { expiry: inSeconds(-1) }),
      "market-message": bidOf("short", 5).subarray(1),
    };
    let peers = 0;
    for (const scheme of ["http", "udp"] as const) {
      for (const [code, bid] of Object.entries(bids)) {
        const { words } = await peer(`${scheme}://127.0.0.1:${made.port}/announce`, 20 + peers, { bid });
        expect(words.join()).toContain(code);
        peers++;
      }
    }
    const another = bidOf("honest", 5, { infoHash: new Uint8Array(20) });
    expect((await peer(`http://127.0.0.1:${made.port}/announce`, 30, { bid: another })).words.join()).toContain(
      "market-signature",
    );
    expect(made.stats()).toMatchObject({ peers: peers + 1, bids: 0, refused: peers + 1 });
  });

  test("a bid is gone at its expiry, with its peer, with an announce without it, and when the peer is complete", async () => {
    // Only what the clock says: sockets and timers are real.
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const made = await tracker();
    const url = `http://127.0.0.1:${made.port}/announce`;
    await peer(url, 1, { bid: bidOf("short-lived", 700, { expiry: inSeconds(60) }) });
    const leaving = await peer(url, 2, { bid: bidOf("leaving", 600) });
    await peer(url, 3, { bid: bidOf("withdrawn", 500) });
    await peer(url, 4, { bid: bidOf("complete", 400) });
    await peer(url, 5, { bid: bidOf("staying", 300) });
    expect((await peer(url, 9, seeder)).groups).toEqual([1, 2, 3, 4, 5]);
    await leaving.client.stop();
    await peer(url, 3);
    await peer(url, 4, { bid: bidOf("complete", 400), left: 0 });
    vi.setSystemTime(1_800_000_060_000);
    const after = await peer(url, 9, seeder);
    expect(after.groups[0]).toBe(5);
    expect(after.groups.slice(1).sort()).toEqual([1, 3]);
    expect(after.peers.filter((each) => each.bid !== undefined)).toHaveLength(1);
    expect(made.stats().bids).toBe(1);
  });

  test("a copy of a bid does not take its signer's place, a later bid of the signer does", async () => {
    const made = await tracker();
    const url = `http://127.0.0.1:${made.port}/announce`;
    const bid = bidOf("signer", 900);
    await peer(url, 1, { bid });
    await peer(url, 2, { bid });
    await peer(url, 3, { bid: bidOf("other", 100) });
    const first = await peer(url, 9, seeder);
    expect(first.groups).toEqual([1, 3, 2]);
    await peer(url, 4, { bid: bidOf("signer", 800, { expiry: inSeconds(700) }) });
    const second = await peer(url, 9, seeder);
    expect(second.groups.slice(0, 2)).toEqual([4, 3]);
  });

  test("signatures are checked no more often than allowed; the rest announce all the same, and are told", async () => {
    const made = await tracker({ bidChecksPerMinute: 1 });
    const url = `http://127.0.0.1:${made.port}/announce`;
    const bid = bidOf("one", 10);
    expect((await peer(url, 1, { bid })).words).toEqual([]);
    expect((await peer(url, 1, { bid })).words).toEqual([]);
    expect((await peer(url, 1, { bid: bidOf("two", 11) })).words.join()).toContain("too many bids");
    expect((await peer(url, 2, { bid: bidOf("three", 12) })).words).toEqual([]);
  });
});

test("BEP 41: a UDP announce carries the URL's path and query; the tracker reads bids there too", async () => {
  const made = await tracker();
  const text = (bytes: Uint8Array): string => toHex(bytes).replace(/../g, "%$&");
  const sent: Uint8Array[] = [];
  const url = `udp://127.0.0.1:${made.port}`;
  await peer(`${url}/announce?passkey=x&bid=${text(bidOf("by URL", 70))}`, 1, { sent });
  const announced = decodeUdpRequest(sent.at(-1) as Uint8Array);
  expect(announced).toMatchObject({
    action: "announce",
    announce: { urlData: expect.stringContaining("passkey=x") as string },
  });
  expect(made.stats().bids).toBe(1);
  await peer(`${url}/announce`, 2);
  await peer(`${url}/announce`, 3);
  const sorted = await peer(`${url}/announce?sort=bid&market=${text(encodeBidMarket(MARKET))}`, 9, { left: 0 });
  expect(sorted.groups[0]).toBe(1);
  const bare: Uint8Array[] = [];
  await peer(url, 4, { sent: bare });
  expect(bare.at(-1)).toHaveLength(98);
});

describe("scrapes", () => {
  test("over many torrents: how many bid, the two highest, seeders and leechers", async () => {
    const made = await tracker();
    const url = `http://127.0.0.1:${made.port}/announce`;
    const hashes = Array.from({ length: 60 }, (_, i) => seededRandom(i)(20));
    const announce = async (torrent: number, group: number, left: number, price?: number): Promise<void> => {
      const infoHash = hashes[torrent] as Uint8Array;
      const market = group === 7 ? { ...MARKET, chainId: 5n } : MARKET;
      const bid =
        price === undefined
          ? ""
          : `&bid=${toHex(bidOf(`g${group}`, price, { infoHash, market })).replace(/../g, "%$&")}`;
      const names = `info_hash=${toHex(infoHash).replace(/../g, "%$&")}&peer_id=${"p".repeat(20)}`;
      await httpFrom(`127.0.${group}.1`)(`${url}?${names}&port=${group}&left=${left}${bid}`, {
        maxBytes: 1,
        timeoutMs: 1,
      });
    };
    await announce(0, 1, 5, 100);
    await announce(0, 2, 5, 300);
    await announce(0, 3, 5, 200);
    await announce(0, 7, 5, 9_000);
    await announce(0, 4, 0);
    await announce(59, 1, 5, 40);
    const asked: string[] = [];
    const market = encodeBidMarket(MARKET);
    const scraped = await scrapeBids(url, hashes, { http: httpFrom("127.0.0.1", asked), market });
    expect(scraped.size).toBe(60);
    expect(asked.length).toBeGreaterThan(1);
    for (const each of asked) expect(each.length).toBeLessThanOrEqual(2_000);
    const of = (torrent: number) => scraped.get(toHex(hashes[torrent] as Uint8Array));
    const none = { bidders: 0, highest: 0n, second: 0n };
    expect(of(0)).toEqual({
      complete: 1,
      downloaded: 0,
      incomplete: 4,
      bids: { bidders: 3, highest: 300n, second: 200n },
    });
    expect(of(59)).toMatchObject({ bids: { bidders: 1, highest: 40n, second: 0n } });
    expect(of(30)).toEqual({ complete: 0, downloaded: 0, incomplete: 0, bids: none });
    await expect(scrapeBids("udp://127.0.0.1:1/announce", hashes, { http: httpGet, market })).rejects.toMatchObject({
      code: "scrape-unsupported",
    });
    const plain = await httpGet(`http://127.0.0.1:${made.port}/scrape?info_hash=${"%AA".repeat(20)}`, {
      maxBytes: 10_000,
      timeoutMs: 2_000,
    });
    expect(Buffer.from(plain).includes("bids")).toBe(false);
  });

  test("a market that is none is refused", async () => {
    const made = await tracker();
    const answer = await fetch(`http://127.0.0.1:${made.port}/scrape?bid=1&market=x&info_hash=${"%AA".repeat(20)}`);
    expect(await answer.text()).toContain("48 bytes");
  });
});

describe("WebSockets", () => {
  async function browser(made: Tracker, byte: number) {
    const socket = new WebSocket(`ws://127.0.0.1:${made.port}/`);
    const got: WebSocketResponse[] = [];
    socket.onmessage = ({ data }) => void got.push(decodeWebSocketResponse(String(data)));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    stops.push(async () => socket.close());
    const send = (message: WebSocketRequest): void => socket.send(encodeWebSocketRequest(message));
    const of = <A extends WebSocketResponse["action"]>(action: A) =>
      got.filter((each): each is Extract<WebSocketResponse, { action: A }> => each.action === action);
    const announce = async (
      changes: Partial<Extract<WebSocketRequest, { action: "announce" }>> = {},
    ): Promise<void> => {
      const before = got.length;
      const names = { infoHash: INFO_HASH, peerId: new Uint8Array(20).fill(byte) };
      send({ action: "announce", ...names, uploaded: 0, downloaded: 0, left: 5, offers: [], ...changes });
      await until(() => got.length > before, "an announce is answered");
    };
    return { send, announce, of };
  }

  test("an offer goes to who bids, a scrape tells of it, a forged bid is refused by name", async () => {
    const made = await tracker();
    const peers: Awaited<ReturnType<typeof browser>>[] = [];
    for (let byte = 1; byte <= 6; byte++) peers.push(await browser(made, byte));
    for (const [i, each] of peers.entries()) await each.announce(i === 3 ? { bid: bidOf("web", 250) } : {});
    const asker = await browser(made, 99);
    const offer = { offerId: new Uint8Array(20).fill(7), sdp: "v=0" };
    for (let round = 0; round < 5; round++)
      await asker.announce({ left: 0, offers: [offer], sortByBid: encodeBidMarket(MARKET) });
    await until(() => peers[3]?.of("offer").length === 5, "the bidder is offered");
    expect(peers.map((each) => each.of("offer").length)).toEqual([0, 0, 0, 5, 0, 0]);
    asker.send({ action: "scrape", infoHashes: [INFO_HASH], market: encodeBidMarket(MARKET) });
    await until(() => asker.of("scrape").length === 1, "the scrape is answered");
    expect(asker.of("scrape")[0]?.entries.get("aa".repeat(20))).toEqual({
      complete: 1,
      downloaded: 0,
      incomplete: 6,
      bids: { bidders: 1, highest: 250n, second: 0n },
    });
    const forged = bidOf("web", 250);
    forged[60] = 99;
    await peers[3]?.announce({ bid: forged });
    expect(peers[3]?.of("failure")[0]?.reason).toContain("market-signature");
    expect(made.stats().bids).toBe(1);
  });

  test("the engine's own client bids, and announces without a bid that is refused", async () => {
    const made = await tracker();
    const RTCPeerConnection = await loadWebRtc({ host: "127.0.0.1" });
    const client = (bid: Uint8Array) => {
      const words: string[] = [];
      const webRtc = new WebRtc({ RTCPeerConnection, clock: systemClock });
      const one = createWebSocketTracker({
        url: `ws://127.0.0.1:${made.port}/announce`,
        wireInfoHashes: [INFO_HASH],
        peerId: systemRandom(20),
        WebSocket,
        webRtc,
        clock: systemClock,
        random: systemRandom,
        progress: () => ({ uploaded: 0, downloaded: 0, left: 1, wantsPeers: false }),
        onConnection: () => undefined,
        onMessage: (message) => void words.push(message),
        bid: () => bid,
      });
      stops.push(async () => {
        await one.stop();
        webRtc.close();
      });
      one.start();
      return words;
    };
    expect(client(bidOf("web", 250))).toEqual([]);
    await until(() => made.stats().bids === 1, "the bid is known");
    const forged = bidOf("forger", 250);
    forged[60] = 99;
    const words = client(forged);
    await until(() => made.stats().peers === 2, "the other is known all the same");
    expect(words.join()).toContain("market-signature");
    expect(made.stats()).toMatchObject({ bids: 1, refused: 1 });
  });
});
