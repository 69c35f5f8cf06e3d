/** `everseed tracker`: runs a tracker, HTTP and UDP on one port. */
import { buildCommand } from "@stricli/core";
import { jsonFlag, portFlag, text } from "../flags.ts";
import { runCommand, untilStopped } from "../output.ts";

interface Flags {
  readonly port: number;
  readonly host?: string;
  readonly interval: number;
  readonly json: boolean;
}

export const trackerCommand = buildCommand({
  docs: { brief: "Run a tracker (HTTP and UDP on one port)" },
  parameters: {
    flags: {
      port: portFlag("Port to listen on; 0 takes any free one", "6969"),
      host: { ...text("Address to listen on (default: all)", "ADDRESS"), optional: true },
      interval: {
        kind: "parsed",
        parse: Number,
        default: "1800",
        brief: "Seconds that clients are told to wait",
        placeholder: "N",
      },
      json: jsonFlag,
    },
  },
  func: (flags: Flags) =>
    runCommand(flags.json, async (output) => {
      const { startTracker } = await import("@everseed/tracker");
      const tracker = await startTracker({
        port: flags.port,
        ...(flags.host === undefined ? {} : { host: flags.host }),
        limits: { intervalSeconds: flags.interval },
      });
      const started = {
        type: "listening",
        port: tracker.port,
        http: `http://127.0.0.1:${tracker.port}/announce`,
        udp: `udp://127.0.0.1:${tracker.port}`,
      };
      output.event(started, `tracker: ${started.http} and ${started.udp}`);
      await untilStopped();
      const stats = tracker.stats();
      await tracker.stop();
      if (!flags.json) output.line(`stopped after ${stats.announces} announces and ${stats.scrapes} scrapes`);
    }),
});
