/**
 * What a peer with BEP 6 reads when the price of its slot changes: choke, a reject for all that it had asked for, the offer,
 * es_pay's new unit, unchoke; and nothing that it asked for at one price comes at another.
 */
import { decodePayMessage } from "@everseed/channel";
import { decodeMarketMessage, laneUnit, type Price, priceFromPerGib } from "@everseed/market";
import { describe, expect, test } from "vitest";
import { type Actor, Scene } from "./sim/scene.ts";
import { type Frame, tapWire, type WireTap } from "./sim/wire-tap.ts";

const UNIT = 16_384;
const RESERVE = priceFromPerGib(1_000_000n, "up");
const plain = { encryption: "off" } as const;

/** One sold slot; alice bids most, bob comes later and makes it dearer, and goes. */
async function changingPrices(): Promise<{ scene: Scene; seller: Actor; alice: Actor; tap: WireTap }> {
  const scene = new Scene({ sizeBytes: 12 << 20, kind: "hybrid" });
  const market = { slots: 3, reserve: { type: "fixed", price: RESERVE } } as const;
  const seller = await scene.add("seller", { ...plain, seeds: true, price: "market", market, uploadLimit: 128 << 10 });
  const buyer = { ...plain, budget: 1_000_000n, deposit: 200_000n };
  const alice = await scene.add("alice", { ...buyer, market: { bid: 3_000_000n }, uploadLimit: 4 << 10 });
  const tap = tapWire(scene, seller, alice);
  await scene.run(25);
  const bob = await scene.add("bob", { ...buyer, market: { bid: 2_000_000n }, uploadLimit: 4 << 10 });
  await scene.run(60);
  bob.node.crash();
  await scene.run(45);
  return { scene, seller, alice, tap: busiest(tap) };
}

/** The connection that has most of the frames: two that dial each other at once have another for a moment. */
function busiest(tap: WireTap): WireTap {
  const counts = new Map<number, number>();
  for (const { stream } of tap.sent) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  const [[most] = []] = [...counts].sort((a, b) => b[1] - a[1]);
  const of = ({ stream }: Frame): boolean => stream === most;
  return { sent: tap.sent.filter(of), arrived: tap.arrived.filter(of) };
}

const isPiece = ({ what }: Frame): boolean => what === "piece";
const block = (frame: Frame): string => frame.block as string;
const offerOf = (frame: Frame): Price => {
  const message = decodeMarketMessage(frame.payload.subarray(2));
  if (message.type !== "offer") throw new Error(message.type);
  return message.offer.price;
};
const unitOf = (frame: Frame): bigint => {
  const message = decodePayMessage(frame.payload.subarray(2));
  if (message.type !== "offer") throw new Error(message.type);
  return message.offer.unit;
};

describe("when the price of a slot changes", () => {
  test("choke, rejects, offer, unit and unchoke come in this order, and no request outlives its price", async () => {
    const { scene, seller, alice, tap } = await changingPrices();
    expect([seller.faults, alice.faults]).toEqual([[], []]);
    const sent = tap.sent.filter(({ from }) => from === seller);
    const prices: Price[] = [];
    let [charged, standing] = [0n, undefined as Price | undefined];
    let choked = true;
    for (const [i, frame] of sent.entries()) {
      if (frame.what === "choke") {
        choked = true;
        expectRejects(tap, sent, i, seller);
      } else if (frame.what === "es_market 1") {
        standing = offerOf(frame);
        if (standing !== prices.at(-1)) {
          prices.push(standing);
          // Nothing but the change itself between the choke and the unchoke.
          expect(choked).toBe(true);
          const rest = sent.slice(i + 1, i + 3).map(({ what }) => what);
          expect(rest.slice(0, prices.length === 1 ? 1 : 2)).toEqual(
            prices.length === 1 ? ["unchoke"] : ["es_pay 1", "unchoke"],
          );
        }
      } else if (frame.what === "es_pay 1" && standing !== undefined) {
        charged = unitOf(frame);
        expect(choked).toBe(true);
        expect(charged).toBeLessThanOrEqual(laneUnit(standing, UNIT));
      } else if (frame.what === "unchoke") choked = false;
      else if (isPiece(frame)) expect(choked).toBe(false);
    }
    // Free until the first round that sells, then the reserve, bob's bid, and the reserve once he is gone.
    expect(prices).toEqual([0n, RESERVE, priceFromPerGib(2_000_000n, "down"), RESERVE]);
    expectServedAtItsPrice(tap, seller);
    await scene.stop();
  });
});

/** After a choke come rejects of just what had arrived and was not answered. */
function expectRejects(tap: WireTap, sent: readonly Frame[], at: number, seller: Actor): void {
  const choke = sent[at] as Frame;
  const open = new Map<string, number>();
  const before = [
    ...tap.arrived.filter(({ from, what, order }) => from !== seller && what === "request" && order < choke.order),
    ...sent.filter(({ what, order }) => (what === "piece" || what === "reject") && order < choke.order),
  ].sort((a, b) => a.order - b.order);
  for (const frame of before)
    open.set(block(frame), (open.get(block(frame)) ?? 0) + (frame.what === "request" ? 1 : -1));
  const wanted = [...open].filter(([, count]) => count > 0).map(([name]) => name);
  const rejected = sent.slice(at + 1, at + 1 + wanted.length);
  expect(rejected.map(({ what }) => what)).toEqual(wanted.map(() => "reject"));
  expect(rejected.map(block).sort()).toEqual(wanted.sort());
}

/** A block that is served arrived as a request after the last choke. */
function expectServedAtItsPrice(tap: WireTap, seller: Actor): void {
  const all = [
    ...tap.arrived.filter(({ from, what }) => from !== seller && what === "request"),
    ...tap.sent.filter(({ from }) => from === seller),
  ].sort((a, b) => a.order - b.order);
  let asked = new Set<string>();
  let pieces = 0;
  for (const frame of all) {
    if (frame.what === "choke") asked = new Set();
    if (frame.what === "request") asked.add(block(frame));
    if (!isPiece(frame)) continue;
    pieces++;
    expect(asked.has(block(frame))).toBe(true);
  }
  expect(pieces).toBeGreaterThan(200);
}
