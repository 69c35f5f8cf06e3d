/** A super-seed that sells: buyers choose what they buy, whatever the others were shown. */
import { systemClock, systemRandom } from "@everseed/core";
import { afterAll, expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { createMemoryStorage } from "../memory-storage.ts";
import { budget, memoryChain, PRICE, RigNode, TOKEN } from "../payment/payment-rig.ts";
import { storageWith, torrentOf } from "../utp/engine-rig.ts";
import { createWebHasher } from "../web-hasher.ts";
import { createTcpTransport } from "./tcp-transport.ts";

const hasher = createWebHasher();
const engines: Engine[] = [];

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await hasher.close();
});

function engine(): Engine {
  const made = new Engine({ clock: systemClock, random: systemRandom, hasher, transports: [createTcpTransport()] });
  engines.push(made);
  return made;
}

test("a buyer is not held up by a peer that passes nothing on, which is shown little", async () => {
  const content = systemRandom(2_000_000);
  const metainfo = torrentOf(content, 65_536);
  const chain = memoryChain();
  const [alice, bob] = [new RigNode("alice", systemClock, chain), new RigNode("bob", systemClock, chain)];
  await Promise.all([alice.start(), bob.start()]);
  const seeder = engine();
  await seeder.listen(0, "127.0.0.1");
  await seeder.add({
    metainfo,
    storage: storageWith(content),
    superSeeding: true,
    extensions: [bob.extension({ selling: { price: PRICE, token: TOKEN } })],
  });
  const address = { host: "127.0.0.1", port: seeder.port };
  const idle = engine();
  const shown = await idle.add({ metainfo, storage: createMemoryStorage, downloadLimit: 1 });
  idle.addPeers(shown, [address]);
  const buyer = engine();
  const buying = { budget: budget(1_000_000n), token: TOKEN, deposit: 100_000n };
  const extension = alice.extension({ buying });
  const complete = Promise.withResolvers<void>();
  const torrent = await buyer.add({
    metainfo,
    storage: createMemoryStorage,
    extensions: [extension],
    onEvent: (event) => {
      if (event.type === "complete") complete.resolve();
    },
  });
  buyer.addPeers(torrent, [address]);
  await complete.promise;
  expect(extension.peers()[0]?.bought?.verifiedBytes).toBeGreaterThan(content.length * 0.9);
  expect(shown.stats().havePieces).toBeLessThanOrEqual(1);
}, 25_000);
