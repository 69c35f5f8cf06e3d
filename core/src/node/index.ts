export * from "./native-curve.ts";
