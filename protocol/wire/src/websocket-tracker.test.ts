/** The WebSocket tracker's messages as bittorrent-tracker 11 sends them, round trips, and hostile bytes. */
import { ProtocolError, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeWebSocketRequest,
  decodeWebSocketResponse,
  encodeWebSocketRequest,
  encodeWebSocketResponse,
  MAX_OFFERS,
  MAX_WEBSOCKET_MESSAGE,
  type WebSocketRequest,
  type WebSocketResponse,
} from "./websocket-tracker.ts";

const id = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);
const latin1 = (byte: number): string => String.fromCharCode(byte).repeat(20);
const SDP = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n";

const name = fc.uint8Array({ minLength: 20, maxLength: 20 });
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const sdp = fc.string({ unit: fc.constantFrom("v", "=", "0", "\r", "\n", " ", "~"), minLength: 1, maxLength: 300 });
const offer = fc.record({ offerId: name, sdp });
const request: fc.Arbitrary<WebSocketRequest> = fc.oneof(
  fc.record(
    {
      action: fc.constant("announce" as const),
      infoHash: name,
      peerId: name,
      uploaded: count,
      downloaded: count,
      left: count,
      event: fc.constantFrom("started" as const, "completed" as const, "stopped" as const),
      offers: fc.array(offer, { maxLength: MAX_OFFERS }),
    },
    { requiredKeys: ["action", "infoHash", "peerId", "uploaded", "downloaded", "left", "offers"] },
  ),
  fc.record({
    action: fc.constant("answer" as const),
    infoHash: name,
    peerId: name,
    toPeerId: name,
    offerId: name,
    sdp,
  }),
  fc.record({ action: fc.constant("scrape" as const), infoHashes: fc.array(name, { minLength: 1, maxLength: 74 }) }),
);
const response: fc.Arbitrary<WebSocketResponse> = fc.oneof(
  fc.record(
    {
      action: fc.constant("announce" as const),
      infoHash: name,
      intervalSeconds: count,
      complete: count,
      incomplete: count,
      warning: fc.constantFrom("slow down", "è tardi"),
    },
    { requiredKeys: ["action", "infoHash"] },
  ),
  fc.record({
    action: fc.constantFrom("offer" as const, "answer" as const),
    infoHash: name,
    peerId: name,
    offerId: name,
    sdp,
  }),
  fc.record({
    action: fc.constant("scrape" as const),
    entries: fc
      .dictionary(
        name.map((bytes) => Buffer.from(bytes).toString("hex")),
        fc.record({ complete: count, downloaded: count, incomplete: count }),
      )
      .map((entries) => new Map(Object.entries(entries))),
  }),
  fc.record(
    { action: fc.constant("failure" as const), reason: fc.constant("too often"), infoHash: name },
    { requiredKeys: ["action", "reason"] },
  ),
);

describe("messages of bittorrent-tracker", () => {
  test("an announce with offers, names in latin1", () => {
    const text = JSON.stringify({
      numwant: 1,
      uploaded: 0,
      downloaded: 0,
      left: null,
      event: "started",
      action: "announce",
      info_hash: latin1(0xff),
      peer_id: latin1(0x2d),
      offers: [{ offer: { type: "offer", sdp: SDP }, offer_id: latin1(0) }],
    });
    const expected = {
      action: "announce",
      infoHash: id(0xff),
      peerId: id(0x2d),
      uploaded: 0,
      downloaded: 0,
      left: 1,
      event: "started",
      offers: [{ offerId: id(0), sdp: SDP }],
    };
    expect(decodeWebSocketRequest(text)).toEqual(expected);
    expect(decodeWebSocketRequest(utf8(text))).toEqual(expected);
  });

  test("an answer, and a scrape of one name without a list", () => {
    const answer = {
      action: "announce",
      info_hash: latin1(1),
      peer_id: latin1(2),
      to_peer_id: latin1(3),
      answer: { type: "answer", sdp: SDP },
      offer_id: latin1(4),
    };
    expect(decodeWebSocketRequest(JSON.stringify(answer))).toEqual({
      action: "answer",
      infoHash: id(1),
      peerId: id(2),
      toPeerId: id(3),
      offerId: id(4),
      sdp: SDP,
    });
    expect(decodeWebSocketRequest(JSON.stringify({ action: "scrape", info_hash: latin1(9) }))).toEqual({
      action: "scrape",
      infoHashes: [id(9)],
    });
  });

  test("the server's answers", () => {
    const announce = { complete: 1, incomplete: 2, action: "announce", interval: 120, info_hash: latin1(7) };
    expect(decodeWebSocketResponse(JSON.stringify(announce))).toEqual({
      action: "announce",
      infoHash: id(7),
      intervalSeconds: 120,
      complete: 1,
      incomplete: 2,
    });
    expect(decodeWebSocketResponse(JSON.stringify({ "failure reason": "invalid\u001b[2J info_hash" }))).toEqual({
      action: "failure",
      reason: "invalid [2J info_hash",
    });
    const files = { [latin1(0xe9)]: { complete: 3, incomplete: 1, downloaded: 8 } };
    const scrape = decodeWebSocketResponse(
      JSON.stringify({ files, flags: { min_request_interval: 600 }, action: "scrape" }),
    );
    expect(scrape).toEqual({
      action: "scrape",
      entries: new Map([["e9".repeat(20), { complete: 3, incomplete: 1, downloaded: 8 }]]),
    });
  });
});

test("requests and responses read back as they were", () => {
  fc.assert(
    fc.property(request, (made) => void expect(decodeWebSocketRequest(encodeWebSocketRequest(made))).toEqual(made)),
  );
  fc.assert(
    fc.property(response, (made) => void expect(decodeWebSocketResponse(encodeWebSocketResponse(made))).toEqual(made)),
  );
});

describe("hostile messages", () => {
  const announce = { action: "announce", info_hash: latin1(1), peer_id: latin1(2) };
  const refused: readonly [string, unknown][] = [
    ["no object", []],
    ["null", null],
    ["no action", {}],
    ["an action of others", { ...announce, action: "__proto__" }],
    ["a short name", { ...announce, info_hash: "short" }],
    ["a name of wide characters", { ...announce, peer_id: "\u0100".repeat(20) }],
    ["a name that is a list", { ...announce, peer_id: Array(20).fill("a") }],
    ["a negative count", { ...announce, left: -1 }],
    ["a count in words", { ...announce, left: "0" }],
    ["offers that are no list", { ...announce, offers: { length: 1e9 } }],
    ["an offer of nothing", { ...announce, offers: [null] }],
    ["an answer as an offer", { ...announce, offers: [{ offer_id: latin1(1), offer: { type: "answer", sdp: SDP } }] }],
    [
      "a giant description",
      { ...announce, offers: [{ offer_id: latin1(1), offer: { type: "offer", sdp: "v".repeat(20_000) } }] },
    ],
    [
      "control characters",
      { ...announce, offers: [{ offer_id: latin1(1), offer: { type: "offer", sdp: "v=0\u0000" } }] },
    ],
    ["an answer to nobody", { ...announce, offer_id: latin1(1), answer: { type: "answer", sdp: SDP } }],
    ["a scrape of everything", { action: "scrape" }],
    ["a scrape of too much", { action: "scrape", info_hash: Array(75).fill(latin1(1)) }],
  ];
  for (const [what, value] of refused) {
    test(what, () => expect(() => decodeWebSocketRequest(JSON.stringify(value))).toThrow(ProtocolError));
  }

  test("offers beyond the limit are not even looked at", () => {
    const good = { offer_id: latin1(1), offer: { type: "offer", sdp: SDP } };
    const many = { ...announce, offers: [...Array(MAX_OFFERS).fill(good), "garbage"] };
    expect(decodeWebSocketRequest(JSON.stringify(many))).toHaveProperty("offers.length", MAX_OFFERS);
  });

  test("what is too long is refused unread; what is nested deeply breaks nothing", () => {
    const long = `{"action":"announce"${" ".repeat(MAX_WEBSOCKET_MESSAGE)}}`;
    const deep = "[".repeat(MAX_WEBSOCKET_MESSAGE - 1);
    for (const text of [long, utf8(long), deep, `${deep.slice(0, 1_000)}${"]".repeat(1_000)}`]) {
      expect(() => decodeWebSocketRequest(text)).toThrow(ProtocolError);
      expect(() => decodeWebSocketResponse(text)).toThrow(ProtocolError);
    }
  });

  test("any JSON and any change of a valid message is read or refused by a ProtocolError", () => {
    const tame = (decode: (message: string) => unknown, text: string): void => {
      try {
        decode(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    };
    const both = (text: string): void => {
      tame(decodeWebSocketRequest, text);
      tame(decodeWebSocketResponse, text);
    };
    fc.assert(fc.property(fc.json(), both));
    fc.assert(fc.property(fc.string(), both));
    const valid = fc.oneof(request.map(encodeWebSocketRequest), response.map(encodeWebSocketResponse));
    const key = fc.constantFrom(
      "action",
      "info_hash",
      "peer_id",
      "offers",
      "answer",
      "offer",
      "files",
      "left",
      "interval",
    );
    fc.assert(
      fc.property(valid, key, fc.jsonValue(), (text, field, value) =>
        both(JSON.stringify({ ...(JSON.parse(text) as object), [field]: value })),
      ),
    );
    fc.assert(
      fc.property(valid, fc.nat(), fc.string({ maxLength: 3 }), (text, at, noise) =>
        both(text.slice(0, at % text.length) + noise + text.slice((at % text.length) + 1)),
      ),
    );
  });
});
