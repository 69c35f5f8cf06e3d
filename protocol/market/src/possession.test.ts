/** Possession: what a proof takes, and what passes for none. */
import { createHmac } from "node:crypto";
import { type Address, createSigner, nobleCurve, sha256, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPossessionSigner, signPossession } from "./offers.ts";
import { checkAnswer, chooseBlocks, type PossessionCheck, possessionAnswer, possessionDeadline } from "./possession.ts";

const seed = (text: string): Uint8Array => sha256(utf8(text));
const infoHash = seed("torrent").slice(0, 20);
const choice = {
  secret: seed("secret"),
  infoHash,
  counter: 1n,
  blockCount: 10_000,
  recentlyUploaded: () => false,
};

describe("the choice of blocks", () => {
  test("is eight distinct blocks of the torrent, the same for the same secret, other ones for the next counter", () => {
    const blocks = chooseBlocks(choice) as readonly number[];
    expect(new Set(blocks).size).toBe(8);
    expect(chooseBlocks(choice)).toEqual(blocks);
    expect(chooseBlocks({ ...choice, counter: 2n })).not.toEqual(blocks);
    expect(chooseBlocks({ ...choice, secret: seed("other") })).not.toEqual(blocks);
    expect(chooseBlocks({ ...choice, infoHash: seed("x").slice(0, 20) })).not.toEqual(blocks);
  });

  test("never asks for a block that was uploaded lately, and gives up where there is nothing else", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 2, max: 10 }),
        fc.bigInt({ min: 0n, max: 1_000n }),
        (blockCount, share, counter) => {
          const recentlyUploaded = (block: number): boolean => block % share === 0;
          const blocks = chooseBlocks({ ...choice, blockCount, counter, recentlyUploaded });
          if (blockCount >= 100) expect(blocks).toHaveLength(8);
          for (const block of blocks ?? []) {
            expect(block).toBeLessThan(blockCount);
            expect(recentlyUploaded(block)).toBe(false);
          }
        },
      ),
    );
    expect(chooseBlocks({ ...choice, recentlyUploaded: () => true })).toBeUndefined();
    expect(chooseBlocks({ ...choice, blockCount: 0 })).toBeUndefined();
  });

  test("a small torrent is asked for whole, and every block of a larger one comes up about as often", () => {
    expect([...(chooseBlocks({ ...choice, blockCount: 3 }) ?? [])].sort()).toEqual([0, 1, 2]);
    const counts = new Array<number>(100).fill(0);
    for (let counter = 0n; counter < 1_000n; counter++)
      for (const block of chooseBlocks({ ...choice, blockCount: 100, counter }) ?? [])
        counts[block] = (counts[block] as number) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(45);
    expect(Math.max(...counts)).toBeLessThan(120);
  });
});

describe("the proof", () => {
  const prover = createSigner(seed("prover"));
  const verifier = createSigner(seed("verifier"));
  const blocks = [seed("a"), seed("b"), new Uint8Array(16_384).fill(7)];
  const nonce = seed("nonce");
  const parties = { infoHash, verifier: verifier.address, prover: prover.address };
  const check: PossessionCheck = {
    ...parties,
    challenge: { nonce, blocks: [5, 1, 9] },
    sentAt: 1_000,
    roundTripMs: 40,
    receivedAt: 1_055,
    blocks,
  };
  const answer = possessionAnswer(nonce, parties, blocks);
  const code = (run: () => void): string => {
    try {
      run();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return "accepted";
  };

  test("is the HMAC that any other implementation computes", () => {
    const key = Buffer.concat([
      nonce,
      Buffer.from(verifier.address.slice(2) + prover.address.slice(2), "hex"),
      infoHash,
    ]);
    expect(Buffer.from(answer).toString("hex")).toBe(
      createHmac("sha256", key).update(Buffer.concat(blocks)).digest("hex"),
    );
  });

  test("is taken until the deadline: round trip and 5 ms a block", () => {
    expect(possessionDeadline(1_000, 40, 3)).toBe(1_055);
    expect(code(() => checkAnswer(answer, check))).toBe("accepted");
    expect(code(() => checkAnswer(answer, { ...check, receivedAt: 1_056 }))).toBe("possession-late");
  });

  test.each([
    ["of another challenge", possessionAnswer(seed("other"), parties, blocks)],
    ["of another prover", possessionAnswer(nonce, { ...parties, prover: verifier.address }, blocks)],
    [
      "of the other direction",
      possessionAnswer(nonce, { ...parties, prover: parties.verifier, verifier: parties.prover }, blocks),
    ],
    ["of another torrent", possessionAnswer(nonce, { ...parties, infoHash: new Uint8Array(20) }, blocks)],
    ["of blocks in another order", possessionAnswer(nonce, parties, [...blocks].reverse())],
    [
      "of hashes",
      possessionAnswer(
        nonce,
        parties,
        blocks.map((block) => sha256(block)),
      ),
    ],
    ["cut short", answer.subarray(0, 31)],
    ["empty", new Uint8Array()],
  ])("an answer %s is none", (_name, other) => {
    expect(code(() => checkAnswer(other, check))).toBe("possession-answer");
  });

  test("is signed by the prover for this verifier, nonce, answer, torrent and chain", () => {
    const role = {
      domain: { chainId: 31_337n, contract: `0x${"44".repeat(20)}` as Address },
      infoHash,
      verifier: verifier.address,
    };
    const proof = { nonce, answer, signature: signPossession({ nonce, answer }, role, prover) };
    const expected = { ...role, nonce, prover: prover.address, curve: nobleCurve };
    const signer = (change: object, of: object = {}): string =>
      code(() => checkPossessionSigner({ ...proof, ...of }, { ...expected, ...change }));
    expect(signer({})).toBe("accepted");
    expect(signer({ verifier: prover.address })).toBe("market-signature");
    expect(signer({ prover: verifier.address })).toBe("market-signature");
    expect(signer({ infoHash: new Uint8Array(20) })).toBe("market-signature");
    expect(signer({ domain: { ...role.domain, chainId: 1n } })).toBe("market-signature");
    expect(signer({}, { answer: seed("other") })).toBe("market-signature");
    expect(signer({}, { signature: new Uint8Array(65) })).toBe("market-signature");
    expect(signer({ nonce: seed("other") })).toBe("possession-nonce");
  });
});
