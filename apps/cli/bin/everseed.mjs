#!/usr/bin/env node
/**
 * Starts the command line under Node 24, which runs the TypeScript sources as they are. An older Node hands over to the one
 * that was installed with the project.
 */
import module from "node:module";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { handOver, isNewEnough } from "../../../scripts/node24.mjs";

if (isNewEnough()) {
  // Half a second of every start is reading the sources: the second start finds them compiled.
  module.enableCompileCache();
  // Little that a transfer allocates outlives it: room for young objects that never grows costs no time, and saves 10 MiB.
  v8.setFlagsFromString("--semi-space-growth-factor=1");
  await import("../src/main.ts");
} else handOver([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
