/**
 * The channels contract for one account: typed calls over JSON-RPC (viem). Transactions are sent one after the other, so
 * that nonces never cross; each call resolves when its transaction is mined, with its receipt.
 */
import type { ChannelTerms, LaneProof, SignedVoucher } from "@everseed/channel";
import { type Address, EverseedError, equalBytes, toHex, ZERO_ADDRESS } from "@everseed/core";
import {
  BaseError,
  type Chain,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  maxUint256,
  type TransactionReceipt,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { everseedChannelsAbi } from "./generated/everseed-channels.ts";
import { testUsdAbi } from "./generated/test-usd.ts";

/** A transaction that is not mined within this time is reported, not waited for. */
const RECEIPT_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

export interface ChannelsClientInit {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** EverseedChannels. */
  readonly contract: Address;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
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

export type ChannelsClient = ReturnType<typeof createChannelsClient>;

/** The mark of a channel that is closed for good. */
const CLOSED = 0xffff_ffff;

export function everseedChain(init: { readonly rpcUrl: string; readonly chainId: number }): Chain {
  return defineChain({
    id: init.chainId,
    name: `chain ${init.chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [init.rpcUrl] } },
  });
}

export function createChannelsClient(init: ChannelsClientInit) {
  const account = privateKeyToAccount(hex(init.privateKey));
  const chain = everseedChain(init);
  const transport = http(init.rpcUrl, { timeout: REQUEST_TIMEOUT_MS, retryCount: 3, retryDelay: 100 });
  const reader = createPublicClient({ chain, transport, pollingInterval: 50 });
  const wallet = createWalletClient({ chain, transport, account });
  const contract = { address: init.contract, abi: everseedChannelsAbi } as const;
  const self = account.address.toLowerCase() as Address;
  let last: Promise<unknown> = Promise.resolve();

  /** Sends after all earlier ones, and waits until it is mined. */
  const mined = (what: string, send: () => Promise<Hex>): Promise<TransactionReceipt> => {
    const task = async (): Promise<TransactionReceipt> => {
      try {
        const receipt = await reader.waitForTransactionReceipt({ hash: await send(), timeout: RECEIPT_TIMEOUT_MS });
        if (receipt.status !== "success")
          throw new EverseedError("chain-reverted", `Cannot ${what}: the transaction was reverted`);
        return receipt;
      } catch (error) {
        throw explain(what, error);
      }
    };
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };

  const read = async <T>(what: string, task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw explain(what, error);
    }
  };

  const allow = async (token: Address, amount: bigint): Promise<void> => {
    if (token === ZERO_ADDRESS) return;
    const erc20 = { address: token, abi: testUsdAbi } as const;
    const allowed = await read("read the allowance", () =>
      reader.readContract({ ...erc20, functionName: "allowance", args: [self, init.contract] }),
    );
    if (allowed >= amount) return;
    await mined("approve the token", () =>
      wallet.writeContract({ ...erc20, functionName: "approve", args: [init.contract, maxUint256] }),
    );
  };
  const value = (terms: ChannelTerms, amount: bigint): { value: bigint } => ({
    value: terms.token === ZERO_ADDRESS ? amount : 0n,
  });

  return {
    address: self,

    /** Opens a channel; the token is approved first where that is needed. Base units. */
    async open(terms: ChannelTerms, amount: bigint): Promise<TransactionReceipt> {
      await allow(terms.token, amount);
      return mined("open the channel", () =>
        wallet.writeContract({ ...contract, functionName: "open", args: [terms, amount], ...value(terms, amount) }),
      );
    },

    /** Opens many channels of one token in one transaction. */
    async openMany(
      channels: readonly { readonly terms: ChannelTerms; readonly amount: bigint }[],
    ): Promise<TransactionReceipt> {
      const [first] = channels;
      if (first === undefined) throw new EverseedError("chain-empty", "Cannot open channels: none were named");
      const total = channels.reduce((sum, { amount }) => sum + amount, 0n);
      await allow(first.terms.token, total);
      return mined("open the channels", () =>
        wallet.writeContract({
          ...contract,
          functionName: "openMany",
          args: [channels.map(({ terms }) => terms), channels.map(({ amount }) => amount)],
          ...value(first.terms, total),
        }),
      );
    },

    async topUp(terms: ChannelTerms, amount: bigint): Promise<TransactionReceipt> {
      await allow(terms.token, amount);
      return mined("top the channel up", () =>
        wallet.writeContract({ ...contract, functionName: "topUp", args: [terms, amount], ...value(terms, amount) }),
      );
    },

    /** Pays the payee what voucher and ticks are worth. Anyone may send it. */
    claim: (claim: ClaimInput): Promise<TransactionReceipt> =>
      mined("claim", () => wallet.writeContract({ ...contract, functionName: "claim", args: [encodeClaim(claim)] })),

    claimMany: (claims: readonly ClaimInput[]): Promise<TransactionReceipt> =>
      mined("claim", () =>
        wallet.writeContract({ ...contract, functionName: "claimMany", args: [claims.map(encodeClaim)] }),
      ),

    startClose: (terms: ChannelTerms): Promise<TransactionReceipt> =>
      mined("start to close", () => wallet.writeContract({ ...contract, functionName: "startClose", args: [terms] })),

    withdraw: (terms: ChannelTerms): Promise<TransactionReceipt> =>
      mined("withdraw", () => wallet.writeContract({ ...contract, functionName: "withdraw", args: [terms] })),

    /** Both signatures are over `closeDigest`. */
    closeTogether: (terms: ChannelTerms, claimed: bigint, signerSignature: Uint8Array, payeeSignature: Uint8Array) =>
      mined("close the channel", () =>
        wallet.writeContract({
          ...contract,
          functionName: "closeTogether",
          args: [terms, claimed, hex(signerSignature), hex(payeeSignature)],
        }),
      ),

    /** `undefined` when the channel was never opened or is closed for good. */
    async read(id: Uint8Array): Promise<OnChainChannel | undefined> {
      const found = await read("read the channel", () =>
        reader.readContract({ ...contract, functionName: "channel", args: [hex(id)] }),
      );
      return found.deposit === 0n || found.closesAt === CLOSED ? undefined : found;
    },

    /** Balance of ETH (zero address) or a token. Base units. */
    balance: (token: Address, holder: Address = self): Promise<bigint> =>
      read("read the balance", () =>
        token === ZERO_ADDRESS
          ? reader.getBalance({ address: holder })
          : reader.readContract({ address: token, abi: testUsdAbi, functionName: "balanceOf", args: [holder] }),
      ),
  };
}

function encodeClaim({ terms, signed, proofs }: ClaimInput) {
  const { voucher, signature } = signed;
  return {
    id: terms,
    cumulative: voucher.cumulative,
    lanes: voucher.lanes.map((lane) => ({ ...lane, root: hex(lane.root), receiptHash: hex(lane.receiptHash) })),
    signature: hex(signature),
    proofs: proofs.flatMap(({ root, steps, preimage }) => {
      const lane = voucher.lanes.findIndex((known) => equalBytes(known.root, root));
      return lane < 0 || steps === 0 ? [] : [{ lane, steps, preimage: hex(preimage) }];
    }),
  };
}

function hex(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}

/** Says in one sentence why a call failed; the contract's own error is named where there is one. */
function explain(what: string, error: unknown): EverseedError {
  if (error instanceof EverseedError) return error;
  const base = error instanceof BaseError ? error : undefined;
  const reverted = base?.walk((e) => e instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError) {
    const name = reverted.data?.errorName ?? reverted.reason ?? "no reason";
    const args = reverted.data?.args?.map(String).join(", ") ?? "";
    return new EverseedError("chain-refused", `Cannot ${what}: the contract answers ${name}(${args})`, {
      cause: error,
    });
  }
  return new EverseedError("chain-failed", `Cannot ${what}: ${base?.shortMessage ?? (error as Error).message}`, {
    cause: error,
    retryable: true,
    hint: "Check that the chain runs and the account holds enough for gas.",
  });
}
