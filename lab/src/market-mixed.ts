/**
 * The market among clients that know nothing of it: a seeder that auctions its slots, two bidders and two plain downloaders of
 * ours, and a real libtorrent and a real Transmission, all in one swarm of processes.
 *
 *     npm run lab -- market-mixed [--size MiB] [--upload RATE] [--slots N] [--json]
 *
 * The claim (exit 1 otherwise): everybody finishes with the right bytes, the bidders pay, and neither libtorrent nor Transmission
 * takes more than 1.5 x as long as our own plain clients beside them: nobody is harmed for not knowing the market. The torrent
 * is v1, because Transmission 3.00 reads no other.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "@everseed/core/node";
import type { Client } from "./client.ts";
import { libtorrent, transmission } from "./clients.ts";
import { subfolder } from "./launch.ts";
import { ownAddress, startLoopbackTracker } from "./loopback-tracker.ts";
import { FairGround, type Member } from "./market/fair-ground.ts";
import { printTable } from "./table.ts";

const PATIENCE_MS = 600_000;
const MAX_RATIO = 1.5;

interface Finish {
  readonly name: string;
  readonly kind: "bidder" | "plain" | "foreign";
  readonly seconds: number;
  readonly paidBase: bigint;
  readonly whole: boolean;
}

export async function run(args: readonly string[]): Promise<void> {
  const option = (fallback: string) => ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      size: option("32"),
      upload: option("2MiB"),
      slots: option("6"),
    },
  });
  const foreign = [libtorrent, transmission];
  for (const client of foreign) {
    const missing = client.missing();
    if (missing !== undefined) throw new Error(missing);
  }
  // Transmission refuses loopback addresses: the tracker names all by this machine's own.
  const tracker = await startLoopbackTracker();
  const ground = await FairGround.open(Number(values.size), "v1", [tracker.url]);
  try {
    const host = ownAddress();
    const seeder = await ground.member("seeder", host);
    await ground.seed(seeder, [
      ...["--price", "auto", "--reserve", "0.001/GiB", "--upload-limit", values.upload, "--slots", values.slots],
    ]);
    const begun = performance.now();
    const seconds = (): number => (performance.now() - begun) / 1000;
    const ours = (["bidder-2", "bidder-1", "plain-1", "plain-2"] as const).map(async (name): Promise<Finish> => {
      // Ours stand on loopback, each in an address group of its own, and know the seeder alone.
      const member = await ground.member(name);
      const bid = name.startsWith("bidder") ? Number(name.at(-1)) : 0;
      const money = bid > 0 ? ["--budget", "1", "--bid", `${bid / 100}/GiB`] : [];
      const command = ground.get(member, [seeder], [...money, "--upload-limit", "256KiB", "--timeout", "600"]);
      const done = await command.next("complete");
      const at = seconds();
      await command.exited;
      const whole = await ground.isWhole(ground.folder(name));
      const paidBase = BigInt(done.paidNano as string) / 10n ** 9n;
      return { name, kind: bid > 0 ? "bidder" : "plain", seconds: at, paidBase, whole };
    });
    const others = foreign.map((client) => fetchWith(client, ground, seeder, tracker.url, seconds));
    report(await Promise.all([...ours, ...others]), values.json);
  } finally {
    await ground.close();
    await tracker.close();
  }
}

async function fetchWith(
  client: Client,
  ground: FairGround,
  seeder: Member,
  url: string,
  seconds: () => number,
): Promise<Finish> {
  const folder = await subfolder(ground.work, client.name, "out");
  const running = client.get({
    torrent: ground.torrent.torrentFile,
    folder,
    workFolder: await subfolder(ground.work, client.name, "work"),
    port: await freePort(),
    peers: [{ host: seeder.host, port: seeder.port }],
    uploadLimit: 256 << 10,
    trackers: [url],
  });
  try {
    await Promise.race([
      running.done,
      new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`${client.name} did not finish\n${running.log()}`)), PATIENCE_MS).unref(),
      ),
    ]);
    const at = seconds();
    const bytes = await readFile(path.join(folder, ground.torrent.fileName));
    const whole = createHash("sha256").update(bytes).digest("hex") === ground.torrent.sha256;
    return { name: client.name, kind: "foreign", seconds: at, paidBase: 0n, whole };
  } finally {
    await running.stop();
  }
}

function report(finishes: readonly Finish[], json: boolean): void {
  const sorted = [...finishes].sort((a, b) => a.seconds - b.seconds);
  const times = (kind: Finish["kind"]): number[] => finishes.filter((f) => f.kind === kind).map((f) => f.seconds);
  const slowestPlain = Math.max(...times("plain"));
  const ratio = Math.max(...times("foreign")) / slowestPlain;
  const whole = finishes.every((finish) => finish.whole);
  const paid = finishes.every(({ kind, paidBase }) => kind !== "bidder" || paidBase > 0n);
  const holds = whole && paid && ratio <= MAX_RATIO;
  if (json) {
    const body = { finishes: sorted, ratio, whole, paid, holds };
    console.log(JSON.stringify(body, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)));
  } else {
    printTable(
      ["place", "client", "", "seconds", "sha256", "paid, micro dollars"],
      sorted.map((f, i) => [
        ...[String(i + 1), f.name, f.kind, f.seconds.toFixed(1), f.whole ? "equal" : "DIFFERENT", String(f.paidBase)],
      ]),
    );
    console.log(
      `\nslowest of the others' clients over our slowest plain client: ${ratio.toFixed(2)} (claim: at most ${MAX_RATIO}); bidders paid: ${paid ? "yes" : "no"}`,
    );
  }
  if (!holds) process.exitCode = 1;
}
