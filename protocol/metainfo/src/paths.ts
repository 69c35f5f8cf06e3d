/**
 * File names come from strangers. A name that could leave the download folder, or that some system cannot hold, is
 * refused; nothing is renamed in silence. Windows drops dots and spaces at the end of a name: names like `R.E.M.` are
 * kept, since they are common, but not names of nothing else, and two names that would meet there are refused.
 */
import { fromUtf8Strict, ProtocolError } from "@everseed/core";

const MAX_NAME_BYTES = 255;
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³]) *([.:].*)?$/i;

/** Checks one path component. Throws `ProtocolError` (`path-unsafe`). */
export function checkName(bytes: Uint8Array): string {
  const name = fromUtf8Strict(bytes);
  const refuse = (why: string): ProtocolError =>
    new ProtocolError("path-unsafe", "file name", why, JSON.stringify((name ?? "ill-formed UTF-8").slice(0, 80)));
  if (name === undefined) throw refuse("well-formed UTF-8");
  if (name.length === 0 || bytes.length > MAX_NAME_BYTES) throw refuse(`1 to ${MAX_NAME_BYTES} bytes`);
  if (/^[. ]+$/.test(name)) throw refuse("a name that stays in the download folder");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[/\\\u0000-\u001f\u007f]/.test(name)) throw refuse("no separators and no control characters");
  if (RESERVED.test(name) || /^[a-z]:/i.test(name)) throw refuse("a name that is not reserved for a device");
  return name;
}

/** Refuses two files of one name (letter case ignored, as some disks do) and a file that is another's folder. */
export function checkCollisions(paths: readonly (readonly string[])[]): void {
  // Folders are numbered, so that a deep path costs its own length and not the square of it.
  const folders = new Map<string, number>();
  const files = new Set<string>();
  for (const path of paths) {
    let at = 0;
    for (const [depth, name] of path.entries()) {
      const key = `${at}/${folded(name)}`;
      if (depth < path.length - 1) {
        at = folders.get(key) ?? folders.size + 1;
        folders.set(key, at);
      } else if (files.has(key)) throw duplicate("different names for all files", path);
      else files.add(key);
    }
  }
  for (const key of files) {
    if (folders.has(key)) throw duplicate("no file that is also a folder", [key.slice(key.indexOf("/") + 1)]);
  }
}

/** What is left of a name on a disk that ignores letter case, composition, and dots and spaces at the end. */
function folded(name: string): string {
  return name
    .replace(/[. ]+$/, "")
    .normalize("NFC")
    .toUpperCase()
    .toLowerCase();
}

function duplicate(expected: string, path: readonly string[]): ProtocolError {
  return new ProtocolError("path-duplicate", "file list", expected, path.join("/"));
}
