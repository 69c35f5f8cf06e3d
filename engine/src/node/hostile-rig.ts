/** Rig for tests of hostile peers: engines and strangers that speak to them by hand, on real sockets. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InfoHash } from "@everseed/core";
import { concat, seededRandom, systemClock, systemRandom, utf8, wireInfoHash } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { encodeExtendedHandshake, encodeHandshake, encodeMessage, type Message } from "@everseed/wire";
import { Engine, infoHashesOf } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createTcpTransport } from "./tcp-transport.ts";

export const PIECE = 65_536;
const SIZE = 2_000_000;
const hasher = createWebHasher();
const folder = mkdtempSync(join(tmpdir(), "everseed-hostile-"));
export const content = seededRandom(3)(SIZE);
let metainfo: Metainfo;
const engines: Engine[] = [];
const sockets: net.Socket[] = [];
const servers: net.Server[] = [];

/** Makes the torrent. */
export async function open(): Promise<void> {
  writeFileSync(join(folder, "film.bin"), content);
  ({ metainfo } = await createTorrent(join(folder, "film.bin"), { kind: "v1", pieceLengthBytes: PIECE }, hasher));
}

/** Ends all that a test has begun. */
export async function clear(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
}

export async function close(): Promise<void> {
  await hasher.close();
  rmSync(folder, { recursive: true, force: true });
}

async function engine(): Promise<Engine> {
  const made = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(made);
  await made.listen(0, "127.0.0.1");
  return made;
}

export interface Node {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly events: TorrentEvent[];
}

export async function node(role: "seed" | "get" | "magnet"): Promise<Node> {
  const made = await engine();
  const events: TorrentEvent[] = [];
  const torrent = await made.add({
    ...(role === "magnet" ? { infoHashes: infoHashesOf(metainfo) } : { metainfo }),
    storage: role === "seed" ? (m) => createFileStorage(folder, m) : createMemoryStorage,
    onEvent: (event) => void events.push(event),
  });
  return { engine: made, torrent, events };
}

export async function until(condition: () => boolean, what: string, limitMs = 20_000): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > limitMs) throw new Error(`Not in ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function greeting(peerId = "-XX0001-hostilehostile"): Uint8Array {
  return encodeHandshake({
    wireInfoHash: wireInfoHash(infoHashesOf(metainfo)[0] as InfoHash),
    peerId: utf8(peerId).slice(0, 20),
    extensions: { extended: true, fast: true, dht: false, v2: false },
  });
}

export interface Stranger {
  readonly socket: net.Socket;
  readonly received: () => number;
  readonly closed: () => boolean;
  send(...parts: (Uint8Array | Message)[]): void;
}

function watch(socket: net.Socket): Stranger {
  let [received, closed] = [0, false];
  sockets.push(socket);
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
  });
  return {
    socket,
    received: () => received,
    closed: () => closed,
    send: (...parts) =>
      void socket.write(concat(...parts.map((p) => (p instanceof Uint8Array ? p : encodeMessage(p))))),
  };
}

export async function dial(target: Node): Promise<Stranger> {
  const socket = net.connect(target.engine.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  return watch(socket);
}

/** After the attack: a newcomer still downloads the whole file. */
export async function stillServes(seed: Node): Promise<void> {
  const honest = await node("get");
  honest.engine.addPeers(honest.torrent, [{ host: "127.0.0.1", port: seed.engine.port }]);
  await until(() => honest.torrent.state === "seeding", "an honest download completes");
}

export const faults = (who: Node): string[] =>
  who.events.flatMap((event) => (event.type === "fault" ? [event.error.code] : []));
export const closes = (who: Node): string[] =>
  who.events.flatMap((event) =>
    event.type === "peer-closed" && event.reason !== undefined && "code" in event.reason
      ? [String(event.reason.code)]
      : [],
  );

/** A peer that claims to have everything and answers each request with what `answer` says. */
export function liar(
  answer: (request: { piece: number; begin: number; length: number }) => Message | undefined,
  host = "127.0.0.1",
): Promise<number> {
  const server = net.createServer((socket) => {
    const stranger = watch(socket);
    let buffered = new Uint8Array();
    let greeted = false;
    socket.on("data", (chunk: Buffer) => {
      buffered = Uint8Array.from([...buffered, ...chunk]);
      if (!greeted && buffered.length >= 68) {
        greeted = true;
        buffered = buffered.slice(68);
        const id = `-XX0001-${Math.random().toString(36).slice(2).padEnd(12, "0")}`;
        const handshake = encodeExtendedHandshake({ messages: new Map(), requestQueue: 250, extra: new Map() });
        stranger.send(
          greeting(id),
          { type: "extended", id: 0, payload: handshake },
          { type: "haveAll" },
          { type: "unchoke" },
        );
      }
      while (greeted && buffered.length >= 4) {
        const view = new DataView(buffered.buffer, buffered.byteOffset);
        const length = view.getUint32(0);
        if (buffered.length < 4 + length) return;
        if (length === 13 && buffered[4] === 6) {
          const reply = answer({ piece: view.getUint32(5), begin: view.getUint32(9), length: view.getUint32(13) });
          if (reply !== undefined) stranger.send(reply);
        }
        buffered = buffered.slice(4 + length);
      }
    });
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as net.AddressInfo).port));
  });
}
