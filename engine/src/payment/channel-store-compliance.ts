/** What every `ChannelStore` promises, as a table of tests: give it a way to open the same disk again and again. */
import { NEVER, newPayeeState, newPayerState, type PayeeState, type PayerState } from "@everseed/channel";
import { expect, test } from "vitest";
import type { ChannelStore } from "./ports.ts";

export interface StoreBench {
  /** Opens the store, on what earlier ones of this bench left. */
  open(): ChannelStore | Promise<ChannelStore>;
  /** Drops the open store as a crash does: nothing is flushed. */
  crash(): void | Promise<void>;
  /** Waits as long as a group commit takes. */
  groupCommit(): Promise<void>;
}

const address = (n: number) => `0x${n.toString(16).padStart(40, "0")}` as const;
const terms = {
  payer: address(1),
  payee: address(2),
  signer: address(3),
  token: address(4),
  window: 86_400,
  nonce: NEVER,
};
const bytes = new Uint8Array(32).map((_, i) => i);
const lane = { root: bytes, unit: (1n << 127n) + 1n, maxSteps: 1024, expiry: NEVER, receiptHash: bytes };
const receipt = {
  infoHash: bytes.slice(0, 20),
  uploader: address(2),
  downloader: address(1),
  bytesBefore: 5,
  unitBytes: 16_384,
  epoch: 20_000,
};
const voucher = {
  voucher: { channelId: bytes, cumulative: 1n << 100n, lanes: [lane] },
  signature: new Uint8Array(65).fill(7),
};
const payer = (steps: number): PayerState => ({
  ...newPayerState(terms, (1n << 96n) - 1n),
  folded: 1n << 100n,
  lanes: [{ ...lane, secret: bytes, steps, receipt }],
  voucher,
  paidBytes: steps * 16_384,
  receipts: [{ infoHash: "00", epoch: 1, bytes: 2 }],
});
const payee = (steps: number): PayeeState => ({
  ...newPayeeState(terms, 10n, 3n),
  cumulative: 1n << 100n,
  lanes: [{ ...lane, steps, preimage: bytes, unitBytes: 16_384, receipt }],
  voucher,
  paidBytes: steps,
});

export function channelStoreCompliance(make: () => StoreBench | Promise<StoreBench>): void {
  test("what was saved is there after a crash, to the last bit", async () => {
    const bench = await make();
    const store = await bench.open();
    await store.savePayer("a1", payer(3));
    await store.savePayee("b2", payee(4));
    await bench.crash();
    const found = await (await bench.open()).load();
    expect(found.payers).toEqual(new Map([["a1", payer(3)]]));
    expect(found.payees).toEqual(new Map([["b2", payee(4)]]));
  });

  test("an empty store is empty; both sides of one channel are kept apart; the newest state wins", async () => {
    const bench = await make();
    const store = await bench.open();
    expect((await store.load()).payers.size).toBe(0);
    await store.savePayer("a1", payer(1));
    await store.savePayer("a1", payer(2));
    await store.savePayee("a1", payee(9));
    await bench.crash();
    const found = await (await bench.open()).load();
    expect(found.payers.get("a1")).toEqual(payer(2));
    expect(found.payees.get("a1")).toEqual(payee(9));
  });

  test("notes are durable after a group commit, and before it a crash leaves what was there", async () => {
    const bench = await make();
    const store = await bench.open();
    await store.savePayee("b2", payee(1));
    store.notePayee("b2", payee(2));
    store.notePayer("a1", payer(2));
    store.noteDebt(address(1), -5);
    await bench.groupCommit();
    store.notePayee("b2", payee(3));
    store.noteDebt(address(1), 6);
    await bench.crash();
    const found = await (await bench.open()).load();
    expect(found.payees.get("b2")).toEqual(payee(2));
    expect(found.payers.get("a1")).toEqual(payer(2));
    expect(found.debts).toEqual(new Map([[address(1), -5]]));
  });

  test("a save carries all earlier notes with it; so do flush and close", async () => {
    const bench = await make();
    let store = await bench.open();
    store.noteDebt(address(1), 1);
    store.notePayee("b2", payee(2));
    await store.savePayer("a1", payer(1));
    await bench.crash();
    store = await bench.open();
    expect((await store.load()).payees.get("b2")).toEqual(payee(2));
    store.noteDebt(address(1), 2);
    await store.flush();
    await bench.crash();
    store = await bench.open();
    expect((await store.load()).debts.get(address(1))).toBe(2);
    store.noteDebt(address(1), 3);
    await store.close();
    store = await bench.open();
    expect((await store.load()).debts.get(address(1))).toBe(3);
  });

  test("channels come back in the order they were made", async () => {
    const bench = await make();
    const store = await bench.open();
    for (const id of ["c", "a", "b"]) await store.savePayer(id, payer(1));
    await store.savePayer("c", payer(2));
    await bench.crash();
    expect([...(await (await bench.open()).load()).payers.keys()]).toEqual(["c", "a", "b"]);
  });

  test("a closed store refuses to save", async () => {
    const bench = await make();
    const store = await bench.open();
    await store.close();
    await store.close();
    await expect(store.savePayer("a1", payer(1))).rejects.toMatchObject({ code: "store-failed" });
  });
}
