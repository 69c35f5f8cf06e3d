/** `everseed wallet`: keys, balances and channels. */

import { join } from "node:path";
import { type Address, formatAmount, parseAmount, ZERO_ADDRESS } from "@everseed/core";
import {
  type ChainConfig,
  createWallet,
  EverseedNode,
  homeDir,
  jsonRpcFetch,
  loadChainConfig,
  openWallet,
  type Wallet,
} from "@everseed/node";
import { buildCommand, buildRouteMap } from "@stricli/core";
import { jsonFlag, walletFlag } from "../flags.ts";
import { runCommand } from "../output.ts";
import { claimLines, claimsOf } from "./claims.ts";

interface Flags {
  readonly wallet?: string;
  readonly json: boolean;
}

const flags = { wallet: walletFlag("Wallet folder (default: in Everseed's home)"), json: jsonFlag } as const;

export function walletDir(dir: string | undefined): string {
  return dir ?? join(homeDir(), "wallet");
}

/** Loaded when it is needed: the chain client is larger than all else, and `main.ts` loads every command. */
async function clientOf(wallet: Wallet, chain: ChainConfig) {
  const { createChannelsClient } = await import("@everseed/chain");
  return createChannelsClient({ ...chain, privateKey: wallet.privateKey, fetch: jsonRpcFetch });
}

const newCommand = buildCommand({
  docs: { brief: "Make a wallet" },
  parameters: { flags },
  func: (f: Flags) =>
    runCommand(f.json, async (output) => {
      const wallet = await createWallet(walletDir(f.wallet));
      output.result({ address: wallet.address, dir: wallet.dir }, `${wallet.address} in ${wallet.dir}`);
    }),
});

const showCommand = buildCommand({
  docs: { brief: "Show address and balances" },
  parameters: { flags },
  func: (f: Flags) =>
    runCommand(f.json, async (output) => {
      const wallet = await openWallet(walletDir(f.wallet));
      const chain = await loadChainConfig();
      const client = await clientOf(wallet, chain);
      const token = await client.balance(chain.token.address as Address);
      const eth = await client.balance(ZERO_ADDRESS);
      output.result(
        { address: wallet.address, token, eth, symbol: chain.token.symbol },
        `${wallet.address}\n${formatAmount(token, chain.token.decimals)} ${chain.token.symbol}\n${formatAmount(eth, 18)} ETH`,
      );
    }),
});

const channelsCommand = buildCommand({
  docs: { brief: "List channels with what was paid and earned" },
  parameters: {
    flags: { ...flags, all: { kind: "boolean", default: false, brief: "Those that are closed as well" } },
  },
  func: (f: Flags & { readonly all: boolean }) =>
    runCommand(f.json, async (output) => {
      const chain = await loadChainConfig();
      const node = await EverseedNode.start({
        port: 0,
        host: "127.0.0.1",
        wallet: await openWallet(walletDir(f.wallet)),
        chain,
      });
      try {
        const channels = (await node.payments.channels()).filter(({ state }) => f.all || state !== "closed");
        const shown = channels.map(
          (c) =>
            `${c.state.padEnd(7)} ${c.role} ${c.id.slice(0, 12)} ${c.counterparty} ${formatAmount(c.amount, chain.token.decimals)} of ${formatAmount(c.deposit, chain.token.decimals)} ${chain.token.symbol}`,
        );
        output.result({ channels }, shown.length > 0 ? shown.join("\n") : f.all ? "no channels" : "no open channels");
      } finally {
        await node.stop();
      }
    }),
});

const depositCommand = buildCommand({
  docs: { brief: "Add to the deposit of a channel" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Payee of the channel", placeholder: "ADDRESS", parse: String },
        { brief: "Amount in tokens", placeholder: "AMOUNT", parse: String },
      ],
    },
    flags,
  },
  func: (f: Flags, payee: string, amountText: string) =>
    runCommand(f.json, async (output) => {
      const chain = await loadChainConfig();
      const amount = parseAmount(amountText, chain.token.decimals);
      const node = await EverseedNode.start({
        port: 0,
        host: "127.0.0.1",
        wallet: await openWallet(walletDir(f.wallet)),
        chain,
      });
      try {
        const deposit = await node.payments.deposit(
          payee.toLowerCase() as Address,
          chain.token.address as Address,
          amount,
        );
        output.result(
          { payee, deposit },
          `deposit of ${formatAmount(deposit, chain.token.decimals)} ${chain.token.symbol} for ${payee}`,
        );
      } finally {
        await node.stop();
      }
    }),
});

const withdrawCommand = buildCommand({
  docs: { brief: "Claim all earnings on chain; with --close, take deposits back too" },
  parameters: {
    flags: {
      ...flags,
      close: { kind: "boolean", default: false, brief: "Start to close the channels we pay, or finish that" },
    },
  },
  func: (f: Flags & { readonly close: boolean }) =>
    runCommand(f.json, async (output) => {
      const chain = await loadChainConfig();
      const node = await EverseedNode.start({
        port: 0,
        host: "127.0.0.1",
        wallet: await openWallet(walletDir(f.wallet)),
        chain,
      });
      try {
        const claimed = await node.payments.claimAll();
        const closed = f.close ? await node.payments.closeAll() : [];
        output.result(
          {
            claimed: claimsOf(claimed),
            closed,
          },
          [
            ...claimLines(claimed, chain),
            ...closed.map(
              (c) =>
                `${c.counterparty}: ${c.state}${c.availableAt === undefined ? "" : ` until ${new Date(c.availableAt * 1000).toISOString()}`}`,
            ),
          ].join("\n"),
        );
      } finally {
        await node.stop();
      }
    }),
});

export const walletRoutes = buildRouteMap({
  routes: {
    new: newCommand,
    show: showCommand,
    deposit: depositCommand,
    withdraw: withdrawCommand,
    channels: channelsCommand,
  },
  docs: { brief: "Keys, balances and channels" },
});
