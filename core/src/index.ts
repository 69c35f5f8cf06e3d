export * from "./amount.ts";
export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./errors.ts";
export * from "./hash.ts";
export * from "./info-hash.ts";
export * from "./keys.ts";
export * from "./typed-data.ts";
