/**
 * The payer's side of one channel: pure steps on a plain state. A voucher must be durable before it is sent, so
 * `openLane` returns the state to store together with the voucher to send.
 *
 * Invariants: what a voucher promises never falls (`promised` is monotone); `promised` <= deposit; at most eight lanes.
 */
import { assert, EverseedError, equalBytes, NANO, type RandomBytes, type Signer } from "@everseed/core";
import { type HashChain, hashChain, type Keccak, leadsTo } from "./hash-chain.ts";
import { type ChannelTerms, type Lane, type LaneProof, MAX_LANES, NEVER, type SignedVoucher } from "./types.ts";
import { type ChannelDomain, channelId, signVoucher } from "./voucher.ts";

export interface PayerLane extends Lane {
  /** 32 bytes: the deepest value of the chain. */
  readonly secret: Uint8Array;
  /** Steps revealed so far. */
  readonly steps: number;
}

export interface PayerState {
  readonly terms: ChannelTerms;
  /** Base units. */
  readonly deposit: bigint;
  /** Nano base units of all lanes that are closed. */
  readonly folded: bigint;
  readonly lanes: readonly PayerLane[];
  readonly voucher?: SignedVoucher;
  /** Bytes of verified data this channel paid for, over all torrents. */
  readonly paidBytes: number;
}

export function newPayerState(terms: ChannelTerms, deposit: bigint): PayerState {
  return { terms, deposit, folded: 0n, lanes: [], paidBytes: 0 };
}

/** Nano base units that the payee can claim with what was revealed. */
export function promised(state: PayerState): bigint {
  return state.lanes.reduce((sum, lane) => sum + BigInt(lane.steps) * lane.unit, state.folded);
}

/** Nano base units that live lanes could still take. */
export function committed(state: PayerState): bigint {
  return state.lanes.reduce((sum, lane) => sum + BigInt(lane.maxSteps) * lane.unit, state.folded);
}

export interface OpenLane {
  readonly unit: bigint;
  readonly maxSteps: number;
  readonly receiptHash: Uint8Array;
  /** Roots of lanes that connections still use; all others are folded. */
  readonly keep: readonly Uint8Array[];
  readonly random: RandomBytes;
  readonly keccak: Keccak;
  readonly signer: Signer;
  readonly domain: ChannelDomain;
}

/**
 * Signs a voucher with one more lane, as long as the deposit allows (`maxSteps` is cut to what is left). Store the state,
 * then send `state.voucher`. Throws EverseedError `deposit-used` when not one step is left, `lanes-full` when too many
 * lanes are in use.
 */
export function openLane(state: PayerState, open: OpenLane): { state: PayerState; chain: HashChain; root: Uint8Array } {
  const kept = state.lanes.filter((lane) => open.keep.some((root) => equalBytes(root, lane.root)));
  const retired = state.lanes.filter((lane) => !kept.includes(lane));
  const folded = retired.reduce((sum, lane) => sum + BigInt(lane.steps) * lane.unit, state.folded);
  if (kept.length >= MAX_LANES) throw new EverseedError("lanes-full", `Cannot open a lane: ${MAX_LANES} are in use`);
  const used = committed({ ...state, folded, lanes: kept });
  const room = state.deposit * NANO - used;
  const steps =
    open.unit > 0n ? Number(minimum(BigInt(open.maxSteps), room > 0n ? room / open.unit : 0n)) : open.maxSteps;
  if (steps < 1) {
    throw new EverseedError(
      "deposit-used",
      `Cannot open a lane: the deposit of ${state.deposit} base units is used up`,
      {
        hint: "Top the channel up.",
      },
    );
  }
  const secret = open.random(32);
  const chain = hashChain(secret, steps, open.keccak);
  const root = chain.at(0);
  const lane: PayerLane = {
    root,
    unit: open.unit,
    maxSteps: steps,
    expiry: NEVER,
    receiptHash: open.receiptHash,
    secret,
    steps: 0,
  };
  const lanes = [...kept, lane];
  const voucher = signVoucher(
    { channelId: channelId(state.terms, open.domain), cumulative: folded, lanes: lanes.map(publicLane) },
    open.signer,
    open.domain,
  );
  const next: PayerState = { ...state, folded, lanes, voucher };
  assert(promised(next) === promised(state), "a new voucher promises what the old one did");
  return { state: next, chain, root };
}

/** Records that the lane is revealed down to `steps`. Steps never go back. */
export function advance(state: PayerState, root: Uint8Array, steps: number, bytes: number): PayerState {
  const lanes = state.lanes.map((lane) => {
    if (!equalBytes(lane.root, root) || steps <= lane.steps) return lane;
    assert(steps <= lane.maxSteps, "a lane never pays beyond its last step");
    return { ...lane, steps };
  });
  return { ...state, lanes, paidBytes: state.paidBytes + bytes };
}

/**
 * Takes over what the payee can prove, after a crash that lost our own last steps: its voucher where it is newer than
 * ours, and its ticks. Claims that our own chain does not confirm are ignored.
 */
export function restore(state: PayerState, proofs: readonly LaneProof[], keccak: Keccak): PayerState {
  let next = state;
  for (const proof of proofs) {
    const lane = next.lanes.find((known) => equalBytes(known.root, proof.root));
    if (lane === undefined || proof.steps <= lane.steps || proof.steps > lane.maxSteps) continue;
    if (leadsTo(proof.preimage, proof.steps, lane.root, keccak)) next = advance(next, lane.root, proof.steps, 0);
  }
  return next;
}

/** Forgets lanes that no connection uses, so that the cooperative close knows one number. */
export function owedBaseUnits(state: PayerState): bigint {
  return minimum(state.deposit, promised(state) / NANO);
}

function publicLane({ root, unit, maxSteps, expiry, receiptHash }: PayerLane): Lane {
  return { root, unit, maxSteps, expiry, receiptHash };
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
