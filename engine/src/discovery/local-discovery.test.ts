import { fromHex, seededRandom, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  LocalDiscovery,
  LSD_GROUPS,
  type Multicast,
} from "./local-discovery.ts";

const HASH = "0123456789abcdef0123456789abcdef01234567";

/** A clock that is moved by hand. */
function handClock() {
  let now = 0;
  let tasks: { at: number; task: () => void }[] = [];
  return {
    now: () => now,
    unixMs: () => now,
    after(delayMs: number, task: () => void) {
      const entry = { at: now + delayMs, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((one) => one !== entry);
      };
    },
    advance(ms: number) {
      const end = now + ms;
      for (;;) {
        const next = tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        tasks = tasks.filter((one) => one !== next);
        now = next.at;
        next.task();
      }
      now = end;
    },
  };
}

/** One network: what one sends all hear, the sender as well. */
async function network(hosts: readonly string[]) {
  const clock = handClock();
  const packets: Uint8Array[] = [];
  const receivers: ((packet: Uint8Array, host: string) => void)[] = [];
  const found: Record<string, string[]> = {};
  const clients = hosts.map((host, i) => {
    found[host] = [];
    return new LocalDiscovery({
      clock,
      random: seededRandom(i + 1),
      port: () => 6881 + i,
      open: async (receive): Promise<Multicast> => {
        receivers.push(receive);
        return {
          families: [4],
          send: (packet) => {
            packets.push(packet);
            for (const other of receivers) other(packet, host);
          },
          close: async () => undefined,
        };
      },
      onPeer: (hash, peer) => found[host]?.push(`${hash} ${peer.host}:${peer.port}`),
    });
  });
  for (const client of clients) await client.start();
  return { clock, clients, found, packets, receivers };
}

describe("BEP 14", () => {
  test("the packet is the one of the BEP", () => {
    const packet = encodeLocalAnnounce({ port: 6881, infoHashes: [HASH], cookie: "name" }, LSD_GROUPS[4]);
    expect(new TextDecoder().decode(packet)).toBe(
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: name\r\n\r\n\r\n`,
    );
    expect(decodeLocalAnnounce(packet)).toEqual({ port: 6881, infoHashes: [HASH], cookie: "name" });
  });

  test("bytes that are no announce are nothing, and never throw", () => {
    for (const bad of [
      "",
      "GET / HTTP/1.1\r\n\r\n",
      `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${HASH}\r\n`,
      `BT-SEARCH * HTTP/1.1\r\nPort: 99999\r\nInfohash: ${HASH}\r\n`,
      "BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: xyz\r\n",
    ])
      expect(decodeLocalAnnounce(utf8(bad))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void decodeLocalAnnounce(bytes)));
  });

  test("two with the same torrent find each other; a third with another hears nothing; nobody finds itself", async () => {
    const { clock, clients, found } = await network(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    clients[0]?.add(fromHex(HASH) as Uint8Array);
    clients[1]?.add(fromHex(HASH) as Uint8Array);
    clients[2]?.add(seededRandom(9)(20));
    clock.advance(2_000);
    expect(found["10.0.0.1"]).toEqual([`${HASH} 10.0.0.2:6882`]);
    expect(found["10.0.0.2"]).toEqual([`${HASH} 10.0.0.1:6881`]);
    expect(found["10.0.0.3"]).toEqual([]);
  });

  test("a thousand torrents: each named every five minutes, packets below 1400 bytes", async () => {
    const { clock, clients, packets } = await network(["10.0.0.1"]);
    const random = seededRandom(5);
    const hashes = Array.from({ length: 1_000 }, () => random(20));
    for (const hash of hashes) clients[0]?.add(hash);
    clock.advance(60_000);
    const named = packets.flatMap((packet) => decodeLocalAnnounce(packet)?.infoHashes ?? []);
    expect(new Set(named)).toEqual(new Set(hashes.map(toHex)));
    expect(named.length).toBe(1_000);
    expect(Math.max(...packets.map(({ length }) => length))).toBeLessThanOrEqual(1_400);
    clock.advance(4 * 60_000);
    const before = packets.length;
    clock.advance(2 * 60_000);
    expect(packets.length).toBe(2 * before);
  });

  test("of a flood the first packets of the minute are read", async () => {
    const { clients, found, receivers } = await network(["10.0.0.1"]);
    clients[0]?.add(fromHex(HASH) as Uint8Array);
    const packet = encodeLocalAnnounce({ port: 1, infoHashes: [HASH] }, LSD_GROUPS[4]);
    for (let i = 0; i < 5_000; i++) receivers[0]?.(packet, "10.0.0.66");
    expect(found["10.0.0.1"]?.length).toBeLessThanOrEqual(600);
  });
});
