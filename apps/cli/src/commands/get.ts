/** `everseed get`: downloads a torrent, buying from peers that sell when there is a budget. */
import { type Address, EverseedError, formatAmount, infoHashHex, NANO, parseAmount, parsePrice } from "@everseed/core";
import { budgetOf, EverseedNode, ensureWallet, loadChainConfig, type NodeTorrent } from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, parseHostPort, portFlag, rateFlag, text, walletFlag } from "../flags.ts";
import { formatBar, formatBytes, formatLeft, formatPercent, formatRate } from "../format.ts";
import { type BidFlags, biddingTerms, bidFlags, type MarketFlags, marketFlags, reserveRule } from "../market-flags.ts";
import { type NetworkFlags, networkFlags, networkInit } from "../network-flags.ts";
import { runCommand, toJson, untilStopped } from "../output.ts";
import { usage } from "../usage.ts";
import { choiceOf } from "./choose-files.ts";
import { loadTorrentOrMagnet, presentOf } from "./load.ts";
import { walletDir } from "./wallet.ts";

interface Flags extends NetworkFlags, MarketFlags, BidFlags {
  readonly out: string;
  readonly port: number;
  readonly peer?: readonly { host: string; port: number }[];
  readonly budget?: string;
  readonly deposit?: string;
  readonly free: boolean;
  readonly wallet?: string;
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  readonly seed: boolean;
  readonly sequential: boolean;
  readonly file?: readonly string[];
  readonly check: boolean;
  readonly webSeeds: boolean;
  readonly timeout?: number;
  readonly json: boolean;
}

const REPORT_MS = 500;
/** After the last byte: ticks and farewells are on their way. */
const SETTLE_MS = 300;

export const getCommand = buildCommand({
  docs: { brief: "Download a torrent; --budget buys from peers that sell" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Torrent file or magnet link", placeholder: "TORRENT|MAGNET", parse: String }],
    },
    flags: {
      out: text("Folder to download into", "DIR"),
      port: portFlag("Port to listen on; 0 takes any free one"),
      ...networkFlags,
      peer: {
        kind: "parsed",
        parse: parseHostPort,
        variadic: true,
        optional: true,
        brief: "Peer to connect to; repeat for several",
        placeholder: "HOST:PORT",
      },
      budget: { ...text("Most to spend, in tokens, like 0.50", "AMOUNT"), optional: true },
      maxPrice: { ...text("Decline dearer offers, and bid no more, like 0.02/GiB", "AMOUNT"), optional: true },
      ...bidFlags,
      ...marketFlags,
      deposit: { ...text("Deposit of a channel that must be opened (default: the budget)", "AMOUNT"), optional: true },
      free: { kind: "boolean", default: false, brief: "Never pay" },
      wallet: walletFlag(),
      downloadLimit: rateFlag(),
      uploadLimit: rateFlag("Most bytes per second given to others"),
      seed: { kind: "boolean", default: false, brief: "Serve on when the download is complete, until it is ended" },
      sequential: { kind: "boolean", default: false, brief: "First piece first" },
      file: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "Fetch only files whose path matches, like *.mkv; repeat for several",
        placeholder: "PATTERN",
      },
      webSeeds: { kind: "boolean", default: true, brief: "Fetch from the torrent's web servers as well" },
      check: { kind: "boolean", default: false, brief: "Read all data that is there, even what did not change" },
      timeout: {
        kind: "parsed",
        parse: Number,
        optional: true,
        brief: "Give up after this many seconds",
        placeholder: "N",
      },
      json: jsonFlag,
    },
  },
  func: (flags: Flags, name: string) =>
    runCommand(flags.json, async (output) => {
      const asked = await loadTorrentOrMagnet(name);
      const buys = flags.budget !== undefined && !flags.free;
      const sells = flags.price !== undefined && !flags.free;
      const chain = buys || sells ? await loadChainConfig() : undefined;
      const auctions = sells && flags.price === "auto";
      const bidding = chain === undefined || !buys ? (false as const) : biddingTerms(flags, chain.token.decimals);
      const startedAt = performance.now();
      const node = await EverseedNode.start({
        port: flags.port,
        ...(await networkInit(flags)),
        ...(flags.downloadLimit === undefined ? {} : { downloadLimit: flags.downloadLimit }),
        ...(flags.uploadLimit === undefined ? {} : { uploadLimit: flags.uploadLimit }),
        ...(chain === undefined ? {} : { chain, wallet: await ensureWallet(walletDir(flags.wallet)) }),
        ...(auctions || bidding !== false ? { market: {} } : {}),
      });
      let timer: NodeJS.Timeout | undefined;
      try {
        let done: () => void = () => undefined;
        let fail: (error: EverseedError) => void = () => undefined;
        const finished = new Promise<void>((resolve, reject) => {
          done = resolve;
          fail = reject;
        });
        finished.catch(() => undefined);
        const budget =
          chain === undefined || !buys ? undefined : parseAmount(flags.budget as string, chain.token.decimals);
        const named = await presentOf(asked, node, flags.timeout);
        const added: NodeTorrent = await node.add({
          ...(named.metainfo === undefined ? { infoHashes: named.infoHashes } : { metainfo: named.metainfo }),
          dir: flags.out,
          announce: named.announce,
          sequential: flags.sequential,
          remember: !flags.check,
          webSeeds: flags.webSeeds && named.webSeeds,
          ...choiceOf(flags.file, named.selectOnly),
          ...(chain === undefined || budget === undefined
            ? {}
            : {
                buying: {
                  budget: budgetOf(budget),
                  token: chain.token.address as Address,
                  deposit: flags.deposit === undefined ? budget : parseAmount(flags.deposit, chain.token.decimals),
                  ...(flags.maxPrice === undefined
                    ? {}
                    : { maxPrice: parsePrice(flags.maxPrice, chain.token.decimals) }),
                },
              }),
          ...(chain === undefined || !sells
            ? {}
            : {
                selling: {
                  price: auctions ? ("market" as const) : parsePrice(flags.price as string, chain.token.decimals),
                  token: chain.token.address as Address,
                },
              }),
          ...(chain === undefined
            ? {}
            : {
                market: {
                  bidding,
                  possession: flags.possession,
                  ...(auctions ? { reserve: reserveRule(flags, chain.token.decimals) } : {}),
                },
              }),
          onCheck: (at, total) => output.progress(`checking ${formatBar(at / total)} ${formatPercent(at / total)}`),
          onTracker: (message) => output.line(`tracker: ${message}`),
          onEvent: (event) => {
            if (event.type === "complete") done();
            if (event.type === "failed") fail(event.error);
            if (event.type === "paused" && event.error !== undefined) fail(event.error);
            if (event.type === "fault") output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
          },
          onPayment: (event) => {
            if (event.type === "declined") output.line(`${event.remote}: offer declined [${event.code}]`);
            if (event.type === "refused" || event.type === "failed")
              output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
          },
        });
        node.engine.addPeers(added.torrent, [...named.peers.flatMap((peer) => parsePeer(peer)), ...(flags.peer ?? [])]);
        const purchases = () =>
          (added.payments?.peers() ?? []).flatMap(({ address, remote, connected, bought }) =>
            bought === undefined ? [] : [{ address, remote, connected, ...bought }],
          );
        const report = (type: string) => ({
          type,
          ...usage(),
          seconds: (performance.now() - startedAt) / 1000,
          torrent: added.torrent.stats(),
          purchases: purchases(),
        });
        const draw = (): void => {
          if (flags.json) return void process.stdout.write(`${toJson(report("progress"))}\n`);
          const stats = added.torrent.stats();
          const fraction = stats.totalBytes > 0 ? stats.haveBytes / stats.totalBytes : 0;
          const spent = purchases().reduce((sum, p) => sum + p.paidNano, 0n) / NANO;
          const money =
            chain === undefined ? "" : `  paid ${formatAmount(spent, chain.token.decimals)} ${chain.token.symbol}`;
          output.progress(
            stats.state === "metadata"
              ? `fetching metadata from ${stats.peers.length} peer(s)`
              : `${formatBar(fraction)} ${formatPercent(fraction)} ${formatRate(stats.downloadBytesPerSecond)} ${formatLeft(stats.haveBytes, stats.totalBytes, stats.downloadBytesPerSecond)}  ${stats.peers.length} peer(s)${money}`,
          );
        };
        timer = setInterval(draw, REPORT_MS);
        await Promise.race([
          finished,
          interrupted(),
          ...(flags.timeout === undefined ? [] : [timedOut(flags.timeout)]),
        ]);
        clearInterval(timer);
        if (purchases().length > 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        const { metainfo } = added.torrent;
        const stats = added.torrent.stats();
        const seconds = (performance.now() - startedAt) / 1000;
        const spent = purchases().reduce((sum, p) => sum + p.paidNano, 0n);
        output.result(
          {
            ...report("complete"),
            name: metainfo?.name,
            infohash: infoHashHex(named.infoHashes[0] as never),
            paidNano: spent,
            opened: chain === undefined ? [] : node.payments.opened,
          },
          `${metainfo?.name}: ${formatBytes(stats.totalBytes)} in ${seconds.toFixed(1)} s (${formatRate(stats.totalBytes / seconds)})${chain === undefined ? "" : `, paid ${formatAmount(spent / NANO, chain.token.decimals)} ${chain.token.symbol}`}`,
        );
        if (flags.seed) await untilStopped();
      } finally {
        clearInterval(timer);
        await node.stop();
      }
    }),
});

function parsePeer(peer: string): { host: string; port: number }[] {
  try {
    return [parseHostPort(peer)];
  } catch {
    return [];
  }
}

function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void =>
      reject(
        new EverseedError("interrupted", "Stopped before the download was complete; what was verified is kept", {
          hint: "Run the same command to go on.",
        }),
      );
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}

function timedOut(seconds: number): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(
      () =>
        reject(new EverseedError("timeout", `Cannot complete the download within ${seconds} s`, { retryable: true })),
      seconds * 1000,
    );
    timer.unref();
  });
}
