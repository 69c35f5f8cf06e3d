export * from "./chain-config.ts";
export * from "./channel-store.ts";
export * from "./home.ts";
export type { MarketSettings, TorrentMarketTerms } from "./market.ts";
export { watchMarket } from "./market-socket.ts";
export * from "./node.ts";
export type { NodePayments } from "./payments.ts";
export { mapPort } from "./port-mapping.ts";
export * from "./wallet.ts";
