/**
 * Publishes which torrent a key names (BEP 46) and keeps the item alive. Invariant: a number is saved before it is put, so
 * that none is used for two torrents; an item of somebody else is replaced only on demand, and one that replaces ours ends it.
 */
import {
  type Clock,
  EverseedError,
  ed25519PublicKey,
  type InfoHash,
  infoHashHex,
  type RandomBytes,
} from "@everseed/core";
import { encodeBencode } from "@everseed/metainfo";
import type { Dht } from "./dht.ts";
import { mutableItem } from "./items.ts";
import {
  KEEP_MS,
  lookDelayMs,
  type MutableItem,
  type Publication,
  presentTorrent,
  publishStep,
  supersedes,
  torrentValue,
} from "./mutable-torrents.ts";

/** What nobody took is put again, as nodes come: so often, after so long. */
const ATTEMPTS = 6;
const ATTEMPT_MS = 5_000;

export interface PublisherInit {
  readonly dht: Pick<Dht, "getMutable" | "put">;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** 32-byte seed of an Ed25519 key. */
  readonly secretKey: Uint8Array;
  readonly salt?: Uint8Array;
  readonly infoHashes: readonly [InfoHash, ...InfoHash[]];
  /** From `save`, of an earlier run. */
  readonly last?: Publication;
  /** Remembers what is about to be put: durable when it resolves. */
  readonly save: (publication: Publication) => Promise<void>;
  /** Publishes over the item of somebody else who holds the key. @default false */
  readonly replace?: boolean;
  /** The item was put again, hourly; 0: nobody took it, and it is tried again soon. */
  readonly onKept?: (nodes: number) => void;
  /** EverseedError `publish-conflict`: somebody published over ours, which is kept no longer. */
  readonly onConflict?: (error: EverseedError) => void;
}

export interface Published {
  readonly item: MutableItem;
  /** Nodes that took it. */
  readonly nodes: number;
  /** What it took the place of. */
  readonly replaced?: MutableItem;
}

export class Publisher {
  readonly #init: PublisherInit;
  #last: Publication | undefined;
  #failures = 0;
  #stopped = false;
  #cancel: (() => void) | undefined;

  constructor(init: PublisherInit) {
    this.#init = init;
    this.#last = init.last;
  }

  /** Rejects with EverseedError `publish-conflict` or `publish-unstored`. The item is kept alive from then on, until `stop`. */
  async start(): Promise<Published> {
    for (let attempt = 1; ; attempt++) {
      const published = await this.#publish();
      if (published.nodes > 0) {
        this.#keepLater(published.item);
        return published;
      }
      if (attempt >= ATTEMPTS || this.#stopped) break;
      await new Promise<void>((resolve) => void this.#init.clock.after(ATTEMPT_MS, resolve));
    }
    throw new EverseedError("publish-unstored", "Cannot publish the torrent: no node of the DHT took the item", {
      retryable: true,
      hint: "See that UDP leaves this network, or name a node that answers with --dht-node, and run the same command again.",
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #publish(): Promise<Published> {
    const { dht, infoHashes, replace = false, save } = this.#init;
    const value = encodeBencode(torrentValue(infoHashes));
    const found = await this.#look();
    const step = publishStep({ value, last: this.#last, found, replace });
    if (step.type === "conflict") throw conflict(step.found, this.#last);
    const item = this.#sign(step.seq);
    if (step.seq !== this.#last?.seq) {
      this.#last = { seq: step.seq, value };
      await save(this.#last);
    }
    const nodes = await dht.put(item, step.type === "sign" ? step.cas : undefined);
    // Somebody else may have looked and put at the same time: the nodes then hold theirs.
    const newest = await this.#look();
    if (newest !== undefined && supersedes(newest, item)) throw conflict(newest, this.#last);
    return { item, nodes, ...(step.type === "sign" && found !== undefined ? { replaced: found } : {}) };
  }

  #sign(seq: number): MutableItem {
    const { secretKey, salt, infoHashes } = this.#init;
    return mutableItem({ value: torrentValue(infoHashes), seq, secretKey, ...(salt === undefined ? {} : { salt }) });
  }

  /** The newest item, by preference one that is not ours. */
  #look(): Promise<MutableItem | undefined> {
    const { dht, secretKey, salt } = this.#init;
    return dht.getMutable(ed25519PublicKey(secretKey), salt, this.#last?.value);
  }

  #keepLater(item: MutableItem): void {
    if (this.#stopped) return;
    const { clock, random } = this.#init;
    const keep = (): Promise<void> =>
      this.#keep(item).catch(() => {
        this.#failures++;
        this.#keepLater(item);
      });
    this.#cancel = clock.after(lookDelayMs(KEEP_MS, this.#failures, random), () => void keep());
  }

  async #keep(item: MutableItem): Promise<void> {
    const { dht, onKept, onConflict } = this.#init;
    const newest = await this.#look();
    if (this.#stopped) return;
    if (newest !== undefined && supersedes(newest, item)) {
      this.stop();
      return onConflict?.(conflict(newest, this.#last));
    }
    const nodes = await dht.put(item);
    if (this.#stopped) return;
    this.#failures = nodes === 0 ? this.#failures + 1 : 0;
    onKept?.(nodes);
    this.#keepLater(item);
  }
}

function conflict(found: MutableItem, last: Publication | undefined): EverseedError {
  const torrent = presentTorrent(found);
  const what = torrent === undefined ? "something else" : `the torrent ${infoHashHex(torrent.infoHash)}`;
  const ours = last === undefined ? "and nothing was published from here" : `ours is number ${last.seq}`;
  return new EverseedError(
    "publish-conflict",
    `Cannot publish the torrent: the key names ${what} by item number ${found.mutable.seq}, ${ours}`,
    { hint: "Somebody else publishes with this key. Publish from one place only, or take over with --replace." },
  );
}
