export * from "./create-torrent.ts";
export * from "./file-storage.ts";
export * from "./tcp-transport.ts";
export * from "./worker-hasher.ts";
