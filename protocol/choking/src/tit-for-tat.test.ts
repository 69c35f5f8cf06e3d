import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candidate, ChokeInput } from "./choker.ts";
import { titForTat } from "./tit-for-tat.ts";

const NOW = 10_000_000;

function candidate(id: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    id,
    interested: true,
    unchoked: false,
    downloadRate: 0,
    uploadRate: 0,
    connectedAt: NOW - 600_000,
    lastUnchokedAt: 0,
    paying: false,
    barred: false,
    ...changes,
  };
}

function input(candidates: readonly Candidate[], changes: Partial<ChokeInput> = {}): ChokeInput {
  return {
    candidates,
    slots: 4,
    optimisticSlots: 1,
    seeding: false,
    optimistic: [],
    now: NOW,
    salt: 1,
    ...changes,
  };
}

const anyCandidates = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 200 }),
    interested: fc.boolean(),
    unchoked: fc.boolean(),
    downloadRate: fc.integer({ min: 0, max: 1_000_000 }),
    uploadRate: fc.integer({ min: 0, max: 1_000_000 }),
    connectedAt: fc.integer({ min: 0, max: NOW }),
    lastUnchokedAt: fc.integer({ min: 0, max: NOW }),
    paying: fc.boolean(),
    barred: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);
const anyInput = fc.record({
  candidates: anyCandidates,
  slots: fc.integer({ min: 0, max: 20 }),
  optimisticSlots: fc.integer({ min: 0, max: 4 }),
  seeding: fc.boolean(),
  optimistic: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 4 }),
  now: fc.constant(NOW),
  salt: fc.integer(),
});

describe("titForTat, any round", () => {
  test("unchokes everybody who pays, and of the others at most `slots`, who are interested and not barred", () => {
    fc.assert(
      fc.property(anyInput, (round) => {
        const { unchoke, optimistic } = titForTat(round);
        expect(new Set(unchoke).size).toBe(unchoke.length);
        const byId = new Map(round.candidates.map((c) => [c.id, c]));
        const free = unchoke.map((id) => byId.get(id) as Candidate).filter((c) => !c.paying);
        expect(free.length).toBeLessThanOrEqual(round.slots);
        expect(free.every((c) => c.interested && !c.barred)).toBe(true);
        for (const c of round.candidates) if (c.paying) expect(unchoke).toContain(c.id);
        expect(optimistic.length).toBeLessThanOrEqual(Math.min(round.optimisticSlots, round.slots));
        for (const id of optimistic) expect(unchoke).toContain(id);
      }),
    );
  });

  test("leaves no slot empty while somebody waits for one", () => {
    fc.assert(
      fc.property(anyInput, (round) => {
        const waiting = round.candidates.filter((c) => c.interested && !c.paying && !c.barred).length;
        const paying = round.candidates.filter((c) => c.paying).length;
        expect(titForTat(round).unchoke.length).toBe(paying + Math.min(round.slots, waiting));
      }),
    );
  });

  test("is the same for the same input, whatever the order of the candidates", () => {
    fc.assert(
      fc.property(anyInput, fc.integer(), (round, seed) => {
        const mixed = [...round.candidates].sort((a, b) => ((a.id * 7919) ^ seed) - ((b.id * 7919) ^ seed));
        const sorted = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);
        expect(sorted(titForTat({ ...round, candidates: mixed }).unchoke)).toEqual(sorted(titForTat(round).unchoke));
      }),
    );
  });

  test("does not change for the others when one more peer pays", () => {
    fc.assert(
      fc.property(anyInput, (round) => {
        const free = round.candidates.map((c) => ({ ...c, paying: false }));
        const extra = candidate(1_000, { paying: true });
        const before = titForTat({ ...round, candidates: free }).unchoke;
        const after = titForTat({ ...round, candidates: [...free, extra] }).unchoke;
        expect(after.filter((id) => id !== extra.id).sort()).toEqual([...before].sort());
      }),
    );
  });
});

describe("titForTat, leeching", () => {
  test("nobody is choked while a regular slot goes to one who gives less", () => {
    fc.assert(
      fc.property(anyInput, (round) => {
        const { unchoke } = titForTat({ ...round, seeding: false });
        const regular = round.slots - Math.min(round.optimisticSlots, round.slots);
        const free = round.candidates.filter((c) => c.interested && !c.paying && !c.barred);
        for (const choked of free.filter((c) => !unchoke.includes(c.id))) {
          const ahead = free.filter((c) => unchoke.includes(c.id) && c.downloadRate >= choked.downloadRate);
          expect(ahead.length).toBeGreaterThanOrEqual(choked.downloadRate > 0 ? regular : 0);
        }
      }),
    );
  });

  test("the best uploaders to us keep all slots but the optimistic one", () => {
    const peers = Array.from({ length: 20 }, (_, i) => candidate(i + 1, { downloadRate: (i + 1) * 1_000 }));
    const { unchoke, optimistic } = titForTat(input(peers));
    expect(unchoke).toEqual(expect.arrayContaining([20, 19, 18]));
    expect(optimistic).toHaveLength(1);
    expect([20, 19, 18]).not.toContain(optimistic[0]);
  });

  test("a peer that gives nothing is served by the optimistic slot alone when others give", () => {
    const givers = Array.from({ length: 8 }, (_, i) => candidate(i + 1, { downloadRate: 50_000 }));
    const takers = Array.from({ length: 8 }, (_, i) => candidate(i + 101));
    let served = 0;
    for (let salt = 0; salt < 400; salt++) {
      const { unchoke } = titForTat(input([...givers, ...takers], { salt }));
      const free = unchoke.filter((id) => id > 100).length;
      expect(free).toBeLessThanOrEqual(1);
      served += free;
    }
    expect(served).toBeGreaterThan(100);
  });

  test("a newcomer draws the optimistic slot about three times as often (BEP 3)", () => {
    const old = Array.from({ length: 4 }, (_, i) => candidate(i + 1, { lastUnchokedAt: NOW - 1_000 }));
    const fresh = Array.from({ length: 4 }, (_, i) => candidate(i + 101, { connectedAt: NOW - 1_000 }));
    let newcomers = 0;
    const rounds = 4_000;
    for (let salt = 0; salt < rounds; salt++) {
      const { unchoke } = titForTat(input([...old, ...fresh], { slots: 1, salt: salt * 2_654_435 }));
      if ((unchoke[0] as number) > 100) newcomers++;
    }
    expect(newcomers / rounds).toBeGreaterThan(0.7);
    expect(newcomers / rounds).toBeLessThan(0.8);
  });

  test("an optimistic peer keeps its slot until it is due to rotate", () => {
    const peers = Array.from({ length: 20 }, (_, i) => candidate(i + 1, { downloadRate: (i + 1) * 1_000 }));
    for (let salt = 0; salt < 50; salt++) {
      expect(titForTat(input(peers, { optimistic: [3], salt })).optimistic).toEqual([3]);
    }
  });
});

describe("titForTat, seeding", () => {
  interface Served {
    /** Longest that any peer went without a slot, in rounds. */
    readonly longestWait: number;
    /** Rounds with a slot, by peer. */
    readonly rounds: readonly number[];
  }

  /** Rounds every ten seconds, the optimistic slot drawn anew every thirty, and peers unchoked `lateMs` after the round. */
  function serve(
    peers: number,
    rounds: number,
    { slots, salt, lateMs }: Record<"slots" | "salt" | "lateMs", number>,
  ): Served {
    let state = Array.from({ length: peers }, (_, i) => candidate(i + 1));
    let optimistic: readonly number[] = [];
    const servedAt = new Map(state.map(({ id }) => [id, -1]));
    const turns = new Map(state.map(({ id }) => [id, 0]));
    let longestWait = 0;
    for (let round = 0; round < rounds; round++) {
      const now = NOW + round * 10_000;
      if (round % 3 === 0) optimistic = [];
      const decision = titForTat(input(state, { seeding: true, slots, optimistic, now, salt }));
      optimistic = decision.optimistic;
      for (const id of decision.unchoke) {
        servedAt.set(id, round);
        turns.set(id, (turns.get(id) as number) + 1);
      }
      for (const at of servedAt.values()) longestWait = Math.max(longestWait, round - at);
      state = state.map((c) => {
        const unchoked = decision.unchoke.includes(c.id);
        return { ...c, unchoked, lastUnchokedAt: unchoked && !c.unchoked ? now + lateMs : c.lastUnchokedAt };
      });
    }
    return { longestWait, rounds: [...turns.values()] };
  }

  const anySwarm = fc.record({
    peers: fc.integer({ min: 1, max: 40 }),
    slots: fc.integer({ min: 2, max: 10 }),
    salt: fc.integer(),
    lateMs: fc.integer({ min: 0, max: 100 }),
  });

  test("nobody who is interested waits longer than the queue is, a turn of three rounds each", () => {
    fc.assert(
      fc.property(anySwarm, ({ peers, ...swarm }) => {
        const bound = 3 * Math.ceil(peers / (swarm.slots - 1)) + 3;
        expect(serve(peers, 4 * bound, swarm).longestWait).toBeLessThanOrEqual(bound);
      }),
    );
  });

  test("no peer keeps a slot while others wait: over time all are served alike", () => {
    for (const slots of [2, 4, 8]) {
      const { rounds } = serve(12, 1_200, { slots, salt: 5, lateMs: 3 });
      const fair = (1_200 * slots) / 12;
      expect(Math.min(...rounds)).toBeGreaterThan(fair * 0.75);
      expect(Math.max(...rounds)).toBeLessThan(fair * 1.25);
    }
  });

  test("a regular slot never goes to a peer while one that waited longer, or connected sooner, is left out", () => {
    fc.assert(
      fc.property(anyInput, (round) => {
        const seeding = { ...round, seeding: true, optimisticSlots: 0 };
        const { unchoke } = titForTat(seeding);
        const waits = (c: Candidate): boolean => c.interested && !c.paying && !c.barred && !c.unchoked;
        const since = (c: Candidate): number => Math.max(c.lastUnchokedAt, c.connectedAt);
        const waiting = round.candidates.filter(waits);
        const latest = Math.max(...waiting.filter((c) => unchoke.includes(c.id)).map(since));
        for (const c of waiting) if (!unchoke.includes(c.id)) expect(since(c)).toBeGreaterThanOrEqual(latest);
      }),
    );
  });

  test("connecting again does not bring a turn sooner", () => {
    const honest = Array.from({ length: 12 }, (_, i) => candidate(i + 1));
    let [now, nextId] = [NOW, 1_000];
    let cheat = candidate(nextId++, { connectedAt: now });
    let state: Candidate[] = [...honest];
    let cheated = 0;
    const turns = new Map<number, number>();
    for (let round = 0; round < 200; round++) {
      cheat = candidate(nextId++, { connectedAt: now - 61_000 });
      const { unchoke, optimistic } = titForTat(input([...state, cheat], { seeding: true, now, salt: round }));
      const regular = unchoke.filter((id) => !optimistic.includes(id));
      if (regular.includes(cheat.id)) cheated++;
      state = state.map((c) => {
        const unchoked = unchoke.includes(c.id);
        if (regular.includes(c.id)) turns.set(c.id, (turns.get(c.id) ?? 0) + 1);
        return { ...c, unchoked, lastUnchokedAt: unchoked && !c.unchoked ? now : c.lastUnchokedAt };
      });
      now += 10_000;
    }
    const fair = [...turns.values()].reduce((sum, n) => sum + n, 0) / honest.length;
    expect(cheated).toBeLessThanOrEqual(fair);
  });
});
