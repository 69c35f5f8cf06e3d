/** Looks at a run while it goes on: how many are there at once, and what is held. */
import { type Held, type Holders, leaks, look } from "./held.ts";
import type { SimNode } from "./node.ts";
import { SETTLED_MS } from "./visits.ts";

const COUNT_MS = 60_000;

export interface WatchInit {
  readonly lookMs?: number;
  readonly announceSeconds: number;
}

export class Watch {
  readonly held: Held[] = [];
  readonly together = { online: 0, downloading: 0 };
  readonly #holders: Holders;
  readonly #visitors: readonly SimNode[];
  readonly #init: WatchInit;
  /** When a visitor was last seen. */
  #visitedAtMs = 0;

  constructor(holders: Holders, visitors: readonly SimNode[], init: WatchInit) {
    this.#holders = holders;
    this.#visitors = visitors;
    this.#init = init;
    if (visitors.length > 0) this.#every(COUNT_MS, () => this.#count());
    const { lookMs } = init;
    if (lookMs === undefined) return;
    holders.world.after(SETTLED_MS - 1, () => this.#look());
    this.#every(lookMs, () => this.#look());
  }

  #every(ms: number, run: () => void): void {
    this.#holders.world.after(ms, () => {
      run();
      this.#every(ms, run);
    });
  }

  #count(): void {
    const online = this.#visitors.filter((node) => node.online);
    if (online.length > 0) this.#visitedAtMs = this.#holders.world.now;
    this.together.online = Math.max(this.together.online, online.length);
    const downloading = online.filter(({ seeds }) => !seeds).length;
    this.together.downloading = Math.max(this.together.downloading, downloading);
  }

  #look(): void {
    this.held.push(look(this.#holders));
  }

  /** Trackers forget who fell silent after two intervals; what is held after that is held for nobody. */
  violations(): string[] {
    const [alone] = this.held;
    if (alone === undefined) return [];
    const quietMs = this.#visitedAtMs + 2_000 * this.#init.announceSeconds;
    return leaks(
      alone,
      this.held.filter(({ atMs }) => atMs > quietMs),
      this.#visitors.length,
    );
  }
}
