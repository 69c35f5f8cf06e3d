/** Super-seeding: the rules against swarms by chance, and real engines that share one seed. */
import { randomInt, seededRandom } from "@everseed/core";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Bitfield } from "../piece/bitfield.ts";
import { AddressFilter } from "../swarm/address-filter.ts";
import { DatagramRig } from "../utp/datagram-rig.ts";
import { EngineRig, INNER_PORT, type RigPeer, storageWith, torrentOf } from "../utp/engine-rig.ts";
import { PATIENCE_MS, type Reveal, SuperSeeding } from "./super-seeding.ts";

interface SimPeer {
  readonly id: number;
  readonly have: Bitfield;
  readonly shown: Set<number>;
}

/** A swarm of the rules alone. Each turn is a second. */
class Swarm {
  readonly plan: SuperSeeding;
  readonly peers: SimPeer[] = [];
  readonly reveals: Reveal[] = [];
  now = 0;
  readonly pieces: number;
  onReveal: (reveal: Reveal) => void = () => undefined;

  constructor(pieces: number, seed: number) {
    this.pieces = pieces;
    this.plan = new SuperSeeding(pieces, seededRandom(seed));
  }

  join(): SimPeer {
    const peer = { id: this.peers.length + 1, have: new Bitfield(this.pieces), shown: new Set<number>() };
    this.peers.push(peer);
    this.plan.declared(peer.id, peer.have, this.now);
    this.turn();
    return peer;
  }

  /** Returns the peers that were shown something. */
  turn(): SimPeer[] {
    const shown = this.plan.reveals(this.now);
    for (const reveal of shown) {
      this.onReveal(reveal);
      this.reveals.push(reveal);
      this.peers[reveal.peer - 1]?.shown.add(reveal.piece);
    }
    return shown.map(({ peer }) => this.peers[peer - 1] as SimPeer);
  }

  get(peer: SimPeer, piece: number): void {
    if (peer.have.add(piece)) this.plan.seen(peer.id, piece, this.now);
  }
}

describe("what is revealed", () => {
  test("in any swarm every piece is, one a peer at a time, and none again while another was shown to nobody", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 8 }), fc.nat(), (pieces, count, seed) => {
        const swarm = new Swarm(pieces, seed);
        const random = seededRandom(seed + 1);
        const out = new Set<number>();
        const waiting = new Map<number, number>();
        swarm.onReveal = ({ peer, piece }) => {
          // All that is shown again has been shown while nothing new was left.
          expect(out.has(piece) && out.size < pieces).toBe(false);
          expect(swarm.plan.hides(peer, piece)).toBe(false);
          const before = waiting.get(peer);
          // Before the next, the last one was passed on, unless nobody had the chance for long.
          if (before !== undefined) {
            const holders = swarm.peers.filter(({ have }) => have.has(before)).length;
            expect(holders >= 2 || holders === swarm.peers.length).toBe(true);
          }
          waiting.set(peer, piece);
          out.add(piece);
        };
        for (let i = 0; i < count; i++) swarm.join();
        for (let turns = 0; !swarm.plan.over && turns < 5_000; turns++) {
          swarm.now += 100;
          for (const peer of swarm.peers) {
            const sources = swarm.peers.flatMap((other) => (other === peer ? [] : [...pieceList(other.have)]));
            const wanted = [...peer.shown, ...sources].filter((piece) => !peer.have.has(piece));
            if (wanted.length > 0) swarm.get(peer, wanted[randomInt(random, wanted.length)] as number);
          }
          swarm.turn();
        }
        expect(swarm.plan.over).toBe(true);
        expect(out.size).toBe(pieces);
        // Hardly more than a copy.
        expect(swarm.reveals.length).toBeLessThanOrEqual(pieces + count);
      }),
      { numRuns: 200 },
    );
  });

  test("a single peer gets everything, one piece after the other", () => {
    const swarm = new Swarm(20, 1);
    const peer = swarm.join();
    for (let i = 0; i < 20; i++) {
      expect(peer.shown.size).toBe(i + 1);
      for (const piece of peer.shown) swarm.get(peer, piece);
      swarm.turn();
    }
    expect(peer.have.full).toBe(true);
    expect(swarm.plan.over).toBe(true);
  });

  test("a peer whose neighbours take nothing waits, less each time, and gets everything too", () => {
    const swarm = new Swarm(40, 1);
    const [peer] = [swarm.join(), swarm.join(), swarm.join()];
    swarm.get(peer, [...peer.shown][0] as number);
    swarm.now += PATIENCE_MS - 1;
    expect(swarm.turn()).toEqual([]);
    swarm.now += 1;
    expect(swarm.turn()).toContain(peer);
    for (let turns = 0; turns < 400 && !swarm.plan.over; turns++) {
      swarm.now += 1_000;
      for (const piece of peer.shown) swarm.get(peer, piece);
      swarm.turn();
    }
    expect(swarm.plan.over).toBe(true);
  });

  test("what a peer does not fetch is shown to others; one that fetches it is left in peace", () => {
    const swarm = new Swarm(2, 1);
    const [idle, slow] = [swarm.join(), swarm.join()];
    const [piece] = [...idle.shown] as [number];
    for (let second = 0; second < 70; second++) {
      swarm.now += 1_000;
      swarm.plan.progressed(slow.id, swarm.now);
      swarm.turn();
    }
    expect(slow.shown.has(piece)).toBe(false);
    const third = swarm.join();
    expect([...third.shown]).toEqual([piece]);
  });

  test("peers that pay are shown everything, others only what they were shown; with another seed all is open", () => {
    const swarm = new Swarm(10, 1);
    const [free, paying] = [swarm.join(), swarm.join()];
    swarm.plan.exempt(paying.id);
    const hidden = (peer: SimPeer): number =>
      Array.from({ length: 10 }, (_, piece) => swarm.plan.hides(peer.id, piece)).filter(Boolean).length;
    expect([hidden(free), hidden(paying)]).toEqual([9, 0]);
    const seed = new Bitfield(10);
    seed.fill();
    swarm.plan.declared(99, seed, 0);
    expect([swarm.plan.over, hidden(free)]).toEqual([true, 0]);
  });

  test("when peers leave with the only copies, their pieces are shown again", () => {
    const swarm = new Swarm(3, 1);
    const [first, second] = [swarm.join(), swarm.join()];
    for (const peer of [first, second]) swarm.get(peer, [...peer.shown][0] as number);
    swarm.plan.left(first.id);
    swarm.plan.left(second.id);
    const third = swarm.join();
    for (let i = 0; i < 3; i++) {
      for (const piece of third.shown) swarm.get(third, piece);
      swarm.turn();
    }
    expect(third.have.full).toBe(true);
  });
});

function pieceList(field: Bitfield): number[] {
  return Array.from({ length: field.length }, (_, piece) => piece).filter((piece) => field.has(piece));
}

const rigs: EngineRig[] = [];
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.stop()));
});

/** One seed and leechers that all know each other. Returns how many copies the seed sent until all had everything. */
async function swarm(
  leechers: number,
  how: { superSeeding: boolean; seed: number; mesh?: boolean; uploadLimit?: number },
) {
  const content = seededRandom(how.seed)(2_000_000);
  const metainfo = torrentOf(content, 32_768);
  const rig = new DatagramRig(how.seed, {
    ...{ delayMs: 15, jitterMs: 5 * how.seed, loss: 0.002 * how.seed, bytesPerSecond: 400_000, queueBytes: 60_000 },
  });
  const engines = new EngineRig(rig);
  rigs.push(engines);
  const storage = storageWith(new Uint8Array());
  const { superSeeding } = how;
  const torrent = { superSeeding, uploadLimit: how.uploadLimit ?? 1_000_000 };
  const seeder = await engines.add({ host: "192.0.2.100", metainfo, storage: storageWith(content), torrent });
  const others: RigPeer[] = [];
  const filter = how.mesh === false ? { filter: AddressFilter.parse("192.0.2.0/27") } : {};
  for (let i = 0; i < leechers; i++)
    others.push(await engines.add({ host: `192.0.2.${i + 1}`, metainfo, storage, ...filter }));
  const addresses = others.map((_, i) => ({ host: `192.0.2.${i + 1}`, port: INNER_PORT }));
  for (const { engine, torrent } of others) {
    engine.addPeers(torrent, [{ host: "192.0.2.100", port: INNER_PORT }, ...addresses]);
  }
  const done = await rig.until(() => others.every(({ torrent }) => torrent.state === "seeding"), 900_000);
  const copies = seeder.torrent.stats().uploadedBytes / content.length;
  return { done, copies, rig, others };
}

describe("engines with one seed", () => {
  test("a super-seed uploads little more than a copy before all four have everything", async () => {
    for (const seed of [1, 2, 3]) {
      const { done, copies } = await swarm(4, { superSeeding: true, seed });
      expect(done).toBe(true);
      expect(copies).toBeGreaterThanOrEqual(1);
      expect(copies).toBeLessThan(1.3);
    }
    const slow = await swarm(4, { superSeeding: true, seed: 7, uploadLimit: 100_000 });
    expect(slow.copies).toBeLessThan(1.3);
    const plain = await swarm(4, { superSeeding: false, seed: 1 });
    expect(plain.copies).toBeGreaterThan(1.3);
  });

  test("leechers that cannot reach each other get everything all the same", async () => {
    const { done, copies } = await swarm(2, { superSeeding: true, seed: 5, mesh: false });
    expect([done, Math.round(copies)]).toEqual([true, 2]);
  });

  test("a single leecher gets everything from it", async () => {
    const { done, copies } = await swarm(1, { superSeeding: true, seed: 4 });
    expect([done, Math.round(copies * 100)]).toEqual([true, 100]);
  });
});
