/** What is remembered of a chain, for how long, and that nobody is told of a channel what holds for another. */
import type { ChannelTerms } from "@everseed/channel";
import type { Address } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { DOMAIN, TOKEN } from "./payment-rig.ts";
import type { ChainChannel, ChannelChain } from "./ports.ts";
import { rememberingChain } from "./remembering-chain.ts";

const termsOf = (nonce: bigint): ChannelTerms => ({
  payer: `0x${"a1".repeat(20)}` as Address,
  payee: `0x${"b2".repeat(20)}` as Address,
  signer: `0x${"a1".repeat(20)}` as Address,
  token: TOKEN,
  window: 3600,
  nonce,
});
const open = (deposit: bigint): ChainChannel => ({ deposit, claimed: 0n, closesAt: 0 });

/** A chain whose answers come when they are let go. */
function slowChain() {
  const waiting: { terms: ChannelTerms; answer: (channel: ChainChannel | undefined) => void; fail: () => void }[] = [];
  const chain: ChannelChain = {
    open: () => Promise.resolve(),
    time: () => Promise.resolve(0),
    read: (terms) =>
      new Promise((answer, reject) => waiting.push({ terms, answer, fail: () => reject(new Error("no answer")) })),
  };
  const clock = { ms: 0, now: (): number => clock.ms };
  return { waiting, clock, chain: rememberingChain(chain, { domain: DOMAIN, clock }) };
}

describe("a remembering chain", () => {
  test("is asked once for as long as the answer is young enough, for each channel by itself", async () => {
    const { waiting, clock, chain } = slowChain();
    clock.ms = 1_000;
    const [first, joined, other] = [chain.read(termsOf(1n)), chain.read(termsOf(1n), 50), chain.read(termsOf(2n), 50)];
    expect(waiting).toHaveLength(2);
    waiting[0]?.answer(open(5n));
    waiting[1]?.answer(undefined);
    expect(await Promise.all([first, joined, other])).toEqual([open(5n), open(5n), undefined]);
    clock.ms = 1_050;
    expect(await chain.read(termsOf(1n), 50)).toEqual(open(5n));
    clock.ms = 1_051;
    void chain.read(termsOf(1n), 50);
    // What was not there is asked for again, and so is what must be as it is now.
    void chain.read(termsOf(2n), 50);
    void chain.read(termsOf(1n));
    expect(waiting).toHaveLength(5);
  });

  test("an answer that was overtaken replaces nothing, a failure is not kept", async () => {
    const { waiting, clock, chain } = slowChain();
    clock.ms = 1;
    const early = chain.read(termsOf(1n));
    clock.ms = 2;
    const late = chain.read(termsOf(1n));
    waiting[1]?.answer(open(9n));
    await late;
    waiting[0]?.answer(open(5n));
    await early;
    expect(await chain.read(termsOf(1n), 100)).toEqual(open(9n));
    const failing = chain.read(termsOf(3n), 100);
    waiting[2]?.fail();
    await expect(failing).rejects.toThrow("no answer");
    void chain.read(termsOf(3n), 100);
    expect(waiting).toHaveLength(4);
  });

  test("keeps a bounded number, the latest", async () => {
    const { waiting, chain } = slowChain();
    const all = Array.from({ length: 4_097 }, (_, i) => chain.read(termsOf(BigInt(i))));
    for (const { answer } of waiting) answer(open(1n));
    await Promise.all(all);
    await chain.read(termsOf(4_096n), 10);
    expect(waiting).toHaveLength(4_097);
    void chain.read(termsOf(0n), 10);
    expect(waiting).toHaveLength(4_098);
  });
});
