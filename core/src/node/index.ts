export * from "./free-port.ts";
export * from "./native-curve.ts";
