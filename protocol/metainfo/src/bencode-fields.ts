/**
 * Fields of a bencoded dictionary by type. A field that is absent is `undefined`; one that is there with another type is
 * an error (`bencode-type`), for messages in which a wrong type must not pass for an absence.
 */
import { fromUtf8Strict, ProtocolError } from "@everseed/core";
import { asBytes, asDict, asList, type BencodeDict, type BencodeValue } from "./bencode.ts";

/** An integer of at most 53 bits, of either sign. */
export function getInt(dict: BencodeDict, key: string): number | undefined {
  return field(dict, key, "an integer of at most 53 bits", (value) => (typeof value === "number" ? value : undefined));
}

export function getBytes(dict: BencodeDict, key: string): Uint8Array | undefined {
  return field(dict, key, "a byte string", asBytes);
}

/** Well-formed UTF-8. */
export function getText(dict: BencodeDict, key: string): string | undefined {
  return field(dict, key, "well-formed UTF-8", (value) => {
    const bytes = asBytes(value);
    return bytes === undefined ? undefined : fromUtf8Strict(bytes);
  });
}

export function getList(dict: BencodeDict, key: string): readonly BencodeValue[] | undefined {
  return field(dict, key, "a list", asList);
}

export function getDict(dict: BencodeDict, key: string): BencodeDict | undefined {
  return field(dict, key, "a dictionary", asDict);
}

function field<T>(
  dict: BencodeDict,
  key: string,
  expected: string,
  read: (value: BencodeValue) => T | undefined,
): T | undefined {
  const value = dict.get(key);
  if (value === undefined) return undefined;
  const out = read(value);
  if (out === undefined) throw new ProtocolError("bencode-type", key.slice(0, 40), expected, kindOf(value));
  return out;
}

function kindOf(value: BencodeValue): string {
  if (typeof value === "number" || typeof value === "bigint") return "an integer";
  if (value instanceof Uint8Array) return "a byte string";
  return value instanceof Map ? "a dictionary" : "a list";
}
