/** Opens a channel so that no crash loses sight of a deposit: the intent is stored before the transaction is sent. */
import { type ChannelDomain, type ChannelTerms, channelId, newPayerState, nonceUntil } from "@everseed/channel";
import { type Address, type EverseedError, type RandomBytes, type Signer, toHex } from "@everseed/core";
import type { ChannelBook } from "./channel-book.ts";
import type { ChannelChain } from "./ports.ts";

/** A day: what a payee has to notice a stale close. */
const DEFAULT_WINDOW_SECONDS = 86_400;
/** An hour for the transaction to be mined; whoever closes later gets back what the channel's storage cost. */
const OPENABLE_SECONDS = 3_600;

export interface ChannelOpening {
  readonly book: ChannelBook;
  readonly chain: ChannelChain;
  readonly domain: ChannelDomain;
  readonly signer: Signer;
  readonly random: RandomBytes;
  readonly terms: { readonly token: Address; readonly deposit: bigint; readonly window?: number };
}

/**
 * Resolves with the channel's id (hex) and deposit (base units) when it is on chain. `intended` goes on with an opening that
 * was begun earlier. Rejects with EverseedError of the chain or the store.
 */
export async function openChannel(
  opening: ChannelOpening,
  payee: Address,
  intended?: ChannelTerms,
): Promise<{ readonly id: string; readonly deposit: bigint }> {
  const { book, chain, domain, signer, random, terms } = opening;
  const fresh: ChannelTerms = intended ?? {
    payer: signer.address,
    payee,
    signer: signer.address,
    token: terms.token,
    window: terms.window ?? DEFAULT_WINDOW_SECONDS,
    nonce: nonceUntil((await chain.time()) + OPENABLE_SECONDS, random),
  };
  const id = toHex(channelId(fresh, domain));
  if (intended === undefined) await book.savePayer(id, newPayerState(fresh, 0n));
  try {
    await chain.open(fresh, terms.deposit);
  } catch (error) {
    // It may have been mined although the answer was lost.
    if ((await chain.read(fresh)) === undefined) {
      const tooLate = intended !== undefined && (error as Partial<EverseedError>).code === "channel-opened-too-late";
      if (tooLate) return openChannel(opening, payee);
      throw error;
    }
  }
  const deposit = (await chain.read(fresh))?.deposit ?? terms.deposit;
  await book.savePayer(id, { ...book.payer(id), deposit });
  return { id, deposit };
}
