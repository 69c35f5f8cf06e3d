#!/usr/bin/env node
/**
 * Starts the command line under Node 24, which runs the TypeScript sources as they are. An older Node hands over to the one
 * that was installed with the project.
 */
import module from "node:module";
import { fileURLToPath } from "node:url";
import { handOver, isNewEnough } from "../../../scripts/node24.mjs";

if (isNewEnough()) {
  // Half a second of every start is reading the sources: the second start finds them compiled.
  module.enableCompileCache();
  await import("../src/main.ts");
} else handOver([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
