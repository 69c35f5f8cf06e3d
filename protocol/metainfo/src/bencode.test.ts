/** Bencode against BEP 3's own examples, against every rule that makes an encoding the only one, and against chance. */
import { fromUtf8, ProtocolError, utf8 } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BencodeValue,
  decodeBencode,
  decodeBencodePrefix,
  dict,
  encodeBencode,
  getBytes,
  getDict,
  getInt,
  getList,
  getText,
  spanOfKey,
} from "./index.ts";

const decode = (text: string): BencodeValue => decodeBencode(utf8(text));
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "accepted";
};

describe("BEP 3's examples", () => {
  it.each([
    ["4:spam", utf8("spam")],
    ["i3e", 3],
    ["i-3e", -3],
    ["i0e", 0],
    ["0:", new Uint8Array()],
    ["l4:spam4:eggse", [utf8("spam"), utf8("eggs")]],
    ["d3:cow3:moo4:spam4:eggse", dict({ cow: "moo", spam: "eggs" })],
    ["d4:spaml1:a1:bee", dict({ spam: [utf8("a"), utf8("b")] })],
    ["le", []],
    ["de", dict({})],
  ] as const)("%s", (text, value) => {
    expect(decode(text)).toEqual(value);
    expect(fromUtf8(encodeBencode(value))).toBe(text);
  });
});

describe("the decoder", () => {
  it.each([
    ["i-0e", "bencode-integer"],
    ["i03e", "bencode-integer"],
    ["i-03e", "bencode-integer"],
    ["ie", "bencode-integer"],
    ["i-e", "bencode-integer"],
    ["i+1e", "bencode-integer"],
    ["i1.5e", "bencode-integer"],
    ["i1", "bencode-integer"],
    [`i${"9".repeat(81)}e`, "bencode-integer"],
    ["04:spam", "bencode-string"],
    ["5:spam", "bencode-string"],
    ["999999999999:x", "bencode-string"],
    ["4spam", "bencode-value"],
    ["-1:a", "bencode-value"],
    ["", "bencode-value"],
    ["x", "bencode-value"],
    ["li1e", "bencode-list"],
    ["d1:a", "bencode-value"],
    ["d1:ai1e", "bencode-dictionary"],
    ["di1ei2ee", "bencode-value"],
    ["d1:bi1e1:ai2ee", "bencode-dictionary"],
    ["d1:ai1e1:ai2ee", "bencode-dictionary"],
    ["i1ei2e", "bencode-trailing"],
    ["i1e\n", "bencode-trailing"],
  ])("refuses %j with %s", (text, code) => {
    expect(codeOf(() => decode(text))).toBe(code);
  });

  it("accepts 64 levels and refuses 65", () => {
    const nested = (levels: number): string => "l".repeat(levels) + "e".repeat(levels);
    expect(codeOf(() => decode(nested(64)))).toBe("accepted");
    expect(codeOf(() => decode(nested(65)))).toBe("bencode-depth");
    expect(codeOf(() => decode("l".repeat(100_000)))).toBe("bencode-depth");
  });

  it("refuses more bytes than its caller allows", () => {
    expect(codeOf(() => decodeBencode(utf8("4:spam"), { maxBytes: 5 }))).toBe("bencode-size");
  });

  it("tolerates unsorted keys, and nothing else, when told to", () => {
    const loose = (text: string): BencodeValue => decodeBencode(utf8(text), { unsortedKeys: true });
    expect(loose("d1:bi1e1:ai2ee")).toEqual(dict({ a: 2, b: 1 }));
    expect(codeOf(() => loose("d1:bi1e1:ai2e1:bi3ee"))).toBe("bencode-dictionary");
    expect(codeOf(() => loose("i03e"))).toBe("bencode-integer");
  });

  it("gives numbers where they are safe and bigints beyond", () => {
    expect(decode("i9007199254740991e")).toBe(9007199254740991);
    expect(decode("i9007199254740992e")).toBe(9007199254740992n);
    expect(decode("i-9007199254740993e")).toBe(-9007199254740993n);
  });

  it("says where the first value ends", () => {
    expect(decodeBencodePrefix(utf8("d5:piecei0eeDATA"))).toEqual({ value: dict({ piece: 0 }), endOffset: 12 });
  });

  it("finds the very bytes of a key's value", () => {
    const bytes = utf8("d1:ai1e4:infod1:bi2e1:ai3ee1:zi4ee");
    expect(fromUtf8(spanOfKey(bytes, "info", { unsortedKeys: true }) as Uint8Array)).toBe("d1:bi2e1:ai3ee");
    expect(spanOfKey(bytes, "none", { unsortedKeys: true })).toBeUndefined();
    expect(spanOfKey(utf8("i1e"), "info")).toBeUndefined();
  });
});

describe("the encoder", () => {
  it("sorts keys as raw bytes and writes texts as UTF-8", () => {
    const value = new Map([
      ["\xff", 1],
      ["b", 2],
      ["B", 3],
    ]);
    expect([...encodeBencode(value)]).toEqual([...Uint8Array.from("d1:Bi3e1:bi2e1:\xffi1ee", (c) => c.charCodeAt(0))]);
    expect(fromUtf8(encodeBencode(["é", 1n]))).toBe("l2:éi1ee");
  });

  it.each([1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])("does not write %s", (number) => {
    expect(() => encodeBencode(number)).toThrow("Invariant broken");
  });

  it("does not write a key that is not a byte string", () => {
    expect(() => encodeBencode(new Map([["☃", 1]]))).toThrow("Invariant broken");
  });
});

describe("typed fields", () => {
  const message = dict({ n: -1, b: utf8("x"), t: "é", l: [1], d: dict({}), bad: Uint8Array.of(0xff), big: 2n ** 60n });
  it("give what is there, and undefined for what is not", () => {
    expect(getInt(message, "n")).toBe(-1);
    expect(getBytes(message, "b")).toEqual(utf8("x"));
    expect(getText(message, "t")).toBe("é");
    expect(getList(message, "l")).toEqual([1]);
    expect(getDict(message, "d")).toEqual(dict({}));
    for (const get of [getInt, getBytes, getText, getList, getDict]) expect(get(message, "none")).toBeUndefined();
  });
  it("refuse another type", () => {
    for (const [get, key] of [
      [getInt, "b"],
      [getInt, "big"],
      [getBytes, "l"],
      [getText, "bad"],
      [getList, "d"],
      [getDict, "n"],
    ] as const) {
      expect(codeOf(() => get(message, key))).toBe("bencode-type");
    }
  });
});

const anyValue = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.bigInt().map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.uint8Array({ maxLength: 5 }), tie("value")), { maxLength: 5 })
      .map((entries) => new Map(entries.map(([key, value]) => [String.fromCharCode(...key), value] as const))),
  ),
})).value;

describe("properties", () => {
  it("every value comes back from its encoding", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeBencode(encodeBencode(value))).toEqual(value);
      }),
    );
  });

  it("what the decoder accepts encodes to the same bytes: there is one encoding", () => {
    const nearly = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(fc.constantFrom(..."dlei0123:-ab"), { maxLength: 24 }).map((chars) => utf8(chars.join(""))),
      fc.tuple(anyValue, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const bytes = encodeBencode(value);
        bytes[at % bytes.length] = byte;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(nearly, (bytes) => {
        let value: BencodeValue;
        try {
          value = decodeBencode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
          return;
        }
        expect([...encodeBencode(value)]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });
});
