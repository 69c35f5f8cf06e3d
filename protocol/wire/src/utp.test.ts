import { fromHex, toHex } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeUtpPacket, UTP_HEADER_BYTES, type UtpHeader, UtpType, writeUtpHeader } from "./utp.ts";

const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const headers: fc.Arbitrary<UtpHeader> = fc.record({
  type: fc.constantFrom(...Object.values(UtpType)),
  connectionId: uint16,
  timestampUs: uint32,
  timestampDifferenceUs: uint32,
  windowBytes: uint32,
  sequence: uint16,
  acknowledged: uint16,
});

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) as Uint8Array;
}

function encode(header: UtpHeader, mask: Uint8Array | undefined, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(UTP_HEADER_BYTES + (mask === undefined ? 0 : 2 + mask.length) + payload.length);
  out.set(payload, writeUtpHeader(out, header, mask));
  return out;
}

describe("uTP packets (BEP 29)", () => {
  test("a SYN is laid out as in the BEP", () => {
    const header = {
      type: UtpType.syn,
      connectionId: 0x1234,
      timestampUs: 0xdeadbeef,
      timestampDifferenceUs: 1,
      windowBytes: 0xf000,
      sequence: 1,
      acknowledged: 0,
    };
    const packet = encode(header, undefined, new Uint8Array());
    expect(toHex(packet)).toBe("41001234deadbeef000000010000f00000010000");
    expect(decodeUtpPacket(packet)).toEqual({ ...header, payload: new Uint8Array() });
  });

  test("a bitmask is the first extension, and lies before the payload", () => {
    // State, id 2, selective ack of 4 bytes: packets ack + 2 and ack + 10 have arrived.
    const packet = decodeUtpPacket(bytesOf("2101000200000001000000020000000300040005" + "000401010000" + "6869"));
    expect(packet?.selectiveAck).toEqual(Uint8Array.of(1, 1, 0, 0));
    expect(packet?.payload).toEqual(Uint8Array.of(0x68, 0x69));
    expect(packet).toMatchObject({
      type: UtpType.state,
      connectionId: 2,
      sequence: 4,
      acknowledged: 5,
      windowBytes: 3,
    });
  });

  test("a bitmask of libtorrent's has any length", () => {
    const packet = decodeUtpPacket(bytesOf("2101000200000001000000020000000300040005" + "000101"));
    expect(packet?.selectiveAck).toEqual(Uint8Array.of(1));
    expect(packet?.payload.length).toBe(0);
  });

  test("extensions that are not known are passed over, wherever they stand in the chain", () => {
    const head = "0107000100000000000000000000000000010001";
    // Type 7 of 3 bytes, the bitmask, type 2 (the extension bits of the BEP) of 8 bytes, the payload.
    const packet = decodeUtpPacket(bytesOf(`${head}0103aabbcc0204ff0000000008000000000000000061`));
    expect(packet?.selectiveAck).toEqual(Uint8Array.of(0xff, 0, 0, 0));
    expect(packet?.payload).toEqual(Uint8Array.of(0x61));
  });

  test("what was written is read again", () => {
    const masks = fc.option(
      fc.integer({ min: 1, max: 63 }).chain((words) => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words })),
      { nil: undefined },
    );
    fc.assert(
      fc.property(headers, masks, fc.uint8Array({ maxLength: 1_400 }), (header, mask, payload) => {
        expect(decodeUtpPacket(encode(header, mask, payload))).toEqual({
          ...header,
          payload,
          ...(mask === undefined ? {} : { selectiveAck: mask }),
        });
      }),
    );
  });

  test("what is no packet is undefined: cut, of another version or type, or with a broken chain", () => {
    const valid = bytesOf("0100000100000000000000000000000000010001");
    expect(decodeUtpPacket(valid)).toBeDefined();
    for (let length = 0; length < valid.length; length++) {
      expect(decodeUtpPacket(valid.subarray(0, length))).toBeUndefined();
    }
    const changed = (at: number, byte: number, ...more: number[]): Uint8Array => {
      const out = Uint8Array.of(...valid, ...more);
      out[at] = byte;
      return out;
    };
    for (const first of [0x00, 0x02, 0x51, 0xf1, "d".charCodeAt(0)]) {
      expect(decodeUtpPacket(changed(0, first))).toBeUndefined();
    }
    expect(decodeUtpPacket(changed(1, 1))).toBeUndefined();
    expect(decodeUtpPacket(changed(1, 1, 0))).toBeUndefined();
    expect(decodeUtpPacket(changed(1, 1, 0, 4, 1, 2, 3))).toBeUndefined();
    expect(decodeUtpPacket(changed(1, 9, 9, 0))).toBeUndefined();
  });

  test("random bytes never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, versioned) => {
        if (versioned && bytes.length > 0) bytes[0] = ((bytes[0] as number) & 0x70) | 1;
        const packet = decodeUtpPacket(bytes);
        if (packet !== undefined) expect(packet.payload.length).toBeLessThanOrEqual(bytes.length - UTP_HEADER_BYTES);
      }),
      { numRuns: 1_000 },
    );
  });
});
