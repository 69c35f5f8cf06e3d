/** `everseed get --follow`: what is fetched changes when the key of its link names another torrent (BEP 46). */
import { EverseedError, infoHashHex } from "@everseed/core";
import type { Follower } from "@everseed/engine";
import type { EverseedNode } from "@everseed/node";
import type { Output } from "../output.ts";
import type { Download } from "./download.ts";
import type { NamedTorrent } from "./load.ts";

export const followFlags = {
  follow: {
    kind: "boolean",
    default: false,
    brief: "Serve on, and fetch whatever torrent the link's key names next; files that it lacks stay",
  },
  followEvery: {
    kind: "parsed",
    parse: parseSeconds,
    default: "600",
    brief: "Seconds between looks at what the key names, more or less",
    placeholder: "N",
  },
} as const;

function parseSeconds(input: string): number {
  const seconds = Number(input);
  if (!(seconds >= 1 && seconds <= 86_400)) throw new Error(`expected 1 to 86400 seconds, received ${input}`);
  return seconds;
}

export interface FollowTorrentInit {
  readonly node: Pick<EverseedNode, "follow">;
  readonly everySeconds: number;
  readonly output: Output;
  /** What is fetched or held. */
  readonly current: () => Download;
  /** Takes the place of what was fetched, which is stopped by then. */
  readonly begin: (named: NamedTorrent) => Promise<void>;
}

/** Throws EverseedError `not-mutable` when nothing about the torrent can change. */
export function checkMutable(named: NamedTorrent): NonNullable<NamedTorrent["mutable"]> {
  if (named.mutable !== undefined) return named.mutable;
  throw new EverseedError("not-mutable", "Cannot follow the torrent: it is named for good, by its infohash", {
    hint: "Leave out --follow, or follow a link with xs=urn:btpk:..., as `everseed publish` makes them.",
  });
}

/** Looks from now on, also while the first torrent is on its way: its last seed may be gone with the next. */
export function followTorrent({ node, everySeconds, output, current, begin }: FollowTorrentInit): Follower {
  const { named } = current();
  const { publicKey, salt } = checkMutable(named);
  const [infoHash] = named.infoHashes;
  return node.follow({
    publicKey,
    ...(salt && { salt }),
    everyMs: everySeconds * 1000,
    ...(infoHash && { infoHash }),
    ...(named.item && { item: named.item }),
    onTorrent: async ({ infoHash, item }) => {
      const { seq } = item.mutable;
      const hash = infoHashHex(infoHash);
      output.event({ type: "changed", seq, infohash: hash }, `the key names another torrent: number ${seq}, ${hash}`);
      try {
        await current().added.remove();
        await begin({ ...named, infoHashes: [infoHash], item });
      } catch (error) {
        tellFailure(output, error);
        throw error;
      }
    },
    onLost: () => output.event({ type: "lost" }, "nobody in the DHT has the key's item; looking on"),
    onKept: (nodes, { mutable: { seq } }) =>
      output.event({ type: "kept", seq, nodes }, `put number ${seq} into the DHT again: ${nodes} node(s) took it`),
    onLooked: () => {
      // A disk that was full may have room by now.
      const { torrent } = current().added;
      if (torrent.state === "paused") torrent.resume().catch(() => undefined);
    },
  });
}

/** What fails after the first torrent is told, and the next look may do better. */
export function tellFailure(output: Output, error: unknown): void {
  const { code = "unexpected", message } = error as Partial<EverseedError> & Error;
  output.event({ type: "failed", code, message }, `${message} [${code}]`);
}
