/** One table of behaviours, run by every storage; then what only files can do. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { EverseedError } from "@everseed/core";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryStorage } from "./memory-storage.ts";
import { createFileStorage, filePath } from "./node/file-storage.ts";
import { createHandlePool } from "./node/handle-pool.ts";
import type { Storage } from "./storage.ts";
import type { StorageLayout } from "./storage-layout.ts";

const KIB = 1024;
/** Three files aligned to pieces with padding between, one of them empty, one in a folder. */
const LAYOUT: StorageLayout = {
  name: "album",
  singleFile: false,
  pieceLengthBytes: 32 * KIB,
  pieceCount: 6,
  files: [
    { path: ["a.bin"], offsetBytes: 0, lengthBytes: 40_000 },
    { path: ["disc", "b.bin"], offsetBytes: 64 * KIB, lengthBytes: 70_000 },
    { path: ["empty.txt"], offsetBytes: 160 * KIB, lengthBytes: 0 },
    { path: ["disc", "c.bin"], offsetBytes: 160 * KIB, lengthBytes: 5 },
  ],
};
const SPACE_BYTES = LAYOUT.pieceCount * LAYOUT.pieceLengthBytes;

/** What a range must read as after everything was written with `fill`. */
function expected(fill: (offset: number) => number): Uint8Array {
  const out = new Uint8Array(SPACE_BYTES);
  for (const { offsetBytes, lengthBytes } of LAYOUT.files) {
    for (let at = offsetBytes; at < offsetBytes + lengthBytes; at++) out[at] = fill(at);
  }
  return out;
}
const pattern = (at: number): number => (at * 31 + (at >> 8)) & 0xff;
const bytes = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => pattern(from + i));
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => (error instanceof EverseedError ? error.code : String(error)),
  );

const folders: string[] = [];
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "everseed-storage-"));
  folders.push(folder);
  return folder;
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const IMPLEMENTATIONS: readonly { name: string; create: (layout: StorageLayout) => Promise<Storage> }[] = [
  { name: "memory", create: async (layout) => createMemoryStorage(layout) },
  { name: "files", create: async (layout) => createFileStorage(await newFolder(), layout) },
  {
    name: "files, one handle",
    create: async (layout) => createFileStorage(await newFolder(), layout, { handles: createHandlePool(1) }),
  },
];

describe.each(IMPLEMENTATIONS)("storage in $name", ({ create }) => {
  let storage: Storage;
  beforeEach(async () => {
    storage = await create(LAYOUT);
    await storage.open();
    return () => storage.close();
  });

  it("reads back what was written, across files, with padding as zeros", async () => {
    await storage.write(0, [bytes(0, SPACE_BYTES)]);
    const target = new Uint8Array(SPACE_BYTES).fill(0xaa);
    await storage.read(0, target);
    expect(target).toEqual(expected(pattern));
  });

  it("writes several parts one after the other, wherever they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: SPACE_BYTES }), { maxLength: 12 }),
        fc.integer({ min: 0, max: SPACE_BYTES - 1 }),
        fc.integer({ min: 0, max: 50_000 }),
        async (cuts, from, length) => {
          const all = bytes(0, SPACE_BYTES);
          const edges = [0, ...cuts.sort((a, b) => a - b), SPACE_BYTES];
          await storage.write(
            0,
            edges.slice(1).map((end, i) => all.subarray(edges[i], end)),
          );
          const target = new Uint8Array(Math.min(length, SPACE_BYTES - from));
          await storage.read(from, target);
          expect(target).toEqual(expected(pattern).subarray(from, from + target.length));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("keeps bytes around a write and lets the last write win", async () => {
    await storage.write(0, [bytes(0, SPACE_BYTES)]);
    await storage.write(39_990, [new Uint8Array(20).fill(7)]);
    const target = new Uint8Array(40);
    await storage.read(39_980, target);
    const want = expected(pattern).slice(39_980, 40_020);
    want.fill(7, 10, 20);
    expect(target).toEqual(want);
  });

  it("answers data that was never written with zeros or storage-missing", async () => {
    const target = new Uint8Array(100).fill(1);
    const code = await codeOf(storage.read(64 * KIB, target));
    if (code === "none") expect(target.every((byte) => byte === 0)).toBe(true);
    else expect(code).toBe("storage-missing");
  });

  it("reads a range of padding as zeros before anything was written", async () => {
    const target = new Uint8Array(100).fill(1);
    await storage.read(50_000, target);
    expect(target).toEqual(new Uint8Array(100));
  });

  it("takes writes and reads at once", async () => {
    const block = 16 * KIB;
    await Promise.all(
      Array.from({ length: SPACE_BYTES / block }, (_, i) => storage.write(i * block, [bytes(i * block, block)])),
    );
    const targets = await Promise.all(
      Array.from({ length: SPACE_BYTES / block }, async (_, i) => {
        const target = new Uint8Array(block);
        await storage.read(i * block, target);
        return target;
      }),
    );
    expect(Buffer.concat(targets)).toEqual(Buffer.from(expected(pattern)));
  });

  it("takes buffers of shared memory", async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1000));
    shared.set(bytes(0, 1000));
    await storage.write(0, [shared.subarray(0, 300), shared.subarray(300)]);
    const target = new Uint8Array(new SharedArrayBuffer(1000));
    await storage.read(0, target);
    expect(Array.from(target)).toEqual(Array.from(bytes(0, 1000)));
  });

  it("can be opened again and synced, and refuses work once closed", async () => {
    await storage.write(0, [bytes(0, 10)]);
    await storage.sync();
    await storage.open();
    const target = new Uint8Array(10);
    await storage.read(0, target);
    expect(target).toEqual(bytes(0, 10));
    await storage.close();
    await storage.close();
    expect(await codeOf(storage.read(0, target))).toBe("storage-closed");
    expect(await codeOf(storage.write(0, [target]))).toBe("storage-closed");
  });

  it("treats a range outside the torrent as a fault of the caller", async () => {
    await expect(storage.read(SPACE_BYTES - 5, new Uint8Array(6))).rejects.toThrow(/Invariant/);
    await expect(storage.write(-1, [new Uint8Array(1)])).rejects.toThrow(/Invariant/);
  });
});

describe("files on disk", () => {
  it("lie in folder/name/path, or folder/name for a single file, and empty files exist from the start", async () => {
    const folder = await newFolder();
    const storage = createFileStorage(folder, LAYOUT);
    await storage.open();
    expect((await stat(path.join(folder, "album", "empty.txt"))).size).toBe(0);
    await expect(stat(path.join(folder, "album", "a.bin"))).rejects.toThrow();
    await storage.write(0, [bytes(0, SPACE_BYTES)]);
    await storage.close();
    expect((await readdir(path.join(folder, "album"), { recursive: true })).sort()).toEqual([
      "a.bin",
      "disc",
      "disc/b.bin",
      "disc/c.bin",
      "empty.txt",
    ]);
    expect(await readFile(path.join(folder, "album", "disc", "c.bin"))).toEqual(Buffer.from(bytes(160 * KIB, 5)));
    const single: StorageLayout = {
      ...LAYOUT,
      singleFile: true,
      name: "one.bin",
      files: [{ path: ["one.bin"], offsetBytes: 0, lengthBytes: 9 }],
    };
    const other = createFileStorage(folder, single);
    await other.open();
    await other.write(0, [bytes(0, 9)]);
    await other.close();
    expect((await readFile(path.join(folder, "one.bin"))).length).toBe(9);
    expect(filePath(folder, single, single.files[0] as (typeof single.files)[number])).toBe(
      path.join(folder, "one.bin"),
    );
  });

  it("are sparse", async () => {
    const folder = await newFolder();
    const big: StorageLayout = {
      name: "big.bin",
      singleFile: true,
      pieceLengthBytes: 1 << 20,
      pieceCount: 8192,
      files: [{ path: ["big.bin"], offsetBytes: 0, lengthBytes: 8 * 2 ** 30 }],
    };
    const storage = createFileStorage(folder, big);
    await storage.open();
    await storage.write(8 * 2 ** 30 - 4, [bytes(0, 4)]);
    await storage.close();
    const { size, blocks } = await stat(path.join(folder, "big.bin"));
    expect(size).toBe(8 * 2 ** 30);
    expect(blocks * 512).toBeLessThan(1 << 20);
  });

  it("that exist are kept by open, and cut to length by the first write", async () => {
    const folder = await newFolder();
    await mkdir(path.join(folder, "album"), { recursive: true });
    await writeFile(path.join(folder, "album", "a.bin"), Buffer.concat([bytes(0, 40_000), Buffer.from("trailing")]));
    const storage = createFileStorage(folder, LAYOUT);
    await storage.open();
    const target = new Uint8Array(40_000);
    await storage.read(0, target);
    expect(target).toEqual(bytes(0, 40_000));
    expect((await stat(path.join(folder, "album", "a.bin"))).size).toBe(40_008);
    await storage.write(10, [Uint8Array.of(1)]);
    await storage.close();
    expect((await stat(path.join(folder, "album", "a.bin"))).size).toBe(40_000);
  });

  it("never open more handles than the limit", async () => {
    const folder = await newFolder();
    const files = Array.from({ length: 40 }, (_, i) => ({
      path: [`${i}.bin`],
      offsetBytes: i * 16 * KIB,
      lengthBytes: 16 * KIB,
    }));
    const storage = createFileStorage(
      folder,
      { name: "many", singleFile: false, pieceLengthBytes: 16 * KIB, pieceCount: 40, files },
      { handles: createHandlePool(4) },
    );
    await storage.open();
    const openHere = async (): Promise<number> => {
      const { readlink } = await import("node:fs/promises");
      const links = await Promise.all(
        (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
      );
      return links.filter((link) => link.startsWith(path.join(folder, "many") + path.sep)).length;
    };
    let most = 0;
    await Promise.all(
      files.map(async ({ offsetBytes }) => {
        await storage.write(offsetBytes, [bytes(offsetBytes, 16 * KIB)]);
        most = Math.max(most, await openHere());
      }),
    );
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
    await storage.sync();
    const target = new Uint8Array(40 * 16 * KIB);
    await storage.read(0, target);
    expect(Buffer.compare(target, bytes(0, target.length))).toBe(0);
    await storage.close();
    expect(await openHere()).toBe(0);
  });

  it("are never written or read through a link that leads outside", async () => {
    for (const prepare of [
      async (folder: string, outside: string) => symlink(outside, path.join(folder, "album")),
      async (folder: string, outside: string) => {
        await mkdir(path.join(folder, "album"));
        await symlink(outside, path.join(folder, "album", "disc"));
      },
      async (folder: string, outside: string) => {
        await mkdir(path.join(folder, "album", "disc"), { recursive: true });
        await writeFile(path.join(outside, "victim"), "precious");
        await symlink(path.join(outside, "victim"), path.join(folder, "album", "disc", "b.bin"));
      },
    ]) {
      const folder = await newFolder();
      const outside = await newFolder();
      await prepare(folder, outside);
      const before = await readdir(outside);
      const storage = createFileStorage(folder, {
        ...LAYOUT,
        files: LAYOUT.files.filter((file) => file.lengthBytes > 0),
      });
      await storage.open();
      expect(await codeOf(storage.write(64 * KIB, [bytes(0, 10)]))).toBe("storage-denied");
      expect(await codeOf(storage.read(64 * KIB, new Uint8Array(5)))).toBe("storage-denied");
      await storage.close();
      expect(await readdir(outside)).toEqual(before);
      if (before.includes("victim")) expect(await readFile(path.join(outside, "victim"), "utf8")).toBe("precious");
    }
  });

  it("may lie behind a link that stays inside, and below a download folder that is itself a link", async () => {
    const real = await newFolder();
    const parent = await newFolder();
    await symlink(real, path.join(parent, "downloads"));
    await mkdir(path.join(real, "album"));
    await mkdir(path.join(real, "elsewhere"));
    await symlink(path.join(real, "elsewhere"), path.join(real, "album", "disc"));
    const storage = createFileStorage(path.join(parent, "downloads"), LAYOUT);
    await storage.open();
    await storage.write(64 * KIB, [bytes(0, 10)]);
    await storage.close();
    expect((await readFile(path.join(real, "elsewhere", "b.bin"))).length).toBe(10);
  });

  it.each([["..", "x"], ["."], [""], ["a/b"], ["a\0b"]])("refuse the name %j", (...parts) => {
    const files = [{ path: parts, offsetBytes: 0, lengthBytes: 1 }];
    expect(() => createFileStorage("/tmp/nowhere", { ...LAYOUT, files })).toThrow(/Cannot store/);
    expect(() => createFileStorage("/tmp/nowhere", { ...LAYOUT, name: parts[0] as string })).toThrow(/Cannot store/);
  });

  it("give a sentence and a hint when a folder or pipe stands in the way", async () => {
    const folder = await newFolder();
    await mkdir(path.join(folder, "album", "a.bin"), { recursive: true });
    await writeFile(path.join(folder, "album", "disc"), "a file");
    const storage = createFileStorage(folder, LAYOUT);
    await storage.open().catch(() => undefined);
    const error = await storage.write(0, [bytes(0, 1)]).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "storage-denied", hint: expect.stringMatching(/Move/) });
    expect(await codeOf(storage.write(64 * KIB, [bytes(0, 1)]))).toBe("storage-denied");
    await storage.close();
  });

  it("are answered with storage-denied when the system refuses, and storage-full when nothing more fits", async () => {
    // No user, not even root, may make files in sysfs.
    expect(await codeOf(createFileStorage("/sys/everseed", LAYOUT).open())).toBe("storage-denied");
    const folder = await newFolder();
    const script = `
      import { createFileStorage } from ${JSON.stringify(new URL("./node/file-storage.ts", import.meta.url).href)};
      const layout = { name: "x", singleFile: true, pieceLengthBytes: 1 << 20, pieceCount: 1, files: [{ path: ["x"], offsetBytes: 0, lengthBytes: 1 << 20 }] };
      const storage = createFileStorage(${JSON.stringify(folder)}, layout);
      await storage.open();
      await storage.write(0, [new Uint8Array(1 << 20)]).catch((error) => console.log(error.code, error.hint !== undefined));
      await storage.close();`;
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      'trap "" XFSZ; ulimit -f 64; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ]);
    expect(stdout.trim()).toBe("storage-full true");
    const { storageError } = await import("./node/storage-errors.ts");
    const full = storageError("write to /x", Object.assign(new Error("no space"), { code: "ENOSPC" }));
    expect(full).toMatchObject({
      code: "storage-full",
      retryable: true,
      message: "Cannot write to /x: the disk is full",
    });
    expect(storageError("write to /x", Object.assign(new Error("no"), { code: "EACCES" })).code).toBe("storage-denied");
    expect(storageError("write to /x", new Error("odd")).code).toBe("storage-failed");
  });
});
