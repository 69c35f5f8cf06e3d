/** The short form of `npm run lab -- fuzz`, with a seed of its own each run: a failure prints it. */
import { ProtocolError } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { TARGETS } from "./fuzz/targets.ts";
import { fuzz } from "./fuzz.ts";

const SEED = Date.now() % 1_000_000_000;

describe(`hostile bytes, seed ${SEED}`, () => {
  for (const target of TARGETS) {
    test(target.name, () => {
      const result = fuzz(target, { iterations: 2_000, seed: SEED });
      expect(result.findings).toEqual([]);
      expect(result.inputs).toBe(2_000);
      // Neither all refused (a corpus that is not valid) nor all accepted (mutations that change nothing).
      expect(result.accepted).toBeGreaterThan(0);
    });
  }

  test("finds a decoder that trusts a length", () => {
    const careless = {
      name: "careless",
      corpus: () => [Uint8Array.of(2, 7, 7)],
      run: (input: Uint8Array) => {
        if (input.length === 0) throw new ProtocolError("empty", "input", "a byte", "none");
        const length = input[0] as number;
        if (length > input.length - 1) throw new RangeError("beyond the end");
      },
    };
    const { findings } = fuzz(careless, { iterations: 2_000, seed: 1 });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]).toContain("beyond the end");
  });
});
