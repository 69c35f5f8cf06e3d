/** What peers send: handshakes, messages, frames, and the extensions that are no payments. */
import { ProtocolError, toHex } from "@everseed/core";
import { FrameReader } from "@everseed/engine";
import {
  decodeCompactPeers,
  decodeExtendedHandshake,
  decodeHandshake,
  decodeHolepunchMessage,
  decodeMessage,
  decodeMetadataMessage,
  decodePexMessage,
  encodeCompactPeers,
  encodeExtendedHandshake,
  encodeHandshake,
  encodeHolepunchMessage,
  encodeMessage,
  encodeMetadataMessage,
  encodePexMessage,
  formatIpv6,
  type Message,
  type PexMessage,
  parseIpv4,
  parseIpv6,
} from "@everseed/wire";
import { type FuzzTarget, same, sameBytes, sample } from "./target.ts";

const RANGE = { piecesRoot: sample(32), baseLayer: 0, index: 0, length: 4, proofLayers: 2 };
const MESSAGES: readonly Message[] = [
  { type: "keepAlive" },
  { type: "choke" },
  { type: "haveAll" },
  { type: "have", piece: 7 },
  { type: "bitfield", bits: sample(9) },
  { type: "request", piece: 1, begin: 16_384, length: 16_384 },
  { type: "reject", piece: 1, begin: 0, length: 16_384 },
  { type: "piece", piece: 3, begin: 0, data: sample(64) },
  { type: "port", port: 6_881 },
  { type: "suggest", piece: 1 },
  { type: "allowedFast", piece: 1 },
  { type: "extended", id: 1, payload: sample(20) },
  { type: "hashRequest", ...RANGE },
  { type: "hashReject", ...RANGE },
  { type: "hashes", ...RANGE, hashes: sample(192) },
];

const PEERS = [
  { host: "10.1.2.3", port: 6_881 },
  { host: "2001:db8::7", port: 51_413 },
];

/** What a connection makes of the bytes, cut where `next` says: each message, each block, and how it ended. */
function framesOf(input: Uint8Array, next: (size: number) => number): { log: string[]; error?: ProtocolError } {
  const log: string[] = [];
  let target: Uint8Array | undefined;
  const reader = new FrameReader(
    {
      onMessage: (payload) => void log.push(`${decodeMessage(payload).type} ${toHex(payload)}`),
      onBlockStart: (piece, begin, length) => {
        log.push(`block ${piece} ${begin} ${length}`);
        target = length <= 1 << 14 ? new Uint8Array(length) : undefined;
        return target;
      },
      onBlockEnd: (placed) => void log.push(`${placed} ${target === undefined ? "" : toHex(target)}`),
    },
    { maxMessageBytes: 1 << 16, maxBlockBytes: 1 << 17 },
  );
  try {
    for (let at = 0, size = next(0); at < input.length; at += size, size = next(size))
      reader.push(input.subarray(at, at + size));
  } catch (error) {
    if (error instanceof ProtocolError) return { log, error };
    throw error;
  }
  return { log };
}

export const WIRE_TARGETS: readonly FuzzTarget[] = [
  {
    name: "handshake",
    corpus: () => [
      encodeHandshake({
        wireInfoHash: sample(20),
        peerId: sample(20, 2),
        extensions: { extended: true, fast: true, dht: true, v2: true },
      }),
    ],
    run: (input) => {
      const handshake = decodeHandshake(input);
      same(decodeHandshake(encodeHandshake(handshake)), handshake, "a handshake");
    },
  },
  {
    name: "wire-message",
    corpus: () => MESSAGES.map((message) => encodeMessage(message).subarray(4)),
    run: (input) => {
      const message = decodeMessage(input);
      if (message.type !== "unknown") sameBytes(encodeMessage(message).subarray(4), input, `a ${message.type} message`);
    },
  },
  {
    name: "frames",
    corpus: () => [new Uint8Array(Buffer.concat(MESSAGES.map(encodeMessage))), ...MESSAGES.map(encodeMessage)],
    run: (input) => {
      const whole = framesOf(input, () => input.length);
      for (const next of [() => 1, (size: number) => 1 + ((size * 7 + 3) % 61)]) {
        const cut = framesOf(input, next);
        // A stream that is refused may be so a little sooner or later; what came of it until then is the same.
        const refused = whole.error !== undefined;
        if (!refused && cut.error !== undefined) throw new Error("refused for its chunks", { cause: cut.error });
        const length = refused ? Math.min(cut.log.length, whole.log.length) : undefined;
        same(cut.log.slice(0, length), whole.log.slice(0, length), "a stream of frames that arrives in other chunks");
      }
      if (whole.error !== undefined) throw whole.error;
    },
  },
  {
    name: "extended-handshake",
    corpus: () => [
      encodeExtendedHandshake({
        messages: new Map([
          ["ut_metadata", 1],
          ["es_pay", 3],
        ]),
        client: "Everseed",
        port: 6_881,
        requestQueue: 250,
        metadataSize: 31_235,
        yourIp: sample(4),
        uploadOnly: true,
        extra: new Map([["e", 0]]),
      }),
    ],
    run: (input) => {
      // A name is cut to length in bytes and written again in more of them: it alone may differ.
      const { client: _, ...read } = decodeExtendedHandshake(input);
      const { client: __, ...again } = decodeExtendedHandshake(encodeExtendedHandshake(read));
      same(again.messages, read.messages, "the messages of an extended handshake");
      same({ ...again, extra: again.extra.size }, { ...read, extra: read.extra.size }, "an extended handshake");
    },
  },
  {
    name: "ut-metadata",
    corpus: () => [
      encodeMetadataMessage({ type: "request", piece: 0 }),
      encodeMetadataMessage({ type: "data", piece: 1, totalSize: 20_000, data: sample(100) }),
      encodeMetadataMessage({ type: "reject", piece: 2 }),
    ],
    run: (input) => {
      const message = decodeMetadataMessage(input);
      if (message.type === "unknown") return;
      same(decodeMetadataMessage(encodeMetadataMessage(message)), message, `a ut_metadata ${message.type}`);
    },
  },
  {
    name: "ut-holepunch",
    corpus: () =>
      PEERS.flatMap((endpoint) => [
        encodeHolepunchMessage({ type: "rendezvous", endpoint }) as Uint8Array,
        encodeHolepunchMessage({ type: "error", endpoint, error: 2 }) as Uint8Array,
      ]),
    run: (input) => {
      const message = decodeHolepunchMessage(input);
      const again = encodeHolepunchMessage(message) as Uint8Array;
      same(decodeHolepunchMessage(again), message, "a ut_holepunch message");
    },
  },
  {
    name: "ut-pex",
    corpus: () => [
      encodePexMessage({
        added: [
          { host: "10.0.0.1", port: 6_881, seed: true },
          { host: "2001:db8::1", port: 1, utp: true },
        ],
        dropped: [{ host: "10.0.0.9", port: 9 }],
      }),
    ],
    run: (input) => {
      const message = decodePexMessage(input);
      // Those who left have no flags of their own.
      const plain = ({ added, dropped }: PexMessage): PexMessage => ({
        added,
        dropped: dropped.map(({ host, port }) => ({ host, port })),
      });
      same(plain(decodePexMessage(encodePexMessage(message))), plain(message), "a ut_pex message");
    },
  },
  {
    name: "compact-peers",
    corpus: () => [encodeCompactPeers(PEERS, 4), encodeCompactPeers(PEERS, 6)],
    run: (input) => {
      for (const family of [4, 6] as const) {
        const peers = decodeCompactPeers(input, family);
        same(decodeCompactPeers(encodeCompactPeers(peers, family), family), peers, "a compact list of peers");
      }
    },
  },
  {
    name: "ip-text",
    corpus: () => ["127.0.0.1", "2001:db8::1:0:0:1", "::", "::1"].map((text) => new Uint8Array(Buffer.from(text))),
    run: (input) => {
      const text = Buffer.from(input).toString("latin1");
      const four = parseIpv4(text);
      const six = parseIpv6(text);
      if (four !== undefined) same(parseIpv4(four.join(".")), four, "an IPv4 address");
      if (six !== undefined) same(parseIpv6(formatIpv6(six)), six, "an IPv6 address");
      if (four === undefined && six === undefined) throw new ProtocolError("ip", "text", "an IP address", "another");
    },
  },
];
