/**
 * The channels contract for one account: typed calls over JSON-RPC (viem). Calls may run at once; each resolves when its
 * transaction is mined, with its receipt. Amounts are base units. Every failure is an EverseedError (errors.ts).
 */
import type { ChannelTerms, LaneProof, SignedVoucher } from "@everseed/channel";
import { type Address, EverseedError, toHex, ZERO_ADDRESS } from "@everseed/core";
import {
  type Chain,
  createPublicClient,
  defineChain,
  type Hex,
  http,
  maxUint256,
  type PublicClient,
  parseEventLogs,
  type TransactionReceipt,
  type Transport,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { explain } from "./errors.ts";
import { everseedChannelsAbi } from "./generated/everseed-channels.ts";
import { testUsdAbi } from "./generated/test-usd.ts";
import { closeWithArguments, compactSignature, packClaim } from "./packed-claim.ts";
import { signPermit } from "./permit.ts";
import { createTransactions, retrying, type TransactionCall } from "./transactions.ts";
import { type WatchEventsInit, watchEvents } from "./watch-events.ts";

const REQUEST_TIMEOUT_MS = 10_000;
/** Seconds that a permit holds. */
const PERMIT_SECONDS = 3_600n;
/** What opening a try for one claim costs on top of the claim. */
const CLAIM_OVERHEAD_GAS = 12_000n;
/** The mark of a channel that was closed while it might still have been opened. */
const CLOSED = 0xffff_ffff;

/** One of many channels that are opened together. */
export interface ChannelToOpen extends Pick<ChannelTerms, "payee" | "nonce"> {
  /** Base units. */
  readonly amount: bigint;
}

export interface ChannelsClientInit {
  readonly rpcUrl: string;
  /** In place of HTTP to `rpcUrl`: any viem transport. */
  readonly transport?: Transport;
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
  readonly chainId: number;
  /** EverseedChannels. */
  readonly contract: Address;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
  /** A transaction that is not mined within this time is reported. @default 60_000 */
  readonly receiptTimeoutMs?: number;
}

export interface OnChainChannel {
  /** Base units. */
  readonly deposit: bigint;
  readonly claimed: bigint;
  /** Seconds. */
  readonly window: number;
  /** Unix seconds; 0 while nobody closes. */
  readonly closesAt: number;
}

export interface ClaimInput {
  readonly terms: ChannelTerms;
  readonly signed: SignedVoucher;
  readonly proofs: readonly LaneProof[];
}

export interface ClaimManyResult {
  /** Absent when every claim was refused and nothing was sent. */
  readonly receipt: TransactionReceipt | undefined;
  /** One for each claim, in order: base units paid now, or why it was refused. */
  readonly results: readonly { readonly paid: bigint; readonly error?: EverseedError }[];
}

export type ChannelsClient = ReturnType<typeof createChannelsClient>;

export function everseedChain(init: { readonly rpcUrl: string; readonly chainId: number }): Chain {
  return defineChain({
    id: init.chainId,
    name: `chain ${init.chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [init.rpcUrl] } },
  });
}

export function createChannelsClient(init: ChannelsClientInit) {
  const { chainId } = init;
  const account = privateKeyToAccount(hex(init.privateKey));
  const transport =
    init.transport ??
    http(init.rpcUrl, {
      timeout: REQUEST_TIMEOUT_MS,
      retryCount: 0,
      ...(init.fetch === undefined ? {} : { fetchFn: init.fetch }),
    });
  const reader: PublicClient = createPublicClient({ chain: everseedChain(init), transport });
  const transactions = createTransactions({
    reader,
    account,
    chainId,
    ...(init.receiptTimeoutMs === undefined ? {} : { receiptTimeoutMs: init.receiptTimeoutMs }),
  });
  const contract = { address: init.contract, abi: everseedChannelsAbi } as const;
  const self = account.address.toLowerCase() as Address;

  const channelCall = (functionName: string, args: readonly unknown[], value = 0n): TransactionCall => ({
    to: init.contract,
    abi: everseedChannelsAbi,
    functionName,
    args,
    value,
  });
  const read = async <T>(what: string, task: () => Promise<T>): Promise<T> => {
    try {
      return await retrying(task);
    } catch (error) {
      throw explain(what, error);
    }
  };
  const weiOf = (token: Address, amount: bigint): bigint => (token === ZERO_ADDRESS ? amount : 0n);

  const allowance = (token: Address, owner: Address = self): Promise<bigint> =>
    read("read the allowance", () =>
      reader.readContract({
        address: token,
        abi: testUsdAbi,
        functionName: "allowance",
        args: [owner, init.contract],
      }),
    );
  const approve = (token: Address, amount: bigint = maxUint256): Promise<TransactionReceipt> =>
    transactions.send("approve the token", {
      to: token,
      abi: testUsdAbi,
      functionName: "approve",
      args: [init.contract, amount],
    });
  const allow = async (token: Address, amount: bigint): Promise<void> => {
    if (token !== ZERO_ADDRESS && (await allowance(token)) < amount) await approve(token);
  };

  return {
    address: self,

    /** Opens a channel; the token is approved first where that is needed. */
    async open(terms: ChannelTerms, amount: bigint): Promise<TransactionReceipt> {
      await allow(terms.token, amount);
      return transactions.send("open the channel", channelCall("open", [terms, amount], weiOf(terms.token, amount)));
    },

    /** Opens a channel in one transaction, with a signature in place of an approval (EIP-2612). */
    async openWithPermit(terms: ChannelTerms, amount: bigint): Promise<TransactionReceipt> {
      const { timestamp } = await read("read the time", () => reader.getBlock());
      const permit = await read("sign the permit", () =>
        signPermit({
          reader,
          account,
          chainId,
          token: terms.token,
          spender: init.contract,
          amount,
          deadline: timestamp + PERMIT_SECONDS,
        }),
      );
      const { deadline, v, r, s } = permit;
      return transactions.send("open the channel", channelCall("openWithPermit", [terms, amount, deadline, v, r, s]));
    },

    /** Opens many channels of this account in one transaction; their terms are alike but for payee and nonce. */
    async openMany(
      { signer, token, window }: Pick<ChannelTerms, "signer" | "token" | "window">,
      openings: readonly ChannelToOpen[],
    ): Promise<TransactionReceipt> {
      if (openings.length === 0) throw new EverseedError("chain-empty", "Cannot open channels: none were named");
      const total = openings.reduce((sum, { amount }) => sum + amount, 0n);
      await allow(token, total);
      const call = channelCall("openMany", [token, signer, window, openings], weiOf(token, total));
      return transactions.send("open the channels", call);
    },

    async topUp(terms: ChannelTerms, amount: bigint): Promise<TransactionReceipt> {
      await allow(terms.token, amount);
      return transactions.send("top the channel up", channelCall("topUp", [terms, amount], weiOf(terms.token, amount)));
    },

    /** Pays the payee what voucher and ticks are worth. Anyone may send it. */
    claim: (claim: ClaimInput): Promise<TransactionReceipt> =>
      transactions.send("claim", channelCall("claimPacked", [packed(claim)])),

    /** Claims of many channels in one transaction. One that is refused is left out and does not hold up the others. */
    async claimMany(claims: readonly ClaimInput[]): Promise<ClaimManyResult> {
      // Each claim is asked alone: a claim that failed inside for want of gas would be skipped without a word.
      const asked = await Promise.all(
        claims.map((claim) => {
          const encoded = packed(claim);
          return transactions.estimate("claim", channelCall("claimPacked", [encoded])).then(
            (gas) => ({ encoded, gas }),
            (error: EverseedError) => ({ error }),
          );
        }),
      );
      const good = asked.flatMap((each) => ("gas" in each ? [each] : []));
      if (good.length === 0) return { receipt: undefined, results: asked.map((each) => ({ paid: 0n, ...each })) };
      const gas = good.reduce((sum, each) => sum + each.gas + CLAIM_OVERHEAD_GAS, 0n);
      const receipt = await transactions.send("claim", {
        ...channelCall("claimMany", [good.map(({ encoded }) => encoded)]),
        gas,
      });
      const paid = new Map<Hex, bigint>();
      for (const { args } of parseEventLogs({ abi: everseedChannelsAbi, eventName: "Claimed", logs: receipt.logs }))
        paid.set(args.channelId, (paid.get(args.channelId) ?? 0n) + args.amount);
      return {
        receipt,
        results: asked.map((each, i) => {
          if ("error" in each) return { paid: 0n, error: each.error };
          const id = hex((claims[i] as ClaimInput).signed.voucher.channelId);
          return { paid: paid.get(id) ?? 0n };
        }),
      };
    },

    startClose: (terms: ChannelTerms): Promise<TransactionReceipt> =>
      transactions.send("start to close", channelCall("startClose", [terms])),

    withdraw: (terms: ChannelTerms): Promise<TransactionReceipt> =>
      transactions.send("withdraw", channelCall("withdraw", [terms])),

    /**
     * Closes at once. This account is the payee or the signer of the channel, and sending is its consent; the signature is
     * the other's, over `closeDigest`.
     */
    async closeWith(terms: ChannelTerms, claimed: bigint, signature: Uint8Array): Promise<TransactionReceipt> {
      const { payerWindowNonce, payeeClaimed, signer } = closeWithArguments(terms, claimed);
      const { r, vs } = compactSignature(signature);
      const args = [payerWindowNonce, payeeClaimed, terms.token, signer, hex(r), hex(vs)];
      return transactions.send("close the channel", channelCall("closeWith", args));
    },

    /** Pays out ETH that this account could not take before, to `to`. */
    collect: (to: Address = self): Promise<TransactionReceipt> =>
      transactions.send("collect refused ETH", channelCall("collect", [self, to])),

    /** Unix seconds of the newest block: what the contract takes for now. */
    async time(): Promise<number> {
      const { timestamp } = await read("read the time", () => reader.getBlock());
      return Number(timestamp);
    },

    /** `undefined` when the channel was never opened or is closed for good. */
    async read(id: Uint8Array): Promise<OnChainChannel | undefined> {
      const found = await read("read the channel", () =>
        reader.readContract({ ...contract, functionName: "channel", args: [hex(id)] }),
      );
      return found.deposit === 0n || found.closesAt === CLOSED ? undefined : found;
    },

    /** Steps proven on chain of a lane that expires; lanes that never expire store nothing. */
    provenSteps: (id: Uint8Array, root: Uint8Array): Promise<number> =>
      read("read the proven steps", () =>
        reader.readContract({ ...contract, functionName: "provenSteps", args: [hex(id), hex(root)] }),
      ),

    /** Balance of ETH (zero address) or a token. */
    balance: (token: Address, holder: Address = self): Promise<bigint> =>
      read("read the balance", () =>
        token === ZERO_ADDRESS
          ? reader.getBalance({ address: holder })
          : reader.readContract({ address: token, abi: testUsdAbi, functionName: "balanceOf", args: [holder] }),
      ),

    /** What the contract may take of a token. */
    allowance,

    /** Lets the contract take `amount` of a token; without an amount, any. */
    approve,

    /** The contract's events in order. Resolves once the signal is aborted. */
    watch: (watch: WatchEventsInit): Promise<void> => watchEvents(reader, init.contract, watch),
  };
}

function packed({ terms, signed, proofs }: ClaimInput): Hex {
  return hex(packClaim(terms, signed, proofs));
}

function hex(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}
