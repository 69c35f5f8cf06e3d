/** `everseed create`: makes a torrent file. */

import { stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { EverseedError, infoHashHex } from "@everseed/core";
import { infoHashesOf } from "@everseed/engine";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import { formatMagnet } from "@everseed/metainfo";
import { buildCommand } from "@stricli/core";
import { jsonFlag, text } from "../flags.ts";
import { formatBar, formatBytes, formatLeft, formatPercent, formatRate } from "../format.ts";
import { runCommand } from "../output.ts";

interface Flags {
  readonly out?: string;
  readonly v1: boolean;
  readonly v2: boolean;
  readonly hybrid: boolean;
  readonly pieceLength?: number;
  readonly announce?: readonly string[];
  readonly webSeed?: readonly string[];
  readonly comment?: string;
  readonly private: boolean;
  readonly json: boolean;
}

function kindOf(flags: Flags): "v1" | "v2" | "hybrid" {
  const chosen = (["v1", "v2", "hybrid"] as const).filter((kind) => flags[kind]);
  if (chosen.length > 1) {
    throw new EverseedError("usage", `Cannot make one torrent of several kinds: received --${chosen.join(" and --")}`);
  }
  return chosen[0] ?? "hybrid";
}

export const createCommand = buildCommand({
  docs: { brief: "Make a torrent of a file or folder (hybrid v1 + v2 unless told otherwise)" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "File or folder", placeholder: "PATH", parse: String }] },
    flags: {
      out: { ...text("Torrent file to write (default: NAME.torrent here)"), optional: true },
      v1: { kind: "boolean", default: false, brief: "Version 1 only (BEP 3)" },
      v2: { kind: "boolean", default: false, brief: "Version 2 only (BEP 52)" },
      hybrid: { kind: "boolean", default: false, brief: "Both versions; the default" },
      pieceLength: {
        kind: "parsed",
        parse: Number,
        optional: true,
        brief: "Bytes, a power of two from 16384",
        placeholder: "N",
      },
      announce: { ...text("Tracker URL; repeat for several tiers", "URL"), variadic: true, optional: true },
      webSeed: { ...text("Web seed URL (BEP 19)", "URL"), variadic: true, optional: true },
      comment: { ...text("Comment"), optional: true },
      private: { kind: "boolean", default: false, brief: "Private torrent (BEP 27)" },
      json: jsonFlag,
    },
  },
  func: (flags: Flags, path: string) =>
    runCommand(flags.json, async (output) => {
      const hasher = createWorkerHasher();
      try {
        await stat(path).catch((cause: unknown) => {
          throw new EverseedError("file-unreadable", `Cannot read ${path}: it is not there`, {
            cause,
            hint: "Name a file or folder.",
          });
        });
        const startedAt = performance.now();
        const { torrentBytes, metainfo } = await createTorrent(
          path,
          {
            kind: kindOf(flags),
            ...(flags.pieceLength === undefined ? {} : { pieceLengthBytes: flags.pieceLength }),
            announce: (flags.announce ?? []).map((url) => [url]),
            webSeeds: flags.webSeed ?? [],
            ...(flags.comment === undefined ? {} : { comment: flags.comment }),
            createdBy: "Everseed 0.1.0",
            creationDate: Math.floor(Date.now() / 1000),
            private: flags.private,
          },
          hasher,
          ({ doneBytes, totalBytes }) => {
            const rate = doneBytes / Math.max(0.001, (performance.now() - startedAt) / 1000);
            output.progress(
              `hashing ${formatBar(doneBytes / totalBytes)} ${formatPercent(doneBytes / totalBytes)} ${formatRate(rate)} ${formatLeft(doneBytes, totalBytes, rate)}`,
            );
          },
        );
        const out = flags.out ?? `${basename(metainfo.name)}.torrent`;
        await writeFile(out, torrentBytes);
        const magnet = formatMagnet({
          infoHashes: infoHashesOf(metainfo),
          name: metainfo.name,
          trackers: metainfo.announce.flat(),
          webSeeds: [...metainfo.webSeeds],
          peers: [],
        });
        output.result(
          {
            file: out,
            infohash: metainfo.infoHashV1 && infoHashHex(metainfo.infoHashV1),
            infohashV2: metainfo.infoHashV2 && infoHashHex(metainfo.infoHashV2),
            name: metainfo.name,
            bytes: metainfo.totalBytes,
            pieceLength: metainfo.pieceLengthBytes,
            pieces: metainfo.pieceCount,
            files: metainfo.files.length,
            magnet,
          },
          `${out}: ${metainfo.files.length} file(s), ${formatBytes(metainfo.totalBytes)}, ${metainfo.pieceCount} pieces of ${formatBytes(metainfo.pieceLengthBytes)}\n${magnet}`,
        );
      } finally {
        await hasher.close();
      }
    }),
});
