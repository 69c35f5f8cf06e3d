/**
 * Real engines over uTP in the virtual time of a `DatagramRig`, for tests: public hosts, and hosts behind a NAT that lets in
 * only what its host has written to (port-restricted), from an outer port that is not the inner one.
 */
import { sha1, sha256 } from "@everseed/core";
import { BLOCK_BYTES, buildTorrent, layoutFiles, type Metainfo, merkleRoot, parseTorrent } from "@everseed/metainfo";
import type { DatagramPort } from "../datagrams.ts";
import { type AddTorrent, Engine, type EngineInit } from "../engine.ts";
import type { Hasher } from "../hasher.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import type { StorageFactory } from "../storage.ts";
import type { Torrent } from "../torrent/torrent.ts";
import type { TorrentEvent } from "../torrent/types.ts";
import type { DatagramRig } from "./datagram-rig.ts";
import { createUtpTransport } from "./utp-transport.ts";

/** Where every engine of the rig listens, as it knows itself. */
export const INNER_PORT = 6_881;

/** Hashes at once: virtual time must not pass meanwhile. */
const hasher: Hasher = {
  async digest(data, want) {
    const leaves = leavesOf(data);
    const padded = new Uint8Array(data.length + (want.paddingBytes ?? 0));
    padded.set(data);
    return {
      ...(want.sha1 === true ? { sha1: sha1(padded) } : {}),
      ...(want.leaves === true ? { leaves } : {}),
      ...(want.rootWidth === undefined ? {} : { root: merkleRoot(leaves, want.rootWidth) }),
    };
  },
  allocate: (lengthBytes) => new Uint8Array(lengthBytes),
  close: async () => {},
};

function leavesOf(data: Uint8Array): Uint8Array {
  const leaves = new Uint8Array(Math.ceil(data.length / BLOCK_BYTES) * 32);
  for (let at = 0; at < data.length; at += BLOCK_BYTES)
    leaves.set(sha256(data.subarray(at, at + BLOCK_BYTES)), (at / BLOCK_BYTES) * 32);
  return leaves;
}

export function torrentOf(content: Uint8Array, pieceLengthBytes: number, isPrivate = false): Metainfo {
  const name = "film.bin";
  const files = [{ path: [name], lengthBytes: content.length }];
  const layout = layoutFiles({ name, singleFile: true, files, kind: "v1", pieceLengthBytes });
  const pieces = Array.from({ length: layout.pieceCount }, (_, i) => {
    const data = content.subarray(i * pieceLengthBytes, (i + 1) * pieceLengthBytes);
    return { sha1: sha1(data), leaves: leavesOf(data) };
  });
  return parseTorrent(buildTorrent(layout, pieces, { private: isPrivate }));
}

/** Storage that has the first pieces, or by default all, from the start. */
export function storageWith(content: Uint8Array): StorageFactory {
  return (metainfo) => {
    const storage = createMemoryStorage(metainfo);
    return {
      ...storage,
      async open() {
        await storage.open();
        if (content.length > 0) await storage.write(0, [content]);
      },
    };
  };
}

export interface RigPeer {
  readonly engine: Engine;
  readonly torrent: Torrent;
  readonly events: TorrentEvent[];
  /** Every host and port that a packet was sent to, and how many were. */
  readonly sentTo: Map<string, number>;
}

export interface RigPeerInit extends Pick<EngineInit, "holepunch" | "filter" | "encryption"> {
  readonly host: string;
  /** Behind a NAT whose outer address is `host`. */
  readonly nat?: boolean;
  readonly metainfo: Metainfo;
  readonly storage: StorageFactory;
  readonly torrent?: Omit<AddTorrent, "metainfo" | "storage" | "onEvent">;
}

export class EngineRig {
  readonly rig: DatagramRig;
  readonly #engines: Engine[] = [];
  #outerPort = 40_000;

  constructor(rig: DatagramRig) {
    this.rig = rig;
  }

  async add({ host, nat = false, metainfo, storage, torrent: options, ...init }: RigPeerInit): Promise<RigPeer> {
    const { clock, random } = this.rig;
    const sentTo = new Map<string, number>();
    const port = counted(nat ? this.#natted(host) : this.rig.open(host, INNER_PORT), sentTo);
    const utp = createUtpTransport({ port, clock, random });
    const engine = new Engine({ clock, random, hasher, transports: [utp], encryption: "off", ...init });
    this.#engines.push(engine);
    await engine.listen(0);
    const events: TorrentEvent[] = [];
    const onEvent = (event: TorrentEvent): void => void events.push(event);
    const torrent = await engine.add({ ...options, metainfo, storage, onEvent });
    return { engine, torrent, events, sentTo };
  }

  /** The inside of a NAT: one mapping for all it talks to, and answers only from those. */
  #natted(host: string): DatagramPort {
    const outer = this.rig.open(host, this.#outerPort++);
    const known = new Set<string>();
    return {
      port: INNER_PORT,
      send(packet, toHost, toPort) {
        known.add(`${toHost} ${toPort}`);
        outer.send(packet, toHost, toPort);
      },
      subscribe: (receive) =>
        outer.subscribe((packet, from, port) => known.has(`${from} ${port}`) && receive(packet, from, port)),
      close: () => outer.close(),
    };
  }

  async stop(): Promise<void> {
    const stopped = Promise.all(this.#engines.splice(0).map((engine) => engine.stop()));
    await this.rig.pass(3_000);
    await stopped;
  }
}

function counted(port: DatagramPort, sentTo: Map<string, number>): DatagramPort {
  return {
    port: port.port,
    send(packet, host, to) {
      const key = `${host}:${to}`;
      sentTo.set(key, (sentTo.get(key) ?? 0) + 1);
      port.send(packet, host, to);
    },
    subscribe: (receive) => port.subscribe(receive),
    close: () => port.close(),
  };
}
