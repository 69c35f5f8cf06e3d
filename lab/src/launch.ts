/** Client processes: how one is started, watched for what it says, and ended. Invariant: a `ready` or `done` that fails is always handled. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import type { PeerJob, RunningPeer } from "./client.ts";

export type Milestone = (child: ChildProcess, output: () => string, signal: AbortSignal) => Promise<void>;

/** Waits until the process prints a line that begins with `word`. */
export function sayLine(word: string): Milestone {
  return (_child, output, signal) =>
    until(
      async () =>
        output()
          .split("\n")
          .some((line) => line.startsWith(word)),
      signal,
    );
}

/** Waits until the port takes connections. */
export function listening(port: number): Milestone {
  return (_child, _output, signal) => until(() => accepts(port), signal);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Polls `condition` until it holds or `signal` fires. */
export async function until(condition: () => Promise<boolean>, signal: AbortSignal, everyMs = 20): Promise<void> {
  while (!(await condition())) {
    if (signal.aborted) throw signal.reason;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export type Launch = (
  job: Pick<PeerJob, "workFolder">,
  command: string,
  args: readonly string[],
  milestones: { ready?: Milestone; verified?: Milestone; done?: Milestone },
) => RunningPeer;

/** Starts a process; without a `done` milestone it is done when it exits with 0. */
export const launch: Launch = (job, command, args, milestones) => {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: job.workFolder,
    // What one run of ours remembers (nodes of the DHT, what it has) must not help the next.
    env: { ...process.env, EVERSEED_HOME: path.join(job.workFolder, "home") },
  });
  let text = "";
  const collect = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const ending = new AbortController();
  const exited = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      ending.abort(new Error(`${path.basename(command)} ended (${why}): ${text.slice(-1500).trim()}`));
      resolve();
    };
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    child.once("error", (error) => end(error.message));
  });
  const exitsWell = async (): Promise<void> => {
    await exited;
    if (child.exitCode !== 0) throw ending.signal.reason;
  };
  const ready = milestones.ready?.(child, () => text, ending.signal) ?? Promise.resolve();
  const done = milestones.done?.(child, () => text, ending.signal) ?? exitsWell();
  const verified = milestones.verified?.(child, () => text, ending.signal) ?? done;
  for (const each of [ready, verified, done]) each.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    verified,
    done,
    log: () =>
      text
        .split("\n")
        .filter((line) => !line.includes('"type":"progress"'))
        .join("\n"),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const hard = setTimeout(() => child.kill("SIGKILL"), 3000);
        await exited;
        clearTimeout(hard);
      }
    },
  };
};

/** A new empty folder below `parent`. */
export async function subfolder(parent: string, ...names: readonly string[]): Promise<string> {
  const folder = path.join(parent, ...names);
  await mkdir(folder, { recursive: true });
  return folder;
}
