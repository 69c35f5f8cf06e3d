/**
 * The payee's side of one channel: checks vouchers and ticks, and says how much may be served ahead of payment.
 *
 * Invariants: `earned` never falls; nothing is served on a voucher that is not stored; whatever the payer does, the data
 * given and not paid for is at most the credit.
 */
import { type Curve, equalBytes, NANO, ProtocolError, toHex } from "@everseed/core";
import { type Keccak, leadsTo } from "./hash-chain.ts";
import { type ChannelTerms, type Lane, type LaneProof, MAX_LANES, MAX_UINT128, type SignedVoucher } from "./types.ts";
import { type ChannelDomain, channelId, voucherSigner } from "./voucher.ts";

export interface PayeeLane extends Lane {
  readonly steps: number;
  readonly preimage: Uint8Array;
}

export interface PayeeState {
  readonly terms: ChannelTerms;
  /** Base units, as last read from the chain. */
  readonly deposit: bigint;
  /** Base units already paid out on chain. */
  readonly claimed: bigint;
  readonly cumulative: bigint;
  readonly lanes: readonly PayeeLane[];
  readonly voucher?: SignedVoucher;
  /** Bytes this payer has paid for, over all torrents and connections. */
  readonly paidBytes: number;
}

export function newPayeeState(terms: ChannelTerms, deposit: bigint, claimed: bigint): PayeeState {
  return { terms, deposit, claimed, cumulative: 0n, lanes: [], paidBytes: 0 };
}

/** Nano base units that can be claimed with what is held. */
export function earned(state: PayeeState): bigint {
  return state.lanes.reduce((sum, lane) => sum + BigInt(lane.steps) * lane.unit, state.cumulative);
}

/** Base units the contract would pay in all. */
export function payable(state: PayeeState): bigint {
  const total = earned(state) / NANO;
  return total < state.deposit ? total : state.deposit;
}

export interface VoucherCheck {
  readonly domain: ChannelDomain;
  readonly curve: Curve;
  /** Least unit accepted for new lanes, nano base units. */
  readonly unit: bigint;
}

/** Checks a voucher against all the payee knows and takes it over. Throws `ProtocolError` `voucher-*`. */
export function acceptVoucher(state: PayeeState, signed: SignedVoucher, check: VoucherCheck): PayeeState {
  const { voucher } = signed;
  const refuse = (code: string, expected: string, received: string): ProtocolError =>
    new ProtocolError(`voucher-${code}`, "voucher", expected, received);
  if (!equalBytes(voucher.channelId, channelId(state.terms, check.domain))) {
    throw refuse(
      "channel",
      "one of this channel, contract and chain",
      `channel ${toHex(voucher.channelId).slice(0, 16)}...`,
    );
  }
  if (voucher.lanes.length > MAX_LANES) throw refuse("lanes", `at most ${MAX_LANES} lanes`, `${voucher.lanes.length}`);
  const roots = new Set(voucher.lanes.map((lane) => toHex(lane.root)));
  if (roots.size !== voucher.lanes.length) throw refuse("lanes", "lanes with different roots", "a root twice");
  let most = voucher.cumulative;
  let kept = voucher.cumulative;
  const lanes = voucher.lanes.map((lane): PayeeLane => {
    const known = state.lanes.find((old) => equalBytes(old.root, lane.root));
    if (known !== undefined && (known.unit !== lane.unit || known.maxSteps !== lane.maxSteps)) {
      throw refuse("lanes", "a known lane unchanged", "other terms");
    }
    if (lane.maxSteps < 1 || lane.maxSteps > 0xffff_ffff)
      throw refuse("lanes", "at least one step", `${lane.maxSteps}`);
    if (known === undefined && lane.unit < check.unit)
      throw refuse("price", `at least ${check.unit} nano base units a step`, `${lane.unit}`);
    const steps = known?.steps ?? 0;
    most += BigInt(lane.maxSteps) * lane.unit;
    kept += BigInt(steps) * lane.unit;
    return { ...lane, steps, preimage: known?.preimage ?? lane.root };
  });
  if (most > MAX_UINT128 || most > state.deposit * NANO) {
    throw refuse("deposit", `lanes that the deposit of ${state.deposit} base units covers`, `${most} nano base units`);
  }
  const before = earned(state);
  if (kept < before) throw refuse("stale", `a promise of at least ${before} nano base units`, `${kept}`);
  const signer = voucherSigner(signed, check.domain, check.curve);
  if (signer !== state.terms.signer)
    throw refuse("signature", `a signature of ${state.terms.signer}`, signer ?? "none");
  return { ...state, cumulative: voucher.cumulative, lanes, voucher: signed };
}

/** Checks a tick and counts it. An old one changes nothing. Throws `ProtocolError` `tick-*`. */
export function acceptTick(
  state: PayeeState,
  tick: { readonly root: Uint8Array; readonly steps: number; readonly preimage: Uint8Array },
  unitBytes: number,
  keccak: Keccak,
): PayeeState {
  const lane = state.lanes.find((known) => equalBytes(known.root.subarray(0, tick.root.length), tick.root));
  if (lane === undefined)
    throw new ProtocolError("tick-lane", "tick", "a lane of the current voucher", toHex(tick.root).slice(0, 16));
  if (tick.steps > lane.maxSteps)
    throw new ProtocolError("tick-steps", "tick", `at most ${lane.maxSteps} steps`, `${tick.steps}`);
  if (tick.steps <= lane.steps) return state;
  if (!leadsTo(tick.preimage, tick.steps - lane.steps, lane.preimage, keccak)) {
    throw new ProtocolError(
      "tick-preimage",
      "tick",
      `a value ${tick.steps - lane.steps} hashes before the last one`,
      toHex(tick.preimage).slice(0, 16),
    );
  }
  const lanes = state.lanes.map((known) =>
    known === lane ? { ...lane, steps: tick.steps, preimage: tick.preimage.slice() } : known,
  );
  return { ...state, lanes, paidBytes: state.paidBytes + (tick.steps - lane.steps) * unitBytes };
}

export function laneProofs(state: PayeeState): LaneProof[] {
  return state.lanes.filter((lane) => lane.steps > 0).map(({ root, steps, preimage }) => ({ root, steps, preimage }));
}

/** Bytes that may be served ahead of payment: one unit at first contact, then a sixteenth of what was paid, capped. */
export function creditBytes(paidBytes: number, unitBytes: number, capBytes: number): number {
  return Math.max(unitBytes, Math.min(capBytes, Math.floor(paidBytes / 16)));
}
