/** What the swarm model must keep whatever the strategy: bytes, money, capacities, bids, and its own past. */
import type { Price, StrategyName } from "@everseed/market";
import { describe, expect, test } from "vitest";
import { type BandwidthRule, Swarm, type SwarmPlan } from "./swarm-model.ts";
import { arrivalsWithin, drawPopulation } from "./swarm-peers.ts";

const PIECES = 32;
const PIECE_BYTES = 1 << 18;

interface Changes extends Partial<SwarmPlan> {
  readonly count?: number;
  readonly share?: number;
  readonly leavers?: boolean;
  readonly within?: number;
}

function plan({ count = 30, share = 0.5, leavers = false, within = 30, ...changes }: Changes = {}): SwarmPlan {
  const seed = changes.seed ?? 7;
  return {
    peers: drawPopulation({
      ...{ times: arrivalsWithin(count, within, seed), seeders: 1, seederUp: 512 << 10, bidderShare: share },
      ...{ leavers, seed },
    }),
    strategy: "auction",
    everybodySells: true,
    pieces: PIECES,
    pieceBytes: PIECE_BYTES,
    slots: 8,
    optimisticSlots: 1,
    dials: 16,
    maxConnections: 40,
    bandwidth: "paid-first",
    bidCap: 1_000_000_000_000n as Price,
    reserve: () => 0n as Price,
    seed,
    ...changes,
  };
}

function finish(of: SwarmPlan, each: (swarm: Swarm) => void = () => {}): Swarm {
  const swarm = new Swarm(of);
  while (!swarm.done && swarm.now < 10_000) {
    swarm.step();
    each(swarm);
  }
  return swarm;
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);
const STRATEGIES: readonly StrategyName[] = ["auction", "paper", "tit-for-tat", "proportional"];
const RULES: readonly BandwidthRule[] = ["paid-first", "surplus", "equal"];

describe.each(STRATEGIES)("a swarm under %s", (strategy) => {
  test.each(RULES)("moves no more than its peers can, and every byte once (%s)", (bandwidth) => {
    const of = plan({ strategy, bandwidth });
    let moved = 0;
    const swarm = finish(of, ({ uploaded, downloaded }) => {
      let [up, down] = [0, 0];
      for (const [i, peer] of of.peers.entries()) {
        expect(uploaded[i]).toBeLessThanOrEqual(peer.up);
        expect(downloaded[i]).toBeLessThanOrEqual(peer.down);
        up += uploaded[i] as number;
        down += downloaded[i] as number;
      }
      expect(up).toBe(down);
      moved += down;
    });
    expect(swarm.done).toBe(true);
    // Each of the 30 downloaders got the torrent once: nothing was lost, nothing came twice.
    expect(moved).toBe(30 * PIECES * PIECE_BYTES);
  });

  test("makes and loses no money, and charges nobody above its bid or what it has", () => {
    const of = plan({ strategy });
    const all = sum(new Swarm(of).money.balance);
    const swarm = finish(of, ({ money }) => {
      expect(sum(money.balance)).toBe(all);
      expect(money.balance.every((amount) => amount >= 0n)).toBe(true);
    });
    expect(sum(swarm.money.spent)).toBe(sum(swarm.money.earned));
    expect(swarm.slots.overcharges).toBe(0);
    expect(sum(swarm.money.spent) > 0n).toBe(strategy === "auction" || strategy === "paper");
  });

  test("is the same again from the same seed, and another from another", () => {
    const end = (seed: number): unknown => {
      const { completedAt, money } = finish(plan({ strategy, seed, leavers: true, within: 100 }));
      return [...completedAt, ...money.balance];
    };
    expect(end(3)).toEqual(end(3));
    expect(end(3)).not.toEqual(end(4));
  });
});

test("plain peers complete, whether they stay or leave, and need at least the time their line needs", () => {
  for (const leavers of [false, true]) {
    const of = plan({ share: 0, leavers });
    const swarm = finish(of);
    expect(swarm.done).toBe(true);
    for (const [i, peer] of of.peers.entries()) {
      if (peer.complete) continue;
      const seconds = (swarm.completedAt[i] as number) - peer.arrivesAt;
      expect(seconds).toBeGreaterThanOrEqual((PIECES * PIECE_BYTES) / peer.down);
      expect((swarm.leftAt[i] as number) >= 0).toBe(leavers);
    }
  }
});

test("where nobody bids, the auction is tit-for-tat", () => {
  const times = (strategy: StrategyName): number[] => [...finish(plan({ strategy, share: 0 })).completedAt];
  expect(times("auction")).toEqual(times("tit-for-tat"));
});

test("sellers are all peers, or only those that bid", () => {
  const of = plan({ everybodySells: false });
  const { money } = finish(of);
  expect(money.earned.some((amount) => amount > 0n)).toBe(true);
  for (const [i, earned] of money.earned.entries()) if (!money.bids[i]) expect(earned).toBe(0n);
});

test("counts of the links stay right while peers come, complete and go", () => {
  const of = plan({ leavers: true, within: 60 });
  finish(of, ({ links, now }) => {
    if (now % 20 !== 0) return;
    for (let link = 0; link < links.other.length; link++) {
      const [from, to] = [links.ownerOf(link), links.other[link] as number];
      if (to < 0) continue;
      let wanted = 0;
      for (let p = 0; p < PIECES; p++) if (links.has(from, p) && !links.has(to, p)) wanted++;
      expect(links.wanted[link]).toBe(wanted);
      expect(links.back[links.back[link] as number]).toBe(link);
    }
  });
});
