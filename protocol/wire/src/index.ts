export * from "./compact-peers.ts";
export * from "./extended.ts";
export * from "./handshake.ts";
export * from "./http-tracker.ts";
export * from "./message.ts";
export * from "./udp-tracker.ts";
export * from "./ut-metadata.ts";
