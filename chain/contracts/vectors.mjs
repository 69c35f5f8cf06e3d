/**
 * Writes test/vectors/vouchers.json: channel ids, EIP-712 digests, signatures and hash chains made by viem alone, so that
 * neither the contract nor our TypeScript checks itself. Both read the file. `--check` fails when it is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { encodeAbiParameters, hashTypedData, keccak256, maxUint256, parseSignature, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const CHAIN_ID = 31_337;
const CONTRACT = "0xc0ffee0000000000000000000000000000000001";
const TOKEN = "0x00000000000000000000000000000000005d0001";
const ZERO = `0x${"0".repeat(40)}`;
const NEVER = 2n ** 64n - 1n;
const key = (name) => keccak256(toHex(`everseed vector ${name}`));
const KEYS = { payer: key("payer"), payee: key("payee"), signer: key("signer") };
const accounts = Object.fromEntries(Object.entries(KEYS).map(([name, k]) => [name, privateKeyToAccount(k)]));
const [payer, payee, signer] = ["payer", "payee", "signer"].map((name) => accounts[name].address.toLowerCase());

const types = {
  Voucher: [
    { name: "channelId", type: "bytes32" },
    { name: "cumulative", type: "uint128" },
    { name: "lanes", type: "Lane[]" },
  ],
  Lane: [
    { name: "root", type: "bytes32" },
    { name: "unit", type: "uint128" },
    { name: "maxSteps", type: "uint32" },
    { name: "expiry", type: "uint64" },
    { name: "receiptHash", type: "bytes32" },
  ],
  Close: [
    { name: "channelId", type: "bytes32" },
    { name: "claimed", type: "uint96" },
  ],
};

function channelIdOf(terms, { chainId, contract }) {
  return keccak256(
    encodeAbiParameters(
      ["address", "address", "address", "address", "uint32", "uint64", "address", "uint256"].map((type) => ({ type })),
      [terms.payer, terms.payee, terms.signer, terms.token, terms.window, terms.nonce, contract, BigInt(chainId)],
    ),
  );
}

const typedDomain = ({ chainId, contract }) => ({
  name: "Everseed Channels",
  version: "1",
  chainId,
  verifyingContract: contract,
});

function chain(name, steps) {
  const seed = key(name);
  const ticks = [seed];
  for (let i = 0; i < steps; i++) ticks.push(keccak256(ticks[i]));
  return { seed, steps, root: ticks[steps], ticks: ticks.toReversed() };
}

const lane = (name, unit, maxSteps, expiry = NEVER) => ({
  root: chain(name, Math.min(maxSteps, 64)).root,
  unit,
  maxSteps,
  expiry,
  receiptHash: key(`receipt ${name}`),
});
const terms = (changes = {}) => ({ payer, payee, signer, token: TOKEN, window: 86_400, nonce: 0n, ...changes });
const home = { chainId: CHAIN_ID, contract: CONTRACT };

async function voucher(name, t, cumulative, lanes, domain = home) {
  const channelId = channelIdOf(t, domain);
  const digest = hashTypedData({
    domain: typedDomain(domain),
    types,
    primaryType: "Voucher",
    message: { channelId, cumulative, lanes },
  });
  return { name, ...domain, terms: t, channelId, cumulative, lanes, digest, signature: await low(digest, "signer") };
}

async function close(name, t, claimed, domain = home) {
  const channelId = channelIdOf(t, domain);
  const digest = hashTypedData({
    domain: typedDomain(domain),
    types,
    primaryType: "Close",
    message: { channelId, claimed },
  });
  const [signerSignature, payeeSignature] = [await low(digest, "signer"), await low(digest, "payee")];
  return { name, ...domain, terms: t, channelId, claimed, digest, signerSignature, payeeSignature };
}

/** RFC 6979 gives the same signature on every run; the order's lower half is what the contract accepts. */
async function low(digest, who) {
  const signature = await accounts[who].sign({ hash: digest });
  if (BigInt(parseSignature(signature).s) > maxUint256 / 2n) throw new Error("high s");
  return signature;
}

const eight = Array.from({ length: 8 }, (_, i) => lane(`lane ${i}`, BigInt(i + 1) * 152_587n, 1024));
const most = {
  root: `0x${"ff".repeat(32)}`,
  unit: 2n ** 128n - 1n,
  maxSteps: 2 ** 32 - 1,
  receiptHash: `0x${"ff".repeat(32)}`,
};
const vectors = {
  description: "Made by chain/contracts/vectors.mjs with viem; integers beyond 2^32 are decimal strings.",
  keys: KEYS,
  addresses: { payer, payee, signer },
  vouchers: [
    await voucher("no lanes", terms(), 1_500_000_000n, []),
    await voucher("nothing", terms({ nonce: 1n }), 0n, []),
    await voucher("one lane that never expires", terms(), 0n, [lane("direct", 152_587n, 1024)]),
    await voucher("one lane that expires", terms(), 7n, [lane("hub", 1_000n, 64, 1_900_000_000n)]),
    await voucher("eight lanes", terms({ nonce: 2n }), 123_456_789_012_345n, eight),
    await voucher("eight lanes in another order", terms({ nonce: 2n }), 123_456_789_012_345n, eight.toReversed()),
    await voucher("largest values", terms({ window: 2 ** 32 - 1, nonce: NEVER }), 2n ** 128n - 1n, [
      { ...most, expiry: NEVER },
    ]),
    await voucher("in ETH", terms({ token: ZERO }), 10n ** 27n, []),
    await voucher("the payer signs itself", terms({ signer, payer: signer }), 1n, []),
    await voucher("the other direction", terms({ payer: payee, payee: payer }), 1_500_000_000n, []),
    await voucher("another chain", terms(), 1_500_000_000n, [], { ...home, chainId: 1 }),
    await voucher("another contract", terms(), 1_500_000_000n, [], {
      ...home,
      contract: "0xc0ffee0000000000000000000000000000000002",
    }),
  ],
  closes: [
    await close("part", terms(), 1_000_000n),
    await close("nothing", terms(), 0n),
    await close("largest", terms({ token: ZERO }), 2n ** 96n - 1n),
    await close("another chain", terms(), 1_000_000n, { ...home, chainId: 1 }),
  ],
  /** ticks[k] hashed k times is the root: ticks[0] is the root, the last is the seed. */
  hashChains: [chain("direct", 1), chain("lane 0", 8), chain("hub", 64)],
};

const target = new URL("./test/vectors/vouchers.json", import.meta.url);
const text = `${JSON.stringify(vectors, (_, value) => (typeof value === "bigint" ? value.toString() : value), 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  process.stderr.write("chain/contracts/test/vectors/vouchers.json is stale: run `node chain/contracts/vectors.mjs`\n");
  process.exitCode = 1;
}
