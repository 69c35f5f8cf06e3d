/**
 * A swarm of real processes with money: a chain, funded wallets, one seller whose slots are auctioned, and downloaders. Each of
 * ours stands on a loopback address of its own, because the market counts address groups.
 */

import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startDevnet } from "@everseed/chain/node";
import { freePort } from "@everseed/core/node";
import { ensureWallet, saveChainConfig } from "@everseed/node";
import type { TorrentKind } from "../client.ts";
import { Command } from "../crash-channel-command.ts";
import { type RandomTorrent, randomTorrent } from "../random-torrent.ts";

/** A test dollar has six decimals. */
const FUNDS = 100_000_000n;
/** A download may take so long. */
const PATIENCE_MS = 900_000;
const GAS = 10n ** 18n;

export interface Member {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Without the networks at large. */
const QUIET = ["--no-dht", "--no-local", "--no-map-port", "--transport", "tcp"] as const;

export class FairGround {
  readonly work: string;
  readonly torrent: RandomTorrent;
  readonly #devnet: Awaited<ReturnType<typeof startDevnet>>;
  readonly #commands: Command[] = [];
  #members = 0;

  private constructor(work: string, torrent: RandomTorrent, devnet: Awaited<ReturnType<typeof startDevnet>>) {
    this.work = work;
    this.torrent = torrent;
    this.#devnet = devnet;
  }

  static async open(sizeMiB: number, kind: TorrentKind, announce: readonly string[] = []): Promise<FairGround> {
    const work = await mkdtemp(path.join(tmpdir(), "everseed-market-"));
    const devnet = await startDevnet({ port: await freePort(), stateDir: path.join(work, "chain") });
    const { rpcUrl, chainId, contract, token } = devnet;
    await saveChainConfig({ rpcUrl, chainId, contract, token }, work);
    return new FairGround(work, await randomTorrent(work, sizeMiB, kind, announce), devnet);
  }

  async member(name: string, host?: string): Promise<Member> {
    const { address } = await ensureWallet(this.#wallet(name));
    await this.#devnet.fund(address, { eth: GAS, usd: FUNDS });
    this.#members++;
    return { name, host: host ?? `127.0.${this.#members}.1`, port: await freePort() };
  }

  #wallet(name: string): string {
    return path.join(this.work, "wallets", name);
  }

  folder(name: string): string {
    return path.join(this.work, "out", name);
  }

  /** `everseed seed` of the whole torrent. Resolves when it listens. */
  async seed(member: Member, flags: readonly string[]): Promise<Command> {
    const command = this.#start(member, ["seed", this.torrent.torrentFile, "--data", this.torrent.folder, ...flags]);
    await command.next("listening");
    return command;
  }

  /** `everseed get`, which knows the peers that it is told of. */
  get(member: Member, peers: readonly Member[], flags: readonly string[]): Command {
    const known = peers.flatMap(({ host, port }) => ["--peer", `${host}:${port}`]);
    return this.#start(member, [
      "get",
      this.torrent.torrentFile,
      "--out",
      this.folder(member.name),
      "--deposit",
      "1",
      ...known,
      ...flags,
    ]);
  }

  #start(member: Member, args: readonly string[]): Command {
    const command = new Command(
      member.name,
      [
        ...[...args, ...QUIET, "--port", `${member.port}`, "--wallet", this.#wallet(member.name)],
        ...(member.host === "" ? [] : ["--host", member.host]),
      ],
      this.work,
      PATIENCE_MS,
    );
    this.#commands.push(command);
    return command;
  }

  /** True when the file arrived whole. */
  async isWhole(folder: string): Promise<boolean> {
    const bytes = await readFile(path.join(folder, this.torrent.fileName));
    return createHash("sha256").update(bytes).digest("hex") === this.torrent.sha256;
  }

  async close(): Promise<void> {
    await Promise.all(this.#commands.map((command) => command.kill()));
    await this.#devnet.stop();
    await rm(this.work, { recursive: true, force: true });
  }
}
