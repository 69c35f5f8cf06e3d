/**
 * The key that publishes torrents that change (BEP 46): an Ed25519 secret in a file of its own, 64 hexadecimal digits, readable
 * by its owner alone. Invariant: a key is durable before it is used, and a file that is there is never overwritten. Whoever has the
 * file may publish under the key, and a lost one cannot be had again: links name the key.
 */
import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, unlink } from "node:fs/promises";
import path from "node:path";
import { EverseedError, ed25519PublicKey, fromHex, systemRandom, toHex } from "@everseed/core";
import { syncFolder } from "@everseed/core/node";

const SECRET_BYTES = 32;
/** The digits, and whatever white space an editor leaves. */
const MAX_FILE_BYTES = 200;
/** Bits of the mode that let others read or write. */
const OTHERS = 0o077;

export interface PublishingKey {
  readonly secretKey: Uint8Array;
  /** What links name. */
  readonly publicKey: Uint8Array;
  /** It was made just now. */
  readonly isNew: boolean;
}

/**
 * Reads the key, or makes it where there is no file. Rejects with EverseedError `key-unreadable`, `key-damaged` or `key-exposed`.
 */
export async function ensurePublishingKey(file: string): Promise<PublishingKey> {
  const known = await readKey(file);
  if (known !== undefined) return keyOf(known, false);
  const secretKey = systemRandom(SECRET_BYTES);
  if (await writeKey(file, secretKey)) return keyOf(secretKey, true);
  // Somebody else made one in between.
  const theirs = await readKey(file);
  if (theirs === undefined) throw unreadable(file, "it came and went");
  return keyOf(theirs, false);
}

function keyOf(secretKey: Uint8Array, isNew: boolean): PublishingKey {
  return { secretKey, publicKey: ed25519PublicKey(secretKey), isNew };
}

async function readKey(file: string): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(file, (cause as Error).message, cause);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw unreadable(file, "expected a file, received a folder, device or pipe");
    if (stat.size > MAX_FILE_BYTES) throw damaged(file, `${stat.size} bytes`);
    if ((stat.mode & OTHERS) !== 0) {
      throw new EverseedError(
        "key-exposed",
        `Cannot use the key in ${file}: expected mode 600, received ${(stat.mode & 0o777).toString(8)}, which lets others at it`,
        { hint: `Run \`chmod 600 ${file}\`; if others may have read it, publish with a new key.` },
      );
    }
    const text = (await handle.readFile("latin1")).trim();
    const secret = /^[0-9a-f]{64}$/i.test(text) ? fromHex(text) : undefined;
    // Its length, and never what it holds.
    if (secret === undefined) throw damaged(file, `${text.length} characters that are none`);
    return secret;
  } catch (cause) {
    if (cause instanceof EverseedError) throw cause;
    throw unreadable(file, (cause as Error).message, cause);
  } finally {
    await handle.close();
  }
}

/** False when a file is there by now. */
async function writeKey(file: string, secret: Uint8Array): Promise<boolean> {
  const folder = path.dirname(path.resolve(file));
  const partial = `${file}.${toHex(systemRandom(4))}.partial`;
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(partial, "wx", 0o600);
    try {
      await handle.writeFile(`${toHex(secret)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      // Unlike a rename, it never takes the place of another file.
      await link(partial, file);
    } finally {
      await unlink(partial);
    }
    await syncFolder(folder);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new EverseedError("key-unreadable", `Cannot make the key file ${file}: ${(cause as Error).message}`, {
      cause,
      hint: "Name a file in a folder that you may write to.",
    });
  }
}

function unreadable(file: string, why: string, cause?: unknown): EverseedError {
  return new EverseedError("key-unreadable", `Cannot read the key file ${file}: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Name the file of a key, or one that is not there yet: a new key is made then.",
  });
}

function damaged(file: string, received: string): EverseedError {
  return new EverseedError(
    "key-damaged",
    `Cannot use the key in ${file}: expected 64 hexadecimal digits, received ${received}`,
    { hint: "Restore it from a backup. Another file makes another key, which the links that are out do not name." },
  );
}
