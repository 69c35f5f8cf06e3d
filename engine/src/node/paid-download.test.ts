/** Whole engines over TCP: v1, v2 and hybrid torrents with odd files, bought from two sellers at once, next to a free one. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { earned } from "@everseed/channel";
import { seededRandom, systemClock, systemRandom } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import { budget, memoryChain, PRICE, RigNode, TOKEN, UNIT_NANO } from "../payment/payment-rig.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTorrent } from "./create-torrent.ts";
import { createFileStorage } from "./file-storage.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const PIECE = 64 * 1024;
const UNITS_BYTES = 16 * 1024;
const root = mkdtempSync(join(tmpdir(), "everseed-paid-"));
const source = join(root, "odd");
const hasher = createWebHasher();
const engines: Engine[] = [];

beforeAll(() => {
  mkdirSync(source);
  const random = seededRandom(7);
  for (const [i, size] of [1, 5_000, 16_384, 16_385, 70_001, 3_000_000, 999, 1_234_567, 12_000, 5_003].entries()) {
    writeFileSync(join(source, `file-${i}`), random(size));
  }
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await hasher.close();
  rmSync(root, { recursive: true, force: true });
});

function engine(): Engine {
  const made = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(made);
  return made;
}

function until(condition: () => boolean, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const look = (): void => {
      if (condition()) resolve();
      else if (performance.now() - started > 30_000) reject(new Error(`Not in 30 s: ${what}`));
      else setTimeout(look, 20);
    };
    look();
  });
}

async function seeder(metainfo: Metainfo, node?: RigNode): Promise<Engine> {
  const made = engine();
  await made.listen(0, "127.0.0.1");
  await made.add({
    metainfo,
    storage: (m) => createFileStorage(root, m),
    extensions: node === undefined ? [] : [node.extension({ selling: { price: PRICE, token: TOKEN } })],
  });
  return made;
}

describe("a paid download over TCP", () => {
  for (const kind of ["v1", "v2", "hybrid"] as const) {
    test(`${kind}: complete, each seller paid for what it delivered, to the unit`, async () => {
      const { metainfo } = await createTorrent(source, { kind, pieceLengthBytes: PIECE }, hasher);
      const chain = memoryChain();
      const [alice, bob, carol] = await Promise.all(
        ["alice", "bob", "carol"].map((name) => new RigNode(name, systemClock, chain).start()),
      );
      if (alice === undefined || bob === undefined || carol === undefined) throw new Error("three nodes");
      const sellers = [await seeder(metainfo, bob), await seeder(metainfo, carol)];
      const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
      const extension = alice.extension({ buying });
      const buyer = engine();
      let complete = false;
      const torrent = await buyer.add({
        metainfo,
        storage: createMemoryStorage,
        extensions: [extension],
        onEvent: (event) => {
          complete ||= event.type === "complete";
        },
      });
      buyer.addPeers(
        torrent,
        sellers.map(({ port }) => ({ host: "127.0.0.1", port })),
      );
      await until(() => complete, `${kind} is complete`);
      const paid = (): bigint =>
        [bob, carol].flatMap((n) => [...n.book.payees.values()]).reduce((sum, state) => sum + earned(state), 0n);
      await until(() => paid() === buying.budget.spentNano, "the last ticks");
      const unitBytes = kind === "v1" ? PIECE : UNITS_BYTES;
      const unitNano = (UNIT_NANO * BigInt(unitBytes)) / BigInt(UNITS_BYTES);
      for (const { bought } of extension.peers()) {
        if (bought === undefined) throw new Error("both are paid");
        // The last unit is paid whole; nothing is left over ahead beyond it.
        expect(bought.paidBytes - bought.verifiedBytes).toBeLessThan(unitBytes);
        expect(bought.paidBytes).toBeGreaterThanOrEqual(bought.verifiedBytes);
        expect(bought.paidNano).toBe((BigInt(bought.paidBytes) / BigInt(unitBytes)) * unitNano);
      }
      expect(alice.events.filter((event) => event.type === "failed")).toEqual([]);
    });
  }

  test("a seller and a plain peer in one swarm: both give, only the seller is paid", async () => {
    const { metainfo } = await createTorrent(source, { kind: "hybrid", pieceLengthBytes: PIECE }, hasher);
    const chain = memoryChain();
    const alice = await new RigNode("alice", systemClock, chain).start();
    const bob = await new RigNode("bob", systemClock, chain).start();
    const peers = [await seeder(metainfo, bob), await seeder(metainfo)];
    const extension = alice.extension({ buying: { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n } });
    const buyer = engine();
    let complete = false;
    const torrent = await buyer.add({
      metainfo,
      storage: createMemoryStorage,
      extensions: [extension],
      onEvent: (event) => {
        complete ||= event.type === "complete";
      },
    });
    buyer.addPeers(
      torrent,
      peers.map(({ port }) => ({ host: "127.0.0.1", port })),
    );
    await until(() => complete, "complete");
    const paidFor = extension.peers().reduce((sum, { bought }) => sum + (bought?.verifiedBytes ?? 0), 0);
    expect(paidFor).toBeLessThan(metainfo.totalBytes);
  });
});
