/**
 * A transport whose every byte arrives late: half a round trip on each side that uses it. Order is kept, nothing is lost and
 * the rate is not limited, so what a measurement over it shows is waiting alone.
 */
import type { Connection, Transport } from "@everseed/engine";

/** What the TCP shell reads at most at a time. */
const CHUNK_BYTES = 1 << 18;

interface Late {
  readonly atMs: number;
  readonly deliver: () => void;
}

/** `delayMs` is one way. */
export function delayedTransport(inner: Transport, delayMs: number): Transport {
  if (delayMs === 0) return inner;
  return {
    name: `${inner.name}+${delayMs}ms`,
    connect: async (host, port, options) => delayed(await inner.connect(host, port, options), delayMs),
    listen: (port, accept, host) => inner.listen(port, (connection) => accept(delayed(connection, delayMs)), host),
    close: () => inner.close(),
  };
}

function delayed(inner: Connection, delayMs: number): Connection {
  const queue: Late[] = [];
  const spare: Uint8Array[] = [];
  let head = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const run = (): void => {
    timer = undefined;
    const now = performance.now();
    for (let next = queue[head]; next !== undefined && next.atMs <= now; next = queue[head]) {
      head++;
      next.deliver();
    }
    if (head === queue.length || head > 1024) {
      queue.splice(0, head);
      head = 0;
    }
    arm();
  };
  const arm = (): void => {
    const next = queue[head];
    if (next !== undefined && timer === undefined) timer = setTimeout(run, Math.max(0, next.atMs - performance.now()));
  };
  const later = (deliver: () => void): void => {
    queue.push({ atMs: performance.now() + delayMs, deliver });
    arm();
  };

  const outer: Connection = {
    remote: inner.remote,
    initiator: inner.initiator,
    handlers: { onData() {}, onDrain() {}, onClose() {} },
    get queuedBytes() {
      return inner.queuedBytes;
    },
    send: (parts, sent) => inner.send(parts, sent),
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    close() {
      closed = true;
      inner.close();
    },
  };
  inner.handlers = {
    onData(chunk) {
      // Memory that is used again: what is measured must not be the collection of this rig's garbage.
      const buffer = spare.pop() ?? new Uint8Array(CHUNK_BYTES);
      const copy = chunk.length <= CHUNK_BYTES ? buffer.subarray(0, chunk.length) : new Uint8Array(chunk.length);
      copy.set(chunk);
      later(() => {
        if (!closed) outer.handlers.onData(copy);
        spare.push(buffer);
      });
    },
    onDrain: () => outer.handlers.onDrain(),
    onClose: (error) => later(() => outer.handlers.onClose(error)),
  };
  return outer;
}
