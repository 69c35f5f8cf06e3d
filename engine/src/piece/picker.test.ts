import { seededRandom } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bitfield } from "./bitfield.ts";
import { type Block, PiecePicker } from "./picker.ts";

const BLOCKS = 4;

function field(length: number, pieces: readonly number[] = []): Bitfield {
  const out = new Bitfield(length);
  for (const piece of pieces) out.add(piece);
  return out;
}

function full(length: number): Bitfield {
  const out = new Bitfield(length);
  out.fill();
  return out;
}

function picker(pieceCount: number, options: { have?: Bitfield; maxActive?: number; seed?: number } = {}) {
  const have = options.have ?? field(pieceCount);
  const made = new PiecePicker({
    pieceCount,
    have,
    blockCount: () => BLOCKS,
    allocate: () => new Uint8Array(BLOCKS),
    random: seededRandom(options.seed ?? 1),
    maxActive: options.maxActive ?? pieceCount,
  });
  return { picker: made, have };
}

const key = ({ piece, block }: Block): string => `${piece}:${block}`;

describe("PiecePicker", () => {
  test("takes the rarest piece that the peer has", () => {
    const { picker: p } = picker(4);
    const common = field(4, [0, 1, 2, 3]);
    p.addPeer(field(4, [0, 1, 2]));
    p.addPeer(field(4, [0, 1, 2]));
    p.addPeer(common);
    expect(p.pick(1, common, BLOCKS).every(({ piece }) => piece === 3)).toBe(true);
    expect(p.availability(3)).toBe(1);
    expect(p.availability(0)).toBe(3);
  });

  test("goes on with pieces that are begun before it begins another", () => {
    const { picker: p } = picker(10);
    const seed = full(10);
    p.addPeer(seed);
    const first = p.pick(1, seed, 1)[0] as Block;
    const rest = p.pick(2, seed, BLOCKS - 1);
    expect(rest.every(({ piece }) => piece === first.piece)).toBe(true);
  });

  test("lowest index first when told so", () => {
    const { picker: p } = picker(10);
    p.setSequential(true);
    const seed = full(10);
    p.addPeer(seed);
    expect(p.pick(1, seed, 3 * BLOCKS).map(({ piece }) => piece)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  });

  test("any swarm: no block is asked of two peers before the end game, all blocks are asked in the end, counts stay right", () => {
    const anySwarm = fc.record({
      pieces: fc.integer({ min: 1, max: 24 }),
      peers: fc.integer({ min: 1, max: 5 }),
      seed: fc.integer({ min: 1, max: 1 << 30 }),
      maxActive: fc.integer({ min: 2, max: 8 }),
    });
    fc.assert(
      fc.property(anySwarm, ({ pieces, peers, seed, maxActive }) => {
        const random = seededRandom(seed);
        const below = (n: number): number => (random(1)[0] as number) % n;
        const { picker: p, have } = picker(pieces, { maxActive, seed });
        const fields = Array.from({ length: peers }, () => full(pieces));
        for (const f of fields) p.addPeer(f);
        const asked = new Map<string, number>();
        const received = new Set<string>();
        for (let step = 0; step < 4_000 && have.count < pieces; step++) {
          const peer = below(peers) + 1;
          for (const block of p.pick(peer, fields[peer - 1] as Bitfield, 1 + below(4))) {
            expect(asked.has(key(block)), `${key(block)} is asked twice`).toBe(false);
            expect(received.has(key(block))).toBe(false);
            asked.set(key(block), peer);
          }
          expect(p.active.size).toBeLessThanOrEqual(maxActive);
          for (const active of p.active.values()) {
            const states = [...active.states];
            expect(active.free).toBe(states.filter((s) => s === 0).length);
            expect(active.received).toBe(states.filter((s) => s === 2).length);
          }
          const [under] = asked;
          if (under === undefined) continue;
          const [name, from] = under;
          const [piece, block] = name.split(":").map(Number) as [number, number];
          asked.delete(name);
          if (below(4) === 0) {
            p.release(piece, block);
            continue;
          }
          received.add(name);
          if (p.receive(piece, block, from)?.complete === true) {
            p.finish(piece);
            have.add(piece);
          }
        }
        expect(have.count).toBe(pieces);
        expect(received.size).toBe(pieces * BLOCKS);
      }),
      { numRuns: 60 },
    );
  });

  test("end game: a block under way is asked of two more peers at most, and only when nothing is left to begin", () => {
    const { picker: p } = picker(2);
    const seed = full(2);
    p.addPeer(seed);
    p.pick(1, seed, BLOCKS);
    expect(p.pickDuplicates(seed, 8, () => true)).toEqual([]);
    p.pick(1, seed, BLOCKS);
    for (let more = 0; more < 2; more++) expect(p.pickDuplicates(seed, 99, () => true)).toHaveLength(2 * BLOCKS);
    expect(p.pickDuplicates(seed, 99, () => true)).toEqual([]);
  });

  test("a block that two were asked for is free only when both gave it up", () => {
    const { picker: p } = picker(1);
    const seed = full(1);
    p.addPeer(seed);
    p.pick(1, seed, BLOCKS);
    p.pickDuplicates(seed, 1, () => true);
    p.release(0, 0);
    expect(p.pick(3, seed, 9)).toEqual([]);
    p.release(0, 0);
    expect(p.pick(3, seed, 9)).toEqual([{ piece: 0, block: 0 }]);
  });

  test("a piece that failed its hash is fetched from one peer alone", () => {
    const { picker: p } = picker(1);
    const seed = full(1);
    p.addPeer(seed);
    p.pick(1, seed, BLOCKS);
    for (let block = 0; block < BLOCKS; block++) p.receive(0, block, 1 + (block % 2));
    p.abandon(0, true);
    expect(p.pick(2, seed, 1)).toHaveLength(1);
    expect(p.pick(1, seed, 9)).toEqual([]);
    expect(p.pick(2, seed, 9)).toHaveLength(BLOCKS - 1);
  });

  test("the sole source that leaves makes room for another", () => {
    const { picker: p } = picker(1);
    const seed = full(1);
    p.addPeer(seed);
    p.pick(1, seed, BLOCKS);
    for (let block = 0; block < BLOCKS; block++) p.receive(0, block, 1);
    p.abandon(0, true);
    p.pick(2, seed, 1);
    p.release(0, 0);
    p.forgetPeer(2);
    expect(p.pick(1, seed, 9)).toHaveLength(BLOCKS);
  });

  test("is interested in what is missing and nothing else", () => {
    const { picker: p, have } = picker(3);
    expect(p.interestedIn(field(3, [1]))).toBe(true);
    have.add(1);
    p.finish(1);
    expect(p.interestedIn(field(3, [1]))).toBe(false);
    expect(p.interestedIn(field(3))).toBe(false);
  });
});

describe("Bitfield", () => {
  test("a field of the wrong size, or with spare bits set, is refused", () => {
    expect(Bitfield.from(Uint8Array.of(0xff), 9)).toBeUndefined();
    expect(Bitfield.from(Uint8Array.of(0xff, 0x81), 9)).toBeUndefined();
    expect(Bitfield.from(Uint8Array.of(0xff, 0x80), 9)?.full).toBe(true);
  });

  test("counts what it holds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(99)), (length, pieces) => {
        const wanted = new Set(pieces.filter((piece) => piece < length));
        const made = field(length, [...wanted]);
        expect(made.count).toBe(wanted.size);
        for (let i = 0; i < length; i++) expect(made.has(i)).toBe(wanted.has(i));
        expect(Bitfield.from(made.bytes.slice(), length)?.count).toBe(wanted.size);
      }),
    );
  });
});
