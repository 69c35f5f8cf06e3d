/** Holepunching between real engines, over uTP in virtual time, through NATs that let in only answers. */
import { seededRandom } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import {
  decodeHolepunchMessage,
  decodeMessage,
  encodeExtendedHandshake,
  encodeHandshake,
  encodeHolepunchMessage,
  encodeMessage,
  encodePexMessage,
  HANDSHAKE_BYTES,
  HolepunchError,
  type HolepunchMessage,
  type PexPeer,
} from "@everseed/wire";
import { afterEach, describe, expect, test } from "vitest";
import { FrameReader } from "../peer/frame-reader.ts";
import { AddressFilter } from "../swarm/address-filter.ts";
import type { Connection } from "../transport.ts";
import { DatagramRig } from "../utp/datagram-rig.ts";
import { EngineRig, INNER_PORT, type RigPeer, type RigPeerInit, storageWith, torrentOf } from "../utp/engine-rig.ts";
import { createUtpTransport } from "../utp/utp-transport.ts";
import { UT_HOLEPUNCH_ID } from "./holepunch.ts";
import { UT_PEX_ID } from "./peer-exchange.ts";

const RELAY = "203.0.113.9";
const CONTENT = seededRandom(3)(300_000);
const rigs: EngineRig[] = [];

afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.stop()));
});

interface How {
  readonly relay?: Partial<RigPeerInit>;
  readonly leecher?: Partial<RigPeerInit>;
  readonly isPrivate?: boolean;
  readonly encryption?: "prefer" | "require" | "off";
  readonly seed?: number;
  /** Of the relay, the seeder and the leecher. */
  readonly hosts?: readonly [string, string, string];
}

/** A relay in the open that has next to nothing, a seeder and a leecher behind NATs; both dial the relay. */
async function meeting(how: How = {}) {
  const engines = new EngineRig(new DatagramRig(how.seed ?? 5, { delayMs: 20 }));
  rigs.push(engines);
  const metainfo = torrentOf(CONTENT, 16_384, how.isPrivate);
  const { encryption = "off", hosts = [RELAY, "198.51.100.1", "198.51.100.2"] } = how;
  const empty = { encryption, metainfo, storage: storageWith(new Uint8Array()) };
  // So slow that the data does not come by way of it.
  const relay = await engines.add({ host: hosts[0], ...empty, torrent: { downloadLimit: 1 }, ...how.relay });
  const seeder = await engines.add({
    ...{ host: hosts[1], nat: true, ...empty, storage: storageWith(CONTENT) },
  });
  const leecher = await engines.add({ host: hosts[2], nat: true, ...empty, ...how.leecher });
  for (const { engine, torrent } of [seeder, leecher]) engine.addPeers(torrent, [{ host: hosts[0], port: INNER_PORT }]);
  return { rig: engines.rig, engines, metainfo, relay, seeder, leecher };
}

const connected = ({ torrent }: RigPeer, host: string): boolean =>
  torrent.stats().peers.some(({ remote }) => remote.startsWith(`${host}:`));

describe("two peers behind NATs", () => {
  test("meet by way of a third, and the file arrives", async () => {
    const { rig, seeder, leecher } = await meeting();
    expect(await rig.until(() => leecher.torrent.state === "seeding", 120_000)).toBe(true);
    expect(leecher.events).toContainEqual(
      expect.objectContaining({ type: "introduced", relay: `${RELAY}:${INNER_PORT}` }),
    );
    expect(seeder.torrent.stats().uploadedBytes).toBeGreaterThan(CONTENT.length * 0.9);
  });

  test("over IPv6 as well, where firewalls do the same", async () => {
    const { rig, seeder, leecher } = await meeting({ hosts: ["2001:db8::9", "2001:db8:1::1", "2001:db8:2::1"] });
    expect(await rig.until(() => leecher.torrent.state === "seeding", 120_000)).toBe(true);
    expect(seeder.torrent.stats().uploadedBytes).toBeGreaterThan(CONTENT.length * 0.9);
  });

  test("also encrypted, and over lossy lines", async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const { rig, leecher } = await meeting({ seed, encryption: seed % 2 === 0 ? "require" : "prefer" });
      rig.line = { delayMs: 20 * seed, jitterMs: 30, loss: 0.05 };
      expect(await rig.until(() => leecher.torrent.state === "seeding", 300_000)).toBe(true);
    }
  });

  test("keep one connection of the two that they open at the same time", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { rig, seeder, leecher } = await meeting({ seed, leecher: { torrent: { downloadLimit: 1 } } });
      rig.line = { delayMs: 20, jitterMs: 10 * (seed % 4) };
      const both = (): boolean => connected(leecher, "198.51.100.1") && connected(seeder, "198.51.100.2");
      expect(await rig.until(both, 30_000)).toBe(true);
      await rig.pass(3_000);
      expect([both(), leecher.torrent.peerCount, seeder.torrent.peerCount]).toEqual([true, 2, 2]);
      const met = leecher.events.filter((e) => e.type === "peer-connected" && e.remote.startsWith("198.51.100.1:"));
      expect(met.length).toBeLessThanOrEqual(2);
    }
  });

  test.each([
    ["the third knows nothing of it", { relay: { holepunch: false } }],
    ["one of the two knows nothing of it", { leecher: { holepunch: false } }],
    ["the torrent is private", { isPrivate: true }],
  ])("do not meet where %s", async (_, how) => {
    const { rig, relay, leecher } = await meeting(how);
    await rig.pass(180_000);
    expect(relay.torrent.peerCount).toBe(2);
    expect(leecher.torrent.peerCount).toBe(1);
    expect(leecher.torrent.state).toBe("downloading");
  });

  test("do not meet where one refuses the other's address", async () => {
    const filter = AddressFilter.parse("198.51.100.1/32");
    const { rig, leecher } = await meeting({ leecher: { filter } });
    await rig.pass(60_000);
    expect(connected(leecher, "198.51.100.1")).toBe(false);
    expect([...leecher.sentTo.keys()].filter((to) => to.startsWith("198.51.100.1:"))).toEqual([]);
  });
});

/** A peer of the test's own, that says whatever it likes over uTP. */
async function stranger(rig: DatagramRig, host: string, to: string, metainfo: Metainfo, supports = true) {
  const { clock, random } = rig;
  const transport = createUtpTransport({ port: rig.open(host, INNER_PORT), clock, random });
  const opening = transport.connect(to, INNER_PORT, { timeoutMs: 10_000 });
  let connection: Connection | undefined;
  void opening.then((opened) => {
    connection = opened;
    opened.handlers = { onData: (chunk) => received.push(chunk.slice()), onDrain() {}, onClose() {} };
  });
  const received: Uint8Array[] = [];
  await rig.until(() => connection !== undefined, 10_000);
  const say = (...parts: Uint8Array[]): void => void connection?.send(parts);
  const [wireInfoHash] = [metainfo.infoHashV1?.bytes as Uint8Array];
  const extensions = { extended: true, fast: true, dht: false, v2: false };
  const messages = new Map<string, number>(supports ? [["ut_holepunch", 9]] : [["ut_metadata", 8]]);
  const handshake = encodeExtendedHandshake({ messages, port: INNER_PORT, yourIp: hostBytes(to), extra: new Map() });
  say(
    encodeHandshake({ wireInfoHash, peerId: random(20), extensions }),
    encodeMessage({ type: "extended", id: 0, payload: handshake }),
  );
  return {
    punch(message: HolepunchMessage): void {
      const payload = encodeHolepunchMessage(message) as Uint8Array;
      say(encodeMessage({ type: "extended", id: UT_HOLEPUNCH_ID, payload }));
    },
    tell(added: readonly PexPeer[]): void {
      say(encodeMessage({ type: "extended", id: UT_PEX_ID, payload: encodePexMessage({ added, dropped: [] }) }));
    },
    /** What came of ut_holepunch so far. */
    heard(): HolepunchMessage[] {
      const out: HolepunchMessage[] = [];
      const reader = new FrameReader(
        {
          onMessage(frame) {
            const message = frame.length === 0 ? undefined : decodeMessage(frame);
            if (message?.type === "extended" && message.id === 9) out.push(decodeHolepunchMessage(message.payload));
          },
          onBlockStart: () => undefined,
          onBlockEnd() {},
        },
        { maxMessageBytes: 1 << 20, maxBlockBytes: 1 << 17 },
      );
      reader.push(new Uint8Array(Buffer.concat(received)).subarray(HANDSHAKE_BYTES));
      return out;
    },
  };
}

const hostBytes = (host: string): Uint8Array => Uint8Array.from(host.split(".").map(Number));

async function one(options: Partial<RigPeerInit> = {}) {
  const engines = new EngineRig(new DatagramRig(9, { delayMs: 20 }));
  rigs.push(engines);
  const metainfo = torrentOf(CONTENT, 16_384);
  const storage = storageWith(new Uint8Array());
  const peer = await engines.add({ host: RELAY, metainfo, storage, ...options });
  return { rig: engines.rig, metainfo, peer };
}

/** Addresses of a range that packets went to. */
const targets = ({ sentTo }: RigPeer, prefix: string): string[] =>
  [...sentTo.keys()].filter((to) => to.startsWith(prefix));

describe("a hostile relay", () => {
  const connectAll = (relay: { punch(message: HolepunchMessage): void }, prefix: string, count: number): void => {
    for (let i = 0; i < count; i++)
      relay.punch({ type: "connect", endpoint: { host: `${prefix}${i % 250}`, port: 2_000 + i } });
  };

  test("sends a peer to ten addresses a minute and no more, with a few packets each", async () => {
    const { rig, metainfo, peer } = await one();
    const relay = await stranger(rig, "192.0.2.66", RELAY, metainfo);
    connectAll(relay, "198.18.0.", 200);
    await rig.pass(50_000);
    expect(targets(peer, "198.18.").length).toBe(10);
    for (const to of targets(peer, "198.18.")) expect(peer.sentTo.get(to)).toBeLessThanOrEqual(5);
    await rig.pass(15_000);
    connectAll(relay, "198.19.0.", 200);
    await rig.pass(30_000);
    expect(targets(peer, "198.19.").length).toBe(10);
    expect(peer.torrent.peerCount).toBe(1);
  });

  test("many of them together are bounded too, and more so towards one host", async () => {
    const { rig, metainfo, peer } = await one();
    for (let i = 0; i < 12; i++) {
      const relay = await stranger(rig, `192.0.2.${i + 1}`, RELAY, metainfo);
      for (let port = 0; port < 5; port++)
        relay.punch({ type: "connect", endpoint: { host: "198.51.100.7", port: 5_000 + 10 * i + port } });
      connectAll(relay, `198.18.${i}.`, 20);
    }
    await rig.pass(40_000);
    expect(targets(peer, "198.51.100.7:").length).toBeLessThanOrEqual(3);
    expect(targets(peer, "198.").length).toBeLessThanOrEqual(60);
    expect(targets(peer, "198.").length).toBeGreaterThan(10);
  });

  test("cannot send anybody into a private network, to itself, to servers or to refused addresses", async () => {
    const { rig, metainfo, peer } = await one({ filter: AddressFilter.parse("198.18.0.0/16") });
    const bad = [
      ...["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "198.18.0.1"],
      ...["::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:7f00:1", "64:ff9b::a00:1", "2002:a00:1::"],
    ].map((host) => ({ host, port: 4_000 }));
    const relays = [];
    for (const [i, endpoint] of [...bad, { host: "192.0.2.200", port: 53 }].entries()) {
      const relay = await stranger(rig, `192.0.2.${i + 1}`, RELAY, metainfo);
      relays.push(`192.0.2.${i + 1}:${INNER_PORT}`);
      relay.punch({ type: "connect", endpoint });
    }
    await rig.pass(30_000);
    expect([...peer.sentTo.keys()].sort()).toEqual(relays.sort());
  });

  test("is not asked where we are told of nobody, and what it breaks off is its own connection", async () => {
    const { rig, metainfo, peer } = await one();
    const relay = await stranger(rig, "192.0.2.66", RELAY, metainfo);
    relay.punch({ type: "error", endpoint: { host: "198.18.0.1", port: 2_000 }, error: 77 });
    await rig.pass(5_000);
    expect([relay.heard(), peer.torrent.peerCount]).toEqual([[], 1]);
  });
});

describe("as the one who asks", () => {
  const HIDDEN = { host: "198.51.100.7", port: 40_001 };

  test("asks whoever told of an address when it cannot be dialled, and the next when that one cannot help", async () => {
    const { rig, metainfo, peer } = await one();
    const first = await stranger(rig, "192.0.2.1", RELAY, metainfo);
    const second = await stranger(rig, "192.0.2.2", RELAY, metainfo);
    second.tell([HIDDEN]);
    await rig.pass(100);
    first.tell([HIDDEN]);
    await rig.pass(2_000);
    expect(peer.sentTo.has("198.51.100.7:40001")).toBe(true);
    expect([first.heard(), second.heard()]).toEqual([[], []]);
    await rig.pass(12_000);
    expect([first.heard(), second.heard()]).toEqual([[{ type: "rendezvous", endpoint: HIDDEN }], []]);
    first.punch({ type: "error", endpoint: HIDDEN, error: HolepunchError.notConnected });
    await rig.pass(1_000);
    expect(second.heard()).toEqual([{ type: "rendezvous", endpoint: HIDDEN }]);
    second.punch({ type: "error", endpoint: HIDDEN, error: HolepunchError.notConnected });
    await rig.pass(120_000);
    expect([first.heard().length, second.heard().length]).toEqual([1, 1]);
  });

  test("waits for no dial that is bound to fail, and asks ten times a minute, however many it is told of", async () => {
    const { rig, metainfo } = await one();
    const relay = await stranger(rig, "192.0.2.1", RELAY, metainfo);
    const many = Array.from({ length: 100 }, (_, i) => ({ host: `198.18.0.${i}`, port: 5_000, holepunch: true }));
    relay.tell([
      { ...HIDDEN, holepunch: true, reachable: true },
      { ...HIDDEN, host: "10.0.0.1", holepunch: true },
    ]);
    await rig.pass(2_000);
    expect(relay.heard()).toEqual([]);
    await rig.pass(18_000);
    expect(relay.heard()).toEqual([{ type: "rendezvous", endpoint: HIDDEN }]);
    relay.tell(many);
    await rig.pass(1_000);
    expect(relay.heard().length).toBe(10);
    await rig.pass(30_000);
    expect(relay.heard().length).toBe(10);
  });
});

describe("as a relay", () => {
  test("introduces peers that know how, to both, and says why it does not", async () => {
    const { rig, metainfo } = await one();
    const [a, b] = [
      await stranger(rig, "192.0.2.1", RELAY, metainfo),
      await stranger(rig, "192.0.2.2", RELAY, metainfo),
    ];
    await stranger(rig, "192.0.2.3", RELAY, metainfo, false);
    const ask = (host: string): void => a.punch({ type: "rendezvous", endpoint: { host, port: INNER_PORT } });
    for (const host of ["192.0.2.2", "192.0.2.3", "192.0.2.4", "224.0.0.1", RELAY, "192.0.2.1"]) ask(host);
    await rig.pass(2_000);
    const at = (host: string) => ({ host, port: INNER_PORT });
    expect(b.heard()).toEqual([{ type: "connect", endpoint: at("192.0.2.1") }]);
    expect(a.heard()).toEqual([
      { type: "connect", endpoint: at("192.0.2.2") },
      { type: "error", endpoint: at("192.0.2.3"), error: HolepunchError.noSupport },
      { type: "error", endpoint: at("192.0.2.4"), error: HolepunchError.notConnected },
      { type: "error", endpoint: at("224.0.0.1"), error: HolepunchError.noSuchPeer },
      { type: "error", endpoint: at(RELAY), error: HolepunchError.noSelf },
      { type: "error", endpoint: at("192.0.2.1"), error: HolepunchError.noSelf },
    ]);
  });

  test("answers ten a minute of one peer, and introduces a peer twenty times a minute, whoever asks", async () => {
    const { rig, metainfo } = await one();
    const target = await stranger(rig, "192.0.2.100", RELAY, metainfo);
    for (let i = 0; i < 4; i++) {
      const asking = await stranger(rig, `192.0.2.${i + 1}`, RELAY, metainfo);
      for (let n = 0; n < 50; n++)
        asking.punch({ type: "rendezvous", endpoint: { host: "192.0.2.100", port: INNER_PORT } });
      await rig.pass(1_000);
      expect(asking.heard().length).toBeLessThanOrEqual(10);
    }
    expect(target.heard().length).toBe(20);
  });
});
