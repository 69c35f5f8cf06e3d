/** What a seller is told, and what it tells. */
import type { ChannelDomain, PayMessage } from "@everseed/channel";
import type { Address, Clock, Curve } from "@everseed/core";
import type { PeerPort } from "../extension.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";

/** Seconds. */
export const DEFAULT_MIN_WINDOW = 3_600;

/** A payer that starts to close has its window, in seconds; looking at the chain four times in it leaves time to claim. Milliseconds. */
export const lookEveryMs = (window: number): number => window * 250;

export interface SellingTerms {
  /** Base units per GiB; `market`: slots are auctioned, and a peer in a free slot pays nothing (docs/spec/es_market.md). */
  readonly price: bigint | "market";
  readonly token: Address;
  /** Most that is served ahead of payment. Bytes. @default 32 MiB */
  readonly creditCapBytes?: number;
  /** Least challenge window accepted. Seconds. @default 3600 */
  readonly minWindow?: number;
  /** Least deposit accepted. Base units. @default 0 */
  readonly minDeposit?: bigint;
}

export interface SellerInit {
  readonly port: PeerPort;
  readonly terms: SellingTerms;
  readonly self: Address;
  readonly domain: ChannelDomain;
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly curve: Curve;
  readonly clock: Clock;
  /** Bytes uploaded on this connection before payments began. */
  readonly uploadedBefore: number;
  readonly send: (message: PayMessage) => void;
  readonly onEvent: (event: SellerEvent) => void;
  /** It owes its whole credit and pays nothing, or opens no lane. */
  readonly onMissedTicks?: () => void;
}

export type SellerEvent =
  | { readonly type: "earned"; readonly address: Address; readonly bytes: number; readonly amountNano: bigint }
  | { readonly type: "lane-accepted"; readonly address: Address; readonly channelId: string; readonly maxSteps: number }
  | { readonly type: "stalled" | "resumed"; readonly address: Address; readonly unpaidBytes: number }
  | { readonly type: "buyer-stopped"; readonly address: Address; readonly code: string; readonly unpaidBytes: number };

export interface SellerStats {
  readonly uploadedBytes: number;
  readonly paidBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly earnedNano: bigint;
  /** Most that was ever served and not paid for by this payer, all its connections together. Bytes. */
  readonly maxUnpaidBytes: number;
  readonly stalled: boolean;
}
