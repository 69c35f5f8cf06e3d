/**
 * Turns what a chain answers into EverseedError: every error of the contract has a code of its own, the rest tells a chain
 * that cannot be reached (try again) from a call that can never work.
 */
import { EverseedError } from "@everseed/core";
import {
  BaseError,
  ContractFunctionRevertedError,
  HttpRequestError,
  InsufficientFundsError,
  LimitExceededRpcError,
  parseAbi,
  RpcRequestError,
  TimeoutError,
  WebSocketRequestError,
} from "viem";
import { everseedChannelsAbi } from "./generated/everseed-channels.ts";

/** The contract's errors and those of the libraries in it, which the compiler does not list. */
export const channelsErrorsAbi = [
  ...everseedChannelsAbi.filter((item) => item.type === "error"),
  ...parseAbi([
    "error TransferFromFailed()",
    "error TransferFailed()",
    "error ETHTransferFailed()",
    "error Reentrancy()",
    "error InsufficientBalance()",
    "error InsufficientAllowance()",
    "error PermitExpired()",
    "error InvalidPermit()",
  ]),
];

interface Refusal {
  readonly code: string;
  readonly why: string;
  readonly hint?: string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ChannelExists: {
    code: "channel-exists",
    why: "a channel with these terms was opened before",
    hint: "Choose another nonce: a channel's terms never open twice.",
  },
  ChannelNotOpen: { code: "channel-not-open", why: "the channel was never opened, or is closed for good" },
  NotPayer: { code: "channel-not-payer", why: "only the payer of the channel may do this" },
  NotParty: { code: "channel-not-party", why: "only the payee or the signer of the channel may close it so" },
  BadLength: { code: "channel-bad-length", why: "the packed claim has a length that no claim has" },
  WrongValue: { code: "channel-wrong-value", why: "the ETH sent is not the amount" },
  DepositTooLarge: { code: "channel-deposit-too-large", why: "a deposit holds less than 2^96 base units" },
  NothingDeposited: { code: "channel-nothing-deposited", why: "nothing would be deposited" },
  OpenedTooLate: {
    code: "channel-opened-too-late",
    why: "its nonce says that it was to be opened earlier",
    hint: "Choose another nonce.",
  },
  TooManyLanes: { code: "channel-too-many-lanes", why: "a voucher has at most 8 lanes" },
  BadSignature: { code: "channel-bad-signature", why: "the signature is not the signer's" },
  BadProof: { code: "channel-bad-proof", why: "a preimage does not lead to its lane's root" },
  StillOpen: {
    code: "channel-still-open",
    why: "the window to claim is not over, or closing has already started or not yet",
    hint: "Start to close, then withdraw after the window.",
  },
  AboveDeposit: { code: "channel-above-deposit", why: "the amount is above the deposit" },
  BelowClaimed: { code: "channel-below-claimed", why: "more was claimed already" },
  NothingToCollect: { code: "channel-nothing-to-collect", why: "no refused ETH is kept for this address" },
  TransferFromFailed: {
    code: "token-transfer",
    why: "the token refuses to be taken from the payer",
    hint: "Check the payer's token balance and allowance.",
  },
  TransferFailed: { code: "token-payout", why: "the token refuses the payout; nothing changed" },
};

/** True where the same request may succeed a moment later: the chain is down, busy or slow. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  return (
    error.walk(
      (e) =>
        e instanceof HttpRequestError ||
        e instanceof TimeoutError ||
        e instanceof WebSocketRequestError ||
        e instanceof LimitExceededRpcError ||
        (e instanceof RpcRequestError && e.code === -32_005),
    ) !== null
  );
}

/** Says in one sentence why `what` (an infinitive: "open the channel") failed. */
export function explain(what: string, error: unknown): EverseedError {
  if (error instanceof EverseedError) return error;
  if (!(error instanceof BaseError)) {
    return new EverseedError("chain-failed", `Cannot ${what}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const reverted = error.walk((e) => e instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError) return refused(what, reverted, error);
  const poor = error.walk((e) => e instanceof InsufficientFundsError) !== null;
  if (poor || /insufficient funds/i.test(error.details)) {
    return new EverseedError("chain-funds", `Cannot ${what}: the account holds too little ETH`, {
      cause: error,
      hint: "Send ETH for gas to the wallet's address.",
    });
  }
  if (isTransient(error)) {
    return new EverseedError("chain-unreachable", `Cannot ${what}: ${error.shortMessage}`, {
      cause: error,
      retryable: true,
      hint: "Check that the chain runs and its address is right.",
    });
  }
  return new EverseedError("chain-failed", `Cannot ${what}: ${error.shortMessage}`, { cause: error });
}

function refused(what: string, reverted: ContractFunctionRevertedError, cause: unknown): EverseedError {
  const name = reverted.data?.errorName ?? reverted.reason ?? reverted.signature ?? "no reason";
  const args = (reverted.data?.args ?? []).map(String).join(", ");
  const known = Object.hasOwn(REFUSALS, name) ? REFUSALS[name] : undefined;
  if (known === undefined) {
    return new EverseedError("chain-refused", `Cannot ${what}: the contract answers ${name}(${args})`, { cause });
  }
  return new EverseedError(known.code, `Cannot ${what}: ${known.why}, received ${name}(${args})`, {
    cause,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
  });
}
