/**
 * How a scarce upload is shared out between peers that wait for the rate limit.
 *
 * A seed's buyers together get three fifths of the bytes. All of them would be the market's design by the letter, and slowed
 * plain clients of small swarms down by a fifth (docs/adr/0007). Of torrents that we still download all slots are alike:
 * there the others give us something too.
 *
 * Where a strategy divides the upload itself (`MarketDecision.shares`), who has had more of its share than another that waits
 * stands back.
 */

const [BUYERS_PARTS, OTHERS_PARTS] = [3, 2];
/** What is remembered of the past: a few seconds of a home line. */
const WINDOW_BYTES = 1 << 20;
/** How far a peer may be ahead of one that waits: a few blocks. */
const LEAD_BYTES = 1 << 16;
/** How far one that waits may be behind, over its share. */
const MOST_BEHIND_BYTES = 1 << 22;
/** Nobody's share is so small that it waits for ever. Parts per million. */
const LEAST_SHARE = 10_000;
const MILLION = 1_000_000;

export interface Sharer {
  /** Its slot was bought. */
  readonly sold: boolean;
  /** Its part of the upload in parts per million, where a strategy says so. */
  readonly uploadShare?: number | undefined;
}

export class UploadShare {
  readonly #waiting = new Set<Sharer>();
  /** What peers with a share were sent, over their share. */
  readonly #portions = new WeakMap<Sharer, number>();
  #bought = 0;
  #free = 0;

  /** Whether the peer may take its turn at the limit now. `seeding`: we have everything of its torrent. */
  mayServe(peer: Sharer, seeding: boolean): boolean {
    if (peer.uploadShare !== undefined) return this.#portion(peer) <= this.#leastPortion() + LEAD_BYTES;
    if (!seeding || peer.sold) return true;
    return this.#free * BUYERS_PARTS <= this.#bought * OTHERS_PARTS || !this.#buyersWait;
  }

  /** It has requests and found the limit used up. */
  waits(peer: Sharer, seeding: boolean): void {
    if (peer.uploadShare === undefined) {
      if (peer.sold && seeding) this.#waiting.add(peer);
      return;
    }
    if (this.#waiting.has(peer)) return;
    // Who comes, or comes back, begins near the others: what it did not ask for is not saved up.
    const least = this.#leastPortion();
    if (least !== Number.POSITIVE_INFINITY)
      this.#portions.set(peer, Math.max(this.#portion(peer), least - MOST_BEHIND_BYTES));
    this.#waiting.add(peer);
  }

  /** It has nothing to ask for any more, or its slot is gone. */
  rests(peer: Sharer): void {
    this.#waiting.delete(peer);
  }

  served(peer: Sharer, bytes: number, seeding: boolean): void {
    if (peer.uploadShare !== undefined) {
      const share = Math.max(LEAST_SHARE, peer.uploadShare);
      this.#portions.set(peer, this.#portion(peer) + (bytes * MILLION) / share);
      return;
    }
    if (!seeding) return;
    if (peer.sold) this.#bought += bytes;
    else this.#free += bytes;
    if (this.#bought + this.#free < WINDOW_BYTES) return;
    this.#bought /= 2;
    this.#free /= 2;
  }

  get #buyersWait(): boolean {
    for (const { sold } of this.#waiting) if (sold) return true;
    return false;
  }

  #portion(peer: Sharer): number {
    return this.#portions.get(peer) ?? 0;
  }

  #leastPortion(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const peer of this.#waiting) if (peer.uploadShare !== undefined) least = Math.min(least, this.#portion(peer));
    return least;
  }
}
