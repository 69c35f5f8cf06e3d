/** Proofs of possession between two markets: what a reserve learns from them, and what a prover without the data gets. */
import { sha1, sha256, utf8 } from "@everseed/core";
import { type MarketMessage, type Price, possessionAnswer, signPossession, toPrice } from "@everseed/market";
import {
  buildTorrent,
  createPieceMap,
  layoutFiles,
  type PieceMap,
  parseTorrent,
  type TorrentKind,
} from "@everseed/metainfo";
import { describe, expect, test } from "vitest";
import type { PeerData } from "../extension.ts";
import { DOMAIN } from "../payment/payment-rig.ts";
import { connect, type End, handClock, INFO_HASH, Side, type SideInit, seconds } from "./market-rig.ts";
import type { ReserveRule } from "./reserve-keeper.ts";

const BLOCK = 16_384;
const PIECE = 4 * BLOCK;
const MAX = toPrice(1_000_000_000n);
const CURVE = { max: MAX, tauSeconds: 3_600 };
const PAPER: ReserveRule = { type: "paper", ...CURVE };
const HARDENED: ReserveRule = { type: "hardened", rivalWeightPpm: 1_000_000, ...CURVE };

const LENGTHS = [3 * PIECE + 5_000, 20_000, 2 * PIECE + 1];

/** Three files that no piece of v2 shares: their ends are padded. */
function piecesOf(kind: TorrentKind): PieceMap {
  const files = LENGTHS.map((lengthBytes, i) => ({ path: [`f${i}`], lengthBytes }));
  const layout = layoutFiles({ name: "three", singleFile: false, files, kind, pieceLengthBytes: PIECE });
  const blocks = LENGTHS.flatMap((bytes) =>
    Array.from({ length: Math.ceil(bytes / PIECE) }, (_, i) => Math.ceil(Math.min(PIECE, bytes - i * PIECE) / BLOCK)),
  );
  const pieces = Array.from({ length: layout.pieceCount }, (_, i) => ({
    sha1: sha1(utf8(`${i}`)),
    leaves: new Uint8Array(32 * (blocks[i] ?? 4)).fill(i),
  }));
  return createPieceMap(parseTorrent(buildTorrent(layout, pieces)));
}

const PIECES = piecesOf("hybrid");

function dataOf(change: Partial<PeerData> & { readonly flaw?: number } = {}): PeerData {
  return {
    pieces: PIECES,
    complete: true,
    has: () => true,
    uploadedLately: () => false,
    async read(piece, beginBytes, target) {
      for (let at = 0; at < target.length; at++) target[at] = (piece * 31 + beginBytes / 7 + at) & 255;
      if (change.flaw !== undefined) target[0] = (target[0] as number) ^ change.flaw;
    },
    ...change,
  };
}

function scene(more: { reserve?: ReserveRule; prover?: Partial<SideInit>; latencyMs?: number } = {}) {
  const { reserve = PAPER, latencyMs = 10 } = more;
  const clock = handClock();
  const completedAt = Math.floor(clock.unixMs() / 1000) - 7_200;
  const verifier = new Side({ name: "verifier", selling: { reserve }, completedAt, data: dataOf() }, clock);
  const prover = new Side({ name: "prover", data: dataOf(), ...more.prover }, clock);
  const price = (): Price => verifier.market.stats().torrents[0]?.reserve as Price;
  const meet = (of = prover, remote = "10.2.2.2:6881"): [End, End] =>
    connect(clock, [verifier, of], { latencyMs, remotes: ["10.1.1.1:6881", remote] });
  const later = (count: number, sides: readonly Side[] = [verifier, prover]): Promise<void> =>
    seconds(clock, sides, count);
  return { clock, verifier, prover, price, meet, later };
}

const challenges = ({ heard }: End) => heard.flatMap((m) => (m.type === "challenge" ? [m.challenge] : []));
const refusals = ({ heard }: End): string[] => heard.flatMap((m) => (m.type === "refuse" ? [m.code] : []));

describe("two that have everything", () => {
  test("prove it to each other; the paper's reserve starts anew, and they hold on no longer than it takes", async () => {
    const { verifier, prover, price, meet, later } = scene({ prover: { selling: { reserve: PAPER } } });
    const before = price();
    expect(before).toBeGreaterThan(MAX / 2n);
    const [mine, theirs] = meet();
    expect([mine.session.holds, theirs.session.holds]).toEqual([true, true]);
    await later(3);
    expect([verifier.of("possession-proved"), prover.of("possession-proved")].map(({ length }) => length)).toEqual([
      1, 1,
    ]);
    expect(price()).toBeLessThan(MAX / 500n);
    expect([mine.session.holds, theirs.session.holds]).toEqual([false, false]);
    expect([mine.dropped, theirs.dropped]).toEqual([undefined, undefined]);
    // Once an hour and address, whatever the connection.
    await later(100);
    const [, again] = meet();
    await later(10);
    expect([...challenges(theirs), ...challenges(again)]).toHaveLength(1);
  });

  test("the hardened reserve is divided by each funded address group, and by nobody without money", async () => {
    const { clock, verifier, price, later } = scene({ reserve: HARDENED });
    const before = price();
    const provers: [string, string, boolean][] = [
      ["a", "10.2.2.2:1", true],
      ["b", "10.2.2.9:1", true],
      ["c", "10.3.3.3:1", false],
      ["d", "10.4.4.4:1", true],
    ];
    const prices: Price[] = [];
    for (const [name, remote, funded] of provers) {
      const side = new Side({ name, data: dataOf() }, clock);
      const [mine] = connect(clock, [verifier, side], { remotes: ["10.1.1.1:1", remote] });
      mine.link.funded = funded;
      await later(3, [verifier, side]);
      prices.push(price());
    }
    expect(verifier.of("possession-proved")).toHaveLength(4);
    const part = (of: Price | undefined): number => Math.round((Number(of) / Number(before)) * 100);
    expect(prices.map(part)).toEqual([50, 50, 50, 33]);
    // A proof counts for a day.
    clock.advance(86_400_000);
    expect(price()).toBeGreaterThan(before);
  });
});

describe("a prover", () => {
  const forged = (make: (challenge: { nonce: Uint8Array }, verifier: Side, prover: Side) => Uint8Array[]) =>
    async function run() {
      const { verifier, prover, price, meet, later } = scene();
      const before = price();
      const [mine, theirs] = meet();
      theirs.tamper = (message) => {
        if (message.type !== "proof") return message;
        const [challenge] = challenges(theirs);
        const role = { domain: DOMAIN, infoHash: INFO_HASH, verifier: verifier.signer.address };
        const names = { infoHash: INFO_HASH, verifier: verifier.signer.address, prover: prover.signer.address };
        const answer = possessionAnswer(
          message.nonce,
          names,
          make(challenge as { nonce: Uint8Array }, verifier, prover),
        );
        const statement = { nonce: message.nonce, answer };
        return { type: "proof", ...statement, signature: signPossession(statement, role, prover.signer) };
      };
      await later(3);
      expect(price()).toBeGreaterThanOrEqual(before);
      return mine.dropped?.code;
    };

  test("whose copy differs in one bit is dropped: possession-answer", async () => {
    const { price, meet, later } = scene({ prover: { data: dataOf({ flaw: 1 }) } });
    const before = price();
    const [mine] = meet();
    await later(3);
    expect(mine.dropped?.code).toBe("possession-answer");
    expect(price()).toBeGreaterThanOrEqual(before);
  });

  test("that has the leaf hashes alone, or nothing, is dropped: possession-answer", async () => {
    const leaves = Array.from({ length: 8 }, (_, i) => sha256(utf8(`${i}`)));
    expect(await forged(() => leaves)()).toBe("possession-answer");
    expect(await forged(() => [])()).toBe("possession-answer");
  });

  test("that shows the answer of another prover is dropped", async () => {
    const { clock, verifier, prover, meet, later } = scene();
    const other = new Side({ name: "other", data: dataOf() }, clock);
    const [mine, theirs] = meet();
    theirs.tamper = (message) => {
      if (message.type !== "proof") return message;
      const role = { domain: DOMAIN, infoHash: INFO_HASH, verifier: verifier.signer.address };
      return { ...message, signature: signPossession(message, role, other.signer) };
    };
    await later(3);
    expect(mine.dropped?.code).toBe("market-signature");
    expect(prover.events).toEqual([]);
  });

  test("that answers another challenge, or none, is dropped: possession-nonce", async () => {
    const { verifier, meet, later } = scene();
    const [mine, theirs] = meet();
    theirs.tamper = (message) => (message.type === "proof" ? { ...message, nonce: new Uint8Array(32) } : message);
    await later(3);
    expect(mine.dropped?.code).toBe("possession-nonce");
    expect(verifier.of("possession-proved")).toEqual([]);
    const unasked = scene({ prover: { data: dataOf({ complete: false }) } });
    const [verifier2, teller] = unasked.meet();
    teller.say({ type: "proof", nonce: new Uint8Array(32), answer: new Uint8Array(32), signature: new Uint8Array(65) });
    await unasked.later(1);
    expect(verifier2.dropped?.code).toBe("possession-nonce");
  });

  test("that is late proves nothing and is no fault: possession-late", async () => {
    const { verifier, price, meet, later } = scene({ latencyMs: 600 });
    const before = price();
    const [mine, theirs] = meet();
    await later(5);
    expect(refusals(theirs)).toEqual(["possession-late"]);
    expect(verifier.of("possession-late")).toHaveLength(1);
    expect(mine.dropped).toBeUndefined();
    expect(price()).toBeGreaterThanOrEqual(before);
  });

  const askFor = (...blocks: number[]): MarketMessage => ({
    type: "challenge",
    challenge: { nonce: new Uint8Array(32), blocks },
  });
  test.each([
    ["that downloads still", { data: dataOf({ complete: false }) }, askFor(1), "possession-incomplete"],
    ["that is asked for a block that is none", {}, askFor(1, 999), "possession-blocks"],
    ["that proves nothing to anybody", { possession: false }, askFor(1), "possession-off"],
    [
      "whose disk fails",
      { data: dataOf({ read: () => Promise.reject(new Error("disk")) }) },
      askFor(1),
      "possession-unreadable",
    ],
  ])("%s refuses", async (_what, prover, challenge, code) => {
    const { meet, later } = scene({ prover: { ...prover } });
    const [mine, theirs] = meet();
    mine.tamper = () => undefined;
    mine.say(challenge);
    await later(2);
    expect(refusals(mine)).toEqual([code]);
    expect(theirs.dropped).toBeUndefined();
  });

  test("that is asked again within ten seconds drops the asker: possession-flood", async () => {
    const { meet, later } = scene();
    const [mine, theirs] = meet();
    for (const end of [mine, theirs]) end.tamper = () => undefined;
    mine.say(askFor(0));
    await later(1);
    expect(theirs.dropped).toBeUndefined();
    mine.say(askFor(1));
    await later(1);
    expect(theirs.dropped?.code).toBe("possession-flood");
  });
});

describe("the blocks of a torrent", () => {
  test.each(["v1", "v2", "hybrid"] as const)(
    "of several files (%s) can all be named and read, each once",
    async (kind) => {
      const pieces = piecesOf(kind);
      const blocks = new Set<string>();
      let count = 0;
      for (let piece = 0; piece < pieces.pieceCount; piece++) count += pieces.blockCount(piece);
      const read: PeerData["read"] = async (piece, begin, target) => {
        expect(begin + target.length).toBeLessThanOrEqual(pieces.pieceBytes(piece));
        blocks.add(`${piece} ${begin} ${target.length}`);
        target.fill(piece);
      };
      const data = dataOf({ pieces, read });
      for (let first = 0; first < count; first += 8) {
        const { meet, later } = scene({ prover: { data } });
        const [mine] = meet();
        mine.tamper = () => undefined;
        const asked = Array.from({ length: Math.min(8, count - first) }, (_, i) => first + i);
        mine.say({ type: "challenge", challenge: { nonce: new Uint8Array(32), blocks: asked } });
        await later(1);
        expect(mine.heard.map(({ type }) => type)).toContain("proof");
      }
      expect(blocks.size).toBe(count);
      const bytes = [...blocks].reduce((sum, block) => sum + Number(block.split(" ")[2]), 0);
      expect(bytes).toBe(LENGTHS.reduce((sum, length) => sum + length, 0));
    },
  );

  test("that we sent lately are not asked for: a prover cannot keep only those", async () => {
    const { clock, later } = scene();
    const sent = new Set([0, 1, 2]);
    const data = dataOf({ uploadedLately: (piece) => sent.has(piece) });
    const [verifier, prover] = [
      new Side({ name: "v", selling: { reserve: PAPER }, completedAt: 1, data }, clock),
      new Side({ name: "p", data: dataOf() }, clock),
    ];
    const [, theirs] = connect(clock, [verifier, prover]);
    await later(2, [verifier, prover]);
    const [challenge] = challenges(theirs);
    // Pieces of four blocks: the first three pieces hold twelve.
    for (const block of challenge?.blocks ?? [0]) expect(block).toBeGreaterThanOrEqual(12);
  });
});
