/**
 * The contract's events in order, from a block on. Asks for ranges of blocks, so that it needs no filter on the node and
 * goes on where it was when the chain comes back. Each event is delivered once, unless the chain rewrites its history.
 */
import { type Address, type EverseedError, fromHex } from "@everseed/core";
import type { ContractEventName, GetContractEventsReturnType, PublicClient } from "viem";
import { explain } from "./errors.ts";
import { everseedChannelsAbi } from "./generated/everseed-channels.ts";

export interface ChannelsEvent {
  readonly name: ContractEventName<typeof everseedChannelsAbi>;
  /** 32 bytes; absent where the event is not of a channel. */
  readonly channelId: Uint8Array | undefined;
  /** The event's own values by name. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly transactionHash: `0x${string}`;
}

export interface WatchEventsInit {
  readonly onEvents: (events: readonly ChannelsEvent[]) => void;
  /** First block. @default the next one */
  readonly fromBlock?: bigint;
  /** Called with each failure; watching goes on. */
  readonly onError?: (error: EverseedError) => void;
  /** @default 1_000 */
  readonly pollMs?: number;
  readonly signal: AbortSignal;
}

/** Blocks asked for at once; public nodes refuse more. */
const MAX_RANGE = 2_000n;
const POLL_MS = 1_000;

/** Resolves once `signal` is aborted. */
export async function watchEvents(reader: PublicClient, address: Address, init: WatchEventsInit): Promise<void> {
  const { signal, onEvents, onError, pollMs = POLL_MS } = init;
  let from = init.fromBlock;
  while (!signal.aborted) {
    try {
      const latest = await reader.getBlockNumber({ cacheTime: 0 });
      from ??= latest + 1n;
      while (from <= latest && !signal.aborted) {
        const last: bigint = from + MAX_RANGE - 1n < latest ? from + MAX_RANGE - 1n : latest;
        const logs = await reader.getContractEvents({
          address,
          abi: everseedChannelsAbi,
          fromBlock: from,
          toBlock: last,
          strict: true,
        });
        if (signal.aborted) return;
        from = last + 1n;
        if (logs.length > 0) onEvents(logs.map(eventOf));
      }
    } catch (error) {
      if (!signal.aborted) onError?.(explain("read the contract's events", error));
    }
    await untilNextPoll(pollMs, signal);
  }
}

type Log = GetContractEventsReturnType<typeof everseedChannelsAbi, undefined, true>[number];

function eventOf(log: Log): ChannelsEvent {
  const args = (log.args ?? {}) as Readonly<Record<string, unknown>>;
  const id = typeof args.channelId === "string" ? fromHex(args.channelId) : undefined;
  return {
    name: log.eventName as ChannelsEvent["name"],
    channelId: id,
    args,
    blockNumber: log.blockNumber,
    logIndex: log.logIndex,
    transactionHash: log.transactionHash,
  };
}

function untilNextPoll(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
