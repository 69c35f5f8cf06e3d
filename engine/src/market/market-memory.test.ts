/**
 * Ten thousand strangers, each with a new key and a new connection, that bid, miss ticks, send bad data, prove what they hold
 * and leave: what is kept of them has an end.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createSigner, seededRandom, sha256, utf8 } from "@everseed/core";
import { nativeCurve } from "@everseed/core/node";
import { marketHandshake, toPrice } from "@everseed/market";
import { expect, test } from "vitest";
import type { PeerPort } from "../extension.ts";
import { ChannelBook } from "../payment/channel-book.ts";
import { MemoryChain } from "../payment/memory-chain.ts";
import { createMemoryChannelStore, createMemoryDisk } from "../payment/memory-channel-store.ts";
import { createPaymentExtension } from "../payment/payment-extension.ts";
import { DOMAIN, TOKEN, UNIT } from "../payment/payment-rig.ts";
import { connect, handClock, INFO_HASH, RESERVE, SELLING, Side } from "./market-rig.ts";
import { OptimisticBytes } from "./optimistic-bytes.ts";

const STRANGERS = 5_000;
/** What a stranger may leave behind on average, once the tables are full. */
const LEFT_BYTES = 128;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes a stranger that stay when as many came before: tables that are full grow no more. */
async function growth(rounds: number, visit: (number: number) => void | Promise<void>): Promise<number> {
  let number = 0;
  const some = async (): Promise<number> => {
    for (let i = 0; i < rounds; i++) await visit(number++);
    return heapBytes();
  };
  const first = await some();
  return ((await some()) - first) / rounds;
}

test("a market keeps no more of ten thousand bidders than of five thousand", async () => {
  const clock = handClock();
  const seller = new Side({ name: "seller", curve: nativeCurve, selling: SELLING, bids: toPrice(1_000n) }, clock);
  const left = await growth(STRANGERS, (i) => {
    const stranger = new Side({ name: `stranger ${i}`, curve: nativeCurve, bids: RESERVE, selling: SELLING }, clock);
    const remote = `${10 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.1:6881`;
    const [, atSeller] = connect(clock, [stranger, seller], { latencyMs: 0, remotes: [remote, "10.0.0.1:6881"] });
    stranger.market.tick([], clock.now());
    clock.advance(1);
    seller.market.noteHint(remote, RESERVE);
    atSeller.link.market?.onMissedTicks();
    atSeller.link.market?.onMissedTicks();
    atSeller.link.market?.onCorrupt();
    atSeller.link.market?.onCorrupt();
    seller.market.reserves("").proved({ addressGroup: atSeller.side.init.name, at: i, funded: true });
    atSeller.session.onClosed();
    if (i % 100 === 99) {
      clock.advance(2_000);
      seller.market.tick([], clock.now());
      expect(seller.market.stats().peers).toEqual([]);
    }
    seller.events.length = 0;
    seller.dropLinks();
  });
  expect(left).toBeLessThan(LEFT_BYTES);
});

test("optimistic bytes are remembered of so many groups", () => {
  const given = new OptimisticBytes();
  for (let i = 0; i < 2 * STRANGERS; i++) given.note(`group ${i}`, 1, 1_000);
  expect(given.left(1_000).size).toBeLessThanOrEqual(8_192);
  expect(given.left(1_000).has(`group ${2 * STRANGERS - 1}`)).toBe(true);
});

test("payments keep no more of twice as many strangers: neither of buyers nor of sellers", async () => {
  const clock = handClock();
  const chain = new MemoryChain(DOMAIN, nativeCurve);
  const book = await ChannelBook.open(createMemoryChannelStore({ clock, disk: createMemoryDisk() }));
  const shared = { domain: DOMAIN, curve: nativeCurve, clock, chain, random: seededRandom(1) };
  const ours = createPaymentExtension({
    ...shared,
    signer: createSigner(sha256(utf8("ours")), nativeCurve),
    book,
    selling: { price: "market", token: TOKEN },
    buying: { budget: { limitNano: 1n, spentNano: 0n }, token: TOKEN, deposit: 1n },
  });
  const left = await growth(1_200, async (i) => {
    const theirs = createPaymentExtension({
      ...shared,
      signer: createSigner(sha256(utf8(`stranger ${i}`)), nativeCurve),
      book: await ChannelBook.open(createMemoryChannelStore({ clock, disk: createMemoryDisk() })),
      selling: { price: "market", token: TOKEN },
      buying: { budget: { limitNano: 1n, spentNano: 0n }, token: TOKEN, deposit: 1n },
    });
    const waiting: (() => void)[] = [];
    const port = (id: number, to: () => { onMessage(payload: Uint8Array): void }): PeerPort =>
      ({
        ...{ connection: { id }, remote: `10.0.0.${id}:1`, wireInfoHash: INFO_HASH, verifyUnitBytes: UNIT },
        ...{ localPeerId: new Uint8Array(20).fill(id), remotePeerId: new Uint8Array(20).fill(3 - id) },
        ...{ requestedBytes: 0, receivedBytes: 0, wanted: true, complete: false, data: undefined },
        send: (payload: Uint8Array) => waiting.push(() => to().onMessage(payload)),
        setServeAllowance: () => undefined,
        setRequestAllowance: () => undefined,
        outstandingBytes: 0,
        chargedBytes: 0,
        setCharged: () => undefined,
        takeBackRequests: () => undefined,
        setPaying: () => undefined,
        drop: () => undefined,
      }) as PeerPort;
    const a = ours.connect(port(1, () => b));
    const b = theirs.connect(port(2, () => a));
    const market = marketHandshake({ bids: true, sells: true });
    const [fromA, fromB] = [a, b].map((end) => new Map([...end.handshakeFields(), ...market]));
    b.onHandshake(fromA as never, true);
    a.onHandshake(fromB as never, true);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    expect(ours.peers().at(-1)?.connected).toBe(true);
    a.onClosed();
    b.onClosed();
    clock.advance(3_000);
  });
  // A session holds its peer, and with it the connection: of those that traded nothing none outlasts the next few.
  expect(ours.sessionCount).toBeLessThan(10);
  expect(left).toBeLessThan(LEFT_BYTES);
});
