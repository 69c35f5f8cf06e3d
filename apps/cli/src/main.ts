/** The command line. Each command is a file in commands/. */
import { buildApplication, buildRouteMap, run, type StricliProcess } from "@stricli/core";
import { createCommand } from "./commands/create.ts";
import { devnetCommand } from "./commands/devnet.ts";
import { getCommand } from "./commands/get.ts";
import { marketRoutes } from "./commands/market.ts";
import { publishCommand } from "./commands/publish.ts";
import { seedCommand } from "./commands/seed.ts";
import { trackerCommand } from "./commands/tracker.ts";
import { verifyCommand } from "./commands/verify.ts";
import { walletRoutes } from "./commands/wallet.ts";
import { endWithReader } from "./output.ts";

const application = buildApplication(
  buildRouteMap({
    routes: {
      create: createCommand,
      seed: seedCommand,
      get: getCommand,
      publish: publishCommand,
      market: marketRoutes,
      verify: verifyCommand,
      tracker: trackerCommand,
      devnet: devnetCommand,
      wallet: walletRoutes,
    },
    docs: { brief: "A BitTorrent client in which keeping torrents alive pays" },
  }),
  {
    name: "everseed",
    versionInfo: { currentVersion: "0.1.0" },
    scanner: { caseStyle: "allow-kebab-for-camel" },
    documentation: { caseStyle: "convert-camel-to-kebab" },
  },
);

endWithReader();
const streams = { stdout: process.stdout, stderr: process.stderr, env: process.env };
const shell: StricliProcess & typeof streams = { ...streams };
await run(application, process.argv.slice(2), { process: shell });
// stricli reports wrong use with negative codes; a shell expects 2.
if (typeof shell.exitCode === "number" && shell.exitCode !== 0)
  process.exitCode = shell.exitCode < 0 ? 2 : shell.exitCode;
// All of ours has ended, and is said once a slow reader has taken it. The search for a router that does not answer goes on for
// three seconds, and cannot be called off.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))),
);
process.exit();
