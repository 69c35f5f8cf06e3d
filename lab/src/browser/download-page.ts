/**
 * The browser's side of `bench-browser`: the engine as it is, in a page, with a browser's WebRTC, WebSocket and WebCrypto.
 * Fetches the torrent from the page's server, the data from its swarm, and reports what came.
 */
import { systemClock, systemRandom } from "@everseed/core";
import {
  createMemoryStorage,
  createWebHasher,
  createWebSocketTracker,
  Engine,
  type Storage,
  WebRtc,
} from "@everseed/engine";
import { parseTorrent } from "@everseed/metainfo";

/** What the page posts to its server, by either client. */
export interface PageResult {
  readonly seconds: number;
  /** From the first peer on. */
  readonly transferSeconds?: number;
  /** SHA-256 of the data, or what went wrong. */
  readonly sha256?: string;
  readonly error?: string;
}

async function download(): Promise<PageResult> {
  const metainfo = parseTorrent(new Uint8Array(await (await fetch("/torrent")).arrayBuffer()));
  const started = performance.now();
  let connected: number | undefined;
  let storage: Storage | undefined;
  const hasher = createWebHasher();
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [] });
  let complete = (): void => undefined;
  const completed = new Promise<void>((resolve) => {
    complete = resolve;
  });
  const torrent = await engine.add({
    metainfo,
    storage: (layout) => {
      storage = createMemoryStorage(layout);
      return storage;
    },
    onEvent: (event) => {
      if (event.type === "peer-connected") connected ??= performance.now();
      if (event.type === "complete") complete();
    },
  });
  const webRtc = new WebRtc({ RTCPeerConnection, clock: systemClock });
  for (const url of metainfo.announce.flat()) {
    createWebSocketTracker({
      url,
      wireInfoHashes: torrent.wireInfoHashes,
      peerId: engine.peerId,
      WebSocket,
      webRtc,
      clock: systemClock,
      random: systemRandom,
      progress: () => ({ uploaded: 0, downloaded: 0, left: 1, wantsPeers: torrent.wantsPeers }),
      onConnection: (connection, name) => engine.addConnection(torrent, connection, name),
    }).start();
  }
  await completed;
  const seconds = (performance.now() - started) / 1_000;
  const transferSeconds = (performance.now() - (connected ?? started)) / 1_000;
  const data = new Uint8Array(torrent.stats().totalBytes);
  await storage?.read(0, data);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return { seconds, transferSeconds, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
}

const result: PageResult = await download().catch((error: unknown) => ({ seconds: 0, error: String(error) }));
await fetch("/result", { method: "POST", body: JSON.stringify(result) });
