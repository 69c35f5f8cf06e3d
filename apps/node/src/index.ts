export * from "./chain-config.ts";
export * from "./channel-store.ts";
export * from "./home.ts";
export * from "./node.ts";
export * from "./wallet.ts";
