/** The short form of `npm run lab -- fuzz`, with a seed of its own each run: a failure prints it. */
import { ProtocolError, toHex } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { anyOf, type FuzzTarget } from "./fuzz/target.ts";
import { TARGETS } from "./fuzz/targets.ts";
import { fuzz } from "./fuzz.ts";

const SEED = Date.now() % 1_000_000_000;

describe(`hostile bytes, seed ${SEED}`, () => {
  for (const target of TARGETS) {
    test(target.name, () => {
      const result = fuzz(target, { iterations: 2_000, seed: SEED });
      expect(result.findings).toEqual([]);
      expect(result.inputs).toBe(2_000);
    });
  }
});

describe("the harness", () => {
  const planted = (run: FuzzTarget["run"]): FuzzTarget => ({
    name: "planted",
    corpus: () => [Uint8Array.of(2, 7, 7)],
    run,
  });
  const find = (run: FuzzTarget["run"], iterations = 2_000) => fuzz(planted(run), { iterations, seed: 1 });

  test("finds a decoder that trusts a length, and names an input that shows it again", () => {
    const careless = (input: Uint8Array): void => {
      if (input.length === 0) throw new ProtocolError("empty", "input", "a byte", "none");
      if ((input[0] as number) > input.length - 1) throw new RangeError("beyond the end");
    };
    const [finding = ""] = find(careless).findings;
    expect(finding).toContain("beyond the end");
    const input = Buffer.from(finding.slice(finding.lastIndexOf("\n") + 1), "hex");
    expect(() => careless(input)).toThrow(RangeError);
  });

  test("interrupts a decoder that never ends, and names the input", () => {
    const { findings, inputs } = find((input) => {
      while (input[0] === 0xff);
    }, 200_000);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(/never ended.*\nff/);
    expect(inputs).toBeLessThan(200_000);
  });

  test.each([
    ["reports an input that takes over a second", 2, [expect.stringMatching(/^took 1\d\d\d ms\n[0-9a-f]+$/)]],
    ["takes one slow run for a crowded machine", 1, []],
  ])("%s", (_name, slowRuns, expected) => {
    let left = slowRuns;
    const { findings } = find((input) => {
      if (left === 0 || input.length <= 3) return;
      left--;
      const end = performance.now() + 1_050;
      while (performance.now() < end);
    });
    expect(findings).toEqual(expected);
  });

  test("finds a decoder that keeps what it read, even over few inputs", () => {
    const kept: Uint8Array[] = [];
    const { findings } = fuzz(
      planted(() => void kept.push(new Uint8Array(10_000))),
      { iterations: 2_000, seed: 1, maxGrowthBytes: 8 << 20 },
    );
    expect(findings[0]).toMatch(/^memory grew by \d+\.\d MiB over 2000 inputs/);
  });

  test("does not take a corpus that its decoder refuses", () => {
    const refusing = (): void => {
      throw new ProtocolError("never", "input", "nothing", "something");
    };
    expect(find(refusing).findings).toContain("refused 1 of 1 inputs of its own corpus");
  });

  test("an error that is no refusal comes through, whatever the other decoders of an input say", () => {
    const refuse = (): never => {
      throw new ProtocolError("no", "input", "another", "this");
    };
    const crash = (): never => {
      throw new TypeError("crashed");
    };
    expect(() => anyOf(crash, refuse)).toThrow(TypeError);
    expect(() => anyOf(refuse, crash)).toThrow(TypeError);
    expect(() => anyOf(refuse, refuse)).toThrow(ProtocolError);
    expect(() => anyOf(refuse, () => 1)).not.toThrow();
  });

  test("gives the same inputs for the same seed, and others for another", () => {
    const inputsOf = (seed: number): string[] => {
      const seen: string[] = [];
      fuzz(
        planted((input) => void seen.push(toHex(input))),
        { iterations: 300, seed },
      );
      return seen;
    };
    expect(inputsOf(7)).toEqual(inputsOf(7));
    expect(inputsOf(7)).not.toEqual(inputsOf(8));
  });
});
