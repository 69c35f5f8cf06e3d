/**
 * The payer's side of one channel: pure steps on a plain state. A voucher must be durable before it is sent, so
 * `openLane` returns the state to store together with the voucher to send.
 *
 * Invariants: what was promised never falls (`promised` is monotone); caps of live lanes and what was promised never
 * exceed the deposit; at most eight lanes; a step is revealed once.
 */
import {
  assert,
  type Curve,
  EverseedError,
  equalBytes,
  NANO,
  type RandomBytes,
  type Signer,
  toHex,
} from "@everseed/core";
import { type HashChain, hashChain, leadsTo } from "./hash-chain.ts";
import type { ChannelCopy } from "./messages.ts";
import {
  type ChannelTerms,
  type Lane,
  type LaneProof,
  MAX_LANES,
  MAX_STEPS,
  NEVER,
  type Receipt,
  type SignedVoucher,
} from "./types.ts";
import { type ChannelDomain, channelId, receiptHash, signVoucher, voucherSigner } from "./voucher.ts";

export interface PayerLane extends Lane {
  /** 32 bytes: the deepest value of the chain. Whoever knows it can take the whole lane. */
  readonly secret: Uint8Array;
  /** Steps revealed so far. */
  readonly steps: number;
  readonly receipt: Receipt;
}

/** Bytes proven to one payee for one torrent in one epoch, so that receipts go on where the last lane ended. */
export interface ReceiptTotal {
  /** Hexadecimal. */
  readonly infoHash: string;
  readonly epoch: number;
  readonly bytes: number;
}

export interface PayerState {
  readonly terms: ChannelTerms;
  /** Base units; 0 until the chain has it. */
  readonly deposit: bigint;
  /** Nano base units of all lanes that are closed. */
  readonly folded: bigint;
  readonly lanes: readonly PayerLane[];
  /** Lanes that settlements folded since the last lane was opened: of these the payee may have missed ticks as well. */
  readonly settled: readonly PayerLane[];
  readonly voucher?: SignedVoucher;
  /** Bytes this channel paid for, over all torrents. */
  readonly paidBytes: number;
  /** Verified bytes that came while this channel paid. */
  readonly deliveredBytes: number;
  readonly receipts: readonly ReceiptTotal[];
}

export function newPayerState(terms: ChannelTerms, deposit: bigint): PayerState {
  return { terms, deposit, folded: 0n, lanes: [], settled: [], paidBytes: 0, deliveredBytes: 0, receipts: [] };
}

/** Nano base units that the payee can claim with what was revealed. */
export function promised(state: PayerState): bigint {
  return state.lanes.reduce((sum, lane) => sum + BigInt(lane.steps) * lane.unit, state.folded);
}

/** Nano base units that live lanes could still take, on top of what is folded. */
export function committed(state: PayerState): bigint {
  return state.lanes.reduce((sum, lane) => sum + BigInt(lane.maxSteps) * lane.unit, state.folded);
}

/** Base units the payee can claim in all. */
export function owedBaseUnits(state: PayerState): bigint {
  return minimum(state.deposit, promised(state) / NANO);
}

/** Steps of price `unit` that a new lane could have, when all lanes but `keep` are folded. */
export function roomForSteps(state: PayerState, unit: bigint, keep: readonly Uint8Array[]): number {
  if (unit === 0n) return MAX_STEPS;
  const room = state.deposit * NANO - committed(fold(state, keep));
  return room < unit ? 0 : Number(minimum(BigInt(MAX_STEPS), room / unit));
}

export interface OpenLane {
  readonly unit: bigint;
  readonly maxSteps: number;
  /** The receipt but for `bytesBefore`. */
  readonly delivery: Omit<Receipt, "bytesBefore">;
  /** Roots of this connection's own lanes: they are used up before the new one begins. */
  readonly own: readonly Uint8Array[];
  /** Roots of lanes that any connection still uses; all others are folded. */
  readonly keep: readonly Uint8Array[];
  readonly random: RandomBytes;
  readonly signer: Signer;
  readonly domain: ChannelDomain;
}

/**
 * Signs a voucher with one more lane, as long as the deposit allows (`maxSteps` is cut to what is left). Store the state,
 * then send `state.voucher`. Throws EverseedError `deposit-used` when not one step is left, `lanes-full` when too many
 * lanes are in use.
 */
export function openLane(
  state: PayerState,
  open: OpenLane,
): { state: PayerState; chain: HashChain; root: Uint8Array; receipt: Receipt } {
  const folded = fold(state, open.keep);
  if (folded.lanes.length >= MAX_LANES) {
    throw new EverseedError("lanes-full", `Cannot open a lane: ${MAX_LANES} connections use this channel`, {
      retryable: true,
    });
  }
  const steps = Math.min(open.maxSteps, roomForSteps(state, open.unit, open.keep));
  if (steps < 1) {
    throw new EverseedError(
      "deposit-used",
      `Cannot open a lane: the deposit of ${state.deposit} base units is used up`,
      {
        hint: "Top the channel up.",
      },
    );
  }
  const chain = hashChain(open.random(32), steps);
  const receipt: Receipt = { ...open.delivery, bytesBefore: provenBefore(state, open) };
  const lane: PayerLane = {
    root: chain.at(0),
    unit: open.unit,
    maxSteps: steps,
    expiry: NEVER,
    receiptHash: receiptHash(receipt),
    secret: chain.at(steps),
    steps: 0,
    receipt,
  };
  const receipts = state.receipts.filter((total) => total.epoch >= receipt.epoch - 1);
  const next = signed({ ...folded, lanes: [...folded.lanes, lane], settled: [], receipts }, open);
  assert(promised(next) === promised(state), "a new voucher promises what the old one did");
  assert(committed(next) <= next.deposit * NANO, "lane caps never exceed the deposit");
  return { state: next, chain, root: lane.root, receipt };
}

/** Steps of all lanes but `keep` that the payee would have to prove to claim what they are worth. */
export function unsettledSteps({ lanes }: PayerState, keep: readonly Uint8Array[]): number {
  return lanes.reduce((sum, { root, steps, unit }) => (unit === 0n || includes(keep, root) ? sum : sum + steps), 0);
}

/**
 * Signs what was revealed of all lanes but `keep` as a sum, which the payee claims without proving a step. Store the state,
 * then send `state.voucher`. Only where there are `unsettledSteps`: a sum that is no larger than the last one could not be
 * told from one that came late.
 */
export function settle(state: PayerState, how: Pick<OpenLane, "keep" | "signer" | "domain">): PayerState {
  const folded = fold(state, how.keep);
  const gone = state.lanes.filter((lane) => !folded.lanes.includes(lane));
  const next = signed({ ...folded, settled: [...state.settled, ...gone].slice(-MAX_LANES) }, how);
  assert(next.folded > state.folded, "a settlement raises the sum");
  assert(promised(next) === promised(state), "a settlement promises what the lanes did");
  return next;
}

function signed(state: PayerState, { signer, domain }: Pick<OpenLane, "signer" | "domain">): PayerState {
  const voucher = {
    channelId: channelId(state.terms, domain),
    cumulative: state.folded,
    lanes: state.lanes.map(publicLane),
  };
  return { ...state, voucher: signVoucher(voucher, signer, domain) };
}

function fold(state: PayerState, keep: readonly Uint8Array[]): PayerState {
  const lanes = state.lanes.filter((lane) => includes(keep, lane.root));
  const folded = state.lanes.reduce(
    (sum, lane) => (lanes.includes(lane) ? sum : sum + BigInt(lane.steps) * lane.unit),
    state.folded,
  );
  return { ...state, folded, lanes };
}

function includes(roots: readonly Uint8Array[], root: Uint8Array): boolean {
  return roots.some((each) => equalBytes(each, root));
}

function provenBefore(state: PayerState, { delivery, own }: OpenLane): number {
  const infoHash = toHex(delivery.infoHash);
  const proven =
    state.receipts.find((total) => total.infoHash === infoHash && total.epoch === delivery.epoch)?.bytes ?? 0;
  return state.lanes.reduce((sum, lane) => {
    const ahead = lane.receipt.epoch === delivery.epoch && includes(own, lane.root);
    return ahead ? sum + (lane.maxSteps - lane.steps) * lane.receipt.unitBytes : sum;
  }, proven);
}

/** Records that the lane is revealed down to `steps`. Steps never go back. */
export function advance(state: PayerState, root: Uint8Array, steps: number): PayerState {
  const lane = state.lanes.find((known) => equalBytes(known.root, root));
  if (lane === undefined || steps <= lane.steps) return state;
  assert(steps <= lane.maxSteps, "a lane never pays beyond its last step");
  const bytes = (steps - lane.steps) * lane.receipt.unitBytes;
  return {
    ...state,
    lanes: state.lanes.map((known) => (known === lane ? { ...lane, steps } : known)),
    paidBytes: state.paidBytes + bytes,
    receipts: addReceipt(state.receipts, toHex(lane.receipt.infoHash), lane.receipt.epoch, bytes),
  };
}

function addReceipt(totals: readonly ReceiptTotal[], infoHash: string, epoch: number, bytes: number): ReceiptTotal[] {
  const rest = totals.filter((total) => total.infoHash !== infoHash || total.epoch !== epoch);
  const known = totals.find((total) => total.infoHash === infoHash && total.epoch === epoch);
  return [...rest, { infoHash, epoch, bytes: (known?.bytes ?? 0) + bytes }];
}

export function deliver(state: PayerState, bytes: number): PayerState {
  return { ...state, deliveredBytes: state.deliveredBytes + bytes };
}

/**
 * Takes over ticks that the payee can prove and we lost in a crash. Claims that our own chains do not confirm are
 * ignored. We only ever paid for what had come, so what was paid counts as delivered too.
 */
export function restore(state: PayerState, proofs: readonly LaneProof[]): PayerState {
  let next = state;
  for (const proof of proofs) {
    const lane = next.lanes.find((known) => equalBytes(known.root, proof.root));
    if (lane === undefined || proof.steps <= lane.steps || proof.steps > lane.maxSteps) continue;
    if (!leadsTo(proof.preimage, proof.steps, lane.root)) continue;
    const paid = advance(next, lane.root, proof.steps);
    next = deliver(paid, paid.paidBytes - next.paidBytes);
  }
  return next;
}

/**
 * Rebuilds a channel that we know nothing of any more (lost disk) from the payee's copy: only what our own signature and
 * our own chains prove. Its lanes are folded, for their secrets are gone. `undefined` when the copy proves nothing.
 */
export function adopt(
  copy: ChannelCopy,
  check: { readonly domain: ChannelDomain; readonly curve: Curve },
): PayerState | undefined {
  const { terms, voucher, proofs } = copy;
  if (voucher === undefined || !equalBytes(voucher.voucher.channelId, channelId(terms, check.domain))) return undefined;
  if (voucherSigner(voucher, check.domain, check.curve) !== terms.signer) return undefined;
  let folded = voucher.voucher.cumulative;
  for (const lane of voucher.voucher.lanes) {
    const proof = proofs.find(({ root }) => equalBytes(root, lane.root));
    if (proof === undefined || proof.steps > Math.min(lane.maxSteps, MAX_STEPS)) continue;
    if (leadsTo(proof.preimage, proof.steps, lane.root)) folded += BigInt(proof.steps) * lane.unit;
  }
  return { ...newPayerState(terms, 0n), folded, voucher };
}

function publicLane({ root, unit, maxSteps, expiry, receiptHash: hash }: PayerLane): Lane {
  return { root, unit, maxSteps, expiry, receiptHash: hash };
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
