export * from "./swarm-table.ts";
export * from "./tracker.ts";
