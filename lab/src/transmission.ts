/** Drives one transmission-daemon: its settings file, and the few RPC calls that add a torrent and watch it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isEncrypted, isUtp, type PeerJob, type RunningPeer } from "./client.ts";
import type { Launch } from "./launch.ts";

/** Transmission's RPC port; derived from the peer port so that two daemons never share it. */
const RPC_OFFSET = 1;
/** `status` 6 of the RPC specification: seeding. */
const SEEDING = 6;

interface TorrentState {
  readonly status: number;
  readonly percentDone: number;
  readonly leftUntilDone: number;
  readonly metadataPercentComplete: number;
  readonly errorString: string;
}

export function startTransmission(mode: "seed" | "get", job: PeerJob, launch: Launch): RunningPeer {
  const config = path.join(job.workFolder, "transmission");
  const rpcPort = job.port > 65_000 ? job.port - RPC_OFFSET : job.port + RPC_OFFSET;
  mkdirSync(config, { recursive: true });
  writeFileSync(
    path.join(config, "settings.json"),
    JSON.stringify({
      "download-dir": job.folder,
      "peer-port": job.port,
      "rpc-port": rpcPort,
      "rpc-bind-address": "127.0.0.1",
      "rpc-whitelist-enabled": false,
      "dht-enabled": false,
      "lpd-enabled": false,
      "pex-enabled": false,
      "utp-enabled": isUtp(job.link),
      ...(isUtp(job.link) ? { "tcp-enabled": false } : {}),
      "port-forwarding-enabled": false,
      encryption: isEncrypted(job.link) ? 2 : 0,
      preallocation: 0,
      "start-added-torrents": true,
      "ratio-limit-enabled": false,
    }),
  );
  const call = rpcClient(rpcPort);
  const state = async (): Promise<TorrentState | undefined> => {
    const answer = await call("torrent-get", {
      fields: ["status", "percentDone", "leftUntilDone", "metadataPercentComplete", "errorString"],
    });
    return (answer?.torrents as TorrentState[] | undefined)?.[0];
  };
  let added = false;
  const add = async (): Promise<boolean> => {
    if (added) return true;
    const source = job.torrent.startsWith("magnet:")
      ? { filename: job.torrent }
      : { metainfo: readFileSync(job.torrent).toString("base64") };
    const answer = await call("torrent-add", { ...source, "download-dir": job.folder });
    added = answer !== undefined;
    return added;
  };
  const complete = async (): Promise<boolean> => {
    const now = await state();
    if (now === undefined) return false;
    if (now.errorString !== "" && now.percentDone < 1 && mode === "seed")
      throw new Error(`Transmission says: ${now.errorString}`);
    return now.metadataPercentComplete === 1 && now.leftUntilDone === 0 && now.status === SEEDING;
  };
  const poll = async (signal: AbortSignal): Promise<void> => {
    while (!((await add()) && (await complete()))) {
      if (signal.aborted) throw signal.reason;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let polling: Promise<void> | undefined;
  const milestone = (_child: unknown, _output: unknown, signal: AbortSignal): Promise<void> => {
    polling ??= poll(signal);
    return polling;
  };
  return launch(
    job,
    "/usr/bin/transmission-daemon",
    ["--foreground", "--config-dir", config],
    mode === "seed" ? { ready: milestone } : { done: milestone },
  );
}

type RpcResult = Record<string, unknown>;

/** `undefined` while the daemon does not answer yet. */
function rpcClient(port: number): (method: string, args: RpcResult) => Promise<RpcResult | undefined> {
  let session = "";
  const call = async (method: string, args: RpcResult): Promise<RpcResult | undefined> => {
    const response = await fetch(`http://127.0.0.1:${port}/transmission/rpc`, {
      method: "POST",
      headers: { "X-Transmission-Session-Id": session },
      body: JSON.stringify({ method, arguments: args }),
    }).catch(() => undefined);
    if (response === undefined) return undefined;
    if (response.status === 409) {
      session = response.headers.get("X-Transmission-Session-Id") ?? "";
      return call(method, args);
    }
    const answer = (await response.json()) as { result: string; arguments: RpcResult };
    if (answer.result !== "success") throw new Error(`Transmission refused ${method}: ${answer.result}`);
    return answer.arguments;
  };
  return call;
}
