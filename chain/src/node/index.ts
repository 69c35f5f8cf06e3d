export * from "./devnet.ts";
