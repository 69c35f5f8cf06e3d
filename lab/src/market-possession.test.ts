/** Two seeders of one torrent among real engines: they prove what they hold, reserves fall, and the connection ends. */
import { priceFromPerGib } from "@everseed/market";
import { expect, test } from "vitest";
import { type Actor, type ActorInit, Scene } from "./sim/scene.ts";

const CURVE = { max: priceFromPerGib(1_000_000_000n, "down"), tauSeconds: 600 };
const seller = (type: "paper" | "hardened"): ActorInit => ({
  seeds: true,
  price: "market",
  market: { reserve: type === "paper" ? { type, ...CURVE } : { type, rivalWeightPpm: 1_000_000, ...CURVE } },
});
const reserve = (actor: Actor): bigint => actor.node.market?.stats().torrents[0]?.reserve as bigint;

for (const kind of ["v1", "v2", "hybrid"] as const) {
  test(`${kind}: two complete sellers meet once, prove it to each other, and part`, async () => {
    const scene = new Scene({ kind });
    const first = await scene.add("first", seller("paper"));
    await scene.run(300);
    const before = reserve(first);
    expect(before).toBeGreaterThan(0n);
    const second = await scene.add("second", seller("paper"));
    second.node.meet(first.address);
    await scene.run(10, () => first.events("possession-proved").length > 0);
    // It began anew a moment ago.
    expect(reserve(first)).toBeLessThan(before / 50n);
    await scene.run(20);
    expect(second.events("possession-proved")).toHaveLength(1);
    expect([first.connectedTo(second), second.connectedTo(first)]).toEqual([false, false]);
    expect([first.faults, second.faults]).toEqual([[], []]);
    await scene.stop();
  });
}

test("the hardened reserve falls by the proof of who has a channel with us, and not by that of a stranger", async () => {
  const scene = new Scene({ sizeBytes: 4 << 20 });
  const old = await scene.add("old", { ...seller("hardened"), uploadLimit: 8 << 10 });
  const stranger = await scene.add("stranger", { ...seller("hardened"), uploadLimit: 256 << 10 });
  await scene.run(60);
  const price = reserve(old);
  stranger.node.meet(old.address);
  expect(await scene.run(5, () => old.events("possession-proved").length === 1)).toBe(true);
  expect(reserve(old)).toBeGreaterThanOrEqual(price);
  // What it got of the stranger it can prove to the other: that was not sent to it just now.
  const buyer = await scene.add("buyer", {
    ...seller("hardened"),
    ...{ seeds: false, budget: 1_000_000n, deposit: 100_000n },
    market: { bid: 900_000_000n },
  });
  expect(await scene.run(120, () => buyer.node.completedAtMs !== undefined)).toBe(true);
  const before = reserve(old);
  expect(await scene.run(10, () => old.events("possession-proved").length === 2)).toBe(true);
  expect(reserve(old)).toBeLessThan((before * 6n) / 10n);
  expect(reserve(old)).toBeGreaterThan((before * 4n) / 10n);
  expect([old.faults, buyer.faults, stranger.faults]).toEqual([[], [], []]);
});

test("a seeder whose disk is not what it says is found out by the first seller that asks", async () => {
  const scene = new Scene();
  const honest = await scene.add("honest", seller("paper"));
  const liar = await scene.add("liar", seller("paper"));
  liar.disk.corrupt = true;
  liar.node.meet(honest.address);
  await scene.run(10);
  expect(honest.faults).toEqual(["possession-answer"]);
  expect(honest.connectedTo(liar)).toBe(false);
  expect(honest.events("possession-proved")).toEqual([]);
});
