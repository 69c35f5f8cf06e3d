/** Engines that meet over uTP alone, on real sockets of loopback, IPv4 and IPv6, in the open and encrypted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock, systemRandom } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DatagramPort } from "../datagrams.ts";
import { Engine, type EngineInit } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import { createUtpTransport } from "../utp/utp-transport.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { openDatagramPort } from "./datagram-port.ts";
import { createFileStorage } from "./file-storage.ts";

const folder = mkdtempSync(join(tmpdir(), "everseed-utp-"));
const hasher = createWebHasher();
const content = seededRandom(4)(5_000_000);
const engines: Engine[] = [];
const ports: DatagramPort[] = [];
let metainfo: Metainfo;

beforeAll(async () => {
  writeFileSync(join(folder, "film.bin"), content);
  ({ metainfo } = await createTorrent(join(folder, "film.bin"), { kind: "v2", pieceLengthBytes: 65_536 }, hasher));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  await Promise.all(ports.splice(0).map((port) => port.close()));
});
afterAll(async () => {
  await hasher.close();
  rmSync(folder, { recursive: true, force: true });
});

async function engine(host: string, encryption: EngineInit["encryption"]): Promise<Engine> {
  const port = await openDatagramPort(0, host);
  ports.push(port);
  const utp = createUtpTransport({ port, clock: systemClock, random: systemRandom });
  const made = new Engine({
    clock: systemClock,
    random: systemRandom,
    hasher,
    transports: [utp],
    ...(encryption === undefined ? {} : { encryption }),
  });
  engines.push(made);
  await made.listen(port.port, host);
  return made;
}

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
const hosts = hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];

test.each(hosts.flatMap((host) => (["off", "require"] as const).map((policy) => [host, policy] as const)))(
  "a file from one to another at %s, encryption %s",
  async (host, policy) => {
    const [seeder, leecher] = [await engine(host, policy), await engine(host, policy)];
    await seeder.add({ metainfo, storage: (m) => createFileStorage(folder, m) });
    const torrent = await leecher.add({ metainfo, storage: createMemoryStorage });
    const complete = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (torrent.state !== "seeding") return;
        clearInterval(timer);
        resolve();
      }, 10);
    });
    leecher.addPeers(torrent, [{ host, port: seeder.port }]);
    await complete;
    const parts: Uint8Array[] = [];
    for await (const part of torrent.files.read(0)) parts.push(part);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  },
  30_000,
);
