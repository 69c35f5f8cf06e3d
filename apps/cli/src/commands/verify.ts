/** `everseed verify`: checks data on disk against a torrent. Exit code 1 when it is not complete. */
import { verifyStorage } from "@everseed/engine";
import { createFileStorage, createWorkerHasher } from "@everseed/engine/node";
import { createPieceMap } from "@everseed/metainfo";
import { buildCommand } from "@stricli/core";
import { jsonFlag, text } from "../flags.ts";
import { formatBar, formatBytes, formatLeft, formatPercent, formatRate } from "../format.ts";
import { runCommand } from "../output.ts";
import { loadTorrent } from "./load.ts";

interface Flags {
  readonly data: string;
  readonly json: boolean;
}

export const verifyCommand = buildCommand({
  docs: { brief: "Check data on disk against a torrent" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "Torrent file", placeholder: "TORRENT", parse: String }] },
    flags: { data: text("Folder that holds the torrent's data", "DIR"), json: jsonFlag },
  },
  func: (flags: Flags, path: string) =>
    runCommand(flags.json, async (output) => {
      const metainfo = await loadTorrent(path);
      const storage = createFileStorage(flags.data, metainfo, { readOnly: true });
      const hasher = createWorkerHasher();
      try {
        await storage.open();
        const startedAt = performance.now();
        const have = await verifyStorage(metainfo, storage, hasher, {
          onProgress: (done, total) => {
            const rate = done / Math.max(0.001, (performance.now() - startedAt) / 1000);
            output.progress(
              `checking ${formatBar(done / total)} ${formatPercent(done / total)} ${formatRate(rate)} ${formatLeft(done, total, rate)}`,
            );
          },
        });
        const pieces = createPieceMap(metainfo);
        let bytes = 0;
        const missing: number[] = [];
        for (let i = 0; i < metainfo.pieceCount; i++) {
          if (have.has(i)) bytes += pieces.pieceBytes(i);
          else missing.push(i);
        }
        if (!have.full) process.exitCode = 1;
        output.result(
          {
            complete: have.full,
            pieces: metainfo.pieceCount,
            goodPieces: have.count,
            bytes: metainfo.totalBytes,
            goodBytes: bytes,
            missing: missing.slice(0, 1000),
          },
          have.full
            ? `complete: ${metainfo.pieceCount} pieces, ${formatBytes(bytes)}`
            : `incomplete: ${have.count} of ${metainfo.pieceCount} pieces, ${formatBytes(bytes)} of ${formatBytes(metainfo.totalBytes)}`,
        );
      } finally {
        await storage.close();
        await hasher.close();
      }
    }),
});
