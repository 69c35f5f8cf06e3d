/** `everseed market serve`: seeds the torrents of a folder that pay best, by what trackers tell of bids. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Address, EverseedError, formatAmount, NANO, parseAmount, parsePrice } from "@everseed/core";
import { type Price, priceFromPerGib, ZERO_PRICE } from "@everseed/market";
import {
  budgetOf,
  EverseedNode,
  ensureWallet,
  heldBytesIn,
  loadChainConfig,
  type NodeTorrent,
  type SeederCandidate,
  SeederMode,
} from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, portFlag, rateFlag, text, walletFlag } from "../flags.ts";
import { type MarketFlags, marketFlags, reserveRule, type StrategyFlag, strategyFlag } from "../market-flags.ts";
import { type NetworkFlags, networkFlags, networkInit } from "../network-flags.ts";
import { runCommand, untilStopped } from "../output.ts";
import { tellClosing } from "./claims.ts";
import { loadTorrent } from "./load.ts";
import { walletDir } from "./wallet.ts";

interface Flags extends NetworkFlags, StrategyFlag, Omit<MarketFlags, "price"> {
  readonly data: string;
  readonly port: number;
  readonly tracker?: readonly string[];
  readonly active: number;
  readonly every: number;
  readonly fetch?: string;
  readonly fetchPrice: string;
  readonly wallet?: string;
  readonly slots: number;
  readonly uploadLimit?: number;
  readonly json: boolean;
}

const REPORT_MS = 1_000;
const { price: _price, ...reserveFlags } = marketFlags;

export const serveCommand = buildCommand({
  docs: {
    brief: "Seed the torrents of a folder that pay best; --fetch also buys ones that are not here, to sell them",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Folder of .torrent files", placeholder: "FOLDER", parse: String }],
    },
    flags: {
      data: text("Folder that holds the torrents' data", "DIR"),
      port: portFlag("Port to listen on; 0 takes any free one"),
      ...networkFlags,
      tracker: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "HTTP tracker to ask beside the torrents' own; repeat for several",
        placeholder: "URL",
      },
      active: {
        kind: "parsed",
        parse: parseCount,
        default: "5",
        brief: "Torrents that run at a time",
        placeholder: "N",
      },
      every: {
        kind: "parsed",
        parse: parseCount,
        default: "900",
        brief: "Seconds between two looks",
        placeholder: "N",
      },
      fetch: {
        ...text("Most to spend on one torrent that is not here, in tokens, like 0.10", "AMOUNT"),
        optional: true,
      },
      fetchPrice: {
        kind: "parsed",
        parse: String,
        default: "0.01/GiB",
        brief: "What fetching is reckoned to cost",
        placeholder: "AMOUNT",
      },
      ...reserveFlags,
      ...strategyFlag,
      wallet: walletFlag(),
      slots: {
        kind: "parsed",
        parse: parseCount,
        default: "8",
        brief: "Upload slots over all torrents",
        placeholder: "N",
      },
      uploadLimit: rateFlag(),
      json: jsonFlag,
    },
  },
  func: (flags: Flags, folder: string) =>
    runCommand(flags.json, async (output) => {
      const chain = await loadChainConfig();
      const { decimals, symbol } = chain.token;
      const token = chain.token.address as Address;
      const candidates = await readFolder(folder, flags.data);
      const node = await EverseedNode.start({
        port: flags.port,
        ...(await networkInit(flags)),
        ...(flags.uploadLimit === undefined ? {} : { uploadLimit: flags.uploadLimit }),
        chain,
        wallet: await ensureWallet(walletDir(flags.wallet)),
        onClosing: tellClosing(output, chain),
        market: { slots: flags.slots, strategy: flags.strategy },
      });
      const reserve = reserveRule(flags, decimals);
      const running = new Map<SeederCandidate, NodeTorrent>();
      const budget = flags.fetch === undefined ? undefined : parseAmount(flags.fetch, decimals);
      const mode = new SeederMode({
        candidates,
        trackers: flags.tracker ?? [],
        market: { chainId: BigInt(chain.chainId), contract: chain.contract, token },
        active: flags.active,
        policy: {
          slots: flags.slots,
          reserve: reserve.type === "fixed" ? reserve.price : ZERO_PRICE,
          fetchPrice: priceFromPerGib(parsePrice(flags.fetchPrice, decimals), "up") as Price,
        },
        fetches: budget !== undefined,
        everyMs: flags.every * 1000,
        start: async (candidate) => {
          const { metainfo, heldBytes } = candidate;
          const buys = budget !== undefined && heldBytes < metainfo.totalBytes;
          const added = await node.add({
            metainfo,
            dir: flags.data,
            selling: { price: "market", token },
            ...(buys ? { buying: { budget: budgetOf(budget), token, deposit: budget } } : {}),
            market: { reserve, possession: flags.possession },
            announce: [...metainfo.announce, ...(flags.tracker ?? []).map((url) => [url])],
            onTracker: (message) => output.line(`tracker: ${message}`),
          });
          running.set(candidate, added);
        },
        stop: async (candidate) => {
          const added = running.get(candidate);
          running.delete(candidate);
          candidate.heldBytes = added?.torrent.stats().haveBytes ?? candidate.heldBytes;
          await added?.remove();
        },
        onLook: (torrents) => {
          if (flags.json) output.event({ type: "look", torrents });
          else for (const { name, runs } of torrents) if (runs) output.line(`serving ${name}`);
        },
        onMessage: (message) => output.line(message),
      });
      let timer: NodeJS.Timeout | undefined;
      try {
        output.event({ type: "listening", port: node.engine.port, address: node.address });
        await mode.start();
        timer = setInterval(() => {
          for (const [candidate, { torrent }] of running) candidate.heldBytes = torrent.stats().haveBytes;
          const report = node.marketReport();
          if (flags.json) output.event({ ...report, type: "progress" });
          else
            output.progress(
              `${running.size} of ${candidates.length} torrents, earned ${formatAmount((report?.earnedNano ?? 0n) / NANO, decimals)} ${symbol}`,
            );
        }, REPORT_MS);
        await untilStopped();
      } finally {
        clearInterval(timer);
        await mode.stop();
        await node.stop();
      }
    }),
});

async function readFolder(folder: string, data: string): Promise<SeederCandidate[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new EverseedError("folder-unreadable", `Cannot read ${folder}: ${(cause as Error).message}`, { cause });
  });
  const files = names.filter((name) => name.endsWith(".torrent")).sort();
  if (files.length === 0)
    throw new EverseedError("folder-empty", `Cannot serve ${folder}: there is no .torrent file in it`);
  return Promise.all(
    files.map(async (name) => {
      const metainfo = await loadTorrent(join(folder, name));
      return { metainfo, heldBytes: await heldBytesIn(data, metainfo) };
    }),
  );
}

function parseCount(input: string): number {
  const count = Number(input);
  if (!Number.isInteger(count) || count < 1) throw new Error(`expected a whole number above 0, received ${input}`);
  return count;
}
