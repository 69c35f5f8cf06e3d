/** The commands as a user runs them: real processes, their exit codes, and what they say on which stream. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { seededRandom, sha256, toHex, utf8 } from "@everseed/core";
import { dict, encodeBencode, parseTorrent } from "@everseed/metainfo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCliRig, type Ended } from "./cli-rig.ts";

const SIZE = 1_500_000;
const content = seededRandom(5)(SIZE);
const { work, everseed, start, end } = await createCliRig();

beforeAll(() => writeFile(join(work, "film.bin"), content));
afterAll(end);

/** One clear line with a code in brackets at its end, no stack. */
function complaint({ code, err, out }: Ended, exit: number): string {
  expect(code).toBe(exit);
  expect(out).toBe("");
  const lines = err.trim().split("\n");
  const last = lines.at(-1) as string;
  expect(last).toMatch(/[.!?] \[[a-zA-Z-]+\]$/);
  expect(err).not.toMatch(/\n\s+at /);
  return last;
}

describe("create and verify", () => {
  test("a hybrid by default; --v1 and --v2 make the others; what is made verifies", async () => {
    for (const [flags, v1, v2] of [
      [[], true, true],
      [["--v1"], true, false],
      [["--v2"], false, true],
    ] as const) {
      const made = await everseed("create", "film.bin", "--out", "film.torrent", ...flags, "--json");
      expect(made.code).toBe(0);
      const said = JSON.parse(made.out) as Record<string, unknown>;
      const metainfo = parseTorrent(new Uint8Array(await readFile(join(work, "film.torrent"))));
      expect([metainfo.infoHashV1 !== undefined, metainfo.infoHashV2 !== undefined]).toEqual([v1, v2]);
      expect(said.bytes).toBe(SIZE);
      const verified = await everseed("verify", "film.torrent", "--data", ".", "--json");
      expect(verified.code).toBe(0);
      expect(JSON.parse(verified.out)).toMatchObject({ complete: true, goodBytes: SIZE });
    }
  }, 30_000);

  test("damage is found, counted and told by the exit code; nothing is made where nothing is", async () => {
    await everseed("create", "film.bin", "--out", "film.torrent");
    await mkdir(join(work, "damaged"), { recursive: true });
    const bad = content.slice();
    bad[1_000_000] = (bad[1_000_000] as number) ^ 1;
    await writeFile(join(work, "damaged", "film.bin"), bad);
    const damaged = await everseed("verify", "film.torrent", "--data", "damaged", "--json");
    expect(damaged.code).toBe(1);
    const said = JSON.parse(damaged.out) as { complete: boolean; pieces: number; goodPieces: number };
    expect(said).toMatchObject({ complete: false, goodPieces: said.pieces - 1 });
    const nowhere = await everseed("verify", "film.torrent", "--data", "nowhere");
    expect(complaint(nowhere, 1)).toContain("nowhere");
    expect((await everseed("verify", "film.torrent", "--data", "home-of-nobody", "--json")).code).toBe(1);
  }, 20_000);
});

test("what a command says reaches a reader that takes its time, through a pipe that is full", async () => {
  await everseed("create", "film.bin", "--out", "slow.torrent");
  const bin = fileURLToPath(new URL("../bin/everseed.mjs", import.meta.url));
  // The command's words come behind as much as a pipe holds.
  const line = `(head -c 65536 /dev/zero; "${process.execPath}" "${bin}" verify slow.torrent --data . --json 2>/dev/null) | (sleep 2; tr -d '\\0')`;
  const { stdout } = await promisify(execFile)("bash", ["-c", line], { cwd: work });
  expect(JSON.parse(stdout)).toMatchObject({ complete: true, goodBytes: SIZE });
}, 20_000);

describe("wrong use", () => {
  test("is one sentence with its remedy and a code, and exit code 1 or 2", async () => {
    expect(complaint(await everseed("create", "missing.bin"), 1)).toContain("missing.bin");
    expect(complaint(await everseed("create", "film.bin", "--piece-length", "5"), 1)).toContain("power of two");
    expect(complaint(await everseed("get", "missing.torrent", "--out", "o"), 1)).toContain("missing.torrent");
    expect(complaint(await everseed("create", "film.bin", "--v1", "--v2"), 2)).toContain("--v1 and --v2");
    expect(complaint(await everseed("wallet", "show", "--wallet", "no-wallet"), 1)).toContain("wallet new");
    for (const args of [["frobnicate"], ["get"], ["create", "film.bin", "--frobnicate"]]) {
      const { code, out, err } = await everseed(...args);
      expect([code, out]).toEqual([2, ""]);
      expect(err).not.toMatch(/\n\s+at /);
    }
    const json = await everseed("create", "missing.bin", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: "file-unreadable" } });
  }, 40_000);

  test("every command explains itself", async () => {
    for (const name of ["create", "seed", "get", "publish", "verify", "tracker", "devnet", "wallet"]) {
      const { code, out } = await everseed(name, "--help");
      expect(code).toBe(0);
      expect(out).toContain(`everseed ${name}`);
    }
  }, 30_000);

  test("a torrent that names a path outside its folder is refused, and nothing is written", async () => {
    const info = dict({
      name: "..",
      "piece length": 16_384,
      pieces: utf8("x".repeat(20)),
      files: [dict({ length: 5, path: [utf8(".."), utf8("escaped")] })],
    });
    await writeFile(join(work, "evil.torrent"), encodeBencode(dict({ info })));
    const said = complaint(await everseed("get", "evil.torrent", "--out", "inside", "--free"), 1);
    expect(said).toMatch(/name|path/);
    await expect(readFile(join(work, "escaped"))).rejects.toThrow();
  });
});

describe("a swarm of commands", () => {
  test("tracker, seed and get: the file arrives for free, and again by magnet", async () => {
    const { http } = await start("tracker", "--port", "0", "--host", "127.0.0.1", "--interval", "5").until("listening");
    const made = await everseed(
      "create",
      "film.bin",
      "--out",
      "shared.torrent",
      "--announce",
      http as string,
      "--json",
    );
    const { magnet } = JSON.parse(made.out) as { magnet: string };
    const seeder = await start("seed", "shared.torrent", "--data", ".", "--host", "127.0.0.1").until("listening");
    expect(seeder.port).toBeGreaterThan(0);
    for (const [i, source] of ["shared.torrent", magnet].entries()) {
      const got = await everseed(
        "get",
        source,
        "--out",
        `out-${i}`,
        "--host",
        "127.0.0.1",
        "--free",
        "--timeout",
        "20",
        "--json",
      );
      expect(got.code, got.err).toBe(0);
      const last = JSON.parse(got.out.trim().split("\n").at(-1) as string) as Record<string, unknown>;
      expect(last.type).toBe("complete");
      const arrived = new Uint8Array(await readFile(join(work, `out-${i}`, "film.bin")));
      expect(toHex(sha256(arrived))).toBe(toHex(sha256(content)));
    }
  }, 60_000);

  test("get --file fetches what matches alone, a magnet's choice as well, and the next run reads nothing again", async () => {
    await mkdir(join(work, "album", "extras"), { recursive: true });
    const [one, two] = [content.slice(0, 400_000), content.slice(400_000, 900_000)];
    await writeFile(join(work, "album", "one.flac"), one);
    await writeFile(join(work, "album", "extras", "two.txt"), two);
    const made = await everseed("create", "album", "--out", "album.torrent", "--json");
    const { magnet } = JSON.parse(made.out) as { magnet: string };
    const seeder = await start("seed", "album.torrent", "--data", ".", "--host", "127.0.0.1").until("listening");
    const peer = ["--peer", `127.0.0.1:${seeder.port}`, "--host", "127.0.0.1", "--free", "--timeout", "20", "--json"];
    const chosen = await everseed("get", "album.torrent", "--out", "some", "--file", "*.flac", ...peer);
    expect(chosen.code, chosen.err).toBe(0);
    expect(new Uint8Array(await readFile(join(work, "some", "album", "one.flac")))).toEqual(one);
    await expect(readFile(join(work, "some", "album", "extras", "two.txt"))).rejects.toThrow();
    const linked = await everseed("get", `${magnet}&so=0`, "--out", "linked", ...peer);
    expect(linked.code, linked.err).toBe(0);
    expect(await readdir(join(work, "linked", "album"))).toHaveLength(1);
    // In a hybrid the padding behind the first file has a number of its own, as with libtorrent.
    const second = await everseed("get", `${magnet}&so=2`, "--out", "second", ...peer);
    expect(second.code, second.err).toBe(0);
    expect(await readdir(join(work, "second", "album"), { recursive: true })).toEqual(["one.flac"]);
    const none = await everseed("get", "album.torrent", "--out", "none", "--file", "*.mkv", ...peer.slice(0, -1));
    expect(complaint(none, 1)).toContain("none of 2 matches");
    const again = await everseed("get", "album.torrent", "--out", "some", ...peer);
    expect(again.code, again.err).toBe(0);
    expect(new Uint8Array(await readFile(join(work, "some", "album", "extras", "two.txt")))).toEqual(two);
  }, 60_000);

  test("a magnet link without trackers is found through the DHT, encrypted when both insist", async () => {
    const made = await everseed("create", "film.bin", "--out", "dht.torrent", "--json");
    const { magnet } = JSON.parse(made.out) as { magnet: string };
    const on = (port: unknown) => ["--host", "127.0.0.1", "--dht-node", `127.0.0.1:${port}`, "--encryption", "require"];
    const hub = await start("seed", "dht.torrent", "--data", ".", ...on(9)).until("listening");
    const got = await everseed(
      "get",
      magnet,
      "--out",
      "by-dht",
      ...on(hub.port),
      "--free",
      "--timeout",
      "30",
      "--json",
    );
    expect(got.code, got.err).toBe(0);
    const last = JSON.parse(got.out.trim().split("\n").at(-1) as string) as {
      torrent: { peers: { encryption: string }[] };
    };
    expect(last.torrent.peers.every(({ encryption }) => encryption === "rc4")).toBe(true);
    expect(toHex(sha256(new Uint8Array(await readFile(join(work, "by-dht", "film.bin")))))).toBe(
      toHex(sha256(content)),
    );
  }, 60_000);

  test("a torrent whose tracker speaks WebSocket is fetched over WebRTC, and the command ends", async () => {
    const tracker = await start("tracker", "--port", "0", "--host", "127.0.0.1").until("listening");
    const url = `ws://127.0.0.1:${tracker.port}/announce`;
    await everseed("create", "film.bin", "--out", "web.torrent", "--announce", url, "--json");
    const alone = ["--host", "127.0.0.1", "--no-dht"];
    await start("seed", "web.torrent", "--data", ".", ...alone, "--stun", "127.0.0.1:9").until("listening");
    const got = await everseed("get", "web.torrent", "--out", "by-web", ...alone, "--free", "--timeout", "40");
    expect(got.code, got.err).toBe(0);
    expect(toHex(sha256(new Uint8Array(await readFile(join(work, "by-web", "film.bin")))))).toBe(
      toHex(sha256(content)),
    );
    const without = await everseed("get", "web.torrent", "--out", "no", ...alone, "--no-web-rtc", "--timeout", "1");
    expect(complaint(without, 1)).toContain("[timeout]");
  }, 90_000);

  test("a torrent with a web seed needs no peer", async () => {
    const server = createServer((request, response) => {
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
      response.writeHead(206, { "content-range": `bytes ${from}-${to}/${content.length}` });
      response.end(content.subarray(Number(from), Number(to) + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await everseed("create", "film.bin", "--out", "web.torrent", "--web-seed", url);
    const got = await everseed(
      "get",
      "web.torrent",
      "--out",
      "web",
      "--host",
      "127.0.0.1",
      "--free",
      "--timeout",
      "20",
    );
    server.close();
    expect(got.code, got.err).toBe(0);
    expect(toHex(sha256(new Uint8Array(await readFile(join(work, "web", "film.bin")))))).toBe(toHex(sha256(content)));
  }, 40_000);

  test("get that finds nobody ends in time and says so", async () => {
    await everseed("create", "film.bin", "--out", "lonely.torrent");
    const ended = await everseed(
      ...["get", "lonely.torrent", "--out", "lonely", "--host", "127.0.0.1", "--timeout", "1", "--free"],
    );
    expect(complaint(ended, 1)).toContain("within 1 s");
  });
});
