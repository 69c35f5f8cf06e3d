export * from "./file-storage.ts";
export * from "./tcp-transport.ts";
