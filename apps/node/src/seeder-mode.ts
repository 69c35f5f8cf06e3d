/**
 * Seeds what pays: asks trackers what is bid for a set of torrents, runs the best few of them, and looks again after a while
 * (`rankTorrents` of protocol/market, docs/spec/tracker_bids.md). Torrents whose data is not here are fetched only when that is
 * allowed.
 *
 * Invariant: at most `active` torrents run; one that runs is not stopped before a better one is known.
 */
import { stat } from "node:fs/promises";
import { type InfoHash, toHex, wireInfoHash } from "@everseed/core";
import { infoHashesOf, scrapeBids } from "@everseed/engine";
import { filePath, httpGet } from "@everseed/engine/node";
import {
  type BidMarket,
  encodeBidMarket,
  type Price,
  type RankPolicy,
  rankTorrents,
  type TorrentScrape,
  ZERO_PRICE,
} from "@everseed/market";
import type { Metainfo } from "@everseed/metainfo";

const LOOK_MS = 15 * 60_000;

export interface SeederCandidate {
  readonly metainfo: Metainfo;
  /** What of it is in the download folder, in bytes; kept up to date by whoever runs it. */
  heldBytes: number;
}

export interface SeederModeInit {
  readonly candidates: readonly SeederCandidate[];
  /** HTTP trackers that are asked beside the torrents' own. */
  readonly trackers: readonly string[];
  readonly market: BidMarket;
  readonly active: number;
  readonly policy: RankPolicy;
  /** Whether torrents that are not here may be fetched to be sold. */
  readonly fetches: boolean;
  /** @default 15 minutes */
  readonly everyMs?: number;
  readonly start: (candidate: SeederCandidate) => Promise<void>;
  readonly stop: (candidate: SeederCandidate) => Promise<void>;
  readonly onLook?: (
    ranked: readonly { readonly name: string; readonly income: bigint; readonly runs: boolean }[],
  ) => void;
  readonly onMessage?: (message: string) => void;
}

export class SeederMode {
  readonly #init: SeederModeInit;
  readonly #running = new Set<SeederCandidate>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(init: SeederModeInit) {
    this.#init = init;
  }

  /** Looks, and goes on looking until `stop`. Resolves after the first look. */
  async start(): Promise<void> {
    await this.#look();
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.#look()
        .catch((error: unknown) => this.#tell("Cannot look at what is bid", error))
        .finally(() => this.#lookLater());
    }, this.#init.everyMs ?? LOOK_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { candidates, active, policy, fetches, onLook } = this.#init;
    const eligible = candidates.filter((candidate) => fetches || isWhole(candidate));
    const scrapes = await this.#scrape(eligible);
    const now = Math.floor(Date.now() / 1000);
    const byName = new Map(eligible.map((candidate) => [nameOf(candidate.metainfo), candidate]));
    const ranked = rankTorrents(scrapes, now, policy).map(({ infoHash, income }) => ({
      candidate: byName.get(toHex(infoHash)) as SeederCandidate,
      income,
    }));
    // Fetching for less than it brings is charity: what is here is served even so.
    const worth = ranked.filter(({ candidate, income }) => income > 0n || isWhole(candidate));
    const chosen = new Set(worth.slice(0, active).map(({ candidate }) => candidate));
    for (const candidate of this.#running) if (!chosen.has(candidate)) await this.#end(candidate);
    for (const candidate of chosen) if (!this.#running.has(candidate)) await this.#begin(candidate);
    onLook?.(
      ranked.map(({ candidate, income }) => ({
        name: candidate.metainfo.name,
        income,
        runs: this.#running.has(candidate),
      })),
    );
  }

  async #begin(candidate: SeederCandidate): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#init.start(candidate);
      this.#running.add(candidate);
    } catch (error) {
      this.#tell(candidate.metainfo.name, error);
    }
  }

  async #end(candidate: SeederCandidate): Promise<void> {
    this.#running.delete(candidate);
    await this.#init.stop(candidate).catch((error: unknown) => this.#tell(candidate.metainfo.name, error));
  }

  /** What fails is told, and the next look may do better. */
  #tell(what: string, error: unknown): void {
    this.#init.onMessage?.(`${what}: ${(error as Error).message}`);
  }

  /** One entry a torrent: the tracker that knows of most bidders. Nobody knows it: no bids and no peers. */
  async #scrape(candidates: readonly SeederCandidate[]): Promise<TorrentScrape[]> {
    const names = new Map<string, Uint8Array[]>();
    for (const { metainfo } of candidates)
      for (const url of new Set([...metainfo.announce.flat(), ...this.#init.trackers]))
        if (/^https?:/.test(url)) names.set(url, [...(names.get(url) ?? []), wireName(metainfo)]);
    const market = encodeBidMarket(this.#init.market);
    const at = Math.floor(Date.now() / 1000);
    const best = new Map(candidates.map((candidate) => [nameOf(candidate.metainfo), this.#unknown(candidate, at)]));
    for (const [url, infoHashes] of names) {
      const found = await scrapeBids(url, infoHashes, { http: httpGet, market }).catch((error: unknown) => {
        this.#tell(url, error);
        return new Map<string, never>();
      });
      for (const [name, entry] of found) {
        const known = best.get(name);
        const { bidders = 0, highest = 0n, second = 0n } = entry.bids ?? {};
        if (known === undefined || (bidders < known.bidders && known.seeders + known.leechers > 0)) continue;
        best.set(name, {
          ...known,
          ...{ bidders, highest: highest as Price, second: second as Price },
          ...{ seeders: entry.complete, leechers: entry.incomplete },
        });
      }
    }
    return [...best.values()];
  }

  #unknown(candidate: SeederCandidate, at: number): TorrentScrape {
    return {
      infoHash: wireName(candidate.metainfo),
      at,
      ...{ bidders: 0, highest: ZERO_PRICE, second: ZERO_PRICE, seeders: 0, leechers: 0 },
      heldBytes: candidate.heldBytes,
      totalBytes: candidate.metainfo.totalBytes,
      counted: this.#running.has(candidate),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const candidate of [...this.#running]) await this.#end(candidate);
  }
}

/** Bytes of the torrent's files that are in the folder at their full length: what they hold is checked when it is run. */
export async function heldBytesIn(folder: string, metainfo: Metainfo): Promise<number> {
  const sizes = await Promise.all(
    metainfo.files.map(async (file) => {
      const found = await stat(filePath(folder, metainfo, file)).catch(() => undefined);
      return found?.size === file.lengthBytes ? file.lengthBytes : 0;
    }),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function isWhole({ heldBytes, metainfo }: SeederCandidate): boolean {
  return heldBytes >= metainfo.totalBytes;
}

function wireName(metainfo: Metainfo): Uint8Array {
  return wireInfoHash(infoHashesOf(metainfo)[0] as InfoHash);
}

function nameOf(metainfo: Metainfo): string {
  return toHex(wireName(metainfo));
}
