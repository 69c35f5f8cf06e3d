/**
 * BitTorrent clients as processes: ours and the ones we did not write, behind one interface. Each is one process that seeds a
 * torrent or fetches it, over the one kind of connection that is asked for, without LSD or port mapping: peers meet through a
 * tracker or an address that is handed in, or where a job says so through the DHT or peer exchange.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, isEncrypted, isUtp, type PeerJob, type RunningPeer } from "./client.ts";
import { launch, listening, sayLine } from "./launch.ts";
import { startTransmission } from "./transmission.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rivals = path.join(root, "lab", "rivals");
export const EVERSEED_BIN = path.join(root, "apps", "cli", "bin", "everseed.mjs");

/**
 * Clients without BEP 52 should read a hybrid torrent as v1, but these two do not, whoever made it: Transmission 3.00 refuses
 * libtorrent's own hybrids as corrupt, and aria2 1.36 computes another infohash.
 */
const NO_V2 = "it does not know BEP 52";
const NO_UTP = "it does not know uTP";

export const everseed: Client = {
  name: "everseed",
  cannot: {},
  takesPeers: true,
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
      {
        verified: sayLine('{"type":"verified"'),
        ...(job.staysToSeed === true ? { done: sayLine('{"type":"complete"') } : {}),
      },
    ),
};

function everseedOptions(job: PeerJob): string[] {
  const { dhtNode, uploadLimit, downloadLimit } = job;
  return [
    ...["--port", String(job.port)],
    ...(dhtNode === undefined && job.link !== "webrtc" ? [] : ["--host", "127.0.0.1"]),
    ...(dhtNode === undefined ? ["--no-dht"] : ["--dht-node", `${dhtNode.host}:${dhtNode.port}`]),
    "--no-local",
    "--no-map-port",
    ...["--encryption", isEncrypted(job.link) ? "require" : "off"],
    ...["--transport", isUtp(job.link) ? "utp" : "tcp"],
    ...(uploadLimit === undefined ? [] : ["--upload-limit", String(uploadLimit)]),
    ...(downloadLimit === undefined ? [] : ["--download-limit", String(downloadLimit)]),
    "--json",
  ];
}

export const libtorrent: Client = {
  name: "libtorrent",
  cannot: {},
  takesPeers: true,
  missing: () =>
    spawnSync("/usr/bin/python3", ["-c", "import libtorrent"]).status === 0
      ? undefined
      : "python3-libtorrent is not installed (apt-get install python3-libtorrent)",
  seed: (job) => runLibtorrent("seed", job),
  get: (job) => runLibtorrent("get", job),
};

function runLibtorrent(mode: "seed" | "get", job: PeerJob): RunningPeer {
  return launchLibtorrent(job, mode, {
    torrent: job.torrent,
    folder: job.folder,
    port: job.port,
    utp: isUtp(job.link),
    encrypted: isEncrypted(job.link),
    peers: job.peers,
    uploadLimit: job.uploadLimit,
    downloadLimit: job.downloadLimit,
    dhtNode: job.dhtNode,
    pex: job.pex,
  });
}

/** A node of the DHT and nothing else, on 127.0.0.1, for others to begin with. */
export function libtorrentDhtNode(workFolder: string, port: number): RunningPeer {
  return launchLibtorrent({ workFolder }, "dht", { port });
}

function launchLibtorrent(job: Pick<PeerJob, "workFolder">, mode: string, options: object): RunningPeer {
  const args = [path.join(rivals, "libtorrent-peer.py"), mode, JSON.stringify(options)];
  return launch(job, "/usr/bin/python3", args, { ready: sayLine("READY"), done: sayLine("DONE") });
}

export const transmission: Client = {
  name: "transmission",
  cannot: { v2: NO_V2, hybrid: `${NO_V2}, and calls hybrids corrupt` },
  takesPeers: false,
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
  cannot: {
    v2: NO_V2,
    hybrid: `${NO_V2}, and hashes hybrids wrongly`,
    utp: NO_UTP,
    "utp+encrypted": NO_UTP,
  },
  takesPeers: false,
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
    ...(isEncrypted(job.link) ? ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"] : []),
    `--bt-tracker=${job.trackers.join(",")}`,
  ];
}

export const webtorrent: Client = {
  name: "webtorrent",
  cannot: { v2: NO_V2 },
  takesPeers: true,
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
