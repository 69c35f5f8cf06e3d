/**
 * Engines that meet over WebRTC alone, through this tracker: a file goes from one to two others, by the torrent and by its
 * magnet link; a tracker that goes away and comes back is found again.
 */
import { type Clock, seededRandom, sha1, systemClock, systemRandom } from "@everseed/core";
import {
  createMemoryStorage,
  createWebHasher,
  createWebSocketTracker,
  Engine,
  type RtcConstructor,
  type Torrent,
  type TrackerClient,
  WebRtc,
} from "@everseed/engine";
import { loadWebRtc } from "@everseed/engine/node";
import { dict, encodeBencode, type Metainfo, parseInfo } from "@everseed/metainfo";
import { afterEach, expect, test } from "vitest";
import { startTracker, type Tracker } from "./tracker.ts";

const PIECE_BYTES = 1 << 16;
const content = seededRandom(5)(3_000_001);
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function metainfoOf(bytes: Uint8Array): Metainfo {
  const pieces = new Uint8Array(20 * Math.ceil(bytes.length / PIECE_BYTES));
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    pieces.set(sha1(bytes.subarray(at, at + PIECE_BYTES)), (at / PIECE_BYTES) * 20);
  return parseInfo(encodeBencode(dict({ length: bytes.length, name: "film", "piece length": PIECE_BYTES, pieces })));
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const started = performance.now();
  while (!condition()) {
    if (performance.now() - started > 30_000) throw new Error(`Not in 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function tracker(port = 0): Promise<Tracker> {
  const made = await startTracker({ port, host: "127.0.0.1" });
  stops.push(() => made.stop());
  return made;
}

/** An engine without any transport: only WebRTC brings it peers. */
async function peer(
  made: Tracker,
  metainfo: Metainfo,
  options: { seed?: boolean; magnet?: boolean; clock?: Clock; rtc?: (native: RtcConstructor) => RtcConstructor } = {},
) {
  const storage = createMemoryStorage(metainfo);
  if (options.seed) {
    await storage.open();
    await storage.write(0, [content]);
  }
  const engine = new Engine({ clock: systemClock, random: systemRandom, hasher: createWebHasher(), transports: [] });
  const torrent: Torrent = await engine.add({
    ...(options.magnet ? { infoHashes: metainfo.infoHashV1 ? [metainfo.infoHashV1] : [] } : { metainfo }),
    storage: () => storage,
  });
  const native = await loadWebRtc({ host: "127.0.0.1" });
  const RTCPeerConnection = options.rtc?.(native) ?? native;
  const webRtc = new WebRtc({ RTCPeerConnection, clock: systemClock });
  const remotes = new Set<string>();
  const client: TrackerClient = createWebSocketTracker({
    url: `ws://127.0.0.1:${made.port}/announce`,
    wireInfoHashes: torrent.wireInfoHashes,
    peerId: engine.peerId,
    WebSocket,
    webRtc,
    clock: options.clock ?? systemClock,
    random: systemRandom,
    progress: () => ({
      uploaded: 0,
      downloaded: 0,
      left: torrent.state === "seeding" ? 0 : 1,
      wantsPeers: torrent.wantsPeers,
    }),
    onConnection: (connection, name) => {
      remotes.add(connection.remote);
      engine.addConnection(torrent, connection, name);
    },
  });
  client.start();
  stops.push(async () => {
    await client.stop();
    await engine.stop();
    webRtc.close();
    expect(webRtc.pending).toBe(0);
  });
  return { torrent, storage, client, remotes, webRtc };
}

async function expectContent({ storage }: Awaited<ReturnType<typeof peer>>): Promise<void> {
  const read = new Uint8Array(content.length);
  await storage.read(0, read);
  expect(Buffer.compare(read, content)).toBe(0);
}

test("a seeder serves two who know it only through the tracker, one of them by the magnet link", async () => {
  const made = await tracker();
  const metainfo = metainfoOf(content);
  const seeder = await peer(made, metainfo, { seed: true });
  expect(seeder.torrent.state).toBe("seeding");
  await until(() => made.stats().peers === 1, "the seeder announced");
  const first = await peer(made, metainfo);
  const second = await peer(made, metainfo, { magnet: true });
  await until(() => [first, second].every(({ torrent }) => torrent.state === "seeding"), "both are complete");
  await expectContent(first);
  await expectContent(second);
  expect([...first.remotes][0]).toMatch(/^webrtc:127\.0\.0\.1:\d+$/);
  expect(made.stats()).toMatchObject({ peers: 3, sockets: 3 });
});

test("a tracker that goes away and comes back is found again; who stops says goodbye", async () => {
  const metainfo = metainfoOf(content);
  const before = await startTracker({ port: 0, host: "127.0.0.1" });
  // Waits of the client pass twenty times as fast.
  const clock = { ...systemClock, after: (ms: number, task: () => void) => systemClock.after(ms / 20, task) };
  const one = await peer(before, metainfo, { clock });
  await until(() => before.stats().peers === 1, "known");
  await before.stop();
  await until(() => one.client.failures > 0, "the loss is noticed");
  expect(one.webRtc.pending).toBe(0);
  const after = await tracker(before.port);
  await until(() => after.stats().peers === 1, "known again");
  await one.client.stop();
  await until(() => after.stats().peers === 0, "goodbye");
});

test("offers whose handshakes fail are replaced by new ones, long before the next announce is due", async () => {
  const made = await tracker();
  const metainfo = metainfoOf(content);
  const seeder = await peer(made, metainfo, { seed: true });
  await until(() => made.stats().peers === 1, "the seeder announced");
  let failed = 0;
  /** The first answers that it takes are for somebody else's certificate: no handshake can succeed. */
  const unlucky = (native: RtcConstructor): RtcConstructor =>
    class extends native {
      override async setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
        const other = failed < 1 && type === "answer";
        if (other) failed++;
        const wrong = sdp.replace(/(a=fingerprint:\S+ )(..):(..)/, "$1$3:$2");
        await super.setRemoteDescription({ type, sdp: other ? wrong : sdp });
      }
    };
  // Ten seconds pass in half of one; the minutes to the next announce never do.
  const after = (ms: number, task: () => void) => (ms > 40_000 ? () => undefined : systemClock.after(ms / 20, task));
  const clock = { ...systemClock, after };
  const leecher = await peer(made, metainfo, { rtc: unlucky, clock });
  await until(() => leecher.torrent.state === "seeding", "it is complete");
  expect(failed).toBe(1);
  expect(seeder.remotes.size).toBe(1);
  await expectContent(leecher);
});
