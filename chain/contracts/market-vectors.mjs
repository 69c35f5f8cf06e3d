/**
 * Writes docs/spec/es_market.vectors.json: EIP-712 digests and signatures of bids, offers and possession proofs made by viem
 * alone, and the bencoded messages around them written by hand, so that our TypeScript does not check itself. `--check`
 * fails when the file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { concat, hashStruct, hashTypedData, keccak256, padHex, sha256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const key = (name) => sha256(toHex(`es_market vector ${name}`));
const account = (name) => privateKeyToAccount(key(name));
const [buyer, seller, loser] = ["buyer", "seller", "loser"].map(account);
const lower = (address) => address.toLowerCase();
const bare = (hex) => hex.slice(2).toLowerCase();

const NOW = 1_800_000_000;
const CONTRACT = "0xc0ffee0000000000000000000000000000000001";
const TOKEN = "0x00000000000000000000000000000000005d0001";
const infoHash = `0x${bare(key("infohash")).slice(0, 40)}`;
const domain = { name: "Everseed Market", version: "1", chainId: 31_337, verifyingContract: CONTRACT };
const field = (type, name) => ({ name, type });
const types = {
  Bid: [
    field("bytes32", "torrent"),
    field("address", "seller"),
    field("address", "token"),
    field("uint128", "price"),
    field("uint64", "expiry"),
  ],
  Offer: [
    field("bytes32", "infohash"),
    field("address", "buyer"),
    field("address", "token"),
    field("uint128", "price"),
    field("uint64", "expiry"),
    field("uint8", "reason"),
    field("bytes32", "losingBid"),
  ],
  Possession: [
    field("bytes32", "infohash"),
    field("address", "verifier"),
    field("bytes32", "nonce"),
    field("bytes32", "answer"),
  ],
};
const left = (hash) => padHex(hash, { dir: "right", size: 32 });
const digest = (primaryType, message) => hashTypedData({ domain, types, primaryType, message });

/** Bencode of hexadecimal strings (bytes), numbers, arrays and objects, in the order of the keys. */
function bencode(value) {
  if (typeof value === "number") return Buffer.from(`i${value}e`);
  if (typeof value === "string") {
    const bytes = Buffer.from(bare(value), "hex");
    return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from("l"), ...value.map(bencode), Buffer.from("e")]);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = entries.flatMap(([name, each]) => [Buffer.from(`${name.length}:${name}`), bencode(each)]);
  return Buffer.concat([Buffer.from("d"), ...parts, Buffer.from("e")]);
}
const message = (kind, body) => Buffer.concat([Buffer.from([kind]), bencode(body)]).toString("hex");
/** Minimal big-endian bytes. */
const price = (value) => (value === 0n ? "0x" : toHex(value, { size: Math.ceil(value.toString(16).length / 2) }));

async function bid(by, name, value, hash) {
  const nonce = key(`${name} nonce`);
  const torrent = keccak256(concat([left(hash), nonce]));
  const struct = { torrent, seller: lower(seller.address), token: TOKEN, price: value, expiry: BigInt(NOW + 600) };
  const hashed = digest("Bid", struct);
  return { nonce, struct, digest: hashed, signature: await by.sign({ hash: hashed }) };
}

const mine = await bid(buyer, "bid", 9_765_625n, infoHash);
const theirs = await bid(loser, "losing bid", 4_882_812n, `0x${bare(key("another infohash")).slice(0, 40)}`);
const offered = {
  infohash: left(infoHash),
  buyer: lower(buyer.address),
  token: TOKEN,
  price: theirs.struct.price,
  expiry: BigInt(NOW + 120),
  reason: 2,
  losingBid: hashStruct({ types, primaryType: "Bid", data: theirs.struct }),
};
const offerDigest = digest("Offer", offered);
const offer = {
  e: NOW + 120,
  l: {
    e: NOW + 600,
    i: theirs.struct.torrent,
    p: price(theirs.struct.price),
    r: seller.address,
    s: theirs.signature,
    t: TOKEN,
  },
  p: price(offered.price),
  r: 2,
  s: await seller.sign({ hash: offerDigest }),
  t: TOKEN,
};
const possession = {
  infohash: left(infoHash),
  verifier: lower(seller.address),
  nonce: key("challenge"),
  answer: key("answer"),
};
const proofDigest = digest("Possession", possession);
const proof = { a: possession.answer, n: possession.nonce, s: await buyer.sign({ hash: proofDigest }) };
const bidBody = { e: NOW + 600, n: mine.nonce, p: price(mine.struct.price), s: mine.signature, t: TOKEN };
const text = (words) => toHex(words);

const party = (name, { address }) => ({ key: bare(key(name)), address: lower(address) });
const vectors = {
  description:
    "es_market 1, made by chain/contracts/market-vectors.mjs with viem. Byte strings are hexadecimal. Keys are sha256 of 'es_market vector NAME'.",
  domain: { chainId: domain.chainId, contract: CONTRACT },
  token: TOKEN,
  infoHash: bare(infoHash),
  now: NOW,
  buyer: party("buyer", buyer),
  seller: party("seller", seller),
  loser: party("loser", loser),
  torrentCommitment: bare(mine.struct.torrent),
  digests: {
    bid: bare(mine.digest),
    losingBid: bare(theirs.digest),
    offer: bare(offerDigest),
    proof: bare(proofDigest),
  },
  messages: {
    bid: message(0, bidBody),
    offer: message(1, offer),
    challenge: message(2, { b: [7, 0, 1_234_567], n: possession.nonce }),
    proof: message(3, proof),
    refuse: message(4, { c: text("below-reserve"), p: price(9_765_625n) }),
  },
  refused: [
    { name: "an unknown kind", bytes: "05646565", code: "market-message" },
    { name: "nothing", bytes: "", code: "market-message" },
    { name: "no dictionary", bytes: "00693165", code: "market-message" },
    {
      name: "a nonce of 31 bytes",
      bytes: message(0, { ...bidBody, n: `0x${"00".repeat(31)}` }),
      code: "market-message",
    },
    { name: "a price with a leading zero", bytes: message(0, { ...bidBody, p: "0x0001" }), code: "market-message" },
    {
      name: "a price of 13 bytes",
      bytes: message(0, { ...bidBody, p: `0x${"01".repeat(13)}` }),
      code: "market-message",
    },
    { name: "a negative expiry", bytes: message(0, { ...bidBody, e: -1 }), code: "market-message" },
    { name: "an unknown reason", bytes: message(1, { ...offer, r: 3 }), code: "market-message" },
    { name: "a loser without its bid", bytes: message(1, { ...offer, l: 0 }), code: "market-message" },
    { name: "no blocks", bytes: message(2, { b: [], n: possession.nonce }), code: "market-message" },
    { name: "a block twice", bytes: message(2, { b: [1, 1], n: possession.nonce }), code: "market-message" },
    {
      name: "nine blocks",
      bytes: message(2, { b: [0, 1, 2, 3, 4, 5, 6, 7, 8], n: possession.nonce }),
      code: "market-message",
    },
    { name: "a message beyond the limit", bytes: `04${"00".repeat(2_048)}`, code: "market-message" },
    { name: "keys out of order", bytes: "0464313a70303a313a63303a65", code: "bencode-" },
  ],
};

const target = new URL("../../docs/spec/es_market.vectors.json", import.meta.url);
const json = `${JSON.stringify(vectors, null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(target, json);
else if (readFileSync(target, "utf8") !== json) {
  process.stderr.write("docs/spec/es_market.vectors.json is stale: run `node chain/contracts/market-vectors.mjs`\n");
  process.exitCode = 1;
}
