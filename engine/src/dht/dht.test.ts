/** DHT nodes in one process over a simulated network; vectors are those of BEP 5, 42 and 44. */
import { fromHex, seededRandom, toHex, utf8 } from "@everseed/core";
import { encodeBencode } from "@everseed/metainfo";
import { decodeKrpc, encodeNodes, encodeQuery, type PeerEndpoint } from "@everseed/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Dht } from "./dht.ts";
import { hostOf, Network, swarm } from "./dht-rig.ts";
import { immutableItem, isGenuine, itemTarget, mutableItem } from "./items.ts";
import { presentTorrent } from "./mutable-torrents.ts";
import { commonPrefix, idWithPrefix, mayHaveId, secureId } from "./node-id.ts";

const hex = (text: string): Uint8Array => fromHex(text) as Uint8Array;

describe("ids (BEP 42)", () => {
  // The table of the BEP: address, last byte of the id, first bytes of the id.
  test.each([
    ["124.31.75.21", 1, "5fbfbf"],
    ["21.75.31.124", 86, "5a3ce9"],
    ["65.23.51.170", 22, "a5d432"],
    ["84.124.73.14", 65, "1b0321"],
    ["43.213.53.83", 90, "e56f6c"],
  ])("%s with %i begins with %s", (host, last, prefix) => {
    const random = new Uint8Array(20);
    random[19] = last;
    const id = secureId(host, random) as Uint8Array;
    const expected = hex(prefix);
    expect(id[0]).toBe(expected[0]);
    expect(id[1]).toBe(expected[1]);
    expect((id[2] as number) & 0xf8).toBe((expected[2] as number) & 0xf8);
    expect(mayHaveId(host, id)).toBe(true);
    expect(mayHaveId("9.9.9.9", id)).toBe(false);
    expect(mayHaveId("192.168.1.2", id)).toBe(true);
  });

  test("an id with a prefix shares exactly those bits", () => {
    const anyId = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(anyId, fc.integer({ min: 0, max: 159 }), fc.integer(), (id, prefix, seed) => {
        expect(commonPrefix(id, idWithPrefix(id, prefix, seededRandom(seed)))).toBe(prefix);
      }),
    );
  });

  test("a node takes an id that its address may have, once strangers agree on the address", async () => {
    const network = new Network(1);
    const nodes = await swarm(network, 12);
    await network.clock.wait(60_000);
    for (const [i, dht] of nodes.entries()) if (i > 3) expect(mayHaveId(hostOf(i), dht.nodeId)).toBe(true);
  });
});

describe("items (BEP 44)", () => {
  const PUBLIC = hex("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");

  test("the test vectors of the BEP", () => {
    const immutable = immutableItem("Hello World!");
    expect(new TextDecoder().decode(immutable.value)).toBe("12:Hello World!");
    expect(toHex(itemTarget(immutable))).toBe("e5f96f6f38320f0f33959cb4d3d656452117aadb");
    const signature = hex(
      "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01",
    );
    const value = immutable.value;
    const plain = { value, mutable: { publicKey: PUBLIC, salt: new Uint8Array(), seq: 1, signature } };
    expect(toHex(itemTarget(plain))).toBe("4a533d47ec9c7d95b1ad75f576cffc641853b750");
    expect(isGenuine(plain)).toBe(true);
    const salted = hex(
      "6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08",
    );
    const withSalt = { value, mutable: { publicKey: PUBLIC, salt: utf8("foobar"), seq: 1, signature: salted } };
    expect(toHex(itemTarget(withSalt))).toBe("411eba73b6f087ca51a3795d9c8c938d365e32c1");
    expect(isGenuine(withSalt)).toBe(true);
    expect(isGenuine({ value, mutable: { ...plain.mutable, seq: 2 } })).toBe(false);
  });

  test("put and found again from anywhere; the higher seq wins, a forged or older one is refused; a torrent that changes (BEP 46)", async () => {
    const network = new Network(3, 5);
    const nodes = await swarm(network, 40);
    const [first, last] = [nodes[3], nodes[37]] as [Dht, Dht];
    const fixed = immutableItem("a value of no importance");
    expect(await network.clock.run(first.put(fixed))).toBeGreaterThan(3);
    expect(await network.clock.run(last.getImmutable(itemTarget(fixed)))).toEqual(fixed);
    const secretKey = seededRandom(9)(32);
    const torrent = (seq: number) =>
      mutableItem({ value: new Map([["ih", new Uint8Array(20).fill(seq)]]), seq, secretKey, salt: utf8("site") });
    await network.clock.run(first.put(torrent(1)));
    await network.clock.run(last.put(torrent(4)));
    await network.clock.run(first.put(torrent(2)));
    const { publicKey } = torrent(1).mutable as { publicKey: Uint8Array };
    expect((await network.clock.run((nodes[20] as Dht).getMutable(publicKey, utf8("site"))))?.mutable?.seq).toBe(4);
    const resolved = await network.clock.run((nodes[11] as Dht).getMutable(publicKey, utf8("site")));
    expect(resolved && presentTorrent(resolved)?.infoHash).toEqual({ version: 1, bytes: new Uint8Array(20).fill(4) });
    const forged = torrent(9);
    const broken = { ...forged, value: encodeBencode(new Map([["ih", new Uint8Array(20)]])) };
    expect(await network.clock.run(first.put(broken))).toBe(0);
    expect(await network.clock.run(last.put(torrent(7), 3))).toBe(0);
  });

  test("refuses what is too large", () => {
    expect(() => immutableItem("x".repeat(1_000))).toThrow(/1005 bytes of at most 1000/);
  });
});

describe("a network of nodes", () => {
  const TORRENT = seededRandom(77)(20);

  async function lookFor(network: Network, dht: Dht): Promise<PeerEndpoint[]> {
    const found: PeerEndpoint[] = [];
    await network.clock.run(dht.getPeers(TORRENT, (peers) => found.push(...peers)));
    return found;
  }

  test("whoever announces is found from everywhere, though packets are lost; the cost stays small", async () => {
    const network = new Network(5, 5);
    const nodes = await swarm(network, 120);
    await network.clock.run((nodes[50] as Dht).announce(TORRENT, 7_000, () => undefined));
    for (const from of [0, 17, 63, 119]) {
      const before = network.sent;
      const found = await lookFor(network, nodes[from] as Dht);
      expect(found).toContainEqual({ host: hostOf(50), port: 7_000 });
      expect(network.sent - before).toBeLessThan(200);
    }
    await network.clock.wait(180_000);
    for (const dht of nodes) expect(dht.stats.nodes).toBeGreaterThan(5);
  });

  test("half of the nodes go without a word: peers are found still, the dead leave the tables", async () => {
    const network = new Network(6);
    const nodes = await swarm(network, 80);
    await network.clock.run((nodes[7] as Dht).announce(TORRENT, 7_000, () => undefined));
    for (let i = 1; i < 80; i += 2) {
      if (i === 7) continue;
      (nodes[i] as Dht).stop();
      network.drop(hostOf(i));
    }
    await network.clock.wait(20 * 60_000);
    await network.clock.run((nodes[8] as Dht).announce(TORRENT, 7_001, () => undefined));
    expect(await lookFor(network, nodes[40] as Dht)).toContainEqual({ host: hostOf(8), port: 7_001 });
    await network.clock.wait(20 * 60_000);
    // An announce is good for half an hour.
    expect((await lookFor(network, nodes[40] as Dht)).some(({ port }) => port === 7_000)).toBe(false);
  });

  test("liars who answer with themselves and with nonsense do not stop a lookup", async () => {
    const network = new Network(8);
    for (let i = 200; i < 230; i++) {
      const port = network.port(hostOf(i));
      port.subscribe((packet, host, from) => {
        const query = decodeKrpc(packet);
        if (query?.type !== "query") return true;
        // Next to whatever is asked for, at addresses that are private, their own, or nobody's.
        const near = (n: number) => TORRENT.map((byte, k) => (k === 19 ? byte ^ n : byte));
        const nodes = Array.from({ length: 16 }, (_, n) => ({
          id: near(n),
          host: ["10.0.0.1", "127.0.0.1", `20.77.${n}.1`][n % 3] as string,
          port: n % 5 === 0 ? 1 : 6881,
        }));
        const answer = new Map<string, Uint8Array | Map<string, Uint8Array>>([
          ["t", query.transaction],
          ["y", utf8("r")],
          [
            "r",
            new Map([
              ["id", near(i)],
              ["nodes", encodeNodes(nodes, 4)],
              ["token", utf8("t")],
            ]),
          ],
        ]);
        port.send(encodeBencode(answer), host, from);
        return true;
      });
    }
    const nodes = await swarm(network, 80, {
      nodes: Array.from({ length: 30 }, (_, i) => ({ host: hostOf(200 + i), port: 6881 })),
    });
    await network.clock.run((nodes[50] as Dht).announce(TORRENT, 7_000, () => undefined));
    const found = await Promise.all([10, 30, 70].map((i) => network.clock.run(lookFor(network, nodes[i] as Dht))));
    expect(found.filter((peers) => peers.some(({ port }) => port === 7_000)).length).toBeGreaterThanOrEqual(2);
    for (const dht of nodes) expect([...dht.nodes()].some(({ host }) => host.startsWith("10."))).toBe(false);
  });

  test("a read-only node asks and answers nothing (BEP 43); nobody keeps it in a table", async () => {
    const network = new Network(9);
    const nodes = await swarm(network, 20);
    const quiet = new Dht({
      port: network.port("30.0.0.1"),
      clock: network.clock,
      random: seededRandom(1),
      bootstrap: [{ host: hostOf(2), port: 6881 }],
      readOnly: true,
    });
    await network.clock.run(quiet.start());
    await network.clock.run((nodes[5] as Dht).announce(TORRENT, 7_000, () => undefined));
    expect(await lookFor(network, quiet)).toContainEqual({ host: hostOf(5), port: 7_000 });
    for (const dht of nodes) expect(dht.nodes().some(({ host }) => host === "30.0.0.1")).toBe(false);
  });

  test("IPv6 peers are found over IPv6 (BEP 32)", async () => {
    const network = new Network(10);
    const nodes: Dht[] = [];
    for (let i = 0; i < 20; i++) {
      const host = `2001:db8:${(i + 1).toString(16)}::1`;
      const bootstrap = i === 0 ? [] : [{ host: "2001:db8:1::1", port: 6881 }];
      const dht = new Dht({ port: network.port(host), clock: network.clock, random: seededRandom(i + 1), bootstrap });
      await network.clock.run(dht.start());
      nodes.push(dht);
    }
    await network.clock.run((nodes[3] as Dht).announce(TORRENT, 7_000, () => undefined));
    expect(await lookFor(network, nodes[15] as Dht)).toContainEqual({ host: "2001:db8:4::1", port: 7_000 });
  });
});

test("KRPC as BEP 5 prints it", () => {
  const ping = utf8("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
  expect(
    encodeQuery({
      transaction: utf8("aa"),
      method: "ping",
      args: { id: utf8("abcdefghij0123456789") },
      readOnly: false,
    }),
  ).toEqual(ping);
  expect(decodeKrpc(ping)).toMatchObject({ type: "query", method: "ping", readOnly: false });
  const error = utf8("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee");
  expect(decodeKrpc(error)).toMatchObject({ type: "error", code: 201, message: "A Generic Error Ocurred" });
});
