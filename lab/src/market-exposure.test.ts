/**
 * The choke round's twelfth invariant, with the channel's own rules: over random rounds of opening, closing and repricing a
 * slot, serving, paying and delivering bad data, the seller is never exposed beyond the credit, in bytes or in money, and
 * the buyer pays, beyond the one advance, only for data that verified.
 */
import {
  accountCredit,
  aheadLimit,
  balanceBytes,
  joinAccount,
  notePaid,
  noteServed,
  type PayeeRecord,
  payerAccount,
  stepsDue,
} from "@everseed/channel";
import { seededRandom } from "@everseed/core";
import { chargedPrice, FREE_TERMS, laneUnit, moveSlot, NO_SLOT, type SlotState, toPrice } from "@everseed/market";
import { expect, test } from "vitest";
import { DEFAULT_ROUNDS, drawFrom } from "../../protocol/market/src/market-compliance.ts";

const ROUNDS = Number(process.env.EVERSEED_MARKET_ROUNDS ?? DEFAULT_ROUNDS);
const UNIT = 16_384;
const CAP = 1 << 20;

test(`12, over ${ROUNDS} rounds: the seller risks the credit at most, the buyer pays only for data that verifies`, () => {
  const draw = drawFrom(seededRandom(12));
  let [now, slot] = [0, NO_SLOT as SlotState];
  let account = joinAccount(payerAccount(0, 0), { id: 1, unitBytes: UNIT, capBytes: CAP });
  let record: PayeeRecord = { paidBytes: 0, deliveredBytes: 0, lostBytes: 0 };
  let [served, asked, sentBad, dearest] = [0, 0, 0, 0n];
  /** Prices of the units that were served and not paid, and paid and not served. Nano base units, oldest first. */
  const [unpaid, prepaid]: [bigint[], bigint[]] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    now += 10_000;
    const terms =
      draw(5) === 0
        ? FREE_TERMS
        : { price: toPrice(BigInt(1 + draw(50)) * 1_000_000n), reason: { type: "reserve" as const } };
    const step = moveSlot(slot, draw(6) === 0 ? { unchoked: false } : { unchoked: true, terms }, now);
    slot = step.state;
    if (step.effects.some(({ type }) => type === "reject-queue")) asked = 0;
    if (!slot.unchoked || chargedPrice(slot) === 0n) continue;
    const unit = laneUnit(chargedPrice(slot), UNIT);
    if (unit > dearest) dearest = unit;
    asked += UNIT * draw(20);
    for (let turn = 0; turn < 6; turn++) {
      const allowance = account.seats[0]?.allowanceBytes ?? 0;
      while (asked >= UNIT && served + UNIT <= allowance && draw(8) > 0) {
        [served, asked] = [served + UNIT, asked - UNIT];
        account = noteServed(account, 1, served);
        // An advance is counted in units: it buys what it was paid for, at the price of that time.
        if (prepaid.shift() === undefined) unpaid.push(unit);
        if (draw(200) === 0) sentBad += UNIT;
        else record = { ...record, deliveredBytes: record.deliveredBytes + UNIT };
      }
      expect(balanceBytes(account)).toBeLessThanOrEqual(accountCredit(account));
      expect(unpaid.reduce((sum, each) => sum + each, 0n)).toBeLessThanOrEqual(
        (BigInt(accountCredit(account)) / BigInt(UNIT)) * dearest,
      );
      const stuck = draw(10) === 0;
      const due =
        draw(4) === 0
          ? 0
          : stepsDue(record, { unitBytes: UNIT, capBytes: CAP, askedBytes: asked, finishing: false, stuck });
      for (let tick = 0; tick < due; tick++) {
        account = notePaid(account, 1, UNIT);
        record = { ...record, paidBytes: record.paidBytes + UNIT };
        if (unpaid.shift() === undefined) prepaid.push(unit);
      }
      expect(record.paidBytes - record.deliveredBytes).toBeLessThanOrEqual(aheadLimit(record, UNIT, CAP));
    }
  }
  expect(sentBad).toBeGreaterThan(0);
  expect(record.deliveredBytes + sentBad).toBe(served);
  expect(record.paidBytes).toBeGreaterThan(0);
});
