export * from "./native-curve.ts";
export * from "./wasm-keccak.ts";
