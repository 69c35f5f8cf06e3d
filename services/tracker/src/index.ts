export type { BidLimits, LiveBid } from "./live-bids.ts";
export * from "./swarm-table.ts";
export * from "./tracker.ts";
