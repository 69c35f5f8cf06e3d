/** Which chain, contract and token a node uses: written by the devnet, or given by the environment. */

import { join } from "node:path";
import { type Address, EverseedError, type Token } from "@everseed/core";
import { homeDir, readJson, writeJson } from "./home.ts";

export interface ChainConfig {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** EverseedChannels. */
  readonly contract: Address;
  readonly token: Token;
}

const fileOf = (home: string): string => join(home, "chain.json");

/** Remembers the chain for later commands. */
export async function saveChainConfig(config: ChainConfig, home = homeDir()): Promise<void> {
  await writeJson(fileOf(home), config);
}

/**
 * The configured chain; `EVERSEED_RPC_URL` overrides the address of the saved one.
 * Throws EverseedError `chain-unknown` when none is configured.
 */
export async function loadChainConfig(home = homeDir()): Promise<ChainConfig> {
  const saved = await readJson<ChainConfig>(fileOf(home));
  if (saved === undefined) {
    throw new EverseedError("chain-unknown", `Cannot use payments: no chain is configured in ${home}`, {
      hint: "Start one with `everseed devnet` or `npm start`, or add --free to go without payments.",
    });
  }
  const rpcUrl = process.env.EVERSEED_RPC_URL;
  return rpcUrl ? { ...saved, rpcUrl } : saved;
}
