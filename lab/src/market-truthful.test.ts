/** The measurement itself: it repeats from its seed, finds no gain where none is promised, and sees the limits that there are. */
import { expect, test } from "vitest";
import { measureTruthfulness } from "./market-truthful.ts";

test("no bid but one's value pays for one slot; phantom bids, shading and free slots do", () => {
  const rows = measureTruthfulness(3_000, 4);
  expect(measureTruthfulness(3_000, 4)).toEqual(rows);
  for (const row of rows) {
    expect(row.rounds).toBeGreaterThan(100);
    if (row.promise) expect([row.gaining, row.netPercent < 0]).toEqual([0, true]);
    else expect(row.gaining).toBeGreaterThan(0);
  }
});
