import { concat, seededRandom, toHex } from "@everseed/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection, ConnectionHandlers } from "../transport.ts";
import { encryptConnection, SlabPool } from "./encrypted-connection.ts";
import { Rc4 } from "./rc4.ts";

const KEY = seededRandom(1)(20);
const BACK = seededRandom(2)(20);

/** A transport's side that keeps the memory of what is sent, and takes it only when `flush` is called, as sockets do. */
function line() {
  const queue: { parts: readonly Uint8Array[]; sent: (() => void) | undefined }[] = [];
  const taken: Uint8Array[] = [];
  const inner: Connection = {
    remote: "10.0.0.1:1",
    initiator: true,
    handlers: { onData() {}, onDrain() {}, onClose() {} },
    queuedBytes: 7,
    send(parts, sent) {
      queue.push({ parts, sent });
      return queue.length < 3;
    },
    pause() {},
    resume() {},
    close() {},
  };
  const flush = (): Uint8Array => {
    for (const { parts, sent } of queue.splice(0)) {
      taken.push(...parts.map((part) => part.slice()));
      sent?.();
    }
    return concat(...taken.splice(0));
  };
  return { inner, flush };
}

const wrap = (inner: Connection, pool = new SlabPool()): Connection =>
  encryptConnection(inner, { send: new Rc4(KEY), receive: new Rc4(BACK) }, pool);

describe("an encrypted connection", () => {
  test("encrypts copies of any size, in order, and gives the originals back unchanged and at once", () => {
    const { inner, flush } = line();
    const connection = wrap(inner);
    const other = new Rc4(KEY);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 5 }), (sizes) => {
        const parts = sizes.map((size, i) => seededRandom(i)(size));
        const before = parts.map((part) => toHex(part));
        let back = 0;
        connection.send(parts, () => back++);
        expect(back).toBe(1);
        expect(parts.map((part) => toHex(part))).toEqual(before);
        expect(toHex(other.apply(flush()))).toBe(before.join(""));
      }),
      { numRuns: 30 },
    );
  });

  test("uses no memory again that is still on its way, and makes none for block after block", () => {
    const { inner, flush } = line();
    const pool = new SlabPool();
    let made = 0;
    const take = pool.take.bind(pool);
    const seen = new Set<ArrayBufferLike>();
    pool.take = () => {
      const slab = take();
      if (!seen.has(slab.buffer)) made++;
      seen.add(slab.buffer);
      return slab;
    };
    const connection = wrap(inner, pool);
    const other = new Rc4(KEY);
    for (let round = 0; round < 50; round++) {
      const blocks = Array.from({ length: 4 }, (_, i) => seededRandom(round * 10 + i)(16_397));
      for (const block of blocks) connection.send([block.subarray(0, 13), block.subarray(13)]);
      expect(toHex(other.apply(flush()))).toBe(toHex(concat(...blocks)));
    }
    expect(made).toBe(4);
  });

  test("decrypts what arrives where it lies, and passes all else through", () => {
    const { inner } = line();
    const connection = wrap(inner);
    const seen: string[] = [];
    const handlers: ConnectionHandlers = {
      onData: (chunk) => void seen.push(toHex(chunk)),
      onDrain: () => void seen.push("drain"),
      onClose: (error) => void seen.push(`closed: ${error?.message}`),
    };
    connection.handlers = handlers;
    const peer = new Rc4(BACK);
    inner.handlers.onData(peer.apply(Uint8Array.of(1, 2, 3)));
    inner.handlers.onData(peer.apply(Uint8Array.of(4)));
    inner.handlers.onDrain();
    inner.handlers.onClose(new Error("gone"));
    expect(seen).toEqual(["010203", "04", "drain", "closed: gone"]);
    expect([connection.queuedBytes, connection.remote, connection.initiator]).toEqual([7, "10.0.0.1:1", true]);
    let back = 0;
    expect(connection.send([], () => back++)).toBe(true);
    expect(back).toBe(1);
  });
});
