/**
 * Where a node keeps what is its own: the wallet, the channel store, the chain it uses. `EVERSEED_HOME`, else
 * `$XDG_DATA_HOME/everseed`, else `~/.local/share/everseed`.
 */

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { EverseedError } from "@everseed/core";
import { syncFolder } from "@everseed/core/node";

export function homeDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.EVERSEED_HOME ?? join(env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "everseed");
}

/** Reads a small JSON file; `undefined` when it is not there. Throws EverseedError `file-unreadable`. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Writes a small JSON file so that a crash leaves the old or the new one, never half; the new one once it resolves. */
export async function writeJson(path: string, value: unknown, mode = 0o644): Promise<void> {
  const folder = join(path, "..");
  await mkdir(folder, { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(value, null, 2)}\n`, { mode, flush: true });
  await rename(partial, path);
  await syncFolder(folder);
}

function unreadable(path: string, cause: unknown): EverseedError {
  return new EverseedError("file-unreadable", `Cannot read ${path}: ${(cause as Error).message}`, {
    cause,
    hint: "Restore the file from a backup, or move it away to begin anew.",
  });
}
