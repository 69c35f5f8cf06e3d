/**
 * The messages of the `es_pay` extension (docs/spec/es_pay.md). The first byte is the kind; a tick is a fixed 45 bytes,
 * all else canonical bencode. Sizes are checked before parsing; unknown keys are ignored.
 */
import {
  type Address,
  addressBytes,
  addressFromBytes,
  bigintToBytes,
  bytesToBigint,
  concat,
  ProtocolError,
} from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  asList,
  type BencodeDict,
  type BencodeValue,
  decodeBencode,
  dict,
  encodeBencode,
} from "@everseed/metainfo";
import { type ChannelTerms, type Lane, type LaneProof, MAX_LANES, MAX_STEPS, type SignedVoucher } from "./types.ts";

export const EXTENSION_NAME = "es_pay";
/** Four channels with eight lanes each, and room to spare. */
export const MAX_MESSAGE_BYTES = 16_384;
export const ROOT_PREFIX_BYTES = 8;

/** What the seller asks. */
export interface Offer {
  readonly chainId: bigint;
  readonly contract: Address;
  readonly token: Address;
  /** Nano base units a unit. */
  readonly unit: bigint;
  readonly unitBytes: number;
  /** Most that is served ahead of payment. Bytes. */
  readonly creditCapBytes: number;
  /** Least seconds between `startClose` and `withdraw`. */
  readonly minWindow: number;
  /** Smallest deposit of a channel that is worth a claim to the seller. Base units. */
  readonly minDeposit: bigint;
  /** Bytes that this payer was sent before and has not paid for. */
  readonly owedBytes: number;
}

/** Our copy of the channel, so that a payer that lost its own can go on. */
export interface ChannelCopy {
  readonly terms: ChannelTerms;
  readonly voucher?: SignedVoucher;
  readonly proofs: readonly LaneProof[];
  /** Bytes that we count as paid. */
  readonly paidBytes: number;
}

/** What the receipt of a new lane says beyond what both sides know: opens the lane's `receiptHash`. */
export interface ReceiptStart {
  readonly bytesBefore: number;
  /** Days since 1970-01-01 UTC. */
  readonly epoch: number;
}

export type PayMessage =
  | { readonly type: "auth"; readonly signature: Uint8Array }
  | { readonly type: "offer"; readonly offer: Offer; readonly copies: readonly ChannelCopy[] }
  | {
      readonly type: "voucher";
      readonly terms: ChannelTerms;
      readonly signed: SignedVoucher;
      /** Of the last lane; absent where the voucher brings no lane and settles what was revealed. */
      readonly receipt?: ReceiptStart;
    }
  | { readonly type: "tick"; readonly root: Uint8Array; readonly steps: number; readonly preimage: Uint8Array }
  | { readonly type: "accepted"; readonly root: Uint8Array }
  | { readonly type: "stop"; readonly code: string };

const KINDS = ["auth", "offer", "voucher", "tick", "accepted", "stop"] as const;
const TICK_BYTES = 1 + ROOT_PREFIX_BYTES + 4 + 32;

export function encodePayMessage(message: PayMessage): Uint8Array {
  const kind = Uint8Array.of(KINDS.indexOf(message.type));
  if (message.type === "tick") {
    const out = new Uint8Array(TICK_BYTES);
    out.set(kind);
    out.set(message.root.subarray(0, ROOT_PREFIX_BYTES), 1);
    new DataView(out.buffer).setUint32(1 + ROOT_PREFIX_BYTES, message.steps);
    out.set(message.preimage, 5 + ROOT_PREFIX_BYTES);
    return out;
  }
  return concat(kind, encodeBencode(bodyOf(message)));
}

function bodyOf(message: Exclude<PayMessage, { type: "tick" }>): BencodeDict {
  switch (message.type) {
    case "auth":
      return dict({ s: message.signature });
    case "offer": {
      const { offer } = message;
      return dict({
        c: addressBytes(offer.contract),
        credit: offer.creditCapBytes,
        d: uint(offer.minDeposit),
        id: Number(offer.chainId),
        have: message.copies.map(encodeCopy),
        o: offer.owedBytes,
        t: addressBytes(offer.token),
        u: offer.unitBytes,
        unit: uint(offer.unit),
        w: offer.minWindow,
      });
    }
    case "voucher":
      return dict({
        r: message.receipt && dict({ b: message.receipt.bytesBefore, e: message.receipt.epoch }),
        t: encodeTerms(message.terms),
        v: encodeSigned(message.signed),
      });
    case "accepted":
      return dict({ r: message.root });
    case "stop":
      return dict({ code: message.code });
  }
}

/** Throws `ProtocolError` (`pay-message`, `bencode-*`). */
export function decodePayMessage(payload: Uint8Array): PayMessage {
  if (payload.length > MAX_MESSAGE_BYTES)
    throw bad("es_pay message", `at most ${MAX_MESSAGE_BYTES} bytes`, `${payload.length}`);
  const type = KINDS[payload[0] ?? 255];
  if (type === undefined) throw bad("es_pay message", "a known kind", `${payload[0] ?? "none"}`);
  if (type === "tick") {
    if (payload.length !== TICK_BYTES) throw bad("tick", `${TICK_BYTES} bytes`, `${payload.length}`);
    return {
      type,
      root: payload.slice(1, 1 + ROOT_PREFIX_BYTES),
      steps: new DataView(payload.buffer, payload.byteOffset).getUint32(1 + ROOT_PREFIX_BYTES),
      preimage: payload.slice(5 + ROOT_PREFIX_BYTES),
    };
  }
  const body = asDict(decodeBencode(payload.slice(1), { maxBytes: MAX_MESSAGE_BYTES }));
  if (body === undefined) throw bad(type, "a dictionary", "another value");
  switch (type) {
    case "auth":
      return { type, signature: bytes(body, "s", 65) };
    case "offer": {
      const copies = asList(body.get("have")) ?? [];
      if (copies.length > 4) throw bad("offer", "at most 4 channels", `${copies.length}`);
      return {
        type,
        copies: copies.map(decodeCopy),
        offer: {
          chainId: BigInt(count(body, "id")),
          contract: addressFromBytes(bytes(body, "c", 20)),
          token: addressFromBytes(bytes(body, "t", 20)),
          unit: decodeUint(body, "unit"),
          unitBytes: count(body, "u", 1),
          creditCapBytes: count(body, "credit"),
          minDeposit: decodeUint(body, "d"),
          minWindow: count(body, "w"),
          owedBytes: count(body, "o"),
        },
      };
    }
    case "voucher":
      return {
        type,
        terms: decodeTerms(body.get("t")),
        signed: decodeSigned(body.get("v")),
        ...(body.has("r") ? { receipt: decodeReceipt(body.get("r")) } : {}),
      };
    case "accepted":
      return { type, root: bytes(body, "r", 32) };
    case "stop": {
      const code = asBytes(body.get("code"));
      return { type, code: String.fromCharCode(...(code ?? new Uint8Array()).subarray(0, 64)).replace(/[^a-z-]/g, "") };
    }
  }
}

function encodeTerms(terms: ChannelTerms): BencodeDict {
  return dict({
    n: uint(terms.nonce),
    p: addressBytes(terms.payer),
    r: addressBytes(terms.payee),
    s: addressBytes(terms.signer),
    t: addressBytes(terms.token),
    w: terms.window,
  });
}

function decodeTerms(value: BencodeValue | undefined): ChannelTerms {
  const body = asDict(value);
  if (body === undefined) throw bad("terms", "a dictionary", "another value");
  return {
    payer: addressFromBytes(bytes(body, "p", 20)),
    payee: addressFromBytes(bytes(body, "r", 20)),
    signer: addressFromBytes(bytes(body, "s", 20)),
    token: addressFromBytes(bytes(body, "t", 20)),
    window: count(body, "w", 0, 0xffff_ffff),
    nonce: decodeUint(body, "n", 8),
  };
}

function decodeReceipt(value: BencodeValue | undefined): ReceiptStart {
  const body = asDict(value);
  if (body === undefined) throw bad("receipt", "a dictionary", "another value");
  return { bytesBefore: count(body, "b"), epoch: count(body, "e", 0, 0xffff_ffff) };
}

function encodeSigned({ voucher, signature }: SignedVoucher): BencodeDict {
  return dict({
    c: uint(voucher.cumulative),
    id: voucher.channelId,
    l: voucher.lanes.map((lane) =>
      dict({ e: uint(lane.expiry), h: lane.receiptHash, m: lane.maxSteps, r: lane.root, u: uint(lane.unit) }),
    ),
    s: signature,
  });
}

function decodeSigned(value: BencodeValue | undefined): SignedVoucher {
  const body = asDict(value);
  const lanes = asList(body?.get("l"));
  if (body === undefined || lanes === undefined || lanes.length > MAX_LANES)
    throw bad("voucher", `a dictionary with at most ${MAX_LANES} lanes`, "another value");
  return {
    signature: bytes(body, "s", 65),
    voucher: {
      channelId: bytes(body, "id", 32),
      cumulative: decodeUint(body, "c"),
      lanes: lanes.map((item): Lane => {
        const lane = asDict(item);
        if (lane === undefined) throw bad("lane", "a dictionary", "another value");
        return {
          root: bytes(lane, "r", 32),
          unit: decodeUint(lane, "u"),
          maxSteps: count(lane, "m", 1, MAX_STEPS),
          expiry: decodeUint(lane, "e", 8),
          receiptHash: bytes(lane, "h", 32),
        };
      }),
    },
  };
}

function encodeCopy(copy: ChannelCopy): BencodeDict {
  return dict({
    b: copy.paidBytes,
    p: copy.proofs.map(({ root, steps, preimage }) => dict({ k: steps, r: root, x: preimage })),
    t: encodeTerms(copy.terms),
    v: copy.voucher === undefined ? undefined : encodeSigned(copy.voucher),
  });
}

function decodeCopy(value: BencodeValue): ChannelCopy {
  const body = asDict(value);
  const proofs = asList(body?.get("p")) ?? [];
  if (body === undefined || proofs.length > MAX_LANES)
    throw bad("channel copy", `a dictionary with at most ${MAX_LANES} proofs`, "another value");
  const voucher = body.get("v");
  return {
    paidBytes: count(body, "b"),
    terms: decodeTerms(body.get("t")),
    ...(voucher === undefined ? {} : { voucher: decodeSigned(voucher) }),
    proofs: proofs.map((item) => {
      const proof = asDict(item);
      if (proof === undefined) throw bad("proof", "a dictionary", "another value");
      return { root: bytes(proof, "r", 32), steps: count(proof, "k", 0, MAX_STEPS), preimage: bytes(proof, "x", 32) };
    }),
  };
}

/** Unsigned integers wider than 53 bits travel as minimal big-endian bytes. */
function uint(value: bigint): Uint8Array {
  let length = 0;
  for (let rest = value; rest > 0n; rest >>= 8n) length++;
  return bigintToBytes(value, length);
}

function decodeUint(body: BencodeDict, key: string, maxBytes = 16): bigint {
  const value = asBytes(body.get(key));
  if (value === undefined || value.length > maxBytes || value[0] === 0)
    throw bad(key, `at most ${maxBytes} bytes without leading zero`, "another value");
  return bytesToBigint(value);
}

function bytes(body: BencodeDict, key: string, length: number): Uint8Array {
  const value = asBytes(body.get(key));
  if (value?.length !== length) throw bad(key, `${length} bytes`, `${value?.length ?? "none"}`);
  return value.slice();
}

function count(body: BencodeDict, key: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = asCount(body.get(key));
  if (value === undefined || value < least || value > most)
    throw bad(key, `an integer from ${least} to ${most}`, `${value ?? "none"}`);
  return value;
}

function bad(field: string, expected: string, received: string): ProtocolError {
  return new ProtocolError("pay-message", field, expected, received);
}
