/** Auto-bid, reserve, bans and the estimate of the market's price. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { autoBid, BID_LIFE_MS, nextBid, REBID_MS, type SentBid } from "./auto-bid.ts";
import { createBanBook, offend } from "./bans.ts";
import { DEFAULT_ROUNDS } from "./market-compliance.ts";
import { contradictsHint, estimatePrice, type PriceVote, recordPrice } from "./market-price.ts";
import { MAX_PRICE, toPrice } from "./price.ts";
import {
  expNegative,
  hardenedReserve,
  PROOF_WINDOW_SECONDS,
  paperReserve,
  provenGroups,
  recordProof,
} from "./reserve.ts";

const numRuns = Number(process.env.EVERSEED_MARKET_ROUNDS ?? DEFAULT_ROUNDS);
const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });
const anyPrice = fc.bigInt({ min: 0n, max: 10n ** 12n }).map(toPrice);

describe("auto-bid", () => {
  const cap = toPrice(10n ** 12n);
  test.each([
    ["all of 1.00 over 1 GiB is 1.00 a GiB", { balance: 1_000_000n, bytesLeft: 1 << 30, cap }, 976_562_500n],
    [
      "half the rate is half the bid",
      { balance: 1_000_000n, bytesLeft: 1 << 30, cap, spendRatePpm: 500_000 },
      488_281_250n,
    ],
    ["a rate of 0 bids 0", { balance: 1_000_000n, bytesLeft: 1 << 30, cap, spendRatePpm: 0 }, 0n],
    [
      "the budget counts where it is less",
      { balance: 1_000_000n, budgetLeft: 1_000n, bytesLeft: 1 << 30, cap },
      976_562n,
    ],
    ["a budget that is overspent bids 0", { balance: 1_000_000n, budgetLeft: -5n, bytesLeft: 1 << 30, cap }, 0n],
    ["the last byte is capped", { balance: 10n ** 9n, bytesLeft: 1, cap }, 10n ** 12n],
    ["never above the user's limit", { balance: 10n ** 9n, bytesLeft: 1, cap, limit: toPrice(7n) }, 7n],
    ["nothing wanted, no bid", { balance: 10n ** 9n, bytesLeft: 0, cap }, undefined],
  ])("%s", (_name, input, expected) => expect(autoBid(input)).toBe(expected));

  test("is within cap and limit, and what it would cost is within balance and budget", () => {
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.integer({ min: 1, max: 2 ** 50 }),
        anyPrice,
        anyPrice,
        fc.nat(1_000_000),
        (balance, budgetLeft, bytesLeft, cap, limit, spendRatePpm) => {
          const bid = autoBid({ balance, budgetLeft, bytesLeft, cap, limit, spendRatePpm }) as bigint;
          for (const bound of [cap, limit]) expect(bid).toBeLessThanOrEqual(bound);
          for (const bound of [balance, budgetLeft])
            expect((bid * BigInt(bytesLeft)) >> 20n).toBeLessThanOrEqual(bound * 1_000_000n);
        },
      ),
    );
  });

  test("a spend rate outside 0 to 1 is refused by name", () => {
    for (const spendRatePpm of [-1, 1_000_001, 0.5, Number.NaN])
      expect(() => autoBid({ balance: 1n, bytesLeft: 1, cap, spendRatePpm })).toThrow(/spend rate/);
  });

  const step = fc.record({
    afterMs: fc.nat(90_000),
    wanted: fc.bigInt({ min: 0n, max: 1_000n }).map(toPrice),
    userChanged: fc.boolean(),
  });
  test("13: a bid is sent again at most once a minute and when it moved 10 %, unless the user changed something", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [now, last] = [0, undefined as SentBid | undefined];
        for (const { afterMs, wanted, userChanged } of steps) {
          now += afterMs;
          const next = nextBid({ last, wanted, now, userChanged });
          if (last !== undefined && next !== undefined && !userChanged) {
            expect(now - last.sentAt).toBeGreaterThanOrEqual(REBID_MS);
            const moved = next.price > last.price ? next.price - last.price : last.price - next.price;
            if (moved > 0n) expect(moved * 10n).toBeGreaterThanOrEqual(last.price);
            else expect(now - last.sentAt).toBeGreaterThan(BID_LIFE_MS / 2);
          }
          if (next !== undefined) last = next;
          if (last !== undefined && userChanged) expect(last.price).toBe(wanted);
        }
      }),
      { numRuns },
    );
  });

  test.each([
    ["first", undefined, 5n, 0, false, 5n],
    ["within a minute", 100n, 200n, 59_999, false, undefined],
    ["after a minute", 100n, 200n, 60_000, false, 200n],
    ["moved 9 %", 100n, 109n, 60_000, false, undefined],
    ["moved 10 % up", 100n, 110n, 60_000, false, 110n],
    ["moved 10 % down", 100n, 90n, 60_000, false, 90n],
    ["the user changed it by 1", 100n, 101n, 0, true, 101n],
    ["the user changed nothing that counts", 100n, 100n, 70_000, true, undefined],
    ["about to lapse", 100n, 101n, BID_LIFE_MS - 120_000, false, 100n],
    ["from nothing", 0n, 1n, 60_000, false, 1n],
  ])("sends again: %s", (_name, last, wanted, afterMs, userChanged, expected) => {
    const sent = last === undefined ? undefined : { price: toPrice(last), sentAt: 0 };
    expect(nextBid({ last: sent, wanted: toPrice(wanted), now: afterMs, userChanged })?.price).toBe(expected);
  });
});

describe("reserve", () => {
  const curve = { max: toPrice(10n ** 18n), tauSeconds: 86_400, completedAt: 1_000 };
  const hardened = (elapsed: number, provenGroups = 0, max = curve.max, tauSeconds = 86_400) =>
    hardenedReserve({
      max,
      tauSeconds,
      completedAt: 1_000,
      now: 1_000 + elapsed,
      provenGroups,
      rivalWeightPpm: 1_000_000,
    });

  test("follows 1 - e^-x to within what floating point can tell", () => {
    for (const x of [0, 0.001, 0.5, 1, 2, 5, 10, 30]) {
      expect(Number(expNegative(BigInt(Math.round(x * 2 ** 20)))) / 2 ** 80).toBeCloseTo(
        Math.exp(-Math.round(x * 2 ** 20) / 2 ** 20),
        14,
      );
    }
    expect(expNegative(0n)).toBe(1n << 80n);
    expect(expNegative(1n << 20n) / 10n ** 9n).toBe(444738954937557n);
    expect(expNegative(33n << 20n)).toBe(0n);
  });

  test("e^-x falls strictly at every one of its arguments", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 32 * 2 ** 20 - 1 }), (x) => {
        expect(expNegative(BigInt(x + 1))).toBeLessThan(expNegative(BigInt(x)));
      }),
      { numRuns: 2_000 },
    );
  });

  test("is 0 at completion, monotone between proofs, at most rMax; a proof never raises it", () => {
    const elapsed = fc.nat(10 ** 9);
    const max = fc.oneof(anyPrice, fc.constant(MAX_PRICE));
    fc.assert(
      fc.property(
        elapsed,
        elapsed,
        fc.nat(300),
        max,
        fc.integer({ min: 1, max: 10 ** 8 }),
        (t, later, groups, max, tau) => {
          expect(hardened(0, groups, max, tau)).toBe(0n);
          const before = hardened(t, groups, max, tau);
          expect(hardened(t + later, groups, max, tau)).toBeGreaterThanOrEqual(before);
          expect(before).toBeLessThanOrEqual(max);
          expect(hardened(t, groups + 1, max, tau)).toBeLessThanOrEqual(before);
          const paper = (at: number, lastProofAt?: number) =>
            paperReserve({
              max,
              tauSeconds: tau,
              completedAt: 0,
              now: at,
              ...(lastProofAt === undefined ? {} : { lastProofAt }),
            });
          expect(paper(0)).toBe(0n);
          expect(paper(t + later)).toBeGreaterThanOrEqual(paper(t));
          expect(paper(t + later, t)).toBeLessThanOrEqual(paper(t + later));
          expect(paper(t, t)).toBe(0n);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("63 % after one time constant; one rival halves it; a proof resets the paper's and not ours", () => {
    expect(Number(hardened(86_400)) / 1e18).toBeCloseTo(1 - 1 / Math.E, 6);
    expect(hardened(86_400, 1)).toBe(hardened(86_400) / 2n);
    expect(paperReserve({ ...curve, now: 90_000, lastProofAt: 90_000 })).toBe(0n);
    expect(hardened(89_000, 3)).toBeGreaterThan(0n);
    expect(hardened(-50)).toBe(0n);
  });

  test("an address group counts once, for a day; the records are bounded", () => {
    let records = recordProof([], { addressGroup: "a", at: 0 });
    records = recordProof(records, { addressGroup: "a", at: 10 });
    expect(provenGroups(records, 10)).toBe(1);
    expect(provenGroups(records, 9 + PROOF_WINDOW_SECONDS)).toBe(1);
    expect(provenGroups(records, 10 + PROOF_WINDOW_SECONDS)).toBe(0);
    for (let i = 0; i < 1_000; i++) records = recordProof(records, { addressGroup: `${i}`, at: 20 });
    expect(records).toHaveLength(256);
  });
});

describe("bans", () => {
  test("the first offence chokes; each further one bans twice as long, to a day; quiet hours take them away", () => {
    let record = offend(undefined, 0);
    expect(record.until).toBe(0);
    const lengths: number[] = [];
    for (let i = 0; i < 16; i++) {
      const now = record.until + 1;
      record = offend(record, now);
      lengths.push((record.until - now) / 60_000);
    }
    expect(lengths.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(lengths.at(-1)).toBe(1_440);
    expect(offend(record, record.until + 16 * 3_600_000).until).toBe(record.until + 16 * 3_600_000);
  });

  test("a ban never ends sooner by another offence, whatever the times", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4_000_000), { maxLength: 40 }), (gaps) => {
        let [now, record] = [0, offend(undefined, 0)];
        for (const gap of gaps) {
          now += gap;
          const next = offend(record, now);
          expect(next.until).toBeGreaterThanOrEqual(record.until);
          expect(next.until - now).toBeLessThanOrEqual(24 * 3_600_000);
          record = next;
        }
      }),
    );
  });

  test("a flood of new names stays within the book's bound and frees nobody with a longer ban", () => {
    const book = createBanBook(50);
    for (let i = 0; i < 6; i++) book.offend("worst", 0);
    for (let i = 0; i < 5_000; i++) book.offend(`minted ${i}`, 1);
    expect(book.size).toBeLessThanOrEqual(50);
    expect(book.banned("worst", 1)).toBe(true);
    expect(book.banned("worst", 24 * 3_600_000)).toBe(false);
    expect(book.banned("nobody", 0)).toBe(false);
  });
});

describe("the market's price", () => {
  const vote = (addressGroup: string, price: bigint, signal: PriceVote["signal"] = "offer", at = 0): PriceVote => ({
    addressGroup,
    price: toPrice(price),
    signal,
    at,
  });
  const told = (...prices: bigint[]): PriceVote[] => prices.map((price, i) => vote(`g${i}`, price));

  test("is the lower median of at least three address groups, each with its latest word", () => {
    expect(estimatePrice(told(1n, 2n), 0)).toBeUndefined();
    expect(estimatePrice(told(5n, 1n, 3n), 0)).toBe(3n);
    expect(estimatePrice(told(5n, 1n, 3n, 4n), 0)).toBe(3n);
    expect(estimatePrice(told(5n, 1n, 3n), 1_800_000)).toBeUndefined();
    expect(recordPrice(told(5n, 1n), vote("g0", 9n)).map(({ price }) => price)).toEqual([1n, 9n]);
  });

  test("a bid that lost below the estimate says nothing, one above raises it", () => {
    expect(estimatePrice([...told(5n, 1n, 3n), vote("x", 2n, "loss")], 0)).toBe(3n);
    expect(estimatePrice([...told(5n, 1n, 3n), vote("x", 8n, "loss"), vote("y", 8n, "loss")], 0)).toBe(5n);
  });

  test("a live bid below half of the tracker's word contradicts it", () => {
    expect([49n, 50n, 200n, 0n].map((live) => contradictsHint(toPrice(live), toPrice(100n)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(contradictsHint(toPrice(0n), toPrice(0n))).toBe(false);
  });

  test("stays within what honest sellers said while fewer than half lie", () => {
    const honest = fc.array(fc.bigInt({ min: 100n, max: 200n }), { minLength: 3, maxLength: 40 });
    const lie = fc.record({
      price: anyPrice,
      signal: fc.constantFrom("offer" as const, "win" as const, "loss" as const),
    });
    fc.assert(
      fc.property(honest, fc.array(lie, { maxLength: 39 }), (prices, lies) => {
        let votes: readonly PriceVote[] = [];
        for (const [i, price] of prices.entries()) votes = recordPrice(votes, vote(`honest ${i}`, price));
        for (const [i, { price, signal }] of lies.slice(0, prices.length - 1).entries())
          votes = recordPrice(votes, vote(`liar ${i}`, price, signal));
        const estimate = estimatePrice(votes, 0) as bigint;
        expect(estimate).toBeGreaterThanOrEqual(100n);
        expect(estimate).toBeLessThanOrEqual(200n);
      }),
      { numRuns: 1_000 },
    );
  });
});
