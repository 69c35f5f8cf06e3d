/** The auction's rounds: the specification's invariants over random rounds, and tables of its boundaries. */
import { describe, expect, test } from "vitest";
import { auction } from "./auction-choker.ts";
import { DEFAULT_ROUNDS, ROUND_INVARIANTS, violationOf } from "./market-compliance.ts";
import type { Price } from "./price.ts";
import type { MarketCandidate, MarketChoker, MarketDecision, MarketRound, SetPrice, SoldSlot } from "./round.ts";
import { STRATEGIES } from "./strategies.ts";

const ROUNDS = Number(process.env.EVERSEED_MARKET_ROUNDS ?? DEFAULT_ROUNDS);
const NOW = 10_000_000;
const price = (value: number): Price => BigInt(value) as Price;

describe(`over ${ROUNDS} random rounds`, () => {
  for (const invariant of ROUND_INVARIANTS)
    test(`${invariant.number}: ${invariant.name}`, () => {
      expect(violationOf(invariant, { rounds: ROUNDS, seed: invariant.number })).toBeUndefined();
    });
});

describe("the checks themselves: a choker with a planted bug breaks them", () => {
  const patch = (change: (decision: MarketDecision, of: MarketRound) => MarketDecision): MarketChoker => {
    return (of) => change(auction(of), of);
  };
  const priced = (to: (slot: SoldSlot, of: MarketRound) => bigint): MarketChoker =>
    patch((d, of) => ({ ...d, sold: d.sold.map((slot) => ({ ...slot, price: to(slot, of) as Price })) }));
  const ownBid = (slot: SoldSlot, of: MarketRound): bigint =>
    of.candidates.find(({ id }) => id === slot.id)?.bid?.price ?? 0n;
  const planted: readonly [string, number, MarketChoker][] = [
    ["charges one more than the bid", 1, priced((slot, of) => ownBid(slot, of) + 1n)],
    ["charges one less than the reserve", 2, priced((slot) => slot.reserve - 1n)],
    ["charges everybody its own bid", 3, priced(ownBid)],
    [
      "sells to the lowest bidders",
      4,
      (of) =>
        auction({
          ...of,
          candidates: of.candidates.map((c) =>
            c.bid ? { ...c, bid: { ...c.bid, price: (300n - c.bid.price) as Price } } : c,
          ),
        }),
    ],
    [
      "chokes whoever bids much",
      5,
      patch((d, of) => ({
        ...d,
        unchoke: d.unchoke.filter((id) => (of.candidates.find((c) => c.id === id)?.bid?.price ?? 0n) < 150n),
      })),
    ],
    ["charges a part of the bid", 6, priced((slot, of) => (ownBid(slot, of) * 9n) / 10n)],
    ["charges a sole bidder more", 9, priced((slot) => slot.price + 1n)],
    [
      "sells the optimistic slot",
      10,
      patch((d, of) => ({
        ...d,
        sold: [
          ...d.sold,
          ...d.optimistic.map(({ id }) => ({
            id,
            price: 0n as Price,
            reserve: 0n as Price,
            reason: { type: "reserve" } as const,
            setAt: of.now,
          })),
        ],
      })),
    ],
    ["unchokes one too many", 10, (of) => auction({ ...of, slots: of.slots + 1 })],
    ["auctions every slot", 11, STRATEGIES.paper],
    [
      "takes the first that come",
      14,
      patch((d, of) => ({ ...d, unchoke: of.candidates.slice(0, of.slots).map(({ id }) => id) })),
    ],
    ["forgets prices", 15, (of) => auction({ ...of, candidates: of.candidates.map(({ lastPrice: _, ...c }) => c) })],
    ["lets the buyer name its price", 16, priced(ownBid)],
  ];
  for (const [name, number, choker] of planted)
    test(`${number}: ${name}`, () => {
      const checks = ROUND_INVARIANTS.filter((invariant) => invariant.number === number);
      const found = checks.map((invariant) => violationOf(invariant, { rounds: 2_000, seed: 5, choker }));
      expect(found.join()).toContain(`invariant ${number}`);
    });
});

function bidder(id: number, bid: number | undefined, changes: Partial<MarketCandidate> = {}): MarketCandidate {
  return {
    id,
    torrent: "t",
    identity: `i${id}`,
    addressGroup: `g${id}`,
    interested: true,
    banned: false,
    unchoked: false,
    downloadRate: 0,
    uploadRate: 0,
    connectedAt: NOW - 600_000,
    lastUnchokedAt: NOW - 300_000,
    channelCanPay: true,
    inSoldSlot: false,
    ...(bid === undefined ? {} : { bid: { price: price(bid), expiresAt: NOW + 60_000, signature: Uint8Array.of(id) } }),
    ...changes,
  };
}

interface RoundChanges extends Partial<MarketRound> {
  readonly seeding?: boolean;
  readonly reserve?: number;
}

function round(candidates: readonly MarketCandidate[], changes: RoundChanges = {}): MarketRound {
  const { seeding = false, reserve = 0, ...rest } = changes;
  return {
    candidates,
    torrents: new Map([["t", { seeding, reserve: price(reserve) }]]),
    slots: 4,
    optimisticSlots: 1,
    optimistic: [],
    optimisticBytesLeft: new Map(),
    now: NOW,
    salt: 7,
    ...rest,
  };
}

const soldTo = (of: MarketRound, choker: MarketChoker = auction): [number, number][] =>
  choker(of)
    .sold.map(({ id, price }): [number, number] => [id, Number(price)])
    .sort(([a], [b]) => a - b);

describe("who pays what", () => {
  const four = [bidder(1, 40), bidder(2, 30), bidder(3, 20), bidder(4, 10)];
  const cases: readonly [string, MarketRound, readonly [number, number][]][] = [
    [
      "leeching, nobody gives: all regular slots, at the first loser's bid",
      round(four),
      [
        [1, 10],
        [2, 10],
        [3, 10],
      ],
    ],
    [
      "a reserve above the loser's bid binds",
      round(four, { reserve: 15 }),
      [
        [1, 15],
        [2, 15],
        [3, 15],
      ],
    ],
    [
      "a reserve that equals a bid is met",
      round(four, { reserve: 20 }),
      [
        [1, 20],
        [2, 20],
        [3, 20],
      ],
    ],
    ["nobody meets the reserve", round(four, { reserve: 41 }), []],
    [
      "seeding: two thirds",
      round(four, { seeding: true }),
      [
        [1, 20],
        [2, 20],
      ],
    ],
    ["seeding, two regular slots: one", round(four, { seeding: true, slots: 3 }), [[1, 30]]],
    ["seeding, one regular slot: none", round(four, { seeding: true, slots: 2 }), []],
    ["no slot but the optimistic one", round(four, { slots: 1 }), []],
    ["no slot", round(four, { slots: 0 }), []],
    [
      "fewer bidders than slots: the reserve",
      round(four.slice(0, 2), { reserve: 5 }),
      [
        [1, 5],
        [2, 5],
      ],
    ],
    [
      "a giver keeps its slot, and pays nothing",
      round([...four, bidder(5, undefined, { downloadRate: 1 })]),
      [
        [1, 20],
        [2, 20],
      ],
    ],
    [
      "a giver's bid is not asked for",
      round([...four, bidder(5, 99, { downloadRate: 1 })]),
      [
        [1, 20],
        [2, 20],
      ],
    ],
    [
      "a seed does not barter",
      round([...four, bidder(5, 25, { downloadRate: 9 })], { seeding: true }),
      [
        [1, 25],
        [2, 25],
      ],
    ],
    [
      "who cannot pay sets no price",
      round([...four.slice(0, 3), bidder(4, 10, { channelCanPay: false })]),
      [
        [1, 0],
        [2, 0],
        [3, 0],
      ],
    ],
    [
      "a lapsed bid sets no price",
      round([
        ...four.slice(0, 3),
        { ...bidder(4, 0), bid: { price: price(10), expiresAt: NOW, signature: Uint8Array.of() } },
      ]),
      [
        [1, 0],
        [2, 0],
        [3, 0],
      ],
    ],
    [
      "a banned peer sets no price",
      round([...four.slice(0, 3), bidder(4, 10, { banned: true })]),
      [
        [1, 0],
        [2, 0],
        [3, 0],
      ],
    ],
    [
      "an identity bids once, its highest",
      round([...four.slice(0, 3), bidder(4, 35, { identity: "i2" })]),
      [
        [1, 0],
        [3, 0],
        [4, 0],
      ],
    ],
    [
      "of equal bids, the one whose turn is under way",
      round([bidder(1, 10), bidder(2, 10, { unchoked: true, inSoldSlot: true, lastUnchokedAt: NOW - 10_000 })], {
        slots: 2,
      }),
      [[2, 10]],
    ],
    [
      "of equal bids, the one that waited longer",
      round([bidder(1, 10), bidder(2, 10, { lastUnchokedAt: 1 })], {
        slots: 2,
        candidates: [bidder(1, 10), bidder(2, 10, { connectedAt: 5, lastUnchokedAt: 6 })],
      }),
      [[2, 10]],
    ],
  ];
  for (const [name, of, expected] of cases) test(name, () => expect(soldTo(of)).toEqual(expected));

  test("of equal bids, a turn that just ended waits", () => {
    const ended = bidder(1, 10, { lastUnchokedAt: NOW - 10_000 });
    for (let salt = 0; salt < 20; salt++)
      expect(soldTo(round([ended, bidder(2, 10)], { slots: 2, salt }))).toEqual([[2, 10]]);
  });

  test("the reason names the loser and its bid's signature, or the reserve", () => {
    const [slot] = auction(round(four)).sold;
    expect(slot?.reason).toEqual({ type: "loser", id: 4, signature: Uint8Array.of(4) });
    expect(auction(round(four, { reserve: 10 })).sold[0]?.reason).toEqual({ type: "reserve" });
  });

  test("an address group buys one slot, drawn by lot whatever the bids, and anew every 30 s", () => {
    const crowd = (high: number) =>
      Array.from({ length: 6 }, (_, i) => bidder(i + 1, i === 0 ? high : 10 + i, { addressGroup: "g" }));
    const winners = new Set<number>();
    for (let epoch = 0; epoch < 60; epoch++) {
      const at = (high: number) => {
        const now = NOW + epoch * 30_000;
        const candidates = crowd(high).map((c) => ({ ...c, bid: { ...c.bid, expiresAt: now + 1 } as never }));
        return soldTo(round(candidates, { now }));
      };
      expect(at(100)).toHaveLength(1);
      expect(at(100)).toEqual(at(11));
      winners.add(at(100)[0]?.[0] as number);
    }
    expect(winners.size).toBeGreaterThan(3);
  });

  test("a torrent that the round does not name is refused by name", () => {
    expect(() => auction(round([bidder(1, 1, { torrent: "other" })]))).toThrow(/market-torrent|torrent of candidate 1/);
  });
});

describe("a price that was set", () => {
  const set = (ageMs: number, at = 5): SetPrice => ({
    price: price(at),
    reserve: price(0),
    reason: { type: "reserve" },
    setAt: NOW - ageMs,
  });
  const with4 = (one: MarketCandidate, reserve = 0) =>
    soldTo(round([one, bidder(2, 30), bidder(3, 20), bidder(4, 10)], { reserve })).find(([id]) => id === 1)?.[1];

  test.each([
    ["holds below 30 s", bidder(1, 40, { lastPrice: set(29_999) }), 0, 5],
    ["lapses at 30 s", bidder(1, 40, { lastPrice: set(30_000) }), 0, 10],
    ["holds when the reserve rises", bidder(1, 40, { lastPrice: set(1) }), 20, 5],
    ["does not bind a bidder that no longer bids it", bidder(1, 40, { lastPrice: set(1, 41) }), 0, undefined],
    ["is met by a bid that equals it", bidder(1, 40, { lastPrice: set(1, 40) }), 0, 40],
    ["does not excuse a bid below the reserve", bidder(1, 40, { lastPrice: set(1) }), 41, undefined],
  ])("%s", (_name, one, reserve, expected) => expect(with4(one, reserve)).toBe(expected));
});

describe("free slots", () => {
  const plain = (id: number, changes: Partial<MarketCandidate> = {}): MarketCandidate => bidder(id, undefined, changes);

  test("slots that nobody buys go by the plain rule, none stays empty", () => {
    const peers = [bidder(1, 5), ...[2, 3, 4, 5, 6].map((id) => plain(id))];
    const decision = auction(round(peers));
    expect(decision.sold.map(({ id }) => id)).toEqual([1]);
    expect(decision.unchoke).toHaveLength(4);
  });

  test("a seed's plain clients get a third of the regular slots in turns, however many bid", () => {
    const bidders = Array.from({ length: 20 }, (_, i) => bidder(i + 1, 50 + i, { lastUnchokedAt: NOW - 40_000 }));
    const decision = auction(round([...bidders, plain(101), plain(102)], { seeding: true, slots: 4 }));
    expect(decision.sold).toHaveLength(2);
    expect(decision.unchoke.some((id) => id > 100)).toBe(true);
  });

  test("who loses a bought slot waits for a free one like anybody just served", () => {
    const ended = plain(1, { unchoked: true, inSoldSlot: true, lastUnchokedAt: NOW - 10_000 });
    const decision = auction(round([ended, plain(2), plain(3)], { seeding: true, slots: 2 }));
    const regular = decision.unchoke.filter((id) => !decision.optimistic.some((slot) => slot.id === id));
    expect(regular).not.toContain(1);
  });

  test("the optimistic slot stays until it rotates, unless its group used up its bytes", () => {
    const peers = [1, 2, 3, 4, 5].map((id) => plain(id, { downloadRate: id }));
    expect(auction(round(peers, { optimistic: [1], slots: 3 })).optimistic).toEqual([{ id: 1, maxBytes: 32 << 20 }]);
    const used = new Map([
      ["g1", 0],
      ["g2", 7],
    ]);
    const after = auction(round(peers, { optimistic: [1], slots: 3, optimisticBytesLeft: used })).optimistic;
    expect(after.map(({ id }) => id)).not.toContain(1);
    const last = auction(round(peers, { optimistic: [2], slots: 3, optimisticBytesLeft: used })).optimistic;
    expect(last).toEqual([{ id: 2, maxBytes: 7 }]);
  });

  test("a seed's optimistic peer takes no turn of the queue, and there is an optimistic slot wherever there is a slot", () => {
    const peers = [plain(1, { lastUnchokedAt: 1, connectedAt: 1 }), plain(2), plain(3), plain(4)];
    const changes = { seeding: true, slots: 2, optimistic: [1] };
    expect(auction(round(peers, changes)).optimistic.map(({ id }) => id)).toEqual([1]);
    expect(auction(round(peers, { slots: 1, optimisticSlots: 0 })).optimistic).toHaveLength(1);
  });

  test("of peers that give the same, the one unchoked longest ago keeps the slot", () => {
    for (let salt = 0; salt < 20; salt++) {
      const peers = [1, 2, 3].map((id) => plain(id, { downloadRate: 5, lastUnchokedAt: NOW - (id === 2 ? 9 : 8) }));
      expect(auction(round(peers, { slots: 2, salt })).barter).toEqual([2]);
    }
  });

  test("holders of one address group share its bytes", () => {
    const peers = [1, 2].map((id) => plain(id, { addressGroup: "g" }));
    const decision = auction(round(peers, { slots: 2, optimisticSlots: 2, optimisticBytesLeft: new Map([["g", 9]]) }));
    expect(decision.optimistic.map(({ maxBytes }) => maxBytes)).toEqual([4, 4]);
  });

  test("a bid breaks a tie for the optimistic slot between peers that were never unchoked, and only there", () => {
    const never = { lastUnchokedAt: 0 };
    for (let salt = 0; salt < 30; salt++) {
      const alike = [1, 2, 3].map((id) => bidder(id, id === 2 ? 9 : 1, never));
      expect(auction(round(alike, { slots: 1, salt })).optimistic[0]?.id).toBe(2);
    }
    const drawn = new Set<number>();
    for (let salt = 0; salt < 200; salt++) {
      const served = [1, 2, 3].map((id) => bidder(id, id === 2 ? 9 : 1));
      drawn.add(auction(round(served, { slots: 1, salt: salt * 65_537 })).optimistic[0]?.id as number);
    }
    expect(drawn.size).toBe(3);
  });

  test("a newcomer draws the optimistic slot about three times as often", () => {
    const old = [1, 2, 3, 4].map((id) => plain(id, { lastUnchokedAt: NOW - 1_000 }));
    const newcomers = [101, 102, 103, 104].map((id) => plain(id, { connectedAt: NOW - 1_000, lastUnchokedAt: 0 }));
    let count = 0;
    for (let salt = 0; salt < 2_000; salt++) {
      const [slot] = auction(round([...old, ...newcomers], { slots: 1, salt: salt * 2_654_435 })).optimistic;
      if ((slot?.id as number) > 100) count++;
    }
    expect(count / 2_000).toBeGreaterThan(0.7);
    expect(count / 2_000).toBeLessThan(0.8);
  });
});

describe("strategies to compare with", () => {
  const givers = [1, 2, 3].map((id) => bidder(id, undefined, { downloadRate: 100 * id }));
  const payer = bidder(4, 10);

  test("paper: a payer goes before every giver, at the losing bid or the reserve", () => {
    expect(soldTo(round([...givers, payer], { reserve: 3 }), STRATEGIES.paper)).toEqual([[4, 3]]);
    const decision = STRATEGIES.paper(round([...givers, payer], { slots: 2 }));
    expect(decision.barter).toEqual([]);
    expect(soldTo(round([payer, bidder(5, 8)], { slots: 2 }), STRATEGIES.paper)).toEqual([[4, 8]]);
  });

  test("tit-for-tat sells nothing", () => {
    const decision = STRATEGIES["tit-for-tat"](round([...givers, payer]));
    expect(decision.sold).toEqual([]);
    expect(decision.barter).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  test("tit-for-tat gives a banned peer nothing", () => {
    const decision = STRATEGIES["tit-for-tat"](round([...givers, bidder(9, 10, { banned: true, downloadRate: 999 })]));
    expect(decision.unchoke).not.toContain(9);
  });

  test("proportional: shares follow gifts and sum to at most one", () => {
    const { shares } = STRATEGIES.proportional(round([...givers, payer]));
    expect(Object.fromEntries(shares ?? [])).toEqual({ 1: 125_000, 2: 250_000, 3: 375_000, 4: 250_000 });
    const alone = STRATEGIES.proportional(round(givers, { seeding: true })).shares;
    expect([...(alone?.values() ?? [])]).toEqual([333_333, 333_333, 333_333]);
  });

  for (const name of ["paper", "tit-for-tat", "proportional"] as const)
    test(`${name}: fills every slot, sells no optimistic one, and does not depend on the candidates' order`, () => {
      const numbers = name === "paper" ? [1, 2, 3, 6, 10, 14] : [1, 2, 14];
      for (const invariant of ROUND_INVARIANTS.filter(({ number }) => numbers.includes(number)))
        expect(violationOf(invariant, { rounds: 2_000, seed: 99, choker: STRATEGIES[name] })).toBeUndefined();
    });
});
