/** A DHT node among strangers who mean it ill: noise, floods, storms of answers, forged senders. */
import { seededRandom, utf8 } from "@everseed/core";
import { decodeKrpc, encodeNodes, encodeQuery, encodeResponse } from "@everseed/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dht } from "./dht.ts";
import { hostOf, Network, swarm } from "./dht-rig.ts";
import { DhtStore } from "./dht-store.ts";

const TORRENT = seededRandom(77)(20);

describe("strangers", () => {
  test("random packets, and mutations of good ones, never throw and never make it grow", async () => {
    const network = new Network(11);
    const [dht] = (await swarm(network, 1)) as [Dht];
    const attacker = network.port("66.0.0.1");
    const good = encodeQuery({
      transaction: utf8("aa"),
      method: "get_peers",
      args: { id: new Uint8Array(20), info_hash: new Uint8Array(20) },
      readOnly: false,
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(good.length - 1), fc.nat(255), (bytes, at, byte) => {
        const mutated = good.slice();
        mutated[at] = byte;
        for (const packet of [bytes, mutated]) {
          decodeKrpc(packet);
          attacker.send(packet, hostOf(0), 6881);
        }
      }),
      { numRuns: 2_000 },
    );
    await network.clock.wait(30_000);
    expect(dht.stats.torrents + dht.stats.items).toBe(0);
  });

  test("no token, no announce; a flood of queries is answered in part; what is kept is bounded", async () => {
    const network = new Network(12);
    const [dht] = (await swarm(network, 1)) as [Dht];
    const attacker = network.port("66.0.0.1");
    let answers = 0;
    let tokens: Uint8Array | undefined;
    attacker.subscribe((packet) => {
      answers++;
      const message = decodeKrpc(packet);
      if (message?.type === "response") tokens ??= message.values.get("token") as Uint8Array | undefined;
      return true;
    });
    const ask = (method: string, args: Record<string, Uint8Array | number>): void =>
      attacker.send(
        encodeQuery({
          transaction: utf8("x"),
          method,
          args: { id: new Uint8Array(20).fill(1), ...args },
          readOnly: true,
        }),
        hostOf(0),
        6881,
      );
    ask("announce_peer", { info_hash: TORRENT, port: 1, token: utf8("12345678") });
    await network.clock.wait(1_000);
    expect(dht.stats.torrents).toBe(0);
    ask("get_peers", { info_hash: TORRENT });
    await network.clock.wait(1_000);
    expect(tokens).toHaveLength(8);
    answers = 0;
    for (let i = 0; i < 5_000; i++)
      ask("announce_peer", { info_hash: seededRandom(i)(20), port: 9, token: tokens as Uint8Array });
    await network.clock.wait(5_000);
    expect(answers).toBeLessThanOrEqual(100);
    expect(dht.stats.torrents).toBeLessThanOrEqual(100);
    const stranger = network.port("67.0.0.1");
    stranger.send(
      encodeQuery({
        transaction: utf8("x"),
        method: "announce_peer",
        args: { id: new Uint8Array(20).fill(2), info_hash: TORRENT, port: 5, token: tokens as Uint8Array },
        readOnly: true,
      }),
      hostOf(0),
      6881,
    );
    const before = dht.stats.torrents;
    await network.clock.wait(1_000);
    expect(dht.stats.torrents).toBe(before);
  });

  test("a storm of answers to nothing sets off nothing, and nobody in it becomes a node", async () => {
    const network = new Network(13);
    const [dht] = (await swarm(network, 1)) as [Dht];
    const before = network.sent;
    const storm = 5_000;
    for (let i = 0; i < storm; i++) {
      const nodes = encodeNodes([{ id: seededRandom(i)(20), host: hostOf(500 + i), port: 6_881 }], 4);
      const values = { id: seededRandom(i + 9)(20), nodes, values: [Uint8Array.of(1, 2, 3, 4, 5, 6)] };
      const answer = encodeResponse(seededRandom(i)(4), values, { host: hostOf(0), port: 6_881 });
      network.port(hostOf(1_000 + (i % 100))).send(answer, hostOf(0), 6_881);
    }
    await network.clock.wait(5_000);
    expect(network.sent - before).toBe(storm);
    expect(dht.stats).toEqual({ nodes: 0, nodes6: 0, torrents: 0, items: 0 });
  });

  test("whoever is asked answers as often as he likes: one answer counts, and a lookup ends within its questions", async () => {
    const network = new Network(14);
    // Everybody in a whole network answers each question a hundred times, each time with others who are nearer.
    const liars = 400;
    for (let i = 1; i <= liars; i++) {
      const port = network.port(hostOf(i));
      port.subscribe((packet, host, from) => {
        const query = decodeKrpc(packet);
        if (query?.type !== "query") return true;
        for (let n = 0; n < 100; n++) {
          const others = Array.from({ length: 16 }, (_, k) => {
            const at = 1 + ((i * 31 + n * 17 + k) % liars);
            return { id: TORRENT.map((byte, b) => (b > 16 ? byte ^ (at * b) : byte)), host: hostOf(at), port: 6_881 };
          });
          const id = TORRENT.map((byte, b) => (b > 16 ? byte ^ (i * b) : byte));
          const values = { id, nodes: encodeNodes(others, 4), token: utf8("t") };
          port.send(encodeResponse(query.transaction, values, { host, port: from }), host, from);
        }
        return true;
      });
    }
    const [dht] = (await swarm(network, 1, { nodes: [{ host: hostOf(1), port: 6_881 }] })) as [Dht];
    const before = network.sent;
    await network.clock.run(dht.getPeers(TORRENT, () => undefined));
    // Each question of ours brought a hundred answers.
    const questions = Math.ceil((network.sent - before) / 101);
    expect(questions).toBeGreaterThan(8);
    expect(questions).toBeLessThanOrEqual(128);
    expect(dht.stats.nodes).toBeLessThanOrEqual(8 * 160);
    await network.clock.wait(60_000);
    expect(dht.stats.nodes).toBeLessThanOrEqual(8 * 160);
  });

  test("ten thousand senders ask once each: who is pinged in turn is bounded, and none of the silent is kept", async () => {
    const network = new Network(15);
    const [dht] = (await swarm(network, 1)) as [Dht];
    const before = network.sent;
    const senders = 10_000;
    for (let i = 0; i < senders; i++) {
      const args = { id: seededRandom(i)(20), target: TORRENT };
      const query = encodeQuery({ transaction: utf8("x"), method: "find_node", args, readOnly: false });
      network.port(hostOf(1_000 + i)).send(query, hostOf(0), 6_881);
    }
    await network.clock.wait(1_000);
    // Each is answered, which is as long as it asked; only so many are asked in turn.
    expect(network.sent - before - 2 * senders).toBeLessThanOrEqual(32);
    expect(dht.stats.nodes).toBe(0);
  });

  test("what is kept is bounded over all torrents, and the torrents that were announced last stay", () => {
    const store = new DhtStore(seededRandom(1), 0);
    const torrent = (i: number): Uint8Array => seededRandom(i)(20);
    for (let i = 0; i < 300; i++)
      for (let n = 0; n < 500; n++) store.addPeer(torrent(i), { host: hostOf(n), port: 1 + i }, i);
    expect(store.peerCount).toBeLessThanOrEqual(100_000);
    expect(store.peers(torrent(299), 4)).toHaveLength(50);
    expect(store.peers(torrent(0), 4)).toHaveLength(0);
    for (let i = 0; i < 6_000; i++) store.addPeer(torrent(i), { host: hostOf(1), port: 9 }, 300);
    expect(store.torrentCount).toBeLessThanOrEqual(4_000);
    store.tick(31 * 60_000);
    expect([store.peerCount, store.torrentCount]).toEqual([0, 0]);
  });
});
