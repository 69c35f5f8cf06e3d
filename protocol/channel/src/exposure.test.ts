/** How far one side may be ahead of the other, whatever the other does. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accountCredit,
  aheadLimit,
  balanceBytes,
  creditBytes,
  joinAccount,
  leaveAccount,
  notePaid,
  noteServed,
  type PayerAccount,
  payerAccount,
  reclaim,
  stepsDue,
} from "./exposure.ts";

const UNIT = 16_384;
const CAP = 1 << 20;

describe("credit", () => {
  test("is one unit at first contact, then a sixteenth of what was paid, up to the user's cap", () => {
    expect(creditBytes(0, UNIT, CAP)).toBe(UNIT);
    expect(creditBytes(16 * UNIT, UNIT, CAP)).toBe(UNIT);
    expect(creditBytes(32 * UNIT, UNIT, CAP)).toBe(2 * UNIT);
    expect(creditBytes(1e12, UNIT, CAP)).toBe(CAP);
  });
});

type Op =
  | { readonly kind: "join"; readonly big: boolean }
  | { readonly kind: "serve" | "pay"; readonly at: number; readonly units: number }
  | { readonly kind: "leave" | "reclaim"; readonly at: number };

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constant("join" as const), big: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom("serve" as const, "pay" as const),
    at: fc.nat(7),
    units: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({ kind: fc.constantFrom("leave" as const, "reclaim" as const), at: fc.nat(7) }),
);

describe("the payee's account of one payer", () => {
  test("bytes served and unpaid never exceed the credit, over any number of connections, joins and departures", () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 200 }), (ops) => {
        let account: PayerAccount = payerAccount(0, 0);
        // Of all units that ever sat here: what one connection with a large unit was given stays given.
        let credit = 0;
        let next = 0;
        for (const step of ops) {
          const seat = "at" in step ? account.seats[step.at % Math.max(1, account.seats.length)] : undefined;
          if (step.kind === "join") {
            account = joinAccount(account, { id: next++, unitBytes: step.big ? 8 * UNIT : UNIT, capBytes: CAP });
          } else if (seat !== undefined && step.kind === "serve") {
            // The engine serves whole blocks within the allowance.
            const room = Math.floor((seat.allowanceBytes - seat.servedBytes) / UNIT);
            account = noteServed(account, seat.id, seat.servedBytes + UNIT * Math.max(0, Math.min(room, step.units)));
          } else if (seat !== undefined && step.kind === "pay") {
            const due = Math.ceil((seat.servedBytes - seat.paidBytes) / seat.unitBytes);
            account = notePaid(account, seat.id, seat.unitBytes * Math.min(step.units, Math.max(1, due)));
          } else if (seat !== undefined && step.kind === "leave") account = leaveAccount(account, seat.id);
          else if (seat !== undefined) account = reclaim(account, seat.id);
          credit = Math.max(credit, accountCredit(account));
          expect(balanceBytes(account)).toBeLessThanOrEqual(credit);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("an allowance never falls but by a reclaim", () => {
    let account = joinAccount(payerAccount(0, 640 * UNIT), { id: 1, unitBytes: UNIT, capBytes: CAP });
    const before = account.seats[0]?.allowanceBytes;
    account = joinAccount(account, { id: 2, unitBytes: UNIT, capBytes: CAP });
    expect(account.seats[0]?.allowanceBytes).toBe(before);
    expect(account.seats[1]?.allowanceBytes).toBe(0);
    account = notePaid(noteServed(account, 1, 40 * UNIT), 1, 30 * UNIT);
    expect(account.seats[1]?.allowanceBytes).toBeGreaterThanOrEqual(20 * UNIT);
  });

  test("a debt of an earlier connection takes the place of new credit; an advance adds to it", () => {
    const owing = joinAccount(payerAccount(UNIT, 0), { id: 1, unitBytes: UNIT, capBytes: CAP });
    expect(owing.seats[0]?.allowanceBytes).toBe(0);
    const ahead = joinAccount(payerAccount(-3 * UNIT, 0), { id: 1, unitBytes: UNIT, capBytes: CAP });
    expect(ahead.seats[0]?.allowanceBytes).toBe(4 * UNIT);
  });
});

describe("the payer's steps", () => {
  const world = fc.record({
    paidUnits: fc.nat(5_000),
    deliveredBytes: fc.nat(5_000 * UNIT),
    lostBytes: fc.integer({ min: -(1 << 30), max: 1 << 30 }),
    askedBytes: fc.nat(1 << 24),
    finishing: fc.boolean(),
    stuck: fc.boolean(),
  });

  test("never lead further ahead of what was delivered than the limit, whatever the payee claims", () => {
    fc.assert(
      fc.property(world, ({ paidUnits, deliveredBytes, lostBytes, ...input }) => {
        const record = { paidBytes: paidUnits * UNIT, deliveredBytes, lostBytes };
        const steps = stepsDue(record, { ...input, unitBytes: UNIT, capBytes: CAP });
        expect(Number.isSafeInteger(steps) && steps >= 0).toBe(true);
        if (steps > 0) {
          const ahead = record.paidBytes + steps * UNIT - deliveredBytes;
          expect(ahead).toBeLessThanOrEqual(aheadLimit(record, UNIT, CAP));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("are none before the first delivery, unless the payee waits", () => {
    const record = { paidBytes: 0, deliveredBytes: 0, lostBytes: 0 };
    const input = { unitBytes: UNIT, capBytes: CAP, askedBytes: 1 << 20, finishing: false };
    expect(stepsDue(record, { ...input, stuck: false })).toBe(0);
    expect(stepsDue(record, { ...input, stuck: true })).toBe(1);
  });

  test("end at what came, rounded up, when nothing more is wanted", () => {
    const record = { paidBytes: 0, deliveredBytes: 10 * UNIT + 1, lostBytes: 5 * UNIT };
    expect(
      stepsDue(record, { unitBytes: UNIT, capBytes: CAP, askedBytes: 1 << 20, finishing: true, stuck: true }),
    ).toBe(11);
  });
});
