/**
 * Checks what `npm start -- PATH --once --json` printed: one JSON object, the file arrived whole, both sellers sold and were
 * paid on chain what they are owed, and money was
 * neither made nor lost.
 *
 *     node scripts/check-main-job.mjs RESULT.json SHA256
 */
import { readFileSync } from "node:fs";

const [file, sha256] = process.argv.slice(2);
const result = JSON.parse(readFileSync(file, "utf8"));
const { torrent, download, sellers, chain, maxLossPerSide } = result;
const faults = [];
const expect = (holds, fault) => {
  if (!holds) faults.push(fault);
};
const total = (amounts) => Object.values(amounts).reduce((sum, amount) => sum + BigInt(amount), 0n);
const change = (address) => BigInt(chain.after[address]) - BigInt(chain.before[address]);

expect(/^[0-9a-f]{40}$/.test(torrent.infohash), `infohash is ${torrent.infohash}`);
expect(/^[0-9a-f]{64}$/.test(torrent.infohashV2), `infohashV2 is ${torrent.infohashV2}`);
expect(download.sha256 === sha256, `expected the file ${sha256}, received ${download.sha256}`);
expect(download.expectedSha256 === sha256, `expected to offer ${sha256}, offered ${download.expectedSha256}`);
expect(sellers.length === 2, `expected two sellers, received ${sellers.length}`);
const sold = sellers.reduce((sum, { bytes }) => sum + bytes, 0);
expect(sold >= torrent.bytes, `expected ${torrent.bytes} bytes sold, received ${sold}`);
for (const { address, bytes, ticks, signatures, paid, redeemed } of sellers) {
  expect(bytes > 0 && ticks > 0 && signatures > 0, `${address} sold ${bytes} bytes for ${ticks} ticks`);
  expect(BigInt(paid) > 0n && redeemed === paid, `${address} was paid ${paid} and redeemed ${redeemed}`);
  expect(
    change(address) === BigInt(redeemed),
    `${address} redeemed ${redeemed}, its balance changed by ${change(address)}`,
  );
}
expect(total(chain.before) === total(chain.after), `${total(chain.before)} before, ${total(chain.after)} after`);
for (const [call, gas] of Object.entries(chain.gas)) expect(BigInt(gas) > 0n, `no gas was measured for ${call}`);
expect(BigInt(maxLossPerSide.amount) >= 0n, `maxLossPerSide is ${maxLossPerSide.amount}`);

for (const fault of faults) process.stderr.write(`npm start: ${fault}\n`);
if (faults.length === 0) {
  const rate = (torrent.bytes / download.seconds / 2 ** 20).toFixed(0);
  process.stdout.write(`${torrent.bytes} bytes from ${sellers.length} sellers at ${rate} MiB/s, paid and settled\n`);
}
process.exitCode = faults.length > 0 ? 1 : 0;
