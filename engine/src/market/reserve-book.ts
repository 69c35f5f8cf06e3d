/** The reserve of one torrent as the market keeps it: its state, and whom it asked for proofs. */
import type { Address } from "@everseed/core";
import type { Price } from "@everseed/market";
import {
  type HeldElsewhere,
  NO_PROOFS,
  provedElsewhere,
  type ReserveRule,
  type ReserveState,
  reserveNow,
} from "./reserve-keeper.ts";

/** One peer is asked so often; a proof counts for a day. */
const ASK_EVERY_MS = 3_600_000;
const MAX_ASKED = 1_024;

export class ReserveBook {
  readonly #rule: ReserveRule | undefined;
  readonly #askedAt = new Map<Address, number>();
  #state: ReserveState = NO_PROOFS;

  /** Without a rule nothing is sold. */
  constructor(rule: ReserveRule | undefined) {
    this.#rule = rule;
  }

  get sells(): boolean {
    return this.#rule !== undefined;
  }

  /** Micro base units per MiB. `now` in Unix seconds. */
  price(now: number): Price {
    return this.#rule === undefined ? (0n as Price) : reserveNow(this.#rule, this.#state, now);
  }

  completed(now: number): void {
    this.#state = { ...this.#state, completedAt: this.#state.completedAt ?? now };
  }

  mayAsk(address: Address, now: number): boolean {
    return now - (this.#askedAt.get(address) ?? Number.NEGATIVE_INFINITY) >= ASK_EVERY_MS;
  }

  asked(address: Address, now: number): void {
    this.#askedAt.delete(address);
    this.#askedAt.set(address, now);
    const [oldest] = this.#askedAt.keys();
    if (this.#askedAt.size > MAX_ASKED && oldest !== undefined) this.#askedAt.delete(oldest);
  }

  proved(proof: HeldElsewhere): void {
    this.#state = provedElsewhere(this.#state, proof);
  }
}
