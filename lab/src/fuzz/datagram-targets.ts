/** What comes over UDP from anybody: the DHT, uTP, local discovery; and the block lists that users feed in. */
import { ProtocolError, utf8 } from "@everseed/core";
import { AddressFilter, decodeLocalAnnounce, encodeLocalAnnounce } from "@everseed/engine";
import {
  decodeKrpc,
  decodeNodes,
  decodePeerValues,
  decodeUtpPacket,
  encodeKrpcError,
  encodeNodes,
  encodeQuery,
  encodeResponse,
  UTP_HEADER_BYTES,
  UtpType,
  writeUtpHeader,
} from "@everseed/wire";
import { type FuzzTarget, same, sample } from "./target.ts";

const NODES = [{ id: sample(20), host: "10.1.2.3", port: 6_881 }];
const GROUP = { host: "239.192.152.143", port: 6_771 };

/** These decoders answer undefined where others throw. */
function refuseUndefined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new ProtocolError(`${what}-invalid`, what, "a packet", "other bytes");
  return value;
}

function utpPacket(): Uint8Array {
  const out = new Uint8Array(UTP_HEADER_BYTES + 6 + 40);
  const header = {
    type: UtpType.data,
    connectionId: 4_711,
    timestampUs: 1,
    timestampDifferenceUs: 2,
    windowBytes: 1 << 20,
    sequence: 9,
    acknowledged: 8,
  };
  const length = writeUtpHeader(out, header, sample(4));
  return out.subarray(0, length + 40);
}

export const DATAGRAM_TARGETS: readonly FuzzTarget[] = [
  {
    name: "krpc",
    corpus: () => [
      encodeQuery({
        transaction: utf8("aa"),
        method: "get_peers",
        args: { id: sample(20), info_hash: sample(20, 2), want: ["n4", "n6"] },
        readOnly: true,
      }),
      encodeResponse(
        utf8("aa"),
        { id: sample(20), token: sample(8), nodes: encodeNodes(NODES, 4), values: [sample(6), sample(18)] },
        { host: "10.9.8.7", port: 5 },
      ),
      encodeKrpcError(utf8("aa"), 203, "no"),
    ],
    run: (input) => {
      const message = refuseUndefined(decodeKrpc(input), "krpc");
      if (message.type !== "response") return;
      for (const family of [4, 6] as const) {
        const bytes = message.values.get(family === 4 ? "nodes" : "nodes6");
        if (!(bytes instanceof Uint8Array)) continue;
        const nodes = decodeNodes(bytes, family);
        same(decodeNodes(encodeNodes(nodes, family), family), nodes, "a list of nodes");
      }
      if (decodePeerValues(message.values.get("values")).length > 200) throw new Error("too many peers were read");
    },
  },
  {
    name: "utp-packet",
    corpus: () => [utpPacket(), utpPacket().subarray(0, 26)],
    run: (input) => {
      const packet = refuseUndefined(decodeUtpPacket(input), "utp-packet");
      const { payload, selectiveAck, ...header } = packet;
      if (payload.length > input.length) throw new Error("a payload longer than its packet");
      const out = new Uint8Array(512);
      const length = writeUtpHeader(out, header, selectiveAck);
      const again = decodeUtpPacket(out.subarray(0, length));
      same({ ...again, payload: undefined }, { ...packet, payload: undefined }, "a uTP header");
    },
  },
  {
    name: "local-announce",
    corpus: () => [encodeLocalAnnounce({ port: 6_881, infoHashes: ["ab".repeat(20)], cookie: "me" }, GROUP)],
    run: (input) => {
      const announce = refuseUndefined(decodeLocalAnnounce(input), "local-announce");
      same(decodeLocalAnnounce(encodeLocalAnnounce(announce, GROUP)), announce, "a local announce");
    },
  },
  {
    name: "block-list",
    corpus: () => [
      utf8(
        "# list\nSome one:1.2.3.4-1.2.3.255\n005.006.000.000 - 005.006.255.255 , 000 , x\n10.0.0.0/8\n2001:db8::/32\n",
      ),
    ],
    run: (input) => {
      const text = new TextDecoder("latin1").decode(input);
      const filter = AddressFilter.parse(text);
      filter.blocks("1.2.3.4");
      if (filter.size > text.length) throw new Error("more ranges than characters");
    },
  },
];
