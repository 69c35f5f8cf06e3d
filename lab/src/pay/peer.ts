/**
 * One side of a paid or free transfer, a process of its own: told what to do by one JSON argument, it answers in JSON lines.
 * CPU time counts from the handshake with the other side to the last verified byte, so that starting up, hashing what is
 * seeded and opening a channel are not mistaken for the cost of paying.
 */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseAmount, parsePrice } from "@everseed/core";
import { createTcpTransport } from "@everseed/engine/node";
import { parseTorrent } from "@everseed/metainfo";
import {
  budgetOf,
  EverseedNode,
  ensureWallet,
  loadChainConfig,
  type NodeTorrent,
  type NodeTorrentInit,
} from "@everseed/node";
import { delayedTransport } from "./delayed-transport.ts";

export interface PeerTask {
  readonly role: "seed" | "get";
  readonly torrent: string;
  readonly dir: string;
  /** One way. */
  readonly delayMs: number;
  /** Pays or sells when given. */
  readonly money?: { readonly home: string; readonly wallet: string; readonly price: string; readonly budget: string };
  /** The seeder's port, for `get`. */
  readonly port?: number;
  /** Fetches all once before what is measured, for `get`: by then V8 has compiled what both ways need. @default false */
  readonly warm?: boolean;
}

export interface PeerReport {
  readonly type: "done";
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** From the handshake to the first byte of payload. */
  readonly firstByteMs: number;
  readonly signatures: number;
  readonly ticks: number;
  readonly paidNano: string;
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function main(task: PeerTask): Promise<void> {
  const metainfo = parseTorrent(await readFile(task.torrent));
  const { money } = task;
  const chain = money === undefined ? undefined : await loadChainConfig(money.home);
  const node = await EverseedNode.start({
    port: 0,
    host: "127.0.0.1",
    transport: delayedTransport(createTcpTransport(), task.delayMs),
    ...(money === undefined || chain === undefined ? {} : { chain, wallet: await ensureWallet(money.wallet) }),
  });
  let begun: { atMs: number; cpu: number } | undefined;
  let firstByteMs = -1;
  let completion = Promise.withResolvers<void>();
  const token = chain?.token;
  const terms = (): Pick<NodeTorrentInit, "selling" | "buying"> => {
    if (money === undefined || token === undefined) return {};
    if (task.role === "seed")
      return { selling: { price: parsePrice(money.price, token.decimals), token: token.address as never } };
    const deposit = parseAmount(money.budget, token.decimals);
    return { buying: { budget: budgetOf(deposit), token: token.address as never, deposit } };
  };
  const add = (dir: string): Promise<NodeTorrent> => {
    completion = Promise.withResolvers();
    return node.add({
      metainfo,
      dir,
      announce: [],
      ...terms(),
      onEvent: (event) => {
        if (event.type === "peer-connected") begun ??= { atMs: performance.now(), cpu: cpu() };
        if (event.type === "complete") completion.resolve();
        if (event.type === "fault") say({ type: "fault", message: event.error.message });
      },
      onPayment: (event) => {
        if (event.type === "refused" || event.type === "failed" || event.type === "declined")
          say({ type: "payment", event: event.type, message: "error" in event ? event.error.message : event.code });
      },
    });
  };
  const fetch = async ({ torrent }: NodeTorrent): Promise<void> => {
    node.engine.addPeers(torrent, [{ host: "127.0.0.1", port: task.port as number }]);
    await completion.promise;
  };
  /** The last ticks and the farewell are on their way. */
  const farewell = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300 + 4 * task.delayMs));
  if (task.warm === true) {
    const first = await add(`${task.dir}-warm`);
    await fetch(first);
    await farewell();
    await first.remove({ deleteData: true });
    begun = undefined;
    say({ type: "warm" });
  }
  const added = await add(task.dir);
  say({ type: "listening", port: node.engine.port });
  const report = (): PeerReport => {
    const sums = { signatures: 0, ticks: 0, paidNano: 0n };
    for (const { bought, sold } of added.payments?.peers() ?? []) {
      sums.signatures += (bought ?? sold)?.signatures ?? 0;
      sums.ticks += (bought ?? sold)?.ticks ?? 0;
      sums.paidNano += bought?.paidNano ?? sold?.earnedNano ?? 0n;
    }
    return {
      type: "done",
      seconds: begun === undefined ? 0 : (performance.now() - begun.atMs) / 1000,
      cpuSeconds: begun === undefined ? 0 : cpu() - begun.cpu,
      firstByteMs,
      ...sums,
      paidNano: String(sums.paidNano),
    };
  };
  const told = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  if (task.role === "get") {
    // Memory is warmed when all is loaded: what is given back meanwhile differs with the time that loading takes.
    await told.next();
    const watch = setInterval(() => {
      if (begun === undefined || added.torrent.stats().downloadedBytes === 0) return;
      firstByteMs = performance.now() - begun.atMs;
      clearInterval(watch);
    }, 1);
    await fetch(added);
    clearInterval(watch);
    say(report());
    await farewell();
  } else {
    while ((await told.next()).value === "again") begun = undefined;
    say(report());
  }
  await node.stop();
  process.exit(0);
}

await main(JSON.parse(process.argv[2] as string) as PeerTask);
