/** Which files of a torrent a command fetches: by patterns of the user, or by the numbers of a magnet link (BEP 53). */
import { matchesGlob } from "node:path";
import { EverseedError } from "@everseed/core";
import { fileNumbers, type Magnet, type Metainfo } from "@everseed/metainfo";

const WANTED = 4;

/**
 * The `priorities` of a torrent that is added: all files when neither is given, whatever an earlier run chose. The user's patterns match a file's path or
 * its name; they come before the link's numbers. Throws EverseedError `file-unknown` when nothing matches.
 */
export function choiceOf(
  patterns: readonly string[] | undefined,
  selectOnly: Magnet["selectOnly"],
): { priorities: (metainfo: Metainfo) => readonly number[] } {
  return {
    priorities(metainfo) {
      const { files } = metainfo;
      const numbers = patterns === undefined && selectOnly !== undefined ? fileNumbers(metainfo) : [];
      const wanted = files.map(({ path }, index) => {
        if (patterns === undefined) {
          const number = numbers[index] as number;
          return selectOnly?.some(([from, to]) => number >= from && number <= to) ?? true;
        }
        const whole = path.join("/");
        return patterns.some((pattern) => matchesGlob(whole, pattern) || matchesGlob(path.at(-1) as string, pattern));
      });
      if (!wanted.includes(true)) {
        throw new EverseedError("file-unknown", `Cannot choose files: none of ${files.length} matches`, {
          hint: `The first is ${files[0]?.path.join("/")}.`,
        });
      }
      return wanted.map((one) => (one ? WANTED : 0));
    },
  };
}
