/** Serving a peer that asks for more than it takes. */
import type { PieceMap } from "@everseed/metainfo";
import { expect, test } from "vitest";
import { UploadShare } from "../limits/upload-share.ts";
import type { Peer } from "../peer/peer.ts";
import { Bitfield } from "../piece/bitfield.ts";
import type { LentBytes, ReadCache } from "./read-cache.ts";
import { Uploader } from "./uploader.ts";

test("what the peer was not shown is refused to it", () => {
  const sent: unknown[] = [];
  const peer = {
    ...{ queue: [], amChoking: false, fast: true },
    send: (message: unknown) => void sent.push(message),
  } as unknown as Peer;
  const have = new Bitfield(2);
  have.fill();
  const uploader = new Uploader({
    pieces: { requestableBytes: () => 1 << 20 } as unknown as PieceMap,
    ...{
      have,
      cache: {} as ReadCache,
      buckets: [],
      share: new UploadShare(),
      now: () => 0,
      onUploaded() {},
      onReadError() {},
      wake() {},
    },
    hides: (_, piece) => piece === 1,
  });
  for (const piece of [0, 1]) uploader.request(peer, { piece, begin: 0, length: 1 << 14 });
  expect(peer.queue).toEqual([{ piece: 0, begin: 0, length: 1 << 14 }]);
  expect(sent).toEqual([{ type: "reject", piece: 1, begin: 0, length: 1 << 14 }]);
});

test("blocks are read a batch at a time, and no further once the peer's connection is full", async () => {
  const waiting: (() => void)[] = [];
  const cache = {
    ahead() {},
    get: (_piece: number, _begin: number, length: number) =>
      new Promise<LentBytes>((resolve) => {
        waiting.push(() => resolve({ bytes: new Uint8Array(length), release() {} } as LentBytes));
      }),
  } as unknown as ReadCache;
  const have = new Bitfield(1);
  have.fill();
  const connection = { queuedBytes: 0 };
  const peer = {
    ...{ queue: [], extensions: new Map(), connection, uploadedBytes: 0, reading: [], closed: false },
    sendRaw(parts: readonly Uint8Array[], sent: () => void) {
      for (const part of parts) connection.queuedBytes += part.length;
      sent();
    },
  } as unknown as Peer;
  const uploader = new Uploader({
    pieces: { requestableBytes: () => 1 << 30 } as unknown as PieceMap,
    have,
    cache,
    buckets: [],
    share: new UploadShare(),
    now: () => 0,
    onUploaded() {},
    onReadError: (error) => expect.unreachable(String(error)),
    wake() {},
  });
  for (let i = 0; i < 1_000; i++) uploader.request(peer, { piece: 0, begin: i << 14, length: 1 << 14 });
  let read = 0;
  for (let round = 0; round < 10; round++) {
    uploader.pump(peer);
    uploader.pump(peer);
    expect(waiting.length).toBeLessThanOrEqual(32);
    read += waiting.length;
    for (const done of waiting.splice(0)) done();
    await new Promise((resolve) => setImmediate(resolve));
  }
  // One mebibyte in the connection is where it stops, until there is room.
  expect(read).toBe(64);
  expect(peer.queue).toHaveLength(1_000 - 64);
});
