/** What a buyer is told, and what it tells. */
import type { ChannelDomain, PayMessage } from "@everseed/channel";
import type { Address, Clock, Curve, EverseedError, RandomBytes, Signer } from "@everseed/core";
import type { PeerPort } from "../extension.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelEvent } from "./channel-finder.ts";
import type { ChannelChain } from "./ports.ts";

/** Money for one download, shared by all its sellers. Nano base units. */
export interface Budget {
  readonly limitNano: bigint;
  spentNano: bigint;
}

export interface BuyingTerms {
  readonly budget: Budget;
  readonly token: Address;
  /** Base units per GiB; dearer offers are declined. */
  readonly maxPrice?: bigint;
  /** Base units put into a channel that must be opened. */
  readonly deposit: bigint;
  /** Most that is paid ahead of delivery. Bytes. @default 32 MiB */
  readonly aheadCapBytes?: number;
  /** Seconds. @default 86400 */
  readonly window?: number;
}

export interface BuyerInit {
  readonly port: PeerPort;
  readonly terms: BuyingTerms;
  readonly signer: Signer;
  readonly domain: ChannelDomain;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly curve: Curve;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** The seller's price is the market's; absent: it is fixed, and nothing comes for nothing. */
  readonly market?: BuyerMarket;
  readonly send: (message: PayMessage) => void;
  readonly onError: (error: EverseedError) => void;
  readonly onEvent: (event: BuyerEvent) => void;
}

/** What the market knows. Nano base units a step. */
export interface BuyerMarket {
  /** The most that the seller may charge by its signed offer; undefined: its offers do not fit us, and we buy nothing. */
  allowedUnit(): bigint | undefined;
  /** What our bid would cost; 0 without a bid. */
  wantedUnit(): bigint;
  /** No more is bought here. */
  onHalted(): void;
}

export type BuyerEvent =
  | { readonly type: "paid"; readonly address: Address; readonly bytes: number; readonly amountNano: bigint }
  | { readonly type: "lane-opened"; readonly address: Address; readonly channelId: string; readonly maxSteps: number }
  | ChannelEvent
  | { readonly type: "seller-stopped"; readonly address: Address; readonly code: string };

export interface BuyerStats {
  readonly verifiedBytes: number;
  readonly paidBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly paidNano: bigint;
  /** Most that was ever paid for and not verified, over all connections to this payee. Bytes. */
  readonly maxPrepaidBytes: number;
}
