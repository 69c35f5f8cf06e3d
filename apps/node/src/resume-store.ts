/**
 * What torrents remember between runs, one small file each below the node's home, so that data need not be read again. A
 * file that is missing or damaged costs a check and nothing else.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { toHex } from "@everseed/core";
import type { Torrent } from "@everseed/engine";
import { homeDir } from "./home.ts";

const SAVE_MS = 60_000;

/** Reads what is remembered of the torrent in this download folder. */
export async function loadResume(wireInfoHash: Uint8Array, dir: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(resumePath(wireInfoHash, dir)));
  } catch {
    return undefined;
  }
}

export async function forgetResume(wireInfoHash: Uint8Array, dir: string): Promise<void> {
  await unlink(resumePath(wireInfoHash, dir)).catch(() => undefined);
}

/** Saves once a minute while the torrent changes, and when `stop` is called. */
export function keepResume(torrent: Torrent, dir: string): { stop(): Promise<void> } {
  const path = resumePath(torrent.wireInfoHashes[0] as Uint8Array, dir);
  let saved = -1;
  let saving: Promise<void> = Promise.resolve();
  const save = async (): Promise<void> => {
    const pieces = torrent.have?.count ?? -1;
    const changed = pieces + torrent.movedBytes;
    if (changed === saved || pieces < 0) return;
    try {
      const data = await torrent.resumeData();
      if (data === undefined) return;
      await mkdir(join(path, ".."), { recursive: true });
      const partial = `${path}.${process.pid}.partial`;
      await writeFile(partial, data, { flush: true });
      await rename(partial, path);
      saved = changed;
    } catch {
      // The next start reads the data again.
    }
  };
  const queueSave = (): Promise<void> => {
    saving = saving.then(save);
    return saving;
  };
  const timer = setInterval(() => void queueSave(), SAVE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return queueSave();
    },
  };
}

/** The same torrent in two folders is two downloads. */
function resumePath(wireInfoHash: Uint8Array, dir: string): string {
  const place = createHash("sha256").update(resolve(dir)).digest("hex").slice(0, 16);
  return join(homeDir(), "resume", `${toHex(wireInfoHash)}-${place}`);
}
