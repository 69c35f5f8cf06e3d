/**
 * `npm run lab -- gas [--json]`: gas of every channel transaction, whole (calldata and the 21,000 included), on a fresh
 * embedded chain, against the goals. Conditions: the payee holds the token already, the contract holds others' deposits, the
 * token is approved. Fails (exit 1) when a goal is missed, and says by how much.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type ChannelsClient, type ClaimInput, createChannelsClient } from "@everseed/chain";
import { startDevnet } from "@everseed/chain/node";
import {
  type ChannelDomain,
  type ChannelTerms,
  channelId,
  closeDigest,
  hashChain,
  NEVER,
  nonceUntil,
  signVoucher,
} from "@everseed/channel";
import { type Address, createSigner, NANO, type Signer, systemRandom, ZERO_ADDRESS } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { printTable } from "./table.ts";

export interface GasRow {
  readonly name: string;
  readonly token: "ETH" | "ERC-20";
  /** Gas of one channel's part. */
  readonly gas: number;
  /** Goals are for ERC-20. */
  readonly goal?: number;
}

const MANY = 20;
/** Channels may be opened for an hour; those of which the close is measured for this long, so that they are past it. */
const HOUR = 3_600;
const SHORT = 3;
const CLAIMS = 10;
const STEPS = 1_000;
const DEPOSIT = 1_000_000_000n;
const UNIT = 152_587_890n;

interface Bench {
  readonly domain: ChannelDomain;
  readonly token: Address;
  readonly payer: Signer;
  readonly payee: Signer;
  readonly client: ChannelsClient;
}

/** Measures every transaction for ETH and ERC-20. Rejects with EverseedError where the chain does not start. */
export async function measureGas(): Promise<readonly GasRow[]> {
  const stateDir = await mkdtemp(join(tmpdir(), "everseed-gas-"));
  const devnet = await startDevnet({ port: await freePort(), stateDir });
  try {
    const keys = [randomBytes(32), randomBytes(32)] as const;
    const [payer, payee] = [createSigner(keys[0]), createSigner(keys[1])];
    const usd = devnet.token.address as Address;
    for (const { address } of [payer, payee]) await devnet.fund(address, { eth: 10n ** 18n, usd: 10n ** 12n });
    const rows: GasRow[] = [];
    for (const token of [usd, ZERO_ADDRESS] as const) {
      const client = createChannelsClient({ ...devnet, privateKey: keys[0] });
      const domain = { chainId: BigInt(devnet.chainId), contract: devnet.contract };
      rows.push(...(await measureToken({ domain, token, payer, payee, client })));
    }
    return rows;
  } finally {
    await devnet.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function measureToken({ domain, token, payer, payee, client }: Bench): Promise<GasRow[]> {
  const kind = token === ZERO_ADDRESS ? "ETH" : "ERC-20";
  const rows: GasRow[] = [];
  const row = (name: string, gas: bigint | number, goal?: number): void => {
    rows.push({
      name,
      token: kind,
      gas: Math.round(Number(gas)),
      ...(goal === undefined || kind === "ETH" ? {} : { goal }),
    });
  };
  const start = await client.time();
  const terms = (window = HOUR, openableSeconds = HOUR): ChannelTerms => ({
    payer: payer.address,
    payee: payee.address,
    signer: payer.address,
    token,
    window,
    nonce: nonceUntil(start + openableSeconds, systemRandom),
  });
  const opened = async (window?: number, openableSeconds?: number): Promise<ChannelTerms> => {
    const fresh = terms(window, openableSeconds);
    await client.open(fresh, DEPOSIT);
    return fresh;
  };
  const claimOf = (of: ChannelTerms, cumulative: bigint, steps = 0): ClaimInput => {
    const chain = hashChain(randomBytes(32), STEPS);
    const lane = { root: chain.at(0), unit: UNIT, maxSteps: STEPS, expiry: NEVER, receiptHash: randomBytes(32) };
    const voucher = { channelId: channelId(of, domain), cumulative, lanes: steps > 0 ? [lane] : [] };
    const proofs = steps > 0 ? [{ root: lane.root, steps, preimage: chain.at(steps) }] : [];
    return { terms: of, signed: signVoucher(voucher, payer, domain), proofs };
  };
  const together = async (of: ChannelTerms, claimed: bigint): Promise<bigint> => {
    const digest = closeDigest(channelId(of, domain), claimed, domain);
    return (await client.closeWith(of, claimed, payee.sign(digest))).gasUsed;
  };

  await opened(); // the contract holds others' deposits, and the token is approved
  const both = await opened(HOUR, SHORT);
  const paid = await opened(HOUR, SHORT);
  const closing = await opened(0, SHORT);
  if (token !== ZERO_ADDRESS) row("open with permit", (await client.openWithPermit(terms(), DEPOSIT)).gasUsed);
  row("open", (await client.open(terms(), DEPOSIT)).gasUsed, 85_000);
  const many = Array.from({ length: MANY }, () => terms());
  const openings = many.map((each) => ({ ...each, amount: DEPOSIT }));
  row(`open, ${MANY} at once, each`, Number((await client.openMany(terms(), openings)).gasUsed) / MANY, 31_000);
  row("top up", (await client.topUp(await opened(), DEPOSIT)).gasUsed);

  const base = (await client.claim(claimOf(await opened(), 1_000_000n * NANO))).gasUsed;
  row("claim, cumulative alone", base, 55_000);
  const one = (await client.claim(claimOf(await opened(), 1_000_000n * NANO, 1))).gasUsed;
  row("claim, 1 lane, 1 step", one, 55_000 + 90);
  const all = (await client.claim(claimOf(await opened(), 1_000_000n * NANO, STEPS))).gasUsed;
  row(`claim, 1 lane, ${STEPS} steps`, all, 55_000 + 90 * STEPS);
  row("claim, each further step", Number(all - one) / (STEPS - 1), 90);
  const claims = many.slice(0, CLAIMS).map((each) => claimOf(each, 1_000_000n * NANO, 1));
  const { receipt } = await client.claimMany(claims);
  row(`claim, ${CLAIMS} at once, each`, Number(receipt?.gasUsed ?? 0n) / CLAIMS);

  row("close at once, both are paid", await together(await opened(), 1_000_000n));
  await setTimeout(Math.max(0, (start + SHORT + 1) * 1_000 - Date.now()));
  row("close together, both are paid", await together(both, 1_000_000n), 57_000);
  await client.claim(claimOf(paid, 1_000_000n * NANO));
  row("close together after a claim", await together(paid, 1_000_000n), 57_000);
  row("start to close", (await client.startClose(closing)).gasUsed);
  row("withdraw", (await client.withdraw(closing)).gasUsed);
  return rows;
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean", default: false } } });
  const rows = await measureGas();
  if (values.json) console.log(JSON.stringify(rows));
  else {
    printTable(
      ["transaction", "token", "gas", "goal", "spare"],
      rows.map(({ name, token, gas, goal }) => [
        name,
        token,
        String(gas),
        ...(goal === undefined ? ["", ""] : [String(goal), String(goal - gas)]),
      ]),
    );
  }
  if (rows.some(({ gas, goal }) => goal !== undefined && gas > goal)) process.exitCode = 1;
}
