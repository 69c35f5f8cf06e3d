/** Holds and releases an engine's torrents as the rule of `queue.ts` says. */
import { DEFAULT_QUEUE, type QueueLimits, runningTorrents } from "./queue.ts";
import type { Torrent } from "./torrent/torrent.ts";

const APPLY_MS = 5_000;
/** A torrent that moved less than this in this time is idle. */
const IDLE_BYTES = 1 << 17;
const IDLE_MS = 60_000;

interface Place {
  readonly id: string;
  position: number;
  forced: boolean;
  /** Payload moved when it was looked at, and when that was. */
  moved: number;
  since: number;
  idle: boolean;
}

export class TorrentQueue {
  readonly #places = new Map<Torrent, Place>();
  #limits: QueueLimits;
  #appliedAt = Number.NEGATIVE_INFINITY;
  #nextId = 0;

  constructor(limits: QueueLimits = DEFAULT_QUEUE) {
    this.#limits = limits;
  }

  add(torrent: Torrent, now: number): void {
    const position = this.#places.size;
    this.#places.set(torrent, { id: `${this.#nextId++}`, position, forced: false, moved: 0, since: now, idle: false });
    this.#apply();
  }

  remove(torrent: Torrent): void {
    const place = this.#places.get(torrent);
    if (place === undefined) return;
    this.#places.delete(torrent);
    for (const other of this.#places.values()) if (other.position > place.position) other.position--;
    this.#apply();
  }

  setLimits(limits: QueueLimits): void {
    this.#limits = limits;
    this.#apply();
  }

  /** Place in the line; 0 is the first. */
  position(torrent: Torrent): number {
    return this.#places.get(torrent)?.position ?? -1;
  }

  /** Moves the torrent to a place in the line, and those between by one. */
  move(torrent: Torrent, position: number): void {
    const place = this.#places.get(torrent);
    if (place === undefined) return;
    const line = [...this.#places.values()].sort((a, b) => a.position - b.position).filter((one) => one !== place);
    line.splice(Math.max(0, Math.min(line.length, Math.trunc(position))), 0, place);
    line.forEach((one, i) => {
      one.position = i;
    });
    this.#apply();
  }

  /** A forced torrent runs whatever the limits. */
  force(torrent: Torrent, on: boolean): void {
    const place = this.#places.get(torrent);
    if (place === undefined) return;
    place.forced = on;
    this.#apply();
  }

  /** Call about once a second. */
  tick(now: number): void {
    if (now - this.#appliedAt < APPLY_MS) return;
    this.#appliedAt = now;
    for (const [torrent, place] of this.#places) {
      const moved = torrent.movedBytes;
      const running = torrent.running;
      if (!running || moved - place.moved > IDLE_BYTES) {
        place.moved = moved;
        place.since = now;
        place.idle = false;
      } else if (now - place.since > IDLE_MS) {
        place.moved = moved;
        place.since = now;
        place.idle = true;
      }
    }
    this.#apply();
  }

  #apply(): void {
    const torrents = [...this.#places].map(([torrent, place]) => ({
      id: place.id,
      position: place.position,
      forced: place.forced,
      idle: place.idle,
      finished: torrent.state === "seeding" || torrent.state === "finished" || torrent.complete,
      paused: torrent.state === "paused" || torrent.state === "failed" || torrent.state === "stopped",
    }));
    const running = runningTorrents(torrents, this.#limits);
    for (const [torrent, { id }] of this.#places) {
      if (running.has(id)) torrent.release();
      else torrent.hold();
    }
  }
}
