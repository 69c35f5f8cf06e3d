/**
 * Hostile bytes into every decoder of this package: noise, and valid inputs with bytes changed, cut or doubled, are read or
 * refused by a `ProtocolError`. Sizes come first: what is too long is refused before it is parsed.
 */
import { ProtocolError, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCompactPeers } from "./compact-peers.ts";
import { decodeExtendedHandshake, encodeExtendedHandshake } from "./extended.ts";
import { decodeHandshake, encodeHandshake } from "./handshake.ts";
import { decodeScrapeResponse, encodeScrapeResponse } from "./http-scrape.ts";
import {
  announceUrl,
  decodeAnnounceResponse,
  encodeAnnounceResponse,
  MAX_TRACKER_ANSWER_BYTES,
  parseAnnounceQuery,
} from "./http-tracker.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES } from "./message.ts";
import { decodeUdpRequest, decodeUdpResponse, encodeUdpRequest, encodeUdpResponse } from "./udp-tracker.ts";
import { decodeHolepunchMessage, encodeHolepunchMessage, HOLEPUNCH_MAX_BYTES } from "./ut-holepunch.ts";
import { decodeMetadataMessage, encodeMetadataMessage } from "./ut-metadata.ts";
import { decodePexMessage, encodePexMessage } from "./ut-pex.ts";

const id = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);
const ANNOUNCE = { infoHash: id(1), peerId: id(2), port: 1, uploaded: 0, downloaded: 0, left: 0, numWant: 50, key: 1 };
const PEERS = [
  { host: "10.0.0.1", port: 6_881 },
  { host: "2001:db8::1", port: 1 },
];
const ANSWER = { intervalSeconds: 1_800, peers: PEERS };
const REQUEST = { action: "announce", transaction: 1, connection: id(3).subarray(0, 8), announce: ANNOUNCE } as const;
const RANGE = { piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 };
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

interface Decoder {
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly valid: readonly Uint8Array[];
  /** Longest input that is parsed at all; absent where the carrier (a datagram, a request's head) bounds it. */
  readonly maxBytes?: number;
}

const DECODERS: readonly Decoder[] = [
  {
    name: "handshake",
    decode: decodeHandshake,
    valid: [
      encodeHandshake({
        wireInfoHash: id(1),
        peerId: id(2),
        extensions: { extended: true, fast: true, dht: true, v2: true },
      }),
    ],
    maxBytes: 68,
  },
  {
    name: "message",
    decode: decodeMessage,
    valid: [
      encodeMessage({ type: "request", piece: 1, begin: 2, length: 3 }),
      encodeMessage({ type: "hashes", ...RANGE, hashes: new Uint8Array(64) }),
      encodeMessage({ type: "extended", id: 1, payload: id(1) }),
    ].map((whole) => whole.subarray(4)),
    maxBytes: MAX_MESSAGE_BYTES,
  },
  {
    name: "extended handshake",
    decode: decodeExtendedHandshake,
    valid: [
      encodeExtendedHandshake({ messages: new Map([["ut_pex", 1]]), client: "c", yourIp: id(1), extra: new Map() }),
    ],
    maxBytes: 65_536,
  },
  {
    name: "ut_metadata",
    decode: decodeMetadataMessage,
    valid: [encodeMetadataMessage({ type: "data", piece: 1, totalSize: 20_000, data: id(1) })],
    maxBytes: 20_480,
  },
  {
    name: "ut_pex",
    decode: decodePexMessage,
    valid: [encodePexMessage({ added: PEERS, dropped: PEERS })],
    maxBytes: 16_384,
  },
  {
    name: "ut_holepunch",
    decode: decodeHolepunchMessage,
    valid: PEERS.flatMap((endpoint) =>
      [
        encodeHolepunchMessage({ type: "rendezvous", endpoint }) as Uint8Array,
        encodeHolepunchMessage({ type: "error", endpoint, error: 3 }) as Uint8Array,
      ].flatMap((bytes, i) => (i === 0 ? [bytes, bytes.subarray(0, -4)] : [bytes])),
    ),
    maxBytes: HOLEPUNCH_MAX_BYTES,
  },
  {
    name: "compact peers",
    decode: (bytes) => [decodeCompactPeers(bytes, 4), decodeCompactPeers(bytes, 6)],
    valid: [id(1)],
  },
  {
    name: "HTTP announce",
    decode: decodeAnnounceResponse,
    valid: [encodeAnnounceResponse(ANSWER, true), encodeAnnounceResponse(ANSWER, false)],
    maxBytes: MAX_TRACKER_ANSWER_BYTES,
  },
  {
    name: "HTTP scrape",
    decode: decodeScrapeResponse,
    valid: [encodeScrapeResponse([[id(1), { complete: 1, downloaded: 2, incomplete: 3 }]])],
    maxBytes: MAX_TRACKER_ANSWER_BYTES,
  },
  {
    name: "HTTP query",
    decode: (bytes) => parseAnnounceQuery(text(bytes)),
    valid: [utf8(announceUrl("http://t/a", ANNOUNCE).split("?")[1] as string)],
  },
  {
    name: "UDP request",
    decode: decodeUdpRequest,
    valid: [encodeUdpRequest(REQUEST), encodeUdpRequest({ ...REQUEST, announce: { ...ANNOUNCE, urlData: "/a?b" } })],
    maxBytes: 2_048,
  },
  {
    name: "UDP answer",
    decode: (bytes) => [decodeUdpResponse(bytes, 4), decodeUdpResponse(bytes, 6)],
    valid: [encodeUdpResponse({ action: "announce", transaction: 1, answer: ANSWER }, 4)],
  },
];

describe.each(DECODERS)("$name", ({ decode, valid, maxBytes }) => {
  const readOrRefused = (bytes: Uint8Array): void => {
    try {
      decode(bytes);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  };

  test("accepts what is valid", () => {
    for (const bytes of valid) expect(() => decode(bytes)).not.toThrow();
  });

  test("noise is read or refused by name", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), readOrRefused), { numRuns: 1_000 });
  });

  test("valid bytes that were changed, cut or doubled are read or refused by name", () => {
    const edit = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("set", "cut", "drop", "double", "grow"),
      byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...utf8("deil:0129%&=+-"))),
      size: fc.integer({ min: 1, max: 40 }),
    });
    const edited = fc.tuple(fc.constantFrom(...valid), fc.array(edit, { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(edited, ([start, edits]) => {
        let bytes = [...start];
        for (const { at: anywhere, kind, byte, size } of edits) {
          const at = anywhere % (bytes.length + 1);
          if (kind === "set" && at < bytes.length) bytes[at] = byte;
          else if (kind === "cut") bytes = bytes.slice(0, at);
          else if (kind === "drop") bytes.splice(at, size);
          else if (kind === "double") bytes.splice(at, 0, ...bytes.slice(at, at + size));
          else if (kind === "grow") bytes.splice(at, 0, ...new Array<number>(size).fill(byte));
        }
        readOrRefused(Uint8Array.from(bytes));
      }),
      { numRuns: 1_000 },
    );
  });

  if (maxBytes !== undefined)
    test("what is too long is refused before it is parsed", () => {
      // Deep nesting, and endless values: parsing them first would cost far more than reading a length.
      for (const fill of ["l", "d", "i", "0", "\u0005"]) {
        const giant = new Uint8Array(maxBytes + 1).fill(fill.charCodeAt(0));
        expect(() => decode(giant)).toThrow(/bytes/);
        expect(() => decode(giant)).toThrow(ProtocolError);
      }
    });
});
