/** Answers of a DHT node to queries (BEP 5, 32, 44): what is kept, the nearest nodes known, and tokens to announce with. */
import { equalBytes } from "@everseed/core";
import {
  asBytes,
  asCount,
  asList,
  type BencodeDict,
  type BencodeInput,
  decodeBencode,
  encodeBencode,
} from "@everseed/metainfo";
import { encodeNodes, type KrpcQuery, type PeerEndpoint } from "@everseed/wire";
import type { DhtStore } from "./dht-store.ts";
import { type DhtItem, isGenuine, MAX_SALT_BYTES, MAX_VALUE_BYTES } from "./items.ts";
import { ID_BYTES } from "./node-id.ts";
import type { RoutingTable } from "./routing-table.ts";
import type { Reply } from "./rpc.ts";

/** Error codes of BEP 5 and BEP 44. */
const Code = { protocol: 203, method: 204, tooBig: 205, signature: 206, saltTooBig: 207, cas: 301, seq: 302 } as const;

export interface ResponderInit {
  readonly tables: { readonly 4: RoutingTable; readonly 6: RoutingTable };
  readonly store: DhtStore;
  readonly now: () => number;
}

export function respond(init: ResponderInit, query: KrpcQuery, from: PeerEndpoint): Reply {
  const { store } = init;
  const { args, method } = query;
  switch (method) {
    case "ping":
      return { values: {} };
    case "find_node": {
      const target = idOf(args, "target");
      return target === undefined ? malformed("target") : { values: nodesFor(init, target, args, from) };
    }
    case "get_peers": {
      const infoHash = idOf(args, "info_hash");
      if (infoHash === undefined) return malformed("info_hash");
      const values = store.peers(infoHash, familyOf(from));
      const nodes = nodesFor(init, infoHash, args, from);
      return { values: { ...nodes, token: store.token(from.host), ...(values.length > 0 ? { values } : {}) } };
    }
    case "announce_peer":
      return announcePeer(init, args, from);
    case "get":
      return get(init, args, from);
    case "put":
      return put(init, args, from);
    default: {
      // BEP 5's rule for what is not known yet: a query with a target is answered as find_node.
      const target = idOf(args, "target") ?? idOf(args, "info_hash");
      if (target === undefined) return { error: [Code.method, "method unknown"] };
      return { values: nodesFor(init, target, args, from) };
    }
  }
}

function announcePeer({ store, now }: ResponderInit, args: BencodeDict, from: PeerEndpoint): Reply {
  const infoHash = idOf(args, "info_hash");
  if (infoHash === undefined) return malformed("info_hash");
  if (!store.accepts(asBytes(args.get("token")), from.host)) return { error: [Code.protocol, "bad token"] };
  const implied = args.get("implied_port");
  const port = implied === 1 ? from.port : asCount(args.get("port"));
  if (port === undefined || port < 1 || port > 65_535) return malformed("port");
  store.addPeer(infoHash, { host: from.host, port }, now());
  return { values: {} };
}

function get(init: ResponderInit, args: BencodeDict, from: PeerEndpoint): Reply {
  const target = idOf(args, "target");
  if (target === undefined) return malformed("target");
  const { store } = init;
  const values = { ...nodesFor(init, target, args, from), token: store.token(from.host) };
  const item = store.item(target);
  if (item === undefined) return { values };
  const wanted = asCount(args.get("seq"));
  const { mutable } = item;
  if (mutable !== undefined && wanted !== undefined && mutable.seq <= wanted)
    return { values: { ...values, seq: mutable.seq } };
  return { values: { ...values, ...fieldsOf(item) } };
}

function put({ store, now }: ResponderInit, args: BencodeDict, from: PeerEndpoint): Reply {
  if (!store.accepts(asBytes(args.get("token")), from.host)) return { error: [Code.protocol, "bad token"] };
  const v = args.get("v");
  if (v === undefined) return malformed("v");
  const value = encodeBencode(v);
  if (value.length > MAX_VALUE_BYTES) return { error: [Code.tooBig, "value too big"] };
  const publicKey = asBytes(args.get("k"));
  if (publicKey === undefined) {
    store.setItem({ value }, now());
    return { values: {} };
  }
  const signature = asBytes(args.get("sig"));
  const seq = asCount(args.get("seq"));
  const salt = asBytes(args.get("salt"))?.slice() ?? new Uint8Array();
  if (signature === undefined || seq === undefined) return malformed("sig or seq");
  if (salt.length > MAX_SALT_BYTES) return { error: [Code.saltTooBig, "salt too big"] };
  const item = { value, mutable: { publicKey: publicKey.slice(), salt, seq, signature: signature.slice() } };
  if (!isGenuine(item)) return { error: [Code.signature, "bad signature"] };
  const known = store.itemOf(item);
  const cas = asCount(args.get("cas"));
  if (known?.mutable !== undefined) {
    if (cas !== undefined && known.mutable.seq !== cas) return { error: [Code.cas, "the item has another seq"] };
    const same = seq === known.mutable.seq && equalBytes(value, known.value);
    if (seq <= known.mutable.seq && !same) return { error: [Code.seq, "the item has that seq or a higher one"] };
  }
  store.setItem(item, now());
  return { values: {} };
}

/** As `get` answers and `put` asks; `v` is put in as the bytes it is. */
export function fieldsOf({ value, mutable }: DhtItem): Record<string, BencodeInput> {
  const v = decodeBencode(value, { unsortedKeys: true });
  if (mutable === undefined) return { v };
  return { v, k: mutable.publicKey, sig: mutable.signature, seq: mutable.seq };
}

/** The nodes of the families that were asked for (BEP 32), by default that of the sender. */
function nodesFor(
  { tables }: ResponderInit,
  target: Uint8Array,
  args: BencodeDict,
  from: PeerEndpoint,
): Record<string, BencodeInput> {
  const asked = (asList(args.get("want")) ?? []).map((one) => new TextDecoder().decode(asBytes(one)));
  const wants = (family: 4 | 6): boolean =>
    asked.length === 0 ? familyOf(from) === family : asked.includes(`n${family}`);
  return {
    ...(wants(4) ? { nodes: encodeNodes(tables[4].closest(target), 4) } : {}),
    ...(wants(6) ? { nodes6: encodeNodes(tables[6].closest(target), 6) } : {}),
  };
}

function idOf(args: BencodeDict, key: string): Uint8Array | undefined {
  const id = asBytes(args.get(key));
  return id?.length === ID_BYTES ? id : undefined;
}

function familyOf({ host }: PeerEndpoint): 4 | 6 {
  return host.includes(":") ? 6 : 4;
}

function malformed(field: string): Reply {
  return { error: [Code.protocol, `${field} is missing or malformed`] };
}
