/** The market as a user runs it: trackers told of bids, a seeder that serves what pays, slots sold by auction, and a view of it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Devnet, startDevnet } from "@everseed/chain/node";
import { seededRandom } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { ensureWallet, saveChainConfig } from "@everseed/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCliRig, type Line } from "./cli-rig.ts";

const SIZE = 12 << 20;
const { work, home, everseed, start, end } = await createCliRig();
let devnet: Devnet;

beforeAll(async () => {
  devnet = await startDevnet({ port: await freePort(), stateDir: join(work, "chain") });
  const { rpcUrl, chainId, contract, token } = devnet;
  await saveChainConfig({ rpcUrl, chainId, contract, token }, home);
  for (const name of ["seller", "buyer"]) {
    const { address } = await ensureWallet(join(work, name));
    await devnet.fund(address, { eth: 10n ** 18n, usd: 10_000_000n });
  }
  await mkdir(join(work, "torrents"));
}, 60_000);

afterAll(async () => {
  await devnet?.stop();
  await end();
});

test("a bid at a tracker brings a seeder, who sells it a slot; `market` shows both, and the buyer pays no more than it bid", async () => {
  const loopback = ["--host", "127.0.0.1"];
  const tracker = start("tracker", "--port", "0", "--interval", "5", ...loopback);
  const announce = (await tracker.until("listening")).http as string;
  for (const [i, name] of ["wanted.bin", "quiet.bin"].entries()) {
    await writeFile(join(work, name), seededRandom(i)(SIZE));
    const made = start("create", name, "--out", `torrents/${name}.torrent`, "--announce", announce);
    await made.until((line) => line.infohash !== undefined || line.bytes !== undefined);
  }
  const bid = ["--budget", "1", "--bid", "0.05/GiB", "--deposit", "0.5", "--wallet", "buyer"];
  const buyer = start("get", "torrents/wanted.bin.torrent", "--out", "got", ...bid, ...loopback);
  await buyer.until("progress");
  const seller = start(
    ...["market", "serve", "torrents", "--data", ".", "--active", "1", "--every", "2", "--wallet", "seller"],
    ...["--reserve", "0.01/GiB", "--upload-limit", "400KiB", "--slots", "3", ...loopback],
  );
  // The torrent that somebody bids for runs, whatever its place in the folder.
  const look = await seller.until(
    (line) => line.type === "look" && (line.torrents as Line[]).some(({ name, runs }) => name === "wanted.bin" && runs),
  );
  expect((look.torrents as Line[]).filter(({ runs }) => runs)).toHaveLength(1);
  await seller.until(
    (line) => line.type === "progress" && (line.peers as Line[]).some(({ slotPrice }) => slotPrice !== undefined),
  );
  const view = await start("market", "--once", "--wallet", "seller").until("market");
  const [peer] = view.peers as Line[];
  expect(peer).toMatchObject({ canPay: true });
  // A sole bidder pays the reserve, however much it bid.
  const reserve = (view.torrents as Line[])[0]?.reserve;
  expect(peer?.slotPrice).toBe(reserve);
  expect(BigInt(peer?.theirBid as string)).toBeGreaterThan(BigInt(reserve as string));
  const done = await buyer.until("complete");
  const paid = BigInt(done.paidNano as string);
  expect(paid).toBeGreaterThan(0n);
  // 0.05 dollars a GiB, in nano base units of a token with six decimals.
  expect(paid).toBeLessThanOrEqual((50_000n * 1_000_000_000n * BigInt(SIZE)) >> 30n);
}, 120_000);

test("nobody's market is an error with a way out", async () => {
  const { code, err } = await everseed("market", "--once", "--wallet", "nobody");
  expect(code).toBe(1);
  expect(err).toContain("everseed seed --price auto");
  expect(err).toMatch(/\[market-not-running\]\s*$/);
}, 20_000);
