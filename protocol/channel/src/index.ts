export * from "./exposure.ts";
export * from "./hash-chain.ts";
export * from "./messages.ts";
export * from "./payee.ts";
export * from "./payer.ts";
export * from "./session.ts";
export * from "./types.ts";
export * from "./voucher.ts";
