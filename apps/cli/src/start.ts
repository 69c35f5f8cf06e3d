/**
 * `npm start`: a whole economy on one machine. A chain, a tracker, two sellers and a buyer, each a process with its own
 * wallet; a real file, bought from both sellers at once, tick by tick; settled on chain.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createChannelsClient } from "@everseed/chain";
import { type Devnet, startDevnet } from "@everseed/chain/node";
import { type Address, EverseedError, formatAmount, NANO, ZERO_ADDRESS } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import {
  type ChainConfig,
  EverseedNode,
  ensureWallet,
  homeDir,
  readJson,
  saveChainConfig,
  type Wallet,
  writeJson,
} from "@everseed/node";
import { formatBytes } from "./format.ts";
import { Child, type Line } from "./network/child.ts";
import { drawNetwork, type SellerView } from "./network/picture.ts";
import { createOutput, endWithReader, type Output, reportFailure, untilStopped } from "./output.ts";

const PRICE = "0.01/GiB";
const PRICE_PER_GIB = 10_000n;
const BUDGET_USD = 500_000n;
const START_USD = 10_000_000n;
const START_ETH = 10n ** 18n;
const SELLERS = ["seller 1", "seller 2"] as const;

interface Purchase {
  readonly address: string;
  readonly verifiedBytes: number;
  readonly ticks: number;
  readonly signatures: number;
  readonly paidNano: string;
  readonly maxPrepaidBytes: number;
}

interface Progress extends Line {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly torrent: {
    readonly haveBytes: number;
    readonly totalBytes: number;
    readonly downloadBytesPerSecond: number;
  };
  readonly purchases: readonly Purchase[];
  readonly opened?: readonly { readonly gasUsed: string }[];
}

interface Places {
  readonly home: string;
  readonly chain: string;
  readonly downloads: string;
  readonly torrents: string;
  wallet(name: string): string;
}

async function main(): Promise<void> {
  endWithReader();
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== "--"),
    allowPositionals: true,
    options: {
      once: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(
      "npm start -- [PATH] [--once] [--json]\n\nBuys PATH (default: the Node binary) from two sellers on a local network.\n  --once  exit when settled\n  --json  one JSON object at the end\n",
    );
    return;
  }
  const path = resolve(positionals[0] ?? process.execPath);
  const output = createOutput(values.json);
  const temporary =
    values.once && process.env.EVERSEED_HOME === undefined ? await mkdtemp(join(tmpdir(), "everseed-")) : undefined;
  const places = placesIn(temporary ?? homeDir());
  const children: Child[] = [];
  let devnet: Devnet | undefined;
  try {
    await stat(path).catch((cause: unknown) => {
      throw new EverseedError("file-unreadable", `Cannot read ${path}: it is not there`, {
        cause,
        hint: "Name a file or folder after --.",
      });
    });
    devnet = await startChain(places, output);
    await run({ path, places, devnet, output, children, once: values.once, json: values.json });
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await devnet?.stop();
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

function placesIn(home: string): Places {
  const network = join(home, "network");
  return {
    home,
    chain: join(network, "chain"),
    downloads: join(network, "downloads"),
    torrents: join(network, "torrents"),
    wallet: (name) => (name === "buyer" ? join(home, "wallet") : join(network, "wallets", name.replace(" ", "-"))),
  };
}

async function startChain(places: Places, output: Output): Promise<Devnet> {
  const file = join(places.chain, "port.json");
  const saved = await readJson<{ port: number }>(file);
  const start = (port: number): Promise<Devnet> => startDevnet({ port, stateDir: places.chain });
  const devnet = await start(saved?.port ?? (await freePort())).catch(async (error: unknown) => {
    // Another program took the port meanwhile: nobody but our own processes knows it, so any other will do.
    if (saved === undefined || !(error instanceof EverseedError) || error.code !== "devnet-port") throw error;
    return start(await freePort());
  });
  const { rpcUrl, chainId, contract, token } = devnet;
  await writeJson(file, { port: Number(new URL(rpcUrl).port) });
  await saveChainConfig({ rpcUrl, chainId, contract, token }, places.home);
  output.line(`chain     ${rpcUrl}, channels at ${contract}`);
  return devnet;
}

interface Run {
  readonly path: string;
  readonly places: Places;
  readonly devnet: Devnet;
  readonly output: Output;
  readonly children: Child[];
  readonly once: boolean;
  readonly json: boolean;
}

async function run(r: Run): Promise<void> {
  const { places, devnet, output } = r;
  const env = { EVERSEED_HOME: places.home };
  const spawn = (name: string, args: readonly string[], onLine?: (line: Line) => void): Child => {
    const child = new Child(name, args, env, onLine);
    r.children.push(child);
    return child;
  };
  const wallets = await openWallets(r);
  const balances = balanceReader(devnet, wallets);

  const tracker = spawn("tracker", ["tracker", "--port", "0", "--host", "127.0.0.1", "--interval", "5"]);
  const announce = (await tracker.next("listening")).http as string;
  output.line(`tracker   ${announce}`);

  await mkdir(places.torrents, { recursive: true });
  const torrentFile = join(places.torrents, `${basename(r.path)}.torrent`);
  output.line(`hashing   ${r.path}`);
  const created = spawn("torrent maker", ["create", r.path, "--out", torrentFile, "--announce", announce]);
  const torrent = await created.next("result");

  const sellers: { name: string; address: Address; child: Child }[] = [];
  for (const name of SELLERS) {
    const child = spawn(name, [
      "seed",
      torrentFile,
      "--data",
      dirname(r.path),
      "--host",
      "127.0.0.1",
      "--price",
      PRICE,
      "--wallet",
      places.wallet(name),
    ]);
    const listening = await child.next("listening");
    sellers.push({ name, child, address: listening.address as Address });
    output.line(`${name}  port ${String(listening.port)}, ${listening.address as string}, ${PRICE}`);
  }

  const before = await balances();
  // One copy is enough: a full one for each start would fill the disk.
  await rm(places.downloads, { recursive: true, force: true });
  const out = join(places.downloads, `${Date.now()}`);
  const sellerViews = (purchases: readonly Purchase[]): SellerView[] =>
    sellers.map(({ name, address }) => {
      const mine = purchases.filter((p) => p.address === address);
      const sum = (of: (p: Purchase) => number): number => mine.reduce((total, p) => total + of(p), 0);
      const paidNano = mine.reduce((total, p) => total + BigInt(p.paidNano), 0n);
      return {
        name,
        address,
        bytes: sum((p) => p.verifiedBytes),
        ticks: sum((p) => p.ticks),
        signatures: sum((p) => p.signatures),
        paid: paidNano / NANO,
      };
    });
  const buyer = spawn(
    "buyer",
    [
      "get",
      torrentFile,
      "--out",
      out,
      "--host",
      "127.0.0.1",
      "--budget",
      formatAmount(BUDGET_USD, 6),
      "--wallet",
      places.wallet("buyer"),
    ],
    (line) => {
      if (line.type !== "progress") return;
      const p = line as Progress;
      const { haveBytes: doneBytes, totalBytes, downloadBytesPerSecond: bytesPerSecond } = p.torrent;
      const { symbol, decimals } = devnet.token;
      output.progress(
        drawNetwork({
          file: basename(r.path),
          totalBytes,
          doneBytes,
          bytesPerSecond,
          sellers: sellerViews(p.purchases),
          symbol,
          decimals,
          budget: BUDGET_USD,
        }),
      );
    },
  );
  const done = (await buyer.next("complete")) as Progress;
  await buyer.exited;
  const [sha256, expectedSha256] = await Promise.all([hashTree(join(out, basename(r.path))), hashTree(r.path)]);

  const redeemed = new Map<string, bigint>();
  let redeemGas = 0n;
  for (const { child, address } of sellers) {
    // The last ticks may still be on their way through the group commit.
    await new Promise((settled) => setTimeout(settled, 300));
    const claimed = child.next("claimed");
    child.signal("SIGUSR2");
    for (const claim of (await claimed).claims as { amount: string; gasUsed: string; error?: string }[]) {
      if (claim.error !== undefined) throw new EverseedError("chain-refused", claim.error);
      redeemed.set(address, (redeemed.get(address) ?? 0n) + BigInt(claim.amount));
      redeemGas = redeemGas > BigInt(claim.gasUsed) ? redeemGas : BigInt(claim.gasUsed);
    }
  }
  const sold = sellers.flatMap(({ child }) =>
    ((child.last.get("progress")?.sales ?? []) as { maxUnpaidBytes: number }[]).map((s) => s.maxUnpaidBytes),
  );
  let closeGas = 0n;
  if (r.once) {
    for (const { child } of sellers) await child.stop();
    closeGas = await closeChannels(r, wallets);
  }
  const after = await balances();
  const maxLossBytes = Math.max(0, ...sold, ...done.purchases.map((p) => p.maxPrepaidBytes));
  const openGas = (done.opened ?? []).reduce(
    (most, { gasUsed }) => (BigInt(gasUsed) > most ? BigInt(gasUsed) : most),
    0n,
  );
  output.result(
    {
      torrent: { infohash: torrent.infohash, infohashV2: torrent.infohashV2, name: torrent.name, bytes: torrent.bytes },
      download: { sha256, expectedSha256, seconds: done.seconds, cpuSeconds: done.cpuSeconds },
      sellers: sellerViews(done.purchases).map(({ name: _name, ...seller }) => ({
        ...seller,
        redeemed: redeemed.get(seller.address) ?? 0n,
      })),
      chain: { token: devnet.token.address, before, after, gas: { open: openGas, redeem: redeemGas, close: closeGas } },
      maxLossPerSide: { bytes: maxLossBytes, amount: (BigInt(maxLossBytes) * PRICE_PER_GIB + (1n << 30n) - 1n) >> 30n },
    },
    summary({ r, done, sha256, expectedSha256, before, after, wallets, openGas, redeemGas, closeGas, maxLossBytes }),
  );
  if (sha256 !== expectedSha256) throw new EverseedError("corrupt", "The downloaded file differs from the original");
  if (r.once) return;
  const everseed = `${process.env.EVERSEED_HOME === undefined ? "" : `EVERSEED_HOME=${places.home} `}npx everseed`;
  output.line(
    `\nThe network stays up: Ctrl-C ends it, and its state is kept in ${places.home}.\nTry, in another terminal:  ${everseed} wallet show\n                           ${everseed} wallet channels\n                           ${everseed} get ${torrentFile} --out /tmp/copy --budget 0.10`,
  );
  await untilStopped();
}

async function openWallets({ places, devnet }: Run): Promise<Map<string, Wallet>> {
  const wallets = new Map<string, Wallet>();
  for (const name of [...SELLERS, "buyer"]) {
    const wallet = await ensureWallet(places.wallet(name));
    wallets.set(name, wallet);
    const client = createChannelsClient({ ...devnet, privateKey: wallet.privateKey });
    const eth = await client.balance(ZERO_ADDRESS);
    const usd = await client.balance(devnet.token.address as Address);
    await devnet.fund(wallet.address, {
      ...(eth < START_ETH / 10n ? { eth: START_ETH } : {}),
      ...(name === "buyer" && usd < BUDGET_USD * 2n ? { usd: START_USD } : {}),
    });
  }
  // Whoever deposits a token first pays 17,100 gas for the contract's first balance: no figure of a chain that is in use.
  await devnet.fund(devnet.contract, { usd: 1n });
  return wallets;
}

function balanceReader(devnet: Devnet, wallets: ReadonlyMap<string, Wallet>): () => Promise<Record<string, bigint>> {
  const [first] = wallets.values();
  const client = createChannelsClient({ ...devnet, privateKey: (first as Wallet).privateKey });
  return async () => {
    const out: Record<string, bigint> = {};
    for (const { address } of wallets.values())
      out[address] = await client.balance(devnet.token.address as Address, address);
    return out;
  };
}

/** Both sides sign what the seller got in all, and the rest goes back to the buyer at once. */
async function closeChannels({ devnet }: Run, wallets: ReadonlyMap<string, Wallet>): Promise<bigint> {
  const config: ChainConfig = {
    rpcUrl: devnet.rpcUrl,
    chainId: devnet.chainId,
    contract: devnet.contract,
    token: devnet.token,
  };
  const open = (name: string): Promise<EverseedNode> =>
    EverseedNode.start({ port: 0, host: "127.0.0.1", wallet: wallets.get(name) as Wallet, chain: config });
  const buyer = await open("buyer");
  let most = 0n;
  try {
    for (const name of SELLERS) {
      const seller = await open(name);
      try {
        const { gasUsed } = (await buyer.payments.closeWith(seller.payments)) ?? { gasUsed: 0n };
        most = gasUsed > most ? gasUsed : most;
      } finally {
        await seller.stop();
      }
    }
  } finally {
    await buyer.stop();
  }
  return most;
}

interface Summary {
  readonly r: Run;
  readonly done: Progress;
  readonly sha256: string;
  readonly expectedSha256: string;
  readonly before: Readonly<Record<string, bigint>>;
  readonly after: Readonly<Record<string, bigint>>;
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly openGas: bigint;
  readonly redeemGas: bigint;
  readonly closeGas: bigint;
  readonly maxLossBytes: number;
}

function summary(s: Summary): string {
  const { symbol, decimals } = s.r.devnet.token;
  const money = (amount: bigint): string => `${formatAmount(amount, decimals)} ${symbol}`.padStart(17);
  const rows = [...s.wallets].map(([name, { address }]) => {
    const [was, is] = [s.before[address] ?? 0n, s.after[address] ?? 0n];
    return `  ${name.padEnd(9)} ${address}  ${money(was)} -> ${money(is)}`;
  });
  return [
    "",
    `${s.sha256 === s.expectedSha256 ? "complete and identical" : "DIFFERENT"}: sha256 ${s.sha256}`,
    `${formatBytes(s.done.torrent.totalBytes)} in ${s.done.seconds.toFixed(1)} s; most at risk at any moment: ${formatBytes(s.maxLossBytes)}`,
    ...rows,
    `  gas: open ${s.openGas}, redeem ${s.redeemGas}${s.closeGas > 0n ? `, close ${s.closeGas}` : ""}`,
  ].join("\n");
}

/** SHA-256 of a file; of a folder, over its files' own in order. */
async function hashTree(path: string): Promise<string> {
  const hash = createHash("sha256");
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).sort();
    for (const name of names) hash.update(`${name}\0${await hashTree(join(path, name))}\n`);
    return hash.digest("hex");
  }
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

main().catch((error: unknown) => reportFailure(error, process.argv.includes("--json")));
