/** `everseed seed`: serves a torrent, for a price if one is given; to those who do not pay by the plain rules. */
import { type Address, EverseedError, formatAmount, infoHashHex, NANO, parsePrice } from "@everseed/core";
import { infoHashesOf } from "@everseed/engine";
import { EverseedNode, ensureWallet, loadChainConfig } from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, portFlag, rateFlag, text, walletFlag } from "../flags.ts";
import { formatBar, formatBytes, formatPercent, formatRate } from "../format.ts";
import { type MarketFlags, marketFlags, reserveRule, type StrategyFlag, strategyFlag } from "../market-flags.ts";
import { type NetworkFlags, networkFlags, networkInit } from "../network-flags.ts";
import { runCommand, untilStopped } from "../output.ts";
import { usage } from "../usage.ts";
import { claimLines, claimsOf, tellClosing } from "./claims.ts";
import { loadTorrent } from "./load.ts";
import { walletDir } from "./wallet.ts";

interface Flags extends NetworkFlags, MarketFlags, StrategyFlag {
  readonly data: string;
  readonly port: number;
  readonly wallet?: string;
  readonly slots: number;
  readonly uploadLimit?: number;
  readonly superSeed: boolean;
  readonly json: boolean;
}

const REPORT_MS = 1_000;

export const seedCommand = buildCommand({
  docs: { brief: "Serve a torrent's data; --price sells it to peers that buy, --price auto auctions upload slots" },
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "Torrent file", placeholder: "TORRENT", parse: String }] },
    flags: {
      data: text("Folder that holds the torrent's data", "DIR"),
      port: portFlag("Port to listen on; 0 takes any free one"),
      ...networkFlags,
      ...marketFlags,
      ...strategyFlag,
      wallet: walletFlag(),
      slots: {
        kind: "parsed",
        parse: Number,
        default: "8",
        brief: "Upload slots; paying peers are beside them, unless they are auctioned",
        placeholder: "N",
      },
      uploadLimit: rateFlag(),
      superSeed: {
        kind: "boolean",
        default: false,
        brief: "Upload hardly a piece twice while nobody else has all of them (BEP 16); buyers choose freely",
      },
      json: jsonFlag,
    },
  },
  func: (flags: Flags, path: string) =>
    runCommand(flags.json, async (output) => {
      const metainfo = await loadTorrent(path);
      const chain = flags.price === undefined ? undefined : await loadChainConfig();
      const auctions = flags.price === "auto";
      const sale = chain && {
        price: auctions ? ("market" as const) : parsePrice(flags.price as string, chain.token.decimals),
        token: chain.token.address as Address,
      };
      const node = await EverseedNode.start({
        port: flags.port,
        ...(await networkInit(flags)),
        ...(flags.uploadLimit === undefined ? {} : { uploadLimit: flags.uploadLimit }),
        ...(chain === undefined
          ? {}
          : { chain, wallet: await ensureWallet(walletDir(flags.wallet)), onClosing: tellClosing(output, chain) }),
        ...(auctions ? { market: { slots: flags.slots, strategy: flags.strategy } } : {}),
      });
      try {
        const added = await node.add({
          metainfo,
          dir: flags.data,
          uploadSlots: flags.slots,
          superSeeding: flags.superSeed,
          ...(sale === undefined ? {} : { selling: sale }),
          ...(auctions && chain !== undefined
            ? { market: { reserve: reserveRule(flags, chain.token.decimals), possession: flags.possession } }
            : {}),
          onCheck: (done, total) =>
            output.progress(`checking ${formatBar(done / total)} ${formatPercent(done / total)}`),
          onTracker: (message) => output.line(`tracker: ${message}`),
          onEvent: (event) => {
            if (event.type === "fault") output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
            if (event.type === "failed") output.line(`stopped: ${event.error.message}`);
          },
          onPayment: (event) => {
            if (event.type === "refused" || event.type === "failed")
              output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
          },
        });
        const { torrent } = added;
        if (torrent.state !== "seeding") {
          const { havePieces, pieceCount } = torrent.stats();
          if (havePieces === 0) {
            throw new EverseedError(
              "data-missing",
              `Cannot seed ${metainfo.name}: no piece of it is in ${flags.data}`,
              {
                hint: "Name the folder that holds it with --data, or fetch it with `everseed get`.",
              },
            );
          }
          output.line(`only ${havePieces} of ${pieceCount} pieces are here: serving those`);
        }
        const sales = () =>
          (added.payments?.peers() ?? []).flatMap(({ address, remote, connected, sold }) =>
            sold === undefined ? [] : [{ address, remote, connected, ...sold }],
          );
        const report = (type: string) => ({ type, ...usage(), torrent: torrent.stats(), sales: sales() });
        const hash = infoHashesOf(metainfo).map(infoHashHex);
        output.event(
          { type: "listening", port: node.engine.port, infohash: hash[0], address: node.address },
          `seeding ${metainfo.name} (${formatBytes(metainfo.totalBytes)}) on port ${node.engine.port}${auctions ? ", slots by auction" : flags.price ? ` at ${flags.price}` : ", free"}`,
        );
        const timer = setInterval(() => {
          const stats = torrent.stats();
          const earned = sales().reduce((sum, sale) => sum + sale.earnedNano, 0n) / NANO;
          const money =
            chain === undefined ? "" : `  earned ${formatAmount(earned, chain.token.decimals)} ${chain.token.symbol}`;
          if (flags.json) output.event(report("progress"));
          else
            output.progress(
              `up ${formatRate(stats.uploadBytesPerSecond)}  ${formatBytes(stats.uploadedBytes)} to ${stats.peers.length} peer(s)${money}`,
            );
        }, REPORT_MS);
        // Settles on demand, without a pause in serving.
        process.on("SIGUSR2", () => {
          node.payments.claimAll().then(
            (claims) =>
              output.event(
                { type: "claimed", claims: claimsOf(claims) },
                chain === undefined ? undefined : claimLines(claims, chain).join("\n"),
              ),
            (error: unknown) => output.line((error as Error).message),
          );
        });
        await untilStopped();
        clearInterval(timer);
        output.event(report("stopped"));
      } finally {
        await node.stop();
      }
    }),
});
