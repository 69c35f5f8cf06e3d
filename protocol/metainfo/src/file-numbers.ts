/**
 * The numbers that magnet links call files by (BEP 53), as libtorrent counts them: in the order of the torrent, and padding
 * counts. A v1 or hybrid torrent lists its padding and links; in a v2 torrent each file that does not end on a piece has one
 * behind it, which nobody wrote down.
 */
import { asCount, asDict, asList, decodeBencode } from "./bencode.ts";
import { hasAttribute, pathOf } from "./parse.ts";
import type { Metainfo } from "./types.ts";

/** Of each of `metainfo.files`. */
export function fileNumbers({ files, infoBytes, pieceLengthBytes, infoHashV1 }: Metainfo): number[] {
  if (infoHashV1 === undefined) {
    let next = 0;
    return files.map(({ lengthBytes }) => {
      const number = next;
      next += lengthBytes % pieceLengthBytes === 0 ? 1 : 2;
      return number;
    });
  }
  const listed = asList(asDict(decodeBencode(infoBytes, { unsortedKeys: true }))?.get("files"));
  // Entries of a hybrid may stand in another order than its tree, which `files` follows.
  const numbers = new Map<string, number>();
  for (const [number, entry] of (listed ?? []).entries()) {
    const file = asDict(entry);
    if (file === undefined || asCount(file.get("length")) === undefined) continue;
    if (hasAttribute(file, "p") || hasAttribute(file, "l")) continue;
    numbers.set(pathOf(asList(file.get("path.utf-8") ?? file.get("path"))).join("/"), number);
  }
  return files.map(({ path }, index) => numbers.get(path.join("/")) ?? index);
}
