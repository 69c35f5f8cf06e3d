/** `everseed publish`: says in the DHT which torrent a key names (BEP 46), and keeps it said. */
import { EverseedError, infoHashHex, toHex, utf8 } from "@everseed/core";
import { formatMagnet } from "@everseed/metainfo";
import { ensurePublishingKey, publishTorrent } from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, portFlag, text } from "../flags.ts";
import { dhtInit, type NetworkFlags, networkFlags } from "../network-flags.ts";
import { runCommand, untilStopped } from "../output.ts";
import { loadTorrentOrMagnet } from "./load.ts";

interface Flags extends Pick<NetworkFlags, "host" | "dhtNode"> {
  readonly key: string;
  readonly salt?: string;
  readonly replace: boolean;
  readonly once: boolean;
  readonly port: number;
  readonly json: boolean;
}

export const publishCommand = buildCommand({
  docs: { brief: "Make a link that names the newest torrent of a key: publish again with the same key to change it" },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Torrent file or magnet link", placeholder: "TORRENT|MAGNET", parse: String }],
    },
    flags: {
      key: text("File of the secret key; made where there is none. Whoever has it may publish: keep it", "FILE"),
      salt: { ...text("Tells several torrents of one key apart; at most 64 bytes"), optional: true },
      replace: { kind: "boolean", default: false, brief: "Publish over what somebody else published with the key" },
      once: { kind: "boolean", default: false, brief: "End when published; nodes forget it two hours later" },
      port: portFlag("UDP port to use; 0 takes any free one"),
      host: networkFlags.host,
      dhtNode: networkFlags.dhtNode,
      json: jsonFlag,
    },
  },
  func: (flags: Flags, name: string) =>
    runCommand(flags.json, async (output) => {
      const { metainfo, infoHashes, announce } = await loadTorrentOrMagnet(name);
      const [first, ...others] = infoHashes;
      if (first === undefined) {
        throw new EverseedError("publish-unnamed", "Cannot publish the link: it names a key and no torrent", {
          hint: "Name a torrent file, or a magnet link with xt=urn:btih:... or xt=urn:btmh:...",
        });
      }
      if (metainfo?.private === true) {
        throw new EverseedError("publish-private", `Cannot publish ${metainfo.name}: it is private, the DHT is not`, {
          hint: "Make it without --private, or share the torrent file.",
        });
      }
      const salt = flags.salt === undefined ? undefined : utf8(flags.salt);
      const key = await ensurePublishingKey(flags.key);
      if (key.isNew)
        output.line(`made the key ${flags.key}: keep it safe, the link is good for as long as you have it`);
      let conflicted: (error: EverseedError) => void = () => undefined;
      const conflict = new Promise<never>((_, reject) => {
        conflicted = reject;
      });
      conflict.catch(() => undefined);
      const publishing = await publishTorrent({
        key,
        infoHashes: [first, ...others],
        replace: flags.replace,
        port: flags.port,
        ...(salt === undefined ? {} : { salt }),
        ...(flags.host === undefined ? {} : { host: flags.host }),
        ...dhtInit({ ...flags, dht: true }),
        onConflict: (error) => conflicted(error),
        onKept: (nodes) =>
          output.event(
            { type: "kept", nodes },
            nodes > 0 ? `put again: ${nodes} node(s) took it` : "put again: no node took it; trying on",
          ),
      });
      try {
        const { item, nodes, replaced } = publishing;
        const { publicKey } = key;
        const magnet = formatMagnet({
          infoHashes: [],
          mutable: { publicKey, ...(salt === undefined ? {} : { salt }) },
          trackers: announce.flat(),
          webSeeds: [],
          peers: [],
        });
        const what = metainfo?.name ?? infoHashHex(first);
        const over = replaced === undefined ? "" : `, after number ${replaced.mutable.seq}`;
        output.result(
          {
            type: "published",
            magnet,
            publicKey: toHex(publicKey),
            infohash: infoHashHex(first),
            seq: item.mutable.seq,
            nodes,
          },
          `${magnet}\n${what} is number ${item.mutable.seq} of the key${over}; ${nodes} node(s) of the DHT took it`,
        );
        if (flags.once) return;
        if (!flags.json) output.line("kept alive every hour; nodes forget it two hours after this ends");
        await Promise.race([untilStopped(), conflict]);
      } finally {
        await publishing.stop();
      }
    }),
});
