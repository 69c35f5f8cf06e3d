/**
 * The order in which a decision reaches a peer: a price or terms that change mean choke, reject the queue, send the offer,
 * unchoke, so that no request made under one price is served under another.
 *
 * Invariants: no unchoke before a matching offer to a peer that speaks `es_market`; what is charged is the price of the
 * last offer, never more.
 */
import { type Price, ZERO_PRICE } from "./price.ts";
import type { PriceReason } from "./round.ts";

/** What a slot costs. A free slot is an offer too, of price 0, so that a buyer knows. */
export interface SlotTerms {
  readonly price: Price;
  readonly reason: PriceReason | { readonly type: "free" };
}

export const FREE_TERMS: SlotTerms = { price: ZERO_PRICE, reason: { type: "free" } };

/** An offer is good for this long. */
export const OFFER_LIFE_MS = 120_000;
/** A standing offer is repeated when it has less than this left. */
const RENEW_MS = 40_000;

export interface SlotState {
  readonly unchoked: boolean;
  /** The last offer sent on this connection. */
  readonly offered?: SlotTerms & { readonly expiresAt: number };
}

export const NO_SLOT: SlotState = { unchoked: false };

/** `terms` is absent for a plain client, which is unchoked without a word. */
export type SlotTarget = { readonly unchoked: false } | { readonly unchoked: true; readonly terms?: SlotTerms };

export type SlotEffect =
  | { readonly type: "choke" }
  /** Void what the peer asked for; BEP 6 peers are told by a reject each. */
  | { readonly type: "reject-queue" }
  | { readonly type: "offer"; readonly terms: SlotTerms; readonly expiresAt: number }
  | { readonly type: "unchoke" };

export interface SlotStep {
  readonly state: SlotState;
  /** To be carried out in this order. */
  readonly effects: readonly SlotEffect[];
}

export function moveSlot(state: SlotState, target: SlotTarget, now: number): SlotStep {
  const close: readonly SlotEffect[] = state.unchoked ? [{ type: "choke" }, { type: "reject-queue" }] : [];
  if (!target.unchoked) return { state: { ...state, unchoked: false }, effects: close };
  const { terms } = target;
  if (terms === undefined)
    return { state: { ...state, unchoked: true }, effects: state.unchoked ? [] : [{ type: "unchoke" }] };
  const expiresAt = now + OFFER_LIFE_MS;
  const next: SlotState = { unchoked: true, offered: { ...terms, expiresAt } };
  const offer: SlotEffect = { type: "offer", terms, expiresAt };
  const { offered } = state;
  const stands = offered !== undefined && offered.expiresAt > now && sameTerms(offered, terms);
  if (!stands) return { state: next, effects: [...close, offer, { type: "unchoke" }] };
  if (offered.expiresAt - now < RENEW_MS)
    return { state: next, effects: state.unchoked ? [offer] : [offer, { type: "unchoke" }] };
  return { state: { ...state, unchoked: true }, effects: state.unchoked ? [] : [{ type: "unchoke" }] };
}

/** The same price for the same kind of reason: another loser with the same bid changes nothing for the buyer. */
function sameTerms(a: SlotTerms, b: SlotTerms): boolean {
  return a.price === b.price && a.reason.type === b.reason.type;
}

/** What a byte served now costs. A choked peer is served nothing. */
export function chargedPrice(state: SlotState): Price {
  return state.unchoked ? (state.offered?.price ?? ZERO_PRICE) : ZERO_PRICE;
}
