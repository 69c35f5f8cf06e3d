/** A payer that closes its channel takes nothing back that it owes, whether the two are connected or not. */
import { type PayeeState, payable } from "@everseed/channel";
import { EverseedError } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { type ClosingEvent, watchClosings } from "./closing-watch.ts";
import { budget, Link, MIB, PRICE, pair, run, TOKEN } from "./payment-rig.ts";

const MINUTE_MS = 60_000;

/** A seller that was paid for some MiB by a payer that is connected still, and watches. */
async function scene({ wantBytes = 4 * MIB } = {}) {
  const { clock, chain, alice, bob } = await pair();
  const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
  const link = new Link({
    clock,
    buyer: alice.extension({ buying }),
    seller: bob.extension({ selling: { price: PRICE, token: TOKEN } }),
    wantBytes,
  });
  const ms = (maxMs: number, stepMs = 10): Promise<number> => run(clock, [link], { maxMs, until: () => false, stepMs });
  await ms(2_000);
  const [[id]] = [...bob.book.payees] as [[string, PayeeState]];
  const claims = { failures: 0, tries: 0 };
  const claim = async (of: string): Promise<bigint> => {
    claims.tries++;
    if (claims.failures-- > 0) throw new EverseedError("chain-refused", "No gas", { retryable: true });
    const amount = chain.claim(bob.book.payees.get(of) as PayeeState);
    const state = bob.book.payees.get(of) as PayeeState;
    await bob.book.savePayee(of, { ...state, claimed: state.claimed + amount });
    return amount;
  };
  const watch = () => {
    const events: ClosingEvent[] = [];
    const onEvent = (event: ClosingEvent): void => void events.push(event);
    return {
      events,
      stop: watchClosings({ book: bob.book, chain: bob.chain, clock, minWindow: 3_600, claim, onEvent }),
    };
  };
  const { events, stop } = watch();
  const startClose = (): void => {
    const channel = chain.channels.get(id);
    if (channel !== undefined) channel.closesAt = chain.seconds + 3_600;
  };
  return { chain, bob, link, ms, events, id, stop, startClose, claims, watch };
}

describe("a payer that closes its channel", () => {
  test("has it claimed within a quarter of the window, once, and its next tick ends the connection", async () => {
    const { chain, bob, link, ms, events, id, startClose, claims } = await scene({ wantBytes: 4_096 * MIB });
    await ms(1_000);
    expect([events, link.dropped]).toEqual([[], undefined]);
    startClose();
    const before = chain.balances.get(bob.signer.address) ?? 0n;
    // It buys on meanwhile, and pays.
    await ms(15 * MINUTE_MS + 1_000, 250);
    expect(events.map(({ type }) => type)).toEqual(["claimed"]);
    expect(link.dropped?.code).toBe("channel-closed");
    const state = bob.book.payees.get(id) as PayeeState;
    expect((chain.balances.get(bob.signer.address) ?? 0n) - before).toBe(state.claimed);
    expect(payable(state) - state.claimed).toBeLessThanOrEqual(payable(state) / 16n + 1n);
    await ms(60 * MINUTE_MS, 1_000);
    expect(claims.tries).toBeLessThanOrEqual(2);
    expect(payable(bob.book.payees.get(id) as PayeeState)).toBe(bob.book.payees.get(id)?.claimed);
  });

  test("while the seller was away is found at its start; a claim that fails is tried again in time", async () => {
    const { link, ms, events, startClose, stop, claims, watch } = await scene();
    link.close();
    stop();
    startClose();
    claims.failures = 2;
    const { events: again } = watch();
    await ms(2 * MINUTE_MS, 250);
    expect(again.map(({ type }) => type)).toEqual(["claim-failed", "claim-failed", "claimed"]);
    expect(events).toEqual([]);
  });

  test("is not seen in one answer of a server that lags behind, but in two", async () => {
    const { ms, chain, bob, id, events, claims } = await scene();
    const read = chain.read.bind(chain);
    let lags = 0;
    chain.read = (terms) => (lags-- > 0 ? Promise.resolve(undefined) : read(terms));
    lags = 1;
    await ms(16 * MINUTE_MS, 250);
    expect([lags < 1, bob.book.closing.has(id)]).toEqual([true, false]);
    lags = 2;
    await ms(16 * MINUTE_MS, 250);
    expect(bob.book.closing.has(id)).toBe(true);
    expect([events, claims.tries]).toEqual([[], 0]);
  });

  test("that owes nothing is left alone, and so are channels that are open", async () => {
    const { ms, events, claims, chain, startClose } = await scene();
    await ms(60 * MINUTE_MS, 1_000);
    expect([events, claims.tries]).toEqual([[], 0]);
    chain.channels.clear();
    startClose();
    await ms(60 * MINUTE_MS, 1_000);
    expect([events, claims.tries]).toEqual([[], 0]);
  });
});
