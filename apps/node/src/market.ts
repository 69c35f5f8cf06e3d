/**
 * A node's part in the market: one `Market` for all its torrents, in the token of its chain, and what trackers are told and
 * tell of bids. Loaded only by nodes with a wallet, as payments are.
 */
import { type Address, NANO, systemClock, systemRandom } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import {
  type BiddingTerms,
  type BuyingTerms,
  Market,
  type MarketEvent,
  type PaymentExtension,
  type PeerAddress,
  type PeerExtension,
  type ReserveRule,
  type Torrent,
  type TrackerBidding,
  wantedBid,
} from "@everseed/engine";
import {
  type BidMarket,
  encodeBidMarket,
  encodeTrackerBid,
  readTrackerHint,
  type StrategyName,
  signTrackerBid,
} from "@everseed/market";
import type { ChainConfig } from "./chain-config.ts";
import type { Wallet } from "./wallet.ts";

/** A bid at a tracker outlives the next announce, and no forgotten price. */
const TRACKER_BID_SECONDS = 3_000;

export interface MarketSettings {
  /** Upload slots over all torrents. @default 8 */
  readonly slots?: number;
  /** @default auction */
  readonly strategy?: StrategyName;
  readonly onEvent?: (event: MarketEvent) => void;
}

/** How one torrent takes part. */
export interface TorrentMarketTerms {
  /** For torrents that sell at the market's price. */
  readonly reserve?: ReserveRule;
  /** For torrents that buy; false: never bid. @default by auto-bid */
  readonly bidding?: Pick<BiddingTerms, "price" | "spendRatePpm" | "limit"> | false;
  /** Proofs of possession, asked and given. @default true */
  readonly possession?: boolean;
}

export interface MarketTorrentInit {
  readonly names: readonly Uint8Array[];
  readonly payments: PaymentExtension;
  readonly sells: boolean;
  readonly buying?: BuyingTerms;
  readonly terms: TorrentMarketTerms;
  readonly torrent: () => Torrent | undefined;
}

/** What one torrent adds to the engine, and to its trackers' announces. */
export interface MarketTorrentParts {
  readonly extension: PeerExtension;
  readonly tracker: TrackerBidding;
  /** Trackers told of peers, some with what they bid. */
  onPeers(peers: readonly (PeerAddress & { readonly bid?: Uint8Array })[], wireInfoHash: Uint8Array): void;
  stop(): void;
}

export class NodeMarket {
  readonly market: Market;
  readonly #wallet: Wallet;
  readonly #bidMarket: BidMarket;

  constructor(wallet: Wallet, chain: ChainConfig, settings: MarketSettings) {
    this.#wallet = wallet;
    const token = chain.token.address as Address;
    const domain = { chainId: BigInt(chain.chainId), contract: chain.contract };
    this.#bidMarket = { ...domain, token };
    this.market = new Market({
      clock: systemClock,
      random: systemRandom,
      curve: nativeCurve,
      signer: wallet.signer,
      domain,
      token,
      ...settings,
    });
  }

  torrent(init: MarketTorrentInit): MarketTorrentParts {
    const { names, payments, sells, terms } = init;
    const bidding = this.#bidding(init);
    const extension = this.market.extension({
      names,
      payments,
      ...(sells ? { selling: { reserve: terms.reserve ?? { type: "fixed", price: 0n as never } } } : {}),
      ...(bidding === undefined ? {} : { bidding }),
      ...(terms.possession === undefined ? {} : { possession: terms.possession }),
    });
    return {
      extension,
      tracker: {
        ...(bidding === undefined ? {} : { bid: (infoHash) => this.#trackerBid(bidding, infoHash) }),
        // Whoever has slots for sale wants to meet who pays.
        ...(sells ? { sortByBid: () => encodeBidMarket(this.#bidMarket) } : {}),
      },
      onPeers: (peers, infoHash) => this.#hear(peers, infoHash),
      stop: () => this.market.forget(names),
    };
  }

  #bidding({ buying, terms, torrent }: MarketTorrentInit): BiddingTerms | undefined {
    if (buying === undefined || terms.bidding === false) return undefined;
    const { budget } = buying;
    return {
      ...terms.bidding,
      balance: () => (budget.limitNano - budget.spentNano) / NANO,
      bytesLeft: () => torrent()?.files.missingBytes ?? 0,
      totalBytes: () => torrent()?.metainfo?.totalBytes ?? 0,
    };
  }

  #trackerBid(bidding: BiddingTerms, infoHash: Uint8Array): Uint8Array | undefined {
    const price = wantedBid(bidding, this.market.marketPrice());
    if (price === undefined || price === 0n) return undefined;
    const expiry = Math.floor(systemClock.unixMs() / 1000) + TRACKER_BID_SECONDS;
    return encodeTrackerBid(signTrackerBid({ market: this.#bidMarket, price, expiry }, infoHash, this.#wallet.signer));
  }

  #hear(peers: readonly (PeerAddress & { readonly bid?: Uint8Array })[], infoHash: Uint8Array): void {
    const now = Math.floor(systemClock.unixMs() / 1000);
    for (const { host, port, bid } of peers) {
      if (bid === undefined) continue;
      const hint = readTrackerHint(bid, { infoHash, market: this.#bidMarket, now, curve: nativeCurve });
      if (hint !== undefined) this.market.noteHint(`${host}:${port}`, hint.price);
    }
  }
}
