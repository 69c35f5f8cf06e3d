/**
 * The door of the embedded chain: JSON-RPC as anvil speaks it, except that nobody hears of a block that is not on disk.
 * A real chain does not forget what it showed; an anvil that is killed forgets what it mined since its state was saved, and
 * with it deposits and claims that others have acted on.
 *
 * Invariants: a call that may change the chain runs alone, and its answer leaves when the state has been saved; any other
 * answer leaves when the block that is the latest after it was made is on disk (anvil mines a little after it has taken a
 * transaction, so that a reader may be the first to see the block).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { EverseedError } from "@everseed/core";
import { http } from "@everseed/core/node";

const MAX_BODY_BYTES = 8 << 20;
const UPSTREAM_TIMEOUT_MS = 60_000;
/** Everything that mines, sends, or sets state. */
const CHANGES = /^(eth_send|evm_|anvil_|hardhat_)/;

export interface DurableRpcInit {
  readonly port: number;
  /** URL of anvil. */
  readonly upstream: string;
  /** Resolves when all that is mined now is on disk. */
  readonly save: () => Promise<void>;
  /** Number of the latest block. */
  readonly height: () => Promise<bigint>;
}

/** Listens on the loopback interface. Rejects with EverseedError `devnet-port`. Resolves with what stops it. */
export async function startDurableRpc(init: DurableRpcInit): Promise<() => Promise<void>> {
  const lock = createLock();
  let savedHeight = -1n;

  const save = async (always: boolean): Promise<void> => {
    const height = await init.height();
    if (!always && height <= savedHeight) return;
    await init.save();
    if (height > savedHeight) savedHeight = height;
  };

  const forward = async (body: Uint8Array): Promise<Uint8Array> => {
    const response = await fetch(init.upstream, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body as Uint8Array<ArrayBuffer>,
      signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS),
    });
    return new Uint8Array(await response.arrayBuffer());
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") return void response.writeHead(405).end();
    const body = await read(request);
    if (body === undefined) return void response.writeHead(413).end();
    const result = changes(body)
      ? await lock.alone(async () => {
          const said = await forward(body);
          await save(true);
          return said;
        })
      : await lock.together(async () => {
          const said = await forward(body);
          await save(false);
          return said;
        });
    response.writeHead(200, { "content-type": "application/json" }).end(result);
  };

  const server = http.createServer((request, response) => {
    // The chain is gone, or the caller is: either way there is nothing to say.
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new EverseedError("devnet-port", `Cannot run the embedded chain: port ${init.port} cannot be used`, {
          cause,
          hint: "Choose another with --port.",
        }),
      ),
    );
    server.listen(init.port, "127.0.0.1", resolve);
  });
  return () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
}

async function read(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What cannot be read may change anything. */
function changes(body: Uint8Array): boolean {
  try {
    const call = JSON.parse(Buffer.from(body).toString()) as { method?: unknown } | { method?: unknown }[];
    return (Array.isArray(call) ? call : [call]).some(
      ({ method }) => typeof method !== "string" || CHANGES.test(method),
    );
  } catch {
    return true;
  }
}

/** Many at a time, or one alone; who comes first goes first. */
function createLock() {
  let last: Promise<unknown> = Promise.resolve();
  const readers = new Set<Promise<unknown>>();
  return {
    together<T>(task: () => Promise<T>): Promise<T> {
      const result = last.then(task);
      const over: Promise<unknown> = result.catch(() => undefined).then(() => readers.delete(over));
      readers.add(over);
      return result;
    },
    alone<T>(task: () => Promise<T>): Promise<T> {
      const before = Promise.all([last, ...readers]);
      const result = before.then(task);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
