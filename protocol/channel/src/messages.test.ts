/** The wire form of `es_pay`: what is encoded is decoded, and random bytes are refused by name. */
import { ProtocolError } from "@everseed/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePayMessage, encodePayMessage, MAX_MESSAGE_BYTES, type PayMessage } from "./messages.ts";
import { MAX_LANES, MAX_STEPS, MAX_UINT128, NEVER } from "./types.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = bytes(20).map((b) => `0x${Buffer.from(b).toString("hex")}` as const);
const uint128 = fc.bigInt({ min: 0n, max: MAX_UINT128 });
const terms = fc.record({
  payer: address,
  payee: address,
  signer: address,
  token: address,
  window: fc.nat(),
  nonce: fc.bigInt({ min: 0n, max: NEVER }),
});
const lane = fc.record({
  root: bytes(32),
  unit: uint128,
  maxSteps: fc.integer({ min: 1, max: MAX_STEPS }),
  expiry: fc.bigInt({ min: 0n, max: NEVER }),
  receiptHash: bytes(32),
});
const signed = fc.record({
  voucher: fc.record({ channelId: bytes(32), cumulative: uint128, lanes: fc.array(lane, { maxLength: MAX_LANES }) }),
  signature: bytes(65),
});
const proof = fc.record({ root: bytes(32), steps: fc.integer({ min: 0, max: MAX_STEPS }), preimage: bytes(32) });
const copy = fc.record(
  { terms, voucher: signed, proofs: fc.array(proof, { maxLength: MAX_LANES }), paidBytes: fc.nat() },
  { requiredKeys: ["terms", "proofs", "paidBytes"] },
);
const offer = fc.record({
  chainId: fc.nat().map(BigInt),
  contract: address,
  token: address,
  unit: uint128,
  unitBytes: fc.integer({ min: 1, max: 1 << 28 }),
  creditCapBytes: fc.nat(),
  minWindow: fc.nat(),
  minDeposit: uint128,
  owedBytes: fc.nat(),
});
const message: fc.Arbitrary<PayMessage> = fc.oneof(
  fc.record({ type: fc.constant("auth" as const), signature: bytes(65) }),
  fc.record({
    type: fc.constant("offer" as const),
    offer,
    copies: fc.array(copy, { maxLength: 4 }),
  }) as fc.Arbitrary<PayMessage>,
  fc.record({
    type: fc.constant("voucher" as const),
    terms,
    signed,
    receipt: fc.record({ bytesBefore: fc.nat(), epoch: fc.nat() }),
  }),
  fc.record({ type: fc.constant("tick" as const), root: bytes(8), steps: fc.nat(), preimage: bytes(32) }),
  fc.record({ type: fc.constant("accepted" as const), root: bytes(32) }),
  fc.record({ type: fc.constant("stop" as const), code: fc.stringMatching(/^[a-z-]{0,40}$/) }),
);

test("every message survives the trip, within the size limit", () => {
  fc.assert(
    fc.property(message, (m) => {
      const wire = encodePayMessage(m);
      expect(wire.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      expect(decodePayMessage(wire)).toEqual(m);
    }),
    { numRuns: 300 },
  );
});

function decodes(wire: Uint8Array): void {
  try {
    decodePayMessage(wire);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

test("random bytes, and messages with bytes changed or cut off, are decoded or refused by name", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (wire) => decodes(wire)),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (m, at, value, cut) => {
      const wire = encodePayMessage(m);
      wire[at % wire.length] = value;
      decodes(wire.subarray(0, cut % (wire.length + 1)));
      decodes(wire);
    }),
    { numRuns: 1_000 },
  );
});

test("a message beyond the limit is refused before it is parsed", () => {
  const wire = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  wire[0] = 1;
  expect(() => decodePayMessage(wire)).toThrow(ProtocolError);
});

test("keys that are not known are ignored", () => {
  const wire = encodePayMessage({ type: "stop", code: "budget-used" });
  const more = Buffer.from(
    Buffer.from(wire).toString("latin1").replace("e".repeat(0), "").replace(/e$/, "1:zi1ee"),
    "latin1",
  );
  expect(decodePayMessage(new Uint8Array(more))).toEqual({ type: "stop", code: "budget-used" });
});
