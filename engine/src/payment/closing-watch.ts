/**
 * A payer may begin to close its channel at any time, and when the window is over it takes back what was not claimed. So the payee looks at
 * the channels that owe it something four times in a window, whether they are in use or not, and claims where one is closing. The
 * first look is at the start: it may have been away.
 */
import { type PayeeState, payable } from "@everseed/channel";
import { type Address, type Clock, EverseedError } from "@everseed/core";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";
import { lookEveryMs } from "./seller-types.ts";

const SHORTEST_MS = 1_000;
/** After a look at which the chain did not answer, or a claim that failed. */
const AGAIN_MS = 30_000;

export type ClosingEvent =
  /** Base units, claimed by us because `payer` closes. */
  | { readonly type: "claimed"; readonly payer: Address; readonly channelId: string; readonly amount: bigint }
  | {
      readonly type: "claim-failed";
      readonly payer: Address;
      readonly channelId: string;
      readonly error: EverseedError;
    };

export interface ClosingWatchInit {
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly clock: Clock;
  /** Seconds: no channel to us is accepted with less. */
  readonly minWindow: number;
  /** Claims what is owed. Resolves with the base units that it brought when the book knows of it. Rejects with EverseedError. */
  readonly claim: (id: string) => Promise<bigint>;
  readonly onEvent: (event: ClosingEvent) => void;
}

/** Returns what ends it. */
export function watchClosings({ book, chain, clock, minWindow, claim, onEvent }: ClosingWatchInit): () => void {
  let stopped = false;
  let cancel: (() => void) | undefined;
  /** Looks in a row that found no such channel. After two it is withdrawn, or closed by both; one may be a server that lags behind. */
  const missed = new Map<string, number>();

  const lookAt = async (id: string, state: PayeeState): Promise<boolean> => {
    const { terms } = state;
    try {
      const onChain = await chain.read(terms);
      const misses = onChain === undefined ? (missed.get(id) ?? 0) + 1 : 0;
      missed.set(id, misses);
      if (stopped || onChain?.closesAt === 0) return true;
      if (misses === 1) return false;
      // What it buys from here on nobody would pay for.
      book.closing.add(id);
      if (onChain === undefined) return true;
      onEvent({ type: "claimed", payer: terms.payer, channelId: id, amount: await claim(id) });
      return true;
    } catch (cause) {
      const error =
        cause instanceof EverseedError
          ? cause
          : new EverseedError("claim-failed", `Cannot claim from a closing channel: ${(cause as Error).message}`, {
              cause,
            });
      if (book.closing.has(id)) onEvent({ type: "claim-failed", payer: terms.payer, channelId: id, error });
      return false;
    }
  };

  const look = async (): Promise<void> => {
    let nextMs = lookEveryMs(minWindow);
    for (const [id, state] of [...book.payees]) {
      if (stopped) return;
      // While nothing is owed a payer may close as it likes; that it does is seen with its next voucher.
      if (state.voucher === undefined || payable(state) <= state.claimed || (missed.get(id) ?? 0) > 1) continue;
      if (!(await lookAt(id, state))) nextMs = Math.min(nextMs, AGAIN_MS);
    }
    if (!stopped) cancel = clock.after(Math.max(SHORTEST_MS, nextMs), () => void look());
  };

  void look();
  return () => {
    stopped = true;
    cancel?.();
  };
}
