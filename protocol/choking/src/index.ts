export * from "./choker.ts";
export * from "./tit-for-tat.ts";
