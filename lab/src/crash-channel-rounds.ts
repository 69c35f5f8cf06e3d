/**
 * Rounds of a purchase between `everseed` commands, each a process with a wallet of its own, of which one is killed with
 * SIGKILL at a seeded moment and started again: the buyer, the seller, or the chain (anvil, the command that runs it, or both).
 * The seller's rate is limited, so that the kill lands while data flows, or while the channel opens.
 *
 * After the purchase the two meet once more over a second torrent; then all is claimed, closed and counted
 * (apps/node, `settleCrash`). Invariant: no process of a round outlives it, and none of ours outlives the last.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { EverseedError, type RandomBytes, randomInt, seededRandom } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import { type ChainConfig, createWallet, type Wallet } from "@everseed/node";
import {
  type CrashBill,
  crashBill,
  settleCrash,
  storedNano,
  UNIT_NANO,
} from "../../apps/node/src/channel-store-crash-compliance.ts";
import { Command } from "./crash-channel-command.ts";

export interface RoundOutcome extends CrashBill {
  readonly round: number;
  readonly victim: Victim;
  /** When it was killed, in words. */
  readonly moment: string;
  readonly killed: boolean;
  readonly openTicks: number;
}

type Victim = "payer" | "payee" | "chain";

const VICTIMS: readonly Victim[] = ["payer", "payee", "chain"];
const MIB = 1 << 20;
const RATE_BYTES = 3 * MIB;
/** The compliance rig's price, so that its bill holds: 152 base units for 16 KiB. */
const PRICE = "10/GiB";
const FUNDS = 20_000_000n;
const BUDGET = "5";
const NEXT_BYTES = 512 << 10;
/** An early kill falls while the buyer starts, opens its channel or receives its first data. */
const EARLY_MS = 2_500;
const DOWN_MS = 800;
/** Anvil's first account, which may mint the test dollar. */
const FAUCET = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const SETTLE_MS = 500;
/** Clients announce no more often than that, and a tracker forgets who is silent for two intervals. */
const ANNOUNCE_SECONDS = "5";

interface World {
  readonly home: string;
  readonly work: string;
  readonly random: RandomBytes;
  /** Index of the first victim. */
  readonly first: number;
  readonly announce: string;
  readonly port: number;
  chain: Command;
  config: ChainConfig;
}

interface Goods {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

export async function* crashRounds(init: {
  readonly work: string;
  readonly seed: number;
  readonly rounds: number;
}): AsyncGenerator<RoundOutcome> {
  const random = seededRandom(init.seed);
  const home = path.join(init.work, "home");
  await mkdir(home, { recursive: true });
  const tracker = new Command(
    "tracker",
    ["tracker", "--port", "0", "--host", "127.0.0.1", "--interval", ANNOUNCE_SECONDS],
    home,
  );
  let world: World | undefined;
  try {
    const announce = String((await tracker.next("listening")).http);
    const port = await freePort();
    const { chain, config } = await startChain(home, port);
    world = { home, work: init.work, random, first: randomInt(random, VICTIMS.length), announce, port, chain, config };
    for (let round = 1; round <= init.rounds; round++) yield await playRound(world, round);
  } finally {
    await world?.chain.stop();
    // An orphan, when a chain was killed and could not be started again.
    world?.chain.killChild();
    await tracker.stop();
  }
}

async function startChain(home: string, port: number): Promise<{ chain: Command; config: ChainConfig }> {
  const chain = new Command("chain", ["devnet", "--port", String(port), "--state", path.join(home, "devnet")], home);
  const { rpcUrl, chainId, contract, token, pid } = (await chain.next("listening")) as unknown as ChainConfig & {
    pid: number;
  };
  chain.childPid = pid;
  return { chain, config: { rpcUrl, chainId, contract, token } };
}

async function playRound(world: World, round: number): Promise<RoundOutcome> {
  const { random } = world;
  const dir = path.join(world.work, `round-${round}`);
  // Every victim has its turn; the seed chooses who is first.
  const victim = VICTIMS[(round + world.first) % VICTIMS.length] as Victim;
  const early = randomInt(random, 4) === 0;
  const share = randomInt(random, 1_000) / 1_000;
  const downMs = randomInt(random, DOWN_MS);
  const chainKill = randomInt(random, 3);
  const goods = [
    await makeGoods(world, dir, "purchase.bin", (4 + randomInt(random, 13)) * MIB),
    await makeGoods(world, dir, "next.bin", NEXT_BYTES),
  ] as const;
  const wallets = {
    payer: await createWallet(path.join(dir, "payer"), ""),
    payee: await createWallet(path.join(dir, "payee"), ""),
  };
  await fund(world.config, wallets.payer, FUNDS);
  await fund(world.config, wallets.payee, 0n);
  const moment = `${early ? "early" : "mid-transfer"}, ${share.toFixed(3)}${victim === "chain" ? `, ${["anvil", "devnet", "both"][chainKill]}` : ""}`;
  const done = { round, victim, moment, killed: false, openTicks: 0 };
  /** Blocks that were mined before the kill and are not there after it. */
  let forgotten = 0;
  const meeting = new Meeting(world, dir, goods[0]);
  try {
    await meeting.open();
    done.killed = await meeting.untilMoment(early ? share * EARLY_MS : undefined, share);
    if (done.killed) {
      const height = victim === "chain" ? await blockNumber(world.config) : 0;
      if (victim === "payer") await meeting.payer.kill();
      if (victim === "payee") await meeting.payee.kill();
      if (victim === "chain") await killChain(world, chainKill);
      const [paid, got] = [storedNano("payer", wallets.payer.dir), storedNano("payee", wallets.payee.dir)];
      done.openTicks = Number((paid > got ? paid - got : got - paid) / UNIT_NANO);
      await pause(downMs);
      if (victim === "payer") meeting.startPayer();
      if (victim === "payee") await meeting.startPayee();
      if (victim === "chain") {
        world.chain = (await startChain(world.home, world.port)).chain;
        forgotten = Math.max(0, height - (await blockNumber(world.config)));
      }
    }
    await meeting.finish();
    const moved = { delivered: meeting.deliveredBytes, served: meeting.servedBytes };
    await meeting.close();
    const next = new Meeting(world, dir, goods[1]);
    try {
      await next.open();
      await next.finish();
    } finally {
      await next.close();
    }
    const faults = await differences(dir, goods);
    const sums = await settleCrash(world.config, wallets, FUNDS);
    const bill = crashBill({
      kills: done.killed ? 1 : 0,
      // What one side counted over its only life; the killed one's first count died with it.
      deliveredBytes: (victim === "payer" ? moved.served : moved.delivered) + NEXT_BYTES,
      servedBytes: (victim === "payee" ? moved.delivered : moved.served) + NEXT_BYTES,
      paid: sums.paid,
      got: sums.got,
      rate: RATE_BYTES,
    });
    const broken = [...faults, ...bill.faults, ...sums.faults];
    if (broken.length > 0 && forgotten > 0) broken.unshift(`the chain forgot ${forgotten} blocks when it was killed`);
    const note = forgotten > 0 ? `, ${forgotten} blocks forgotten` : "";
    return { ...done, ...bill, moment: moment + note, faults: broken };
  } catch (error) {
    const nothing = { lostByPayer: 0n, lostByPayee: 0n, paidTwice: 0n };
    return { ...done, ...nothing, faults: [`not finished: ${(error as Error).message}`] };
  } finally {
    await meeting.close();
  }
}

/** A seller and a buyer of one torrent. */
class Meeting {
  readonly #world: World;
  readonly #dir: string;
  readonly #goods: Goods;
  payee!: Command;
  payer!: Command;
  servedBytes = 0;
  deliveredBytes = 0;
  #closed = false;

  constructor(world: World, dir: string, goods: Goods) {
    this.#world = world;
    this.#dir = dir;
    this.#goods = goods;
  }

  async open(): Promise<void> {
    await this.startPayee();
    this.startPayer();
  }

  async startPayee(): Promise<void> {
    this.payee = new Command(
      "seller",
      [
        ...["seed", this.#goods.file, "--data", path.join(this.#dir, "data"), "--host", "127.0.0.1"],
        ...["--price", PRICE, "--wallet", path.join(this.#dir, "payee"), "--upload-limit", `${RATE_BYTES}B`],
      ],
      this.#world.home,
    );
    await this.payee.next("listening");
  }

  startPayer(): void {
    this.payer = new Command(
      "buyer",
      [
        ...["get", this.#goods.file, "--out", path.join(this.#dir, "out"), "--host", "127.0.0.1"],
        ...["--budget", BUDGET, "--wallet", path.join(this.#dir, "payer"), "--timeout", "100"],
      ],
      this.#world.home,
    );
  }

  /** Waits for a time since the start, or for a share of the transfer. False when it was over before. */
  async untilMoment(earlyMs: number | undefined, share: number): Promise<boolean> {
    const over = this.payer.next("complete").then(
      () => false,
      () => false,
    );
    if (earlyMs !== undefined) return Promise.race([over, pause(earlyMs).then(() => true)]);
    const flowing = this.payer.until(
      "progress",
      ({ torrent }) => ((torrent as { haveBytes?: number } | undefined)?.haveBytes ?? 0) > 0,
    );
    const spanMs = (0.75 * share * this.#goods.bytes * 1000) / RATE_BYTES;
    return Promise.race([over, flowing.then(() => pause(spanMs)).then(() => true)]);
  }

  /** Waits for the download, and asks both for what they counted. */
  async finish(): Promise<void> {
    const { torrent } = await this.payer.next("complete");
    this.deliveredBytes = (torrent as { downloadedBytes: number }).downloadedBytes;
    await this.payer.exited;
    // The last ticks go through the seller's group commit.
    await pause(SETTLE_MS);
    const stopped = this.payee.next("stopped");
    this.payee.signal("SIGTERM");
    this.servedBytes = ((await stopped).torrent as { uploadedBytes: number }).uploadedBytes;
    await this.payee.exited;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([this.payer?.kill(), this.payee?.kill()]);
  }
}

/** 0: anvil alone, 1: the command that runs it, which leaves an orphan, 2: both. */
async function killChain({ chain }: World, which: number): Promise<void> {
  if (which !== 1) chain.killChild();
  // The command ends by itself when anvil is gone.
  if (which !== 0) await chain.kill();
  await chain.exited;
}

async function makeGoods(world: World, dir: string, name: string, bytes: number): Promise<Goods> {
  const data = path.join(dir, "data");
  await mkdir(data, { recursive: true });
  const content = world.random(bytes);
  await writeFile(path.join(data, name), content);
  const hasher = createWorkerHasher({ threads: 1 });
  try {
    const { torrentBytes } = await createTorrent(
      path.join(data, name),
      { kind: "hybrid", pieceLengthBytes: 256 << 10, announce: [[world.announce]] },
      hasher,
    );
    const file = path.join(dir, `${name}.torrent`);
    await writeFile(file, torrentBytes);
    return { name, file, sha256: createHash("sha256").update(content).digest("hex"), bytes };
  } finally {
    await hasher.close();
  }
}

async function differences(dir: string, goods: readonly Goods[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, sha256 } of goods) {
    const content = await readFile(path.join(dir, "out", name));
    if (createHash("sha256").update(content).digest("hex") !== sha256) faults.push(`${name} differs from the original`);
  }
  return faults;
}

async function rpc({ rpcUrl }: ChainConfig, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  const { error, result } = (await response.json()) as { error?: { message: string }; result?: unknown };
  if (error !== undefined) throw new EverseedError("chain-refused", `Cannot call ${method}: ${error.message}`);
  return result;
}

async function blockNumber(config: ChainConfig): Promise<number> {
  return Number(await rpc(config, "eth_blockNumber", []));
}

/** One ETH, and test dollars. */
async function fund(config: ChainConfig, wallet: Wallet, usd: bigint): Promise<void> {
  await rpc(config, "anvil_addBalance", [wallet.address, `0x${(10n ** 18n).toString(16)}`]);
  if (usd === 0n) return;
  // mint(address,uint256)
  const data = `0x40c10f19${wallet.address.slice(2).padStart(64, "0")}${usd.toString(16).padStart(64, "0")}`;
  await rpc(config, "eth_sendTransaction", [{ from: FAUCET, to: config.token.address, data }]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
