/**
 * A chain whose answers are kept for as long as who asks can do with: each takes a tenth of a second over the internet, and between the
 * handshake and the first byte buyer and seller would wait for two of them. One for all connections of a node.
 *
 * What is not there is asked for each time: it may be on its way, and strangers could name as many such channels as they like.
 */
import { type ChannelDomain, type ChannelTerms, channelId } from "@everseed/channel";
import { type Clock, toHex } from "@everseed/core";
import type { ChainChannel, ChannelChain } from "./ports.ts";

const MAX_KEPT = 4_096;

interface Asked {
  readonly atMs: number;
  readonly answer: Promise<ChainChannel | undefined>;
}

export function rememberingChain(
  chain: ChannelChain,
  { domain, clock }: { readonly domain: ChannelDomain; readonly clock: Pick<Clock, "now"> },
): ChannelChain {
  /** Oldest first. */
  const kept = new Map<string, { readonly atMs: number; readonly channel: ChainChannel }>();
  const underWay = new Map<string, Asked>();

  const ask = async (id: string, terms: ChannelTerms, atMs: number): Promise<ChainChannel | undefined> => {
    const channel = await chain.read(terms);
    // An answer may be overtaken by one to a later question.
    if ((kept.get(id)?.atMs ?? 0) > atMs) return channel;
    kept.delete(id);
    if (channel === undefined) return undefined;
    kept.set(id, { atMs, channel });
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value as string);
    return channel;
  };

  return {
    open: (terms, deposit) => chain.open(terms, deposit),
    time: () => chain.time(),
    async read(terms, maxAgeMs = 0) {
      const id = toHex(channelId(terms, domain));
      const now = clock.now();
      const fresh = (known: { readonly atMs: number } | undefined): boolean =>
        maxAgeMs > 0 && known !== undefined && now - known.atMs <= maxAgeMs;
      const known = kept.get(id);
      if (fresh(known)) return known?.channel;
      const before = underWay.get(id);
      if (fresh(before)) return before?.answer;
      const asked: Asked = { atMs: now, answer: ask(id, terms, now) };
      underWay.set(id, asked);
      return asked.answer.finally(() => {
        if (underWay.get(id) === asked) underWay.delete(id);
      });
    },
  };
}
