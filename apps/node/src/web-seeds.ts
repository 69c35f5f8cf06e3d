/** Keeps a download connected to its torrent's web seeds (BEP 19): a server that fails is tried again ever later, one that refuses never. */
import { EverseedError, systemRandom } from "@everseed/core";
import { type Engine, openWebSeed, type Torrent } from "@everseed/engine";
import { createHttpRange } from "@everseed/engine/node";

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
  connected: boolean;
  failures: number;
  retryAt: number;
}

export function keepWebSeeds(init: WebSeedsInit): { stop(): void } {
  const { engine, torrent } = init;
  const http = createHttpRange({ allowLocal: init.allowLocal });
  let seeds: Map<string, Seed> | undefined;

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
    engine.addConnection(torrent, openWebSeed({ url: seed.url, metainfo, http, random: systemRandom, onClose }));
  };
  const check = (): void => {
    const { metainfo } = torrent;
    if (metainfo === undefined || torrent.state !== "downloading") return;
    seeds ??= new Map(
      [...new Set([...metainfo.webSeeds, ...init.urls])]
        .filter((url) => URL.canParse(url))
        .slice(0, MAX_SEEDS)
        .map((url) => [url, { url, connected: false, failures: 0, retryAt: 0 }]),
    );
    for (const seed of seeds.values()) if (!seed.connected && seed.retryAt <= performance.now()) connect(seed);
  };
  const timer = setInterval(check, CHECK_MS);
  timer.unref();
  check();
  return { stop: () => clearInterval(timer) };
}
