/**
 * The fields of a WebSocket tracker's messages: how each is read, with its bound, and what is said of one that is out of form.
 * Bytes are strings of as many characters (latin1). Invariant: whatever is read, the only error is a `ProtocolError`.
 */
import { fromUtf8, ProtocolError } from "@everseed/core";
import { MAX_PRICE_BYTES } from "./http-query.ts";

/** Longest message that is read, in bytes or characters: ten offers of the longest kind fit with room to spare. */
export const MAX_WEBSOCKET_MESSAGE = 1 << 18;
/** A description with some hundred candidates. */
const MAX_SDP = 16_384;
/** Digits of 2^96. */
const MAX_PRICE_DIGITS = 29;

export type Fields = Readonly<Record<string, unknown>>;

export interface Reader {
  error(field: string, expected: string, received: string): ProtocolError;
  root(message: string | Uint8Array): Fields;
  fields(value: unknown, field: string): Fields;
  /** 20 bytes. */
  name(value: unknown, field: string): Uint8Array;
  /** As many bytes as from `least` to `most`. */
  bytes(value: unknown, field: string, least: number, most: number): Uint8Array;
  /** Decimal digits below 2^96; zero where there is none. */
  price(value: unknown, field: string): bigint;
  sdp(value: unknown, type: "offer" | "answer"): string;
  /** `undefined` where there is none. */
  count(value: unknown, field: string): number | undefined;
}

/** The readers of all fields, whose errors carry this code. */
export function reader(code: "announce-invalid" | "tracker-answer"): Reader {
  const error = (field: string, expected: string, received: string): ProtocolError =>
    code === "announce-invalid"
      ? new ProtocolError("announce-invalid", field, expected, received)
      : new ProtocolError("tracker-answer", field, expected, received);
  const fields = (value: unknown, field: string): Fields => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw error(field, "an object", show(value));
    return value as Fields;
  };
  const bytes = (value: unknown, field: string, least: number, most: number): Uint8Array => {
    const expected = least === most ? `${least} bytes` : `${least} to ${most} bytes`;
    if (typeof value !== "string" || value.length < least || value.length > most)
      throw error(field, expected, show(value));
    const out = new Uint8Array(value.length);
    for (let i = 0; i < value.length; i++) {
      const char = value.charCodeAt(i);
      if (char > 255) throw error(field, expected, "other characters");
      out[i] = char;
    }
    return out;
  };
  return {
    error,
    fields,
    root(message) {
      if (message.length > MAX_WEBSOCKET_MESSAGE)
        throw error("message", `at most ${MAX_WEBSOCKET_MESSAGE} bytes`, `${message.length}`);
      let value: unknown;
      try {
        value = JSON.parse(typeof message === "string" ? message : fromUtf8(message));
      } catch {
        throw error("message", "JSON", "another form");
      }
      return fields(value, "message");
    },
    name: (value, field) => bytes(value, field, 20, 20),
    bytes,
    price(value, field) {
      if (value === undefined || value === null) return 0n;
      const price =
        typeof value === "string" && value.length <= MAX_PRICE_DIGITS && /^\d+$/.test(value)
          ? BigInt(value)
          : undefined;
      if (price === undefined || price >> BigInt(8 * MAX_PRICE_BYTES) > 0n)
        throw error(field, "a price in decimal digits", show(value));
      return price;
    },
    sdp(value, type) {
      const description = fields(value, type);
      if (description.type !== type) throw error(type, `the type ${type}`, show(description.type));
      const { sdp } = description;
      // A description is printable lines; whatever else it holds is not for the parsers behind.
      if (typeof sdp !== "string" || sdp.length === 0 || sdp.length > MAX_SDP || !/^[\t\r\n -~]*$/.test(sdp))
        throw error(type, `a description of at most ${MAX_SDP} characters`, show(sdp));
      return sdp;
    },
    count(value, field) {
      if (value === undefined || value === null) return undefined;
      if (typeof value !== "number" || !(value >= 0)) throw error(field, "a count", show(value));
      return Math.min(Number.MAX_SAFE_INTEGER, Math.floor(value));
    },
  };
}

export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What came instead, in a few words. */
export function show(value: unknown): string {
  if (typeof value === "string") return `${value.length} characters`;
  if (Array.isArray(value)) return "a list";
  return value === null || typeof value !== "object" ? `${value as boolean}` : "an object";
}
