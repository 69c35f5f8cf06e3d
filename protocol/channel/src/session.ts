/**
 * One connection's way to payments, as a pure machine: extended handshake, proof of address, then messages in order to
 * the selling or buying side. `(state, event) -> [state, effects]`; the shell carries the effects out.
 *
 * Invariants: nothing but `auth` is handled before the address is proven; a proof fits this connection alone (both peer
 * ids, both nonces, the infohash, the direction); while the shell is busy with a slow step (disk, chain), messages wait
 * in order and are bounded.
 */
import {
  type Address,
  addressBytes,
  addressFromBytes,
  type Curve,
  equalBytes,
  ProtocolError,
  recoverAddress,
  type Signer,
} from "@everseed/core";
import { asBytes, asCount, asDict, asList, type BencodeDict, dict } from "@everseed/metainfo";
import { decodePayMessage, type PayMessage } from "./messages.ts";
import { type ChannelDomain, helloDigest } from "./voucher.ts";

/** Versions we speak, best first. */
export const PAY_VERSIONS: readonly number[] = [1];
export const NONCE_BYTES = 32;
/** Messages that may wait for a slow step. */
export const MAX_WAITING = 1_024;

/** What does not change while the connection lives. */
export interface SessionEnv {
  readonly domain: ChannelDomain;
  readonly signer: Signer;
  readonly curve: Curve;
  /** Fresh for this connection. 32 bytes. */
  readonly nonce: Uint8Array;
  readonly wireInfoHash: Uint8Array;
  readonly localPeerId: Uint8Array;
  readonly remotePeerId: Uint8Array;
  readonly selling: boolean;
  readonly buying: boolean;
  /** Addresses are proven although neither side buys, where the peer wants that too. */
  readonly identify: boolean;
}

export interface SessionState {
  readonly phase: "new" | "plain" | "greeted" | "authenticated" | "closed";
  readonly theirNonce?: Uint8Array;
  /** The address the handshake names; proven once the phase is `authenticated`. */
  readonly address?: Address;
  /** The peer buys and we sell. */
  readonly sells: boolean;
  /** The peer sells and we buy. */
  readonly buys: boolean;
  readonly busy: boolean;
  readonly waiting: readonly PayMessage[];
}

export type SessionEvent =
  | { readonly type: "handshake"; readonly fields: BencodeDict; readonly supported: boolean }
  | { readonly type: "message"; readonly payload: Uint8Array }
  /** The shell began, or ended, a step that takes time. */
  | { readonly type: "busy" }
  | { readonly type: "ready" }
  | { readonly type: "closed" };

export type SessionEffect =
  | { readonly type: "send"; readonly message: PayMessage }
  /** Nothing is served (`sells`) or asked for (`buys`) until a lane is open. */
  | { readonly type: "hold"; readonly sells: boolean; readonly buys: boolean }
  | { readonly type: "authenticated"; readonly address: Address; readonly sells: boolean }
  | { readonly type: "deliver"; readonly message: PayMessage };

export type SessionStep = readonly [SessionState, readonly SessionEffect[]];

export const newSession: SessionState = { phase: "new", sells: false, buys: false, busy: false, waiting: [] };

/** The `es` dictionary of our extended handshake. */
export function payHandshake(env: SessionEnv): BencodeDict {
  return dict({
    es: dict({
      a: addressBytes(env.signer.address),
      b: env.buying ? 1 : 0,
      i: env.identify ? 1 : undefined,
      n: env.nonce,
      s: env.selling ? 1 : 0,
      v: [...PAY_VERSIONS],
    }),
  });
}

/** Throws `ProtocolError` when the peer broke a rule: the connection is to be dropped. */
export function sessionStep(state: SessionState, event: SessionEvent, env: SessionEnv): SessionStep {
  if (state.phase === "closed") return [state, []];
  switch (event.type) {
    case "handshake":
      return state.phase === "new" ? greet(state, event, env) : [state, []];
    case "message":
      return receive(state, decodePayMessage(event.payload), env);
    case "busy":
      return [{ ...state, busy: true }, []];
    case "ready":
      return resume({ ...state, busy: false });
    case "closed":
      return [{ ...state, phase: "closed", waiting: [] }, []];
  }
}

function greet(state: SessionState, event: Extract<SessionEvent, { type: "handshake" }>, env: SessionEnv): SessionStep {
  const es = asDict(event.fields.get("es"));
  const nonce = asBytes(es?.get("n"));
  const address = asBytes(es?.get("a"));
  const versions = asList(es?.get("v")) ?? [];
  const version = PAY_VERSIONS.find((ours) => versions.some((theirs) => asCount(theirs) === ours));
  const usable = event.supported && nonce?.length === NONCE_BYTES && address?.length === 20 && version !== undefined;
  // Another node of our own wallet is not paid; a handshake like ours is our own come back.
  if (!usable || addressFromBytes(address) === env.signer.address || equalBytes(nonce, env.nonce))
    return [{ ...state, phase: "plain" }, []];
  const sells = env.selling && asCount(es?.get("b")) === 1;
  const buys = env.buying && asCount(es?.get("s")) === 1;
  const known = env.identify && asCount(es?.get("i")) === 1;
  if (!sells && !buys && !known) return [{ ...state, phase: "plain" }, []];
  const greeted: SessionState = {
    ...state,
    phase: "greeted",
    theirNonce: nonce.slice(),
    address: addressFromBytes(address),
    sells,
    buys,
  };
  return [
    greeted,
    [
      { type: "hold", sells, buys },
      { type: "send", message: { type: "auth", signature: env.signer.sign(digest(greeted, env, true)) } },
    ],
  ];
}

function digest(state: SessionState, env: SessionEnv, ours: boolean): Uint8Array {
  const mine = { id: env.localPeerId, nonce: env.nonce };
  const theirs = { id: env.remotePeerId, nonce: state.theirNonce as Uint8Array };
  const [sender, receiver] = ours ? [mine, theirs] : [theirs, mine];
  return helloDigest(
    {
      wireInfoHash: env.wireInfoHash,
      senderPeerId: sender.id,
      receiverPeerId: receiver.id,
      senderNonce: sender.nonce,
      receiverNonce: receiver.nonce,
    },
    env.domain,
  );
}

function receive(state: SessionState, message: PayMessage, env: SessionEnv): SessionStep {
  // What a peer sends that we have no business with is ignored.
  if (state.phase === "plain") return [state, []];
  if (message.type === "auth") return authenticate(state, message.signature, env);
  if (state.phase !== "authenticated")
    throw new ProtocolError("pay-order", "es_pay message", "auth first", message.type);
  if (!state.busy) return [state, [{ type: "deliver", message }]];
  if (state.waiting.length >= MAX_WAITING)
    throw new ProtocolError("pay-flood", "es_pay messages", `at most ${MAX_WAITING} at a time`, "more");
  return [{ ...state, waiting: [...state.waiting, message] }, []];
}

function authenticate(state: SessionState, signature: Uint8Array, env: SessionEnv): SessionStep {
  if (state.phase !== "greeted")
    throw new ProtocolError("pay-order", "auth", "one auth, after the handshake", "another");
  const signer = recoverAddress(digest(state, env, false), signature, env.curve);
  if (signer === undefined || signer !== state.address) {
    throw new ProtocolError(
      "auth-signature",
      "auth",
      `a signature of ${state.address} over this connection`,
      signer ?? "none",
    );
  }
  return [{ ...state, phase: "authenticated" }, [{ type: "authenticated", address: signer, sells: state.sells }]];
}

/** One message at a time: the shell may be busy again after it. */
function resume(state: SessionState): SessionStep {
  const [message, ...waiting] = state.waiting;
  return message === undefined ? [state, []] : [{ ...state, waiting }, [{ type: "deliver", message }]];
}
