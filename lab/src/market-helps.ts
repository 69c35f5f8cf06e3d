/**
 * Paying helps: one seeder with a capped upload that auctions its slots, ten downloaders, half of which bid, each a process.
 *
 *     npm run lab -- market-helps [--size MiB] [--downloaders N] [--upload RATE] [--peer-upload RATE] [--slots N] [--json]
 *
 * All downloaders start at once, know each other, barter, and leave when they have everything. Bidder i bids i cents a GiB. The
 * claim (exit 1 otherwise): the bidders' median completion time is at most 0.6 x that of the others, and the highest
 * bidder is first. Times count from the start of the first download.
 */
import { parseArgs } from "node:util";
import { FairGround } from "./market/fair-ground.ts";
import { median } from "./market/statistics.ts";
import { printTable } from "./table.ts";

const MAX_RATIO = 0.6;

interface Finish {
  readonly name: string;
  /** Cents per GiB; 0 does not bid. */
  readonly bidCents: number;
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
      size: option("64"),
      downloaders: option("10"),
      upload: option("4MiB"),
      "peer-upload": option("64KiB"),
      slots: option("3"),
    },
  });
  const ground = await FairGround.open(Number(values.size), "hybrid");
  try {
    const seeder = await ground.member("seeder");
    const count = Number(values.downloaders);
    const bids = Array.from({ length: count }, (_, i) => (i < count / 2 ? i + 1 : 0));
    const members = await Promise.all(
      bids.map((bid, i) => ground.member(bid > 0 ? `bidder-${bid}` : `plain-${i + 1}`)),
    );
    await ground.seed(seeder, [
      "--price",
      "auto",
      "--reserve",
      "0.001/GiB",
      "--upload-limit",
      values.upload,
      "--slots",
      values.slots,
    ]);
    const begun = performance.now();
    const finishes = await Promise.all(
      members.map(async (member, i): Promise<Finish> => {
        const bidCents = bids[i] as number;
        const money = bidCents > 0 ? ["--budget", "1", "--bid", `${bidCents / 100}/GiB`] : [];
        const others = [seeder, ...members.filter((other) => other !== member)];
        const command = ground.get(member, others, [
          ...money,
          "--upload-limit",
          values["peer-upload"],
          "--timeout",
          "900",
        ]);
        const done = await command.next("complete");
        const seconds = (performance.now() - begun) / 1000;
        await command.exited;
        if (!values.json) console.error(`${seconds.toFixed(1)} s: ${member.name} has everything`);
        const whole = await ground.isWhole(ground.folder(member.name));
        return { name: member.name, bidCents, seconds, paidBase: BigInt(done.paidNano as string) / 10n ** 9n, whole };
      }),
    );
    report(finishes, values.json);
  } finally {
    await ground.close();
  }
}

function report(finishes: readonly Finish[], json: boolean): void {
  const sorted = [...finishes].sort((a, b) => a.seconds - b.seconds);
  const times = (bids: boolean): number[] => finishes.filter((f) => f.bidCents > 0 === bids).map((f) => f.seconds);
  const [bidders, others] = [median(times(true)), median(times(false))];
  const ratio = bidders / others;
  const highest = Math.max(...finishes.map((f) => f.bidCents));
  const highestFirst = sorted[0]?.bidCents === highest;
  const whole = finishes.every((finish) => finish.whole);
  const holds = ratio <= MAX_RATIO && highestFirst && whole;
  if (json)
    console.log(
      JSON.stringify(
        { finishes: sorted, bidders, others, ratio, highestFirst, whole, holds },
        (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value),
      ),
    );
  else {
    printTable(
      ["place", "peer", "bid cents/GiB", "seconds", "paid, micro dollars"],
      sorted.map((f, i) => [
        String(i + 1),
        f.name,
        f.bidCents ? String(f.bidCents) : "-",
        f.seconds.toFixed(1),
        String(f.paidBase),
      ]),
    );
    console.log(
      `\nmedian of bidders ${bidders.toFixed(1)} s, of the others ${others.toFixed(1)} s: ratio ${ratio.toFixed(2)} (claim: at most ${MAX_RATIO}); the highest bidder was ${highestFirst ? "" : "not "}first`,
    );
  }
  if (!holds) process.exitCode = 1;
}
