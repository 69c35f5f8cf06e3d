/**
 * Sends transactions of one account. Nonces are given out one at a time while receipts are awaited side by side, so many
 * calls may run at once. Each transaction is signed once and only ever sent again as the same bytes: an answer that got lost
 * cannot make anything happen twice. Where the chain forgot it (a restart), it is sent again until the time is over.
 */
import { EverseedError } from "@everseed/core";
import {
  type Abi,
  type Address,
  BaseError,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  type PublicClient,
  RawContractError,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from "viem";
import { channelsErrorsAbi, explain, isTransient } from "./errors.ts";

export interface TransactionsInit {
  readonly reader: PublicClient;
  readonly account: LocalAccount;
  readonly chainId: number;
  /** A transaction that is not mined within this time is reported. @default 60_000 */
  readonly receiptTimeoutMs?: number;
}

interface CallOptions {
  readonly to: Address;
  /** Wei. @default 0n */
  readonly value?: bigint;
  /** @default what the chain estimates, and a quarter more */
  readonly gas?: bigint;
}

/** A function of a contract, or bytes. */
export type TransactionCall = CallOptions &
  ({ readonly abi: Abi; readonly functionName: string; readonly args: readonly unknown[] } | { readonly data: Hex });

export type Transactions = ReturnType<typeof createTransactions>;

const RECEIPT_TIMEOUT_MS = 60_000;
const RETRIES = 6;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 1_000;
/** Polls of a receipt between two sendings of the same bytes. */
const POLLS_BEFORE_RESEND = 8;
/** Room for what may change between the estimate and the block: a balance that becomes zero costs 17,100 more. */
const GAS_MARGIN = 25_000n;
const MAX_NONCE_TRIES = 8;

export function createTransactions({ reader, account, chainId, receiptTimeoutMs }: TransactionsInit) {
  let turn: Promise<unknown> = Promise.resolve();
  let inFlight = 0;
  let next = 0;

  /** Gas of a call, with room to spare. Throws the contract's error when the call would fail. */
  const estimate = async (call: TransactionCall): Promise<bigint> => {
    const common = { account: account.address, ...(call.value === undefined ? {} : { value: call.value }) };
    const gas = await retrying(() =>
      "data" in call
        ? reader.estimateGas({ to: call.to, data: call.data, ...common })
        : reader.estimateContractGas({
            address: call.to,
            abi: [...call.abi, ...channelsErrorsAbi],
            functionName: call.functionName,
            args: call.args,
            ...common,
          }),
    );
    return gas + gas / 4n + GAS_MARGIN;
  };

  /** Signs with the next nonce and sends. One at a time. */
  const submit = async (call: TransactionCall): Promise<{ hash: Hex; raw: Hex }> => {
    const gas = call.gas ?? (await estimate(call));
    const data = dataOf(call);
    for (let tried = 1; ; tried++) {
      const fees = await retrying(() => reader.estimateFeesPerGas());
      const known = await retrying(() => reader.getTransactionCount({ address: account.address, blockTag: "pending" }));
      // What is on its way may not be known to the node that answers; what is not, must not count (a chain restarted).
      const nonce = inFlight > 0 ? Math.max(known, next) : known;
      const raw = (await account.signTransaction({
        type: "eip1559",
        chainId,
        nonce,
        gas,
        to: call.to,
        data,
        value: call.value ?? 0n,
        maxFeePerGas: fees.maxFeePerGas,
        maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
      })) as Hex;
      const hash = keccak256(raw);
      const fate = await broadcast(hash, raw);
      if (fate === "sent") {
        next = nonce + 1;
        return { hash, raw };
      }
      // Another program uses this account: take a later nonce.
      next = nonce + 1;
      if (tried >= MAX_NONCE_TRIES)
        throw new EverseedError("chain-nonce", "Cannot send the transaction: another program uses this account", {
          retryable: true,
          hint: "Let one program at a time send from a wallet.",
        });
      await pause(FIRST_DELAY_MS);
    }
  };

  const broadcast = async (hash: Hex, raw: Hex): Promise<"sent" | "nonce-taken"> => {
    try {
      await retrying(() => reader.sendRawTransaction({ serializedTransaction: raw }));
      return "sent";
    } catch (error) {
      const text = error instanceof BaseError ? `${error.details} ${error.message}` : String(error);
      if (/already (known|imported|exists)/i.test(text)) return "sent";
      if (!/nonce|replacement|underpriced/i.test(text)) throw error;
      // The node may have it from an attempt whose answer was lost. Not knowing is no reason to sign another one.
      return (await isKnown(hash)) ? "sent" : "nonce-taken";
    }
  };

  const isKnown = (hash: Hex): Promise<boolean> =>
    retrying(() =>
      reader.getTransaction({ hash }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof TransactionNotFoundError) return false;
          throw error;
        },
      ),
    );

  const mined = async (hash: Hex, raw: Hex): Promise<TransactionReceipt> => {
    const timeoutMs = receiptTimeoutMs ?? RECEIPT_TIMEOUT_MS;
    const startedMs = Date.now();
    let delayMs = 10;
    for (let polls = 1; ; polls++) {
      try {
        return await reader.getTransactionReceipt({ hash });
      } catch (error) {
        if (!(error instanceof TransactionReceiptNotFoundError) && !isTransient(error)) throw error;
      }
      if (Date.now() - startedMs > timeoutMs) {
        throw new EverseedError("chain-timeout", `Cannot see transaction ${hash} mined within ${timeoutMs} ms`, {
          retryable: true,
          hint: "It may still be mined: look before sending it again.",
        });
      }
      if (polls % POLLS_BEFORE_RESEND === 0)
        await reader.sendRawTransaction({ serializedTransaction: raw }).catch(() => undefined);
      await pause(delayMs);
      delayMs = Math.min(delayMs * 1.5, MAX_DELAY_MS);
    }
  };

  /** Why a mined transaction was undone, by asking the same call again on the block before. */
  const autopsy = async (call: TransactionCall, receipt: TransactionReceipt): Promise<string> => {
    try {
      await reader.call({
        account: account.address,
        to: call.to,
        data: dataOf(call),
        value: call.value ?? 0n,
        blockNumber: receipt.blockNumber - 1n,
      });
    } catch (error) {
      const raw = error instanceof BaseError ? error.walk((e) => e instanceof RawContractError) : null;
      const data = raw instanceof RawContractError ? raw.data : undefined;
      const bytes = typeof data === "object" ? data.data : data;
      try {
        if (bytes !== undefined) return decodeErrorResult({ abi: channelsErrorsAbi, data: bytes }).errorName;
      } catch {
        return bytes ?? "no reason";
      }
    }
    return "no reason";
  };

  return {
    estimate: (what: string, call: TransactionCall): Promise<bigint> =>
      estimate(call).catch((error: unknown) => {
        throw explain(what, error);
      }),

    /** Resolves when the transaction is mined and did what it should. Throws EverseedError. */
    async send(what: string, call: TransactionCall): Promise<TransactionReceipt> {
      try {
        const sent = turn.then(async () => {
          const submitted = await submit(call);
          inFlight++;
          return submitted;
        });
        turn = sent.catch(() => undefined);
        const { hash, raw } = await sent;
        let receipt: TransactionReceipt;
        try {
          receipt = await mined(hash, raw);
        } finally {
          inFlight--;
        }
        if (receipt.status === "success") return receipt;
        const why = await autopsy(call, receipt);
        throw new EverseedError("chain-reverted", `Cannot ${what}: transaction ${hash} was undone: ${why}`);
      } catch (error) {
        throw explain(what, error);
      }
    },
  };
}

/** Repeats what fails because the chain is down, busy or slow. Only for what may safely happen twice. */
export async function retrying<T>(task: () => Promise<T>): Promise<T> {
  for (let tried = 1, delayMs = FIRST_DELAY_MS; ; tried++, delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
    try {
      return await task();
    } catch (error) {
      if (tried >= RETRIES || !isTransient(error)) throw error;
      await pause(delayMs);
    }
  }
}

function dataOf(call: TransactionCall): Hex {
  return "data" in call
    ? call.data
    : encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args });
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
