/**
 * The embedded chain: anvil with its state in a file, the channels contract and a test dollar deployed once. Restarted
 * on the same folder it goes on where it was.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Address, EverseedError, type Token } from "@everseed/core";
import { createPublicClient, createTestClient, createWalletClient, type Hex, http, numberToHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { everseedChain } from "../channels-client.ts";
import { everseedChannelsAbi, everseedChannelsBytecode } from "../generated/everseed-channels.ts";
import { testUsdAbi, testUsdBytecode } from "../generated/test-usd.ts";

export const DEVNET_CHAIN_ID = 31_337;
const MNEMONIC = "test test test test test test test test test test test junk";
const START_TIMEOUT_MS = 20_000;

export interface DevnetInfo {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly contract: Address;
  readonly token: Token;
}

export interface Devnet extends DevnetInfo {
  readonly pid: number;
  /** Gives an account ETH (wei) and test dollars (base units), on top of what it has. */
  fund(account: Address, amounts: { readonly eth?: bigint; readonly usd?: bigint }): Promise<void>;
  /** Resolves when the process ends, for whatever reason. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** Starts the chain. Rejects with EverseedError `devnet-missing` or `devnet-failed`. */
export async function startDevnet(options: { readonly port: number; readonly stateDir: string }): Promise<Devnet> {
  await mkdir(options.stateDir, { recursive: true });
  const child = spawn(
    anvilPath(),
    [
      "--port",
      String(options.port),
      "--host",
      "127.0.0.1",
      "--chain-id",
      String(DEVNET_CHAIN_ID),
      "--mnemonic",
      MNEMONIC,
      "--accounts",
      "1",
      "--state",
      join(options.stateDir, "anvil.json"),
      "--state-interval",
      "1",
      "--silent",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (cause) => reject(missing(cause)));
    child.once("exit", (code) =>
      reject(
        new EverseedError(
          "devnet-failed",
          `Cannot run the embedded chain: anvil ended with ${code}. ${complaint.trim()}`,
          { hint: "Is the port taken? Choose another with --port." },
        ),
      ),
    );
  });
  failed.catch(() => undefined);
  try {
    const info = await Promise.race([prepare(options), failed]);
    return {
      ...info,
      pid: child.pid as number,
      exited,
      fund: (account, amounts) => fund(info, account, amounts),
      stop: () => stop(child, exited),
    };
  } catch (error) {
    child.kill("SIGKILL");
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

async function prepare(options: { readonly port: number; readonly stateDir: string }): Promise<DevnetInfo> {
  const rpcUrl = `http://127.0.0.1:${options.port}`;
  const chain = everseedChain({ rpcUrl, chainId: DEVNET_CHAIN_ID });
  const reader = createPublicClient({ chain, transport: http(rpcUrl, { retryCount: 0 }), pollingInterval: 20 });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await reader.getChainId().catch(() => undefined)) !== DEVNET_CHAIN_ID) {
    if (Date.now() > deadline) throw new EverseedError("devnet-failed", `Cannot reach the embedded chain at ${rpcUrl}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const file = join(options.stateDir, "devnet.json");
  const saved = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as DevnetInfo,
    () => undefined,
  );
  if (saved !== undefined && (await reader.getCode({ address: saved.contract })) !== undefined)
    return { ...saved, rpcUrl };
  const wallet = createWalletClient({ chain, transport: http(rpcUrl), account: mnemonicToAccount(MNEMONIC) });
  const deploy = async (hash: Promise<Hex>): Promise<Address> => {
    const { contractAddress } = await reader.waitForTransactionReceipt({ hash: await hash });
    return (contractAddress as string).toLowerCase() as Address;
  };
  const contract = await deploy(
    wallet.deployContract({ abi: everseedChannelsAbi, bytecode: everseedChannelsBytecode }),
  );
  const token = await deploy(wallet.deployContract({ abi: testUsdAbi, bytecode: testUsdBytecode }));
  const info: DevnetInfo = {
    rpcUrl,
    chainId: DEVNET_CHAIN_ID,
    contract,
    token: { address: token, symbol: "TUSD", decimals: 6 },
  };
  await writeFile(file, `${JSON.stringify(info, null, 2)}\n`, { flush: true });
  return info;
}

async function fund(
  info: DevnetInfo,
  account: Address,
  amounts: { readonly eth?: bigint; readonly usd?: bigint },
): Promise<void> {
  const chain = everseedChain(info);
  const reader = createPublicClient({ chain, transport: http(info.rpcUrl), pollingInterval: 20 });
  if (amounts.eth !== undefined) {
    const admin = createTestClient({ chain, mode: "anvil", transport: http(info.rpcUrl) });
    const value = amounts.eth + (await reader.getBalance({ address: account }));
    await admin.request({ method: "anvil_setBalance", params: [account, numberToHex(value)] });
  }
  if (amounts.usd !== undefined) {
    const wallet = createWalletClient({ chain, transport: http(info.rpcUrl), account: mnemonicToAccount(MNEMONIC) });
    const hash = await wallet.writeContract({
      address: info.token.address as Address,
      abi: testUsdAbi,
      functionName: "mint",
      args: [account, amounts.usd],
    });
    await reader.waitForTransactionReceipt({ hash });
  }
}

/** SIGTERM lets anvil write its state. */
async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}
