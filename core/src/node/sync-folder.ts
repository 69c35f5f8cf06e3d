/** New names that survive a crash: a file's own sync does not make its name durable. */
import { type FileHandle, open } from "node:fs/promises";

/** Syncs the folder. Systems that cannot need it not; a disk that fails rejects. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, "r");
  } catch {
    // Windows refuses to open folders.
    return;
  }
  try {
    await handle.sync();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EPERM") throw error;
  } finally {
    await handle.close();
  }
}
