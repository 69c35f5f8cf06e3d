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
  // Room for young objects stays what the processor's caches hold. Loading the chain client makes it grow to 16 MiB, and
  // then everything that is copied or received is out of the cache: 0.3 CPU seconds a GiB, and 10 MiB and more of memory.
  v8.setFlagsFromString("--semi-space-growth-factor=1");
  await import("../src/main.ts");
} else handOver([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
