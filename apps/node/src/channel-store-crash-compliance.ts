/**
 * What must hold of two channel stores after either process was killed with SIGKILL at a durable write, and the rig that
 * brings it about: two processes (channel-store-crash-peer.ts), a real chain, one purchase, one kill, one restart, one more
 * contact, a claim and a close. Used by the tests and, over all writes, by the lab.
 *
 * Invariant: a case leaves no process behind, however it ends.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createChannelsClient } from "@everseed/chain";
import type { Devnet } from "@everseed/chain/node";
import { creditBytes, earned, promised } from "@everseed/channel";
import { type Address, fromHex, NANO, seededRandom, unitPriceNano } from "@everseed/core";
import { createWebHasher } from "@everseed/engine";
import { createTorrent } from "@everseed/engine/node";
import { type ChainConfig, saveChainConfig } from "./chain-config.ts";
import { COMMIT_MS, readChannelStore } from "./channel-store.ts";
import type { CrashPeerReport, CrashPeerTask } from "./channel-store-crash-peer.ts";
import { CrashSide } from "./channel-store-crash-side.ts";
import { NodePayments } from "./payments.ts";
import { createWallet, type Wallet } from "./wallet.ts";

const CASE_MS = 120_000;
/** Where the torrents have v2 hashes. */
export const UNIT_BYTES = 16 << 10;
export const PIECE_BYTES = 128 << 10;
/** Base units per GiB: 152 a unit, so that nothing vanishes in rounding. */
export const PRICE = 10_000_000n;
export const UNIT_NANO = unitPriceNano(PRICE, UNIT_BYTES);
const DEPOSIT = 5_000_000n;
export const FUNDS = 20_000_000n;
const CAP_BYTES = 32 << 20;

export interface CrashRig {
  readonly root: string;
  readonly devnet: Devnet;
  readonly config: ChainConfig;
  readonly torrents: readonly {
    readonly name: string;
    readonly file: string;
    readonly sha256: string;
    readonly bytes: number;
  }[];
  /** Bytes per second. */
  readonly rate: number;
}

export interface CrashKill {
  readonly side: "payer" | "payee";
  /** 1 is the first durable write. */
  readonly at: number;
  /** Killed before it was written; else after it was synced. */
  readonly lost: boolean;
}

export interface CrashOutcome extends CrashKill, CrashBill {
  /** False: the purchase was over before that write. */
  readonly killed: boolean;
  /** Ticks that the killed side knew of and its disk did not. */
  readonly openTicks: number;
}

/** Makes the files, their torrents and the chain's configuration in `root`. */
export async function createCrashRig(
  root: string,
  devnet: Devnet,
  { seed, mib, rate }: { readonly seed: number; readonly mib: number; readonly rate: number },
): Promise<CrashRig> {
  const data = join(root, "data");
  await mkdir(data, { recursive: true });
  const { rpcUrl, chainId, contract, token } = devnet;
  const config = { rpcUrl, chainId, contract, token };
  await saveChainConfig(config, root);
  const hasher = createWebHasher();
  const random = seededRandom(seed);
  const torrents: { name: string; file: string; sha256: string; bytes: number }[] = [];
  for (const [name, bytes] of [
    ["purchase.bin", mib << 20],
    ["next.bin", 4 * UNIT_BYTES],
  ] as const) {
    const content = random(bytes);
    await writeFile(join(data, name), content);
    const made = await createTorrent(join(data, name), { kind: "hybrid", pieceLengthBytes: PIECE_BYTES }, hasher);
    const file = join(root, `${name}.torrent`);
    await writeFile(file, made.torrentBytes);
    torrents.push({ name, file, sha256: sha256Of(content), bytes });
  }
  await hasher.close();
  return { root, devnet, config, torrents, rate };
}

/** Runs one case. Rejects when a side hangs or ends otherwise than by the kill. */
export async function runCrashCase(rig: CrashRig, kill: CrashKill): Promise<CrashOutcome> {
  const dir = join(rig.root, `${kill.side}-${kill.at}-${kill.lost ? "before" : "after"}`);
  const wallets = {
    payer: await createWallet(join(dir, "payer"), ""),
    payee: await createWallet(join(dir, "payee"), ""),
  };
  await rig.devnet.fund(wallets.payer.address, { eth: 10n ** 18n, usd: FUNDS });
  await rig.devnet.fund(wallets.payee.address, { eth: 10n ** 18n });
  const lives = await purchase(rig, kill, dir);
  const last = (side: "payer" | "payee"): bigint => BigInt(lives[side].at(-1)?.nano ?? 0);
  const bytes = (side: "payer" | "payee"): number => lives[side].reduce((sum, life) => sum + life.bytes, 0);
  const death = lives[kill.side].find(({ type }) => type === "killed");
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || faults.push(what));

  for (const { name, sha256 } of rig.torrents) {
    must(sha256Of(await readFile(join(dir, "out", name))) === sha256, `${name} differs from the original`);
  }
  const sums = await settleCrash(rig.config, { payer: wallets.payer, payee: wallets.payee }, FUNDS);
  const bill = crashBill({
    kills: death === undefined ? 0 : 1,
    deliveredBytes: bytes("payer"),
    servedBytes: bytes("payee"),
    paid: sums.paid,
    got: sums.got,
    rate: rig.rate,
  });
  must(sums.paid === last("payer"), `the payer's disk says ${sums.paid} nano, the payer said ${last("payer")}`);
  must(sums.got === last("payee"), `the payee's disk says ${sums.got} nano, the payee said ${last("payee")}`);
  faults.push(...bill.faults, ...sums.faults);
  return {
    ...kill,
    killed: death !== undefined,
    openTicks: death === undefined ? 0 : Number((BigInt(death.nano) - lives.onDisk) / UNIT_NANO),
    lostByPayer: bill.lostByPayer,
    lostByPayee: bill.lostByPayee,
    paidTwice: bill.paidTwice,
    faults,
  };
}

/** No purchase here writes more often than that. */
const MAX_WRITES = 200;

/**
 * One side is killed at every write from the first to the `last`, or until a purchase ends without: `atOnce` cases at a
 * time. A case that cannot be finished is a fault of its own.
 */
export async function* crashSeries(
  rig: CrashRig,
  {
    side,
    lost,
    last = MAX_WRITES,
    atOnce,
  }: {
    readonly side: "payer" | "payee";
    readonly lost: boolean;
    readonly last?: number;
    readonly atOnce: number;
  },
): AsyncGenerator<CrashOutcome> {
  for (let from = 1; from <= last; from += atOnce) {
    const kills = Array.from({ length: Math.min(atOnce, last - from + 1) }, (_, i) => ({ side, lost, at: from + i }));
    const outcomes = await Promise.all(
      kills.map((kill) =>
        runCrashCase(rig, kill).catch(
          (error: Error): CrashOutcome => ({
            ...kill,
            killed: true,
            openTicks: 0,
            lostByPayer: 0n,
            lostByPayee: 0n,
            paidTwice: 0n,
            faults: [`not finished: ${error.message}`],
          }),
        ),
      ),
    );
    yield* outcomes;
    if (outcomes.some(({ killed }) => !killed)) return;
  }
}

interface Lives {
  readonly payer: CrashPeerReport[];
  readonly payee: CrashPeerReport[];
  /** What the killed side's disk said after the kill. Nano base units. */
  onDisk: bigint;
}

/** The purchase, with the kill and the restart in it, and the next contact. */
async function purchase(rig: CrashRig, kill: CrashKill, dir: string): Promise<Lives> {
  const lives: Lives = { payer: [], payee: [], onDisk: 0n };
  const sides = new Map<"payer" | "payee", CrashSide>();
  const start = (side: "payer" | "payee", armed: boolean, port?: number): CrashSide => {
    const task: CrashPeerTask = {
      side,
      home: rig.root,
      wallet: join(dir, side),
      torrents: rig.torrents.map(({ file }) => file),
      dir: side === "payer" ? join(dir, "out") : join(rig.root, "data"),
      price: String(PRICE),
      deposit: String(DEPOSIT),
      uploadLimit: rig.rate,
      ...(port === undefined ? {} : { port }),
      ...(armed && side === kill.side ? { kill } : {}),
    };
    const started = new CrashSide(task);
    sides.set(side, started);
    return started;
  };
  const deadline = setTimeout(() => {
    for (const side of sides.values()) side.kill();
  }, CASE_MS);
  try {
    let payee = start("payee", true);
    let port = await payee.port();
    let payer = start("payer", true, port);
    let bought = payer.line("bought");
    for (let restarts = 0; ; restarts++) {
      const event = await Promise.race([
        bought.then(
          () => "bought" as const,
          () => "payer" as const,
        ),
        payer.exited.then(() => "payer" as const),
        payee.exited.then(() => "payee" as const),
      ]);
      if (event === "bought") break;
      const fallen = event === "payer" ? payer : payee;
      const report = fallen.last("killed");
      if (report === undefined || restarts > 0) throw new Error(`The ${event} ended early.\n${fallen.complaint}`);
      lives[event].push(report);
      lives.onDisk = storedNano(event, join(dir, event));
      if (event === "payer") {
        payer = start("payer", false, port);
        bought = payer.line("bought");
      } else {
        payee = start("payee", false);
        port = await payee.port();
        payer.tell(`peer ${port}`);
      }
    }
    payee.tell("disarm");
    payer.tell(`next ${port}`);
    lives.payer.push(await payer.line("done"));
    payee.tell("stop");
    lives.payee.push(await payee.line("done"));
    return lives;
  } finally {
    clearTimeout(deadline);
    await Promise.all([...sides.values()].map((side) => side.end()));
  }
}

/** What the disk in `dir` says was promised, or earned. Nano base units. */
export function storedNano(side: "payer" | "payee", dir: string): bigint {
  const { payers, payees } = readChannelStore(dir);
  const sums = side === "payer" ? [...payers.values()].map(promised) : [...payees.values()].map(earned);
  return sums.reduce((all, nano) => all + nano, 0n);
}

export interface CrashBill {
  /** Paid for and never verified; served and never paid; paid beyond what is allowed. Nano base units. */
  readonly lostByPayer: bigint;
  readonly lostByPayee: bigint;
  readonly paidTwice: bigint;
  /** Broken invariants, in words. */
  readonly faults: readonly string[];
}

/**
 * Holds what was paid (promised by the payer) and got (provable by the payee), in nano base units, against what was delivered
 * and served: for each kill the payee may lose its credit, the payer twice that, and no more than a group commit of ticks is
 * paid again.
 */
export function crashBill(sums: {
  readonly kills: number;
  readonly deliveredBytes: number;
  readonly servedBytes: number;
  readonly paid: bigint;
  readonly got: bigint;
  /** Bytes per second. */
  readonly rate: number;
}): CrashBill {
  const { paid, got } = sums;
  const kills = BigInt(sums.kills);
  const [delivered, served] = [priceOf(sums.deliveredBytes), priceOf(sums.servedBytes)];
  const credit = kills * priceOf(creditBytes(sums.servedBytes, UNIT_BYTES, CAP_BYTES));
  const allowed = delivered + kills * priceOf((sums.rate * COMMIT_MS) / 1000);
  const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);
  const bill = {
    lostByPayer: above(paid, delivered),
    lostByPayee: above(served, got),
    paidTwice: above(paid, allowed),
  };
  const faults: string[] = [];
  if (paid !== got) faults.push(`the payer promised ${paid} nano, the payee can prove ${got}`);
  if (bill.paidTwice > 0n) faults.push(`paid ${paid} nano for ${delivered} delivered, allowed are ${allowed}`);
  // A crash hides how much of its advance was open, so that it may grant it once more.
  if (bill.lostByPayer > 2n * credit) faults.push(`the payer lost ${bill.lostByPayer} nano, its credit is ${credit}`);
  if (bill.lostByPayee > credit) faults.push(`the payee lost ${bill.lostByPayee} nano, its credit is ${credit}`);
  return { ...bill, faults };
}

/** What so many bytes cost, in whole units. Nano base units. */
function priceOf(bytes: number): bigint {
  return BigInt(Math.ceil(bytes / UNIT_BYTES)) * UNIT_NANO;
}

/**
 * Claims, compares both stores with the chain, closes together, and counts all money: `funds` base units that the payer was
 * given and nobody else. Returns what was paid and got, in nano base units, and what is wrong.
 */
export async function settleCrash(
  config: ChainConfig,
  wallets: { readonly payer: Wallet; readonly payee: Wallet },
  funds: bigint,
): Promise<{ readonly paid: bigint; readonly got: bigint; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || faults.push(what));
  const token = config.token.address as Address;
  const client = createChannelsClient({ ...config, privateKey: wallets.payer.privateKey });
  const balance = (of: Wallet): Promise<bigint> => client.balance(token, of.address);
  const held = async (): Promise<bigint> => (await balance(wallets.payer)) + (await balance(wallets.payee));
  const got = storedNano("payee", wallets.payee.dir);
  const paid = storedNano("payer", wallets.payer.dir);
  const payee = await NodePayments.open(wallets.payee, config);
  const payer = await NodePayments.open(wallets.payer, config);
  try {
    for (const { error } of await payee.claimAll()) must(error === undefined, `the claim was refused: ${error}`);
    const stored = {
      payer: readChannelStore(wallets.payer.dir).payers,
      payee: readChannelStore(wallets.payee.dir).payees,
    };
    let [claimed, locked, open] = [0n, 0n, 0];
    for (const id of new Set([...stored.payer.keys(), ...stored.payee.keys()])) {
      const channel = await client.read(fromHex(id) as Uint8Array);
      const [mine, theirs] = [stored.payer.get(id), stored.payee.get(id)];
      must(mine !== undefined, `the payer does not know channel ${id.slice(0, 8)}`);
      must((mine?.deposit ?? 0n) === (channel?.deposit ?? 0n), "the payer's store and the chain differ on a deposit");
      must(
        mine === undefined || theirs === undefined || earned(theirs) <= promised(mine),
        "more is earned than promised",
      );
      must((theirs?.claimed ?? 0n) === (channel?.claimed ?? 0n), "the payee's store and the chain differ on a claim");
      must(
        (theirs?.deposit ?? channel?.deposit) === channel?.deposit,
        "the payee's store and the chain differ on a deposit",
      );
      if (channel === undefined) continue;
      open++;
      claimed += channel.claimed;
      locked += channel.deposit - channel.claimed;
    }
    must(open === 1, `${open} channels were opened`);
    must(claimed === got / NANO, `${claimed} base units were paid out, ${got / NANO} were earned`);
    const before = (await held()) + locked;
    must(before === funds, `${before} of ${funds} base units are left before the close`);
    await payer.closeWith(payee);
    must((await held()) === funds, `${await held()} of ${funds} base units are left after the close`);
    must((await balance(wallets.payee)) === claimed, "the close paid the payee another sum than it had earned");
  } catch (error) {
    faults.push(`settling failed: ${(error as Error).message}`);
  } finally {
    await payee.close();
    await payer.close();
  }
  return { paid, got, faults };
}

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
