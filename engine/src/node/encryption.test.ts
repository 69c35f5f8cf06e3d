/** Encryption between engines over real sockets: every pair of policies, peers that know none, and bytes of bad will. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, InfoHash } from "@everseed/core";
import { concat, seededRandom, systemClock, systemRandom, utf8, wireInfoHash } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { encodeHandshake } from "@everseed/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Initiator, isPlainHandshake, Receiver } from "../encryption/handshake.ts";
import { torrentHash } from "../encryption/key-exchange.ts";
import type { ConnectionEncryption, EncryptionPolicy } from "../encryption/policy.ts";
import { Engine, infoHashesOf } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { Storage } from "../storage.ts";
import type { Torrent } from "../torrent/torrent.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const SIZE = 1_500_001;
const hasher = createWebHasher();
const folder = mkdtempSync(join(tmpdir(), "everseed-encryption-"));
const content = seededRandom(3)(SIZE);
let metainfo: Metainfo;
let name: Uint8Array;
const engines: Engine[] = [];
const servers: net.Server[] = [];
const sockets: net.Socket[] = [];

beforeAll(async () => {
  writeFileSync(join(folder, "film.bin"), content);
  ({ metainfo } = await createTorrent(join(folder, "film.bin"), { kind: "hybrid", pieceLengthBytes: 65_536 }, hasher));
  name = wireInfoHash(infoHashesOf(metainfo)[0] as InfoHash);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
});
afterAll(async () => {
  await hasher.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Node {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly storage: () => Storage;
  /** How each peer that ever connected was encrypted. */
  readonly met: ConnectionEncryption[];
}

async function node(role: "seed" | "get", encryption?: EncryptionPolicy, clock: Clock = systemClock): Promise<Node> {
  const engine = new Engine({
    clock,
    random: systemRandom,
    hasher,
    transports: [createTcpTransport()],
    ...(encryption === undefined ? {} : { encryption }),
  });
  engines.push(engine);
  await engine.listen(0, "127.0.0.1");
  const met: ConnectionEncryption[] = [];
  let storage: Storage | undefined;
  const torrent: Torrent = await engine.add({
    metainfo,
    storage: (m) => {
      storage = role === "seed" ? createFileStorage(folder, m) : createMemoryStorage(m);
      return storage;
    },
    onEvent: (event) => {
      if (event.type !== "peer-connected") return;
      const peer = torrent.stats().peers.find(({ remote }) => remote === event.remote);
      if (peer !== undefined) met.push(peer.encryption);
    },
  });
  return { engine, torrent, met, storage: () => storage as Storage };
}

async function until(condition: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limitMs) throw new Error(`Not in ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function received(node: Node): Promise<Uint8Array> {
  const bytes = new Uint8Array(SIZE);
  await node.storage().read(0, bytes);
  return bytes;
}

/** A peer of our own making: called once a connection, with what the socket has said so far. */
async function listener(onSocket: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}

function greeting(wireName = name): Uint8Array {
  return encodeHandshake({
    wireInfoHash: wireName,
    peerId: utf8("-XX0001-strangestrng"),
    extensions: { extended: false, fast: true, dht: false, v2: false },
  });
}

const PAIRS: readonly [dialler: EncryptionPolicy, listener: EncryptionPolicy, ends: ConnectionEncryption][] = [
  ["prefer", "prefer", "handshake"],
  ["prefer", "allow", "handshake"],
  ["prefer", "require", "rc4"],
  ["prefer", "off", "none"],
  ["allow", "prefer", "none"],
  ["allow", "allow", "none"],
  ["allow", "require", "rc4"],
  ["allow", "off", "none"],
  ["require", "prefer", "rc4"],
  ["require", "allow", "rc4"],
  ["require", "require", "rc4"],
  ["off", "prefer", "none"],
  ["off", "allow", "none"],
  ["off", "off", "none"],
];

describe("a file", () => {
  for (const [dialler, listens, ends] of PAIRS) {
    test(`goes from ${listens} to ${dialler}: ${ends}`, async () => {
      const [seed, get] = [await node("seed", listens), await node("get", dialler)];
      get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
      await until(() => get.torrent.state === "seeding", "the download completes");
      expect(Buffer.compare(await received(get), content)).toBe(0);
      expect([seed.met, get.met]).toEqual([[ends], [ends]]);
    });
  }

  test("goes up as well as down an encrypted connection", async () => {
    const [seed, get] = [await node("seed", "require"), await node("get", "prefer")];
    seed.engine.addPeers(seed.torrent, [{ host: "127.0.0.1", port: get.engine.port }]);
    await until(() => get.torrent.state === "seeding", "the download completes");
    expect(Buffer.compare(await received(get), content)).toBe(0);
    expect(get.met).toEqual(["rc4"]);
  });

  for (const [dialler, listens] of [
    ["require", "off"],
    ["off", "require"],
  ] as const) {
    test(`does not go from ${listens} to ${dialler}`, async () => {
      const seed = await node("seed", listens);
      const get = await node("get", dialler);
      let attempts = 0;
      let over = 0;
      const relay = await listener((socket) => {
        attempts++;
        const onward = net.connect(seed.engine.port, "127.0.0.1");
        sockets.push(onward);
        onward.on("error", () => undefined);
        onward.on("close", () => over++);
        socket.pipe(onward).pipe(socket);
      });
      get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port: relay }]);
      await until(() => over === 1, "the seeder hangs up");
      expect([attempts, seed.met, get.met]).toEqual([1, [], []]);
    });
  }
});

describe("a dialler that prefers encryption", () => {
  test("turns at once to the open with a peer that knows none, and begins with it the next time", async () => {
    const plain: boolean[] = [];
    const port = await listener((socket) => {
      socket.once("data", (chunk: Buffer) => {
        const open = isPlainHandshake(chunk) === true;
        plain.push(open);
        if (open) socket.write(greeting());
        setImmediate(() => socket.destroy());
      });
    });
    let aheadMs = 0;
    const get = await node("get", "prefer", { ...systemClock, now: () => systemClock.now() + aheadMs });
    get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => get.met.length === 1 && get.torrent.peerCount === 0, "the peer is met in the open, and leaves");
    expect(plain).toEqual([false, true]);
    aheadMs = 60_000;
    await until(() => get.met.length === 2, "the peer is met again");
    expect(plain).toEqual([false, true, true]);
  });

  test("does not wait for the answer of a peer that greets in the open", async () => {
    let connections = 0;
    const port = await listener((socket) => {
      connections++;
      socket.write(greeting());
    });
    const get = await node("get");
    get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => get.met.length === 1, "the peer is met", 5_000);
    expect([connections, get.met]).toEqual([2, ["none"]]);
  });

  test("asks once only a peer that answers with another torrent", async () => {
    let connections = 0;
    const port = await listener((socket) => {
      connections++;
      const side = new Receiver({ random: systemRandom, findTorrent: () => name, select: () => 1 });
      socket.on("data", (chunk: Buffer) => {
        const { send, secured } = side.receive(chunk);
        if (send !== undefined) socket.write(send);
        if (secured !== undefined) socket.write(greeting(seededRandom(8)(20)));
      });
    });
    const get = await node("get");
    get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => connections === 1 && sockets.every((socket) => socket.destroyed), "the dialler hangs up");
    expect(get.met).toEqual([]);
    expect(connections).toBe(1);
  });
});

describe("a listener", () => {
  async function dial(port: number): Promise<{ socket: net.Socket; closed: () => boolean }> {
    const socket = net.connect(port, "127.0.0.1");
    sockets.push(socket);
    let closed = false;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      closed = true;
    });
    await new Promise((resolve) => socket.once("connect", resolve));
    return { socket, closed: () => closed };
  }

  /** Carries an encrypted handshake through, up to what the listener makes of it. */
  async function request(port: number, skey: Uint8Array, firstPayload: Uint8Array) {
    const { socket, closed } = await dial(port);
    const side = new Initiator({ random: systemRandom, skey, offer: 3, firstPayload });
    socket.on("data", (chunk: Buffer) => {
      const { send } = side.receive(chunk);
      if (send !== undefined) socket.write(send);
    });
    socket.write(side.hello);
    return closed;
  }

  test("hangs up on noise, on torrents it does not have, and on names that contradict each other; and serves on", async () => {
    const seed = await node("seed", "prefer");
    const { port } = seed.engine;
    const noise = await dial(port);
    noise.socket.write(concat(Uint8Array.of(1), seededRandom(5)(2_000)));
    const zeros = await dial(port);
    zeros.socket.write(new Uint8Array(96));
    const unknown = await request(port, seededRandom(6)(20), greeting());
    const other = await request(port, name, greeting(seededRandom(7)(20)));
    const nonsense = await request(port, name, seededRandom(8)(68));
    for (const closed of [noise.closed, zeros.closed, unknown, other, nonsense]) {
      await until(closed, "it is turned away", 5_000);
    }
    expect(seed.met).toEqual([]);
    const get = await node("get", "require");
    get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port }]);
    await until(() => get.torrent.state === "seeding", "an honest download completes");
  });

  test("knows a hybrid torrent by either of its names", async () => {
    const seed = await node("seed", "require");
    const names = infoHashesOf(metainfo).map(wireInfoHash);
    expect(names.length).toBe(2);
    for (const each of names) {
      const { socket } = await dial(seed.engine.port);
      const side = new Initiator({ random: systemRandom, skey: each, offer: 2, firstPayload: greeting(each) });
      let answered: Uint8Array | undefined;
      socket.on("data", (chunk: Buffer) => {
        if (answered !== undefined) return;
        const { send, secured } = side.receive(chunk);
        if (send !== undefined) socket.write(send);
        if (secured !== undefined) answered = torrentHash(secured.skey);
      });
      socket.write(side.hello);
      await until(() => answered !== undefined, "the seeder agrees");
      socket.destroy();
      await until(() => seed.torrent.peerCount === 0, "the seeder notices");
    }
  });

  test("outlives a flood of handshakes that stop half-way, and serves on", async () => {
    const seed = await node("seed", "prefer");
    const flood = await Promise.all(Array.from({ length: 200 }, () => dial(seed.engine.port)));
    for (const { socket } of flood) {
      socket.write(new Initiator({ random: systemRandom, skey: name, offer: 3, firstPayload: greeting() }).hello);
    }
    await until(() => flood.filter(({ closed }) => closed()).length >= 200 - 128, "the surplus is turned away");
    for (const { socket } of flood) socket.destroy();
    const get = await node("get", "prefer");
    get.engine.addPeers(get.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
    await until(() => get.torrent.state === "seeding", "an honest download completes");
  });
});
