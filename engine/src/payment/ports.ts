/** What payments need from outside: a durable store and a chain. Shells implement them; the simulator and tests too. */
import type { ChannelTerms, PayeeState, PayerState } from "@everseed/channel";

export interface ChannelRecords {
  /** By channel id, in hex. */
  readonly payers: ReadonlyMap<string, PayerState>;
  readonly payees: ReadonlyMap<string, PayeeState>;
  /** Bytes served and not paid for, by payer address; negative is an advance of the payer. */
  readonly debts: ReadonlyMap<string, number>;
}

/**
 * Keeps channels. A `save` is durable when it resolves, together with all earlier notes; a `note` is durable after the
 * next group commit, and what it held is restored from the counterparty's copy when a crash comes first. What is written
 * together is there together after a crash, or not at all. A store that cannot write rejects every later `save`.
 */
export interface ChannelStore {
  load(): Promise<ChannelRecords>;
  savePayer(id: string, state: PayerState): Promise<void>;
  savePayee(id: string, state: PayeeState): Promise<void>;
  notePayer(id: string, state: PayerState): void;
  notePayee(id: string, state: PayeeState): void;
  noteDebt(payer: string, bytes: number): void;
  /** Commits all notes. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface ChainChannel {
  /** Base units. */
  readonly deposit: bigint;
  readonly claimed: bigint;
  /** Unix seconds; 0 as long as nobody closes. */
  readonly closesAt: number;
}

export interface ChannelChain {
  /** Opens a channel and resolves when it is on chain. Rejects with EverseedError. */
  open(terms: ChannelTerms, deposit: bigint): Promise<void>;
  /** As it was at most `maxAgeMs` ago (@default 0: as it is now); `undefined` when there is no such channel, or no longer. */
  read(terms: ChannelTerms, maxAgeMs?: number): Promise<ChainChannel | undefined>;
  /** Unix seconds of the newest block. */
  time(): Promise<number>;
}
