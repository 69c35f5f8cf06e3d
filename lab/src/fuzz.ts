/**
 * Hostile bytes into every decoder, from one seed.
 *
 *     npm run lab -- fuzz [--iterations N] [--only NAME] [--seed S] [--json]
 *
 * An input is refused by a `ProtocolError` or an `EverseedError`; any other exception, an input that takes over a second, or memory that grows
 * without end is a finding: printed with the seed and the input in hex, and the exit code is 1.
 */
import { parseArgs } from "node:util";
import { EverseedError, ProtocolError, seededRandom, toHex } from "@everseed/core";
import { mutate } from "./fuzz/mutate.ts";
import { type FuzzTarget, TARGETS } from "./fuzz/targets.ts";
import { printTable } from "./table.ts";

const MAX_INPUT_MS = 1_000;
const MAX_GROWTH_BYTES = 256 << 20;
const REPORT_MS = 2_000;
const MIB = 1 << 20;

export interface FuzzResult {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly inputsPerSecond: number;
  readonly slowestMs: number;
  readonly grownMiB: number;
  /** What was found, with the input in hex. */
  readonly findings: readonly string[];
}

export function fuzz(
  target: FuzzTarget,
  options: { readonly iterations: number; readonly seed: number; readonly onProgress?: (done: number) => void },
): FuzzResult {
  const random = seededRandom(options.seed);
  const corpus = target.corpus();
  const findings: string[] = [];
  let [accepted, refused, slowestMs, done] = [0, 0, 0, 0];
  for (const valid of corpus) attempt(valid);
  const startedMs = performance.now();
  const startBytes = process.memoryUsage().heapUsed;
  let saidMs = startedMs;
  while (done < options.iterations && findings.length < 5) {
    const input = mutate(random, corpus);
    const beforeMs = performance.now();
    attempt(input);
    const afterMs = performance.now();
    done++;
    if (afterMs - beforeMs > slowestMs) slowestMs = afterMs - beforeMs;
    if (afterMs - beforeMs > MAX_INPUT_MS) findings.push(`took ${(afterMs - beforeMs).toFixed(0)} ms: ${toHex(input)}`);
    if (afterMs - saidMs > REPORT_MS) {
      saidMs = afterMs;
      options.onProgress?.(done);
      const grown = process.memoryUsage().heapUsed - startBytes;
      if (grown > MAX_GROWTH_BYTES)
        findings.push(`memory grew by ${(grown / MIB).toFixed(0)} MiB after ${done} inputs`);
    }
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    target: target.name,
    inputs: done,
    accepted,
    refused,
    inputsPerSecond: done / seconds,
    slowestMs,
    grownMiB: (process.memoryUsage().heapUsed - startBytes) / MIB,
    findings,
  };

  function attempt(input: Uint8Array): void {
    // The target gets a copy: a decoder that writes to its input must not change the corpus.
    const copy = input.slice();
    try {
      target.run(copy);
      accepted++;
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof EverseedError) refused++;
      else findings.push(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${toHex(input)}`);
    }
  }
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      iterations: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
      only: { type: "string" },
    },
  });
  const targets = TARGETS.filter(({ name }) => values.only === undefined || name === values.only);
  if (targets.length === 0)
    throw new Error(`Cannot fuzz ${values.only}: expected one of ${TARGETS.map(({ name }) => name).join(", ")}`);
  const seed = Number(values.seed);
  const iterations = Number(values.iterations);
  console.error(`seed ${seed}, ${iterations} inputs a decoder`);
  const results = targets.map((target) => {
    const onProgress = (done: number): void =>
      void (process.stderr.isTTY && process.stderr.write(`\r\u001b[K${target.name}: ${done} of ${iterations}\r`));
    const result = fuzz(target, { iterations, seed, onProgress });
    for (const finding of result.findings) console.error(`${target.name}, seed ${seed}: ${finding}`);
    return result;
  });
  if (values.json) console.log(JSON.stringify({ seed, results }));
  else {
    printTable(
      ["decoder", "inputs", "accepted", "refused", "inputs/s", "slowest ms", "grown MiB", "findings"],
      results.map((r) => [
        r.target,
        String(r.inputs),
        String(r.accepted),
        String(r.refused),
        r.inputsPerSecond.toFixed(0),
        r.slowestMs.toFixed(1),
        r.grownMiB.toFixed(0),
        String(r.findings.length),
      ]),
    );
  }
  if (results.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}
