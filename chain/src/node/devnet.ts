/**
 * The embedded chain: anvil, the channels contract and a test dollar at addresses that follow from their code. Its state is
 * kept in a folder; restarted there it goes on where it was, also after kill -9 of the chain, of this process, or of both.
 *
 * State is written whole to a second file, synced and renamed, so that no moment leaves half a file: before the answer to a
 * call that may have changed it (`durable-rpc.ts`), at `flush`, and a quarter of a second after any other block. An anvil
 * that outlived its parent is asked for its state first.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Address, EverseedError, type Token } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import {
  concatHex,
  createPublicClient,
  getCreate2Address,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  zeroHash,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { everseedChain } from "../channels-client.ts";
import { explain } from "../errors.ts";
import { everseedChannelsBytecode } from "../generated/everseed-channels.ts";
import { testUsdAbi, testUsdBytecode } from "../generated/test-usd.ts";
import { createTransactions, pause, retrying, type Transactions } from "../transactions.ts";
import { chainFiles, claimFolder, dumpState, restoreState, writeAtomic } from "./devnet-state.ts";
import { startDurableRpc } from "./durable-rpc.ts";

export const DEVNET_CHAIN_ID = 31_337;
const MNEMONIC = "test test test test test test test test test test test junk";
/** Deploys by CREATE2 whatever it is sent; part of every anvil (github.com/Arachnid/deterministic-deployment-proxy). */
const DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
const SAVE_INTERVAL_MS = 250;
/** Saving takes at most this part of the time. */
const SAVE_SHARE = 1 / 20;

export interface DevnetOptions {
  readonly port: number;
  readonly stateDir: string;
  /** Aborted: the chain is stopped. */
  readonly signal?: AbortSignal;
}

export interface DevnetInfo {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly contract: Address;
  readonly token: Token;
}

export interface Devnet extends DevnetInfo {
  readonly pid: number;
  /** Gives an account ETH (wei) and test dollars (base units), on top of what it has; saved when it resolves. */
  fund(account: Address, amounts: { readonly eth?: bigint; readonly usd?: bigint }): Promise<void>;
  /** Resolves when all that is mined now is on disk. */
  flush(): Promise<void>;
  /** Resolves when the process ends, for whatever reason. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the chain and waits until it answers. Rejects with EverseedError `devnet-missing` (no anvil), `devnet-running`
 * (another process runs it on this folder), `devnet-state` (damaged folder), `devnet-port` (taken) or `devnet-failed`.
 */
export async function startDevnet(options: DevnetOptions): Promise<Devnet> {
  const { port, stateDir, signal } = options;
  if (signal?.aborted)
    throw new EverseedError("devnet-stopped", "Cannot start the embedded chain: it was told to stop");
  await mkdir(stateDir, { recursive: true });
  const files = chainFiles(stateDir);
  await claimFolder(files);
  await requireFree(port);
  const restored = await restoreState(files);
  const innerPort = await freePort();
  const child = spawn(
    anvilPath(),
    [
      ...["--port", String(innerPort), "--host", "127.0.0.1", "--chain-id", String(DEVNET_CHAIN_ID)],
      ...["--mnemonic", MNEMONIC, "--accounts", "1", "--silent", "--dump-state", files.exitState],
      ...(restored ? ["--load-state", files.state] : []),
    ],
    { stdio: ["ignore", "ignore", "pipe"], cwd: stateDir },
  );
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(missing(cause)));
    child.once("exit", (code) => reject(ended(code, complaint)));
    signal?.addEventListener("abort", () => reject(ended("a signal", "")), { once: true });
  });
  failed.catch(() => undefined);
  const orphan = (): void => void child.kill("SIGTERM");
  process.once("exit", orphan);
  void exited.then(() => process.removeListener("exit", orphan));

  try {
    const rpcUrl = `http://127.0.0.1:${port}`;
    const inner = `http://127.0.0.1:${innerPort}`;
    const reader = createPublicClient({
      chain: everseedChain({ rpcUrl: inner, chainId: DEVNET_CHAIN_ID }),
      transport: http(inner, { retryCount: 0 }),
    });
    const faucet = createTransactions({ reader, account: mnemonicToAccount(MNEMONIC), chainId: DEVNET_CHAIN_ID });
    if (child.pid !== undefined)
      await writeAtomic(
        files.owner,
        JSON.stringify({ pid: child.pid, parent: process.pid, port: innerPort, rpcPort: port }),
      );
    const info = await Promise.race([prepare(reader, faucet, rpcUrl), failed]);
    await writeAtomic(files.info, `${JSON.stringify(info, null, 2)}\n`);
    const saver = createSaver(reader, () => dumpState(inner, files.state));
    await Promise.race([saver.save(), failed]);
    const closeDoor = await startDurableRpc({
      port,
      upstream: inner,
      save: saver.save,
      height: () => reader.getBlockNumber({ cacheTime: 0 }),
    });
    void exited.then(closeDoor);
    const saving = saver.run(exited);
    // One at a time: anvil_addBalance reads, adds and writes, and two at once can lose one.
    let funding: Promise<void> = Promise.resolve();
    let stopping: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopping ??= (async () => {
        if (child.exitCode === null && child.signalCode === null) await saver.save().catch(() => undefined);
        await end(child, exited);
        await Promise.all([saving, closeDoor()]);
      })();
      return stopping;
    };
    signal?.addEventListener("abort", () => void stop(), { once: true });
    return {
      ...info,
      pid: child.pid as number,
      exited,
      stop,
      flush: () => explained("save the chain", saver.save()),
      fund: async (account, amounts) => {
        const turn = funding.then(() => fund({ reader, faucet, info, account, ...amounts }));
        funding = turn.catch(() => undefined);
        await explained("fund the account", turn);
        await explained("save the chain", saver.save());
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw error;
  }
}

function anvilPath(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/package.json");
    return join(manifest, "..", "bin", "anvil");
  } catch {
    return "anvil";
  }
}

function missing(cause: unknown): EverseedError {
  return new EverseedError("devnet-missing", "Cannot start the embedded chain: anvil is not installed", {
    cause,
    hint: "Install Foundry's anvil and put it on PATH, or use another chain.",
  });
}

function ended(by: number | string | null, complaint: string): EverseedError {
  return new EverseedError(
    "devnet-failed",
    `Cannot run the embedded chain: anvil ended with ${by}. ${complaint.trim()}`.trim(),
    { hint: "Is the port taken? Choose another with --port." },
  );
}

/** Another chain on the port would answer in place of ours. */
function requireFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", (cause) =>
      fail(
        new EverseedError("devnet-port", `Cannot run the embedded chain: port ${port} cannot be used`, {
          cause,
          hint: "Choose another with --port.",
        }),
      ),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => done()));
  });
}

async function explained<T>(what: string, task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (error) {
    throw explain(what, error);
  }
}

/** Waits for the first answer; deploys what is not there. */
async function prepare(reader: PublicClient, faucet: Transactions, rpcUrl: string): Promise<DevnetInfo> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const chainId = await reader.getChainId().catch(() => undefined);
    if (chainId === DEVNET_CHAIN_ID) break;
    if (Date.now() > deadlineMs)
      throw new EverseedError("devnet-failed", `Cannot reach the embedded chain at ${rpcUrl}`);
    await pause(25);
  }
  return {
    rpcUrl,
    chainId: DEVNET_CHAIN_ID,
    contract: await deploy(reader, faucet, everseedChannelsBytecode),
    token: { address: await deploy(reader, faucet, testUsdBytecode), symbol: "TUSD", decimals: 6 },
  };
}

/** The address follows from the code alone: the same code is deployed once, and is found wherever it was. */
async function deploy(reader: PublicClient, faucet: Transactions, bytecode: Hex): Promise<Address> {
  const address = getCreate2Address({ from: DEPLOYER, salt: zeroHash, bytecodeHash: keccak256(bytecode) });
  if ((await retrying(() => reader.getCode({ address }))) === undefined)
    await faucet.send("deploy the contract", { to: DEPLOYER, data: concatHex([zeroHash, bytecode]) });
  return address.toLowerCase() as Address;
}

interface Funding {
  readonly reader: PublicClient;
  readonly faucet: Transactions;
  readonly info: DevnetInfo;
  readonly account: Address;
  readonly eth?: bigint;
  readonly usd?: bigint;
}

async function fund({ reader, faucet, info, account, eth, usd }: Funding): Promise<void> {
  if (eth !== undefined && eth > 0n) {
    const params: [Address, Hex] = [account, `0x${eth.toString(16)}`];
    await reader.request<{ Method: "anvil_addBalance"; Parameters: [Address, Hex]; ReturnType: null }>({
      method: "anvil_addBalance",
      params,
    });
  }
  if (usd !== undefined && usd > 0n) {
    await faucet.send("mint test dollars", {
      to: info.token.address as Address,
      abi: testUsdAbi,
      functionName: "mint",
      args: [account, usd],
    });
  }
}

/** Saves one at a time; who asks while one is under way gets the next. */
function createSaver(reader: PublicClient, dump: () => Promise<void>) {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  const save = (): Promise<void> => {
    waiting ??= running
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        running = dump();
        return running;
      });
    return waiting;
  };
  /** Until the chain ends. */
  const run = async (exited: Promise<void>): Promise<void> => {
    let alive = true;
    const gone = exited.then(() => {
      alive = false;
    });
    let saved: bigint | undefined;
    let waitMs = SAVE_INTERVAL_MS;
    while (alive) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([new Promise((done) => (timer = setTimeout(done, waitMs))), gone]);
      clearTimeout(timer);
      const block = alive ? await reader.getBlockNumber({ cacheTime: 0 }).catch(() => saved) : saved;
      if (!alive || block === saved) continue;
      const startedMs = performance.now();
      if (
        await save().then(
          () => true,
          () => false,
        )
      )
        saved = block;
      waitMs = Math.max(SAVE_INTERVAL_MS, (performance.now() - startedMs) / SAVE_SHARE);
    }
  };
  return { save, run };
}

/** SIGTERM first; anvil writes its state once more. */
async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
