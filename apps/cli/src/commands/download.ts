/** One torrent of `everseed get`: added with what the flags say, from its first peer to its last byte. */
import type { EverseedError } from "@everseed/core";
import type { EverseedNode, NodeTorrent, NodeTorrentInit } from "@everseed/node";
import { parseHostPort } from "../flags.ts";
import { formatBar, formatPercent } from "../format.ts";
import type { Output } from "../output.ts";
import { choiceOf } from "./choose-files.ts";
import type { NamedTorrent } from "./load.ts";

export interface DownloadFlags {
  readonly out: string;
  readonly peer?: readonly { host: string; port: number }[];
  readonly sequential: boolean;
  readonly file?: readonly string[];
  readonly check: boolean;
  readonly webSeeds: boolean;
}

export interface DownloadInit {
  readonly node: EverseedNode;
  readonly named: NamedTorrent;
  readonly flags: DownloadFlags;
  readonly money: Pick<NodeTorrentInit, "buying" | "selling" | "market">;
  readonly output: Output;
  /** Everything that is wanted has come; what is left is to make it durable. */
  readonly onVerified: () => void;
  /** It is paused or has ended. */
  readonly onFailed: (error: EverseedError) => void;
}

export interface Download {
  readonly named: NamedTorrent;
  readonly added: NodeTorrent;
  /** Everything that is wanted is there, and durable. */
  readonly finished: Promise<void>;
}

export async function startDownload(init: DownloadInit): Promise<Download> {
  const { node, named, flags, money, output, onVerified, onFailed } = init;
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const added = await node.add({
    ...(named.metainfo === undefined ? { infoHashes: named.infoHashes } : { metainfo: named.metainfo }),
    dir: flags.out,
    announce: named.announce,
    sequential: flags.sequential,
    remember: !flags.check,
    webSeeds: flags.webSeeds && named.webSeeds,
    ...choiceOf(flags.file, named.selectOnly),
    ...money,
    onCheck: (at, total) => output.progress(`checking ${formatBar(at / total)} ${formatPercent(at / total)}`),
    onTracker: (message) => output.line(`tracker: ${message}`),
    onEvent: (event) => {
      if (event.type === "verified") onVerified();
      if (event.type === "complete") done();
      if (event.type === "failed") onFailed(event.error);
      if (event.type === "paused" && event.error !== undefined) onFailed(event.error);
      if (event.type === "fault") output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
    },
    onPayment: (event) => {
      if (event.type === "declined") output.line(`${event.remote}: offer declined [${event.code}]`);
      if (event.type === "refused" || event.type === "failed")
        output.line(`${event.remote}: ${event.error.message} [${event.error.code}]`);
    },
  });
  node.engine.addPeers(added.torrent, [...named.peers.flatMap((peer) => parsePeer(peer)), ...(flags.peer ?? [])]);
  return { named, added, finished };
}

function parsePeer(peer: string): { host: string; port: number }[] {
  try {
    return [parseHostPort(peer)];
  } catch {
    return [];
  }
}
