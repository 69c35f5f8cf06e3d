/**
 * Everseed against clients we did not write, from Debian's packages and (where installed) WebTorrent: each seeds for
 * `everseed get` and fetches from `everseed seed`, v1, v2 and hybrid where the client knows them, over TCP and uTP, in the open
 * and encrypted, by torrent file and magnet link; libtorrent through the DHT alone and peer exchange alone as well. What arrives
 * is compared with what was offered, file by file, by SHA-256.
 *
 *     npm run lab -- interop [--whole] [--json] [--install] [--only CLIENT] [--kind v1|v2|hybrid] [--via HOW]
 *         [--link LINK] [--rivals] [--jobs N] [--timeout SECONDS] [--keep]
 *
 * `--whole` runs every case; without it a short list, for CI. `--install` installs the packages first (apt-get). `--rivals` runs
 * the others against libtorrent instead of Everseed, which tells a fault of ours from one of the rig. `--jobs`: cases at a time,
 * each among a swarm of its own. The exit code is 1 when a case fails or a client is missing.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Client } from "./client.ts";
import { aria2, everseed, libtorrent, transmission, webtorrent } from "./clients.ts";
import { type Case, casesFor, type Impossible, impossibleFor, isShort, meetingsFor } from "./interop/cases.ts";
import { makeOffers } from "./interop/offers.ts";
import { type CaseResult, runCase } from "./interop/run-case.ts";
import { subfolder } from "./launch.ts";
import { startLoopbackTracker } from "./loopback-tracker.ts";
import { printTable } from "./table.ts";

const PACKAGES = ["python3-libtorrent", "transmission-daemon", "aria2"];
const RIVALS: readonly Client[] = [libtorrent, transmission, aria2, webtorrent];
/** Most cases wait: Transmission thinks for ten seconds before it lets a new peer have anything. */
const DEFAULT_JOBS = 4;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      install: { type: "boolean", default: false },
      rivals: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      only: { type: "string" },
      kind: { type: "string" },
      via: { type: "string" },
      link: { type: "string" },
      whole: { type: "boolean", default: false },
      jobs: { type: "string", default: String(DEFAULT_JOBS) },
      timeout: { type: "string", default: "60" },
    },
  });
  if (values.install) installPackages();
  // WebTorrent comes from npm and is left out where it was not installed: CI has Debian's packages alone.
  const rivals = RIVALS.filter((client) =>
    values.only === undefined ? client !== webtorrent || client.missing() === undefined : client.name === values.only,
  );
  if (rivals.length === 0)
    throw new Error(`Cannot test ${values.only}: expected one of ${RIVALS.map(({ name }) => name).join(", ")}`);
  const own = values.rivals ? libtorrent : everseed;
  const missing = [own, ...rivals].map((client) => client.missing()).filter((reason) => reason !== undefined);
  if (missing.length > 0)
    throw new Error(`${missing.join("\n")}\nRun again with --install to install Debian's packages.`);
  const others = rivals.filter((rival) => rival !== own);
  const cases = others
    .flatMap((rival) => [...casesFor(own, rival), ...(rival === libtorrent ? meetingsFor(own, rival) : [])])
    .filter(({ kind }) => values.kind === undefined || kind === values.kind)
    .filter(({ via }) => values.via === undefined || via === values.via)
    .filter(({ link }) => values.link === undefined || link === values.link)
    .filter((item) => values.whole || isShort(item));
  const results = await runAll(cases, Number(values.jobs), Number(values.timeout) * 1000, values.keep, (result) => {
    if (!values.json)
      console.error(`${result.passed ? "ok    " : "FAILED"} ${nameOf(result)}, ${result.seconds.toFixed(1)} s`);
  });
  report(results, others.flatMap(impossibleFor), values.json);
}

/** Each job has torrents and a tracker of its own: cases at the same time must not find each other's peers. */
async function runAll(
  cases: readonly Case[],
  jobs: number,
  timeoutMs: number,
  keep: boolean,
  onResult: (result: CaseResult) => void,
): Promise<CaseResult[]> {
  const work = await mkdtemp(path.join(tmpdir(), "everseed-interop-"));
  const results: CaseResult[] = [];
  let next = 0;
  const lane = async (_: unknown, index: number): Promise<void> => {
    const tracker = await startLoopbackTracker();
    try {
      const offers = await makeOffers(await subfolder(work, `lane-${index}`), tracker.url);
      while (next < cases.length) {
        const at = next++;
        const folder = await subfolder(work, `case-${at}`);
        const result = await runCase(cases[at] as Case, { offers, tracker }, folder, timeoutMs);
        tracker.forget();
        results[at] = result;
        onResult(result);
      }
    } finally {
      await tracker.close();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, cases.length)) }, lane));
  } finally {
    if (keep) console.error(`Kept ${work}`);
    else await rm(work, { recursive: true, force: true });
  }
  return results;
}

function installPackages(): void {
  for (const command of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", ...PACKAGES],
  ]) {
    const { status } = spawnSync("apt-get", command, {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0)
      throw new Error(`Cannot install ${PACKAGES.join(", ")}: apt-get ${command[0]} failed with exit code ${status}`);
  }
}

const howOf = ({ via, through }: CaseResult): string => (through === undefined ? via : `${via} (${through})`);

function nameOf(result: CaseResult): string {
  const { seeder, downloader, kind, data, link } = result;
  return `${seeder} -> ${downloader}, ${kind} ${data} by ${howOf(result)}, ${link}`;
}

function report(results: readonly CaseResult[], impossible: readonly Impossible[], json: boolean): void {
  const failed = results.filter((result) => !result.passed);
  if (json) {
    const counts = { passed: results.length - failed.length, failed: failed.length };
    console.log(JSON.stringify({ ...counts, cases: results, impossible }));
  } else {
    printTable(
      ["seeder", "downloader", "torrent", "data", "by", "link", "seconds", "sha256"],
      [
        ...results.map((r) => [
          ...[r.seeder, r.downloader, r.kind, r.data, howOf(r), r.link, r.seconds.toFixed(1)],
          r.passed ? "equal" : "FAILED",
        ]),
        ...impossible.map(({ client, what, why }) =>
          what.startsWith("v") || what === "hybrid"
            ? [client, client, what, "-", "-", "-", "-", `impossible: ${why}`]
            : [client, client, "-", "-", "-", what, "-", `impossible: ${why}`],
        ),
      ],
    );
    for (const result of failed) console.log(`\n${nameOf(result)}: ${result.reason}`);
    console.log(`\n${results.length - failed.length} of ${results.length} passed`);
  }
  if (failed.length > 0 || results.length === 0) process.exitCode = 1;
}
