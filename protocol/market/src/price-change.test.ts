/** Offers before unchokes, and no charge above the last offer, over random runs of choke rounds. */
import { seededRandom } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { DEFAULT_ROUNDS, drawFrom } from "./market-compliance.ts";
import { toPrice } from "./price.ts";
import {
  chargedPrice,
  FREE_TERMS,
  moveSlot,
  NO_SLOT,
  OFFER_LIFE_MS,
  type SlotEffect,
  type SlotState,
  type SlotTerms,
} from "./price-change.ts";

const ROUNDS = Number(process.env.EVERSEED_MARKET_ROUNDS ?? DEFAULT_ROUNDS);
const reserve = (price: bigint): SlotTerms => ({ price: toPrice(price), reason: { type: "reserve" } });
const types = (effects: readonly SlotEffect[]): string => effects.map(({ type }) => type).join(" ");

/** The other end: knows only what it was sent. */
class Buyer {
  unchoked = false;
  queue = 0;
  offer: { terms: SlotTerms; expiresAt: number } | undefined;
  faults: string[] = [];

  take(effect: SlotEffect, now: number): void {
    if (effect.type === "choke") this.unchoked = false;
    else if (effect.type === "reject-queue") this.queue = 0;
    else if (effect.type === "offer") {
      if (this.unchoked && this.offer !== undefined && effect.terms.price !== this.offer.terms.price)
        this.faults.push("a price changes under an open slot");
      this.offer = effect;
    } else {
      if (this.offer === undefined || this.offer.expiresAt <= now) this.faults.push("unchoked without an offer");
      this.unchoked = true;
    }
  }
}

describe(`over ${ROUNDS} random rounds`, () => {
  test("7: no unchoke before a matching offer; 8: nothing is charged above the last offer", () => {
    const draw = drawFrom(seededRandom(7));
    let [now, state, buyer] = [0, NO_SLOT as SlotState, new Buyer()];
    for (let i = 0; i < ROUNDS; i++) {
      now += 10_000 + draw(2_000);
      const terms = draw(4) === 0 ? FREE_TERMS : reserve(BigInt(draw(3)));
      const target = draw(4) === 0 ? { unchoked: false as const } : { unchoked: true as const, terms };
      const step = moveSlot(state, target, now);
      for (const effect of step.effects) buyer.take(effect, now);
      state = step.state;
      expect(buyer.unchoked).toBe(target.unchoked);
      if (target.unchoked) {
        expect(buyer.offer?.terms.price).toBe(terms.price);
        expect(chargedPrice(state)).toBe(buyer.offer?.terms.price);
        expect((buyer.offer?.expiresAt ?? 0) - now).toBeGreaterThan(20_000);
        buyer.queue = 5;
      } else {
        expect(chargedPrice(state)).toBe(0n);
        expect(buyer.queue).toBe(0);
      }
      if (draw(50) === 0) [state, buyer] = [NO_SLOT, new Buyer()];
      else expect(buyer.faults).toEqual([]);
    }
  });
});

describe("the order of effects", () => {
  const open = moveSlot(NO_SLOT, { unchoked: true, terms: reserve(5n) }, 0);
  test("a first unchoke: offer, unchoke", () => expect(types(open.effects)).toBe("offer unchoke"));
  test("the same terms: nothing", () =>
    expect(moveSlot(open.state, { unchoked: true, terms: reserve(5n) }, 10_000).effects).toEqual([]));
  test("another price, or free now: choke, reject the queue, offer, unchoke", () => {
    for (const terms of [reserve(6n), reserve(4n), FREE_TERMS])
      expect(types(moveSlot(open.state, { unchoked: true, terms }, 10_000).effects)).toBe(
        "choke reject-queue offer unchoke",
      );
  });
  test("a free slot where one was sold for nothing is another offer", () => {
    const sold = moveSlot(NO_SLOT, { unchoked: true, terms: reserve(0n) }, 0);
    expect(types(moveSlot(sold.state, { unchoked: true, terms: FREE_TERMS }, 1).effects)).toContain("offer");
  });
  test("an offer that ends soon is repeated, and the slot stays open", () => {
    const effects = moveSlot(open.state, { unchoked: true, terms: reserve(5n) }, OFFER_LIFE_MS - 30_000).effects;
    expect(types(effects)).toBe("offer");
  });
  test("an offer that ended: choke and all", () => {
    const effects = moveSlot(open.state, { unchoked: true, terms: reserve(5n) }, OFFER_LIFE_MS).effects;
    expect(types(effects)).toBe("choke reject-queue offer unchoke");
  });
  test("choked, and open again at the same price: the offer stands", () => {
    const closed = moveSlot(open.state, { unchoked: false }, 10_000);
    expect(types(closed.effects)).toBe("choke reject-queue");
    expect(types(moveSlot(closed.state, { unchoked: true, terms: reserve(5n) }, 20_000).effects)).toBe("unchoke");
    expect(moveSlot(closed.state, { unchoked: false }, 20_000).effects).toEqual([]);
  });
  test("a plain client is unchoked without a word", () => {
    const step = moveSlot(NO_SLOT, { unchoked: true }, 0);
    expect(types(step.effects)).toBe("unchoke");
    expect(moveSlot(step.state, { unchoked: true }, 1).effects).toEqual([]);
    expect(chargedPrice(step.state)).toBe(0n);
  });
});
