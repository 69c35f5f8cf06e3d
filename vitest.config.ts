import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,protocol,engine,chain,services,apps,lab}/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: "v8", include: ["{core,protocol,engine,chain,services,apps}/**/src/**/*.ts"] },
  },
});
