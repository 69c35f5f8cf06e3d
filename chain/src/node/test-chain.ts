/** A chain for one test file, on a free port and in a folder of its own, with funded accounts and signed vouchers. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ChannelTerms,
  channelId,
  closeDigest,
  hashChain,
  type Lane,
  NEVER,
  type SignedVoucher,
  signVoucher,
} from "@everseed/channel";
import { type Address, createSigner, NANO, type Signer } from "@everseed/core";
import { freePort } from "@everseed/core/node";
import { type ChannelsClient, type ChannelsClientInit, createChannelsClient } from "../channels-client.ts";
import { type Devnet, startDevnet } from "./devnet.ts";

export interface TestAccount {
  readonly privateKey: Uint8Array;
  readonly signer: Signer;
  readonly client: ChannelsClient;
  readonly address: Address;
}

export interface TestChain {
  readonly devnet: Devnet;
  readonly token: Address;
  account(funds?: { eth?: bigint; usd?: bigint }, changes?: Partial<ChannelsClientInit>): Promise<TestAccount>;
  terms(payer: TestAccount, payee: TestAccount, changes?: Partial<ChannelTerms>): ChannelTerms;
  idOf(terms: ChannelTerms): Uint8Array;
  /** A voucher of base units and lanes. */
  voucher(payer: TestAccount, terms: ChannelTerms, amount: bigint, lanes?: readonly Lane[]): SignedVoucher;
  /** Both signatures to close with `claimed`. */
  closing(payer: TestAccount, payee: TestAccount, terms: ChannelTerms, claimed: bigint): [Uint8Array, Uint8Array];
  stop(): Promise<void>;
}

/** A lane of `maxSteps` ticks that never expires, and its preimages. */
export function directLane(unitNano: bigint, maxSteps: number) {
  const chain = hashChain(randomBytes(32), maxSteps);
  const lane: Lane = { root: chain.at(0), unit: unitNano, maxSteps, expiry: NEVER, receiptHash: randomBytes(32) };
  return { lane, proof: (steps: number) => ({ root: lane.root, steps, preimage: chain.at(steps) }) };
}

export async function startTestChain(): Promise<TestChain> {
  const stateDir = await mkdtemp(join(tmpdir(), "everseed-chain-"));
  const devnet = await startDevnet({ port: await freePort(), stateDir });
  const { contract, chainId } = devnet;
  const domain = { chainId: BigInt(chainId), contract };
  const token = devnet.token.address as Address;
  let nonce = 0n;
  return {
    devnet,
    token,
    async account(funds = { eth: 10n ** 18n, usd: 10n ** 12n }, changes = {}) {
      const privateKey = randomBytes(32);
      const signer = createSigner(privateKey);
      await devnet.fund(signer.address, funds);
      const client = createChannelsClient({ ...devnet, privateKey, ...changes });
      return { privateKey, signer, client, address: signer.address };
    },
    terms: (payer, payee, changes = {}) => ({
      payer: payer.address,
      payee: payee.address,
      signer: payer.address,
      token,
      window: 3_600,
      nonce: nonce++,
      ...changes,
    }),
    idOf: (terms) => channelId(terms, domain),
    voucher: (payer, terms, amount, lanes = []) =>
      signVoucher({ channelId: channelId(terms, domain), cumulative: amount * NANO, lanes }, payer.signer, domain),
    closing(payer, payee, terms, claimed) {
      const digest = closeDigest(channelId(terms, domain), claimed, domain);
      return [payer.signer.sign(digest), payee.signer.sign(digest)];
    },
    async stop() {
      await devnet.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
