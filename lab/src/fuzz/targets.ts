/**
 * Everything that reads what a stranger sent. A target returns when it accepts, and throws `ProtocolError` (or, for what
 * a user types, `EverseedError`) when it refuses; anything else is a finding. Where there is an encoder, what was accepted must
 * encode and read back as the same.
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  decodePayMessage,
  encodePayMessage,
  NEVER,
  newSession,
  type PayMessage,
  payHandshake,
  type SessionEnv,
  type SessionState,
  sessionStep,
} from "@everseed/channel";
import { type Address, createSigner, fromUtf8, parseAmount, parsePrice, seededRandom, utf8 } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { FrameReader } from "@everseed/engine";
import {
  createPieceMap,
  decodeBencode,
  encodeBencode,
  formatMagnet,
  parseMagnet,
  parseTorrent,
  verifyHashProof,
} from "@everseed/metainfo";
import {
  announceUrl,
  decodeAnnounceResponse,
  decodeCompactPeers,
  decodeExtendedHandshake,
  decodeHandshake,
  decodeMessage,
  decodeMetadataMessage,
  decodePexMessage,
  decodeScrapeResponse,
  decodeUdpRequest,
  decodeUdpResponse,
  encodeAnnounceResponse,
  encodeCompactPeers,
  encodeExtendedHandshake,
  encodeHandshake,
  encodeMessage,
  encodeMetadataMessage,
  encodePexMessage,
  encodeScrapeResponse,
  encodeUdpRequest,
  encodeUdpResponse,
  type Message,
  parseAnnounceQuery,
  parseQuery,
} from "@everseed/wire";

export interface FuzzTarget {
  readonly name: string;
  /** Valid inputs to begin with. */
  readonly corpus: () => readonly Uint8Array[];
  /** Throws `ProtocolError` or `EverseedError` when it refuses the input. */
  readonly run: (input: Uint8Array) => void;
}

const random = seededRandom(20_260_101);
const bytes = (length: number): Uint8Array => random(length);
const address = (byte: string): Address => `0x${byte.repeat(20)}`;

function torrents(): Uint8Array[] {
  const folder = new URL("../../../protocol/metainfo/fixtures/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".torrent"))
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))))
    .filter((torrent) => torrent.length < 1 << 16);
}

const RANGE = { piecesRoot: bytes(32), baseLayer: 0, index: 0, length: 4, proofLayers: 2 };
const MESSAGES: readonly Message[] = [
  { type: "keepAlive" },
  { type: "choke" },
  { type: "haveAll" },
  { type: "have", piece: 7 },
  { type: "bitfield", bits: bytes(9) },
  { type: "request", piece: 1, begin: 16_384, length: 16_384 },
  { type: "reject", piece: 1, begin: 0, length: 16_384 },
  { type: "piece", piece: 3, begin: 0, data: bytes(64) },
  { type: "port", port: 6_881 },
  { type: "extended", id: 1, payload: bytes(20) },
  { type: "hashRequest", ...RANGE },
  { type: "hashes", ...RANGE, hashes: bytes(192) },
];

const TERMS = {
  payer: address("11"),
  payee: address("22"),
  signer: address("11"),
  token: address("33"),
  window: 86_400,
  nonce: 7n,
};
const SIGNED = {
  voucher: {
    channelId: bytes(32),
    cumulative: 10n ** 15n,
    lanes: [{ root: bytes(32), unit: 150n, maxSteps: 1_024, expiry: NEVER, receiptHash: bytes(32) }],
  },
  signature: bytes(65),
};
const PAY_MESSAGES: readonly PayMessage[] = [
  { type: "auth", signature: bytes(65) },
  {
    type: "offer",
    offer: {
      chainId: 31_337n,
      contract: address("44"),
      token: address("33"),
      unit: 152_587n,
      unitBytes: 16_384,
      creditCapBytes: 1 << 25,
      minWindow: 3_600,
      minDeposit: 0n,
      owedBytes: 0,
    },
    copies: [
      {
        terms: TERMS,
        signed: SIGNED,
        proofs: [{ root: bytes(32), steps: 9, preimage: bytes(32) }],
        paidBytes: 147_456,
      },
    ].map(({ signed, ...copy }) => ({ ...copy, voucher: signed })),
  },
  { type: "voucher", terms: TERMS, signed: SIGNED, receipt: { bytesBefore: 0, epoch: 20_000 } },
  { type: "tick", root: bytes(32).subarray(0, 8), steps: 12, preimage: bytes(32) },
  { type: "accepted", root: bytes(8) },
  { type: "stop", code: "budget-used" },
];

const ANNOUNCE = {
  infoHash: bytes(20),
  peerId: bytes(20),
  port: 6_881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: "started",
  numWant: 50,
  key: 5,
} as const;
const ANSWER = {
  intervalSeconds: 1_800,
  complete: 3,
  incomplete: 4,
  peers: [
    { host: "10.1.2.3", port: 6_881, peerId: bytes(20) },
    { host: "2001:db8::7", port: 51_413, peerId: bytes(20) },
  ],
};

const WIRE_INFO_HASH = bytes(20);
const PEER_IDS = [bytes(20), bytes(20)] as const;
const sessionEnv = (side: 0 | 1): SessionEnv => ({
  domain: { chainId: 31_337n, contract: address("44") },
  signer: createSigner(bytes(32), nativeCurve),
  curve: nativeCurve,
  nonce: bytes(32),
  wireInfoHash: WIRE_INFO_HASH,
  localPeerId: PEER_IDS[side],
  remotePeerId: PEER_IDS[1 - side] as Uint8Array,
  selling: true,
  buying: true,
});
const OURS = sessionEnv(0);
const THEIRS = sessionEnv(1);

/** A session that has read the other side's handshake, and what it says in answer. */
function greeted(env: SessionEnv, other: SessionEnv): { state: SessionState; sent: Uint8Array[] } {
  const [state, effects] = sessionStep(
    newSession,
    { type: "handshake", fields: payHandshake(other), supported: true },
    env,
  );
  return {
    state,
    sent: effects.flatMap((effect) => (effect.type === "send" ? [encodePayMessage(effect.message)] : [])),
  };
}

/** Cuts the input into chunks of changing size and reads frames, as a connection does. */
function readFrames(input: Uint8Array): void {
  const target = new Uint8Array(1 << 14);
  const reader = new FrameReader(
    {
      onMessage: (payload) => void decodeMessage(payload),
      onBlockStart: (_piece, _begin, length) => (length <= target.length ? target.subarray(0, length) : undefined),
      onBlockEnd() {},
    },
    { maxMessageBytes: 1 << 16, maxBlockBytes: 1 << 17 },
  );
  for (let at = 0, size = 1; at < input.length; at += size, size = (size * 7 + 3) % 61) {
    reader.push(input.subarray(at, at + Math.max(1, size)));
    size = Math.max(1, size);
  }
}

const AUTH = greeted(THEIRS, OURS).sent[0] as Uint8Array;

function same(a: Uint8Array, b: Uint8Array, what: string): void {
  if (Buffer.compare(a, b) !== 0) throw new Error(`${what} does not encode to what it was read from`);
}

export const TARGETS: readonly FuzzTarget[] = [
  {
    name: "bencode",
    corpus: () => [...torrents(), ...["de", "le", "i-5e", "0:", "d1:ali1ei2eee", "d3:cow3:mooe"].map(utf8)],
    run: (input) => same(encodeBencode(decodeBencode(input)), input, "bencode"),
  },
  {
    name: "torrent",
    corpus: torrents,
    run: (input) => {
      const metainfo = parseTorrent(input);
      const pieces = createPieceMap(metainfo);
      for (let i = 0; i < Math.min(metainfo.pieceCount, 8); i++) pieces.pieceBytes(i);
    },
  },
  {
    name: "magnet",
    corpus: () =>
      [
        "magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=name&tr=http%3A%2F%2Ft.example%2Fannounce",
        "magnet:?xt=urn:btih:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C&x.pe=127.0.0.1:6881",
        "magnet:?xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e&so=0,2-4",
      ].map(utf8),
    run: (input) => void parseMagnet(formatMagnet(parseMagnet(fromUtf8(input)))),
  },
  {
    name: "handshake",
    corpus: () => [
      encodeHandshake({
        wireInfoHash: bytes(20),
        peerId: bytes(20),
        extensions: { extended: true, fast: true, dht: true, v2: true },
      }),
    ],
    run: (input) => void encodeHandshake(decodeHandshake(input)),
  },
  {
    name: "wire-message",
    corpus: () => MESSAGES.map((message) => encodeMessage(message).subarray(4)),
    run: (input) => {
      const message = decodeMessage(input);
      if (message.type !== "unknown") same(encodeMessage(message).subarray(4), input, `a ${message.type} message`);
    },
  },
  {
    name: "frames",
    corpus: () => [Buffer.concat(MESSAGES.map(encodeMessage)), ...MESSAGES.map(encodeMessage)],
    run: readFrames,
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
        yourIp: bytes(4),
        uploadOnly: true,
        extra: payHandshake(THEIRS),
      }),
    ],
    run: (input) => void decodeExtendedHandshake(encodeExtendedHandshake(decodeExtendedHandshake(input))),
  },
  {
    name: "ut-metadata",
    corpus: () => [
      encodeMetadataMessage({ type: "request", piece: 0 }),
      encodeMetadataMessage({ type: "data", piece: 1, totalSize: 20_000, data: bytes(100) }),
      encodeMetadataMessage({ type: "reject", piece: 2 }),
    ],
    run: (input) => void decodeMetadataMessage(input),
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
    run: (input) => void encodePexMessage(decodePexMessage(input)),
  },
  {
    name: "compact-peers",
    corpus: () => [encodeCompactPeers(ANSWER.peers, 4), encodeCompactPeers(ANSWER.peers, 6)],
    run: (input) => {
      for (const family of [4, 6] as const) {
        const peers = decodeCompactPeers(input, family);
        if (peers.length !== decodeCompactPeers(encodeCompactPeers(peers, family), family).length)
          throw new Error("compact peers do not read back");
      }
    },
  },
  {
    name: "http-answer",
    corpus: () => [
      encodeAnnounceResponse(ANSWER, true),
      encodeAnnounceResponse(ANSWER, false),
      encodeScrapeResponse([[bytes(20), { complete: 1, downloaded: 2, incomplete: 3 }]]),
      utf8("d14:failure reason4:nopee"),
    ],
    run: (input) => {
      try {
        decodeAnnounceResponse(input);
      } finally {
        decodeScrapeResponse(input);
      }
    },
  },
  {
    name: "http-query",
    corpus: () => [utf8(announceUrl("http://t/announce", ANNOUNCE).split("?")[1] as string)],
    run: (input) => {
      const query = fromUtf8(input);
      parseQuery(query);
      parseAnnounceQuery(query);
    },
  },
  {
    name: "udp-request",
    corpus: () => [
      encodeUdpRequest({ action: "connect", transaction: 1 }),
      encodeUdpRequest({
        action: "announce",
        transaction: 2,
        connection: bytes(8),
        announce: { ...ANNOUNCE, urlData: "/announce?k=1" },
      }),
      encodeUdpRequest({ action: "scrape", transaction: 3, connection: bytes(8), infoHashes: [bytes(20), bytes(20)] }),
    ],
    run: (input) => void decodeUdpRequest(input),
  },
  {
    name: "udp-response",
    corpus: () => [
      encodeUdpResponse({ action: "connect", transaction: 1, connection: bytes(8) }, 4),
      encodeUdpResponse({ action: "announce", transaction: 2, answer: ANSWER }, 4),
      encodeUdpResponse(
        { action: "scrape", transaction: 3, entries: [{ complete: 1, downloaded: 2, incomplete: 3 }] },
        4,
      ),
      encodeUdpResponse({ action: "error", transaction: 4, reason: "no" }, 4),
    ],
    run: (input) => {
      decodeUdpResponse(input, 4);
      decodeUdpResponse(input, 6);
    },
  },
  {
    name: "es-pay-message",
    corpus: () => PAY_MESSAGES.map(encodePayMessage),
    run: (input) => void decodePayMessage(encodePayMessage(decodePayMessage(input))),
  },
  {
    name: "es-pay-session",
    corpus: () => [AUTH, ...PAY_MESSAGES.map(encodePayMessage)],
    run: (input) => {
      const { state } = greeted(OURS, THEIRS);
      // An auth is read by a session that waits for one, all else by one that has it.
      const waits = input[0] === AUTH[0];
      const session = waits ? state : sessionStep(state, { type: "message", payload: AUTH }, OURS)[0];
      sessionStep(session, { type: "message", payload: input }, OURS);
    },
  },
  {
    name: "hash-proof",
    corpus: () => [bytes(192), bytes(64)],
    run: (input) => {
      const [a = 0, b = 0, c = 0, d = 0] = input;
      const range = { baseLayer: a & 7, index: b, length: 1 << (c & 9), proofLayers: d & 31 };
      verifyHashProof(input.subarray(0, input.length - (input.length % 32)), range, {
        piecesRoot: bytes(32),
        lengthBytes: 1 << (a & 24),
      });
    },
  },
  {
    name: "price",
    corpus: () => ["0.01/GiB", "1.5", "0", "12/MiB", "0.000001/TiB"].map(utf8),
    run: (input) => {
      const text = fromUtf8(input);
      try {
        parseAmount(text, 6);
      } finally {
        parsePrice(text, 6);
      }
    },
  },
];
