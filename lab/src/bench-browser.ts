/**
 * One file from a node to a page in Chromium over WebRTC, through our tracker: Everseed in the page, then WebTorrent in the
 * same browser from the same seeder.
 *
 *     npm run lab -- bench-browser [--size MiB] [--rounds N] [--timeout SECONDS] [--json]
 *
 * Needs Debian's `chromium`; WebTorrent is left out unless it is installed (npm install --prefix lab/rivals). Time counts from
 * the torrent in the page to the last verified piece. Everseed keeps the data in memory, WebTorrent in the browser's file system,
 * as each does by itself.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { parseTorrent } from "@everseed/metainfo";
import { EverseedNode } from "@everseed/node";
import { startTracker } from "@everseed/tracker";
import { rolldown } from "rolldown";
import type { PageResult } from "./browser/download-page.ts";
import { randomTorrent } from "./random-torrent.ts";
import { printTable } from "./table.ts";

const WEBTORRENT = path.join(import.meta.dirname, "../rivals/node_modules/webtorrent/dist/webtorrent.min.js");
/** The same steps as `download-page.ts`. */
const WEBTORRENT_PAGE = `
import WebTorrent from "/webtorrent.js";
const post = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
const torrentFile = new Uint8Array(await (await fetch("/torrent")).arrayBuffer());
const started = performance.now();
const client = new WebTorrent({ dht: false });
client.on("error", (error) => post({ seconds: 0, error: String(error) }));
const torrent = client.add(torrentFile);
torrent.on("done", async () => {
  const seconds = (performance.now() - started) / 1000;
  const data = await (await torrent.files[0].blob()).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  await post({ seconds, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") });
});
`;

interface PageServer {
  readonly server: Server;
  readonly url: string;
  /** The next result that a page posts. */
  result(timeoutMs: number): Promise<PageResult>;
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
  const sizeMiB = Number(values.size);
  const work = await mkdtemp(path.join(tmpdir(), "everseed-browser-"));
  const tracker = await startTracker({ port: 0, host: "127.0.0.1" });
  const seeder = await EverseedNode.start({ port: 0, host: "127.0.0.1", webRtc: {} });
  let pages: PageServer | undefined;
  try {
    const made = await randomTorrent(work, sizeMiB, "v1", [`ws://127.0.0.1:${tracker.port}`]);
    await seeder.add({ metainfo: parseTorrent(readFileSync(made.torrentFile)), dir: made.folder });
    pages = await servePages(await bundle(), readFileSync(made.torrentFile));
    const rounds: { client: string; seconds: number; mibPerSecond: number }[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const client of existsSync(WEBTORRENT) ? ["everseed", "webtorrent"] : ["everseed"]) {
        const { seconds, sha256, error } = await visit(pages, client, work, Number(values.timeout) * 1_000);
        if (sha256 !== made.sha256)
          throw new Error(`Cannot download in the browser: ${client}: ${error ?? "other data"}`);
        rounds.push({ client, seconds, mibPerSecond: sizeMiB / seconds });
      }
    }
    if (values.json) console.log(JSON.stringify({ sizeMiB, rounds }));
    else
      printTable(
        ["client", "seconds", "MiB/s"],
        rounds.map((each) => [each.client, each.seconds.toFixed(2), each.mibPerSecond.toFixed(1)]),
      );
  } finally {
    pages?.server.closeAllConnections();
    pages?.server.close();
    await seeder.stop();
    await tracker.stop();
    await rm(work, { recursive: true, force: true });
  }
}

async function bundle(): Promise<string> {
  const input = path.join(import.meta.dirname, "browser/download-page.ts");
  const made = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await made.generate({ format: "esm", minify: true });
  await made.close();
  return output[0].code;
}

async function servePages(everseed: string, torrent: Uint8Array): Promise<PageServer> {
  let report: (result: PageResult) => void = () => undefined;
  const server = createServer((request, response) => {
    const script = (text: string | Uint8Array): void =>
      void response.writeHead(200, { "content-type": "text/javascript" }).end(text);
    if (request.url === "/torrent") return void response.end(torrent);
    if (request.url === "/everseed.js") return script(everseed);
    if (request.url === "/webtorrent-page.js") return script(WEBTORRENT_PAGE);
    if (request.url === "/webtorrent.js") return script(readFileSync(WEBTORRENT));
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
    result: (timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ seconds: 0, error: `nothing in ${timeoutMs} ms` }), timeoutMs);
        report = (result) => {
          clearTimeout(timer);
          resolve(result);
        };
      }),
  };
}

/** A fresh browser with one page, until the page has reported. */
async function visit(pages: PageServer, client: string, work: string, timeoutMs: number): Promise<PageResult> {
  const profile = await mkdtemp(path.join(work, "profile-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`];
  const browser: ChildProcess = spawn("chromium", [...flags, `${pages.url}/${client}`], { stdio: "ignore" });
  const gone = new Promise<void>((resolve) => browser.once("close", () => resolve()));
  const result = await pages.result(timeoutMs);
  browser.kill();
  await gone;
  return result;
}
