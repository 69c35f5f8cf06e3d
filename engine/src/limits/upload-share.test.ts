/** Sharing out a scarce upload: who gets how much when all wait. */
import { describe, expect, test } from "vitest";
import { type Sharer, UploadShare } from "./upload-share.ts";

const BLOCK = 16_384;

/** Everybody always has requests; the limit lets one block through at a time, offered to each in turn. */
function serve(peers: readonly Sharer[], blocks: number, seeding: boolean): number[] {
  const share = new UploadShare();
  const served = peers.map(() => 0);
  let turn = 0;
  for (let sent = 0, tries = 0; sent < blocks && tries < 100 * blocks; tries++) {
    const at = turn++ % peers.length;
    const peer = peers[at] as Sharer;
    for (const other of peers) if (other !== peer) share.waits(other, seeding);
    share.rests(peer);
    if (!share.mayServe(peer, seeding)) continue;
    share.served(peer, BLOCK, seeding);
    served[at] = (served[at] as number) + 1;
    sent++;
  }
  return served.map((count) => count / blocks);
}

describe("a seed", () => {
  test("gives its buyers three fifths, however many the others are", () => {
    const free = Array.from({ length: 9 }, () => ({ sold: false }));
    const [bought] = serve([{ sold: true }, ...free], 5_000, true);
    expect(bought).toBeGreaterThan(0.55);
    expect(bought).toBeLessThan(0.65);
  });

  test("gives the others everything when no buyer waits", () => {
    expect(serve([{ sold: false }, { sold: false }], 100, true)).toEqual([0.5, 0.5]);
  });
});

test("of what we still download all slots are alike", () => {
  expect(serve([{ sold: true }, { sold: false }], 1_000, false)).toEqual([0.5, 0.5]);
});

test("a strategy's shares are kept, and nobody starves", () => {
  const shares = [600_000, 300_000, 100_000, 0];
  const served = serve(
    shares.map((uploadShare) => ({ sold: false, uploadShare })),
    20_000,
    false,
  );
  for (const [i, ppm] of shares.slice(0, 3).entries()) expect(served[i]).toBeCloseTo(ppm / 1_000_000, 1);
  expect(served[3]).toBeGreaterThan(0.001);
});
