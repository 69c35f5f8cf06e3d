/**
 * Items kept in the DHT (BEP 44): values named by their hash, and values that the holder of a key may change, named by the
 * key. And torrents that change (BEP 46): an item that says which torrent is the present one.
 */
import {
  compareBytes,
  EverseedError,
  ed25519PublicKey,
  equalBytes,
  type InfoHash,
  sha1,
  signEd25519,
  utf8,
  verifyEd25519,
} from "@everseed/core";
import { asBytes, asDict, type BencodeInput, type BencodeValue, encodeBencode } from "@everseed/metainfo";

export const MAX_VALUE_BYTES = 1_000;
export const MAX_SALT_BYTES = 64;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** An item as it is stored and sent. `value` is bencoded. */
export interface DhtItem {
  readonly value: Uint8Array;
  /** Of items that can change. */
  readonly mutable?: {
    /** Ed25519, 32 bytes. */
    readonly publicKey: Uint8Array;
    readonly salt: Uint8Array;
    /** Rises with each change. */
    readonly seq: number;
    readonly signature: Uint8Array;
  };
}

/** The name of an item: 20 bytes. */
export function itemTarget(item: DhtItem): Uint8Array {
  return item.mutable === undefined ? sha1(item.value) : mutableTarget(item.mutable.publicKey, item.mutable.salt);
}

export function mutableTarget(publicKey: Uint8Array, salt: Uint8Array = new Uint8Array()): Uint8Array {
  const both = new Uint8Array(publicKey.length + salt.length);
  both.set(publicKey);
  both.set(salt, publicKey.length);
  return sha1(both);
}

/** Throws EverseedError `dht-item` when the value is longer than 1000 bytes. */
export function immutableItem(value: BencodeInput): DhtItem {
  return { value: bounded(encodeBencode(value)) };
}

/** Signs a value. `secretKey`: the 32-byte seed of an Ed25519 key; the same again for the same input. Throws EverseedError `dht-item`. */
export function mutableItem(init: {
  readonly value: BencodeInput;
  readonly seq: number;
  readonly secretKey: Uint8Array;
  readonly salt?: Uint8Array;
}): Required<DhtItem> {
  const value = bounded(encodeBencode(init.value));
  const salt = init.salt ?? new Uint8Array();
  if (salt.length > MAX_SALT_BYTES)
    throw new EverseedError("dht-item", `Cannot make an item: its salt has ${salt.length} bytes of at most 64`);
  if (!Number.isSafeInteger(init.seq) || init.seq < 0)
    throw new EverseedError("dht-item", `Cannot make an item: expected a number from 0 to 2^53, received ${init.seq}`);
  const signature = signEd25519(signedBytes(value, init.seq, salt), init.secretKey);
  return { value, mutable: { publicKey: ed25519PublicKey(init.secretKey), salt, seq: init.seq, signature } };
}

function bounded(value: Uint8Array): Uint8Array {
  if (value.length <= MAX_VALUE_BYTES) return value;
  throw new EverseedError("dht-item", `Cannot make an item: its value has ${value.length} bytes of at most 1000`);
}

/** What is signed: salt, seq and v as they would stand in a dictionary. */
function signedBytes(value: Uint8Array, seq: number, salt: Uint8Array): Uint8Array {
  const head = salt.length > 0 ? [...utf8(`4:salt${salt.length}:`), ...salt] : [];
  return Uint8Array.from([...head, ...utf8(`3:seqi${seq}e1:v`), ...value]);
}

/** True when nothing about the item is false: sizes, and of a mutable one the signature. */
export function isGenuine(item: DhtItem): boolean {
  if (item.value.length > MAX_VALUE_BYTES) return false;
  const { mutable } = item;
  if (mutable === undefined) return true;
  const { publicKey, salt, seq, signature } = mutable;
  const sizes =
    publicKey.length === KEY_BYTES && signature.length === SIGNATURE_BYTES && salt.length <= MAX_SALT_BYTES && seq >= 0;
  return sizes && verifyEd25519(signedBytes(item.value, seq, salt), signature, publicKey);
}

/**
 * Whether the item is to be believed over another of the same name: by the higher number. Of two values under one number
 * everybody who hears both believes the same, but for who looks for one `unlike` his own.
 */
export function isNewer(item: DhtItem, other: DhtItem, unlike?: Uint8Array): boolean {
  const ahead = (item.mutable?.seq ?? 0) - (other.mutable?.seq ?? 0);
  if (ahead !== 0) return ahead > 0;
  const same = [item, other].map(({ value }) => unlike !== undefined && equalBytes(value, unlike));
  return same[0] === same[1] ? compareBytes(item.value, other.value) > 0 : same[1] === true;
}

/** The item of a `get` answer or a `put`; undefined when it is not there, or false. `salt` is the one that was asked for. */
export function readItem(
  values: ReadonlyMap<string, BencodeValue>,
  target: Uint8Array,
  salt: Uint8Array,
): DhtItem | undefined {
  const v = values.get("v");
  if (v === undefined) return undefined;
  const value = encodeBencode(v);
  const publicKey = asBytes(values.get("k"));
  const signature = asBytes(values.get("sig"));
  const seq = values.get("seq");
  const item: DhtItem =
    publicKey === undefined || signature === undefined || typeof seq !== "number"
      ? { value }
      : { value, mutable: { publicKey, salt, seq, signature } };
  return equalBytes(itemTarget(item), target) && isGenuine(item) ? item : undefined;
}

/**
 * The torrent that a BEP 46 item names at present; undefined when it names none. 20 bytes are the hash of version 1, or that
 * of version 2 truncated: whoever fetches the torrent sees which (`Engine.add`).
 */
export function torrentOfItem(value: BencodeValue): InfoHash | undefined {
  const ih = asBytes(asDict(value)?.get("ih"));
  return ih?.length === 20 ? { version: 1, bytes: ih } : undefined;
}
