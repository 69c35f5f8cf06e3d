import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "./bytes.ts";
import { keccakRun } from "./keccak-run.ts";
import { keccak256 } from "./keys.ts";

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
          expect(values.slice(32 * (k - 1), 32 * k)).toEqual(keccak256(values.slice(32 * k, 32 * (k + 1))));
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
