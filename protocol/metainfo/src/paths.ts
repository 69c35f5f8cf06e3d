/**
 * File names come from strangers. A name that could leave the download folder, or that some system cannot hold, is
 * refused; nothing is renamed in silence.
 */
import { fromUtf8Strict, ProtocolError } from "@everseed/core";

const MAX_NAME_BYTES = 255;
const RESERVED = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?$/i;

/** Checks one path component. Throws `ProtocolError` (`path-unsafe`). */
export function checkName(bytes: Uint8Array): string {
  const name = fromUtf8Strict(bytes);
  const refuse = (why: string): ProtocolError =>
    new ProtocolError("path-unsafe", "file name", why, JSON.stringify((name ?? "ill-formed UTF-8").slice(0, 80)));
  if (name === undefined) throw refuse("well-formed UTF-8");
  if (name.length === 0 || bytes.length > MAX_NAME_BYTES) throw refuse(`1 to ${MAX_NAME_BYTES} bytes`);
  if (name === "." || name === "..") throw refuse("a name that stays in the download folder");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[/\\\u0000-\u001f\u007f]/.test(name)) throw refuse("no separators and no control characters");
  if (RESERVED.test(name) || /^[a-z]:$/i.test(name)) throw refuse("a name that is not reserved for a device");
  return name;
}

/** Refuses two files of one name (letter case ignored, as some disks do) and a file that is another's folder. */
export function checkCollisions(paths: readonly (readonly string[])[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  const key = (parts: readonly string[]): string => parts.join("/").normalize("NFC").toLowerCase();
  for (const path of paths) {
    const file = key(path);
    if (files.has(file))
      throw new ProtocolError("path-duplicate", "file list", "different names for all files", path.join("/"));
    files.add(file);
    for (let n = 1; n < path.length; n++) folders.add(key(path.slice(0, n)));
  }
  for (const path of paths) {
    if (folders.has(key(path))) {
      throw new ProtocolError("path-duplicate", "file list", "no file that is also a folder", path.join("/"));
    }
  }
}
