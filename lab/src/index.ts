/**
 * The lab's runner: `npm run lab -- list`, `npm run lab -- NAME [options]`. Each entry is loaded only when it is run, so that
 * one measurement does not pay for the others.
 */
import { pathToFileURL } from "node:url";

interface Experiment {
  readonly name: string;
  readonly description: string;
  readonly module: string;
}

interface ExperimentModule {
  run(args: readonly string[]): Promise<void>;
}

export const EXPERIMENTS: readonly Experiment[] = [
  {
    name: "bench-browser",
    description: "one file to a page in Chromium over WebRTC: everseed, WebTorrent",
    module: "./bench-browser.ts",
  },
  {
    name: "bench-engine",
    description: "1 GiB between two processes: everseed, WebTorrent, libtorrent, Transmission",
    module: "./bench-engine.ts",
  },
  {
    name: "bench-pay",
    description: "paid rate against free rate at 0, 50 and 200 ms of round trip; signatures and ticks per second",
    module: "./bench-pay.ts",
  },
  {
    name: "bench-scale",
    description: "2,000 idle torrents in one process, and one torrent of 1 TiB: start, CPU and memory",
    module: "./bench-scale.ts",
  },
  {
    name: "bench-swarm",
    description: "one seeder and eight downloaders with capped uploads: mean completion against libtorrent's",
    module: "./bench-swarm.ts",
  },
  {
    name: "crash-channel",
    description: "kills payer, payee and chain at seeded moments and at every durable write; checks what money remains",
    module: "./crash-channel.ts",
  },
  {
    name: "fuzz",
    description: "random and mutated bytes into every decoder, for as long as you like",
    module: "./fuzz.ts",
  },
  { name: "gas", description: "gas of every channel transaction, ETH and ERC-20", module: "./gas.ts" },
  {
    name: "interop",
    description: "real libtorrent, Transmission and aria2 as seeders and downloaders, checked by sha256",
    module: "./interop.ts",
  },
  {
    name: "market-fair",
    description: "simulated swarms in pairs: does paying slow down those who do not pay",
    module: "./market-fair.ts",
  },
  {
    name: "market-helps",
    description: "one seeder, ten downloaders, half of which bid, as processes: who is done when",
    module: "./market-helps.ts",
  },
  {
    name: "market-lifetime",
    description: "simulated torrents whose demand fades: do they live longer where seeding earns",
    module: "./market-lifetime.ts",
  },
  {
    name: "market-mixed",
    description: "libtorrent and Transmission in one swarm with bidders and a seeder that auctions its slots",
    module: "./market-mixed.ts",
  },
  {
    name: "market-truthful",
    description: "random choke rounds: does any other bid than one's value pay, and what known limits give",
    module: "./market-truthful.ts",
  },
  { name: "nat", description: "port mapping against a small UPnP router on this machine", module: "./nat.ts" },
  {
    name: "sim",
    description: "a whole swarm, or a day of one, over a simulated network, clock and disk, from one seed",
    module: "./sim.ts",
  },
];

/** Runs the experiment that the first argument names. Sets the exit code: 2 for wrong use, 1 when it failed. */
export async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "list" || name === "--help") {
    if (rest.includes("--json")) {
      console.log(JSON.stringify(EXPERIMENTS.map(({ name, description }) => ({ name, description }))));
    } else {
      const width = Math.max(...EXPERIMENTS.map((experiment) => experiment.name.length));
      for (const { name, description } of EXPERIMENTS) console.log(`${name.padEnd(width)}  ${description}`);
    }
    return;
  }
  const experiment = EXPERIMENTS.find((candidate) => candidate.name === name);
  if (experiment === undefined) {
    console.error(`Cannot run ${name}: expected one of ${EXPERIMENTS.map((each) => each.name).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  try {
    const module = (await import(new URL(experiment.module, import.meta.url).href)) as ExperimentModule;
    await module.run(rest);
  } catch (error) {
    console.error(error instanceof Error ? (process.env.EVERSEED_DEBUG ? error.stack : error.message) : error);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
