/** Keeps a download connected to its torrent's web seeds (BEP 17, 19): a server that fails is tried again ever later, one that refuses never. */
import { EverseedError, systemClock, systemRandom } from "@everseed/core";
import { type Engine, openHttpSeed, openWebSeed, type Torrent } from "@everseed/engine";
import { createHttpPiece, createHttpRange } from "@everseed/engine/node";
import type { Metainfo } from "@everseed/metainfo";

/** A torrent may name thousands; nobody needs more. */
const MAX_SEEDS = 16;
const CHECK_MS = 2_000;
const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 3_600_000;

export interface WebSeedsInit {
  readonly engine: Engine;
  readonly torrent: Torrent;
  /** URLs beside those of the torrent: a magnet link's. */
  readonly urls: readonly string[];
  /** Lets URLs lead to this machine and its network. */
  readonly allowLocal: boolean;
  readonly onMessage?: (message: string) => void;
}

interface Seed {
  readonly url: string;
  /** It is a script that knows the torrent (BEP 17), and not a folder of files. */
  readonly script: boolean;
  connected: boolean;
  failures: number;
  retryAt: number;
}

export function keepWebSeeds(init: WebSeedsInit): { stop(): void } {
  const { engine, torrent } = init;
  const http = createHttpRange({ allowLocal: init.allowLocal });
  const piece = createHttpPiece({ allowLocal: init.allowLocal });
  let seeds: readonly Seed[] | undefined;

  const connect = (seed: Seed): void => {
    const { metainfo } = torrent;
    if (metainfo === undefined) return;
    seed.connected = true;
    const onClose = (error?: Error): void => {
      seed.connected = false;
      seed.failures++;
      seed.retryAt = performance.now() + Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (seed.failures - 1));
      if (error === undefined) return;
      init.onMessage?.(error.message);
      if (error instanceof EverseedError && !error.retryable) seed.retryAt = Number.POSITIVE_INFINITY;
    };
    const { url } = seed;
    const { infoHashV1 } = metainfo;
    const shared = { url, clock: systemClock, random: systemRandom, onClose };
    engine.addConnection(
      torrent,
      seed.script && infoHashV1 !== undefined
        ? openHttpSeed({ ...shared, metainfo: { ...metainfo, infoHashV1 }, http: piece })
        : openWebSeed({ ...shared, metainfo, http }),
    );
  };
  const check = (): void => {
    const { metainfo } = torrent;
    if (metainfo === undefined || torrent.state !== "downloading") return;
    seeds ??= seedsOf(metainfo, init.urls);
    for (const seed of seeds) if (!seed.connected && seed.retryAt <= performance.now()) connect(seed);
  };
  const timer = setInterval(check, CHECK_MS);
  timer.unref();
  check();
  return { stop: () => clearInterval(timer) };
}

/** A script goes by the v1 infohash: a pure v2 torrent has none. */
function seedsOf(metainfo: Metainfo, urls: readonly string[]): Seed[] {
  const folders = [...metainfo.webSeeds, ...urls].map((url) => ({ url, script: false }));
  const scripts = metainfo.infoHashV1 === undefined ? [] : metainfo.httpSeeds.map((url) => ({ url, script: true }));
  const byUrl = new Map(
    [...scripts, ...folders].filter(({ url }) => URL.canParse(url)).map((seed) => [seed.url, seed]),
  );
  return [...byUrl.values()]
    .slice(0, MAX_SEEDS)
    .map((seed) => ({ ...seed, connected: false, failures: 0, retryAt: 0 }));
}
