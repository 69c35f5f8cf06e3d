/**
 * A connection whose bytes are RC4 both ways. What arrives is decrypted where it lies, as chunks are only lent. What is
 * sent is copied first: its memory may be the read cache's, which other peers are served from.
 *
 * The copies lie in slabs that come back when the transport is done with them, so that a gigabyte of blocks leaves no
 * garbage; the pool keeps a bounded number of them, for all connections of an engine together.
 */
import type { Connection, ConnectionHandlers } from "../transport.ts";
import type { Rc4 } from "./rc4.ts";

/** Two blocks of 16 KiB with their headers but one, so that a batch fills its slabs. */
const SLAB_BYTES = 1 << 15;
/** What is shorter gets memory of its own: a slab behind every `have` that waits on a slow line would cost far more. */
const LEAST_SLABBED_BYTES = 1 << 12;
const MAX_SPARE_SLABS = 128;

export class SlabPool {
  readonly #spare: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(SLAB_BYTES);
  }

  giveBack(slabs: readonly Uint8Array[]): void {
    for (const slab of slabs) if (this.#spare.length < MAX_SPARE_SLABS) this.#spare.push(slab);
  }
}

export interface PayloadCiphers {
  readonly send: Rc4;
  readonly receive: Rc4;
}

/** Takes over `inner`, whose handlers it sets. */
export function encryptConnection(inner: Connection, ciphers: PayloadCiphers, pool: SlabPool): Connection {
  const connection: Connection = {
    remote: inner.remote,
    initiator: inner.initiator,
    ...(inner.transport === undefined ? {} : { transport: inner.transport }),
    handlers: inner.handlers,
    get queuedBytes() {
      return inner.queuedBytes;
    },
    send(parts, sent) {
      let left = 0;
      for (const part of parts) left += part.length;
      if (left === 0) {
        sent?.();
        return true;
      }
      const out: Uint8Array[] = [];
      const slabs: Uint8Array[] = [];
      const source = { parts, part: 0, at: 0 };
      while (left > 0) {
        const size = Math.min(left, SLAB_BYTES);
        const target = size < LEAST_SLABBED_BYTES ? new Uint8Array(size) : pool.take();
        if (size >= LEAST_SLABBED_BYTES) slabs.push(target);
        out.push(ciphers.send.apply(fill(target.subarray(0, size), source)));
        left -= size;
      }
      // The copies are made: whoever lent the parts may have them back at once.
      sent?.();
      return inner.send(out, slabs.length === 0 ? undefined : () => pool.giveBack(slabs));
    },
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    close: () => inner.close(),
  };
  inner.handlers = decrypting(connection, ciphers.receive);
  return connection;
}

function decrypting(connection: Connection, cipher: Rc4): ConnectionHandlers {
  return {
    onData: (chunk) => connection.handlers.onData(cipher.apply(chunk)),
    onDrain: () => connection.handlers.onDrain(),
    onClose: (error) => connection.handlers.onClose(error),
  };
}

/** Copies on from where `source` stands until the target is full. */
function fill(
  target: Uint8Array,
  source: { readonly parts: readonly Uint8Array[]; part: number; at: number },
): Uint8Array {
  for (let at = 0; at < target.length; ) {
    const part = source.parts[source.part] as Uint8Array;
    const size = Math.min(part.length - source.at, target.length - at);
    target.set(part.subarray(source.at, source.at + size), at);
    at += size;
    source.at += size;
    if (source.at < part.length) continue;
    source.part++;
    source.at = 0;
  }
  return target;
}
