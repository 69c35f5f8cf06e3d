/** What the market is told, and what it tells. */
import type { Address, Clock, Curve, ProtocolError, RandomBytes, Signer } from "@everseed/core";
import type { MarketDomain, OfferReason, Price, StrategyName } from "@everseed/market";
import type { PaymentExtension } from "../payment/payment-extension.ts";
import type { ReserveRule } from "./reserve-keeper.ts";

export interface MarketInit {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly curve: Curve;
  readonly signer: Signer;
  readonly domain: MarketDomain;
  /** All bids and offers are in it. */
  readonly token: Address;
  /** Upload slots over all torrents, the optimistic ones included. @default 8 */
  readonly slots?: number;
  /** @default 1 */
  readonly optimisticSlots?: number;
  /** @default auction */
  readonly strategy?: StrategyName;
  readonly onEvent?: (event: MarketEvent) => void;
}

export interface TorrentMarket {
  /** The torrent's names on the wire, 20 bytes each. */
  readonly names: readonly Uint8Array[];
  readonly payments: PaymentExtension;
  /** Absent: nothing is sold. */
  readonly selling?: { readonly reserve: ReserveRule };
  /** Absent: we do not bid. */
  readonly bidding?: BiddingTerms;
  /** Asks others to prove that they hold the torrent, and proves it to them. @default true */
  readonly possession?: boolean;
}

export interface BiddingTerms {
  /** Always this; absent: by `autoBid`. */
  readonly price?: Price;
  /** @default FULL_SPEND_RATE_PPM */
  readonly spendRatePpm?: number;
  /** Never above. */
  readonly limit?: Price;
  /** What may still be spent on this download. Base units. */
  readonly balance: () => bigint;
  readonly bytesLeft: () => number;
  readonly totalBytes: () => number;
}

export type MarketEvent = { readonly remote: string } & (
  | { readonly type: "bid-sent" | "bid-received"; readonly address: Address; readonly price: Price }
  | {
      readonly type: "offer-sent" | "offer-received";
      readonly address: Address;
      readonly price: Price;
      readonly reason: OfferReason["type"];
    }
  | { readonly type: "refused"; readonly address: Address; readonly code: string; readonly price?: Price }
  | { readonly type: "banned"; readonly address: Address; readonly why: "missed-ticks" | "corrupt-data" }
  | { readonly type: "possession-proved" | "possession-late"; readonly address: Address }
  | { readonly type: "fault"; readonly error: ProtocolError }
);

type WithoutRemote<T> = T extends unknown ? Omit<T, "remote"> : never;
export type MarketNews = WithoutRemote<MarketEvent>;
