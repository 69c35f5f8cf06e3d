/** The tracker over real sockets, asked by the engine's own client and by strangers; its table with a clock of its own. */
import dgram from "node:dgram";
import { seededRandom, systemClock, systemRandom } from "@everseed/core";
import { createTrackerClient, type TrackerClient } from "@everseed/engine";
import { httpGet, openUdp } from "@everseed/engine/node";
import { type AnnounceRequest, decodeScrapeResponse, encodeUdpRequest } from "@everseed/wire";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { RequestLimiter } from "./request-limiter.ts";
import { DEFAULT_LIMITS, SwarmTable } from "./swarm-table.ts";
import { startTracker, type Tracker } from "./tracker.ts";

const INFO_HASH = new Uint8Array(20).fill(0xaa);
const trackers: Tracker[] = [];
const clients: TrackerClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await Promise.all(trackers.splice(0).map((tracker) => tracker.stop()));
});

async function tracker(requestsPerMinute?: number): Promise<Tracker> {
  const made = await startTracker({
    port: 0,
    host: "127.0.0.1",
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
  });
  trackers.push(made);
  return made;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 10_000) throw new Error(`Not in 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function peer(url: string, port: number, left: number, addresses?: readonly string[]) {
  const found: string[] = [];
  const client = createTrackerClient({
    tiers: [[url]],
    wireInfoHashes: [INFO_HASH],
    peerId: systemRandom(20),
    http: httpGet,
    openUdp,
    ...(addresses === undefined ? {} : { resolve: async () => addresses }),
    clock: systemClock,
    random: systemRandom,
    progress: () => ({ port, uploaded: 0, downloaded: 0, left, wantsPeers: true }),
    onPeers: (peers) => void found.push(...peers.map((p) => `${p.host}:${p.port}`)),
  });
  clients.push(client);
  return { client, found };
}

describe("over sockets", () => {
  for (const scheme of ["http", "udp"] as const) {
    test(`${scheme}: a leecher is told of the seeder, a seeder of no other seeder; who stops is forgotten`, async () => {
      const made = await tracker();
      const url = `${scheme}://127.0.0.1:${made.port}/announce`;
      const seeder = peer(url, 1_001, 0);
      seeder.client.start();
      await until(() => made.stats().peers === 1, "the seeder is known");
      const leecher = peer(url, 1_002, 5);
      leecher.client.start();
      await until(() => leecher.found.length > 0, "the leecher hears of the seeder");
      expect(leecher.found).toEqual(["127.0.0.1:1001"]);
      const second = peer(url, 1_003, 0);
      second.client.start();
      await until(() => second.found.length > 0, "the second seeder hears of somebody");
      expect(second.found).toEqual(["127.0.0.1:1002"]);
      await leecher.client.stop();
      await until(() => made.stats().peers === 2, "who stopped is forgotten");
    });
  }

  test.each(["http", "udp"])(
    "%s: who has both families is known, and told of peers, in both (BEP 7)",
    async (scheme) => {
      const made = await startTracker({ port: 0, host: "::" });
      trackers.push(made);
      const both = peer(`${scheme}://tracker.example:${made.port}/announce`, 1_001, 5, ["::1", "127.0.0.1"]);
      both.client.start();
      await until(() => made.stats().peers === 2, "it is known at both addresses");
      const six = peer(`${scheme}://[::1]:${made.port}/announce`, 1_002, 0);
      six.client.start();
      const four = peer(`${scheme}://127.0.0.1:${made.port}/announce`, 1_003, 0);
      four.client.start();
      await until(() => made.stats().peers === 4, "the others are known");
      await until(() => six.found.includes("::1:1001") && four.found.includes("127.0.0.1:1001"), "each hears of it");
      await both.client.stop();
      await until(() => made.stats().peers === 2, "it is forgotten at both");
      const again = peer(`${scheme}://tracker.example:${made.port}/announce`, 1_004, 5, ["127.0.0.1", "::1"]);
      again.client.start();
      await until(() => again.found.includes("::1:1002") && again.found.includes("127.0.0.1:1003"), "it hears of both");
    },
  );

  test("an address in the query is not believed: only the sender's own counts", async () => {
    const made = await tracker();
    const told = ["ip=10.9.9.9", "ipv4=10.9.9.9", "ipv4=10.9.9.9:99", "ipv6=[2001:db8::9]:99"].join("&");
    const query = `info_hash=${"%AA".repeat(20)}&peer_id=${"a".repeat(20)}&port=9&left=1&${told}`;
    await fetch(`http://127.0.0.1:${made.port}/announce?${query}`);
    const other = peer(`http://127.0.0.1:${made.port}/announce`, 1_001, 0);
    other.client.start();
    await until(() => other.found.length > 0, "the peer is told of");
    expect(other.found).toEqual(["127.0.0.1:9"]);
  });

  test("the two protocols share their swarms, and a scrape counts them", async () => {
    const made = await tracker();
    peer(`http://127.0.0.1:${made.port}/announce`, 1_001, 0).client.start();
    peer(`udp://127.0.0.1:${made.port}/announce`, 1_002, 9).client.start();
    await until(() => made.stats().peers === 2, "both are known");
    const body = await httpGet(`http://127.0.0.1:${made.port}/scrape?info_hash=${"%AA".repeat(20)}`, {
      maxBytes: 10_000,
      timeoutMs: 2_000,
    });
    expect(decodeScrapeResponse(body).get("aa".repeat(20))).toEqual({ complete: 1, downloaded: 0, incomplete: 1 });
  });

  test("nonsense over HTTP gets a failure in bencode, another path a 404, and nothing breaks", async () => {
    const made = await tracker();
    const base = `http://127.0.0.1:${made.port}`;
    for (const query of ["", "info_hash=short", "%", "a=".repeat(2_000), "info_hash=%zz&port=99999"]) {
      const answer = await fetch(`${base}/announce?${query}`);
      expect(await answer.text()).toContain("failure reason");
    }
    expect((await fetch(`${base}/elsewhere`)).status).toBe(404);
    expect(made.stats()).toMatchObject({ peers: 0, refused: 5 });
  });

  test("UDP: garbage gets no answer, an announce with another's connection id is refused", async () => {
    const made = await tracker();
    const socket = dgram.createSocket("udp4");
    const answers: Buffer[] = [];
    socket.on("message", (packet) => void answers.push(packet));
    const send = (packet: Uint8Array): void => socket.send(packet, made.port, "127.0.0.1");
    for (const length of [0, 1, 15, 16, 98, 1_400]) send(systemRandom(length));
    await until(() => made.stats().refused >= 5, "garbage is counted");
    expect(answers).toEqual([]);
    const announce: AnnounceRequest = {
      infoHash: INFO_HASH,
      peerId: new Uint8Array(20),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      numWant: 1,
    };
    send(encodeUdpRequest({ action: "announce", transaction: 7, connection: new Uint8Array(8).fill(1), announce }));
    await until(() => answers.length === 1, "the forger is told");
    expect((answers[0] as Buffer).readUInt32BE(0)).toBe(3);
    expect(made.stats().peers).toBe(0);
    socket.close();
  });

  test("who asks too often is refused; others are not", async () => {
    const made = await tracker(5);
    const url = `http://127.0.0.1:${made.port}/scrape`;
    const answers: string[] = [];
    for (let i = 0; i < 8; i++) answers.push(await (await fetch(url)).text());
    expect(answers.filter((text) => text.includes("too often")).length).toBeGreaterThanOrEqual(2);
    expect(answers[0]).not.toContain("too often");
  });

  test("stops at once, with connections open", async () => {
    const made = await tracker();
    await fetch(`http://127.0.0.1:${made.port}/stats`, { headers: { connection: "keep-alive" } });
    const started = performance.now();
    trackers.splice(0);
    await made.stop();
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("a port that is taken is a named error with a remedy", async () => {
    const made = await tracker();
    await expect(startTracker({ port: made.port, host: "127.0.0.1" })).rejects.toMatchObject({ code: "listen-failed" });
  });
});

describe("SwarmTable", () => {
  const request = (port: number, changes: Partial<AnnounceRequest> = {}): AnnounceRequest => ({
    infoHash: INFO_HASH,
    peerId: new Uint8Array(20).fill(port & 255),
    port,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    numWant: 50,
    ...changes,
  });
  const limits = { ...DEFAULT_LIMITS, maxTorrents: 5, maxPeersPerTorrent: 10, maxPeers: 25, intervalSeconds: 60 };

  test("any sequence of announces stays within the limits, and the totals are right", () => {
    const step = fc.record({
      torrent: fc.nat(8),
      host: fc.nat(20),
      port: fc.integer({ min: 1, max: 5 }),
      left: fc.nat(1),
      event: fc.constantFrom(undefined, "started", "completed", "stopped") as fc.Arbitrary<AnnounceRequest["event"]>,
      wait: fc.nat(40_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new SwarmTable(limits, seededRandom(1));
        let now = 0;
        for (const { torrent, host, port, left, event, wait } of steps) {
          now += wait;
          const infoHash = new Uint8Array(20).fill(torrent);
          const from = `10.0.0.${host}`;
          const answer = table.announce(
            request(port, { infoHash, left, ...(event === undefined ? {} : { event }) }),
            from,
            now,
          );
          const { torrents, peers } = table.totals(now);
          expect(torrents).toBeLessThanOrEqual(limits.maxTorrents);
          expect(peers).toBeLessThanOrEqual(limits.maxPeers);
          expect((answer.complete ?? 0) + (answer.incomplete ?? 0)).toBeLessThanOrEqual(limits.maxPeersPerTorrent);
          expect(answer.peers.some((p) => p.host === from && p.port === port)).toBe(false);
        }
      }),
    );
  });

  test("who does not announce for two intervals is named to nobody", () => {
    const table = new SwarmTable(limits, seededRandom(1));
    table.announce(request(1), "10.0.0.1", 0);
    expect(table.announce(request(2), "10.0.0.2", 119_000).peers).toHaveLength(1);
    expect(table.announce(request(2), "10.0.0.2", 121_000).peers).toHaveLength(0);
  });

  test("one address cannot crowd the others out", () => {
    const table = new SwarmTable({ ...limits, maxPeersPerAddress: 3 }, seededRandom(1));
    for (let i = 1; i <= 5; i++) table.announce(request(i), `10.0.0.${i}`, 0);
    for (let port = 1; port <= 500; port++) table.announce(request(port), "6.6.6.6", 1);
    const hosts = table.announce(request(9), "10.0.0.99", 2).peers.map(({ host }) => host);
    for (let i = 1; i <= 4; i++) expect(hosts).toContain(`10.0.0.${i}`);
  });

  test("gives as many as were asked for, all different, a new choice each time", () => {
    const table = new SwarmTable({ ...DEFAULT_LIMITS }, seededRandom(1));
    for (let i = 1; i <= 100; i++) table.announce(request(i), `10.0.0.${i}`, 0);
    const seen = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const { peers } = table.announce(request(1, { numWant: 20 }), "10.0.1.1", 1);
      expect(new Set(peers.map(({ host }) => host)).size).toBe(20);
      for (const { host } of peers) seen.add(host);
    }
    expect(seen.size).toBeGreaterThan(90);
  });
});

describe("RequestLimiter", () => {
  test("a household of IPv6 addresses is one; the share comes back with time", () => {
    const limiter = new RequestLimiter(10);
    let allowed = 0;
    for (let i = 0; i < 50; i++) if (limiter.allow(`2001:db8::${i.toString(16)}`, 0)) allowed++;
    expect(allowed).toBe(10);
    expect(limiter.allow("2001:db8:0:1::1", 0)).toBe(true);
    expect(limiter.allow("2001:db8::1", 7_000)).toBe(true);
  });
});
