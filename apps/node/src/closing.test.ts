/** A payer that closes its channel while the seller's node is off: the node claims what it is owed as soon as it runs. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startDevnet } from "@everseed/chain/node";
import { type Address, parsePrice, seededRandom } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import type { ClosingEvent } from "@everseed/engine";
import { createTorrent, createWorkerHasher } from "@everseed/engine/node";
import { parseTorrent } from "@everseed/metainfo";
import { afterAll, expect, test } from "vitest";
import { budgetOf, EverseedNode, type NodeTorrentInit } from "./node.ts";
import { ensureWallet } from "./wallet.ts";

const work = await mkdtemp(path.join(tmpdir(), "everseed-closing-"));
const ends: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end().catch(() => undefined);
  await rm(work, { recursive: true, force: true });
});

test("what a payer owes that closes its channel while the seller is off is claimed when it is back", async () => {
  const devnet = await startDevnet({ port: await freePort(), stateDir: path.join(work, "chain") });
  ends.push(() => devnet.stop());
  const { rpcUrl, chainId, contract, token } = devnet;
  const chain = { rpcUrl, chainId, contract, token };
  const wallets = {
    seller: await ensureWallet(path.join(work, "seller")),
    buyer: await ensureWallet(path.join(work, "buyer")),
  };
  for (const { address } of Object.values(wallets))
    await devnet.fund(address, { eth: 10n ** 18n, usd: 1_000_000_000n });
  const file = path.join(work, "film.bin");
  await writeFile(file, seededRandom(4)(3_000_000));
  const hasher = createWorkerHasher();
  const { torrentBytes } = await createTorrent(file, { kind: "hybrid" }, hasher);
  await hasher.close();
  const metainfo = parseTorrent(torrentBytes);

  const start = async (who: keyof typeof wallets, onClosing?: (event: ClosingEvent) => void): Promise<EverseedNode> => {
    const node = await EverseedNode.start({
      port: 0,
      host: "127.0.0.1",
      chain,
      wallet: wallets[who],
      ...(onClosing === undefined ? {} : { onClosing }),
    });
    ends.push(() => node.stop());
    return node;
  };
  const sale: NodeTorrentInit = {
    metainfo,
    dir: work,
    selling: { price: parsePrice("100/GiB", token.decimals), token: token.address as Address },
  };
  const seller = await start("seller");
  await seller.add(sale);
  const buyer = await start("buyer");
  await new Promise<void>((resolve, reject) => {
    const bought = buyer.add({
      metainfo,
      dir: path.join(work, "out"),
      buying: { budget: budgetOf(5_000_000n), token: token.address as Address, deposit: 5_000_000n },
      onEvent: (event) => {
        if (event.type === "complete") resolve();
      },
    });
    bought.then(
      ({ torrent }) => buyer.engine.addPeers(torrent, [{ host: "127.0.0.1", port: seller.engine.port }]),
      reject,
    );
  });
  // The last ticks are on their way.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [owed] = (await seller.payments.channels()).map(({ amount }) => amount);
  expect(owed).toBeGreaterThan(200_000n);
  await seller.stop();
  expect(await buyer.payments.closeAll()).toMatchObject([{ state: "closing" }]);

  const closing = Promise.withResolvers<ClosingEvent>();
  const back = await start("seller", closing.resolve);
  await back.add(sale);
  expect(await closing.promise).toMatchObject({ type: "claimed", payer: wallets.buyer.address, amount: owed });
  expect(await back.payments.claimAll()).toEqual([]);
}, 60_000);
