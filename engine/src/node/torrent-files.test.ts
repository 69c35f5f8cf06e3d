/** A torrent's files in the hands of their owner: real engines on loopback, real files. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concat, EverseedError, seededRandom, systemClock, systemRandom } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AddTorrent, Engine } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { Storage, StorageFactory } from "../storage.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const PIECE = 32_768;
const hasher = createWebHasher();
const base = mkdtempSync(join(tmpdir(), "everseed-files-"));
const random = seededRandom(11);
const FILES = {
  "a.bin": random(900_000),
  "b.bin": random(700_001),
  "c/d.bin": random(500_000),
  "empty.txt": new Uint8Array(),
};
const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];
let metainfo: Metainfo;
const engines: Engine[] = [];
let folders = 0;

beforeAll(async () => {
  mkdirSync(join(base, "seed", "show", "c"), { recursive: true });
  for (const name of NAMES) writeFileSync(join(base, "seed", "show", name), FILES[name]);
  ({ metainfo } = await createTorrent(join(base, "seed", "show"), { kind: "hybrid", pieceLengthBytes: PIECE }, hasher));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});
afterAll(async () => {
  await hasher.close();
  rmSync(base, { recursive: true, force: true });
});

interface Node {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly events: TorrentEvent[];
  readonly folder: string;
}

async function start(options: Partial<AddTorrent> & { folder?: string; uploadLimit?: number } = {}): Promise<Node> {
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(engine);
  await engine.listen(0, "127.0.0.1");
  const folder = options.folder ?? join(base, `get${folders++}`);
  const events: TorrentEvent[] = [];
  const torrent = await engine.add({
    metainfo,
    storage: (m) => createFileStorage(folder, m),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return { engine, torrent, events, folder };
}

const seeder = (options: { uploadLimit?: number } = {}): Promise<Node> =>
  start({ folder: join(base, "seed"), ...options });
const dial = (from: Node, to: Node): void =>
  from.engine.addPeers(from.torrent, [{ host: "127.0.0.1", port: to.engine.port }]);

async function until(condition: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const fileOf = (node: Node, name: string): Uint8Array => new Uint8Array(readFileSync(join(node.folder, "show", name)));
const indexOf = (name: string): number => metainfo.files.findIndex((file) => file.path.join("/") === name);
const only =
  (...names: string[]) =>
  (m: Metainfo): number[] =>
    m.files.map((file) => (names.includes(file.path.join("/")) ? 4 : 0));

describe("the end of a download", () => {
  test("is verified at once and complete when it is durable; a disk that cannot make it so pauses the torrent", async () => {
    const seed = await seeder();
    let fails = true;
    const get = await start({
      storage: (m) => {
        const files = createFileStorage(join(base, "slow-disk"), m);
        return {
          ...files,
          sync: () => (fails ? Promise.reject(new EverseedError("disk-full", "No room on the disk")) : files.sync()),
        };
      },
    });
    dial(get, seed);
    await until(() => get.torrent.state === "paused", "the disk's refusal");
    const said = (): string[] =>
      get.events.map(({ type }) => type).filter((type) => ["verified", "paused", "complete"].includes(type));
    expect(said()).toEqual(["verified", "paused"]);
    fails = false;
    await get.torrent.resume();
    await until(() => get.torrent.state === "seeding", "the data made durable");
    expect(said()).toEqual(["verified", "paused", "verified", "complete"]);
  });

  test("is said when a stream of an unwanted file that nobody has is given up", async () => {
    const part = await start({ priorities: only("a.bin") });
    dial(part, await seeder());
    await until(() => part.torrent.state === "finished", "a peer with one file");
    const get = await start({ priorities: only("a.bin") });
    const abort = new AbortController();
    const reading = get.torrent.files.read(indexOf("c/d.bin"), { signal: abort.signal }).next();
    dial(get, part);
    await until(() => get.torrent.files.progress()[indexOf("a.bin")] === 900_000, "the wanted file");
    abort.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    await until(() => get.torrent.state === "finished", "the end", 3_000);
    expect(get.events.filter(({ type }) => type === "complete")).toHaveLength(1);
  });

  /** What was said of its end, and a disk that makes nothing durable before it is let go. */
  async function slowDisk(options: Partial<AddTorrent> = {}) {
    const disk = { syncs: 0, fails: false, letGo: (): void => undefined };
    const waits = new Promise<void>((resolve) => {
      disk.letGo = resolve;
    });
    const get = await start({
      ...options,
      storage: (m) => ({
        ...createFileStorage(join(base, `slow-disk${folders++}`), m),
        sync: async () => {
          disk.syncs++;
          if (disk.fails) throw new EverseedError("disk-full", "No room on the disk");
          await waits;
        },
      }),
    });
    const said = (): string[] =>
      get.events.map(({ type }) => type).filter((type) => ["verified", "paused", "complete"].includes(type));
    return { get, disk, said };
  }

  test("is said after a pause, or a turn of others in the queue, that came while the disk was at it", async () => {
    for (const rest of ["pause", "hold"] as const) {
      const { get, disk, said } = await slowDisk();
      dial(get, await seeder());
      await until(() => disk.syncs === 1, "the last piece");
      get.torrent[rest]();
      disk.letGo();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(said()).not.toContain("complete");
      await get.torrent.resume();
      await until(() => get.torrent.state === "seeding", "the end");
      expect(said().filter((type) => type === "complete")).toHaveLength(1);
      expect(get.torrent.completedAt).toBeDefined();
    }
  });

  test("is said after a refusal although what is remembered of it was made durable meanwhile", async () => {
    const { get, disk, said } = await slowDisk();
    disk.fails = true;
    dial(get, await seeder());
    await until(() => get.torrent.state === "paused", "the disk's refusal");
    disk.fails = false;
    disk.letGo();
    await get.torrent.resumeData();
    await get.torrent.resume();
    await until(() => get.torrent.state === "seeding", "the end");
    expect(said().at(-1)).toBe("complete");
  });

  test("is said once: what a stream fetched and gave up makes a finished torrent no download again", async () => {
    const { get, disk, said } = await slowDisk({ priorities: only("a.bin") });
    disk.letGo();
    dial(get, await seeder());
    await until(() => get.torrent.state === "finished", "the wanted file");
    // A seed and one that wants nothing of it have parted.
    const slow = await seeder({ uploadLimit: 100_000 });
    const abort = new AbortController();
    const reading = get.torrent.files.read(indexOf("c/d.bin"), { signal: abort.signal });
    dial(get, slow);
    await reading.next();
    await reading.return();
    expect(get.torrent.files.progress()[indexOf("c/d.bin")]).toBeLessThan(500_000);
    get.torrent.files.setPriorities(only("a.bin")(metainfo));
    expect(get.torrent.state).toBe("finished");
    get.torrent.pause();
    await get.torrent.resume();
    expect(get.torrent.state).toBe("finished");
    expect(said().filter((type) => type !== "paused")).toEqual(["verified", "complete"]);
  });
});

describe("choosing files", () => {
  test("fetches the chosen ones alone, says so, parts from the seed, and goes on when more is wanted", async () => {
    const seed = await seeder();
    const get = await start({ priorities: only("b.bin") });
    dial(get, seed);
    await until(() => get.torrent.state === "finished", "the chosen file");
    expect(get.events.filter(({ type }) => type === "complete")).toHaveLength(1);
    expect(fileOf(get, "b.bin")).toEqual(FILES["b.bin"]);
    expect(existsSync(join(get.folder, "show", "a.bin"))).toBe(false);
    expect(get.torrent.files.progress()[indexOf("b.bin")]).toBe(700_001);
    expect(get.torrent.files.progress()[indexOf("a.bin")]).toBe(0);
    await until(() => get.torrent.peerCount === 0, "the two part");
    get.torrent.files.setPriorities(metainfo.files.map(() => 4));
    expect(get.torrent.state).toBe("downloading");
    dial(seed, get);
    await until(() => get.torrent.state === "seeding", "the rest");
    for (const name of NAMES) expect(fileOf(get, name)).toEqual(FILES[name]);
  });

  test("two partial seeds that hold nothing for each other part; one that lacks something is served", async () => {
    const seed = await seeder();
    const holder = await start({ priorities: only("b.bin") });
    dial(holder, seed);
    await until(() => holder.torrent.state === "finished", "the holder's file");
    const other = await start({ priorities: only("b.bin", "c/d.bin") });
    dial(other, holder);
    await until(() => other.torrent.files.progress()[indexOf("b.bin")] === 700_001, "from the partial seed");
    expect(other.torrent.state).toBe("downloading");
    other.torrent.files.setPriorities(only("b.bin")(metainfo));
    await until(() => other.torrent.state === "finished" && other.torrent.peerCount === 0, "they part");
  });

  test("the higher priority comes first", async () => {
    const seed = await seeder();
    const order: Record<string, number> = { "a.bin": 1, "b.bin": 4, "c/d.bin": 7, "empty.txt": 4 };
    const priorities = (m: Metainfo): number[] => m.files.map((file) => order[file.path.join("/")] as number);
    const get = await start({ priorities, downloadLimit: 1_000_000 });
    dial(get, seed);
    await until(() => get.torrent.files.progress()[indexOf("c/d.bin")] === 500_000, "the first file");
    expect(get.torrent.files.progress()[indexOf("a.bin")]).toBe(0);
    await until(() => get.torrent.state === "seeding", "all");
  });

  test("refuses priorities that are none", async () => {
    const get = await start();
    expect(() => get.torrent.files.setPriorities([9, 0, 0, 0])).toThrow(/from 0 to 7, received 9/);
    expect(() => get.torrent.files.setPriorities([1])).toThrow(/expected 4/);
  });
});

describe("reading while it downloads", () => {
  const collect = async (bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    return concat(...parts);
  };

  test("any range of a file, an unwanted one as well, before the rest is there", async () => {
    const seed = await seeder();
    const get = await start({ priorities: only("a.bin"), downloadLimit: 600_000 });
    dial(get, seed);
    const range = { start: 450_000, end: 500_000 };
    const bytes = await collect(get.torrent.files.read(indexOf("c/d.bin"), range));
    expect(bytes).toEqual(FILES["c/d.bin"].slice(range.start, range.end));
    expect(get.torrent.state).toBe("downloading");
    expect(get.torrent.files.progress()[indexOf("a.bin")]).toBeLessThan(900_000);
    await until(() => get.torrent.state === "finished", "the wanted file");
    expect(get.torrent.files.progress()[indexOf("c/d.bin")]).toBeLessThan(500_000);
  });

  test("ends when the torrent is paused or the reader gives up; refuses a range beyond the file", async () => {
    const get = await start();
    const reading = get.torrent.files.read(0).next();
    get.torrent.pause();
    await expect(reading).rejects.toMatchObject({ code: "stream-ended" });
    const abort = new AbortController();
    const given = get.torrent.files.read(0, { signal: abort.signal }).next();
    abort.abort(new Error("enough"));
    await expect(given).rejects.toThrow();
    await expect(get.torrent.files.read(0, { end: 1e9 }).next()).rejects.toMatchObject({ code: "range-invalid" });
    expect(() => get.torrent.files.read(99)).toThrow(/99/);
  });
});

describe("files on disk", () => {
  const downloaded = async (): Promise<Node> => {
    const [seed, get] = [await seeder(), await start()];
    dial(get, seed);
    await until(() => get.torrent.state === "seeding", "the download");
    return get;
  };

  test("move, rename and serve on, without a second check", async () => {
    const get = await downloaded();
    const target = join(base, "moved");
    await get.torrent.files.moveTo(target);
    expect(existsSync(get.folder) && readdirSync(get.folder)).toEqual([]);
    await get.torrent.files.rename(indexOf("a.bin"), ["show", "new", "name.bin"]);
    expect(new Uint8Array(readFileSync(join(target, "show", "new", "name.bin")))).toEqual(FILES["a.bin"]);
    const other = await start();
    dial(other, get);
    await until(() => other.torrent.state === "seeding", "from the moved files");
    const resume = (await get.torrent.resumeData()) as Uint8Array;
    await get.engine.stop();
    const again = await start({
      storage: (m) => createFileStorage(target, m, { renamed: get.torrent.files.renamed }),
      resume,
    });
    expect(again.torrent.state).toBe("seeding");
    expect(again.torrent.files.renamed.get(indexOf("a.bin"))).toEqual(["show", "new", "name.bin"]);
  });

  test("nothing is overwritten, nothing leaves the folder, a refused move changes nothing", async () => {
    const get = await downloaded();
    const { files } = get.torrent;
    await expect(files.rename(indexOf("a.bin"), ["show", "b.bin"])).rejects.toMatchObject({ code: "storage-exists" });
    await expect(files.rename(indexOf("a.bin"), ["..", "x"])).rejects.toMatchObject({ code: "storage-denied" });
    const taken = join(base, "taken");
    mkdirSync(join(taken, "show"), { recursive: true });
    writeFileSync(join(taken, "show", "b.bin"), "mine");
    await expect(files.moveTo(taken)).rejects.toMatchObject({ code: "storage-exists" });
    expect(readFileSync(join(taken, "show", "b.bin"), "utf8")).toBe("mine");
    for (const name of NAMES) expect(fileOf(get, name)).toEqual(FILES[name]);
    const outside = join(base, "outside");
    mkdirSync(outside);
    symlinkSync(outside, join(get.folder, "link"));
    await expect(files.rename(indexOf("a.bin"), ["link", "a.bin"])).rejects.toMatchObject({ code: "storage-denied" });
    expect(readdirSync(outside)).toEqual([]);
    expect(fileOf(get, "a.bin")).toEqual(FILES["a.bin"]);
  });

  test("removed with its data, or without", async () => {
    const get = await downloaded();
    writeFileSync(join(get.folder, "show", "mine.txt"), "not the torrent's");
    await get.engine.remove(get.torrent, { deleteData: true });
    expect(readdirSync(join(get.folder, "show"))).toEqual(["mine.txt"]);
    const other = await downloaded();
    await other.engine.remove(other.torrent);
    expect(fileOf(other, "a.bin")).toEqual(FILES["a.bin"]);
  });

  test("a re-check finds what was changed behind its back and fetches it again", async () => {
    const get = await downloaded();
    const damaged = FILES["a.bin"].slice();
    damaged.fill(0, 100_000, 100_010);
    writeFileSync(join(get.folder, "show", "a.bin"), damaged);
    await get.torrent.recheck();
    expect(get.torrent.state).toBe("downloading");
    expect(metainfo.pieceCount - (get.torrent.have?.count ?? 0)).toBe(1);
    dial(get, await seeder());
    await until(() => get.torrent.state === "seeding", "the piece");
    expect(fileOf(get, "a.bin")).toEqual(FILES["a.bin"]);
  });

  test("a fast resume reads nothing of untouched files, and all of one that was touched", async () => {
    const get = await downloaded();
    const resume = (await get.torrent.resumeData()) as Uint8Array;
    await get.engine.stop();
    let reads = 0;
    const counting: StorageFactory = (m) => {
      const storage = createFileStorage(get.folder, m);
      const read: Storage["read"] = (at, target) => {
        reads++;
        return storage.read(at, target);
      };
      return { ...storage, read };
    };
    const same = await start({ storage: counting, resume });
    expect([reads, same.torrent.state]).toEqual([0, "seeding"]);
    expect(same.torrent.stats().downloadedBytes).toBeGreaterThanOrEqual(metainfo.totalBytes);
    await same.engine.stop();
    const damaged = FILES["b.bin"].slice();
    damaged[5] = 1 ^ (damaged[5] as number);
    writeFileSync(join(get.folder, "show", "b.bin"), damaged);
    const touched = await start({ storage: counting, resume });
    expect(reads).toBe(Math.ceil(700_001 / PIECE));
    expect(metainfo.pieceCount - (touched.torrent.have?.count ?? 0)).toBe(1);
    const foreign = await start({ folder: join(base, "elsewhere"), resume: new Uint8Array([100, 101]) });
    expect(foreign.torrent.have?.count).toBe(0);
  });
});

describe("a disk that refuses", () => {
  test("pauses the torrent and says why; it goes on where it was when there is room", async () => {
    let full = true;
    const storage: StorageFactory = (m) => {
      const inner = createMemoryStorage(m);
      let written = 0;
      return {
        ...inner,
        write: async (at, parts) => {
          if (full && ++written > 10) throw new EverseedError("storage-full", "Cannot write: the disk is full");
          return inner.write(at, parts);
        },
      };
    };
    const [seed, get] = [await seeder(), await start({ storage })];
    dial(get, seed);
    await until(() => get.torrent.state === "paused", "the pause");
    const told = get.events.find((event) => event.type === "paused");
    expect(told?.type === "paused" && told.error?.code).toBe("storage-full");
    expect(get.torrent.stats().error?.code).toBe("storage-full");
    expect(get.torrent.peerCount).toBe(0);
    const before = get.torrent.have?.count as number;
    expect(before).toBeGreaterThan(0);
    full = false;
    await get.torrent.resume();
    // Peers may have come back by now, and brought more.
    expect(get.torrent.have?.count).toBeGreaterThanOrEqual(before);
    await until(() => get.torrent.state === "seeding", "the rest", 30_000);
  });
});

test("peers tell each other of third ones, but of private torrents nothing (BEP 11, 27)", async () => {
  const swarm = async (m: Metainfo): Promise<Node[]> => {
    const options = { metainfo: m, downloadLimit: 500_000 };
    const [seed, a, b] = [
      await start({ ...options, folder: join(base, "seed") }),
      await start(options),
      await start(options),
    ];
    dial(a, seed);
    await until(() => a.torrent.peerCount === 1, "the first");
    dial(b, seed);
    await until(() => [a, b].every(({ torrent }) => torrent.state === "seeding"), "both");
    return [a, b];
  };
  const told = (nodes: readonly Node[]): number =>
    nodes.filter((n) => n.events.some((e) => e.type === "peers-found")).length;
  const [open, closed] = await Promise.all([swarm(metainfo), swarm({ ...metainfo, private: true })]);
  expect(told(open)).toBeGreaterThan(0);
  expect(told(closed)).toBe(0);
});

test("of several torrents as many run as may; the next begins when one is done, and a forced one at once", async () => {
  const engine = new Engine({
    clock: systemClock,
    random: systemRandom,
    hasher,
    transports: [createTcpTransport()],
    queue: { downloads: 1, seeds: 10, total: 10 },
  });
  engines.push(engine);
  await engine.listen(0, "127.0.0.1");
  const others = await Promise.all(
    [1, 2].map((n) => createTorrent(join(base, "seed", "show", "a.bin"), { kind: "v1", name: `copy${n}` }, hasher)),
  );
  const add = (m: Metainfo): Promise<Torrent> => engine.add({ metainfo: m, storage: createMemoryStorage });
  const [first, second, third] = [
    await add(metainfo),
    await add(others[0]?.metainfo as Metainfo),
    await add(others[1]?.metainfo as Metainfo),
  ];
  const states = (): string[] => [first, second, third].map(({ state }) => state);
  expect(states()).toEqual(["downloading", "queued", "queued"]);
  engine.queue.move(third, 0);
  expect(states()).toEqual(["queued", "queued", "checking"]);
  engine.queue.force(second, true);
  await until(() => states().join() === "queued,downloading,downloading", "the forced one");
  third.pause();
  engine.queue.setLimits({ downloads: 1, seeds: 1, total: 1 });
  await until(() => states().join() === "downloading,downloading,paused", "the first again");
  await engine.remove(first);
  expect(engine.queue.position(second)).toBe(1);
});
