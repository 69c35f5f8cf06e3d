/**
 * The payee's side of one channel: checks vouchers and ticks.
 *
 * Invariants: `earned` never falls; a lane is bound to the one connection that brought it, with that connection's price,
 * unit and receipt; lane caps never exceed the deposit; a tick costs at most `MAX_STEPS` hashes.
 */
import { type Curve, equalBytes, NANO, ProtocolError, toHex } from "@everseed/core";
import { leadsTo } from "./hash-chain.ts";
import {
  type ChannelTerms,
  type Lane,
  type LaneProof,
  MAX_LANES,
  MAX_STEPS,
  MAX_UINT128,
  NEVER,
  type Receipt,
  type SignedVoucher,
} from "./types.ts";
import { type ChannelDomain, channelId, receiptHash, voucherSigner } from "./voucher.ts";

export interface PayeeLane extends Lane {
  readonly steps: number;
  readonly preimage: Uint8Array;
  /** Bytes a step pays for; 0 until the connection that the lane belongs to brought it. */
  readonly unitBytes: number;
  readonly receipt?: Receipt;
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
  /** Bytes this payer has paid for on this channel, over all torrents and connections. */
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
  /** Least price of a step, nano base units, and the bytes it buys, on the connection that brings the voucher. */
  readonly unit: bigint;
  readonly unitBytes: number;
  /** What the last lane's receipt must say. */
  readonly receipt: Receipt;
}

/**
 * Checks a voucher against all the payee knows and takes it over. Its last lane belongs to the connection that brings it.
 * A voucher that a later one overtook on another connection only binds its lane. Throws `ProtocolError` `voucher-*`.
 */
export function acceptVoucher(state: PayeeState, signed: SignedVoucher, check: VoucherCheck): PayeeState {
  checkChannel(state, signed, check.domain);
  checkLanes(state, signed);
  const own = signed.voucher.lanes.at(-1);
  if (own === undefined) throw refuse("lanes", "a lane for this connection", "none");
  checkOwnLane(own, check);
  const held = state.lanes.find((lane) => equalBytes(lane.root, own.root));
  if (held !== undefined && held.unitBytes > 0)
    throw refuse("stale", "a lane that no connection uses", "one that was brought before");
  const next = held === undefined ? takeOver(state, signed) : state;
  checkSigner(state, signed, check);
  const bind = (lane: PayeeLane): PayeeLane =>
    equalBytes(lane.root, own.root) ? { ...lane, unitBytes: check.unitBytes, receipt: check.receipt } : lane;
  return { ...next, lanes: next.lanes.map(bind) };
}

/**
 * Checks a voucher that brings no lane and takes it over: what its payer revealed is a sum now, which can be claimed without
 * proving steps. Sums only rise, so one that is no larger was overtaken by a later voucher on another connection and changes
 * nothing. Throws `ProtocolError` `voucher-*`.
 */
export function acceptSettlement(
  state: PayeeState,
  signed: SignedVoucher,
  check: Pick<VoucherCheck, "domain" | "curve">,
): PayeeState {
  checkChannel(state, signed, check.domain);
  checkLanes(state, signed);
  checkSigner(state, signed, check);
  return signed.voucher.cumulative <= state.cumulative ? state : takeOver(state, signed);
}

function checkChannel({ terms }: PayeeState, { voucher }: SignedVoucher, domain: ChannelDomain): void {
  if (equalBytes(voucher.channelId, channelId(terms, domain))) return;
  throw refuse(
    "channel",
    "one of this channel, contract and chain",
    `channel ${toHex(voucher.channelId).slice(0, 16)}...`,
  );
}

function checkSigner(
  { terms }: PayeeState,
  signed: SignedVoucher,
  { domain, curve }: Pick<VoucherCheck, "domain" | "curve">,
): void {
  const signer = voucherSigner(signed, domain, curve);
  if (signer !== terms.signer) throw refuse("signature", `a signature of ${terms.signer}`, signer ?? "none");
}

function checkLanes(state: PayeeState, { voucher }: SignedVoucher): void {
  if (voucher.lanes.length > MAX_LANES) throw refuse("lanes", `at most ${MAX_LANES} lanes`, `${voucher.lanes.length}`);
  if (new Set(voucher.lanes.map((lane) => toHex(lane.root))).size !== voucher.lanes.length) {
    throw refuse("lanes", "lanes with different roots", "a root twice");
  }
  for (const lane of voucher.lanes) {
    if (lane.maxSteps < 1 || lane.maxSteps > MAX_STEPS)
      throw refuse("lanes", `1 to ${MAX_STEPS} steps`, `${lane.maxSteps}`);
    if (lane.expiry !== NEVER) throw refuse("expiry", "lanes that never expire", `one that expires at ${lane.expiry}`);
    const known = state.lanes.find((old) => equalBytes(old.root, lane.root));
    if (known === undefined) continue;
    const same =
      known.unit === lane.unit && known.maxSteps === lane.maxSteps && equalBytes(known.receiptHash, lane.receiptHash);
    if (!same) throw refuse("lanes", "a known lane unchanged", "other terms");
  }
}

function checkOwnLane(lane: Lane, check: VoucherCheck): void {
  if (lane.unit < check.unit) throw refuse("price", `at least ${check.unit} nano base units a step`, `${lane.unit}`);
  if (!equalBytes(lane.receiptHash, receiptHash(check.receipt))) {
    throw refuse("receipt", "a lane that commits to its receipt", toHex(lane.receiptHash).slice(0, 16));
  }
}

function takeOver(state: PayeeState, signed: SignedVoucher): PayeeState {
  const { voucher } = signed;
  let most = voucher.cumulative;
  let kept = voucher.cumulative;
  const lanes = voucher.lanes.map((lane): PayeeLane => {
    const known = state.lanes.find((old) => equalBytes(old.root, lane.root));
    most += BigInt(lane.maxSteps) * lane.unit;
    kept += BigInt(known?.steps ?? 0) * lane.unit;
    return known ?? { ...lane, steps: 0, preimage: lane.root, unitBytes: 0 };
  });
  if (most > MAX_UINT128 || most > state.deposit * NANO) {
    throw refuse("deposit", `lanes that the deposit of ${state.deposit} base units covers`, `${most} nano base units`);
  }
  const before = earned(state);
  if (kept < before) throw refuse("stale", `a promise of at least ${before} nano base units`, `${kept}`);
  return { ...state, cumulative: voucher.cumulative, lanes, voucher: signed };
}

function refuse(code: string, expected: string, received: string): ProtocolError {
  return new ProtocolError(`voucher-${code}`, "voucher", expected, received);
}

/**
 * Checks a tick and counts it. An old one changes nothing. `owns` says which lanes belong to the connection that brings
 * it: a tick of another's lane would be counted at this one's unit. Throws `ProtocolError` `tick-*`.
 */
export function acceptTick(
  state: PayeeState,
  tick: { readonly root: Uint8Array; readonly steps: number; readonly preimage: Uint8Array },
  owns: (root: Uint8Array) => boolean,
): PayeeState {
  const lane = state.lanes.find((known) => equalBytes(known.root.subarray(0, tick.root.length), tick.root));
  if (lane === undefined || !owns(lane.root)) {
    throw new ProtocolError("tick-lane", "tick", "a lane of this connection", toHex(tick.root).slice(0, 16));
  }
  if (tick.steps > lane.maxSteps)
    throw new ProtocolError("tick-steps", "tick", `at most ${lane.maxSteps} steps`, `${tick.steps}`);
  if (tick.steps <= lane.steps) return state;
  if (!leadsTo(tick.preimage, tick.steps - lane.steps, lane.preimage)) {
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
  return { ...state, lanes, paidBytes: state.paidBytes + (tick.steps - lane.steps) * lane.unitBytes };
}

/**
 * Bytes that a voucher pays for beyond the ticks that arrived: what its `cumulative` promises of lanes that are gone. Counted
 * at the dearest price a byte that they can have had, so that nobody is credited with more bytes than were paid. `dearest` is
 * of lanes that never arrived.
 */
export function recoveredBytes(
  before: PayeeState,
  after: PayeeState,
  dearest: { readonly unit: bigint; readonly unitBytes: number },
): number {
  let { unit, unitBytes } = dearest;
  for (const lane of before.lanes) {
    if (lane.unitBytes === 0 || after.lanes.some(({ root }) => equalBytes(root, lane.root))) continue;
    if (lane.unit * BigInt(unitBytes) > unit * BigInt(lane.unitBytes)) ({ unit, unitBytes } = lane);
  }
  const extra = earned(after) - earned(before);
  return unit > 0n ? Number((extra * BigInt(unitBytes)) / unit) : 0;
}

export function laneProofs(state: PayeeState): LaneProof[] {
  return state.lanes.filter((lane) => lane.steps > 0).map(({ root, steps, preimage }) => ({ root, steps, preimage }));
}
