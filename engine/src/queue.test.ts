import fc from "fast-check";
import { expect, test } from "vitest";
import { type QueuedTorrent, runningTorrents } from "./queue.ts";

const torrent = (id: string, position: number, changes: Partial<QueuedTorrent> = {}): QueuedTorrent => ({
  id,
  position,
  finished: false,
  forced: false,
  paused: false,
  idle: false,
  ...changes,
});

const anyTorrents = fc
  .array(
    fc.record({
      position: fc.integer({ min: 0, max: 30 }),
      finished: fc.boolean(),
      forced: fc.boolean(),
      paused: fc.boolean(),
      idle: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((all) => all.map((one, i) => ({ id: `t${i}`, ...one })));
const anyLimits = fc.record({
  downloads: fc.integer({ min: 0, max: 6 }),
  seeds: fc.integer({ min: 0, max: 6 }),
  total: fc.integer({ min: 0, max: 10 }),
});

test("the first in line run; one that is done, paused or idle makes room", () => {
  const limits = { downloads: 1, seeds: 1, total: 10 };
  const line = [torrent("a", 0), torrent("b", 1), torrent("c", 2)];
  expect([...runningTorrents(line, limits)]).toEqual(["a"]);
  expect([...runningTorrents([torrent("a", 0, { finished: true }), ...line.slice(1)], limits)]).toEqual(["b", "a"]);
  expect([...runningTorrents([torrent("a", 0, { paused: true }), ...line.slice(1)], limits)]).toEqual(["b"]);
  expect([...runningTorrents([torrent("a", 0, { idle: true }), ...line.slice(1)], limits)]).toEqual(["a", "b"]);
});

test("whatever the line: limits hold, the forced run, the paused do not, and nobody waits behind a free place", () => {
  fc.assert(
    fc.property(anyTorrents, anyLimits, (torrents, limits) => {
      const running = runningTorrents(torrents, limits);
      const counted = torrents.filter(({ id, forced }) => running.has(id) && !forced);
      const busy = counted.filter(({ idle }) => !idle);
      expect(counted.length).toBeLessThanOrEqual(limits.total);
      expect(busy.filter(({ finished }) => !finished).length).toBeLessThanOrEqual(limits.downloads);
      expect(busy.filter(({ finished }) => finished).length).toBeLessThanOrEqual(limits.seeds);
      for (const t of torrents) {
        if (t.paused) expect(running.has(t.id)).toBe(false);
        else if (t.forced) expect(running.has(t.id)).toBe(true);
        else if (!running.has(t.id)) {
          const taken = busy.filter(({ finished }) => finished === t.finished).length;
          expect(taken >= (t.finished ? limits.seeds : limits.downloads) || counted.length >= limits.total).toBe(true);
          // Whoever holds the place came before.
          for (const other of busy.filter(({ finished }) => finished === t.finished))
            expect(other.position).toBeLessThanOrEqual(t.position);
        }
      }
    }),
  );
});
