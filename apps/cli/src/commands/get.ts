/** `everseed get`: downloads a torrent, buying from peers that sell when there is a budget. */
import { type Address, EverseedError, formatAmount, infoHashHex, NANO, parseAmount, parsePrice } from "@everseed/core";
import type { Follower } from "@everseed/engine";
import { budgetOf, type ChainConfig, EverseedNode, ensureWallet, loadChainConfig } from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, parseHostPort, portFlag, rateFlag, text, walletFlag } from "../flags.ts";
import { formatBar, formatBytes, formatLeft, formatPercent, formatRate } from "../format.ts";
import { type BidFlags, biddingTerms, bidFlags, type MarketFlags, marketFlags, reserveRule } from "../market-flags.ts";
import { type NetworkFlags, networkFlags, networkInit } from "../network-flags.ts";
import { runCommand, untilStopped } from "../output.ts";
import { usage } from "../usage.ts";
import { tellClosing } from "./claims.ts";
import { type Download, type DownloadFlags, type DownloadInit, startDownload } from "./download.ts";
import { checkMutable, followFlags, followTorrent, tellFailure } from "./follow.ts";
import { loadTorrentOrMagnet, type NamedTorrent, presentOf } from "./load.ts";
import { walletDir } from "./wallet.ts";

interface Flags extends NetworkFlags, MarketFlags, BidFlags, DownloadFlags {
  readonly port: number;
  readonly budget?: string;
  readonly deposit?: string;
  readonly free: boolean;
  readonly wallet?: string;
  readonly downloadLimit?: number;
  readonly uploadLimit?: number;
  readonly seed: boolean;
  readonly follow: boolean;
  readonly followEvery: number;
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
      ...followFlags,
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
      if (flags.follow) checkMutable(asked);
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
        ...(chain === undefined
          ? {}
          : { chain, wallet: await ensureWallet(walletDir(flags.wallet)), onClosing: tellClosing(output, chain) }),
        ...(auctions || bidding !== false ? { market: {} } : {}),
      });
      let timer: NodeJS.Timeout | undefined;
      let follower: Follower | undefined;
      try {
        let done: () => void = () => undefined;
        let fail: (error: unknown) => void = () => undefined;
        const finished = new Promise<void>((resolve, reject) => {
          done = resolve;
          fail = reject;
        });
        finished.catch(() => undefined);
        const money = chain === undefined ? {} : moneyTerms(flags, chain, { buys, sells, auctions, bidding });
        let current: Download | undefined;
        let verified: NamedTorrent | undefined;
        let complete: Download | undefined;
        const purchases = () =>
          (current?.added.payments?.peers() ?? []).flatMap(({ address, remote, connected, bought }) =>
            bought === undefined ? [] : [{ address, remote, connected, ...bought }],
          );
        const report = (type: string, { added, named }: Download) => ({
          type,
          ...usage(),
          seconds: (performance.now() - startedAt) / 1000,
          ...(named.item === undefined ? {} : { seq: named.item.mutable.seq }),
          torrent: added.torrent.stats(),
          purchases: purchases(),
        });
        const finish = async (download: Download): Promise<void> => {
          await download.finished;
          const { added, named } = download;
          if (download !== current) return;
          // What the key named before may have been longer.
          if (flags.follow) await added.torrent.files.trim();
          if (purchases().length > 0) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
          if (download !== current) return;
          complete = download;
          const { metainfo } = added.torrent;
          const stats = added.torrent.stats();
          const seconds = (performance.now() - startedAt) / 1000;
          const spent = purchases().reduce((sum, p) => sum + p.paidNano, 0n);
          output.result(
            {
              ...report("complete", download),
              name: metainfo?.name,
              infohash: infoHashHex(named.infoHashes[0] as never),
              paidNano: spent,
              opened: chain === undefined ? [] : node.payments.opened,
            },
            `${metainfo?.name}: ${formatBytes(stats.totalBytes)} in ${seconds.toFixed(1)} s (${formatRate(stats.totalBytes / seconds)})${chain === undefined ? "" : `, paid ${formatAmount(spent / NANO, chain.token.decimals)} ${chain.token.symbol}`}`,
          );
          done();
        };
        const begin = async (named: NamedTorrent): Promise<void> => {
          const started = current;
          // Without a torrent that was complete or followed by another, there is nothing to go on with.
          const onFailed = (error: unknown): void =>
            started === undefined && complete === undefined ? fail(error) : tellFailure(output, error);
          const onVerified = (): void => {
            output.event({ type: "verified", seconds: (performance.now() - startedAt) / 1000 });
            verified = named;
          };
          const download = await startDownload({ node, named, flags, money, output, onVerified, onFailed });
          current = download;
          finish(download).catch((error: unknown) => download === current && onFailed(error));
        };
        await begin(await presentOf(asked, node, flags.timeout));
        if (flags.follow) {
          const everySeconds = flags.followEvery;
          follower = followTorrent({ node, everySeconds, output, current: () => current as Download, begin });
        }
        const draw = (): void => {
          if (current === undefined) return;
          if (current === complete) {
            const { peers, uploadBytesPerSecond } = current.added.torrent.stats();
            const held = current.named.item?.mutable.seq ?? 0;
            if (flags.follow && !flags.json)
              output.progress(
                `number ${held} is here  up ${formatRate(uploadBytesPerSecond)} to ${peers.length} peer(s)`,
              );
            return;
          }
          if (flags.json) return void output.event(report("progress", current));
          const stats = current.added.torrent.stats();
          const fraction = stats.totalBytes > 0 ? stats.haveBytes / stats.totalBytes : 0;
          const spent = purchases().reduce((sum, p) => sum + p.paidNano, 0n) / NANO;
          const money =
            chain === undefined ? "" : `  paid ${formatAmount(spent, chain.token.decimals)} ${chain.token.symbol}`;
          const number = flags.follow ? `number ${current.named.item?.mutable.seq ?? 0}  ` : "";
          if (verified === current.named) return output.progress(`${number}all is verified, waiting for the disk`);
          output.progress(
            stats.state === "metadata"
              ? `${number}fetching metadata from ${stats.peers.length} peer(s)`
              : `${number}${formatBar(fraction)} ${formatPercent(fraction)} ${formatRate(stats.downloadBytesPerSecond)} ${formatLeft(stats.haveBytes, stats.totalBytes, stats.downloadBytesPerSecond)}  ${stats.peers.length} peer(s)${money}`,
          );
        };
        timer = setInterval(draw, REPORT_MS);
        await Promise.race([
          finished,
          interrupted(),
          ...(flags.timeout === undefined ? [] : [timedOut(flags.timeout)]),
        ]);
        if (flags.seed || flags.follow) await untilStopped();
        if (current !== complete) throw stoppedEarly();
      } finally {
        follower?.stop();
        clearInterval(timer);
        await node.stop();
      }
    }),
});

/** One budget, whatever the link comes to name. */
function moneyTerms(
  flags: Flags,
  { token: { address, decimals } }: ChainConfig,
  what: { buys: boolean; sells: boolean; auctions: boolean; bidding: ReturnType<typeof biddingTerms> | false },
): DownloadInit["money"] {
  const { buys, sells, auctions, bidding } = what;
  const token = address as Address;
  const budget = buys ? parseAmount(flags.budget as string, decimals) : undefined;
  return {
    ...(budget === undefined
      ? {}
      : {
          buying: {
            budget: budgetOf(budget),
            token,
            deposit: flags.deposit === undefined ? budget : parseAmount(flags.deposit, decimals),
            ...(flags.maxPrice === undefined ? {} : { maxPrice: parsePrice(flags.maxPrice, decimals) }),
          },
        }),
    ...(sells
      ? { selling: { price: auctions ? ("market" as const) : parsePrice(flags.price as string, decimals), token } }
      : {}),
    market: {
      bidding,
      possession: flags.possession,
      ...(auctions ? { reserve: reserveRule(flags, decimals) } : {}),
    },
  };
}

function stoppedEarly(): EverseedError {
  return new EverseedError("interrupted", "Stopped before the download was complete; what was verified is kept", {
    hint: "Run the same command to go on.",
  });
}

function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(stoppedEarly());
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
