#!/usr/bin/env node
// Starts the command line under Node 24, which runs the TypeScript sources as they are. An older Node hands over to the
// one that was installed with the project.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MINIMUM = 24;
if (Number(process.versions.node.split(".")[0]) >= MINIMUM) {
  await import("../src/main.ts");
} else {
  const own = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  if (!existsSync(own)) {
    process.stderr.write(`Cannot start: expected Node ${MINIMUM} or newer, received ${process.versions.node}. Run \`npm install\` in the checkout.\n`);
    process.exit(1);
  }
  const child = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(child.status ?? 1);
}
