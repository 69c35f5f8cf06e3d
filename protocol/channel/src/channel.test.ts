/** One channel between an honest payer and payee, and what the payee refuses. */
import { createSigner, NANO, nobleCurve, ProtocolError, seededRandom, sha256, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashChain, leadsTo } from "./hash-chain.ts";
import {
  acceptSettlement,
  acceptTick,
  acceptVoucher,
  earned,
  laneProofs,
  newPayeeState,
  type PayeeState,
  payable,
  type VoucherCheck,
} from "./payee.ts";
import {
  adopt,
  advance,
  committed,
  newPayerState,
  openLane,
  type PayerState,
  promised,
  restore,
  settle,
  unsettledSteps,
} from "./payer.ts";
import { type ChannelTerms, MAX_STEPS, NEVER } from "./types.ts";
import { channelId, signVoucher } from "./voucher.ts";

const payer = createSigner(sha256(utf8("payer")));
const payee = createSigner(sha256(utf8("payee")));
const domain = { chainId: 31337n, contract: `0x${"c0".repeat(20)}` as const };
const terms: ChannelTerms = {
  payer: payer.address,
  payee: payee.address,
  signer: payer.address,
  token: `0x${"70".repeat(20)}`,
  window: 86_400,
  nonce: 1n,
};
const delivery = {
  infoHash: sha256(utf8("t")).subarray(0, 20),
  uploader: payee.address,
  downloader: payer.address,
  unitBytes: 16_384,
  epoch: 20_000,
};
const UNIT = NANO / 4n;
const random = seededRandom(1);

function open(state: PayerState, keep: readonly Uint8Array[], maxSteps = 8, unit = UNIT) {
  return openLane(state, { unit, maxSteps, delivery, own: [], keep, random, signer: payer, domain });
}

function check(receipt: VoucherCheck["receipt"], unit = UNIT): VoucherCheck {
  return { domain, curve: nobleCurve, unit, unitBytes: delivery.unitBytes, receipt };
}

const any = (): boolean => true;
const code = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
  return "none";
};

describe("a hash chain", () => {
  test("tick k hashes k times to the root, and to no other", () => {
    const chain = hashChain(random(32), 20);
    for (let k = 0; k <= 20; k++) {
      expect(leadsTo(chain.at(k), k, chain.at(0))).toBe(true);
      if (k > 0) expect(leadsTo(chain.at(k), k - 1, chain.at(0))).toBe(false);
    }
  });
});

describe("a channel", () => {
  test("both sides always agree, nothing is made or lost, and nothing exceeds the deposit (any order of lanes and ticks)", () => {
    const step = fc.record({
      lane: fc.nat(7),
      steps: fc.integer({ min: 1, max: 5 }),
      open: fc.boolean(),
      drop: fc.boolean(),
      settle: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (steps, deposit) => {
        let a = newPayerState(terms, BigInt(deposit));
        let b: PayeeState = newPayeeState(terms, BigInt(deposit), 0n);
        let live: Uint8Array[] = [];
        let most = 0n;
        for (const move of steps) {
          if (move.open) {
            if (move.drop) live = live.slice(1);
            try {
              const opened = open(a, live);
              a = opened.state;
              b = acceptVoucher(b, a.voucher as never, check(opened.receipt));
              live.push(opened.root);
            } catch (error) {
              expect(["deposit-used", "lanes-full"]).toContain((error as { code?: string }).code);
            }
          }
          if (move.settle && unsettledSteps(a, live.slice(1)) > 0) {
            live = live.slice(1);
            a = settle(a, { keep: live, signer: payer, domain });
            b = acceptSettlement(b, a.voucher as never, { domain, curve: nobleCurve });
          }
          const lane = a.lanes[move.lane % Math.max(1, a.lanes.length)];
          if (lane !== undefined) {
            const k = Math.min(lane.maxSteps, lane.steps + move.steps);
            const chain = hashChain(lane.secret, lane.maxSteps);
            a = advance(a, lane.root, k);
            b = acceptTick(b, { root: lane.root, steps: k, preimage: chain.at(k) }, any);
          }
          expect(earned(b)).toBe(promised(a));
          expect(earned(b)).toBeGreaterThanOrEqual(most);
          most = earned(b);
          expect(committed(a)).toBeLessThanOrEqual(BigInt(deposit) * NANO);
          expect(payable(b)).toBeLessThanOrEqual(BigInt(deposit));
          expect(b.paidBytes).toBe(a.paidBytes);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("vouchers, settlements and ticks of three connections that overtake each other come to the same sum, and none is refused", () => {
    type Sent = (b: PayeeState) => PayeeState;
    const move = fc.record({
      connection: fc.nat(2),
      act: fc.constantFrom("open", "tick", "tick", "settle", "arrive", "arrive", "arrive"),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        let a = newPayerState(terms, 10_000n);
        let b: PayeeState = newPayeeState(terms, 10_000n, 0n);
        const connections = [0, 1, 2].map(() => ({ own: [] as Uint8Array[], line: [] as Sent[], opening: 0 }));
        const arrive = (line: Sent[]): void => {
          const before = earned(b);
          b = line.shift()?.(b) ?? b;
          expect(earned(b)).toBeGreaterThanOrEqual(before);
        };
        for (const { connection, act } of moves) {
          const one = connections[connection] as (typeof connections)[0];
          const others = connections.flatMap((other) => (other === one ? [] : other.own));
          if (act === "open" && others.length + one.own.length < 8) {
            const opened = open(a, [...others, ...one.own]);
            a = opened.state;
            const { voucher } = a;
            one.own.push(opened.root);
            one.opening++;
            one.line.push((state) => {
              one.opening--;
              return acceptVoucher(state, voucher as never, check(opened.receipt));
            });
          }
          if (act === "tick") {
            const lane = a.lanes.find(({ root, steps }) => one.own.includes(root) && steps < 8);
            if (lane === undefined) continue;
            const [root, steps] = [lane.root, lane.steps + 1];
            a = advance(a, root, steps);
            const preimage = hashChain(lane.secret, 8).at(steps);
            // A lane that is gone was folded, and is paid.
            one.line.push((state) =>
              state.lanes.some((known) => known.root === root)
                ? acceptTick(state, { root, steps, preimage }, any)
                : state,
            );
          }
          if (act === "settle" && one.opening === 0 && unsettledSteps(a, others) > 0) {
            one.own = [];
            a = settle(a, { keep: others, signer: payer, domain });
            const { voucher } = a;
            one.line.push((state) => acceptSettlement(state, voucher as never, { domain, curve: nobleCurve }));
          }
          if (act === "arrive") arrive(one.line);
        }
        for (const { line } of connections) while (line.length > 0) arrive(line);
        expect(earned(b)).toBe(promised(a));
      }),
      { numRuns: 60 },
    );
  });

  test("a settlement that cheats is refused", () => {
    const one = open(newPayerState(terms, 100n), []);
    let b = acceptVoucher(newPayeeState(terms, 100n, 0n), one.state.voucher as never, check(one.receipt));
    const chain = hashChain(one.state.lanes[0]?.secret as Uint8Array, 8);
    b = acceptTick(b, { root: one.root, steps: 5, preimage: chain.at(5) }, any);
    const settled = (cumulative: bigint, signer = payer, channel = channelId(terms, domain)) =>
      signVoucher({ channelId: channel, cumulative, lanes: [] }, signer, domain);
    const refused = (voucher: ReturnType<typeof settled>): string =>
      code(() => acceptSettlement(b, voucher, { domain, curve: nobleCurve }));
    expect(refused(settled(4n * UNIT))).toBe("voucher-stale");
    expect(refused(settled(5n * UNIT, payee))).toBe("voucher-signature");
    expect(refused(settled(5n * UNIT, payer, random(32)))).toBe("voucher-channel");
    expect(refused(settled(101n * NANO))).toBe("voucher-deposit");
    b = acceptSettlement(b, settled(5n * UNIT), { domain, curve: nobleCurve });
    expect([earned(b), b.lanes, laneProofs(b)]).toEqual([5n * UNIT, [], []]);
  });

  test("a voucher that another overtook only binds its lane", () => {
    const one = open(newPayerState(terms, 100n), []);
    const two = open(one.state, [one.root]);
    let b = acceptVoucher(newPayeeState(terms, 100n, 0n), two.state.voucher as never, check(two.receipt));
    expect(b.lanes.map((lane) => lane.unitBytes)).toEqual([0, 16_384]);
    b = acceptVoucher(b, one.state.voucher as never, check(one.receipt));
    expect(b.lanes.map((lane) => lane.unitBytes)).toEqual([16_384, 16_384]);
    expect(b.voucher).toBe(two.state.voucher);
  });

  test("an overtaken voucher is bound only with a signature, at the price and once", () => {
    const one = open(newPayerState(terms, 100n), []);
    const two = open(one.state, [one.root]);
    const b = acceptVoucher(newPayeeState(terms, 100n, 0n), two.state.voucher as never, check(two.receipt));
    const forged = {
      ...(one.state.voucher as NonNullable<PayerState["voucher"]>),
      signature: payee.sign(new Uint8Array(32)),
    };
    expect(code(() => acceptVoucher(b, forged, check(one.receipt)))).toBe("voucher-signature");
    expect(code(() => acceptVoucher(b, one.state.voucher as never, check(one.receipt, UNIT + 1n)))).toBe(
      "voucher-price",
    );
    expect(code(() => acceptVoucher(b, two.state.voucher as never, check(two.receipt)))).toBe("voucher-stale");
  });

  test("a voucher below what was earned is refused", () => {
    const one = open(newPayerState(terms, 100n), []);
    let b = acceptVoucher(newPayeeState(terms, 100n, 0n), one.state.voucher as never, check(one.receipt));
    const chain = hashChain(one.state.lanes[0]?.secret as Uint8Array, 8);
    b = acceptTick(b, { root: one.root, steps: 5, preimage: chain.at(5) }, any);
    // The payer folds its lane as if it had revealed nothing.
    const cheat = open(one.state, []);
    expect(code(() => acceptVoucher(b, cheat.state.voucher as never, check(cheat.receipt)))).toBe("voucher-stale");
  });

  test("lanes with more steps than a message may cost, changed lanes and nine lanes are refused", () => {
    const one = open(newPayerState(terms, 1_000n), []);
    const fresh = newPayeeState(terms, 10n ** 9n, 0n);
    const lane = one.state.lanes[0] as NonNullable<(typeof one.state.lanes)[0]>;
    const signed = (lanes: readonly (typeof lane)[]) =>
      signVoucher({ channelId: channelId(terms, domain), cumulative: 0n, lanes }, payer, domain);
    expect(code(() => acceptVoucher(fresh, signed([{ ...lane, maxSteps: MAX_STEPS + 1 }]), check(one.receipt)))).toBe(
      "voucher-lanes",
    );
    const known = acceptVoucher(fresh, one.state.voucher as never, check(one.receipt));
    expect(code(() => acceptVoucher(known, signed([{ ...lane, maxSteps: 9 }]), check(one.receipt)))).toBe(
      "voucher-lanes",
    );
    const nine = Array.from({ length: 9 }, (_, i) => ({ ...lane, root: new Uint8Array(32).fill(i) }));
    expect(code(() => acceptVoucher(fresh, signed(nine), check(one.receipt)))).toBe("voucher-lanes");
    expect(code(() => acceptVoucher(fresh, signed([{ ...lane, expiry: NEVER - 1n }]), check(one.receipt)))).toBe(
      "voucher-expiry",
    );
  });
});

describe("after a crash", () => {
  test("the payer takes over ticks that its own chain proves, and no others", () => {
    const one = open(newPayerState(terms, 100n), []);
    const chain = hashChain(one.state.lanes[0]?.secret as Uint8Array, 8);
    const good = restore(one.state, [{ root: one.root, steps: 3, preimage: chain.at(3) }]);
    expect([promised(good), good.paidBytes, good.deliveredBytes]).toEqual([3n * UNIT, 3 * 16_384, 3 * 16_384]);
    const forged = [
      { root: one.root, steps: 4, preimage: chain.at(3) },
      { root: one.root, steps: 9, preimage: chain.at(8) },
      { root: random(32), steps: 1, preimage: random(32) },
    ];
    expect(restore(one.state, forged)).toEqual(one.state);
  });

  test("the payer that lost everything adopts what its own signature and chains prove", () => {
    const one = open(newPayerState(terms, 100n), []);
    const chain = hashChain(one.state.lanes[0]?.secret as Uint8Array, 8);
    let b = acceptVoucher(newPayeeState(terms, 100n, 0n), one.state.voucher as never, check(one.receipt));
    b = acceptTick(b, { root: one.root, steps: 6, preimage: chain.at(6) }, any);
    const copy = {
      terms,
      proofs: laneProofs(b),
      paidBytes: b.paidBytes,
      voucher: b.voucher as NonNullable<typeof b.voucher>,
    };
    const state = adopt(copy, { domain, curve: nobleCurve });
    expect(state && promised(state)).toBe(6n * UNIT);
    const signed = signVoucher({ ...copy.voucher.voucher, cumulative: 99n }, payee, domain);
    expect(adopt({ ...copy, voucher: signed }, { domain, curve: nobleCurve })).toBeUndefined();
  });
});
