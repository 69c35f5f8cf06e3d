/**
 * What a command says: progress and facts on stderr for people, one JSON object on stdout for machines (`--json`), and
 * failures as one clear line.
 */
import { EverseedError, ProtocolError } from "@everseed/core";

export interface Output {
  readonly json: boolean;
  /** A lasting line for people. */
  line(text: string): void;
  /** Replaces the last progress text; several lines are one picture. */
  progress(text: string): void;
  /** A line for machines, on the way to the result: JSON with --json, else nothing, or `text` as a lasting line. */
  event(value: unknown, text?: string): void;
  /** The command's result: printed as JSON with --json, else `text`. */
  result(value: unknown, text: string): void;
}

/** Set to 1: this process ends when its standard input does. */
export const ENDS_WITH_PARENT = "EVERSEED_ENDS_WITH_PARENT";

/** Progress is redrawn on a terminal; elsewhere a line every ten seconds is enough. */
const QUIET_INTERVAL_MS = 10_000;

export function createOutput(json: boolean): Output {
  const terminal = process.stderr.isTTY === true;
  let drawn = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  const erase = (): void => {
    if (drawn > 0) process.stderr.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const line = (text: string): void => {
    erase();
    if (json) process.stderr.write(`${text}\n`);
    else process.stdout.write(`${text}\n`);
  };
  return {
    json,
    line,
    progress(text) {
      if (terminal) {
        erase();
        process.stderr.write(`${text}\n`);
        drawn = text.split("\n").length;
      } else if (performance.now() - saidAt >= QUIET_INTERVAL_MS) {
        saidAt = performance.now();
        process.stderr.write(`${text}\n`);
      }
    },
    event(value, text) {
      if (json) process.stdout.write(`${toJson(value)}\n`);
      else if (text !== undefined) line(text);
    },
    result(value, text) {
      erase();
      process.stdout.write(json ? `${toJson(value)}\n` : `${text}\n`);
    },
  };
}

/** Ends the program without complaint when its reader goes away, as in `everseed ... | head`. Call it once at the start. */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  }
}

/** JSON with money as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item));
}

function sentence(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Prints a failure as one line, or as one JSON object, and sets the exit code: 2 for wrong use, 1 for all else. */
export function reportFailure(error: unknown, json: boolean): void {
  const known = error instanceof EverseedError || error instanceof ProtocolError;
  const code = known ? error.code : "unexpected";
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof EverseedError ? error.hint : undefined;
  if (json) process.stdout.write(`${toJson({ error: { code, message, ...(hint === undefined ? {} : { hint }) } })}\n`);
  else process.stderr.write(`${[message, hint].flatMap((text) => sentence(text) ?? []).join(" ")} [${code}]\n`);
  if (!known && process.env.EVERSEED_DEBUG) process.stderr.write(`${(error as Error).stack ?? ""}\n`);
  process.exitCode = code.endsWith("-syntax") || code === "usage" ? 2 : 1;
}

/** Runs a command's body: failures become one line. */
export async function runCommand(json: boolean, body: (output: Output) => Promise<void>): Promise<void> {
  try {
    await body(createOutput(json));
  } catch (error) {
    reportFailure(error, json);
  }
}

/**
 * Resolves on SIGINT or SIGTERM and, in a process of the local network, when its parent is gone: nobody else would ever stop
 * it. The parent holds the other end of our standard input and says so in the environment.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      // A pipe that is read keeps the process alive.
      process.stdin.destroy();
      resolve();
    };
    if (process.env[ENDS_WITH_PARENT] === "1") process.stdin.once("end", stop).resume();
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
