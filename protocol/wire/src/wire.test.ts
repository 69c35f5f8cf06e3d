/** Codecs of the peer wire: vectors of the BEPs, and properties over everything that can be encoded. */
import { fromHex, ProtocolError, toHex, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowedFastSet } from "./allowed-fast.ts";
import { decodeCompactPeers, encodeCompactPeers, formatIpv6, parseIpv6 } from "./compact-peers.ts";
import { decodeExtendedHandshake, encodeExtendedHandshake, mergeExtendedHandshakes } from "./extended.ts";
import { decodeHandshake, encodeHandshake } from "./handshake.ts";
import { decodeMessage, encodeMessage, encodePieceHeader, MAX_MESSAGE_BYTES, type Message } from "./message.ts";
import { decodeHolepunchMessage, encodeHolepunchMessage, type HolepunchMessage } from "./ut-holepunch.ts";
import { decodeMetadataMessage, encodeMetadataMessage } from "./ut-metadata.ts";
import { decodePexMessage, encodePexMessage } from "./ut-pex.ts";

const bytes = (hex: string): Uint8Array => fromHex(hex.replace(/\s/g, "")) as Uint8Array;
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const port = fc.integer({ min: 1, max: 65_535 });
const peer4 = fc.record({ host: fc.ipV4(), port });
const peer6 = fc.record({ host: exactly(16).map(formatIpv6), port });

describe("handshake (BEP 3)", () => {
  test("is 19, the protocol's name, eight reserved bytes, infohash, peer id", () => {
    const encoded = encodeHandshake({
      wireInfoHash: new Uint8Array(20).fill(0xaa),
      peerId: new Uint8Array(20).fill(0xbb),
      extensions: { extended: true, fast: true, dht: true, v2: true },
    });
    expect(toHex(encoded)).toBe(
      // Reserved: bit 20 from the right is BEP 10, 0x04 BEP 6, 0x01 BEP 5, 0x10 of the last byte BEP 52.
      `13${toHex(utf8("BitTorrent protocol"))}0000000000100015${"aa".repeat(20)}${"bb".repeat(20)}`,
    );
  });

  test("reads back what was written", () => {
    const any = fc.record({
      wireInfoHash: exactly(20),
      peerId: exactly(20),
      extensions: fc.record({ extended: fc.boolean(), fast: fc.boolean(), dht: fc.boolean(), v2: fc.boolean() }),
    });
    fc.assert(
      fc.property(any, (handshake) => void expect(decodeHandshake(encodeHandshake(handshake))).toEqual(handshake)),
    );
  });

  test("another protocol, or another length, is refused by name", () => {
    const good = encodeHandshake({
      wireInfoHash: new Uint8Array(20),
      peerId: new Uint8Array(20),
      extensions: { extended: false, fast: false, dht: false, v2: false },
    });
    for (const bad of [
      good.subarray(1),
      new Uint8Array(),
      Uint8Array.from([...good, 0]),
      good.map((b, i) => (i === 3 ? b ^ 1 : b)),
    ]) {
      expect(() => decodeHandshake(bad)).toThrow(ProtocolError);
    }
  });
});

describe("messages", () => {
  const range = { piecesRoot: new Uint8Array(32).fill(7), baseLayer: 1, index: 2, length: 4, proofLayers: 3 };
  /** Lengths and ids as BEP 3, 5, 6, 10 and 52 give them. */
  const vectors: readonly [Message, string][] = [
    [{ type: "keepAlive" }, "00000000"],
    [{ type: "choke" }, "0000000100"],
    [{ type: "unchoke" }, "0000000101"],
    [{ type: "interested" }, "0000000102"],
    [{ type: "notInterested" }, "0000000103"],
    [{ type: "have", piece: 258 }, "000000050400000102"],
    [{ type: "bitfield", bits: Uint8Array.of(0xf0, 0x80) }, "0000000305f080"],
    [{ type: "request", piece: 1, begin: 16_384, length: 16_384 }, "0000000d06000000010000400000004000"],
    [{ type: "piece", piece: 1, begin: 2, data: Uint8Array.of(9) }, "0000000a07000000010000000209"],
    [{ type: "cancel", piece: 1, begin: 0, length: 3 }, "0000000d08000000010000000000000003"],
    [{ type: "port", port: 6_881 }, "00000003091ae1"],
    [{ type: "suggest", piece: 5 }, "000000050d00000005"],
    [{ type: "haveAll" }, "000000010e"],
    [{ type: "haveNone" }, "000000010f"],
    [{ type: "reject", piece: 1, begin: 0, length: 3 }, "0000000d10000000010000000000000003"],
    [{ type: "allowedFast", piece: 5 }, "000000051100000005"],
    [{ type: "extended", id: 3, payload: Uint8Array.of(100, 101) }, "0000000414036465"],
    [{ type: "hashRequest", ...range }, `0000003115${"07".repeat(32)}00000001000000020000000400000003`],
    [
      { type: "hashes", ...range, hashes: new Uint8Array(32).fill(8) },
      `0000005116${"07".repeat(32)}00000001000000020000000400000003${"08".repeat(32)}`,
    ],
    [{ type: "hashReject", ...range }, `0000003117${"07".repeat(32)}00000001000000020000000400000003`],
  ];
  for (const [message, hex] of vectors) {
    test(message.type, () => {
      expect(toHex(encodeMessage(message))).toBe(hex);
      expect(decodeMessage(bytes(hex).subarray(4))).toEqual(message);
    });
  }

  const block = { piece: uint32, begin: uint32, length: uint32 };
  const hashRange = { piecesRoot: exactly(32), baseLayer: uint32, index: uint32, length: uint32, proofLayers: uint32 };
  const anyMessage: fc.Arbitrary<Message> = fc.oneof(
    fc.record({
      type: fc.constantFrom("keepAlive", "choke", "unchoke", "interested", "notInterested", "haveAll", "haveNone"),
    }),
    fc.record({ type: fc.constantFrom("have", "suggest", "allowedFast"), piece: uint32 }),
    fc.record({ type: fc.constant("bitfield"), bits: fc.uint8Array({ maxLength: 200 }) }),
    fc.record({ type: fc.constantFrom("request", "cancel", "reject"), ...block }),
    fc.record({ type: fc.constant("piece"), piece: uint32, begin: uint32, data: fc.uint8Array({ maxLength: 200 }) }),
    fc.record({ type: fc.constant("port"), port: fc.integer({ min: 0, max: 65_535 }) }),
    fc.record({
      type: fc.constant("extended"),
      id: fc.integer({ min: 0, max: 255 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    }),
    fc.record({ type: fc.constantFrom("hashRequest", "hashReject"), ...hashRange }),
    fc.record({
      type: fc.constant("hashes"),
      ...hashRange,
      hashes: fc.nat({ max: 12 }).chain((count) => exactly(32 * count)),
    }),
  ) as fc.Arbitrary<Message>;

  test("every message reads back as it was written, and says its own length", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const encoded = encodeMessage(message);
        expect(new DataView(encoded.buffer).getUint32(0)).toBe(encoded.length - 4);
        expect(decodeMessage(encoded.subarray(4))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  test("the header of a block is what comes before its data", () => {
    fc.assert(
      fc.property(uint32, uint32, fc.uint8Array({ maxLength: 40 }), (piece, begin, data) => {
        const whole = encodeMessage({ type: "piece", piece, begin, data });
        expect(encodePieceHeader(piece, begin, data.length)).toEqual(whole.slice(0, 13));
      }),
    );
  });

  test("an id that no BEP defines is ignored; a wrong length and a giant are refused", () => {
    expect(decodeMessage(Uint8Array.of(200, 1, 2))).toEqual({ type: "unknown", id: 200 });
    for (const bad of [
      "0001",
      "04000000",
      "0600000001",
      "070000",
      "14",
      `15${"00".repeat(47)}`,
      `16${"00".repeat(49)}`,
    ]) {
      expect(() => decodeMessage(bytes(bad))).toThrow(ProtocolError);
    }
    expect(() => decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(5))).toThrow(ProtocolError);
  });
});

describe("compact peers (BEP 23, BEP 7)", () => {
  test("four or sixteen bytes of address, two of port", () => {
    expect(decodeCompactPeers(bytes("7f0000011ae1 0a00000200 50".replace(/ /g, "")), 4)).toEqual([
      { host: "127.0.0.1", port: 6_881 },
      { host: "10.0.0.2", port: 80 },
    ]);
    expect(decodeCompactPeers(bytes("20010db8000000000000000000000001 1ae1"), 6)).toEqual([
      { host: "2001:db8::1", port: 6_881 },
    ]);
  });

  test("read back as written; a rest that is no entry and a port of 0 are left out", () => {
    fc.assert(
      fc.property(fc.array(peer4), fc.array(peer6), fc.uint8Array({ maxLength: 5 }), (four, six, rest) => {
        const all = [...four, ...six];
        expect(decodeCompactPeers(Uint8Array.from([...encodeCompactPeers(all, 4), ...rest]), 4)).toEqual(four);
        expect(decodeCompactPeers(encodeCompactPeers(all, 6), 6)).toEqual(six);
      }),
    );
    expect(decodeCompactPeers(bytes("7f0000010000"), 4)).toEqual([]);
  });

  test("an IPv6 address has one text (RFC 5952)", () => {
    for (const [text, canonical] of [
      ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["::1", "::1"],
      ["2001:db8::0:1", "2001:db8::1"],
      ["fe80:0:0:0:0:0:0:0", "fe80::"],
    ] as const) {
      expect(formatIpv6(parseIpv6(text) as Uint8Array)).toBe(canonical);
    }
    for (const bad of ["1::2::3", "12345::", ":::", "1:2:3:4:5:6:7", "g::", "1.2.3.4"])
      expect(parseIpv6(bad)).toBeUndefined();
    fc.assert(fc.property(exactly(16), (raw) => void expect(parseIpv6(formatIpv6(raw))).toEqual(raw)));
  });
});

describe("allowed fast (BEP 6)", () => {
  test("the BEP's own example: 80.4.4.200, infohash of 0xaa, 1313 pieces", () => {
    const infoHash = new Uint8Array(20).fill(0xaa);
    expect(allowedFastSet("80.4.4.200", infoHash, 1_313, 7)).toEqual([1059, 431, 808, 1217, 287, 376, 1188]);
    expect(allowedFastSet("80.4.4.200", infoHash, 1_313, 9)).toEqual([1059, 431, 808, 1217, 287, 376, 1188, 353, 508]);
  });

  test("never more pieces than there are, none twice", () => {
    fc.assert(
      fc.property(fc.ipV4(), exactly(20), fc.integer({ min: 1, max: 40 }), (host, infoHash, pieces) => {
        const set = allowedFastSet(host, infoHash, pieces);
        expect(new Set(set).size).toBe(Math.min(10, pieces));
        expect(set.every((piece) => piece < pieces)).toBe(true);
      }),
    );
  });
});

describe("extended handshake (BEP 10)", () => {
  test("adds a later one to the first, and holds no more however many come", () => {
    const of = (messages: readonly (readonly [string, number])[], extra = new Map<string, number>()) =>
      decodeExtendedHandshake(encodeExtendedHandshake({ messages: new Map(messages), extra }));
    let both = mergeExtendedHandshakes(
      of([["ut_pex", 1]], new Map([["mine", 1]])),
      of(
        [
          ["ut_pex", 0],
          ["ut_metadata", 3],
        ],
        new Map([["more", 2]]),
      ),
    );
    expect([...both.messages].sort()).toEqual([
      ["ut_metadata", 3],
      ["ut_pex", 0],
    ]);
    expect([...both.extra.keys()]).toEqual(["mine"]);
    for (let i = 0; i < 100; i++)
      both = mergeExtendedHandshakes(both, of(Array.from({ length: 40 }, (_, n) => [`x_${i}_${n}`, n] as const)));
    expect(both.messages.size).toBe(256);
    expect(both.messages.get("x_99_39")).toBe(39);
    expect(of([["n".repeat(65), 1]]).messages.size).toBe(0);
  });

  test("the BEP's example, the micro sign as one byte in a name of six and as two in a text of thirteen", () => {
    const example = Buffer.from("d1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e", "latin1");
    const decoded = decodeExtendedHandshake(example);
    expect(decoded.port).toBe(6_881);
    expect(decoded.client).toBe("\u00b5Torrent 1.2");
    // Names are byte strings, one byte a character.
    expect([...decoded.messages]).toEqual([
      ["LT_metadata", 1],
      ["\xb5T_PEX", 2],
    ]);
    expect(Buffer.compare(encodeExtendedHandshake(decoded), example)).toBe(0);
  });

  test("a fact of the wrong type or out of range is left out, the rest is kept", () => {
    expect(decodeExtendedHandshake(utf8("d1:md1:ai1e1:bi256e1:ci-1ee1:pi0e4:reqqi7e6:yourip3:abce")).messages).toEqual(
      new Map([["a", 1]]),
    );
    for (const p of ["i0e", "i65536e", "i-1e", "4:6881"]) {
      const decoded = decodeExtendedHandshake(utf8(`d1:p${p}4:reqqi7e6:yourip3:abce`));
      expect(decoded).toEqual({ messages: new Map(), requestQueue: 7, extra: new Map() });
    }
  });

  test("a client's name neither moves a cursor nor turns text around", () => {
    const name = utf8("A\u001b[2J\r\n\u202eB\u0007");
    const { client } = decodeExtendedHandshake(Buffer.concat([utf8(`d1:v${name.length}:`), name, utf8("e")]));
    expect(client).toBe("A [2J   B ");
  });

  test("reads back what was written", () => {
    const any = fc.record(
      {
        messages: fc
          .dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.integer({ min: 0, max: 255 }), { maxKeys: 8 })
          .map((names) => new Map(Object.entries(names))),
        client: fc.stringMatching(/^[ -~]{0,40}$/),
        port,
        requestQueue: fc.integer({ min: 0, max: 10_000 }),
        metadataSize: fc.integer({ min: 0, max: 1 << 24 }),
        yourIp: fc.oneof(exactly(4), exactly(16)),
        uploadOnly: fc.boolean(),
        extra: fc.constant(new Map()),
      },
      { requiredKeys: ["messages", "extra"] },
    );
    fc.assert(fc.property(any, (h) => void expect(decodeExtendedHandshake(encodeExtendedHandshake(h))).toEqual(h)));
  });
});

describe("ut_metadata (BEP 9)", () => {
  test("the BEP's examples", () => {
    expect(decodeMetadataMessage(utf8("d8:msg_typei0e5:piecei0ee"))).toEqual({ type: "request", piece: 0 });
    expect(decodeMetadataMessage(utf8("d8:msg_typei2e5:piecei0ee"))).toEqual({ type: "reject", piece: 0 });
    expect(decodeMetadataMessage(utf8("d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx"))).toEqual({
      type: "data",
      piece: 0,
      totalSize: 34_256,
      data: utf8("xxxxxxxx"),
    });
    expect(encodeMetadataMessage({ type: "request", piece: 0 })).toEqual(utf8("d8:msg_typei0e5:piecei0ee"));
  });

  test("reads back what was written; data that looks like bencode stays data", () => {
    const piece = fc.integer({ min: 0, max: 65_535 });
    const data = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(utf8("de"), utf8("i1e"), utf8("4:info")));
    const any = fc.oneof(
      fc.record({ type: fc.constantFrom("request" as const, "reject" as const), piece }),
      fc.record({ type: fc.constant("data" as const), piece, totalSize: fc.nat(), data }),
    );
    fc.assert(fc.property(any, (m) => void expect(decodeMetadataMessage(encodeMetadataMessage(m))).toEqual(m)));
  });

  test("more than 16 KiB of data is refused; an unknown type is ignored", () => {
    const data = new Uint8Array(16_385);
    expect(() => decodeMetadataMessage(encodeMetadataMessage({ type: "data", piece: 0, totalSize: 1, data }))).toThrow(
      ProtocolError,
    );
    expect(decodeMetadataMessage(utf8("d8:msg_typei7e5:piecei0ee"))).toEqual({ type: "unknown", messageType: 7 });
  });
});

describe("ut_holepunch (BEP 55)", () => {
  test("is a type, an address with its port, and an error, which is 0 where there is none", () => {
    const endpoint = { host: "10.1.2.3", port: 6_881 };
    const hex = (message: HolepunchMessage): string => toHex(encodeHolepunchMessage(message) as Uint8Array);
    expect(hex({ type: "rendezvous", endpoint })).toBe("00000a0102031ae100000000");
    expect(hex({ type: "connect", endpoint: { host: "2001:db8::1", port: 1 } })).toBe(
      "010120010db8000000000000000000000001000100000000",
    );
    expect(hex({ type: "error", endpoint, error: 2 })).toBe("02000a0102031ae100000002");
  });

  test("reads back whatever can be written", () => {
    const message: fc.Arbitrary<HolepunchMessage> = fc.oneof(peer4, peer6).chain((endpoint) =>
      fc.oneof(
        fc.record({
          type: fc.constantFrom("rendezvous" as const, "connect" as const),
          endpoint: fc.constant(endpoint),
        }),
        fc.record({ type: fc.constant("error" as const), endpoint: fc.constant(endpoint), error: uint32 }),
      ),
    );
    fc.assert(
      fc.property(message, (m) => {
        const encoded = encodeHolepunchMessage(m) as Uint8Array;
        expect(decodeHolepunchMessage(encoded)).toEqual(m);
        // libtorrent leaves the error out where there is none.
        if (m.type !== "error") expect(decodeHolepunchMessage(encoded.subarray(0, -4))).toEqual(m);
      }),
    );
  });

  test("names and impossible ports have no message; other types, families, sizes and port 0 are refused", () => {
    for (const endpoint of [
      { host: "peer.example", port: 1 },
      { host: "10.0.0.1", port: 0 },
      { host: "10.0.0.1", port: 65_536 },
    ])
      expect(encodeHolepunchMessage({ type: "connect", endpoint })).toBeUndefined();
    for (const hex of [
      "",
      "00",
      "03000a0102031ae100000000",
      "00020a0102031ae100000000",
      "00010a0102031ae100000000",
      "00000a010203000000000000",
      "00000a0102031ae1000000",
      "02000a0102031ae1",
      "00000a0102031ae10000000000",
    ])
      expect(() => decodeHolepunchMessage(bytes(hex))).toThrow(ProtocolError);
  });
});

describe("ut_pex (BEP 11)", () => {
  test("reads back who joined, with flags, and who left", () => {
    const flags = fc.record(
      { seed: fc.constant(true), utp: fc.constant(true), holepunch: fc.constant(true), reachable: fc.constant(true) },
      { requiredKeys: [] },
    );
    const joined = fc.uniqueArray(
      fc.tuple(peer4, flags).map(([p, f]) => ({ ...p, ...f })),
      {
        selector: ({ host, port: p }) => `${host}|${p}`,
        maxLength: 50,
      },
    );
    fc.assert(
      fc.property(joined, fc.uniqueArray(peer6, { selector: ({ host }) => host, maxLength: 20 }), (added, dropped) => {
        expect(decodePexMessage(encodePexMessage({ added, dropped }))).toEqual({ added, dropped });
      }),
    );
  });

  test("contacts that are no whole number are refused, and no flood is believed", () => {
    expect(() => decodePexMessage(utf8("d5:added5:abcdee"))).toThrow(ProtocolError);
    const many = Array.from({ length: 2_000 }, (_, i) => ({ host: `10.0.${i >> 8}.${i & 255}`, port: 1 }));
    const message = encodePexMessage({ added: many, dropped: [] });
    expect(message.length).toBeGreaterThan(12_000);
    expect(decodePexMessage(message).added.length).toBeLessThanOrEqual(200);
  });
});
