/**
 * One side of a purchase, a process of its own, that kills itself with SIGKILL at the n-th durable write of its channel
 * store: just before it is written, or just after it is synced. Everything but the killing is the real thing: the store on
 * disk, the engine, the payment extension, TCP, the contract.
 *
 * Told what to do by one JSON argument and by lines on standard input (`peer PORT`, `disarm`, `next PORT`, `stop`), it answers in
 * JSON lines, written at once so that the last one is out before it dies. The end of standard input ends it.
 */
import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createChannelsClient } from "@everseed/chain";
import { channelId, earned, promised } from "@everseed/channel";
import { type Address, NANO, systemClock, systemRandom } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import {
  ChannelBook,
  type ChannelStore,
  createPaymentExtension,
  createWebHasher,
  Engine,
  type PaymentExtension,
  type Torrent,
} from "@everseed/engine";
import { createFileStorage, createTcpTransport } from "@everseed/engine/node";
import { parseTorrent } from "@everseed/metainfo";
import { loadChainConfig } from "./chain-config.ts";
import { COMMIT_MS, openChannelStore } from "./channel-store.ts";
import { openWallet } from "./wallet.ts";

export interface CrashPeerTask {
  readonly side: "payer" | "payee";
  readonly home: string;
  readonly wallet: string;
  /** Torrent files: the purchase, and the next contact after it. */
  readonly torrents: readonly string[];
  readonly dir: string;
  /** Base units per GiB. */
  readonly price: string;
  /** Base units. */
  readonly deposit: string;
  /** Bytes per second. */
  readonly uploadLimit: number;
  /** The payee's port, for the payer. */
  readonly port?: number;
  readonly kill?: { readonly at: number; readonly lost: boolean };
}

/** What a side counts, in this life. */
export interface CrashPeerReport {
  readonly type: "killed" | "bought" | "done";
  readonly writes: number;
  /** Verified by the payer, handed to the transport by the payee. Bytes. */
  readonly bytes: number;
  /** Promised by the payer, earned by the payee, over all lives. Nano base units. */
  readonly nano: string;
  /** Most that was ever paid and not verified, or served and not paid. Bytes. */
  readonly maxOpenBytes: number;
}

/** No purchase takes this long; a side that hangs must not stay. */
const LIFE_MS = 45_000;
/** Our group commits come before the store's own, so that each is one write that can be killed at. */
const GROUP_MS = COMMIT_MS - 50;
/** After the last byte: ticks and the last group commit are on their way. */
const SETTLE_MS = 2 * COMMIT_MS;

interface MortalStore extends ChannelStore {
  readonly writes: number;
  disarm(): void;
}

/** A store whose owner dies at a chosen write. `dying` is called right before. */
function mortalStore(inner: ChannelStore, kill: CrashPeerTask["kill"], dying: () => void): MortalStore {
  let writes = 0;
  let armed = kill !== undefined;
  let timer: NodeJS.Timeout | undefined;
  const die = (): void => {
    dying();
    process.kill(process.pid, "SIGKILL");
  };
  const write = async (task: () => Promise<void>): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writes++;
    const last = armed && writes === kill?.at;
    if (last && kill?.lost === true) die();
    await task();
    if (last) die();
  };
  const noted = (): void => {
    timer ??= setTimeout(() => void write(() => inner.flush()), GROUP_MS);
  };
  return {
    load: () => inner.load(),
    savePayer: (id, state) => write(() => inner.savePayer(id, state)),
    savePayee: (id, state) => write(() => inner.savePayee(id, state)),
    notePayer(id, state) {
      inner.notePayer(id, state);
      noted();
    },
    notePayee(id, state) {
      inner.notePayee(id, state);
      noted();
    },
    noteDebt(payer, bytes) {
      inner.noteDebt(payer, bytes);
      noted();
    },
    flush: () => write(() => inner.flush()),
    async close() {
      clearTimeout(timer);
      await inner.close();
    },
    get writes() {
      return writes;
    },
    disarm() {
      armed = false;
    },
  };
}

const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

async function main(task: CrashPeerTask): Promise<void> {
  const config = await loadChainConfig(task.home);
  const wallet = await openWallet(task.wallet);
  const client = createChannelsClient({ ...config, privateKey: wallet.privateKey });
  const domain = { chainId: BigInt(config.chainId), contract: config.contract };
  const token = config.token.address as Address;
  const extensions: PaymentExtension[] = [];
  const report = (type: CrashPeerReport["type"]): void => {
    const peers = extensions.flatMap((extension) => extension.peers());
    const sum = (of: (peer: (typeof peers)[number]) => number): number => peers.reduce((all, p) => all + of(p), 0);
    const states =
      task.side === "payer"
        ? [...(book?.payers.values() ?? [])].map(promised)
        : [...(book?.payees.values() ?? [])].map(earned);
    const line: CrashPeerReport = {
      type,
      writes: store.writes,
      bytes: sum((peer) =>
        task.side === "payer" ? (peer.bought?.verifiedBytes ?? 0) : (peer.sold?.uploadedBytes ?? 0),
      ),
      nano: String(states.reduce((all, nano) => all + nano, 0n)),
      maxOpenBytes: Math.max(0, ...peers.map((p) => p.bought?.maxPrepaidBytes ?? p.sold?.maxUnpaidBytes ?? 0)),
    };
    say(line);
  };
  let book: ChannelBook | undefined;
  const store = mortalStore(openChannelStore(task.wallet), task.kill, () => report("killed"));
  book = await ChannelBook.open(store);
  const opened = book;
  const hasher = createWebHasher();
  const engine = new Engine({
    clock: systemClock,
    random: systemRandom,
    hasher,
    transports: [createTcpTransport()],
    ...(task.side === "payee" ? { uploadLimit: task.uploadLimit } : {}),
  });
  await engine.listen(0, "127.0.0.1");
  const add = async (file: string, complete: () => void): Promise<Torrent> => {
    const extension = createPaymentExtension({
      domain,
      signer: wallet.signer,
      curve: nativeCurve,
      clock: systemClock,
      random: systemRandom,
      book: opened,
      chain: {
        open: async (terms, deposit) => void (await client.open(terms, deposit)),
        read: (terms) => client.read(channelId(terms, domain)),
        time: () => client.time(),
      },
      ...(task.side === "payer"
        ? {
            buying: {
              budget: { limitNano: BigInt(task.deposit) * NANO, spentNano: 0n },
              token,
              deposit: BigInt(task.deposit),
            },
          }
        : { selling: { price: BigInt(task.price), token } }),
      onEvent: (event) => {
        if (event.type === "refused" || event.type === "failed")
          say({ type: "fault", message: `${event.error.code}: ${event.error.message}` });
        if (event.type === "declined" || event.type === "stalled" || event.type === "buyer-stopped")
          say({ type: "fault", message: JSON.stringify(event) });
      },
    });
    extensions.push(extension);
    const torrent = await engine.add({
      metainfo: parseTorrent(await readFile(file)),
      storage: (metainfo) => createFileStorage(task.dir, metainfo),
      extensions: [extension],
      onEvent: (event) => {
        if (event.type === "complete") complete();
        if (event.type === "fault" || event.type === "failed") say({ type: "fault", message: event.error.message });
      },
    });
    if (torrent.state === "seeding") complete();
    return torrent;
  };
  const commands = createInterface({ input: process.stdin });
  const until = new Map<string, (port: number) => void>();
  let current: Torrent | undefined;
  commands.on("line", (line) => {
    const [name = "", port = "0"] = line.split(" ");
    if (name === "disarm") store.disarm();
    if (name === "peer" && current !== undefined) engine.addPeers(current, [{ host: "127.0.0.1", port: Number(port) }]);
    until.get(name)?.(Number(port));
  });
  commands.on("close", () => process.exit(0));
  const command = (name: string): Promise<number> => new Promise((resolve) => until.set(name, resolve));
  const stopped = command("stop");
  setTimeout(() => {
    const { haveBytes, peers } = current?.stats() ?? { haveBytes: 0, peers: [] };
    const bought = extensions.flatMap((extension) => extension.peers());
    const text = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
    say({ type: "late", message: JSON.stringify({ haveBytes, peers, bought, writes: store.writes }, text) });
    process.kill(process.pid, "SIGKILL");
  }, LIFE_MS).unref();

  if (task.side === "payee") {
    for (const file of task.torrents) await add(file, () => undefined);
    say({ type: "listening", port: engine.port });
    await stopped;
  } else {
    const next = command("next");
    let port = task.port ?? 0;
    for (const [index, file] of task.torrents.entries()) {
      if (index > 0) port = await next;
      let complete: () => void = () => undefined;
      const completed = new Promise<void>((resolve) => {
        complete = resolve;
      });
      current = await add(file, complete);
      engine.addPeers(current, [{ host: "127.0.0.1", port }]);
      await completed;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      if (index === 0) report("bought");
      store.disarm();
    }
  }
  await engine.stop();
  await store.close();
  report("done");
  await hasher.close();
  process.exit(0);
}

await main(JSON.parse(process.argv[2] as string) as CrashPeerTask);
