/**
 * Writes docs/spec/tracker_bids.vectors.json: the digest and signature of a bid made by viem alone, and the bytes around them put
 * together by hand, so that our TypeScript does not check itself. `--check` fails when the file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { hashTypedData, padHex, sha256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const key = (name) => sha256(toHex(`tracker_bids vector ${name}`));
const bare = (hex) => hex.slice(2).toLowerCase();
const uint = (value, size) => bare(toHex(value, { size }));
const bidder = privateKeyToAccount(key("bidder"));

const NOW = 1_800_000_000;
const EXPIRY = NOW + 3_600;
const PRICE = 9_765_625n;
const CONTRACT = "0xc0ffee0000000000000000000000000000000001";
const TOKEN = "0x00000000000000000000000000000000005d0001";
const CHAIN = 31_337;
const infoHash = `0x${bare(key("infohash")).slice(0, 40)}`;

const digest = hashTypedData({
  domain: { name: "Everseed Market", version: "1", chainId: CHAIN, verifyingContract: CONTRACT },
  types: {
    TrackerBid: [
      { name: "infohash", type: "bytes32" },
      { name: "token", type: "address" },
      { name: "price", type: "uint128" },
      { name: "expiry", type: "uint64" },
    ],
  },
  primaryType: "TrackerBid",
  message: {
    infohash: padHex(infoHash, { dir: "right", size: 32 }),
    token: TOKEN,
    price: PRICE,
    expiry: BigInt(EXPIRY),
  },
});
const signature = bare(await bidder.sign({ hash: digest }));
const market = `${uint(CHAIN, 8)}${bare(CONTRACT)}${bare(TOKEN)}`;
const encode = ({ version = "01", price = PRICE, expiry = uint(EXPIRY, 8), by = bidder.address } = {}) =>
  `${version}${market}${uint(price, 12)}${bare(by)}${expiry}${signature}`;
const bytes = encode();
const percent = (hex) => hex.replace(/../g, (pair) => `%${pair.toUpperCase()}`);
const options = (...each) => each.map(([type, value]) => `${type}${uint(value.length / 2, 1)}${value}`).join("");

const vectors = {
  description:
    "tracker_bids 1, made by chain/contracts/tracker-bid-vectors.mjs with viem. Byte strings are hexadecimal. Keys are sha256 of 'tracker_bids vector NAME'.",
  chainId: CHAIN,
  contract: CONTRACT,
  token: TOKEN,
  infoHash: bare(infoHash),
  now: NOW,
  price: `${PRICE}`,
  expiry: EXPIRY,
  bidder: { key: bare(key("bidder")), address: bidder.address.toLowerCase() },
  digest: bare(digest),
  market,
  bid: bytes,
  query: `bid=${percent(bytes)}&sort=bid&market=${percent(market)}`,
  udpOptions: options(["e5", bytes], ["e6", market]),
  refused: [
    { name: "nothing", bytes: "", code: "market-message" },
    { name: "a byte too few", bytes: bytes.slice(2), code: "market-message" },
    { name: "a byte too many", bytes: `${bytes}00`, code: "market-message" },
    { name: "another version", bytes: encode({ version: "02" }), code: "market-message" },
    { name: "a price of zero", bytes: encode({ price: 0n }), code: "market-message" },
    { name: "an expiry beyond 2^53", bytes: encode({ expiry: "ff".repeat(8) }), code: "market-message" },
    { name: "a higher price than was signed", bytes: encode({ price: PRICE + 1n }), code: "market-signature" },
    { name: "another bidder", bytes: encode({ by: CONTRACT }), code: "market-signature" },
    { name: "an expiry over an hour ahead", bytes: encode({ expiry: uint(EXPIRY + 1, 8) }), code: "market-expiry" },
    { name: "an expiry that has passed", bytes: encode({ expiry: uint(NOW, 8) }), code: "market-expiry" },
  ],
};

const target = new URL("../../docs/spec/tracker_bids.vectors.json", import.meta.url);
const json = `${JSON.stringify(vectors, null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(target, json);
else if (readFileSync(target, "utf8") !== json) {
  process.stderr.write(
    "docs/spec/tracker_bids.vectors.json is stale: run `node chain/contracts/tracker-bid-vectors.mjs`\n",
  );
  process.exitCode = 1;
}
