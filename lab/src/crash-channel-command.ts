/** One `everseed` command as a process that speaks JSON lines, may be killed at any moment, and never stays behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../apps/cli/bin/everseed.mjs", import.meta.url));
/** Longer than any step of a round takes. */
const PATIENCE_MS = 120_000;
const MAX_AT_ONCE = 64;
const STOP_MS = 8_000;

type Line = Readonly<Record<string, unknown>>;

interface Waiter {
  readonly type: string;
  readonly holds: (line: Line) => boolean;
  readonly resolve: (line: Line) => void;
  readonly reject: (error: Error) => void;
}

export class Command {
  readonly exited: Promise<void>;
  readonly #patienceMs: number;
  /** A process that the command started and that may outlive it. */
  childPid: number | undefined;
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #lines: Line[] = [];
  readonly #waiting: Waiter[] = [];
  #complaint = "";
  #ended = false;

  /** `patienceMs`: how long a line that is waited for may take. */
  constructor(name: string, args: readonly string[], home: string, patienceMs = PATIENCE_MS) {
    this.#name = name;
    this.#patienceMs = patienceMs;
    process.setMaxListeners(MAX_AT_ONCE);
    this.#process = spawn(process.execPath, [BIN, ...args, "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, EVERSEED_HOME: home },
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#complain(chunk.toString()));
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (text) => this.#read(text));
    const orphan = (): void => {
      this.#process.kill("SIGKILL");
      this.killChild();
    };
    process.once("exit", orphan);
    this.exited = new Promise((resolve) => {
      // Not `exit`: what it said last must have been read.
      this.#process.once("close", () => {
        this.#ended = true;
        process.removeListener("exit", orphan);
        for (const { type, reject } of this.#waiting.splice(0)) reject(this.#failure(type));
        resolve();
      });
    });
  }

  #complain(text: string): void {
    this.#complaint = (this.#complaint + text).slice(-1_500);
  }

  #read(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return this.#complain(`${text}\n`);
    }
    if (line.error !== undefined) this.#complain(`${text}\n`);
    this.#lines.push(line);
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.type === line.type && waiter.holds(line)) waiter.resolve(line);
      else this.#waiting.push(waiter);
    }
  }

  #failure(type: string): Error {
    return new Error(
      `The ${this.#name} did not get to "${type}". ${this.#complaint.trim().split("\n").slice(-3).join(" | ")}`,
    );
  }

  /** The first line of the type, said already or yet to come. */
  next(type: string): Promise<Line> {
    return this.until(type, () => true);
  }

  until(type: string, holds: (line: Line) => boolean): Promise<Line> {
    const known = this.#lines.find((line) => line.type === type && holds(line));
    if (known !== undefined) return Promise.resolve(known);
    if (this.#ended) return Promise.reject(this.#failure(type));
    const coming = new Promise<Line>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#complain(`nothing for ${this.#patienceMs / 1000} s\n`);
        this.#process.kill("SIGKILL");
      }, this.#patienceMs);
      const settled =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.push({ type, holds, resolve: settled(resolve), reject: settled(reject) });
    });
    coming.catch(() => undefined);
    return coming;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#ended) return;
    this.#process.kill("SIGKILL");
    await this.exited;
  }

  /** kill -9 of the process that the command started. */
  killChild(): void {
    if (this.childPid === undefined) return;
    try {
      process.kill(this.childPid, "SIGKILL");
    } catch {}
    this.childPid = undefined;
  }

  async stop(): Promise<void> {
    if (!this.#ended) {
      this.#process.kill("SIGTERM");
      const timer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS);
      await this.exited;
      clearTimeout(timer);
    }
    // A command that ended well has ended what it started.
    if (this.#process.exitCode === 0) this.childPid = undefined;
  }
}
