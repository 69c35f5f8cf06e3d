/** Torrents that change: the rules alone, then publishers and followers over a simulated network whose hours pass in moments. */
import {
  type EverseedError,
  ed25519PublicKey,
  type InfoHash,
  randomInt,
  seededRandom,
  toHex,
  utf8,
} from "@everseed/core";
import { decodeBencode, encodeBencode } from "@everseed/metainfo";
import { decodeKrpc, encodeResponse } from "@everseed/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dht } from "./dht.ts";
import { hostOf, Network, swarm } from "./dht-rig.ts";
import { Follower, type FollowerInit } from "./follower.ts";
import { type DhtItem, mutableItem, mutableTarget } from "./items.ts";
import {
  type FollowState,
  followStep,
  KEEP_MS,
  lookDelayMs,
  type MutableItem,
  type Publication,
  publishStep,
  supersedes,
  torrentValue,
} from "./mutable-torrents.ts";
import { Publisher, type PublisherInit } from "./publisher.ts";

const HOUR_MS = 60 * 60_000;
const SECRET = seededRandom(46)(32);
const PUBLIC = ed25519PublicKey(SECRET);
const SALT = utf8("weekly");

const hashOf = (n: number): InfoHash => ({ version: 1, bytes: new Uint8Array(20).fill(n) });
const namesOf = (n: number): Uint8Array => encodeBencode(torrentValue([hashOf(n)]));
const itemOf = (seq: number, n: number): MutableItem =>
  mutableItem({ value: torrentValue([hashOf(n)]), seq, secretKey: SECRET, salt: SALT });

test("20 bytes name a torrent: of version 1 where it has them, else those of version 2, truncated", () => {
  const v2: InfoHash = { version: 2, bytes: seededRandom(2)(32) };
  const named = (hashes: readonly [InfoHash, ...InfoHash[]]) => encodeBencode(torrentValue(hashes));
  expect(named([v2, hashOf(1)])).toEqual(namesOf(1));
  expect(named([v2])).toEqual(encodeBencode(new Map([["ih", v2.bytes.slice(0, 20)]])));
});

describe("which number is signed", () => {
  const step = (value: number, last?: Publication, found?: MutableItem, replace = false) =>
    publishStep({ value: namesOf(value), last, found, replace });
  const last = { seq: 5, value: namesOf(1) };

  test("the first is 1; another torrent is one higher than all that is known; the same keeps its number", () => {
    expect(step(1)).toEqual({ type: "sign", seq: 1 });
    expect(step(1, last)).toEqual({ type: "keep", seq: 5 });
    expect(step(2, last)).toEqual({ type: "sign", seq: 6 });
    expect(step(2, last, itemOf(5, 1))).toEqual({ type: "sign", seq: 6, cas: 5 });
    expect(step(2, last, itemOf(3, 9))).toEqual({ type: "sign", seq: 6, cas: 3 });
    expect(step(1, last, itemOf(3, 9))).toEqual({ type: "keep", seq: 5 });
  });

  test("what somebody else published is kept when it is the same, and replaced only on demand", () => {
    expect(step(1, last, itemOf(8, 1))).toEqual({ type: "keep", seq: 8 });
    expect(step(1, undefined, itemOf(8, 1))).toEqual({ type: "keep", seq: 8 });
    for (const known of [last, undefined]) {
      const found = itemOf(8, 7);
      expect(step(2, known, found)).toEqual({ type: "conflict", found });
      expect(step(2, known, found, true)).toEqual({ type: "sign", seq: 9, cas: 8 });
    }
    // One number, two values: whoever wins, the next number is another.
    expect(step(1, last, itemOf(5, 2)).type).toBe("conflict");
    expect(step(1, last, itemOf(5, 2), true)).toEqual({ type: "sign", seq: 6, cas: 5 });
  });

  test("whatever is known: never a number that is taken, by another value, anywhere", () => {
    const small = fc.integer({ min: 0, max: 4 });
    const known = fc.option(fc.tuple(small, small), { nil: undefined });
    fc.assert(
      fc.property(small, known, known, fc.boolean(), (value, mine, theirs, replace) => {
        const before = mine && { seq: mine[0], value: namesOf(mine[1]) };
        const found = theirs && itemOf(theirs[0], theirs[1]);
        const done = step(value, before, found, replace);
        if (done.type === "conflict") {
          expect(replace).toBe(false);
          return;
        }
        const taken = [mine, theirs]
          .filter((one) => one !== undefined && one[1] !== value)
          .map((one) => one?.[0] ?? -1);
        expect(done.seq).toBeGreaterThan(Math.max(-1, ...taken));
        expect(done.seq).toBeGreaterThanOrEqual(Math.max(mine?.[0] ?? 0, theirs?.[0] ?? 0));
        if (found !== undefined) expect(supersedes(found, itemOf(done.seq, value))).toBe(false);
      }),
    );
  });
});

describe("what a follower believes", () => {
  test("whatever comes in whatever order: the number only rises, a torrent is fetched when its name changes, lost is said once", () => {
    const look = fc.option(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 2 })), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(look, fc.integer({ min: 1, max: 2 * HOUR_MS })), { maxLength: 20 }), (looks) => {
        let state: FollowState = { keptAtMs: 0, failures: 0 };
        let now = 0;
        let highest = -1;
        let fetched: string | undefined;
        let lost = false;
        for (const [seen, later] of looks) {
          now += later;
          const found = seen && itemOf(...seen);
          const before = state;
          const done = followStep(state, found, now);
          state = done.state;
          const said = done.effects.map(({ type }) => type);
          expect(said.includes("lost")).toBe(found === undefined && !lost);
          lost = found === undefined;
          const newer = (found?.mutable.seq ?? -1) > highest;
          const name = found && toHex(hashOf((seen as [number, number])[1]).bytes);
          expect(said.includes("fetch")).toBe(newer && name !== fetched);
          if (newer) fetched = name;
          highest = Math.max(highest, found?.mutable.seq ?? -1);
          expect(state.item?.mutable.seq ?? -1).toBe(highest);
          // Others lack it, or it is an hour old: it is put again.
          const stale =
            !newer && highest >= 0 && ((found?.mutable.seq ?? -1) < highest || now - before.keptAtMs >= KEEP_MS);
          expect(said.includes("keep")).toBe(stale);
        }
      }),
    );
  });

  test("an item that names no torrent changes nothing; a link's own torrent by its whole name is not fetched twice", () => {
    const start: FollowState = { infoHash: hashOf(1), item: itemOf(1, 1), keptAtMs: 0, failures: 0 };
    const odd = mutableItem({ value: "no torrent", seq: 3, secretKey: SECRET, salt: SALT });
    const { state, effects } = followStep(start, odd, 1);
    expect([state.infoHash, effects]).toEqual([hashOf(1), []]);
    expect(followStep(state, itemOf(2, 2), 2).effects).toEqual([{ type: "keep", item: odd }]);
    const v2: InfoHash = { version: 2, bytes: seededRandom(2)(32) };
    const named = mutableItem({ value: torrentValue([v2]), seq: 1, secretKey: SECRET });
    expect(followStep({ infoHash: v2, keptAtMs: 0, failures: 0 }, named, 1).effects).toEqual([]);
  });

  test("looks are spread by a tenth; what failed is tried sooner, and then less and less", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 200; i++) {
      const failures = randomInt(random, 40);
      const delay = lookDelayMs(600_000, failures, random);
      const wanted = failures === 0 ? 600_000 : Math.min(600_000, 60_000 * 2 ** (failures - 1));
      expect(Math.abs(delay / wanted - 1)).toBeLessThanOrEqual(0.1);
    }
    expect(lookDelayMs(1_000, 3, random)).toBeLessThan(1_101);
  });
});

describe("over a network", () => {
  const publisherOn = (network: Network, dht: Dht, n: number, more: Partial<PublisherInit> = {}): Publisher =>
    new Publisher({
      dht,
      clock: network.clock,
      random: seededRandom(n),
      secretKey: SECRET,
      salt: SALT,
      infoHashes: [hashOf(n)],
      save: async () => undefined,
      ...more,
    });

  function followerOn(network: Network, dht: Dht, more: Partial<FollowerInit> = {}) {
    const seen: number[] = [];
    const follower = new Follower({
      dht,
      clock: network.clock,
      random: seededRandom(9),
      publicKey: PUBLIC,
      salt: SALT,
      everyMs: 10 * 60_000,
      onTorrent: async ({ infoHash }) => void seen.push(infoHash.bytes[0] as number),
      ...more,
    });
    follower.start();
    return { follower, seen };
  }

  test("a follower hears of each torrent once, and keeps the newest alive when its publisher is gone for good", async () => {
    const network = new Network(21);
    const nodes = await swarm(network, 12);
    const saved: number[] = [];
    const save = async ({ seq }: Publication): Promise<void> => void saved.push(seq);
    const first = publisherOn(network, nodes[3] as Dht, 1, { save });
    expect((await network.clock.run(first.start())).nodes).toBeGreaterThan(3);
    const { follower, seen } = followerOn(network, nodes[9] as Dht);
    await network.clock.wait(HOUR_MS);
    expect(seen).toEqual([1]);
    first.stop();
    const last = { seq: 1, value: namesOf(1) };
    const second = publisherOn(network, nodes[5] as Dht, 2, { save, last });
    const { item } = await network.clock.run(second.start());
    expect([item.mutable.seq, saved]).toEqual([2, [1, 2]]);
    second.stop();
    await network.clock.wait(4 * HOUR_MS);
    expect(seen).toEqual([1, 2]);
    expect((await network.clock.run((nodes[11] as Dht).getMutable(PUBLIC, SALT)))?.mutable.seq).toBe(2);
    follower.stop();
    await network.clock.wait(2.5 * HOUR_MS);
    expect(await network.clock.run((nodes[11] as Dht).getMutable(PUBLIC, SALT))).toBeUndefined();
  }, 60_000);

  test("a forged item with a higher number is not believed, though the nearest nodes all tell it", async () => {
    const network = new Network(22);
    const genuine = itemOf(1, 1);
    const target = mutableTarget(PUBLIC, SALT);
    const other = mutableItem({ value: torrentValue([hashOf(8)]), seq: 9, secretKey: seededRandom(1)(32), salt: SALT });
    const forgeries: DhtItem["mutable"][] = [
      { ...genuine.mutable, seq: 9 },
      { ...other.mutable, publicKey: PUBLIC },
      other.mutable,
    ];
    let told = 0;
    for (const [i, forged] of forgeries.entries()) {
      const port = network.port(hostOf(200 + i));
      port.subscribe((packet, host, from) => {
        const query = decodeKrpc(packet);
        if (query?.type !== "query") return true;
        if (query.method === "get") told++;
        const { publicKey: k, signature: sig, seq } = forged as NonNullable<DhtItem["mutable"]>;
        const id = target.map((byte, at) => (at === 19 ? byte ^ i : byte));
        const v = decodeBencode(other.value);
        port.send(
          encodeResponse(query.transaction, { id, token: utf8("t"), v, k, sig, seq }, { host, port: from }),
          host,
          from,
        );
        return true;
      });
    }
    const liars = forgeries.map((_, i) => ({ host: hostOf(200 + i), port: 6881 }));
    const nodes = await swarm(network, 12, { nodes: liars });
    expect(await network.clock.run((nodes[2] as Dht).put(genuine))).toBeGreaterThan(3);
    const { follower, seen } = followerOn(network, nodes[10] as Dht);
    await network.clock.wait(HOUR_MS);
    follower.stop();
    expect(seen).toEqual([1]);
    expect(told).toBeGreaterThan(3);
  }, 30_000);

  test("two who hold one key: the second is refused, and may take over; the first then hears of it and ends", async () => {
    const network = new Network(23);
    const nodes = await swarm(network, 12);
    const conflicts: EverseedError[] = [];
    const first = publisherOn(network, nodes[3] as Dht, 1, { onConflict: (error) => conflicts.push(error) });
    await network.clock.run(first.start());
    const refused = publisherOn(network, nodes[7] as Dht, 2).start();
    await expect(network.clock.run(refused)).rejects.toMatchObject({ code: "publish-conflict" });
    const second = publisherOn(network, nodes[7] as Dht, 2, { replace: true });
    const { item, replaced } = await network.clock.run(second.start());
    expect([item.mutable.seq, replaced?.mutable.seq]).toEqual([2, 1]);
    await network.clock.wait(2 * HOUR_MS);
    expect(conflicts).toMatchObject([{ code: "publish-conflict" }]);
    expect(conflicts[0]?.message).toContain("by item number 2, ours is number 1");
    second.stop();
  }, 30_000);

  test("two who publish at the same moment: at most one believes that he has; whoever was told may take over", async () => {
    for (let seed = 30; seed < 34; seed++) {
      const network = new Network(seed);
      const nodes = await swarm(network, 12);
      const both = [1, 2].map((n) => publisherOn(network, nodes[n] as Dht, n));
      const ends = await network.clock.run(Promise.allSettled(both.map((each) => each.start())));
      for (const each of both) each.stop();
      const failed = ends.findIndex(({ status }) => status === "rejected") + 1;
      expect(ends[failed - 1]).toMatchObject({ reason: { code: "publish-conflict" } });
      const last = { seq: 1, value: namesOf(failed) };
      const again = publisherOn(network, nodes[failed] as Dht, failed, { last, replace: true });
      expect((await network.clock.run(again.start())).item.mutable.seq).toBe(2);
      again.stop();
      for (const at of [4, 8, 11])
        expect((await network.clock.run((nodes[at] as Dht).getMutable(PUBLIC, SALT)))?.value).toEqual(namesOf(failed));
    }
  }, 30_000);

  test("nobody takes it: said by name; kept by nobody for a while: tried again soon", async () => {
    const network = new Network(24);
    const [alone] = await swarm(network, 1);
    await expect(network.clock.run(publisherOn(network, alone as Dht, 1).start())).rejects.toMatchObject({
      code: "publish-unstored",
    });
    const nodes = await swarm(network, 12);
    const kept: number[] = [];
    let deaf = false;
    const dht: PublisherInit["dht"] = {
      getMutable: async (key, salt) => (nodes[3] as Dht).getMutable(key, salt),
      put: async (item) => (deaf ? 0 : (nodes[3] as Dht).put(item)),
    };
    const publisher = publisherOn(network, nodes[3] as Dht, 1, { dht, onKept: (count) => kept.push(Math.sign(count)) });
    await network.clock.run(publisher.start());
    deaf = true;
    await network.clock.wait(1.2 * HOUR_MS);
    deaf = false;
    await network.clock.wait(HOUR_MS / 2);
    publisher.stop();
    expect(kept.filter((count) => count === 0).length).toBeGreaterThan(1);
    expect(kept.at(-1)).toBe(1);
  }, 30_000);

  test("a torrent that could not be begun is told again at the next look; what is lost is said once", async () => {
    const network = new Network(25);
    let item: MutableItem | undefined = itemOf(1, 1);
    let tries = 0;
    let lost = 0;
    const dht: FollowerInit["dht"] = { getMutable: async () => item, put: async () => 0 };
    const { follower } = followerOn(network, {} as Dht, {
      dht,
      onTorrent: async () => {
        if (++tries === 1) throw new Error("the disk is full");
      },
      onLost: () => lost++,
    });
    await network.clock.wait(HOUR_MS);
    expect(tries).toBe(2);
    item = undefined;
    await network.clock.wait(HOUR_MS);
    follower.stop();
    expect(lost).toBe(1);
  });
});
