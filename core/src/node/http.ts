/**
 * node:http and node:https. An `import` of node:http reads every property of it, and some of these load the whole of undici:
 * 50 ms of each start of a program that never calls `fetch`.
 */
export const http = process.getBuiltinModule("node:http");
export const https = process.getBuiltinModule("node:https");
