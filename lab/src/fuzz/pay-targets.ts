/** Payments: amounts and prices, signatures, and the `es_pay` extension up to what a seller takes for money. */
import {
  acceptSettlement,
  acceptTick,
  acceptVoucher,
  channelId,
  decodePayMessage,
  earned,
  encodePayMessage,
  hashChain,
  NEVER,
  newPayeeState,
  newSession,
  type PayeeState,
  type PayMessage,
  payHandshake,
  type Receipt,
  receiptHash,
  type SessionEnv,
  type SessionState,
  type SignedVoucher,
  sessionStep,
  signVoucher,
} from "@everseed/channel";
import {
  createSigner,
  fromUtf8,
  NANO,
  nobleCurve,
  ProtocolError,
  parseAmount,
  parsePrice,
  recoverAddress,
  sha256,
  utf8,
} from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { decodeExtendedHandshake, encodeExtendedHandshake } from "@everseed/wire";
import { anyOf, type FuzzTarget, same, sample } from "./target.ts";

const PAYER = createSigner(sha256(utf8("payer")), nativeCurve);
const PAYEE = createSigner(sha256(utf8("payee")), nativeCurve);
const DOMAIN = { chainId: 31_337n, contract: `0x${"44".repeat(20)}` } as const;
const TERMS = {
  payer: PAYER.address,
  payee: PAYEE.address,
  signer: PAYER.address,
  token: `0x${"33".repeat(20)}`,
  window: 86_400,
  nonce: 7n,
} as const;
const UNIT = NANO / 4n;
const UNIT_BYTES = 16_384;
const DEPOSIT = 1_000n;
const INFO_HASH = sample(20);

const receiptOf = (bytesBefore: number, epoch: number): Receipt => ({
  infoHash: INFO_HASH,
  uploader: PAYEE.address,
  downloader: PAYER.address,
  bytesBefore,
  unitBytes: UNIT_BYTES,
  epoch,
});
const START = { bytesBefore: 0, epoch: 20_000 };
const CHAINS = [hashChain(sample(32, 1), 64), hashChain(sample(32, 2), 64)];
const LANES = CHAINS.map((chain) => ({
  root: chain.at(0),
  unit: UNIT,
  maxSteps: chain.maxSteps,
  expiry: NEVER,
  receiptHash: receiptHash(receiptOf(START.bytesBefore, START.epoch)),
}));
const VOUCHERS = [LANES.slice(0, 1), LANES].map((lanes) =>
  signVoucher({ channelId: channelId(TERMS, DOMAIN), cumulative: 10n * NANO, lanes }, PAYER, DOMAIN),
) as [SignedVoucher, SignedVoucher];
const SETTLED = signVoucher({ channelId: channelId(TERMS, DOMAIN), cumulative: 12n * NANO, lanes: [] }, PAYER, DOMAIN);

const PAID: readonly PayMessage[] = [
  { type: "voucher", terms: TERMS, signed: VOUCHERS[1], receipt: START },
  { type: "voucher", terms: TERMS, signed: SETTLED },
  ...[3, 40, 64].map((steps): PayMessage => {
    const [chain] = CHAINS as [(typeof CHAINS)[number]];
    return { type: "tick", root: chain.at(0).subarray(0, 8), steps, preimage: chain.at(steps) };
  }),
];
const UNPAID: readonly PayMessage[] = [
  {
    type: "offer",
    offer: {
      chainId: DOMAIN.chainId,
      contract: DOMAIN.contract,
      token: TERMS.token,
      unit: UNIT,
      unitBytes: UNIT_BYTES,
      creditCapBytes: 1 << 25,
      minWindow: 3_600,
      minDeposit: 0n,
      owedBytes: 0,
    },
    copies: [
      {
        terms: TERMS,
        voucher: VOUCHERS[1],
        proofs: [{ root: LANES[0]?.root ?? sample(32), steps: 9, preimage: sample(32) }],
        paidBytes: 9 * UNIT_BYTES,
      },
      { terms: TERMS, proofs: [], paidBytes: 0 },
    ],
  },
  { type: "accepted", root: sample(32) },
  { type: "stop", code: "budget-used" },
];

const takeVoucher = (state: PayeeState, signed: SignedVoucher, start: { bytesBefore: number; epoch: number }) =>
  acceptVoucher(state, signed, {
    domain: DOMAIN,
    curve: nativeCurve,
    unit: UNIT,
    unitBytes: UNIT_BYTES,
    receipt: receiptOf(start.bytesBefore, start.epoch),
  });
/** A seller that holds a voucher with one lane, some steps into it. */
const HELD = acceptTick(
  takeVoucher(newPayeeState(TERMS, DEPOSIT, 0n), VOUCHERS[0], START),
  { root: CHAINS[0]?.at(0) as Uint8Array, steps: 2, preimage: CHAINS[0]?.at(2) as Uint8Array },
  () => true,
);

/** What a seller may never come to hold, whatever its buyer signs. */
function checkMoney(after: PayeeState): void {
  if (earned(after) < earned(HELD)) throw new Error(`earned fell from ${earned(HELD)} to ${earned(after)}`);
  const most = after.lanes.reduce((sum, lane) => sum + BigInt(lane.maxSteps) * lane.unit, after.cumulative);
  if (most > DEPOSIT * NANO) throw new Error(`took lanes for ${most} nano base units against a deposit of ${DEPOSIT}`);
}

const sessionEnv = (side: 0 | 1): SessionEnv => ({
  domain: DOMAIN,
  signer: side === 0 ? PAYEE : PAYER,
  curve: nativeCurve,
  nonce: sample(32, 10 + side),
  wireInfoHash: INFO_HASH,
  localPeerId: sample(20, 10 + side),
  remotePeerId: sample(20, 11 - side),
  selling: true,
  buying: true,
  identify: false,
});
const OURS = sessionEnv(0);
const THEIRS = sessionEnv(1);

/** A session that has read the other side's handshake, and the auth it says in answer. */
function greeted(env: SessionEnv, other: SessionEnv): { state: SessionState; auth: Uint8Array } {
  const event = { type: "handshake", fields: payHandshake(other), supported: true } as const;
  const [state, effects] = sessionStep(newSession, event, env);
  const auth = effects.flatMap((effect) => (effect.type === "send" ? [encodePayMessage(effect.message)] : []))[0];
  return { state, auth: auth as Uint8Array };
}
const AUTH = greeted(THEIRS, OURS).auth;
const GREETED = greeted(OURS, THEIRS).state;
const [AUTHENTICATED] = sessionStep(GREETED, { type: "message", payload: AUTH }, OURS);

export const PAY_TARGETS: readonly FuzzTarget[] = [
  {
    name: "es-pay-message",
    corpus: () => [...PAID, ...UNPAID].map(encodePayMessage).concat(AUTH),
    run: (input) => {
      const message = decodePayMessage(input);
      same(decodePayMessage(encodePayMessage(message)), message, `an es_pay ${message.type}`);
    },
  },
  {
    name: "es-pay-handshake",
    corpus: () => [encodeExtendedHandshake({ messages: new Map([["es_pay", 3]]), extra: payHandshake(THEIRS) })],
    run: (input) => {
      const { extra, messages } = decodeExtendedHandshake(input);
      const event = { type: "handshake", fields: extra, supported: messages.has("es_pay") } as const;
      const [state, effects] = sessionStep(newSession, event, OURS);
      if (state.phase !== "greeted" && effects.length > 0) throw new Error("answered a handshake that is none");
    },
  },
  {
    name: "es-pay-session",
    corpus: () => [AUTH, ...[...PAID, ...UNPAID].map(encodePayMessage)],
    run: (input) => {
      // An auth is read by a session that waits for one, all else by one that has it.
      const waits = input[0] === AUTH[0];
      const [state] = sessionStep(waits ? GREETED : AUTHENTICATED, { type: "message", payload: input }, OURS);
      if (waits && state.phase === "authenticated") same(state.address, PAYER.address, "the address of an auth");
    },
  },
  {
    name: "es-pay-seller",
    corpus: () => PAID.map(encodePayMessage),
    run: (input) => {
      const message = decodePayMessage(input);
      if (message.type === "tick") return checkMoney(acceptTick(HELD, message, () => true));
      if (message.type !== "voucher") return;
      // A hostile buyer has its key and signs what it likes, in the right channel or another.
      const { voucher } = message.signed;
      const { receipt } = message;
      const take = (signed: SignedVoucher): void =>
        checkMoney(
          receipt === undefined
            ? acceptSettlement(HELD, signed, { domain: DOMAIN, curve: nativeCurve })
            : takeVoucher(HELD, signed, receipt),
        );
      const signed = [voucher, { ...voucher, channelId: channelId(TERMS, DOMAIN) }];
      anyOf(() => take(message.signed), ...signed.map((each) => () => take(signVoucher(each, PAYER, DOMAIN))));
    },
  },
  {
    name: "signature",
    corpus: () => [1, 2, 3].map((n) => new Uint8Array(Buffer.concat([sample(32, n), PAYER.sign(sample(32, n))]))),
    run: (input) => {
      const [digest, signature] = [new Uint8Array(32), input.subarray(32)];
      digest.set(input.subarray(0, 32));
      const signer = recoverAddress(digest, signature, nativeCurve);
      // The portable curve takes a millisecond and more: a share of the inputs is enough to tell them apart.
      if ((digest[31] as number) % 32 === 0)
        same(signer, recoverAddress(digest, signature, nobleCurve), "a signature under the other curve");
      if (signer === undefined) throw new ProtocolError("signature", "signature", "a signature", "none");
    },
  },
  {
    name: "price",
    corpus: () => ["0.01/GiB", "1.5", "0", "12/MiB", "0.001/TiB"].map(utf8),
    run: (input) => {
      const text = fromUtf8(input);
      anyOf(
        () => parseAmount(text, 6),
        () => parsePrice(text, 6),
      );
    },
  },
];
