export * from "./channels-client.ts";
export * from "./generated/everseed-channels.ts";
export * from "./generated/test-usd.ts";
