/** `everseed publish` and `everseed get --follow`, as users run them, over a DHT on loopback. */
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom, systemClock, systemRandom, toHex } from "@everseed/core";
import { Dht } from "@everseed/engine";
import { openDatagramPort } from "@everseed/engine/node";
import { parseMagnet, parseTorrent } from "@everseed/metainfo";
import { EverseedNode } from "@everseed/node";
import { afterAll, describe, expect, test } from "vitest";
import { createCliRig } from "./cli-rig.ts";

const rig = await createCliRig();
/** Another machine: a home of its own. */
const elsewhere = await createCliRig();
const ending: (() => Promise<unknown>)[] = [() => rig.end(), () => elsewhere.end()];
process.env.EVERSEED_HOME = rig.home;

afterAll(async () => {
  for (const end of ending.reverse()) await end();
});

/** A DHT of its own: nodes of commands that have ended would be waited for. */
async function openHub(): Promise<{ dht: Dht; port: number; loopback: readonly string[] }> {
  for (const { home } of [rig, elsewhere]) await rm(join(home, "dht.json"), { force: true });
  const udp = await openDatagramPort(0, "127.0.0.1");
  const dht = new Dht({ port: udp, clock: systemClock, random: systemRandom, bootstrap: [], local: true });
  await dht.start();
  ending.push(async () => {
    dht.stop();
    await udp.close();
  });
  return { dht, port: udp.port, loopback: ["--host", "127.0.0.1", "--dht-node", `127.0.0.1:${udp.port}`] };
}

/** A folder `site` of these files below `version`, and its torrent. */
async function makeVersion(
  version: string,
  kind: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  await mkdir(join(rig.work, version, "site"), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(rig.work, version, "site", name), bytes);
  const made = await rig.everseed("create", join(version, "site"), kind, "--out", `${version}.torrent`);
  expect(made.code, made.err).toBe(0);
  return `${version}.torrent`;
}

const said = (out: string): Record<string, unknown> => JSON.parse(out.trim().split("\n").at(-1) as string);

test("a follower ends up with what is published next, byte for byte, keeps what it lacks, and says so", async () => {
  const { port, loopback } = await openHub();
  const [same, long, other] = [seededRandom(1)(200_000), seededRandom(2)(90_000), seededRandom(3)(50_000)];
  const first = { "same.bin": same, "cut.bin": long, "changed.bin": other, "gone.txt": other.subarray(0, 100) };
  const second = { "same.bin": same, "cut.bin": long.slice(0, 40_000), "changed.bin": same.slice(0, 50_000) };
  const third = { ...second, "new.bin": seededRandom(4)(30_000) };
  const versions = [
    { name: await makeVersion("one", "--v1", first), files: first },
    { name: await makeVersion("two", "--v2", second), files: second },
    { name: await makeVersion("three", "--hybrid", third), files: third },
  ];
  const seeder = await EverseedNode.start({
    port: 0,
    host: "127.0.0.1",
    dht: { local: true, bootstrap: [{ host: "127.0.0.1", port }] },
  });
  ending.push(() => seeder.stop());
  for (const { name } of versions) {
    const metainfo = parseTorrent(new Uint8Array(await readFile(join(rig.work, name))));
    await seeder.add({ metainfo, dir: join(rig.work, name.replace(".torrent", "")), remember: false });
  }

  const publish = async (name: string): Promise<Record<string, unknown>> => {
    const args = ["--key", "news.key", "--salt", "weekly", "--once", "--json", ...loopback];
    const done = await rig.everseed("publish", name, ...args);
    expect(done.code, done.err).toBe(0);
    return said(done.out);
  };
  const published = await publish("one.torrent");
  const magnet = published.magnet as string;
  expect(published).toMatchObject({ type: "published", seq: 1 });
  expect(published.nodes).toBeGreaterThan(0);
  const { mutable, infoHashes } = parseMagnet(magnet);
  expect([toHex(mutable?.publicKey ?? new Uint8Array()), infoHashes]).toEqual([published.publicKey, []]);

  const out = join(rig.work, "out");
  const follower = rig.start("get", magnet, "--free", "--out", out, "--follow", "--follow-every", "1", ...loopback);
  for (const [i, { name, files }] of versions.entries()) {
    const seq = i + 1;
    if (i > 0) {
      expect(await publish(name)).toMatchObject({ seq, magnet });
      expect(await follower.until((line) => line.type === "changed" && line.seq === seq)).toBeDefined();
    }
    const done = await follower.until((line) => line.type === "complete" && line.seq === seq);
    // What was there and verified was not fetched again: version 2 checks each file by itself.
    const { downloadedBytes } = done.torrent as { downloadedBytes: number };
    expect(downloadedBytes).toBe([340_100, 50_000, 30_000][i]);
    for (const [file, bytes] of Object.entries(files))
      expect(toHex(new Uint8Array(await readFile(join(out, "site", file))))).toBe(toHex(bytes));
  }
  expect((await readdir(join(out, "site"))).sort()).toEqual(
    ["changed.bin", "cut.bin", "gone.txt", "new.bin", "same.bin"].sort(),
  );
  // The same again is the same number; whoever begins now gets the newest.
  expect(await publish("three.torrent")).toMatchObject({ seq: 3 });
  const late = await rig.everseed("get", magnet, "--free", "--out", "late", "--json", "--timeout", "40", ...loopback);
  expect([late.code, said(late.out)]).toMatchObject([0, { type: "complete", seq: 3 }]);

  // A DHT that has forgotten it is told by a follower that begins again.
  const { dht, loopback: forgetful } = await openHub();
  const again = rig.start("get", magnet, "--free", "--out", out, "--follow", "--follow-every", "1", ...forgetful);
  expect(await again.until("kept")).toMatchObject({ seq: 3 });
  expect((await dht.getMutable(mutable?.publicKey as Uint8Array, mutable?.salt))?.mutable.seq).toBe(3);
}, 150_000);

describe("publishing", () => {
  test("the key is made for its owner alone and never printed; a wrong one is refused by name", async () => {
    const { loopback } = await openHub();
    await makeVersion("small", "--v1", { "a.txt": seededRandom(5)(1_000) });
    const publish = (...args: string[]) => rig.everseed("publish", "small.torrent", "--once", ...loopback, ...args);
    const made = await publish("--key", "keys/own.key");
    expect(made.code, made.err).toBe(0);
    const secret = (await readFile(join(rig.work, "keys/own.key"), "utf8")).trim();
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(join(rig.work, "keys/own.key"))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(rig.work, "keys"))).toEqual(["own.key"]);
    expect(made.out + made.err).not.toContain(secret);
    expect(made.out).toMatch(/magnet:\?xs=urn:btpk:[0-9a-f]{64}\n.* number 1 .* took it/);

    await writeFile(join(rig.work, "half.key"), secret.slice(0, 40), { mode: 0o600 });
    await writeFile(join(rig.work, "open.key"), secret, { mode: 0o644 });
    for (const [file, code] of [
      ["half.key", "key-damaged"],
      ["open.key", "key-exposed"],
      ["keys", "key-unreadable"],
      ["small.torrent/own.key", "key-unreadable"],
    ] as const) {
      const refused = await publish("--key", file);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(`[${code}]`)]);
      expect(refused.err).not.toContain(secret.slice(0, 16));
    }
    expect(await readFile(join(rig.work, "half.key"), "utf8")).toBe(secret.slice(0, 40));
  }, 60_000);

  test("two machines with one key: the second is told and may take over; the first is then told in turn", async () => {
    const { loopback } = await openHub();
    await makeVersion("mine", "--v1", { "a.txt": seededRandom(6)(1_000) });
    await makeVersion("theirs", "--v1", { "a.txt": seededRandom(7)(1_000) });
    await copyFile(join(rig.work, "theirs.torrent"), join(elsewhere.work, "theirs.torrent"));
    const args = ["--key", "shared.key", ...loopback];
    const running = rig.start("publish", "mine.torrent", ...args);
    expect(await running.until("published")).toMatchObject({ seq: 1 });
    await copyFile(join(rig.work, "shared.key"), join(elsewhere.work, "shared.key"));
    const refused = await elsewhere.everseed("publish", "theirs.torrent", "--once", ...args);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("[publish-conflict]")]);
    const over = await elsewhere.everseed("publish", "theirs.torrent", "--once", "--replace", "--json", ...args);
    expect([over.code, said(over.out)]).toMatchObject([0, { seq: 2 }]);
    const again = await rig.everseed("publish", "mine.torrent", "--once", ...args);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("item number 2, ours is number 1")]);
  }, 120_000);

  test("what cannot be published or followed is refused by name", async () => {
    const { loopback } = await openHub();
    await makeVersion("secret", "--private", { "a.txt": seededRandom(8)(1_000) });
    const key = ["--key", "never.key", "--once"];
    const link = `magnet:?xs=urn:btpk:${"ab".repeat(32)}`;
    for (const [args, exit, code] of [
      [["publish", "secret.torrent", ...key, ...loopback], 1, "publish-private"],
      [["publish", link, ...key, ...loopback], 1, "publish-unnamed"],
      [["publish", "secret.torrent", "--host", "127.0.0.1"], 2, undefined],
      [["get", "secret.torrent", "--out", "o", "--follow"], 1, "not-mutable"],
    ] as const) {
      const refused = await rig.everseed(...args);
      expect(refused.code).toBe(exit);
      if (code !== undefined) expect(refused.err).toContain(`[${code}]`);
    }
    await expect(stat(join(rig.work, "never.key"))).rejects.toThrow();
    await makeVersion("plain", "--v1", { "a.txt": seededRandom(9)(1_000) });
    const deaf = await rig.everseed("publish", "plain.torrent", "--key", "own.key", "--host", "127.0.0.1");
    expect([deaf.code, deaf.err]).toEqual([1, expect.stringContaining("[dht-off]")]);
  }, 60_000);

  test("nobody takes it: said by name, with what to do", async () => {
    const udp = await openDatagramPort(0, "127.0.0.1");
    await makeVersion("unheard", "--v1", { "a.txt": seededRandom(9)(1_000) });
    await copyFile(join(rig.work, "unheard.torrent"), join(elsewhere.work, "unheard.torrent"));
    await openHub();
    const nobody = ["--host", "127.0.0.1", "--dht-node", `127.0.0.1:${udp.port}`];
    const done = await elsewhere.everseed("publish", "unheard.torrent", "--key", "unheard.key", ...nobody);
    await udp.close();
    expect([done.code, done.err]).toEqual([1, expect.stringContaining("[publish-unstored]")]);
    expect(done.err).toContain("--dht-node");
  }, 60_000);
});
