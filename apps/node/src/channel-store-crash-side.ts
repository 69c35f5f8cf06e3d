/** Starts one side of a purchase that may kill itself, and reads what it says (channel-store-crash-peer.ts). */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CrashPeerReport, CrashPeerTask } from "./channel-store-crash-peer.ts";

const PEER = fileURLToPath(new URL("./channel-store-crash-peer.ts", import.meta.url));

type Line = { readonly type: string; readonly port?: number; readonly message?: string } & Partial<
  Omit<CrashPeerReport, "type">
>;

/** One process of a case. Invariant: after `end` it is gone. */
export class CrashSide {
  readonly exited: Promise<void>;
  complaint = "";
  readonly #process: ChildProcess;
  readonly #lines: Line[] = [];
  readonly #waiting: {
    readonly type: string;
    readonly resolve: (line: Line) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  readonly #name: string;

  constructor(task: CrashPeerTask) {
    this.#name = task.side;
    this.#process = spawn(process.execPath, [PEER, JSON.stringify(task)], { stdio: ["pipe", "pipe", "pipe"] });
    // A side that was killed no longer reads.
    this.#process.stdin?.on("error", () => undefined);
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.complaint = (this.complaint + chunk.toString()).slice(-2_000);
    });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      if (line.type === "fault" || line.type === "late") this.complaint = `${this.complaint}\n${text}`.slice(-2_000);
      this.#lines.push(line);
      const at = this.#waiting.findIndex(({ type }) => type === line.type);
      if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(line);
    });
    // Not `exit`: what it said last must have been read.
    this.exited = new Promise((resolve) => {
      this.#process.once("close", () => {
        for (const { type, reject } of this.#waiting.splice(0))
          reject(new Error(`The ${this.#name} ended before "${type}".\n${this.complaint}`));
        resolve();
      });
    });
  }

  last(type: string): CrashPeerReport | undefined {
    return this.#lines.findLast((line) => line.type === type) as CrashPeerReport | undefined;
  }

  line(type: string): Promise<CrashPeerReport> {
    const known = this.last(type);
    if (known !== undefined) return Promise.resolve(known);
    const coming = new Promise<Line>((resolve, reject) => this.#waiting.push({ type, resolve, reject }));
    coming.catch(() => undefined);
    return coming as Promise<CrashPeerReport>;
  }

  async port(): Promise<number> {
    return ((await this.line("listening")) as unknown as { port: number }).port;
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Waits a little for it to end by itself. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.kill(), 1_000);
    if (this.last("done") === undefined) this.kill();
    await this.exited;
    clearTimeout(timer);
  }
}
