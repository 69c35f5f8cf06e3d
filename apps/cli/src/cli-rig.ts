/** Test support: `everseed` as a user runs it, in processes of its own that work in a temporary folder and end with the test. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/everseed.mjs", import.meta.url));

export type Line = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  /** The first line that is wanted (of this type, or one that fits), said before or later; rejects when the command ends. */
  until(wanted: string | ((line: Line) => boolean)): Promise<Line>;
}

export interface CliRig {
  /** Where commands run. */
  readonly work: string;
  /** EVERSEED_HOME of the commands. */
  readonly home: string;
  /** A command to its end. */
  everseed(...args: string[]): Promise<Ended>;
  /** A command that goes on and speaks JSON lines. */
  start(...args: string[]): RunningCommand;
  end(): Promise<void>;
}

export async function createCliRig(): Promise<CliRig> {
  const work = await mkdtemp(join(tmpdir(), "everseed-cli-"));
  const home = join(work, "home");
  const children: ChildProcessByStdio<null, Readable, Readable>[] = [];

  const launch = (args: readonly string[]) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: work,
      env: { ...process.env, EVERSEED_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
    return { stdout: child.stdout, ended };
  };

  return {
    work,
    home,
    everseed: (...args) => launch(args).ended,
    start: (...args) => {
      const { stdout, ended } = launch([...args, "--json"]);
      const lines: Line[] = [];
      const hearers: ((line: Line) => void)[] = [];
      createInterface({ input: stdout }).on("line", (text) => {
        const line = JSON.parse(text) as Line;
        lines.push(line);
        for (const hear of hearers) hear(line);
      });
      return {
        until: (wanted) =>
          new Promise((resolve, reject) => {
            const fits = typeof wanted === "string" ? (line: Line) => line.type === wanted : wanted;
            const hear = (line: Line): void => void (fits(line) && resolve(line));
            lines.forEach(hear);
            hearers.push(hear);
            void ended.then(({ code, err }) => reject(new Error(`${args.join(" ")} ended with ${code}. ${err}`)));
          }),
      };
    },
    async end() {
      for (const child of children) child.kill("SIGKILL");
      await rm(work, { recursive: true, force: true });
    },
  };
}
