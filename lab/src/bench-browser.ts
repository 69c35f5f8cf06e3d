/**
 * One file from a node to a page in Chromium over WebRTC: Everseed's page from Everseed's seeder, WebTorrent's page from WebTorrent's, and
 * WebTorrent's page from Everseed's seeder, in turn in the same browser. Each seeder is a process of its own behind a tracker of its own.
 *
 *     npm run lab -- bench-browser [--size MiB] [--rounds N] [--timeout SECONDS] [--json]
 *
 * Needs Debian's `chromium`; WebTorrent is left out unless it is installed (npm install --prefix lab/rivals). Time counts from
 * the torrent in the page to the last verified piece, the transfer's from the first peer on, CPU time of the browser and the
 * seeder from the page's first request to its result, which it gives after it has hashed all once more. Medians of the rounds.
 * Everseed keeps the data in memory, WebTorrent in the browser's file system, as each does by itself.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "@everseed/core/node";
import { type BencodeInput, type BencodeValue, decodeBencode, encodeBencode } from "@everseed/metainfo";
import { startTracker } from "@everseed/tracker";
import { rolldown } from "rolldown";
import type { PageResult } from "./browser/download-page.ts";
import type { Client } from "./client.ts";
import { everseed, webtorrent } from "./clients.ts";
import { subfolder, until } from "./launch.ts";
import { median } from "./market/statistics.ts";
import { treeCpuSeconds } from "./process-meter.ts";
import { type RandomTorrent, randomTorrent } from "./random-torrent.ts";
import { printTable } from "./table.ts";

const WEBTORRENT = path.join(import.meta.dirname, "../rivals/node_modules/webtorrent/dist/webtorrent.min.js");
const READY_MS = 30_000;
const OFFERS_MS = 8_000;
/** The same steps as `download-page.ts`. */
const WEBTORRENT_PAGE = `
import WebTorrent from "/webtorrent.js";
const post = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
const torrentFile = new Uint8Array(await (await fetch("/torrent")).arrayBuffer());
const started = performance.now();
const client = new WebTorrent({ dht: false });
client.on("error", (error) => post({ seconds: 0, error: String(error) }));
const torrent = client.add(torrentFile);
let connected;
torrent.on("wire", () => {
  connected ??= performance.now();
});
torrent.on("done", async () => {
  const seconds = (performance.now() - started) / 1000;
  const transferSeconds = (performance.now() - connected) / 1000;
  const data = await (await torrent.files[0].blob()).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  await post({ seconds, transferSeconds, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") });
});
`;

/** Whose page downloads from whose seeder. */
const PAIRS = [
  { name: "everseed", page: "everseed", seeder: everseed },
  { name: "webtorrent", page: "webtorrent", seeder: webtorrent },
  { name: "webtorrent from everseed", page: "webtorrent", seeder: everseed },
] as const;

interface Visit {
  readonly name: string;
  readonly seconds: number;
  readonly transferSeconds: number;
  readonly cpuSeconds: number;
}

interface Seeder {
  /** Names the seeder's tracker and no other. */
  readonly torrent: Uint8Array;
  readonly pid: number;
}

interface PageServer {
  readonly server: Server;
  readonly url: string;
  /** The next result that a page posts. The page gets this torrent; `onBegun` is told when it asks for it. */
  result(torrent: Uint8Array, onBegun: () => void, timeoutMs: number): Promise<PageResult>;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      size: { type: "string", default: "64" },
      rounds: { type: "string", default: "1" },
      timeout: { type: "string", default: "120" },
    },
  });
  if (spawnSync("chromium", ["--version"]).status !== 0) throw new Error("Cannot run: install Debian's chromium first");
  const leftOut = webtorrent.missing();
  if (leftOut !== undefined) console.error(leftOut);
  const sizeMiB = Number(values.size);
  const work = await mkdtemp(path.join(tmpdir(), "everseed-browser-"));
  const made = await randomTorrent(work, sizeMiB, "v1");
  const running: { stop(): Promise<void> }[] = [];
  let pages: PageServer | undefined;
  try {
    pages = await servePages(await bundle());
    const seeders = new Map<Client, Seeder>();
    const rounds: Visit[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const { name, page, seeder: client } of PAIRS) {
        if (page === "webtorrent" && leftOut !== undefined) continue;
        const seeder = seeders.get(client) ?? (await startSeeder(client, made, work, running));
        seeders.set(client, seeder);
        const visited = await visit(pages, page, seeder, work, Number(values.timeout) * 1_000);
        if (visited.sha256 !== made.sha256)
          throw new Error(`Cannot download in the browser: ${name}: ${visited.error ?? "other data"}`);
        const { seconds, transferSeconds = 0, cpuSeconds } = visited;
        rounds.push({ name, seconds, transferSeconds, cpuSeconds });
        console.error(
          `${name}: ${seconds.toFixed(2)} s, ${transferSeconds.toFixed(2)} s from the first peer on, CPU ${cpuSeconds.toFixed(2)} s`,
        );
      }
    }
    report(rounds, sizeMiB, values.json);
  } finally {
    pages?.server.closeAllConnections();
    pages?.server.close();
    for (const each of running.reverse()) await each.stop();
    await rm(work, { recursive: true, force: true });
  }
}

/** Behind a tracker of its own, so that a page meets this seeder alone. */
async function startSeeder(
  client: Client,
  made: RandomTorrent,
  work: string,
  running: { stop(): Promise<void> }[],
): Promise<Seeder> {
  const tracker = await startTracker({ port: 0, host: "127.0.0.1" });
  running.push(tracker);
  const fields = decodeBencode(readFileSync(made.torrentFile)) as ReadonlyMap<string, BencodeValue>;
  const torrent = encodeBencode(
    new Map<string, BencodeInput>([...fields, ["announce", `ws://127.0.0.1:${tracker.port}`]]),
  );
  const torrentFile = path.join(work, `${client.name}.torrent`);
  writeFileSync(torrentFile, torrent);
  const seeder = client.seed({
    torrent: torrentFile,
    folder: made.folder,
    workFolder: await subfolder(work, client.name),
    port: await freePort(),
    peers: [],
    trackers: [],
    link: "webrtc",
  });
  running.push(seeder);
  await seeder.ready;
  // WebTorrent in Node waits five seconds for its ICE candidates, and when it and a page offer each other connections meanwhile
  // each drops the other's as a duplicate: the page must come when all offers are made.
  await until(async () => tracker.stats().announces > 0, AbortSignal.timeout(READY_MS));
  await new Promise((resolve) => setTimeout(resolve, OFFERS_MS));
  return { torrent, pid: seeder.pid };
}

function report(rounds: readonly Visit[], sizeMiB: number, json: boolean): void {
  const clients = PAIRS.flatMap(({ name }) => {
    const own = rounds.filter((round) => round.name === name);
    if (own.length === 0) return [];
    return [
      {
        name,
        seconds: median(own.map((round) => round.seconds)),
        transferSeconds: median(own.map((round) => round.transferSeconds)),
        cpuSeconds: median(own.map((round) => round.cpuSeconds)),
      },
    ];
  });
  if (json) return console.log(JSON.stringify({ sizeMiB, clients, rounds }));
  const ours = clients[0]?.transferSeconds ?? 0;
  console.log(`\n${sizeMiB} MiB to a page in Chromium over WebRTC, medians\n`);
  printTable(
    ["page and seeder", "seconds", "transfer s", "MiB/s", "CPU s", "transfer / ours"],
    clients.map(({ name, seconds, transferSeconds, cpuSeconds }) => [
      name,
      seconds.toFixed(2),
      transferSeconds.toFixed(2),
      (sizeMiB / transferSeconds).toFixed(1),
      cpuSeconds.toFixed(2),
      (transferSeconds / ours).toFixed(2),
    ]),
  );
}

async function bundle(): Promise<string> {
  const input = path.join(import.meta.dirname, "browser/download-page.ts");
  const made = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await made.generate({ format: "esm", minify: true });
  await made.close();
  return output[0].code;
}

async function servePages(script: string): Promise<PageServer> {
  let report: (result: PageResult) => void = () => undefined;
  let begin: () => Uint8Array = () => new Uint8Array();
  const server = createServer((request, response) => {
    const run = (text: string | Uint8Array): void =>
      void response.writeHead(200, { "content-type": "text/javascript" }).end(text);
    if (request.url === "/torrent") return void response.end(begin());
    if (request.url === "/everseed.js") return run(script);
    if (request.url === "/webtorrent-page.js") return run(WEBTORRENT_PAGE);
    if (request.url === "/webtorrent.js") return run(readFileSync(WEBTORRENT));
    if (request.method === "POST") {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => void parts.push(part));
      request.on("end", () => {
        response.end();
        report(JSON.parse(Buffer.concat(parts).toString()) as PageResult);
      });
      return;
    }
    const name = request.url === "/webtorrent" ? "webtorrent-page" : "everseed";
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><meta charset="utf-8"><script type="module" src="/${name}.js"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    result: (torrent, onBegun, timeoutMs) =>
      new Promise((resolve) => {
        begin = () => {
          onBegun();
          return torrent;
        };
        const timer = setTimeout(() => resolve({ seconds: 0, error: `nothing in ${timeoutMs} ms` }), timeoutMs);
        report = (result) => {
          clearTimeout(timer);
          resolve(result);
        };
      }),
  };
}

/** A fresh browser with one page, until the page has reported. */
async function visit(
  pages: PageServer,
  page: string,
  seeder: Seeder,
  work: string,
  timeoutMs: number,
): Promise<PageResult & { cpuSeconds: number }> {
  const profile = await mkdtemp(path.join(work, "profile-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`];
  const browser: ChildProcess = spawn("chromium", [...flags, `${pages.url}/${page}`], { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => browser.once("close", () => resolve()));
  const cpu = (): number => treeCpuSeconds(browser.pid ?? 0) + treeCpuSeconds(seeder.pid);
  let before = 0;
  const result = await pages.result(
    seeder.torrent,
    () => {
      before = cpu();
    },
    timeoutMs,
  );
  const cpuSeconds = cpu() - before;
  browser.kill();
  await gone;
  return { ...result, cpuSeconds };
}
