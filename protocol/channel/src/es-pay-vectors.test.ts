/** docs/spec/es_pay.md and its vectors say what the code does. */
import { readFileSync } from "node:fs";
import { type Address, createSigner, fromHex, nobleCurve, ProtocolError, recoverAddress, toHex } from "@everseed/core";
import { asDict, decodeBencode, encodeBencode } from "@everseed/metainfo";
import { describe, expect, test } from "vitest";
import { hashChain } from "./hash-chain.ts";
import { decodePayMessage, encodePayMessage } from "./messages.ts";
import { acceptSettlement, acceptTick, acceptVoucher, earned, newPayeeState } from "./payee.ts";
import { newSession, payHandshake, type SessionEnv, type SessionState, sessionStep } from "./session.ts";
import { channelId, helloDigest, receiptHash } from "./voucher.ts";

const read = (path: string): string => readFileSync(new URL(`../../../docs/spec/${path}`, import.meta.url), "utf8");
const v = JSON.parse(read("es_pay.vectors.json"));
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;
const domain = { chainId: BigInt(v.domain.chainId), contract: v.domain.contract as Address };
const terms = { ...v.channel, nonce: BigInt(v.channel.nonce) };
const receipt = { ...v.receipt, infoHash: bytes(v.infoHash) };

type Side = "buyer" | "seller";
function env(side: Side): SessionEnv {
  const other = v[side === "buyer" ? "seller" : "buyer"];
  return {
    domain,
    signer: createSigner(bytes(v[side].key)),
    curve: nobleCurve,
    nonce: bytes(v[side].nonce),
    wireInfoHash: bytes(v.infoHash),
    localPeerId: bytes(v[side].peerId),
    remotePeerId: bytes(other.peerId),
    selling: side === "seller",
    buying: side === "buyer",
    identify: false,
  };
}

test("the handshake, the digests and the receipt", () => {
  for (const side of ["buyer", "seller"] as const) {
    expect(toHex(encodeBencode(payHandshake(env(side))))).toBe(v.handshake[side]);
    const other = v[side === "buyer" ? "seller" : "buyer"];
    const hello = {
      wireInfoHash: bytes(v.infoHash),
      senderPeerId: bytes(v[side].peerId),
      receiverPeerId: bytes(other.peerId),
      senderNonce: bytes(v[side].nonce),
      receiverNonce: bytes(other.nonce),
    };
    expect(toHex(helloDigest(hello, domain))).toBe(v.hello[`${side}Digest`]);
  }
  expect(toHex(channelId(terms, domain))).toBe(v.channel.id);
  expect(toHex(receiptHash(receipt))).toBe(v.receipt.hash);
  const auth = decodePayMessage(bytes(v.messages.auth));
  expect(auth.type === "auth" && recoverAddress(bytes(v.hello.buyerDigest), auth.signature)).toBe(v.buyer.address);
});

test("every message decodes, encodes to the same bytes, and means what the vectors say", () => {
  for (const wire of Object.values<string>(v.messages))
    expect(toHex(encodePayMessage(decodePayMessage(bytes(wire))))).toBe(wire);
  const voucher = decodePayMessage(bytes(v.messages.voucher));
  const tick = decodePayMessage(bytes(v.messages.tick));
  if (voucher.type !== "voucher" || tick.type !== "tick") throw new Error("other kinds");
  const chain = hashChain(bytes(v.lane.secret), v.lane.maxSteps);
  expect([toHex(chain.at(0)), toHex(chain.at(5))]).toEqual([v.lane.root, v.lane.tick5]);
  const unit = BigInt(v.lane.unit);
  let state = acceptVoucher(newPayeeState(terms, 10n ** 9n, 0n), voucher.signed, {
    domain,
    curve: nobleCurve,
    unit,
    unitBytes: 16_384,
    receipt,
  });
  state = acceptTick(state, tick, () => true);
  expect(earned(state)).toBe(BigInt(v.voucher.cumulative) + 5n * unit);
  const settlement = decodePayMessage(bytes(v.messages.settlement));
  if (settlement.type !== "voucher") throw new Error("another kind");
  expect(settlement.receipt).toBeUndefined();
  state = acceptSettlement(state, settlement.signed, { domain, curve: nobleCurve });
  expect([state.cumulative, state.lanes]).toEqual([BigInt(v.voucher.cumulative) + 5n * unit, []]);
});

describe("refused", () => {
  for (const { name, bytes: wire, code } of v.refused as { name: string; bytes: string; code: string }[]) {
    test(name, () => {
      let got: unknown;
      try {
        decodePayMessage(bytes(wire));
      } catch (error) {
        got = error;
      }
      expect(got).toBeInstanceOf(ProtocolError);
      expect((got as ProtocolError).code.startsWith(code)).toBe(true);
    });
  }
});

describe("the session", () => {
  const greeting = (side: Side) => asDict(decodeBencode(bytes(v.handshake[side]))) as never;
  const greet = (side: Side, fields: Side): SessionState =>
    sessionStep(newSession, { type: "handshake", fields: greeting(fields), supported: true }, env(side))[0];

  test("proves the address by the vector's signature, then hands messages on in order while the shell is ready", () => {
    const seller = env("seller");
    let [state, effects] = sessionStep(
      newSession,
      { type: "handshake", fields: greeting("buyer"), supported: true },
      seller,
    );
    expect(effects.map((e) => e.type)).toEqual(["hold", "send"]);
    [state, effects] = sessionStep(state, { type: "message", payload: bytes(v.messages.auth) }, seller);
    expect(effects).toEqual([{ type: "authenticated", address: v.buyer.address, sells: true }]);
    [state] = sessionStep(state, { type: "busy" }, seller);
    [state, effects] = sessionStep(state, { type: "message", payload: bytes(v.messages.tick) }, seller);
    expect(effects).toEqual([]);
    [state, effects] = sessionStep(state, { type: "ready" }, seller);
    expect(effects.map((e) => e.type === "deliver" && e.message.type)).toEqual(["tick"]);
  });

  test("refuses anything before auth, a second auth, and an auth made for the other direction", () => {
    const seller = env("seller");
    const state = greet("seller", "buyer");
    const code = (from: SessionState, payload: string): string => {
      try {
        sessionStep(from, { type: "message", payload: bytes(payload) }, seller);
        return "none";
      } catch (error) {
        return (error as ProtocolError).code;
      }
    };
    expect(code(state, v.messages.tick)).toBe("pay-order");
    const proven = sessionStep(state, { type: "message", payload: bytes(v.messages.auth) }, seller)[0];
    expect(code(proven, v.messages.auth)).toBe("pay-order");
    const turned = createSigner(bytes(v.buyer.key)).sign(bytes(v.hello.sellerDigest));
    expect(code(state, toHex(encodePayMessage({ type: "auth", signature: turned })))).toBe("auth-signature");
  });

  test("leaves to the plain rules: no extension, no common version, nobody buys, our own wallet", () => {
    const fields = greeting("buyer");
    const es = (change: Record<string, unknown>) =>
      new Map([
        [
          "es",
          new Map([
            ...(asDict((fields as Map<string, never>).get("es")) as Map<string, never>),
            ...Object.entries(change),
          ] as never),
        ],
      ]);
    const phase = (f: unknown, supported = true): string =>
      sessionStep(newSession, { type: "handshake", fields: f as never, supported }, env("seller"))[0].phase;
    expect(phase(fields)).toBe("greeted");
    expect(phase(fields, false)).toBe("plain");
    expect(phase(new Map())).toBe("plain");
    expect(phase(es({ v: [2, 3] }))).toBe("plain");
    expect(phase(es({ v: [9, 1], future: 1 }))).toBe("greeted");
    expect(phase(es({ b: 0 }))).toBe("plain");
    expect(phase(es({ a: bytes(v.seller.address) }))).toBe("plain");
    expect(phase(es({ n: bytes("00") }))).toBe("plain");
  });
});

test("the specification names every error code of the payment code", () => {
  const spec = read("es_pay.md");
  for (const file of ["payee.ts", "session.ts"]) {
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    for (const [, code] of source.matchAll(/refuse\(\s*"([a-z-]+)"/g)) expect(spec).toContain(`\`voucher-${code}\``);
    for (const [, code] of source.matchAll(/ProtocolError\(\s*"([a-z-]+)"/g)) expect(spec).toContain(`\`${code}\``);
  }
});
