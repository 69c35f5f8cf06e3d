/**
 * Publishes torrents that change (BEP 46) from a node that has the DHT and nothing else. What was signed last is remembered
 * below the node's home, one small file a key and salt, so that numbers rise even where the DHT has forgotten.
 */
import { join } from "node:path";
import { EverseedError, fromHex, systemClock, systemRandom, toHex } from "@everseed/core";
import { mutableTarget, type Publication, type Published, Publisher, type PublisherInit } from "@everseed/engine";
import { homeDir, readJson, writeJson } from "./home.ts";
import { type DhtSettings, NodeNetwork } from "./network.ts";
import type { PublishingKey } from "./publishing-key.ts";

export interface PublishInit extends Pick<PublisherInit, "salt" | "infoHashes" | "replace" | "onKept" | "onConflict"> {
  readonly key: PublishingKey;
  /** UDP port; 0 takes any free one. */
  readonly port: number;
  readonly host?: string;
  readonly dht?: DhtSettings;
}

export interface Publishing extends Published {
  /** Keeps the item no longer; it lasts two hours from its last put. */
  stop(): Promise<void>;
}

/**
 * Publishes which torrent the key names, and keeps the item alive until it is stopped. Rejects with EverseedError `dht-off`,
 * `publish-conflict`, `publish-unstored`, `listen-failed` or `file-unreadable`.
 */
export async function publishTorrent(init: PublishInit): Promise<Publishing> {
  const { key, port, host, dht: settings, ...rest } = init;
  const path = join(homeDir(), "published", `${toHex(mutableTarget(key.publicKey, init.salt))}.json`);
  const last = await loadPublication(path);
  const network = await NodeNetwork.open({
    port,
    ...(host === undefined ? {} : { host }),
    ...(settings === undefined ? {} : { dht: settings }),
  });
  let publisher: Publisher | undefined;
  const stop = async (): Promise<void> => {
    publisher?.stop();
    await network.close();
  };
  try {
    if (network.dht === undefined) {
      throw new EverseedError("dht-off", "Cannot publish the torrent: this node takes no part in the DHT", {
        hint: "On loopback the DHT is on when --dht-node names a node.",
      });
    }
    network.start(undefined, () => undefined);
    await network.joined;
    publisher = new Publisher({
      ...rest,
      dht: network.dht,
      clock: systemClock,
      random: systemRandom,
      secretKey: key.secretKey,
      ...(last === undefined ? {} : { last }),
      save: ({ seq, value }) => writeJson(path, { seq, value: toHex(value) }),
    });
    return { ...(await publisher.start()), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function loadPublication(path: string): Promise<Publication | undefined> {
  const saved = await readJson<{ seq: unknown; value: unknown }>(path);
  if (saved === undefined) return undefined;
  const value = typeof saved?.value === "string" ? fromHex(saved.value) : undefined;
  if (value !== undefined && Number.isSafeInteger(saved.seq)) return { seq: saved.seq as number, value };
  throw new EverseedError("file-unreadable", `Cannot read ${path}: it does not say what was published last`, {
    hint: "Restore the file from a backup, or move it away to begin anew.",
  });
}
