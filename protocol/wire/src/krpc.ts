/**
 * KRPC, the messages of the DHT (BEP 5, 32, 42, 43): one bencoded dictionary a packet. What is not well formed is nothing:
 * packets come from anybody, and most that are wrong are not worth an answer.
 */
import {
  asBytes,
  asDict,
  asList,
  type BencodeDict,
  type BencodeInput,
  type BencodeValue,
  decodeBencode,
  encodeBencode,
} from "@everseed/metainfo";
import { decodeCompactPeers, encodeCompactPeers, type PeerEndpoint } from "./compact-peers.ts";

/** Longer packets break into fragments; nobody sends them. */
export const MAX_KRPC_BYTES = 1_500;
const NODE_ID_BYTES = 20;
const MAX_TRANSACTION_BYTES = 16;
/** Nodes of one family that are read of one message; BEP 5 sends eight. */
const MAX_NODES = 16;
/** Peers that are read of one message. */
const MAX_VALUES = 200;

export interface DhtNode extends PeerEndpoint {
  /** 20 bytes. */
  readonly id: Uint8Array;
}

export interface KrpcQuery {
  readonly type: "query";
  readonly transaction: Uint8Array;
  readonly method: string;
  /** The sender's id, 20 bytes; it is in `args` as well. */
  readonly id: Uint8Array;
  readonly args: BencodeDict;
  /** The sender answers no queries (BEP 43). */
  readonly readOnly: boolean;
}

export interface KrpcResponse {
  readonly type: "response";
  readonly transaction: Uint8Array;
  readonly id: Uint8Array;
  readonly values: BencodeDict;
  /** Our address as the sender sees it (BEP 42). */
  readonly seenAs?: PeerEndpoint;
}

export interface KrpcError {
  readonly type: "error";
  readonly transaction: Uint8Array;
  readonly code: number;
  readonly message: string;
}

export type KrpcMessage = KrpcQuery | KrpcResponse | KrpcError;

/** Undefined when the packet is no message. Byte strings are views of the packet. */
export function decodeKrpc(packet: Uint8Array): KrpcMessage | undefined {
  if (packet.length > MAX_KRPC_BYTES || packet[0] !== 0x64) return undefined;
  let root: BencodeDict | undefined;
  try {
    root = asDict(decodeBencode(packet, { unsortedKeys: true }));
  } catch {
    return undefined;
  }
  const transaction = asBytes(root?.get("t"));
  const kind = asBytes(root?.get("y"))?.[0];
  if (root === undefined || transaction === undefined || transaction.length > MAX_TRANSACTION_BYTES) return undefined;
  if (kind === 0x71) {
    const args = asDict(root.get("a"));
    const id = asBytes(args?.get("id"));
    const method = asBytes(root.get("q"));
    if (args === undefined || id?.length !== NODE_ID_BYTES || method === undefined || method.length > 32)
      return undefined;
    return { type: "query", transaction, method: latin1(method), id, args, readOnly: root.get("ro") === 1 };
  }
  if (kind === 0x72) {
    const values = asDict(root.get("r"));
    const id = asBytes(values?.get("id"));
    if (values === undefined || id?.length !== NODE_ID_BYTES) return undefined;
    const ip = asBytes(root.get("ip"));
    const [seenAs] = ip === undefined ? [] : decodeCompactPeers(ip, ip.length === 18 ? 6 : 4);
    return { type: "response", transaction, id, values, ...(seenAs === undefined ? {} : { seenAs }) };
  }
  if (kind !== 0x65) return undefined;
  const [code, message] = asList(root.get("e")) ?? [];
  const text = asBytes(message);
  return {
    type: "error",
    transaction,
    code: typeof code === "number" ? code : 0,
    message: text === undefined ? "" : latin1(text.subarray(0, 80)),
  };
}

export interface OutgoingQuery {
  readonly transaction: Uint8Array;
  readonly method: string;
  readonly args: Readonly<Record<string, BencodeInput>>;
  readonly readOnly: boolean;
}

export function encodeQuery({ transaction, method, args, readOnly }: OutgoingQuery): Uint8Array {
  return encodeBencode(
    new Map<string, BencodeInput>([
      ["t", transaction],
      ["y", "q"],
      ["q", method],
      ["a", new Map(Object.entries(args))],
      ...(readOnly ? ([["ro", 1]] as const) : []),
    ]),
  );
}

/** `to`: told as `ip`, so that nodes learn their own address (BEP 42). */
export function encodeResponse(
  transaction: Uint8Array,
  values: Readonly<Record<string, BencodeInput>>,
  to: PeerEndpoint,
): Uint8Array {
  return encodeBencode(
    new Map<string, BencodeInput>([
      ["t", transaction],
      ["y", "r"],
      ["r", new Map(Object.entries(values))],
      ["ip", encodeCompactPeers([to], to.host.includes(":") ? 6 : 4)],
    ]),
  );
}

export function encodeKrpcError(transaction: Uint8Array, code: number, message: string): Uint8Array {
  return encodeBencode(
    new Map<string, BencodeInput>([
      ["t", transaction],
      ["y", "e"],
      ["e", [code, message]],
    ]),
  );
}

/** Compact node infos: 26 bytes each in IPv4, 38 in IPv6 (BEP 32). Nodes of the other family are left out. */
export function encodeNodes(nodes: readonly DhtNode[], family: 4 | 6): Uint8Array {
  const parts = nodes.flatMap((node) => {
    const contact = encodeCompactPeers([node], family);
    return contact.length === 0 ? [] : [...node.id, ...contact];
  });
  return Uint8Array.from(parts);
}

export function decodeNodes(bytes: Uint8Array | undefined, family: 4 | 6): DhtNode[] {
  const contactBytes = family === 4 ? 6 : 18;
  const size = NODE_ID_BYTES + contactBytes;
  const out: DhtNode[] = [];
  for (let at = 0; bytes !== undefined && at + size <= bytes.length && out.length < MAX_NODES; at += size) {
    const [contact] = decodeCompactPeers(bytes.subarray(at + NODE_ID_BYTES, at + size), family);
    if (contact !== undefined) out.push({ ...contact, id: bytes.slice(at, at + NODE_ID_BYTES) });
  }
  return out;
}

/** The peers of a `get_peers` answer: a list of compact addresses of either family. */
export function decodePeerValues(value: BencodeValue | undefined): PeerEndpoint[] {
  return (asList(value) ?? []).slice(0, MAX_VALUES).flatMap((one) => {
    const bytes = asBytes(one);
    if (bytes?.length !== 6 && bytes?.length !== 18) return [];
    return decodeCompactPeers(bytes, bytes.length === 6 ? 4 : 6);
  });
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
