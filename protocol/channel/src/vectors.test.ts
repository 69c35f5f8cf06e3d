/** Digests and signatures equal to what viem makes (chain/contracts/test/vectors, which forge reads too). */
import { readFileSync } from "node:fs";
import { type Address, createSigner, fromHex, nobleCurve, toHex } from "@everseed/core";
import { describe, expect, test } from "vitest";
import { hashChain } from "./hash-chain.ts";
import type { ChannelTerms, Voucher } from "./types.ts";
import { channelId, closeDigest, signVoucher, voucherDigest, voucherSigner } from "./voucher.ts";

interface VoucherVector {
  readonly name: string;
  readonly chainId: number;
  readonly contract: Address;
  readonly terms: Omit<ChannelTerms, "nonce"> & { readonly nonce: string };
  readonly channelId: string;
  readonly cumulative: string;
  readonly lanes: readonly {
    readonly root: string;
    readonly unit: string;
    readonly maxSteps: number;
    readonly expiry: string;
    readonly receiptHash: string;
  }[];
  readonly digest: string;
  readonly signature: string;
}
interface CloseVector {
  readonly name?: string;
  readonly chainId: number;
  readonly contract: Address;
  readonly channelId: string;
  readonly claimed: string;
  readonly digest: string;
}
const file = new URL("../../../chain/contracts/test/vectors/vouchers.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as {
  readonly keys: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, Address>>;
  readonly vouchers: readonly VoucherVector[];
  readonly closes: readonly CloseVector[];
  readonly hashChains: readonly { readonly seed: string; readonly steps: number; readonly ticks: readonly string[] }[];
};
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;
const hex = (value: Uint8Array): string => `0x${toHex(value)}`;

describe("vouchers", () => {
  test("there are vectors", () => expect(vectors.vouchers.length).toBeGreaterThan(2));
  for (const v of vectors.vouchers) {
    test(v.name, () => {
      const domain = { chainId: BigInt(v.chainId), contract: v.contract };
      const terms: ChannelTerms = { ...v.terms, nonce: BigInt(v.terms.nonce) };
      expect(hex(channelId(terms, domain))).toBe(v.channelId);
      const voucher: Voucher = {
        channelId: bytes(v.channelId),
        cumulative: BigInt(v.cumulative),
        lanes: v.lanes.map((lane) => ({
          root: bytes(lane.root),
          unit: BigInt(lane.unit),
          maxSteps: lane.maxSteps,
          expiry: BigInt(lane.expiry),
          receiptHash: bytes(lane.receiptHash),
        })),
      };
      expect(hex(voucherDigest(voucher, domain))).toBe(v.digest);
      const signer = createSigner(bytes(vectors.keys.signer as string));
      expect(hex(signVoucher(voucher, signer, domain).signature)).toBe(v.signature);
      expect(voucherSigner({ voucher, signature: bytes(v.signature) }, domain, nobleCurve)).toBe(
        vectors.addresses.signer,
      );
    });
  }
});

describe("closes", () => {
  for (const [i, v] of vectors.closes.entries()) {
    test(v.name ?? `close ${i}`, () => {
      expect(
        hex(closeDigest(bytes(v.channelId), BigInt(v.claimed), { chainId: BigInt(v.chainId), contract: v.contract })),
      ).toBe(v.digest);
    });
  }
});

describe("hash chains", () => {
  for (const v of vectors.hashChains) {
    test(`${v.steps} steps`, () => {
      const chain = hashChain(bytes(v.seed), v.steps);
      v.ticks.forEach((tick, k) => {
        expect(hex(chain.at(k))).toBe(tick);
      });
    });
  }
});
