import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "./bytes.ts";
import { keccak256, keccakRun } from "./keccak.ts";

describe("keccak256", () => {
  it("gives what Solidity's documentation and EIP-712 say of well-known texts", () => {
    const hash = (text: string): string => toHex(keccak256(utf8(text)));
    expect(hash("")).toBe("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    expect(hash("transfer(address,uint256)").slice(0, 8)).toBe("a9059cbb");
    expect(hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")).toBe(
      "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f",
    );
  });

  it("agrees with @noble/hashes on every length around whole blocks, and on parts put together", () => {
    const data = Uint8Array.from({ length: 3 * 136 + 2 }, (_, i) => (i * 151) & 255);
    for (let length = 0; length <= data.length; length++) {
      const part = data.subarray(0, length);
      expect(keccak256(part), `${length} bytes`).toEqual(keccak_256(part));
      expect(keccak256(part.subarray(0, length >> 1), part.subarray(length >> 1))).toEqual(keccak_256(part));
    }
  });

  it("agrees with @noble/hashes on more than fits into its memory, after a run too", () => {
    const data = new Uint8Array(1_000_003).map((_, i) => (i * 7919) >> 3);
    const before = keccak_256(data);
    keccakRun(data.subarray(0, 32), 100);
    expect(keccak256(data)).toEqual(before);
    expect(keccakRun(data.subarray(0, 32), 1).subarray(0, 32)).toEqual(keccak_256(data.subarray(0, 32)));
  });
});

describe("keccakRun", () => {
  it("gives keccak-256 of 32 zero bytes as the Ethereum yellow paper's tools do", () => {
    // keccak256(bytes32(0)), the slot of a mapping's first key and well known from Solidity's documentation.
    expect(toHex(keccakRun(new Uint8Array(32), 1).slice(0, 32))).toBe(
      "290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563",
    );
  });

  it("agrees with @noble/hashes at every step of any run", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 0, max: 40 }), (start, steps) => {
        const values = keccakRun(start, steps);
        expect(values.length).toBe(32 * (steps + 1));
        expect(values.slice(32 * steps)).toEqual(start);
        for (let k = steps; k > 0; k--) {
          expect(values.slice(32 * (k - 1), 32 * k)).toEqual(keccak_256(values.slice(32 * k, 32 * (k + 1))));
        }
      }),
    );
  });

  it("continues over the border between two calls", () => {
    const start = Uint8Array.from({ length: 32 }, (_, i) => i);
    const long = keccakRun(start, 20_000);
    const first = keccakRun(start, 12_345);
    expect(long.slice(32 * (20_000 - 12_345), 32 * (20_000 - 12_345) + 32)).toEqual(first.slice(0, 32));
    const rest = keccakRun(first.slice(0, 32), 20_000 - 12_345);
    expect(long.slice(0, 32)).toEqual(rest.slice(0, 32));
  });
});
