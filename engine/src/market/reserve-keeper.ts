/** The reserve price of one torrent: its rule, when our copy was complete, and who proved to hold another. */
import {
  hardenedReserve,
  type Price,
  type ProofRecord,
  paperReserve,
  provenGroups,
  type ReserveCurve,
  recordProof,
  ZERO_PRICE,
} from "@everseed/market";

export type ReserveRule =
  | { readonly type: "fixed"; readonly price: Price }
  /** Grows with the time since the torrent was last proven held elsewhere. */
  | ({ readonly type: "paper" } & ReserveCurve)
  /** Falls with the number of funded address groups that proved possession; never starts anew. */
  | ({ readonly type: "hardened"; readonly rivalWeightPpm: number } & ReserveCurve);

export interface ReserveState {
  /** Unix seconds; undefined as long as we download. */
  readonly completedAt?: number;
  readonly lastProofAt?: number;
  readonly proofs: readonly ProofRecord[];
}

export const NO_PROOFS: ReserveState = { proofs: [] };

export interface HeldElsewhere extends ProofRecord {
  /** The prover has a channel with money in it. */
  readonly funded: boolean;
}

export function provedElsewhere(state: ReserveState, proof: HeldElsewhere): ReserveState {
  const { addressGroup, at, funded } = proof;
  return {
    ...state,
    lastProofAt: Math.max(state.lastProofAt ?? 0, at),
    proofs: funded ? recordProof(state.proofs, { addressGroup, at }) : state.proofs,
  };
}

/** `now` in Unix seconds. Whoever still downloads asks what it fixed, or nothing. */
export function reserveNow(rule: ReserveRule, state: ReserveState, now: number): Price {
  if (rule.type === "fixed") return rule.price;
  const { completedAt, lastProofAt, proofs } = state;
  if (completedAt === undefined) return ZERO_PRICE;
  const curve = { max: rule.max, tauSeconds: rule.tauSeconds, completedAt, now };
  if (rule.type === "paper") return paperReserve({ ...curve, ...(lastProofAt === undefined ? {} : { lastProofAt }) });
  return hardenedReserve({ ...curve, provenGroups: provenGroups(proofs, now), rivalWeightPpm: rule.rivalWeightPpm });
}
