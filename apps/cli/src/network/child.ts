/** One process of the local network: an `everseed` command that speaks JSON lines. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EverseedError } from "@everseed/core";
import { ENDS_WITH_PARENT } from "../output.ts";

const BIN = fileURLToPath(new URL("../../bin/everseed.mjs", import.meta.url));

export interface Line {
  readonly type?: string;
  readonly [key: string]: unknown;
}

export class Child {
  readonly name: string;
  readonly exited: Promise<number>;
  /** The last line of each type. */
  readonly last = new Map<string, Line>();
  readonly #process: ChildProcess;
  readonly #waiting: { type: string; resolve: (line: Line) => void; reject: (error: Error) => void }[] = [];
  #complaint = "";

  constructor(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    onLine?: (line: Line) => void,
  ) {
    this.name = name;
    this.#process = spawn(process.execPath, [BIN, ...args, "--json"], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env, [ENDS_WITH_PARENT]: "1" },
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-1_000);
    });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (text) => {
      const line = parse(text);
      if (line === undefined) return;
      this.last.set(line.type ?? "result", line);
      onLine?.(line);
      for (const waiter of this.#waiting.splice(0)) {
        if (waiter.type === (line.type ?? "result")) waiter.resolve(line);
        else if (line.error !== undefined) waiter.reject(this.#failure(line));
        else this.#waiting.push(waiter);
      }
    });
    this.exited = new Promise((resolve) => {
      this.#process.once("exit", (code) => {
        for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#failure(undefined));
        resolve(code ?? 1);
      });
    });
  }

  #failure(line: Line | undefined): EverseedError {
    const reason =
      (line?.error as { message?: string } | undefined)?.message ?? this.#complaint.trim().split("\n").at(-1) ?? "";
    return new EverseedError("process-failed", `Cannot go on: the ${this.name} ended. ${reason}`);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves with the next line of the type; rejects when the process ends or reports a failure first. */
  next(type: string): Promise<Line> {
    if (this.#process.exitCode !== null) return Promise.reject(this.#failure(undefined));
    return new Promise((resolve, reject) => this.#waiting.push({ type, resolve, reject }));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends the process; kills it when it takes longer than eight seconds. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 8_000);
    await this.exited;
    clearTimeout(timer);
  }
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
