/**
 * Which torrents run when not all may: a pure function of their order and the limits, so that what the user sees is what
 * the rule says. Torrents are taken in the order of their positions; a slow or idle one does not hold a place.
 */

export interface QueueLimits {
  /** Downloads at a time. */
  readonly downloads: number;
  /** Seeds at a time. */
  readonly seeds: number;
  /** Both together. */
  readonly total: number;
}

export const DEFAULT_QUEUE: QueueLimits = { downloads: 5, seeds: 200, total: 500 };

export interface QueuedTorrent {
  readonly id: string;
  /** First place: 0. */
  readonly position: number;
  /** It has everything that is wanted. */
  readonly finished: boolean;
  /** It runs whatever the limits, and takes no place. */
  readonly forced: boolean;
  /** Its owner stopped it: it waits for nobody but the owner. */
  readonly paused: boolean;
  /** It has moved nothing for a while: it runs on, but takes no place from one that could. */
  readonly idle: boolean;
}

/** Ids of those that run. */
export function runningTorrents(torrents: readonly QueuedTorrent[], limits: QueueLimits): ReadonlySet<string> {
  const running = new Set<string>();
  let downloads = 0;
  let seeds = 0;
  let all = 0;
  const order = [...torrents].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
  // Downloads first: a seed gives way to a download when the total is short.
  for (const finished of [false, true]) {
    for (const torrent of order) {
      if (torrent.finished !== finished || torrent.paused) continue;
      if (torrent.forced) {
        running.add(torrent.id);
        continue;
      }
      const full = finished ? seeds >= limits.seeds : downloads >= limits.downloads;
      if (full || all >= limits.total) continue;
      running.add(torrent.id);
      all++;
      if (torrent.idle) continue;
      if (finished) seeds++;
      else downloads++;
    }
  }
  return running;
}
