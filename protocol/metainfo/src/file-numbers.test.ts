/** The numbers of files in magnet links, against the indices that libtorrent 2.0.8 gives the files of the same torrents. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileNumbers, parseTorrent } from "./index.ts";

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/${name}.torrent`, import.meta.url)));

describe("fileNumbers", () => {
  // Each as `lt.torrent_info(file).files()` lists it, without its padding.
  it.each([
    ["libtorrent-v1", { a: 0, b: 1, "sub/c": 2, "sub/e": 3, z: 4 }],
    ["libtorrent-hybrid", { a: 0, b: 2, "sub/c": 4, "sub/e": 5, z: 6 }],
    ["libtorrent-v2", { a: 0, b: 2, "sub/c": 4, "sub/e": 5, z: 6 }],
    ["empty-files-1", { "1-empty": 0, "2-small": 1, "3-large": 3, "4-empty": 4, "5-empty": 5, "6-empty": 6 }],
    ["sample", { "text_file2.txt": 0, "text_file.txt": 2 }],
    ["base", { temp: 0 }],
  ])("%s", (name, expected) => {
    const metainfo = parseTorrent(fixture(name));
    const numbers = fileNumbers(metainfo);
    expect(Object.fromEntries(metainfo.files.map(({ path }, i) => [path.join("/"), numbers[i]]))).toEqual(expected);
  });
});
