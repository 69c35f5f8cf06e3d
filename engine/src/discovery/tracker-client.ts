/**
 * Announcing to trackers (BEP 12): tiers in order, trackers of a tier shuffled once, the one that answers moves to the
 * front. Every failure is counted and tried again later, with a wait that grows; nothing a tracker sends can do more than
 * fail its own announce. A tracker with addresses of both families is told over both (BEP 7): it takes a peer's address from
 * where the announce comes, never from what it says. Bids are hints that go along (docs/spec/tracker_bids.md): a tracker that refuses one is asked without.
 */
import { type Clock, EverseedError, ProtocolError, type RandomBytes, randomInt } from "@everseed/core";
import {
  type AnnounceEvent,
  type AnnounceRequest,
  type AnnounceResponse,
  announceUrl,
  type BidFields,
  decodeAnnounceResponse,
} from "@everseed/wire";
import { announceOverUdp, type OpenUdp } from "./udp-announce.ts";

/** Fetches a URL, at that `address` of its host if one is given. Rejects on any failure. */
export type HttpGet = (
  url: string,
  limits: { maxBytes: number; timeoutMs: number; signal?: AbortSignal; address?: string },
) => Promise<Uint8Array>;

const ANNOUNCE_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 1 << 19;
const MIN_INTERVAL_S = 5;
const MAX_INTERVAL_S = 3_600;
const FIRST_RETRY_S = 5;

/** What is said of bids with each announce; both are asked anew each time. */
export interface TrackerBidding {
  /** The signed bid for this torrent, if we have one (`encodeTrackerBid` of protocol/market). */
  readonly bid?: (wireInfoHash: Uint8Array) => Uint8Array | undefined;
  /** The market in which peers that bid are to come first (`encodeBidMarket`); `undefined` not to sort. */
  readonly sortByBid?: () => Uint8Array | undefined;
}

export interface TrackerClientInit extends TrackerBidding {
  readonly tiers: readonly (readonly string[])[];
  /** 20 bytes each: a hybrid torrent announces under both its names. */
  readonly wireInfoHashes: readonly Uint8Array[];
  readonly peerId: Uint8Array;
  readonly http: HttpGet;
  readonly openUdp: OpenUdp;
  /** Addresses of a tracker's host. Without it the transports choose one. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly progress: () => { port: number; uploaded: number; downloaded: number; left: number; wantsPeers: boolean };
  /** Peers may carry the bid by which the tracker sorted them: a hint of nobody's word but its signer's. */
  readonly onPeers: (peers: AnnounceResponse["peers"], wireInfoHash: Uint8Array) => void;
  readonly onMessage?: (message: string) => void;
}

export interface TrackerClient {
  start(): void;
  /** The download is complete: said once, at the next chance. */
  completed(): void;
  /** Says goodbye, in at most two seconds. */
  stop(): Promise<void>;
  readonly failures: number;
}

export function createTrackerClient(init: TrackerClientInit): TrackerClient {
  const tiers = init.tiers.map((tier) => shuffle(tier, init.random)).filter((tier) => tier.length > 0);
  const key = randomInt(init.random, 0x7fff_ffff);
  let pending: AnnounceEvent | undefined = "started";
  let cancel: (() => void) | undefined;
  let failures = 0;
  let inARow = 0;
  let running = false;
  let announcing = false;

  const ask = async (
    url: string,
    address: string | undefined,
    request: AnnounceRequest,
    timeoutMs: number,
  ): Promise<AnnounceResponse> => {
    const at = address === undefined ? {} : { address };
    try {
      return url.startsWith("udp://")
        ? await announceOverUdp(url, request, { ...init, ...at, timeoutMs })
        : decodeAnnounceResponse(
            await init.http(announceUrl(url, request), { maxBytes: MAX_ANSWER_BYTES, timeoutMs, ...at }),
          );
    } catch (error) {
      const { bid, ...bare } = request;
      const refused = error instanceof ProtocolError && error.code === "tracker-refused";
      // The tracker names what is wrong with a bid, and all else would be wrong without it too.
      if (bid === undefined || !refused || !error.received.startsWith("market-")) throw error;
      init.onMessage?.(`${url}: ${error.message}`);
      return ask(url, address, bare, timeoutMs);
    }
  };

  /** At each address at once: one answer is enough, and peers are taken from each. Rejects when there is none. */
  const askAll = async (
    url: string,
    addresses: readonly (string | undefined)[],
    request: AnnounceRequest,
    timeoutMs: number,
  ): Promise<AnnounceResponse> => {
    const answers = await Promise.allSettled(
      addresses.map(async (address) => {
        const answer = await ask(url, address, request, timeoutMs);
        if (running) init.onPeers(answer.peers, request.infoHash);
        return answer;
      }),
    );
    for (const answer of answers) if (answer.status === "fulfilled") return answer.value;
    throw (answers[0] as PromiseRejectedResult).reason;
  };

  const announceTo = async (
    url: string,
    event: AnnounceEvent | undefined,
    timeoutMs: number,
  ): Promise<AnnounceResponse> => {
    let best: AnnounceResponse | undefined;
    const addresses = await oneOfEachFamily(url, init.resolve);
    for (const infoHash of init.wireInfoHashes) {
      const { wantsPeers, ...counts } = init.progress();
      const request: AnnounceRequest = {
        ...counts,
        infoHash,
        peerId: init.peerId,
        key,
        numWant: wantsPeers && event !== "stopped" ? 100 : 0,
        ...(event === undefined ? {} : { event }),
        ...(event === "stopped" ? {} : bidFields(init, infoHash)),
      };
      best = await askAll(url, addresses, request, timeoutMs);
    }
    if (best === undefined) throw new EverseedError("tracker-none", "Cannot announce: the torrent has no infohash");
    return best;
  };

  /** Tries trackers in order until one answers; resolves with the seconds to wait. */
  const round = async (event: AnnounceEvent | undefined): Promise<number> => {
    for (const tier of tiers) {
      for (const url of [...tier]) {
        if (!/^(https?|udp):\/\//.test(url)) continue;
        try {
          const answer = await announceTo(url, event, ANNOUNCE_TIMEOUT_MS);
          tier.splice(tier.indexOf(url), 1);
          tier.unshift(url);
          if (event === pending) pending = undefined;
          inARow = 0;
          if (answer.warning !== undefined) init.onMessage?.(`${url}: ${answer.warning}`);
          return Math.min(
            MAX_INTERVAL_S,
            Math.max(MIN_INTERVAL_S, answer.intervalSeconds, answer.minIntervalSeconds ?? 0),
          );
        } catch (error) {
          failures++;
          init.onMessage?.(`${url}: ${(error as Error).message}`);
        }
      }
    }
    return Math.min(MAX_INTERVAL_S, FIRST_RETRY_S * 2 ** inARow++);
  };

  const go = async (): Promise<void> => {
    if (announcing || !running) return;
    announcing = true;
    cancel?.();
    const waitSeconds = await round(pending);
    announcing = false;
    if (!running) return;
    const soon = pending === "completed" && inARow === 0;
    cancel = init.clock.after(soon ? 0 : waitSeconds * 1000, () => void go());
  };

  return {
    get failures() {
      return failures;
    },
    start() {
      if (tiers.length === 0 || running) return;
      running = true;
      void go();
    },
    completed() {
      pending = "completed";
      void go();
    },
    async stop() {
      if (!running) return;
      running = false;
      cancel?.();
      const goodbyes = tiers.map(async (tier) => {
        const [url] = tier;
        if (url !== undefined && pending !== "started") await announceTo(url, "stopped", 2_000);
      });
      await Promise.allSettled(goodbyes);
    },
  };
}

export function bidFields({ bid, sortByBid }: TrackerBidding, wireInfoHash: Uint8Array): BidFields {
  const own = bid?.(wireInfoHash);
  const market = sortByBid?.();
  return { ...(own && { bid: own }), ...(market && { sortByBid: market }) };
}

/** The first address of each family that the host has; `undefined`: whichever the transport takes. */
async function oneOfEachFamily(
  url: string,
  resolve: TrackerClientInit["resolve"],
): Promise<readonly (string | undefined)[]> {
  const host = URL.canParse(url) ? new URL(url.replace(/^udp:/, "http:")).hostname : "";
  if (resolve === undefined || host.startsWith("[") || /^[\d.]*$/.test(host)) return [undefined];
  // Who has no address says so better when it is asked.
  const found = await resolve(host).catch((): string[] => []);
  const [four, six] = [found.find((one) => !one.includes(":")), found.find((one) => one.includes(":"))];
  return four !== undefined && six !== undefined ? [four, six] : [undefined];
}

function shuffle(items: readonly string[], random: RandomBytes): string[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = randomInt(random, i + 1);
    [out[i], out[j]] = [out[j] as string, out[i] as string];
  }
  return out;
}
