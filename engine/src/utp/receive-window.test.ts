import { describe, expect, test } from "vitest";
import { ReceiveWindow } from "./receive-window.ts";

const packet = (bytes: number, fill = 0): Uint8Array => new Uint8Array(bytes).fill(fill);
const drain = (window: ReceiveWindow): number[] => {
  const out: number[] = [];
  for (let chunk = window.next(); chunk !== undefined; chunk = window.next()) out.push(chunk[0] as number);
  return out;
};

describe("ReceiveWindow", () => {
  test("puts packets in order across the end of the numbers, and tells what came early", () => {
    const window = new ReceiveWindow({ freeBytes: 1 << 20 }, 65_533);
    expect([65_535, 0, 9].map((n) => window.take(n, packet(10, n & 255)))).toEqual([true, true, true]);
    // 65534 is missing; the bits begin with 65535, so 9 is the eleventh.
    expect(window.selectiveAck()).toEqual(Uint8Array.of(0b11, 0b100, 0, 0));
    expect(window.take(0, packet(10))).toBe(false);
    expect(window.take(65_534, packet(10, 254))).toBe(true);
    expect(window.take(65_534, packet(10))).toBe(false);
    expect(drain(window)).toEqual([254, 255, 0]);
    expect(window.acknowledged).toBe(0);
  });

  test("is complete when all before the end has come; what lies beyond the end is dropped", () => {
    const window = new ReceiveWindow({ freeBytes: 1 << 20 }, 0);
    expect(window.take(4, packet(1, 4))).toBe(true);
    window.end(3);
    window.end(9);
    expect(window.take(3, packet(0))).toBe(true);
    expect(window.take(5, packet(1))).toBe(false);
    expect([window.take(2, packet(1, 2)), window.complete]).toEqual([true, false]);
    expect([window.take(1, packet(1, 1)), window.complete]).toEqual([true, true]);
    expect(drain(window)).toEqual([1, 2]);
  });

  test("holds a bounded number of packets and bytes, and gives all room back", () => {
    const shared = { freeBytes: 8 << 20 };
    const small = new ReceiveWindow(shared, 0);
    for (let n = 2; n < 5_000; n++) small.take(n, packet(1));
    expect(small.selectiveAck()?.length).toBe(128);
    expect(shared.freeBytes).toBe((8 << 20) - 1_023 * 256);
    const large = new ReceiveWindow(shared, 0);
    for (let n = 2; n < 1_000; n++) large.take(n, packet(1_400));
    expect(large.roomBytes).toBeLessThan(1_400);
    // The one that is missing is taken even so.
    expect(large.take(1, packet(1_400))).toBe(true);
    expect(drain(large).length).toBe(Math.floor((1 << 20) / 1_400) + 1);
    expect(large.roomBytes).toBe(1 << 20);
    small.clear();
    expect(shared.freeBytes).toBe(8 << 20);
  });

  test("those that hold all of the shared room leave the others some of their own", () => {
    const shared = { freeBytes: 100_000 };
    const greedy = new ReceiveWindow(shared, 0);
    for (let n = 2; n < 1_000; n++) greedy.take(n, packet(1_400));
    expect(shared.freeBytes).toBeLessThan(1_400);
    const other = new ReceiveWindow(shared, 0);
    expect(other.roomBytes).toBe(1 << 14);
    for (let n = 1; n < 1_000; n++) other.take(n, packet(1_400));
    expect(drain(other).length).toBe(11);
  });
});
