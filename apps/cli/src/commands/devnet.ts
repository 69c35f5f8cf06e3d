/** `everseed devnet`: runs the embedded chain and remembers it for the other commands. */

import { join } from "node:path";
import { EverseedError } from "@everseed/core";
import { homeDir, saveChainConfig } from "@everseed/node";
import { buildCommand } from "@stricli/core";
import { jsonFlag, portFlag, text } from "../flags.ts";
import { runCommand, untilStopped } from "../output.ts";

interface Flags {
  readonly port: number;
  readonly state?: string;
  readonly json: boolean;
}

export const devnetCommand = buildCommand({
  docs: { brief: "Run the embedded chain with the contracts and a test dollar" },
  parameters: {
    flags: {
      port: portFlag("JSON-RPC port", "8545"),
      state: { ...text("Folder of the chain's state", "DIR"), optional: true },
      json: jsonFlag,
    },
  },
  func: (flags: Flags) =>
    runCommand(flags.json, async (output) => {
      if (flags.port === 0)
        throw new EverseedError("usage", "Cannot run the chain on port 0: name a free port with --port");
      const { startDevnet } = await import("@everseed/chain/node");
      const devnet = await startDevnet({ port: flags.port, stateDir: flags.state ?? join(homeDir(), "devnet") });
      const config = { rpcUrl: devnet.rpcUrl, chainId: devnet.chainId, contract: devnet.contract, token: devnet.token };
      await saveChainConfig(config);
      output.event(
        { type: "listening", pid: devnet.pid, ...config },
        `chain ${config.chainId}: ${config.rpcUrl}\nchannels: ${config.contract}\n${config.token.symbol}: ${config.token.address}`,
      );
      await Promise.race([untilStopped(), devnet.exited]);
      await devnet.stop();
    }),
});
