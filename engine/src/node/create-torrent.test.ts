/** Torrents made from disk, read back, and checked against the data they were made of. */

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { toHex } from "@everseed/core";
import { parseTorrent, type TorrentKind } from "@everseed/metainfo";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyStorage } from "../verify.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createWorkerHasher } from "./worker-hasher.ts";

let folder: string;
const hasher = createWorkerHasher({ threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "everseed-create-"));
  await mkdir(path.join(folder, "tree", "sub"), { recursive: true });
  await writeFile(path.join(folder, "tree", "b.bin"), randomBytes(150_000));
  await writeFile(path.join(folder, "tree", "a.bin"), randomBytes(20));
  await writeFile(path.join(folder, "tree", "sub", "c.bin"), randomBytes(65_536));
  await writeFile(path.join(folder, "tree", "sub", "empty"), "");
  await writeFile(path.join(folder, "one.bin"), randomBytes(100_000));
});
afterAll(async () => {
  await hasher.close();
  await rm(folder, { recursive: true, force: true });
});

const KINDS: readonly TorrentKind[] = ["v1", "v2", "hybrid"];
const FIXED = { pieceLengthBytes: 32_768, creationDate: 1_700_000_000 };

describe.each(KINDS)("a %s torrent", (kind) => {
  it.each(["tree", "one.bin"])("of %s verifies against the data it was made of", async (name) => {
    const { metainfo, torrentBytes } = await createTorrent(path.join(folder, name), { ...FIXED, kind }, hasher);
    expect(metainfo).toEqual(parseTorrent(torrentBytes));
    expect(metainfo.infoHashV1 !== undefined).toBe(kind !== "v2");
    expect(metainfo.infoHashV2 !== undefined).toBe(kind !== "v1");
    const storage = createFileStorage(folder, metainfo);
    await storage.open();
    expect((await verifyStorage(metainfo, storage, hasher)).full).toBe(true);
    await storage.close();
  });

  it("is the same bytes every time, whichever hasher", async () => {
    const one = await createTorrent(path.join(folder, "tree"), { ...FIXED, kind }, hasher);
    const two = await createTorrent(path.join(folder, "tree"), { ...FIXED, kind }, createWebHasher());
    expect(toHex(two.torrentBytes)).toBe(toHex(one.torrentBytes));
  });
});

describe("createTorrent", () => {
  it("orders files by the bytes of their paths and names them all", async () => {
    const { metainfo } = await createTorrent(path.join(folder, "tree"), { ...FIXED, kind: "v1" }, hasher);
    expect(metainfo.files.map((file) => file.path.join("/"))).toEqual(["a.bin", "b.bin", "sub/c.bin", "sub/empty"]);
  });

  it("gives SHA-1 pieces that equal a hash of the concatenated files (BEP 3)", async () => {
    const { metainfo } = await createTorrent(path.join(folder, "one.bin"), { ...FIXED, kind: "v1" }, hasher);
    const data = await readFile(path.join(folder, "one.bin"));
    let want = "";
    for (let at = 0; at < data.length; at += 32_768)
      want += createHash("sha1")
        .update(data.subarray(at, at + 32_768))
        .digest("hex");
    expect(toHex(metainfo.pieces as Uint8Array)).toBe(want);
  });

  it("reports progress that ends at the total", async () => {
    let last = { doneBytes: 0, totalBytes: 1, bytesPerSecond: 0 };
    await createTorrent(path.join(folder, "tree"), FIXED, hasher, (progress) => {
      expect(progress.doneBytes).toBeGreaterThan(last.doneBytes);
      last = progress;
    });
    expect(last.doneBytes).toBe(215_556);
    expect(last.totalBytes).toBe(215_556);
    expect(last.bytesPerSecond).toBeGreaterThan(0);
  });

  it("may carry another name than the path", async () => {
    const { metainfo } = await createTorrent(path.join(folder, "one.bin"), { ...FIXED, name: "renamed.iso" }, hasher);
    expect(metainfo.name).toBe("renamed.iso");
    expect(metainfo.files[0]?.path).toEqual(["renamed.iso"]);
  });

  it("refuses links and special files, naming them", async () => {
    const odd = path.join(folder, "odd");
    await mkdir(odd);
    await writeFile(path.join(odd, "fine"), "data");
    await symlink("fine", path.join(odd, "link"));
    await expect(createTorrent(odd, FIXED, hasher)).rejects.toMatchObject({
      code: "source-unsupported",
      message: expect.stringMatching(/link.*symbolic link/),
    });
    await rm(path.join(odd, "link"));
    execFileSync("mkfifo", [path.join(odd, "pipe")]);
    await expect(createTorrent(odd, FIXED, hasher)).rejects.toMatchObject({
      code: "source-unsupported",
      message: expect.stringMatching(/pipe/),
    });
  });

  it("refuses what is not there, what is empty and a bad piece length", async () => {
    await expect(createTorrent(path.join(folder, "absent"), FIXED, hasher)).rejects.toMatchObject({
      code: "storage-missing",
    });
    await mkdir(path.join(folder, "void"));
    await expect(createTorrent(path.join(folder, "void"), FIXED, hasher)).rejects.toMatchObject({
      code: "create-empty",
    });
    await expect(createTorrent(path.join(folder, "one.bin"), { pieceLengthBytes: 1000 }, hasher)).rejects.toMatchObject(
      { code: "piece-length" },
    );
  });

  it("fails when a file grows while it is read, and when it is cancelled", async () => {
    const grows = path.join(folder, "grows.bin");
    await writeFile(grows, randomBytes(200_000));
    let done = false;
    const during = async (): Promise<void> => {
      if (!done) await appendFile(grows, "more");
      done = true;
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = {
      ...hasher,
      allocate: hasher.allocate,
      digest: async (...args: Parameters<typeof hasher.digest>) => {
        await promise;
        return hasher.digest(...args);
      },
    };
    const making = createTorrent(grows, FIXED, slow);
    const outcome = expect(making).rejects.toMatchObject({ code: "source-changed" });
    await new Promise((tick) => setTimeout(tick, 50));
    await during();
    resolve();
    await outcome;
    await expect(createTorrent(grows, FIXED, hasher, undefined, AbortSignal.abort())).rejects.toMatchObject({
      code: "aborted",
    });
  });
});

describe("verifyStorage", () => {
  it("finds exactly the pieces that are damaged or missing, and reports progress", async () => {
    const copy = await mkdtemp(path.join(tmpdir(), "everseed-verify-"));
    for (const kind of KINDS) {
      const { metainfo } = await createTorrent(path.join(folder, "one.bin"), { ...FIXED, kind }, hasher);
      const data = await readFile(path.join(folder, "one.bin"));
      data[40_000] = (data[40_000] as number) ^ 1;
      await writeFile(path.join(copy, "one.bin"), data.subarray(0, 99_999));
      const storage = createFileStorage(copy, metainfo);
      await storage.open();
      let seen = 0;
      const good = await verifyStorage(metainfo, storage, hasher, { onProgress: (doneBytes) => (seen = doneBytes) });
      expect([0, 1, 2, 3].map((piece) => good.has(piece))).toEqual([true, false, true, false]);
      expect(seen).toBe(100_000);
      const none = await verifyStorage(metainfo, storage, hasher, { signal: AbortSignal.abort() });
      expect(none.count).toBe(0);
      await storage.close();
    }
    await rm(copy, { recursive: true });
  });

  it("rejects when the storage refuses, instead of calling the data missing", async () => {
    const { metainfo } = await createTorrent(path.join(folder, "one.bin"), FIXED, hasher);
    const storage = createFileStorage(folder, metainfo);
    await storage.open();
    await storage.close();
    await expect(verifyStorage(metainfo, storage, hasher)).rejects.toMatchObject({ code: "storage-closed" });
  });
});
