export * from "./free-port.ts";
export * from "./http.ts";
export * from "./native-curve.ts";
export * from "./sync-folder.ts";
