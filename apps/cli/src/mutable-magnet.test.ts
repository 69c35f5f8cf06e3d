/** Magnet links that name a key (BEP 46), resolved by `everseed get` over a DHT on loopback. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom, systemClock, systemRandom, toHex, utf8 } from "@everseed/core";
import { Dht, mutableItem } from "@everseed/engine";
import { createTorrent, createWorkerHasher, openDatagramPort } from "@everseed/engine/node";
import { formatMagnet } from "@everseed/metainfo";
import { EverseedNode } from "@everseed/node";
import { afterAll, expect, test } from "vitest";
import { createCliRig } from "./cli-rig.ts";

const SECRET = seededRandom(46)(32);
const SALT = utf8("weekly");
const data = seededRandom(47)(300_000);
const { work, home, everseed, end: endCommands } = await createCliRig();
const ending: (() => Promise<unknown>)[] = [endCommands];
process.env.EVERSEED_HOME = home;

afterAll(async () => {
  for (const end of ending.reverse()) await end();
});

async function dhtNode(bootstrap: readonly number[]): Promise<{ dht: Dht; port: number }> {
  const udp = await openDatagramPort(0, "127.0.0.1");
  const dht = new Dht({
    port: udp,
    clock: systemClock,
    random: systemRandom,
    bootstrap: bootstrap.map((port) => ({ host: "127.0.0.1", port })),
    local: true,
  });
  await dht.start();
  ending.push(async () => {
    dht.stop();
    await udp.close();
  });
  return { dht, port: udp.port };
}

test("the newest torrent of a key is found and fetched; a key that names nothing is said to", async () => {
  const hub = await dhtNode([]);
  const publisher = await dhtNode([hub.port]);
  await writeFile(join(work, "news.bin"), data);
  const hasher = createWorkerHasher({ threads: 1 });
  const { metainfo } = await createTorrent(join(work, "news.bin"), { kind: "v1" }, hasher);
  await hasher.close();
  const dhtInit = { local: true, bootstrap: [{ host: "127.0.0.1", port: hub.port }] };
  const seeder = await EverseedNode.start({ port: 0, host: "127.0.0.1", dht: dhtInit });
  ending.push(() => seeder.stop());
  await seeder.add({ metainfo, dir: work });

  const put = (seq: number, ih: Uint8Array) =>
    publisher.dht.put(mutableItem({ value: new Map([["ih", ih]]), seq, secretKey: SECRET, salt: SALT }));
  expect(await put(1, seededRandom(1)(20))).toBeGreaterThan(0);
  expect(await put(2, metainfo.infoHashV1?.bytes as Uint8Array)).toBeGreaterThan(0);
  const { mutable } = mutableItem({ value: "", seq: 0, secretKey: SECRET });
  const publicKey = mutable?.publicKey as Uint8Array;
  const link = (salt: Uint8Array): string =>
    formatMagnet({ infoHashes: [], mutable: { publicKey, salt }, trackers: [], webSeeds: [], peers: [] });

  const where = ["--host", "127.0.0.1", "--free", "--out", join(work, "out")];
  const got = await everseed("get", link(SALT), ...where, "--dht-node", `127.0.0.1:${hub.port}`, "--timeout", "40");
  expect(got.code, got.err).toBe(0);
  expect(toHex(new Uint8Array(await readFile(join(work, "out", "news.bin"))))).toBe(toHex(data));

  const deaf = await everseed("get", link(SALT), ...where);
  expect([deaf.code, deaf.err]).toEqual([1, expect.stringContaining("[dht-off]")]);
  const unknown = await everseed(
    "get",
    link(utf8("daily")),
    ...where,
    "--dht-node",
    `127.0.0.1:${hub.port}`,
    "--timeout",
    "3",
  );
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("[mutable-torrent]")]);
}, 90_000);
