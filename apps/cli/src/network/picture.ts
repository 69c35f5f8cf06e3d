/** What `npm start` draws while the download runs. */
import { formatAmount } from "@everseed/core";
import { formatBar, formatBytes, formatLeft, formatPercent, formatRate } from "../format.ts";

export interface SellerView {
  readonly name: string;
  readonly address: string;
  readonly bytes: number;
  readonly ticks: number;
  readonly signatures: number;
  /** Base units. */
  readonly paid: bigint;
}

export interface NetworkView {
  readonly file: string;
  readonly totalBytes: number;
  readonly doneBytes: number;
  readonly bytesPerSecond: number;
  readonly sellers: readonly SellerView[];
  readonly symbol: string;
  readonly decimals: number;
  readonly budget: bigint;
}

export function drawNetwork(view: NetworkView): string {
  const fraction = view.totalBytes > 0 ? view.doneBytes / view.totalBytes : 0;
  const money = (amount: bigint): string => `${formatAmount(amount, view.decimals)} ${view.symbol}`;
  const paid = view.sellers.reduce((sum, seller) => sum + seller.paid, 0n);
  const rows = view.sellers.map(
    (s) =>
      `  ${s.name}  ${s.address.slice(0, 10)}  ${formatBytes(s.bytes).padStart(10)}  ${String(s.ticks).padStart(6)} ticks  ${String(s.signatures).padStart(3)} signatures  ${money(s.paid).padStart(15)}`,
  );
  return [
    `  ${view.file}`,
    `  ${formatBar(fraction, 40)} ${formatPercent(fraction)}  ${formatBytes(view.doneBytes)} of ${formatBytes(view.totalBytes)}  ${formatRate(view.bytesPerSecond)}  ${formatLeft(view.doneBytes, view.totalBytes, view.bytesPerSecond)} left`,
    ...rows,
    `  paid ${money(paid)} of a budget of ${money(view.budget)}`,
  ].join("\n");
}
