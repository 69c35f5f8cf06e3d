/** One table of behaviours, run by every hasher; then what only worker threads can do. */

import { createHash, randomBytes } from "node:crypto";
import { EverseedError } from "@everseed/core";
import { merkleRoot, nextPowerOfTwo } from "@everseed/metainfo";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Hasher } from "./hasher.ts";
import { createWorkerHasher } from "./node/worker-hasher.ts";
import { createWebHasher } from "./web-hasher.ts";

const BLOCK = 16384;
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
const sha1 = (...parts: Uint8Array[]): string => {
  const state = createHash("sha1");
  for (const part of parts) state.update(part);
  return state.digest("hex");
};
const leaves = (data: Uint8Array): string => {
  let out = "";
  for (let at = 0; at < data.length; at += BLOCK)
    out += createHash("sha256")
      .update(data.subarray(at, at + BLOCK))
      .digest("hex");
  return out;
};

const IMPLEMENTATIONS: readonly { name: string; create: () => Hasher }[] = [
  { name: "worker threads", create: () => createWorkerHasher({ threads: 2 }) },
  { name: "WebCrypto", create: createWebHasher },
];

describe.each(IMPLEMENTATIONS)("hasher on $name", ({ create }) => {
  let hasher: Hasher;
  beforeAll(() => {
    hasher = create();
  });
  afterAll(() => hasher.close());

  it("gives the published digests of FIPS 180-4 for abc", async () => {
    const abc = new TextEncoder().encode("abc");
    const digests = await hasher.digest(abc, { sha1: true, leaves: true });
    expect(hex(digests.sha1)).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(digests.leaves)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("gives only what was asked for", async () => {
    const data = randomBytes(100);
    expect(Object.keys(await hasher.digest(data, { sha1: true, leaves: false }))).toEqual(["sha1"]);
    expect(Object.keys(await hasher.digest(data, { sha1: false, leaves: true }))).toEqual(["leaves"]);
    expect(await hasher.digest(data, { sha1: false, leaves: false })).toEqual({});
  });

  it("hashes any length with any padding, from a slice of plain or shared memory, and leaves the data alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5 * BLOCK }),
        fc.integer({ min: 0, max: 5 * BLOCK }),
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        async (length, paddingBytes, start, shared) => {
          const whole = shared ? hasher.allocate(start + length + 3) : new Uint8Array(start + length + 3);
          const plain = randomBytes(length);
          const data = whole.subarray(start, start + length);
          data.set(plain);
          const width = nextPowerOfTwo(Math.ceil(length / BLOCK)) * (1 + (start % 2));
          const digests = await hasher.digest(data, { sha1: true, leaves: true, rootWidth: width, paddingBytes });
          expect(hex(digests.sha1)).toBe(sha1(plain, new Uint8Array(paddingBytes)));
          expect(hex(digests.leaves)).toBe(leaves(plain));
          expect(digests.root).toEqual(merkleRoot(digests.leaves as Uint8Array, width));
          expect(Buffer.compare(data, plain)).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("answers many digests at once, each with its own result", async () => {
    const inputs = Array.from({ length: 200 }, (_, i) => randomBytes(1 + ((i * 977) % (3 * BLOCK))));
    const results = await Promise.all(inputs.map((data) => hasher.digest(data, { sha1: true, leaves: true })));
    results.forEach((result, i) => {
      expect(hex(result.sha1)).toBe(sha1(inputs[i] as Uint8Array));
      expect(hex(result.leaves)).toBe(leaves(inputs[i] as Uint8Array));
    });
  });

  it("allocates buffers of the length asked for, zeroed", () => {
    const buffer = hasher.allocate(1000);
    expect(buffer.length).toBe(1000);
    expect(buffer.every((byte) => byte === 0)).toBe(true);
  });

  it("refuses work after close, with a code", async () => {
    const other = create();
    await other.digest(new Uint8Array(1), { sha1: true, leaves: false });
    await other.close();
    await other.close();
    await expect(other.digest(new Uint8Array(1), { sha1: true, leaves: false })).rejects.toMatchObject({
      code: "hasher-closed",
    });
  });
});

describe("worker threads", () => {
  it("hand out shared memory and start only when needed, up to the limit", async () => {
    const hasher = createWorkerHasher({ threads: 2 });
    expect(hasher.allocate(1).buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(hasher.threadCount).toBe(0);
    await hasher.digest(new Uint8Array(1), { sha1: true, leaves: false });
    expect(hasher.threadCount).toBe(1);
    await Promise.all(
      Array.from({ length: 20 }, () => hasher.digest(randomBytes(1 << 20), { sha1: true, leaves: true })),
    );
    expect(hasher.threadCount).toBe(2);
    await hasher.close();
    expect(hasher.threadCount).toBe(0);
  });

  it("that crash reject what they held, and the next digest gets a new thread", async () => {
    const hasher = createWorkerHasher({ threads: 1 });
    const running = Array.from({ length: 6 }, () => hasher.digest(randomBytes(4 << 20), { sha1: true, leaves: true }));
    const settled = Promise.allSettled(running);
    await hasher.crashThread();
    const results = await settled;
    const failed = results.filter((result) => result.status === "rejected");
    expect(failed.length).toBeGreaterThan(0);
    for (const { reason } of failed) {
      expect(reason).toBeInstanceOf(EverseedError);
      expect(reason).toMatchObject({ code: "hasher-crashed", retryable: true });
    }
    expect(results.some((result) => result.status === "fulfilled")).toBe(true);
    const again = await hasher.digest(new TextEncoder().encode("abc"), { sha1: true, leaves: false });
    expect(hex(again.sha1)).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    await hasher.close();
  });

  it("that are closed under load reject everything that waits", async () => {
    const hasher = createWorkerHasher({ threads: 1 });
    const running = Promise.allSettled(
      Array.from({ length: 30 }, () => hasher.digest(randomBytes(1 << 20), { sha1: true, leaves: true })),
    );
    await hasher.close();
    for (const result of await running) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "hasher-closed" });
    }
  });
});
