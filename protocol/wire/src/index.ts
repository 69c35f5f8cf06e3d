export * from "./extended.ts";
export * from "./handshake.ts";
export * from "./message.ts";
export * from "./ut-metadata.ts";
