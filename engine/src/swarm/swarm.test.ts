import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "../limits/token-bucket.ts";
import { FaultLedger } from "./fault-ledger.ts";
import { PeerBook } from "./peer-book.ts";

const anyone = (): boolean => true;

describe("PeerBook", () => {
  test("names an address once until its attempt is over, later each time it fails, and gives it up in the end", () => {
    const book = new PeerBook();
    const address = { host: "10.0.0.1", port: 6_881 };
    book.add(address);
    book.add(address);
    let now = 0;
    let attempts = 0;
    let lastWait = 0;
    for (; attempts < 50; attempts++) {
      const begun = now;
      while (book.next(now, anyone) === undefined) {
        now += 500;
        if (now - begun > 3_600_000) break;
      }
      if (now - begun > 3_600_000) break;
      expect(book.next(now, anyone)).toBeUndefined();
      expect(now - begun).toBeGreaterThanOrEqual(lastWait);
      lastWait = now - begun;
      book.failed(address, now);
    }
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(10);
  });

  test("meets a peer that left again in ten seconds, another seeder in two minutes", () => {
    const book = new PeerBook();
    book.add({ host: "10.0.0.1", port: 1 });
    book.add({ host: "2001:db8::1", port: 2 });
    book.next(0, anyone);
    book.next(0, anyone);
    book.left("10.0.0.1:1", true, 0);
    book.left("[2001:db8::1]:2", false, 0);
    expect(book.next(9_999, anyone)).toBeUndefined();
    expect(book.next(10_000, anyone)).toEqual({ host: "10.0.0.1", port: 1 });
    expect(book.next(119_999, anyone)).toBeUndefined();
    expect(book.next(120_000, anyone)).toEqual({ host: "2001:db8::1", port: 2 });
  });

  test("those who meet in vain rest twice as long each time, an hour at most; until one wants something", () => {
    const book = new PeerBook();
    book.add({ host: "10.0.0.1", port: 1 });
    const any = (): boolean => true;
    const rests: number[] = [];
    let now = 0;
    for (let meeting = 0; meeting < 8; meeting++) {
      expect(book.next(now, any)).toBeDefined();
      book.left("10.0.0.1:1", false, now);
      const begun = now;
      while (book.next(now, any) === undefined) now += 1_000;
      book.left("10.0.0.1:1", false, begun);
      rests.push((now - begun) / 60_000);
      now = begun + 8 * 3_600_000;
    }
    expect(rests[0]).toBe(2);
    expect(Math.max(...rests)).toBe(60);
    expect(rests).toEqual([...rests].sort((a, b) => a - b));
    expect(book.next(now, any)).toBeDefined();
    book.left("10.0.0.1:1", true, now);
    expect(book.next(now + 10_000, any)).toBeDefined();
  });

  test("seeds that met rest for an hour at once, and are met again as soon as we lack something", () => {
    const book = new PeerBook();
    book.add({ host: "10.0.0.1", port: 1 });
    const any = (): boolean => true;
    book.next(0, any);
    book.left("10.0.0.1:1", false, 0, true);
    expect(book.next(3_599_999, any)).toBeUndefined();
    expect(book.next(1_000, any, true)).toBeDefined();
    book.left("10.0.0.1:1", true, 1_000);
    expect(book.next(2_000, any, true)).toBeUndefined();
    expect(book.next(11_000, any)).toBeDefined();
  });

  test("when it is full, an address that failed makes room for another; those that did not stay", () => {
    const book = new PeerBook();
    for (let port = 1; port <= 2_000; port++) book.add({ host: "10.0.0.1", port });
    const late = { host: "10.0.0.2", port: 1 };
    book.add(late);
    const named: string[] = [];
    const takeAll = (now: number): void => {
      for (let next = book.next(now, anyone); next !== undefined; next = book.next(now, anyone))
        named.push(`${next.host}:${next.port}`);
    };
    takeAll(0);
    expect(named).toHaveLength(2_000);
    for (let port = 1; port <= 2_000; port++) if (port !== 7) book.failed({ host: "10.0.0.1", port }, 0);
    book.add(late);
    named.length = 0;
    takeAll(0);
    expect(named).toEqual(["10.0.0.2:1"]);
    takeAll(Number.MAX_SAFE_INTEGER);
    expect(named).toHaveLength(1_999);
    book.left("10.0.0.1:7", true, 0);
    named.length = 0;
    takeAll(Number.MAX_SAFE_INTEGER);
    expect(named).toEqual(["10.0.0.1:7"]);
  });

  test("does not grow without bound, and leaves out banned hosts and impossible ports", () => {
    const book = new PeerBook();
    book.add({ host: "10.0.0.1", port: 0 });
    book.add({ host: "10.0.0.1", port: 65_536 });
    expect(book.next(0, anyone)).toBeUndefined();
    for (let i = 0; i < 10_000; i++) book.add({ host: `10.${i >> 8}.0.${i & 255}`, port: 1 });
    let named = 0;
    while (book.next(0, (host) => host !== "10.0.0.7") !== undefined) named++;
    expect(named).toBeLessThanOrEqual(2_000);
    expect(named).toBeGreaterThan(1_000);
  });
});

describe("FaultLedger", () => {
  test("bans after three faults within an hour, longer each time, and only the one who did it", () => {
    const ledger = new FaultLedger();
    let now = 1_000_000;
    let last = 0;
    for (let ban = 0; ban < 5; ban++) {
      for (let i = 0; i < 3; i++) {
        expect(ledger.banned("10.0.0.1", now)).toBe(false);
        ledger.record("10.0.0.1", now);
      }
      expect(ledger.banned("10.0.0.2", now)).toBe(false);
      let length = 0;
      while (ledger.banned("10.0.0.1", now + length)) length += 1_000;
      expect(length).toBeGreaterThan(last);
      last = length;
      now += length;
    }
    expect(last).toBeLessThanOrEqual(24 * 3_600_000);
  });

  test("faults that lie more than an hour apart are forgiven", () => {
    const ledger = new FaultLedger();
    for (let i = 0; i < 10; i++) ledger.record("10.0.0.1", i * 3_600_001);
    expect(ledger.banned("10.0.0.1", 10 * 3_600_001)).toBe(false);
  });
});

describe("TokenBucket", () => {
  test("over any time, lets through the rate and no more than a quarter second beyond it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000, max: 10_000_000 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 20, maxLength: 200 }),
        (rate, steps) => {
          const bucket = new TokenBucket(rate, 0);
          let [now, taken] = [0, 0];
          for (const step of steps) {
            while (bucket.take(16_384, now)) taken += 16_384;
            now += step;
          }
          while (bucket.take(16_384, now)) taken += 16_384;
          expect(taken).toBeLessThanOrEqual((rate * now) / 1000 + rate / 4 + 2 * 16_384);
          // A bucket that was never asked in vain has given all there was, but for what filled it up between two steps.
          expect(taken).toBeGreaterThanOrEqual(Math.min((rate * now) / 1000, rate / 4) - 16_384);
        },
      ),
    );
  });

  test("says when to come back, and no limit means never", () => {
    const bucket = new TokenBucket(1_000_000, 0);
    while (bucket.take(16_384, 0));
    const wait = bucket.waitMs(0);
    expect(wait).toBeGreaterThan(0);
    expect(bucket.take(1, wait)).toBe(true);
    const open = new TokenBucket(undefined, 0);
    expect(open.take(1e12, 0)).toBe(true);
    expect(open.waitMs(0)).toBe(0);
  });
});
