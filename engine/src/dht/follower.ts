/**
 * Follows a torrent that changes (BEP 46): looks up now and then what its key names, and keeps the newest item alive for
 * others. The rules are `followStep`'s. Invariant: one look at a time; what could not be begun is begun at the next look.
 */
import type { Clock, InfoHash, RandomBytes } from "@everseed/core";
import type { Dht } from "./dht.ts";
import {
  type FollowState,
  followStep,
  lookDelayMs,
  type MutableItem,
  type PresentTorrent,
} from "./mutable-torrents.ts";

export interface FollowerInit {
  readonly dht: Pick<Dht, "getMutable" | "put">;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly publicKey: Uint8Array;
  readonly salt?: Uint8Array;
  /** Between looks, more or less. */
  readonly everyMs: number;
  /** What is fetched or held when it begins. */
  readonly infoHash?: InfoHash;
  readonly item?: MutableItem;
  /** The key names another torrent. When it rejects, it is told again after the next look. */
  readonly onTorrent: (torrent: PresentTorrent) => Promise<void>;
  /** A newer item was seen. */
  readonly onItem?: (item: MutableItem) => void;
  /** Nobody has an item: said once, until one is found again. */
  readonly onLost?: () => void;
  /** The item was put again; how many took it. */
  readonly onKept?: (nodes: number, item: MutableItem) => void;
  /** A look is over. */
  readonly onLooked?: () => void;
}

export class Follower {
  readonly #init: FollowerInit;
  #state: FollowState;
  #stopped = false;
  #cancel: (() => void) | undefined;

  constructor(init: FollowerInit) {
    this.#init = init;
    const { item, infoHash } = init;
    this.#state = { ...(item && { item }), ...(infoHash && { infoHash }), keptAtMs: init.clock.now(), failures: 0 };
  }

  start(): void {
    if (this.#stopped) return;
    const { clock, everyMs, random } = this.#init;
    const delayMs = lookDelayMs(everyMs, this.#state.failures, random);
    const look = (): Promise<void> =>
      this.#look().catch(() => {
        this.#state = { ...this.#state, failures: this.#state.failures + 1 };
      });
    this.#cancel = clock.after(delayMs, () => void look().then(() => this.start()));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #look(): Promise<void> {
    const { dht, clock, publicKey, salt, onTorrent, onItem, onLost, onKept, onLooked } = this.#init;
    const found = await dht.getMutable(publicKey, salt);
    if (this.#stopped) return;
    const before = this.#state;
    const { state, effects } = followStep(before, found, clock.now());
    this.#state = state;
    if (state.item !== undefined && state.item !== before.item) onItem?.(state.item);
    for (const effect of effects) {
      if (effect.type === "lost") onLost?.();
      if (effect.type === "keep") {
        const nodes = await dht.put(effect.item);
        onKept?.(nodes, effect.item);
      }
      if (effect.type !== "fetch") continue;
      try {
        await onTorrent(effect.torrent);
      } catch {
        this.#state = before;
      }
    }
    onLooked?.();
  }
}
