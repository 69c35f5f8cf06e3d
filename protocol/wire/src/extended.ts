/** The extension protocol's own handshake (BEP 10): names of messages to ids, and a few facts about the client. */
import { ProtocolError, utf8 } from "@everseed/core";
import {
  asBytes,
  asCount,
  asDict,
  type BencodeDict,
  type BencodeValue,
  decodeBencode,
  encodeBencode,
} from "@everseed/metainfo";
import { remoteText } from "./remote-text.ts";

const MAX_BYTES = 65_536;
/** There are 255 ids. */
const MAX_MESSAGES = 256;
/** Longer names of messages are nobody's. */
const MAX_NAME_CHARACTERS = 64;

export interface ExtendedHandshake {
  /** Message name to the id its receiver wants; 0 switches it off. */
  readonly messages: ReadonlyMap<string, number>;
  /** Name and version of the client (`v`). */
  readonly client?: string;
  /** TCP listen port (`p`). */
  readonly port?: number;
  /** Requests the peer queues without dropping any (`reqq`). */
  readonly requestQueue?: number;
  /** Bytes of the info dictionary (BEP 9). */
  readonly metadataSize?: number;
  /** The receiver's address as the sender sees it (`yourip`): 4 or 16 bytes. */
  readonly yourIp?: Uint8Array;
  /** The sender wants no data any more (`upload_only`, BEP 21). */
  readonly uploadOnly?: boolean;
  /** All other keys. */
  readonly extra: BencodeDict;
}

/** What a dictionary of the fields above is read as; the rest is kept as `extra`. */
const OWN_KEYS = new Set(["m", "v", "p", "reqq", "metadata_size", "yourip", "upload_only"]);

export function encodeExtendedHandshake(handshake: ExtendedHandshake): Uint8Array {
  const out = new Map<string, BencodeValue>(handshake.extra);
  out.set("m", handshake.messages);
  if (handshake.client !== undefined) out.set("v", utf8(handshake.client));
  if (handshake.port !== undefined && handshake.port > 0) out.set("p", handshake.port);
  if (handshake.requestQueue !== undefined) out.set("reqq", handshake.requestQueue);
  if (handshake.metadataSize !== undefined) out.set("metadata_size", handshake.metadataSize);
  if (handshake.yourIp !== undefined) out.set("yourip", handshake.yourIp);
  if (handshake.uploadOnly !== undefined) out.set("upload_only", handshake.uploadOnly ? 1 : 0);
  return encodeBencode(out);
}

/** Reads the dictionary; facts of the wrong type are left out. Throws `ProtocolError` (`extended-handshake`, `bencode-*`). */
export function decodeExtendedHandshake(payload: Uint8Array): ExtendedHandshake {
  // Some clients do not sort keys, and some append bytes; only the former is harmless.
  const root = asDict(decodeBencode(payload.slice(), { maxBytes: MAX_BYTES, unsortedKeys: true }));
  if (root === undefined)
    throw new ProtocolError("extended-handshake", "extended handshake", "a dictionary", "another value");
  const messages = new Map<string, number>();
  for (const [name, id] of asDict(root.get("m")) ?? []) {
    const number = asCount(id);
    if (number === undefined || number > 255 || name.length > MAX_NAME_CHARACTERS) continue;
    if (messages.size < MAX_MESSAGES) messages.set(name, number);
  }
  const client = asBytes(root.get("v"));
  const port = asCount(root.get("p"));
  const requestQueue = asCount(root.get("reqq"));
  const metadataSize = asCount(root.get("metadata_size"));
  const yourIp = asBytes(root.get("yourip"));
  const uploadOnly = asCount(root.get("upload_only"));
  const extra = new Map([...root].filter(([key]) => !OWN_KEYS.has(key)));
  return {
    messages,
    ...(client === undefined ? {} : { client: remoteText(client, 80) }),
    ...(port === undefined || port < 1 || port > 65_535 ? {} : { port }),
    ...(requestQueue === undefined ? {} : { requestQueue }),
    ...(metadataSize === undefined ? {} : { metadataSize }),
    ...(yourIp?.length === 4 || yourIp?.length === 16 ? { yourIp } : {}),
    ...(uploadOnly === undefined ? {} : { uploadOnly: uploadOnly > 0 }),
    extra,
  };
}

/**
 * What two handshakes of one peer say together: a later one adds to the first, and an id of 0 switches a message off (BEP 10).
 * Keys that nobody but extensions know are those of the first. However many come, it holds no more than the largest of them.
 */
export function mergeExtendedHandshakes(before: ExtendedHandshake, after: ExtendedHandshake): ExtendedHandshake {
  const messages = new Map([...before.messages, ...after.messages]);
  for (const oldest of messages.keys()) {
    if (messages.size <= MAX_MESSAGES) break;
    messages.delete(oldest);
  }
  return { ...before, ...after, messages, extra: before.extra };
}
