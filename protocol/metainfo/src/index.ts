export * from "./bencode.ts";
export * from "./create.ts";
export * from "./magnet.ts";
export * from "./merkle.ts";
export * from "./parse.ts";
export * from "./piece-map.ts";
export * from "./types.ts";
