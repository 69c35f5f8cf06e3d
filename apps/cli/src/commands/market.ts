/** `everseed market`: what a running node's market looks like: reserves, bids, offers, income. */
import { formatAmount, NANO, type Token } from "@everseed/core";
import { type Price, pricePerGib } from "@everseed/market";
import { loadChainConfig, watchMarket } from "@everseed/node";
import { buildCommand, buildRouteMap } from "@stricli/core";
import { jsonFlag, walletFlag } from "../flags.ts";
import { runCommand } from "../output.ts";
import { serveCommand } from "./serve.ts";
import { walletDir } from "./wallet.ts";

interface Flags {
  readonly wallet?: string;
  readonly once: boolean;
  readonly json: boolean;
}

/** A node's report as it comes over the socket: money as decimal strings. */
interface Report {
  readonly slots: number;
  readonly marketPrice?: string;
  readonly earnedNano: string;
  readonly spentNano: string;
  readonly torrents: readonly { readonly infohash: string; readonly name?: string; readonly reserve: string }[];
  readonly peers: readonly {
    readonly torrent: string;
    readonly remote: string;
    readonly address: string;
    readonly canPay: boolean;
    readonly theirBid?: string;
    readonly slotPrice?: string;
    readonly ourBid?: string;
    readonly theirOffer?: string;
  }[];
}

const showCommand = buildCommand({
  docs: { brief: "Show the market of a running node: bids, offers, reserves and income, live" },
  parameters: {
    flags: {
      wallet: walletFlag("Wallet folder of the node (default: in Everseed's home)"),
      once: { kind: "boolean", default: false, brief: "Show it once" },
      json: jsonFlag,
    },
  },
  func: (flags: Flags) =>
    runCommand(flags.json, async (output) => {
      const { token } = await loadChainConfig();
      for await (const report of watchMarket(walletDir(flags.wallet))) {
        if (flags.json) output.event(report);
        else if (flags.once) output.result(report, picture(report as Report, token));
        else output.progress(picture(report as Report, token));
        if (flags.once) return;
      }
    }),
});

export const marketRoutes = buildRouteMap({
  routes: { show: showCommand, serve: serveCommand },
  defaultCommand: "show",
  docs: { brief: "Watch the market of a running node, or seed what pays best" },
});

function picture(report: Report, token: Token): string {
  const amount = (nano: string): string => `${formatAmount(BigInt(nano) / NANO, token.decimals)} ${token.symbol}`;
  const price = (value: string | undefined): string =>
    value === undefined ? "-" : `${formatAmount(pricePerGib(BigInt(value) as Price), token.decimals)}/GiB`;
  const sold = report.peers.filter(({ slotPrice }) => slotPrice !== undefined).length;
  const lines = [
    `earned ${amount(report.earnedNano)}, spent ${amount(report.spentNano)}; ${sold} of ${report.slots} slots sold; a slot costs about ${price(report.marketPrice)}`,
    ...report.torrents.map(({ infohash, name, reserve }) => `${name ?? infohash}: reserve ${price(reserve)}`),
  ];
  if (report.peers.length === 0) return [...lines, "nobody bids or offers"].join("\n");
  const columns = ["peer", "bids", "pays", "we bid", "asks"];
  const rows = report.peers.map((peer) => [
    peer.remote,
    `${price(peer.theirBid)}${peer.theirBid !== undefined && !peer.canPay ? " (no channel)" : ""}`,
    price(peer.slotPrice),
    price(peer.ourBid),
    price(peer.theirOffer),
  ]);
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const draw = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i] as number)).join("  ");
  return [...lines, draw(columns), ...rows.map(draw)].join("\n");
}
