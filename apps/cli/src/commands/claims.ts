/** What claiming on chain brought, for machines and for people: `wallet withdraw` and a seller that is told to settle. */
import { formatAmount } from "@everseed/core";
import type { ChainConfig, EverseedNode } from "@everseed/node";

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
