/**
 * Peer-wire messages (BEP 3, 5, 6, 10, 52). A message is `length (4) | id (1) | body`; `decodeMessage` takes what
 * follows the length, `encodeMessage` writes the whole. Byte fields of a decoded message are views of its input.
 */
import { assert, ProtocolError } from "@everseed/core";

export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const;

/** A range of one layer of a file's tree (BEP 52). */
export interface HashRange {
  /** 32 bytes. */
  readonly piecesRoot: Uint8Array;
  /** 0 is the leaves. */
  readonly baseLayer: number;
  readonly index: number;
  readonly length: number;
  readonly proofLayers: number;
}

interface BlockRange {
  readonly piece: number;
  /** Bytes into the piece. */
  readonly begin: number;
  /** Bytes. */
  readonly length: number;
}

type Bare = "keepAlive" | "choke" | "unchoke" | "interested" | "notInterested" | "haveAll" | "haveNone";

export type Message =
  | { readonly type: Bare }
  | { readonly type: "have" | "suggest" | "allowedFast"; readonly piece: number }
  | { readonly type: "bitfield"; readonly bits: Uint8Array }
  | ({ readonly type: "request" | "cancel" | "reject" } & BlockRange)
  | { readonly type: "piece"; readonly piece: number; readonly begin: number; readonly data: Uint8Array }
  | { readonly type: "port"; readonly port: number }
  | ({ readonly type: "hashRequest" | "hashReject" } & HashRange)
  | ({ readonly type: "hashes"; readonly hashes: Uint8Array } & HashRange)
  | { readonly type: "extended"; readonly id: number; readonly payload: Uint8Array }
  /** An id that no BEP we know defines: ignored, as BEP 10 asks. */
  | { readonly type: "unknown"; readonly id: number };

const NAMES = new Map<number, keyof typeof MessageId>(
  Object.entries(MessageId).map(([name, id]) => [id, name as keyof typeof MessageId]),
);
const HASH_RANGE_BYTES = 48;

/** Largest message decoded, without its length: twice the bitfield of the largest torrent. Connections set closer limits. */
export const MAX_MESSAGE_BYTES = 1 << 20;

/** Decodes a message without its length prefix. Throws `ProtocolError` (`message-length`). */
export function decodeMessage(payload: Uint8Array): Message {
  if (payload.length === 0) return { type: "keepAlive" };
  if (payload.length > MAX_MESSAGE_BYTES) throw bad("message", `at most ${MAX_MESSAGE_BYTES} bytes`, payload.length);
  const id = payload[0] as number;
  const type = NAMES.get(id);
  const body = payload.subarray(1);
  const size = (bytes: number): void => {
    if (body.length !== bytes) throw bad(type ?? "message", `${bytes} bytes`, body.length);
  };
  const least = (bytes: number): void => {
    if (body.length < bytes) throw bad(type ?? "message", `at least ${bytes} bytes`, body.length);
  };
  switch (type) {
    case undefined:
      return { type: "unknown", id };
    case "have":
    case "suggest":
    case "allowedFast":
      size(4);
      return { type, piece: uint32(body, 0) };
    case "bitfield":
      return { type, bits: body };
    case "request":
    case "cancel":
    case "reject":
      size(12);
      return { type, piece: uint32(body, 0), begin: uint32(body, 4), length: uint32(body, 8) };
    case "piece":
      least(8);
      return { type, piece: uint32(body, 0), begin: uint32(body, 4), data: body.subarray(8) };
    case "port":
      size(2);
      return { type, port: ((body[0] as number) << 8) | (body[1] as number) };
    case "extended":
      least(1);
      return { type, id: body[0] as number, payload: body.subarray(1) };
    case "hashRequest":
    case "hashReject":
      size(HASH_RANGE_BYTES);
      return { type, ...hashRange(body) };
    case "hashes": {
      least(HASH_RANGE_BYTES);
      const hashes = body.subarray(HASH_RANGE_BYTES);
      if (hashes.length % 32 !== 0) throw bad(type, "whole hashes of 32 bytes", hashes.length);
      return { type, ...hashRange(body), hashes };
    }
    default:
      size(0);
      return { type };
  }
}

/** Encodes a message with its length prefix. */
export function encodeMessage(message: Message): Uint8Array {
  switch (message.type) {
    case "keepAlive":
      return new Uint8Array(4);
    case "unknown":
      return frame(message.id, 0);
    case "have":
    case "suggest":
    case "allowedFast": {
      const out = frame(MessageId[message.type], 4);
      setUint32(out, 5, message.piece);
      return out;
    }
    case "bitfield": {
      const out = frame(MessageId.bitfield, message.bits.length);
      out.set(message.bits, 5);
      return out;
    }
    case "request":
    case "cancel":
    case "reject": {
      const out = frame(MessageId[message.type], 12);
      setUint32(out, 5, message.piece);
      setUint32(out, 9, message.begin);
      setUint32(out, 13, message.length);
      return out;
    }
    case "piece": {
      const out = frame(MessageId.piece, 8 + message.data.length);
      setUint32(out, 5, message.piece);
      setUint32(out, 9, message.begin);
      out.set(message.data, 13);
      return out;
    }
    case "port": {
      const out = frame(MessageId.port, 2);
      out[5] = message.port >> 8;
      out[6] = message.port & 0xff;
      return out;
    }
    case "extended": {
      const out = frame(MessageId.extended, 1 + message.payload.length);
      out[5] = message.id;
      out.set(message.payload, 6);
      return out;
    }
    case "hashRequest":
    case "hashReject":
    case "hashes": {
      const hashes = message.type === "hashes" ? message.hashes : new Uint8Array();
      const out = frame(MessageId[message.type], HASH_RANGE_BYTES + hashes.length);
      assert(message.piecesRoot.length === 32, "the root of a tree has 32 bytes");
      out.set(message.piecesRoot, 5);
      setUint32(out, 37, message.baseLayer);
      setUint32(out, 41, message.index);
      setUint32(out, 45, message.length);
      setUint32(out, 49, message.proofLayers);
      out.set(hashes, 53);
      return out;
    }
    default:
      return frame(MessageId[message.type], 0);
  }
}

/** The 13 bytes before a block's data, so that data read from disk can follow without being copied. */
export function encodePieceHeader(piece: number, begin: number, lengthBytes: number): Uint8Array {
  const out = new Uint8Array(13);
  setUint32(out, 0, 9 + lengthBytes);
  out[4] = MessageId.piece;
  setUint32(out, 5, piece);
  setUint32(out, 9, begin);
  return out;
}

function frame(id: number, bodyBytes: number): Uint8Array {
  const out = new Uint8Array(5 + bodyBytes);
  setUint32(out, 0, 1 + bodyBytes);
  out[4] = id;
  return out;
}

function hashRange(body: Uint8Array): HashRange {
  return {
    piecesRoot: body.subarray(0, 32),
    baseLayer: uint32(body, 32),
    index: uint32(body, 36),
    length: uint32(body, 40),
    proofLayers: uint32(body, 44),
  };
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function bad(type: string, expected: string, received: number): ProtocolError {
  return new ProtocolError(
    "message-length",
    type === "message" ? type : `${type} message`,
    expected,
    `${received} bytes`,
  );
}
