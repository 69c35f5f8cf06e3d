/**
 * Bencode (BEP 3), strict: one encoding per value, so that bytes that were decoded encode to themselves. Integers are
 * numbers where they are safe and bigints beyond; strings are bytes; dictionary keys are byte strings held one byte a
 * character (latin-1), so that any key round trips. Depth and size are bounded before anything is built.
 */
import { assert, ProtocolError, utf8 } from "@everseed/core";

export type BencodeDict = ReadonlyMap<string, BencodeValue>;
export type BencodeValue = number | bigint | Uint8Array | readonly BencodeValue[] | BencodeDict;
/** What the encoder takes: values, and texts, which become UTF-8 bytes. */
export type BencodeInput =
  | number
  | bigint
  | Uint8Array
  | string
  | readonly BencodeInput[]
  | ReadonlyMap<string, BencodeInput>;

const MAX_DEPTH = 64;
const DEFAULT_MAX_BYTES = 128 << 20;
/** A list or dictionary entry costs memory out of proportion to its bytes; more than this is no torrent. */
const MAX_VALUES = 8_000_000;
const [COLON, MINUS, ZERO, NINE, D, E, I, L] = [58, 45, 48, 57, 100, 101, 105, 108] as const;

export interface DecodeOptions {
  /** @default 128 MiB */
  readonly maxBytes?: number;
  /** Tolerates unsorted keys, which some tools write; everything else stays strict. @default false */
  readonly unsortedKeys?: boolean;
}

/** Decodes one value that fills `bytes`. Throws `ProtocolError` (`bencode-*`). Byte strings are views of `bytes`. */
export function decodeBencode(bytes: Uint8Array, options: DecodeOptions = {}): BencodeValue {
  const { value, endOffset } = decodeBencodePrefix(bytes, options);
  if (endOffset !== bytes.length)
    throw fail("trailing", "the end of the value", `${bytes.length - endOffset} more bytes`);
  return value;
}

/** Decodes the value at the start of `bytes` and says where it ends. */
export function decodeBencodePrefix(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): { value: BencodeValue; endOffset: number } {
  const limit = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (bytes.length > limit) throw fail("size", `at most ${limit} bytes`, `${bytes.length}`);
  const reader = new Reader(bytes, options.unsortedKeys === true);
  const value = reader.value(0);
  return { value, endOffset: reader.at };
}

/** Where the value of a top-level key lies: BEP 3 hashes the info dictionary's own bytes. */
export function spanOfKey(bytes: Uint8Array, key: string, options: DecodeOptions = {}): Uint8Array | undefined {
  if (bytes[0] !== D) return undefined;
  const reader = new Reader(bytes, options.unsortedKeys === true);
  reader.at = 1;
  while (bytes[reader.at] !== E) {
    const name = latin1(reader.string());
    const start = reader.at;
    reader.value(1);
    if (name === key) return bytes.subarray(start, reader.at);
  }
  return undefined;
}

class Reader {
  at = 0;
  #values = 0;
  readonly #bytes: Uint8Array;
  readonly #unsorted: boolean;

  constructor(bytes: Uint8Array, unsorted: boolean) {
    this.#bytes = bytes;
    this.#unsorted = unsorted;
  }

  value(depth: number): BencodeValue {
    if (++this.#values > MAX_VALUES) throw fail("size", `at most ${MAX_VALUES} values`, "more");
    const byte = this.#bytes[this.at];
    if (depth >= MAX_DEPTH && (byte === L || byte === D)) throw fail("depth", `at most ${MAX_DEPTH} levels`, "more");
    if (byte === I) return this.#integer();
    if (byte === L) return this.#list(depth);
    if (byte === D) return this.#dict(depth);
    return this.string();
  }

  #integer(): number | bigint {
    const start = ++this.at;
    if (this.#bytes[this.at] === MINUS) this.at++;
    const first = this.at;
    while (isDigit(this.#bytes[this.at])) this.at++;
    const digits = this.at - first;
    if (digits === 0 || digits > 80 || this.#bytes[this.at] !== E)
      throw fail("integer", "digits and an e", this.#shown(start));
    const leadingZero = this.#bytes[first] === ZERO && (digits > 1 || first > start);
    if (leadingZero) throw fail("integer", "no leading zero and no minus zero", this.#shown(start));
    const text = latin1(this.#bytes.subarray(start, this.at++));
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : BigInt(text);
  }

  string(): Uint8Array {
    const start = this.at;
    let length = 0;
    while (isDigit(this.#bytes[this.at]) && this.at - start < 12)
      length = length * 10 + (this.#bytes[this.at++] as number) - ZERO;
    const digits = this.at - start;
    if (digits === 0 || this.#bytes[this.at] !== COLON)
      throw fail("value", "i, l, d or a string's length", this.#shown(start));
    if (digits > 1 && this.#bytes[start] === ZERO)
      throw fail("string", "a length without leading zero", this.#shown(start));
    const from = this.at + 1;
    if (length > this.#bytes.length - from) throw fail("string", `${length} bytes`, `${this.#bytes.length - from}`);
    this.at = from + length;
    return this.#bytes.subarray(from, this.at);
  }

  #list(depth: number): BencodeValue[] {
    this.at++;
    const out: BencodeValue[] = [];
    while (this.#bytes[this.at] !== E) {
      if (this.at >= this.#bytes.length) throw fail("list", "an e", "the end of the input");
      out.push(this.value(depth + 1));
    }
    this.at++;
    return out;
  }

  #dict(depth: number): BencodeDict {
    this.at++;
    const out = new Map<string, BencodeValue>();
    let previous: string | undefined;
    while (this.#bytes[this.at] !== E) {
      if (this.at >= this.#bytes.length) throw fail("dictionary", "an e", "the end of the input");
      const key = latin1(this.string());
      if (out.has(key)) throw fail("dictionary", "each key once", JSON.stringify(key.slice(0, 40)));
      if (!this.#unsorted && previous !== undefined && key < previous)
        throw fail("dictionary", "sorted keys", JSON.stringify(key.slice(0, 40)));
      previous = key;
      out.set(key, this.value(depth + 1));
    }
    this.at++;
    return out;
  }

  #shown(at: number): string {
    return at >= this.#bytes.length
      ? "the end of the input"
      : JSON.stringify(latin1(this.#bytes.subarray(at, at + 12)));
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function fail(code: string, expected: string, received: string): ProtocolError {
  return new ProtocolError(`bencode-${code}`, "bencode", expected, received);
}

function latin1(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return out;
}

function fromLatin1(text: string): Uint8Array {
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    assert(code < 256, "dictionary keys are byte strings, one byte a character");
    out[i] = code;
  }
  return out;
}

/** Encodes canonically: keys sorted as raw bytes. Asserts that numbers are safe integers; use bigint beyond. */
export function encodeBencode(value: BencodeInput): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const LIST = Uint8Array.of(L);
const DICT = Uint8Array.of(D);
const END = Uint8Array.of(E);

function write(value: BencodeInput, parts: Uint8Array[]): void {
  if (typeof value === "number" || typeof value === "bigint") {
    assert(typeof value === "bigint" || Number.isSafeInteger(value), "numbers in bencode are safe integers");
    parts.push(utf8(`i${value}e`));
  } else if (typeof value === "string") {
    write(utf8(value), parts);
  } else if (value instanceof Uint8Array) {
    parts.push(utf8(`${value.length}:`), value);
  } else if (value instanceof Map) {
    parts.push(DICT);
    // Latin-1 code units compare as the bytes do.
    for (const key of [...value.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      parts.push(utf8(`${key.length}:`), fromLatin1(key));
      write(value.get(key) as BencodeInput, parts);
    }
    parts.push(END);
  } else {
    parts.push(LIST);
    for (const item of value as readonly BencodeInput[]) write(item, parts);
    parts.push(END);
  }
}

/** A dictionary from an object: strings become UTF-8 bytes, `undefined` is left out. */
export function dict(entries: Readonly<Record<string, BencodeValue | string | undefined>>): BencodeDict {
  const out = new Map<string, BencodeValue>();
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) out.set(key, typeof value === "string" ? utf8(value) : value);
  }
  return out;
}

export function asDict(value: BencodeValue | undefined): BencodeDict | undefined {
  return value instanceof Map ? (value as BencodeDict) : undefined;
}

export function asList(value: BencodeValue | undefined): readonly BencodeValue[] | undefined {
  return Array.isArray(value) ? (value as readonly BencodeValue[]) : undefined;
}

export function asBytes(value: BencodeValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}

/** A safe, non-negative integer. */
export function asCount(value: BencodeValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
