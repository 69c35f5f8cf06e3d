/** What claiming on chain brought, for machines and for people: `wallet withdraw`, a seller that is told to settle, a payer that closes. */
import { formatAmount } from "@everseed/core";
import type { ClosingEvent } from "@everseed/engine";
import type { ChainConfig, EverseedNode } from "@everseed/node";
import type { Output } from "../output.ts";

type Claims = Awaited<ReturnType<EverseedNode["payments"]["claimAll"]>>;

export const claimsOf = (claims: Claims) => claims.map(({ terms, ...rest }) => ({ payer: terms.payer, ...rest }));

/** The sum, then a line for each claim that failed. */
export function claimLines(claims: Claims, { token: { decimals, symbol } }: ChainConfig): string[] {
  const total = claims.reduce((sum, { amount }) => sum + amount, 0n);
  return [
    `claimed ${formatAmount(total, decimals)} ${symbol} from ${claims.length} channel(s)`,
    ...claims.flatMap(({ terms, error }) => (error === undefined ? [] : [`${terms.payer}: ${error}`])),
  ];
}

/** Tells of payers that close their channels to us. */
export function tellClosing(
  output: Output,
  { token: { decimals, symbol } }: ChainConfig,
): (event: ClosingEvent) => void {
  return (event) => {
    if (event.type === "claimed") {
      const { payer, channelId, amount } = event;
      const line = `${payer} closes its channel: claimed ${formatAmount(amount, decimals)} ${symbol}`;
      output.event({ type: "closing", payer, channelId, amount }, line);
    } else output.line(`${event.payer} closes its channel: ${event.error.message} [${event.error.code}]`);
  };
}
