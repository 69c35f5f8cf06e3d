/**
 * BitTorrent clients as processes: ours and the ones we did not write, behind one interface. Each is one process that seeds a
 * torrent or fetches it, over the one kind of connection that is asked for, without DHT, LSD, PEX or port mapping: peers meet
 * through a tracker or an address that is handed in.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startTransmission } from "./transmission.ts";

export type TorrentKind = "v1" | "v2" | "hybrid";

/** How two clients may talk: over TCP in the open, with message stream encryption and nothing else, or over uTP alone. */
export type Link = "plain" | "encrypted" | "utp";

export interface PeerJob {
  /** @default plain */
  readonly link?: Link;
  /** Path of a .torrent file, or a magnet link. */
  readonly torrent: string;
  /** Folder that holds the data (seeding) or receives it. */
  readonly folder: string;
  /** Folder for the client's own files. */
  readonly workFolder: string;
  readonly port: number;
  /** Peers to connect to, where the client can be told. */
  readonly peers: readonly { readonly host: string; readonly port: number }[];
  /** Bytes a second that the client may send. @default no limit */
  readonly uploadLimit?: number;
  /** Serves on when it has everything (fetching): `done` says when that is. @default false */
  readonly staysToSeed?: boolean;
  /** For clients that must be told apart from the torrent. */
  readonly trackers: readonly string[];
}

export interface RunningPeer {
  readonly pid: number;
  /** Resolves when the client accepts connections with all data checked (seeding). Rejects when the process ends first. */
  readonly ready: Promise<void>;
  /** Resolves when the client says that it has everything (fetching). */
  readonly done: Promise<void>;
  /** What the process wrote, for a failure's explanation. */
  log(): string;
  stop(): Promise<void>;
}

export interface Client {
  readonly name: string;
  readonly kinds: readonly TorrentKind[];
  /** How it is told where peers are. */
  readonly takesPeers: boolean;
  readonly takesMagnets: boolean;
  readonly links: readonly Link[];
  /** Transmission 3.00 makes no file for an entry of no bytes. */
  readonly leavesOutEmptyFiles?: boolean;
  /** A sentence when the client cannot run here, with the remedy. */
  missing(): string | undefined;
  seed(job: PeerJob): RunningPeer;
  get(job: PeerJob): RunningPeer;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const rivals = path.join(root, "lab", "rivals");
export const EVERSEED_BIN = path.join(root, "apps", "cli", "bin", "everseed.mjs");

/** aria2 knows no uTP; WebTorrent needs a native part for it that is not installed. */
const TCP_LINKS: readonly Link[] = ["plain", "encrypted"];
const ANY_LINK: readonly Link[] = [...TCP_LINKS, "utp"];
const ANY_KIND: readonly TorrentKind[] = ["v1", "v2", "hybrid"];
/**
 * Clients without BEP 52 should read a hybrid torrent as v1, but these two do not, whoever made it: Transmission 3.00 refuses
 * libtorrent's own hybrids as corrupt, and aria2 1.36 computes another infohash.
 */
const V1_KINDS: readonly TorrentKind[] = ["v1"];

export const everseed: Client = {
  name: "everseed",
  kinds: ANY_KIND,
  takesPeers: true,
  takesMagnets: true,
  links: ANY_LINK,
  missing: () => (existsSync(EVERSEED_BIN) ? undefined : `everseed's command is not at ${EVERSEED_BIN}`),
  seed: (job) =>
    launch(job, process.execPath, [EVERSEED_BIN, "seed", job.torrent, "--data", job.folder, ...everseedOptions(job)], {
      ready: sayLine('{"type":"listening"'),
    }),
  get: (job) =>
    launch(
      job,
      process.execPath,
      [
        EVERSEED_BIN,
        "get",
        job.torrent,
        "--out",
        job.folder,
        "--free",
        ...everseedOptions(job),
        ...(job.staysToSeed === true ? ["--seed"] : []),
        ...job.peers.flatMap(({ host, port }) => ["--peer", `${host}:${port}`]),
      ],
      job.staysToSeed === true ? { done: sayLine('{"type":"complete"') } : {},
    ),
};

function everseedOptions(job: PeerJob): string[] {
  const encryption = job.link === "encrypted" ? "require" : "off";
  const limit = job.uploadLimit === undefined ? [] : ["--upload-limit", String(job.uploadLimit)];
  return [
    "--port",
    String(job.port),
    "--no-dht",
    "--no-local",
    "--no-map-port",
    "--encryption",
    encryption,
    "--transport",
    job.link === "utp" ? "utp" : "tcp",
    ...limit,
    "--json",
  ];
}

export const libtorrent: Client = {
  name: "libtorrent",
  kinds: ANY_KIND,
  takesPeers: true,
  takesMagnets: true,
  links: ANY_LINK,
  missing: () =>
    spawnSync("/usr/bin/python3", ["-c", "import libtorrent"]).status === 0
      ? undefined
      : "python3-libtorrent is not installed (apt-get install python3-libtorrent)",
  seed: (job) => runLibtorrent("seed", job),
  get: (job) => runLibtorrent("get", job),
};

function runLibtorrent(mode: string, job: PeerJob): RunningPeer {
  const args = [
    path.join(rivals, "libtorrent-peer.py"),
    mode,
    job.torrent,
    job.folder,
    String(job.port),
    job.link ?? "plain",
    String(job.uploadLimit ?? 0),
    ...job.peers.map(({ host, port }) => `${host}:${port}`),
  ];
  return launch(job, "/usr/bin/python3", args, { ready: sayLine("READY"), done: sayLine("DONE") });
}

export const transmission: Client = {
  name: "transmission",
  kinds: V1_KINDS,
  takesPeers: false,
  takesMagnets: true,
  links: ANY_LINK,
  leavesOutEmptyFiles: true,
  missing: () =>
    existsSync("/usr/bin/transmission-daemon")
      ? undefined
      : "transmission-daemon is not installed (apt-get install transmission-daemon)",
  seed: (job) => startTransmission("seed", job, launch),
  get: (job) => startTransmission("get", job, launch),
};

export const aria2: Client = {
  name: "aria2",
  kinds: V1_KINDS,
  takesPeers: false,
  takesMagnets: true,
  links: TCP_LINKS,
  missing: () => (existsSync("/usr/bin/aria2c") ? undefined : "aria2c is not installed (apt-get install aria2)"),
  seed: (job) =>
    launch(job, "/usr/bin/aria2c", [...aria2Options(job), "--check-integrity=true", "--seed-ratio=0.0", job.torrent], {
      ready: listening(job.port),
    }),
  get: (job) => launch(job, "/usr/bin/aria2c", [...aria2Options(job), "--seed-time=0", job.torrent], {}),
};

function aria2Options(job: PeerJob): string[] {
  return [
    "--no-conf",
    `--dir=${job.folder}`,
    `--listen-port=${job.port}`,
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=false",
    "--file-allocation=none",
    "--allow-overwrite=true",
    "--follow-torrent=mem",
    "--summary-interval=0",
    "--console-log-level=notice",
    "--bt-tracker-interval=2",
    "--disable-ipv6=true",
    ...(job.link === "encrypted" ? ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"] : []),
    `--bt-tracker=${job.trackers.join(",")}`,
  ];
}

export const webtorrent: Client = {
  name: "webtorrent",
  kinds: ["v1"],
  takesPeers: true,
  takesMagnets: true,
  links: TCP_LINKS,
  missing: () =>
    existsSync(path.join(rivals, "node_modules", "webtorrent"))
      ? undefined
      : "webtorrent is not installed for the lab (npm install --prefix lab/rivals, or --install)",
  seed: (job) => runWebTorrent("seed", job),
  get: (job) => runWebTorrent("get", job),
};

function runWebTorrent(mode: string, job: PeerJob): RunningPeer {
  const peers = job.peers.map(({ host, port }) => `${host}:${port}`);
  return launch(
    job,
    process.execPath,
    [
      path.join(rivals, "webtorrent-peer.mjs"),
      mode,
      job.torrent,
      job.folder,
      String(job.port),
      job.link ?? "plain",
      ...peers,
    ],
    {
      ready: sayLine("READY"),
      done: sayLine("DONE"),
    },
  );
}

type Milestone = (child: ChildProcess, output: () => string, signal: AbortSignal) => Promise<void>;

/** Waits until the process prints a line that begins with `word`. */
function sayLine(word: string): Milestone {
  return (_child, output, signal) =>
    until(
      async () =>
        output()
          .split("\n")
          .some((line) => line.startsWith(word)),
      signal,
    );
}

/** Waits until the port takes connections. */
export function listening(port: number): Milestone {
  return (_child, _output, signal) => until(() => accepts(port), signal);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Polls `condition` until it holds or `signal` fires. */
export async function until(condition: () => Promise<boolean>, signal: AbortSignal, everyMs = 20): Promise<void> {
  while (!(await condition())) {
    if (signal.aborted) throw signal.reason;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export type Launch = (
  job: PeerJob,
  command: string,
  args: readonly string[],
  milestones: { ready?: Milestone; done?: Milestone },
) => RunningPeer;

/** Starts a process; without a `done` milestone it is done when it exits with 0. */
const launch: Launch = (job, command, args, milestones) => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], cwd: job.workFolder });
  let text = "";
  const collect = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const ending = new AbortController();
  const exited = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      ending.abort(new Error(`${path.basename(command)} ended (${why}): ${text.slice(-1500).trim()}`));
      resolve();
    };
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    child.once("error", (error) => end(error.message));
  });
  const exitsWell = async (): Promise<void> => {
    await exited;
    if (child.exitCode !== 0) throw ending.signal.reason;
  };
  const ready = milestones.ready?.(child, () => text, ending.signal) ?? Promise.resolve();
  const done = milestones.done?.(child, () => text, ending.signal) ?? exitsWell();
  ready.catch(() => undefined);
  done.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    done,
    log: () =>
      text
        .split("\n")
        .filter((line) => !line.includes('"type":"progress"'))
        .join("\n"),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const hard = setTimeout(() => child.kill("SIGKILL"), 3000);
        await exited;
        clearTimeout(hard);
      }
    },
  };
};

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A new empty folder below `parent`. */
export async function subfolder(parent: string, ...names: readonly string[]): Promise<string> {
  const folder = path.join(parent, ...names);
  await mkdir(folder, { recursive: true });
  return folder;
}
