/**
 * What paying costs: the same transfer free and paid, in turn, between two processes, at several round trips.
 *
 *     npm run lab -- bench-pay [--size MiB] [--rtt 0,50,200] [--rounds N] [--kind v1|v2|hybrid] [--warm] [--json]
 *
 * Each delay is injected in both processes (`pay/delayed-transport.ts`). "cold" is a buyer the seller has never met, whose
 * credit starts at one unit; the rest are bought over the channel that it opened, which is the case the goals speak of.
 * With --warm both processes have moved as much once before, free or paid, so that what V8 compiles once is in neither.
 * A round is a free and a paid transfer side by side and gives one ratio; the median of the rounds counts. Goals: rate >= 0.97, CPU <= 1.03 (round trip
 * 0), first byte within three round trips of the handshake, a signature per 16 MiB at most.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startDevnet } from "@everseed/chain/node";
import { hashChain, leadsTo, signVoucher, voucherSigner } from "@everseed/channel";
import { createSigner, systemRandom } from "@everseed/core";
import { freePort, nativeCurve } from "@everseed/core/node";
import { ensureWallet, saveChainConfig } from "@everseed/node";
import type { TorrentKind } from "./client.ts";
import { median } from "./market/statistics.ts";
import type { PeerReport, PeerTask } from "./pay/peer.ts";
import { type RandomTorrent, randomTorrent } from "./random-torrent.ts";
import { printTable } from "./table.ts";
import { warmFreeMemory } from "./warm-memory.ts";

const PEER = fileURLToPath(new URL("./pay/peer.ts", import.meta.url));
const TRANSFER_TIMEOUT_MS = 240_000;
const MICRO_SECONDS = 0.5;
/** A message carries the ticks of a piece or so. */
const TICKS_AT_ONCE = 64;

interface Transfer {
  readonly rate: number;
  readonly cpuSeconds: number;
  readonly buyer: PeerReport;
}

interface Case {
  readonly rttMs: number;
  readonly freeMiBPerSecond: number;
  readonly paidMiBPerSecond: number;
  /** Medians over the rounds. */
  readonly rateRatio: number;
  readonly cpuRatio: number;
  readonly firstByteRtts: number | undefined;
  readonly mibPerSignature: number;
  readonly ticks: number;
}

class Rig {
  readonly #torrent: string;
  readonly #data: string;
  readonly #work: string;
  readonly sizeMiB: number;
  readonly #warm: boolean;
  #run = 0;

  constructor(data: RandomTorrent, work: string, sizeMiB: number, warm: boolean) {
    this.#torrent = data.torrentFile;
    this.#data = data.folder;
    this.#work = work;
    this.sizeMiB = sizeMiB;
    this.#warm = warm;
  }

  async transfer(rttMs: number, paid: boolean, warm = this.#warm): Promise<Transfer> {
    const out = path.join(this.#work, `out-${this.#run++}`);
    const money = (name: string) =>
      paid ? { money: { home: this.#work, wallet: path.join(this.#work, name), price: "0.01/GiB", budget: "5" } } : {};
    const common = { torrent: this.#torrent, delayMs: rttMs / 2 };
    const seeder = startPeer({ ...common, role: "seed", dir: this.#data, ...money("seller") });
    try {
      const { port } = await seeder.next("listening");
      const buyer = startPeer({ ...common, role: "get", dir: out, port: port as number, warm, ...money("buyer") });
      try {
        if (warm) {
          await buyer.next("warm");
          seeder.tell("again");
        }
        await buyer.next("listening");
        await warmFreeMemory(this.#work, this.sizeMiB);
        buyer.tell("go");
        const bought = (await buyer.next("done")) as unknown as PeerReport;
        seeder.tell("stop");
        const sold = (await seeder.next("done")) as unknown as PeerReport;
        await Promise.all([buyer.exited, seeder.exited]);
        if (paid && BigInt(bought.paidNano) === 0n) throw new Error("Cannot measure: the paid transfer was not paid");
        return { rate: this.sizeMiB / bought.seconds, cpuSeconds: bought.cpuSeconds + sold.cpuSeconds, buyer: bought };
      } finally {
        buyer.kill();
      }
    } finally {
      seeder.kill();
      await rm(out, { recursive: true, force: true });
    }
  }
}

function startPeer(task: PeerTask) {
  // As the command line does it. Without a cache, what V8 compiles of the TypeScript loader goes on in the background for
  // seconds; with a nursery that has grown while the chain client was loaded, every copy misses the processor's caches.
  const child = spawn(process.execPath, ["--semi-space-growth-factor=1", PEER, JSON.stringify(task)], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(tmpdir(), "everseed-bench-pay") },
  });
  const lines: Record<string, unknown>[] = [];
  const waiting: { type: string; resolve: (line: Record<string, unknown>) => void; reject: (e: Error) => void }[] = [];
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Record<string, unknown>;
    if (line.type === "payment" || line.type === "fault") complaint = `${complaint}\n${text}`.slice(-2_000);
    lines.push(line);
    const at = waiting.findIndex(({ type }) => type === line.type);
    if (at >= 0) waiting.splice(at, 1)[0]?.resolve(line);
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      for (const { reject } of waiting.splice(0))
        reject(new Error(`A ${task.role} process ended early.\n${complaint}`));
      resolve();
    });
  });
  return {
    exited,
    next(type: string): Promise<Record<string, unknown>> {
      const known = lines.find((line) => line.type === type);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          child.kill("SIGKILL");
          reject(new Error(`A ${task.role} process did not get to "${type}" in time.\n${complaint}`));
        }, TRANSFER_TIMEOUT_MS);
        const settled =
          <T>(then: (value: T) => void) =>
          (value: T): void => {
            clearTimeout(timer);
            then(value);
          };
        waiting.push({ type, resolve: settled(resolve), reject: settled(reject) });
      });
    },
    tell: (what: "go" | "again" | "stop") => void child.stdin.write(`${what}\n`),
    kill: () => void child.kill("SIGKILL"),
  };
}

async function measureCase(rig: Rig, rttMs: number, rounds: number): Promise<Case> {
  const pairs: { free: Transfer; paid: Transfer }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Turn about, so that a machine that slows down or warms up favours neither.
    const first = await rig.transfer(rttMs, round % 2 === 1);
    const second = await rig.transfer(rttMs, round % 2 === 0);
    pairs.push(round % 2 === 1 ? { paid: first, free: second } : { free: first, paid: second });
    const { free, paid } = pairs.at(-1) as { free: Transfer; paid: Transfer };
    console.error(
      `${rttMs} ms: free ${free.rate.toFixed(0)} MiB/s, ${free.cpuSeconds.toFixed(2)} CPU s; paid ${paid.rate.toFixed(0)} MiB/s, ${paid.cpuSeconds.toFixed(2)} CPU s`,
    );
  }
  const buyers = pairs.map(({ paid }) => paid.buyer);
  return {
    rttMs,
    freeMiBPerSecond: Math.max(...pairs.map(({ free }) => free.rate)),
    paidMiBPerSecond: Math.max(...pairs.map(({ paid }) => paid.rate)),
    rateRatio: median(pairs.map(({ free, paid }) => paid.rate / free.rate)),
    cpuRatio: median(pairs.map(({ free, paid }) => paid.cpuSeconds / free.cpuSeconds)),
    firstByteRtts: rttMs === 0 ? undefined : median(buyers.map(({ firstByteMs }) => firstByteMs / rttMs)),
    mibPerSignature: Math.min(...buyers.map(({ signatures }) => rig.sizeMiB / signatures)),
    ticks: Math.max(...buyers.map(({ ticks }) => ticks)),
  };
}

/** Operations per second on one core. */
function perSecond(task: () => void): number {
  for (let i = 0; i < 200; i++) task();
  const begun = process.cpuUsage();
  let count = 0;
  let spent = 0;
  while (spent < MICRO_SECONDS) {
    for (let i = 0; i < 100; i++) task();
    count += 100;
    const { user, system } = process.cpuUsage(begun);
    spent = (user + system) / 1e6;
  }
  return count / spent;
}

function primitives(): Record<string, number> {
  const domain = { chainId: 31_337n, contract: `0x${"11".repeat(20)}` as const };
  const signer = createSigner(systemRandom(32), nativeCurve);
  const channelId = systemRandom(32);
  let cumulative = 0n;
  const sign = () => signVoucher({ channelId, cumulative: cumulative++, lanes: [] }, signer, domain);
  const signed = sign();
  const chain = hashChain(systemRandom(32), 1_024);
  return {
    vouchersSignedPerSecond: perSecond(sign),
    vouchersVerifiedPerSecond: perSecond(() => void voucherSigner(signed, domain, nativeCurve)),
    ticksVerifiedPerSecond:
      TICKS_AT_ONCE *
      perSecond(() => {
        if (!leadsTo(chain.at(TICKS_AT_ONCE), TICKS_AT_ONCE, chain.at(0))) throw new Error("A tick does not verify");
      }),
  };
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      warm: { type: "boolean", default: false },
      size: { type: "string", default: "512" },
      rtt: { type: "string", default: "0,50,200" },
      rounds: { type: "string", default: "3" },
      kind: { type: "string", default: "hybrid" },
    },
  });
  const work = await mkdtemp(path.join(tmpdir(), "everseed-pay-"));
  const devnet = await startDevnet({ port: await freePort(), stateDir: path.join(work, "chain") });
  try {
    const { rpcUrl, chainId, contract, token } = devnet;
    await saveChainConfig({ rpcUrl, chainId, contract, token }, work);
    for (const name of ["seller", "buyer"]) {
      const { address } = await ensureWallet(path.join(work, name));
      await devnet.fund(address, { eth: 10n ** 18n, usd: 1_000_000_000n });
    }
    const sizeMiB = Number(values.size);
    const data = await randomTorrent(work, sizeMiB, values.kind as TorrentKind);
    const rig = new Rig(data, work, sizeMiB, values.warm);
    const cold = await rig.transfer(0, true, false);
    console.error(
      `first contact: ${cold.rate.toFixed(0)} MiB/s, first byte after ${cold.buyer.firstByteMs.toFixed(0)} ms`,
    );
    const cases: Case[] = [];
    for (const rtt of values.rtt.split(",").map(Number)) cases.push(await measureCase(rig, rtt, Number(values.rounds)));
    const result = {
      sizeMiB,
      kind: values.kind,
      warm: values.warm,
      firstContactMiBPerSecond: cold.rate,
      cases,
      perCore: primitives(),
    };
    if (values.json) console.log(JSON.stringify(result));
    else report(result);
  } finally {
    await devnet.stop();
    await rm(work, { recursive: true, force: true });
  }
}

function report(result: {
  sizeMiB: number;
  kind: string;
  firstContactMiBPerSecond: number;
  cases: readonly Case[];
  perCore: Record<string, number>;
}): void {
  console.log(`\n${result.sizeMiB} MiB, ${result.kind}, one seller and one buyer; paid / free, medians\n`);
  printTable(
    ["RTT ms", "free MiB/s", "paid MiB/s", "rate", "CPU", "first byte RTTs", "MiB/signature", "ticks"],
    result.cases.map((c) => [
      String(c.rttMs),
      c.freeMiBPerSecond.toFixed(0),
      c.paidMiBPerSecond.toFixed(0),
      c.rateRatio.toFixed(3),
      c.cpuRatio.toFixed(3),
      c.firstByteRtts?.toFixed(2) ?? "",
      c.mibPerSignature.toFixed(1),
      String(c.ticks),
    ]),
  );
  console.log(
    `\nfirst contact at 0 ms: ${result.firstContactMiBPerSecond.toFixed(0)} MiB/s with the opening of the channel\n`,
  );
  printTable(
    ["one core", "per second"],
    Object.entries(result.perCore).map(([name, rate]) => [name.replace("PerSecond", ""), rate.toFixed(0)]),
  );
}
