/**
 * Hostile bytes into every decoder, from one seed.
 *
 *     npm run lab -- fuzz [--iterations N] [--only NAME] [--seed S] [--json]
 *
 * An input is refused by a `ProtocolError` or an `EverseedError`. Any other exception, an input that takes over a second (one
 * that never ends is interrupted), or a heap that keeps growing is a finding: printed with the seed and the input in hex, and
 * the exit code is 1. The inputs of a decoder follow from the seed alone, whichever other decoders are run.
 */

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext, Script } from "node:vm";
import { seededRandom, toHex } from "@everseed/core";
import { mutate } from "./fuzz/mutate.ts";
import { type FuzzTarget, isRefusal } from "./fuzz/target.ts";
import { TARGETS } from "./fuzz/targets.ts";
import { printTable } from "./table.ts";

/** Inputs a decoder: a minute or so for all of them. */
const DEFAULT_ITERATIONS = 100_000;
const MAX_INPUT_MS = 1_000;
/** What a heap may grow by, collected, over any number of inputs: decoders keep nothing. */
const MAX_GROWTH_BYTES = 32 << 20;
/** Inputs between two looks at the heap, each after a collection. */
const MEASURE_EVERY = 250_000;
/** A batch stops after this time by itself; one that does not has met an input that never ends. */
const BATCH_MS = 250;
const MAX_FINDINGS = 5;
const MIB = 1 << 20;

export interface FuzzResult {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly inputsPerSecond: number;
  readonly slowestMs: number;
  /** Hexadecimal. */
  readonly slowestInput: string;
  /** Of the heap after a collection, from before the first input. */
  readonly grownMiB: number;
  /** What was found, with the input in hex. */
  readonly findings: readonly string[];
}

export interface FuzzOptions {
  readonly iterations: number;
  readonly seed: number;
  /** Bytes. @default 32 MiB */
  readonly maxGrowthBytes?: number;
  readonly onProgress?: (done: number) => void;
}

export function fuzz(target: FuzzTarget, options: FuzzOptions): FuzzResult {
  const random = seededRandom(options.seed);
  const maxGrowth = options.maxGrowthBytes ?? MAX_GROWTH_BYTES;
  const corpus = target.corpus();
  const seeds = [...corpus, ...(target.refused?.() ?? [])];
  const findings: string[] = [];
  let [accepted, refused, done] = [0, 0, 0];
  let slowest: { ms: number; input: Uint8Array } = { ms: 0, input: new Uint8Array() };
  let suspect: Uint8Array | undefined;
  let current: { input: Uint8Array; sinceMs: number } = { input: new Uint8Array(), sinceMs: 0 };

  const attempt = (input: Uint8Array): void => {
    current = { input, sinceMs: performance.now() };
    try {
      // The target gets a copy: a decoder that writes to its input must not change the corpus.
      target.run(input.slice());
      accepted++;
    } catch (error) {
      if (isRefusal(error)) refused++;
      else findings.push(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${toHex(input)}`);
    }
    const ms = performance.now() - current.sinceMs;
    if (ms > MAX_INPUT_MS) suspect = input;
    else if (ms > slowest.ms) slowest = { ms, input };
  };
  /** A process that others crowd out is slow with any input; one that deserves blame is slow again. */
  const again = (input: Uint8Array): Outcome => {
    suspect = undefined;
    const startedMs = performance.now();
    const outcome = interruptible(() => {
      try {
        target.run(input.slice());
      } catch {}
    });
    const ms = performance.now() - startedMs;
    if (ms > slowest.ms) slowest = { ms, input };
    if (outcome === "interrupted") findings.push(`never ended: interrupted after ${MAX_INPUT_MS} ms\n${toHex(input)}`);
    else if (ms > MAX_INPUT_MS) findings.push(`took ${ms.toFixed(0)} ms\n${toHex(input)}`);
    return outcome;
  };
  const batch = (most: number): void => {
    const endMs = performance.now() + BATCH_MS;
    for (
      const end = done + most;
      done < end && suspect === undefined && findings.length < MAX_FINDINGS && performance.now() < endMs;
    ) {
      done++;
      attempt(mutate(random, seeds));
    }
  };

  const corpusOutcome = interruptible(() => {
    for (const valid of corpus) attempt(valid);
  });
  if (corpusOutcome === "interrupted") findings.push(`never ended\n${toHex(current.input)}`);
  if (refused > 0) findings.push(`refused ${refused} of ${corpus.length} inputs of its own corpus`);
  // What the first inputs leave behind for good (code, caches) is no growth.
  if (findings.length === 0) interruptible(() => corpus.forEach(attempt));
  [accepted, refused] = [0, 0];

  const startBytes = collectedHeapBytes();
  const startedMs = performance.now();
  let [grown, measured] = [0, 0];
  let pausedMs = 0;
  while (corpusOutcome === "done" && done < options.iterations && findings.length < MAX_FINDINGS) {
    const most = Math.min(options.iterations - done, measured + MEASURE_EVERY - done);
    if (interruptible(() => batch(most)) === "interrupted") suspect = current.input;
    if (suspect !== undefined && again(suspect) === "interrupted") break;
    options.onProgress?.(done);
    if (done - measured < MEASURE_EVERY && done < options.iterations) continue;
    measured = done;
    const beforeMs = performance.now();
    grown = collectedHeapBytes() - startBytes;
    pausedMs += performance.now() - beforeMs;
    if (grown > maxGrowth) {
      // No single input is at fault; the last one lets the run be found again.
      findings.push(
        `memory grew by ${(grown / MIB).toFixed(1)} MiB over ${done} inputs, the last\n${toHex(current.input)}`,
      );
      break;
    }
  }
  const seconds = Math.max(0.001, (performance.now() - startedMs - pausedMs) / 1000);
  return {
    target: target.name,
    inputs: done,
    accepted,
    refused,
    inputsPerSecond: done / seconds,
    slowestMs: slowest.ms,
    slowestInput: toHex(slowest.input),
    grownMiB: grown / MIB,
    findings,
  };
}

type Outcome = "done" | "interrupted";

const CALL = new Script("task => task()").runInThisContext() as (task: () => void) => void;
const INTERRUPTIBLE = new Script("everseedFuzzCall()");

/** Runs the task, and ends it from outside when it takes a second longer than a batch does. */
function interruptible(task: () => void): Outcome {
  const scope = globalThis as { everseedFuzzCall?: () => void };
  scope.everseedFuzzCall = () => CALL(task);
  try {
    INTERRUPTIBLE.runInThisContext({ timeout: BATCH_MS + MAX_INPUT_MS });
    return "done";
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "interrupted";
    throw error;
  } finally {
    delete scope.everseedFuzzCall;
  }
}

let collect: (() => void) | undefined;

/** Heap and buffers in use once all that is unreachable is gone. */
function collectedHeapBytes(): number {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      iterations: { type: "string", default: String(DEFAULT_ITERATIONS) },
      seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
      only: { type: "string" },
    },
  });
  const targets = TARGETS.filter(({ name }) => values.only === undefined || name === values.only);
  if (targets.length === 0)
    throw new Error(`Cannot fuzz ${values.only}: expected one of ${TARGETS.map(({ name }) => name).join(", ")}`);
  const seed = wholeNumber("--seed", values.seed, 0, 0xffff_ffff);
  const iterations = wholeNumber("--iterations", values.iterations, 1, Number.MAX_SAFE_INTEGER);
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
      ["decoder", "inputs", "accepted", "refused", "inputs/s", "slowest ms", "slowest bytes", "grown MiB", "findings"],
      results.map((r) => [
        r.target,
        String(r.inputs),
        String(r.accepted),
        String(r.refused),
        r.inputsPerSecond.toFixed(0),
        r.slowestMs.toFixed(1),
        String(r.slowestInput.length / 2),
        r.grownMiB.toFixed(1),
        String(r.findings.length),
      ]),
    );
  }
  if (results.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`Cannot fuzz with ${option} ${text}: expected a whole number from ${least} to ${most}`);
  return value;
}
