/**
 * The folder of an embedded chain. Invariant: `anvil.json` is whole at every moment. It is replaced by renaming; anvil itself
 * writes only `anvil-exit.json`, which is taken over at the next start when it is whole and newer.
 */
import { open, readFile, readlink, realpath, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { EverseedError } from "@everseed/core";
import { pause } from "../transactions.ts";

export interface ChainFiles {
  readonly dir: string;
  readonly state: string;
  readonly exitState: string;
  /** Who runs the chain. */
  readonly owner: string;
  /** For people and programs: where the chain and its contracts are. */
  readonly info: string;
}

interface Owner {
  readonly pid: number;
  readonly parent: number;
  /** Of anvil itself. */
  readonly port: number;
  /** Where others reach it. */
  readonly rpcPort: number;
}

const RPC_TIMEOUT_MS = 10_000;
const ORPHAN_TIMEOUT_MS = 5_000;

export function chainFiles(dir: string): ChainFiles {
  return {
    dir,
    state: join(dir, "anvil.json"),
    exitState: join(dir, "anvil-exit.json"),
    owner: join(dir, "owner.json"),
    info: join(dir, "devnet.json"),
  };
}

/** Replaces a file: at any moment either the old or the new one is there, whole and synced. */
export async function writeAtomic(file: string, data: string | Uint8Array): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, "w", 0o600);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  const dir = await open(dirname(file), "r");
  await dir.sync().finally(() => dir.close());
}

/** Asks a running anvil for its whole state and keeps it. */
export async function dumpState(rpcUrl: string, file: string): Promise<void> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "anvil_dumpState", params: [] }),
    signal: AbortSignal.timeout(RPC_TIMEOUT_MS),
  });
  const { result } = (await response.json()) as { result?: unknown };
  if (typeof result !== "string")
    throw new EverseedError("devnet-failed", "Cannot save the embedded chain: anvil gives no state");
  await writeAtomic(file, await promisify(gunzip)(Buffer.from(result.slice(2), "hex")));
}

/** Makes the newest whole state `files.state`. False when there is none. Throws EverseedError `devnet-state`. */
export async function restoreState(files: ChainFiles): Promise<boolean> {
  const [kept, atExit] = [await blockOf(files.state), await blockOf(files.exitState)];
  if (typeof atExit === "number" && (typeof kept !== "number" || atExit >= kept)) {
    await writeAtomic(files.state, await readFile(files.exitState));
    await rm(files.exitState);
    return true;
  }
  if (kept === "damaged") {
    throw new EverseedError("devnet-state", `Cannot restore the embedded chain: ${files.state} is damaged`, {
      hint: "Move the folder away to begin with a new chain.",
    });
  }
  await rm(files.exitState, { force: true });
  return kept !== "absent";
}

/** The height of a saved state. */
async function blockOf(file: string): Promise<number | "absent" | "damaged"> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return "absent";
  }
  try {
    const { best_block_number: best } = JSON.parse(text) as { best_block_number?: unknown };
    return Number.isSafeInteger(Number(best)) ? Number(best) : "damaged";
  } catch {
    return "damaged";
  }
}

/**
 * Makes sure that nobody else runs a chain on this folder. One that outlived its parent gives its state and is ended.
 * Throws EverseedError `devnet-running`.
 */
export async function claimFolder(files: ChainFiles): Promise<void> {
  const owner = await readFile(files.owner, "utf8").then(
    (text) => JSON.parse(text) as Owner,
    () => undefined,
  );
  if (owner === undefined || !(await runsHere(owner.pid, files.dir))) return;
  if (isAlive(owner.parent)) throw running(owner, files);
  await dumpState(`http://127.0.0.1:${owner.port}`, files.state).catch(() => undefined);
  process.kill(owner.pid, "SIGTERM");
  for (const deadlineMs = Date.now() + ORPHAN_TIMEOUT_MS; isAlive(owner.pid); await pause(25)) {
    if (Date.now() < deadlineMs) continue;
    process.kill(owner.pid, "SIGKILL");
    break;
  }
}

function running(owner: Owner, files: ChainFiles): EverseedError {
  return new EverseedError(
    "devnet-running",
    `Cannot start the embedded chain: process ${owner.parent} runs one in ${files.dir}, on port ${owner.rpcPort}`,
    { hint: "Use that one, stop it, or name another folder." },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** True when the process works in this folder: a number alone may belong to another program by now. Linux only. */
async function runsHere(pid: number, dir: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dir));
  } catch {
    return false;
  }
}
