import { concat, ProtocolError } from "@everseed/core";
import { encodeMessage, type Message } from "@everseed/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader } from "./frame-reader.ts";

const LIMITS = { maxMessageBytes: 1_000, maxBlockBytes: 4_096 };

interface Seen {
  readonly messages: Uint8Array[];
  readonly blocks: { piece: number; begin: number; data: Uint8Array; placed: boolean }[];
}

function reader(place = true): { reader: FrameReader; seen: Seen } {
  const seen: Seen = { messages: [], blocks: [] };
  let current: { piece: number; begin: number; data: Uint8Array } | undefined;
  const made = new FrameReader(
    {
      onMessage: (payload) => void seen.messages.push(payload),
      onBlockStart: (piece, begin, length) => {
        current = { piece, begin, data: new Uint8Array(length) };
        return place ? current.data : undefined;
      },
      onBlockEnd: (placed) => {
        if (current !== undefined) seen.blocks.push({ ...current, placed });
      },
    },
    LIMITS,
  );
  return { reader: made, seen };
}

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.constant<Message>({ type: "keepAlive" }),
  fc.constant<Message>({ type: "unchoke" }),
  fc.record({ type: fc.constant("have" as const), piece: fc.nat(1_000) }),
  fc.record({ type: fc.constant("extended" as const), id: fc.nat(255), payload: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({
    type: fc.constant("piece" as const),
    piece: fc.nat(9),
    begin: fc.nat(9),
    data: fc.uint8Array({ minLength: 1, maxLength: 600 }),
  }),
);

describe("FrameReader", () => {
  test("reads the same frames however the stream is cut, and lets the chunks be used again", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, cuts) => {
          const stream = concat(...sent.map(encodeMessage));
          const { reader: r, seen } = reader();
          const buffer = new Uint8Array(64);
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length] as number;
            const chunk = stream.subarray(at, at + size);
            buffer.set(chunk);
            r.push(buffer.subarray(0, chunk.length));
            buffer.fill(0xee);
            at += size;
          }
          const blocks = sent.filter((m) => m.type === "piece");
          expect(seen.blocks.map(({ data }) => data)).toEqual(blocks.map(({ data }) => data));
          const others = sent.filter((m) => m.type !== "piece").map((m) => encodeMessage(m).slice(4));
          expect(seen.messages).toEqual(others);
        },
      ),
    );
  });

  test("a length above the limit is refused before any of it is kept", () => {
    for (const head of [
      [0xff, 0xff, 0xff, 0xff, 20],
      [0, 0, 0x10, 0x0a, 7],
      [0, 0, 0x03, 0xe9, 5],
    ]) {
      const { reader: r, seen } = reader();
      expect(() => r.push(Uint8Array.from(head))).toThrow(ProtocolError);
      expect(seen.messages).toEqual([]);
    }
  });

  test("a piece message too short for its head is refused", () => {
    const { reader: r } = reader();
    expect(() => r.push(Uint8Array.from([0, 0, 0, 8, 7, 0, 0, 0, 0]))).toThrow(ProtocolError);
  });

  test("a block nobody waits for is read past", () => {
    const { reader: r, seen } = reader(false);
    r.push(encodeMessage({ type: "piece", piece: 1, begin: 0, data: new Uint8Array(500) }));
    r.push(encodeMessage({ type: "have", piece: 3 }));
    expect(seen.blocks).toMatchObject([{ piece: 1, begin: 0, placed: false }]);
    expect(seen.messages).toHaveLength(1);
  });
});
