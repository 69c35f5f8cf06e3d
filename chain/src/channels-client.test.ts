import { type EverseedError, NANO, toHex, ZERO_ADDRESS } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { custom, type EIP1193RequestFn } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createChannelsClient } from "./channels-client.ts";
import { directLane, startTestChain, type TestAccount, type TestChain } from "./node/test-chain.ts";
import type { ChannelsEvent } from "./watch-events.ts";

let chain: TestChain;
let payer: TestAccount;
let payee: TestAccount;

beforeAll(async () => {
  chain = await startTestChain();
  [payer, payee] = await Promise.all([chain.account(), chain.account()]);
});
afterAll(() => chain.stop());

const code = (task: Promise<unknown>): Promise<string> =>
  task.then(
    () => "nothing thrown",
    (error: EverseedError) => error.code,
  );

describe("opening", () => {
  it("locks ETH or tokens, and more of them later", async () => {
    for (const token of [ZERO_ADDRESS, chain.token] as const) {
      const terms = chain.terms(payer, payee, { token });
      expect(await payer.client.read(chain.idOf(terms))).toBeUndefined();
      await payer.client.open(terms, 1_000n);
      await payer.client.topUp(terms, 500n);
      expect(await payer.client.read(chain.idOf(terms))).toEqual({
        deposit: 1_500n,
        claimed: 0n,
        window: 3_600,
        closesAt: 0,
      });
    }
  });

  it("needs no approval with a permit", async () => {
    const fresh = await chain.account();
    const terms = chain.terms(fresh, payee);
    await fresh.client.openWithPermit(terms, 1_000n);
    expect((await fresh.client.read(chain.idOf(terms)))?.deposit).toBe(1_000n);
    expect(await fresh.client.allowance(chain.token)).toBe(0n);
  });

  it("opens twenty at once with one transfer", async () => {
    const channels = Array.from({ length: 20 }, (_, i) => ({
      terms: chain.terms(payer, payee),
      amount: BigInt(i + 1),
    }));
    const before = await payer.client.balance(chain.token);
    await payer.client.openMany(
      chain.terms(payer, payee),
      channels.map(({ terms, amount }) => ({ ...terms, amount })),
    );
    expect(await payer.client.balance(chain.token)).toBe(before - 210n);
    for (const { terms, amount } of channels)
      expect((await payer.client.read(chain.idOf(terms)))?.deposit).toBe(amount);
  });

  it("approves exactly what is asked", async () => {
    const fresh = await chain.account();
    await fresh.client.approve(chain.token, 5n);
    expect(await payer.client.allowance(chain.token, fresh.address)).toBe(5n);
  });
});

describe("claiming", () => {
  it("pays cumulative and ticks, and the same again pays nothing", async () => {
    const terms = chain.terms(payer, payee);
    await payer.client.open(terms, 1_000_000n);
    const { lane, proof } = directLane(152_587n * 1_000n, 1_024);
    const claim = { terms, signed: chain.voucher(payer, terms, 1_000n, [lane]), proofs: [proof(700)] };
    const before = await payee.client.balance(chain.token);
    await payee.client.claim(claim);
    await payee.client.claim(claim);
    const due = 1_000n + (700n * 152_587_000n) / NANO;
    expect((await payee.client.balance(chain.token)) - before).toBe(due);
    expect((await payer.client.read(chain.idOf(terms)))?.claimed).toBe(due);
  });

  it("many at once: a refused one is named and does not hold up the others", async () => {
    const all = [1, 2, 3].map(() => chain.terms(payer, payee));
    await payer.client.openMany(
      chain.terms(payer, payee),
      all.map((terms) => ({ ...terms, amount: 1_000n })),
    );
    const claims = all.map((terms, i) => ({
      terms,
      signed: chain.voucher(i === 1 ? payee : payer, terms, BigInt(100 * (i + 1))),
      proofs: [],
    }));
    const { results, receipt } = await payee.client.claimMany(claims);
    expect(results.map(({ paid }) => paid)).toEqual([100n, 0n, 300n]);
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, "channel-bad-signature", undefined]);
    expect(receipt?.status).toBe("success");
    const [, bad] = claims;
    expect((await payee.client.claimMany(bad === undefined ? [] : [bad])).receipt).toBeUndefined();
  });

  it("ticks of an expiring lane are kept on chain", async () => {
    const terms = chain.terms(payer, payee);
    await payer.client.open(terms, 1_000_000n);
    const made = directLane(NANO, 16);
    const lane = { ...made.lane, expiry: BigInt(Math.floor(Date.now() / 1000) + 86_400) };
    await payee.client.claim({ terms, signed: chain.voucher(payer, terms, 0n, [lane]), proofs: [made.proof(9)] });
    expect(await payee.client.provenSteps(chain.idOf(terms), lane.root)).toBe(9);
    await payee.client.claim({ terms, signed: chain.voucher(payer, terms, 5n, [lane]), proofs: [] });
    expect((await payee.client.read(chain.idOf(terms)))?.claimed).toBe(14n);
  });
});

describe("closing", () => {
  it("together, at once, and never opens again", async () => {
    const terms = chain.terms(payer, payee);
    await payer.client.open(terms, 1_000n);
    const before = await payer.client.balance(chain.token);
    await payee.client.closeWith(terms, 400n, chain.closing(payer, payee, terms, 400n)[0]);
    expect((await payer.client.balance(chain.token)) - before).toBe(600n);
    expect(await payer.client.read(chain.idOf(terms))).toBeUndefined();
    expect(await code(payer.client.open(terms, 1n))).toBe("channel-exists");
    expect(await code(payer.client.topUp(terms, 1n))).toBe("channel-not-open");
  });

  it("alone, after the window, while the newer voucher is still paid", async () => {
    const terms = chain.terms(payer, payee, { window: 0 });
    await payer.client.open(terms, 1_000n);
    expect(await code(payee.client.startClose(terms))).toBe("channel-not-payer");
    expect(await code(payer.client.withdraw(terms))).toBe("channel-still-open");
    await payer.client.startClose(terms);
    await payee.client.claim({ terms, signed: chain.voucher(payer, terms, 900n), proofs: [] });
    const before = await payer.client.balance(chain.token);
    await payee.client.withdraw(terms);
    expect((await payer.client.balance(chain.token)) - before).toBe(100n);
  });
});

describe("failures have codes", () => {
  it("says what the contract or the token refuses", async () => {
    const terms = chain.terms(payer, payee);
    const claim = { terms, signed: chain.voucher(payer, terms, 1n), proofs: [] };
    expect(await code(payee.client.claim(claim))).toBe("channel-not-open");
    await payer.client.open(terms, 10n);
    expect(await code(payer.client.open(terms, 10n))).toBe("channel-exists");
    expect(await code(payer.client.open({ ...terms, nonce: 1n << 60n }, 10n))).toBe("channel-opened-too-late");
    expect(await code(payer.client.open({ ...terms, nonce: (1n << 32n) - 1n }, 0n))).toBe("channel-nothing-deposited");
    expect(await code(payer.client.open({ ...terms, nonce: (1n << 32n) - 1n }, 1n << 90n))).toBe("token-transfer");
    expect(await code(payee.client.claim({ ...claim, signed: chain.voucher(payee, terms, 1n) }))).toBe(
      "channel-bad-signature",
    );
    const { lane, proof } = directLane(NANO, 8);
    const signed = chain.voucher(payer, terms, 0n, [lane]);
    const wrong = { ...proof(3), preimage: proof(4).preimage };
    // A tick of another chain leads to a root that nobody signed.
    expect(await code(payee.client.claim({ terms, signed, proofs: [wrong] }))).toBe("channel-bad-signature");
    const [bySigner, byPayee] = chain.closing(payer, payee, terms, 5n);
    expect(await code(payee.client.closeWith(terms, 5n, byPayee))).toBe("channel-bad-signature");
    expect(await code(payee.client.closeWith(terms, 6n, bySigner))).toBe("channel-bad-signature");
    expect(await code(payee.client.closeWith(terms, 5n, bySigner.subarray(0, 64)))).toBe("signature-form");
    expect(await code(payer.client.closeWith(terms, 11n, chain.closing(payer, payee, terms, 11n)[1]))).toBe(
      "channel-above-deposit",
    );
    expect(await code(payee.client.collect())).toBe("channel-nothing-to-collect");
    expect(await code(payer.client.openWithPermit({ ...terms, token: chain.devnet.contract }, 1n))).toBe(
      "permit-unsupported",
    );
  });

  it("an empty account and a chain that is not there", async () => {
    const poor = await chain.account({ usd: 10n });
    expect(await code(poor.client.open(chain.terms(poor, payee), 10n))).toBe("chain-funds");
    const rpcUrl = `http://127.0.0.1:${await freePort()}`;
    const lost = createChannelsClient({ ...chain.devnet, rpcUrl, privateKey: payer.privateKey });
    const error = await lost.balance(ZERO_ADDRESS).catch((e: EverseedError) => e);
    expect(error).toMatchObject({ code: "chain-unreachable", retryable: true });
  });
});

describe("sending", () => {
  it("many calls at once each take a nonce of their own", async () => {
    const busy = await chain.account();
    await busy.client.approve(chain.token);
    const all = Array.from({ length: 12 }, () => chain.terms(busy, payee));
    const receipts = await Promise.all(
      all.map((terms, i) => (i === 5 ? code(busy.client.withdraw(terms)) : busy.client.open(terms, 1n))),
    );
    expect(receipts[5]).toBe("channel-not-open");
    for (const [i, terms] of all.entries())
      expect((await busy.client.read(chain.idOf(terms)))?.deposit).toBe(i === 5 ? undefined : 1n);
  });

  it("two programs with one key do not stop each other", async () => {
    const one = await chain.account();
    const other = createChannelsClient({ ...chain.devnet, privateKey: one.privateKey });
    await one.client.approve(chain.token);
    const all = Array.from({ length: 6 }, () => chain.terms(one, payee));
    await Promise.all(all.map((terms, i) => (i % 2 === 0 ? one.client : other).open(terms, 1n)));
    for (const terms of all) expect((await one.client.read(chain.idOf(terms)))?.deposit).toBe(1n);
  });

  it("answers that get lost make nothing happen twice", async () => {
    const { rpcUrl } = chain.devnet;
    let failures = 0;
    let count = 0;
    const request = (async ({ method, params }: { method: string; params?: unknown }) => {
      const answer = await fetch(rpcUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
      const body = (await answer.json()) as { result?: unknown; error?: { code: number; message: string } };
      // Every second request is done, and its answer lost.
      if (count++ % 2 === 0) {
        failures++;
        throw Object.assign(new Error("limit exceeded"), { code: -32_005 });
      }
      if (body.error) throw Object.assign(new Error(body.error.message), body.error);
      return body.result;
    }) as EIP1193RequestFn;
    const flaky = await chain.account(undefined, { transport: custom({ request }, { retryCount: 0 }) });
    const terms = chain.terms(flaky, payee);
    const before = await payer.client.balance(chain.token, flaky.address);
    await flaky.client.open(terms, 100n);
    await flaky.client.topUp(terms, 11n);
    expect(failures).toBeGreaterThan(5);
    expect((await payer.client.read(chain.idOf(terms)))?.deposit).toBe(111n);
    expect(before - (await payer.client.balance(chain.token, flaky.address))).toBe(111n);
  });
});

describe("watching", () => {
  it("delivers each event once and in order, from any block on", async () => {
    const terms = chain.terms(payer, payee);
    const { blockNumber } = await payer.client.open(terms, 1_000n);
    const id = toHex(chain.idOf(terms));
    const seen: ChannelsEvent[] = [];
    const controller = new AbortController();
    const enough = new Promise<void>((done) => {
      void payer.client
        .watch({
          fromBlock: blockNumber,
          pollMs: 20,
          signal: controller.signal,
          onEvents: (events) => {
            seen.push(...events.filter((event) => event.channelId !== undefined && toHex(event.channelId) === id));
            if (seen.length === 5) controller.abort();
          },
        })
        .then(done);
    });
    await payer.client.topUp(terms, 1n);
    await payee.client.claim({ terms, signed: chain.voucher(payer, terms, 7n), proofs: [] });
    await payer.client.startClose(terms);
    await payer.client.closeWith(terms, 8n, chain.closing(payer, payee, terms, 8n)[1]);
    await enough;
    expect(seen.map(({ name }) => name)).toEqual(["Opened", "ToppedUp", "Claimed", "ClosingStarted", "Closed"]);
    expect(seen[0]?.args).toMatchObject({ deposit: 1_000n, window: 3_600 });
    expect(seen[4]?.args).toMatchObject({ toPayee: 1n, toPayer: 993n });
  });
});
