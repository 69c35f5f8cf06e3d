/**
 * All channels of this node in memory, in front of the store, and how far each counterparty is ahead or behind over all
 * its connections. Changes to one channel happen one after the other, so that several connections to the same peer never
 * sign past each other.
 *
 * Invariant: what is in memory is what was saved, or noted for the next group commit.
 */
import {
  accountCredit,
  advance,
  balanceBytes,
  deliver,
  joinAccount,
  leaveAccount,
  notePaid,
  noteRecovered,
  noteServed,
  type PayeeState,
  type PayerAccount,
  type PayerState,
  payerAccount,
  reclaim,
  starved,
} from "@everseed/channel";
import type { Address } from "@everseed/core";
import type { ChannelStore } from "./ports.ts";

/** One connection's place in what its payer may owe us. */
export interface Seat {
  /** Total served on this connection. Bytes. */
  served(totalBytes: number): void;
  paid(bytes: number): void;
  /** A voucher paid for ticks that never arrived. */
  recovered(bytes: number): void;
  /** Gives back what is held and not used when another connection of the same payer waits for it. */
  rest(): void;
  /** True when not one more unit may be served. */
  readonly starved: boolean;
  /** Served and not paid for by this payer, all connections together. Bytes. */
  readonly exposureBytes: number;
  /** The most that may be. Bytes. */
  readonly creditBytes: number;
  leave(): void;
}

interface Account {
  state: PayerAccount;
  readonly listeners: Map<number, (allowanceBytes: number) => void>;
}

/** What we know of one payee. Bytes; see `PayeeRecord`. */
export interface LiveRecord {
  paidBytes: number;
  deliveredBytes: number;
  lostBytes: number;
  connections: number;
}

export class ChannelBook {
  readonly #store: ChannelStore;
  readonly payers = new Map<string, PayerState>();
  readonly payees = new Map<string, PayeeState>();
  /** Served minus paid, by payer, as stored. */
  readonly #debts = new Map<string, number>();
  readonly #accounts = new Map<Address, Account>();
  readonly #records = new Map<Address, LiveRecord>();
  readonly #queues = new Map<string, Promise<unknown>>();
  /** Roots of lanes in use by live connections, by channel. */
  readonly #used = new Map<string, Set<string>>();
  /** Channels that a seller may have refused, as one closed by another process: the chain is asked before they are used again. */
  readonly doubted = new Set<string>();
  /** Channels to us that close or are closed: what is ticked on them is not served for. */
  readonly closing = new Set<string>();
  #nextSeat = 0;

  private constructor(store: ChannelStore) {
    this.#store = store;
  }

  static async open(store: ChannelStore): Promise<ChannelBook> {
    const book = new ChannelBook(store);
    const records = await store.load();
    for (const [id, state] of records.payers) book.payers.set(id, state);
    for (const [id, state] of records.payees) book.payees.set(id, state);
    for (const [payer, bytes] of records.debts) book.#debts.set(payer, bytes);
    return book;
  }

  /** Runs `task` after all earlier tasks of the same key. */
  exclusive<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    const settled = result.catch(() => undefined);
    this.#queues.set(key, settled);
    void settled.then(() => {
      if (this.#queues.get(key) === settled) this.#queues.delete(key);
    });
    return result;
  }

  /** Channels to a payee, latest first. */
  payerChannels(payee: Address, token: Address): [string, PayerState][] {
    return [...this.payers].filter(([, state]) => state.terms.payee === payee && state.terms.token === token).reverse();
  }

  /** The latest channel to a payee. */
  payerChannel(payee: Address, token: Address): [string, PayerState] | undefined {
    return this.payerChannels(payee, token)[0];
  }

  /** Channels of a payer, latest first. */
  payeeChannels(payer: Address, token: Address): PayeeState[] {
    return [...this.payees.values()].filter(({ terms }) => terms.payer === payer && terms.token === token).reverse();
  }

  /** Makes the payer's state durable; only then may what it signed be sent. Rejects when the store fails. */
  async savePayer(id: string, state: PayerState): Promise<void> {
    this.#setPayer(id, state);
    await this.#store.savePayer(id, state);
  }

  /** Steps of a lane are revealed. */
  tickPayer(id: string, root: Uint8Array, steps: number): void {
    this.#note(id, advance(this.payer(id), root, steps));
  }

  deliverPayer(id: string, bytes: number): void {
    this.#note(id, deliver(this.payer(id), bytes));
  }

  payer(id: string): PayerState {
    return this.payers.get(id) as PayerState;
  }

  #note(id: string, state: PayerState): void {
    this.#setPayer(id, state);
    this.#store.notePayer(id, state);
  }

  #setPayer(id: string, state: PayerState): void {
    const before = this.payers.get(id);
    this.payers.set(id, state);
    const record = this.#records.get(state.terms.payee);
    if (record === undefined) return;
    record.paidBytes += state.paidBytes - (before?.paidBytes ?? 0);
    record.deliveredBytes += state.deliveredBytes - (before?.deliveredBytes ?? 0);
  }

  /** Totals over all channels to this payee, kept up to date. */
  record(payee: Address): LiveRecord {
    let record = this.#records.get(payee);
    if (record === undefined) {
      const states = [...this.payers.values()].filter(({ terms }) => terms.payee === payee);
      record = {
        paidBytes: states.reduce((sum, state) => sum + state.paidBytes, 0),
        deliveredBytes: states.reduce((sum, state) => sum + state.deliveredBytes, 0),
        lostBytes: 0,
        connections: 0,
      };
      this.#records.set(payee, record);
    }
    return record;
  }

  /** A connection to the payee is gone. Of one that was never dealt with nothing is kept. */
  leaveRecord(payee: Address): void {
    const record = this.record(payee);
    record.connections = Math.max(0, record.connections - 1);
    const { connections, paidBytes, deliveredBytes, lostBytes } = record;
    if (connections + paidBytes + deliveredBytes === 0 && lostBytes === 0) this.#records.delete(payee);
  }

  /** Makes the payee's state durable; only then may its voucher be served. Rejects when the store fails. */
  async savePayee(id: string, state: PayeeState): Promise<void> {
    this.payees.set(id, state);
    await this.#store.savePayee(id, state);
  }

  notePayee(id: string, state: PayeeState): void {
    this.payees.set(id, state);
    this.#store.notePayee(id, state);
  }

  /** What the payer was sent and has not paid for, all connections together. Bytes; negative is its advance. */
  debt(payer: Address): number {
    const account = this.#accounts.get(payer);
    return account === undefined ? (this.#debts.get(payer) ?? 0) : balanceBytes(account.state);
  }

  /** Seats a connection that has an accepted lane; `onAllowance` is told what may be served on it in all. */
  join(
    payer: Address,
    seat: { readonly unitBytes: number; readonly capBytes: number },
    onAllowance: (bytes: number) => void,
  ): Seat {
    const id = this.#nextSeat++;
    const account = this.#account(payer);
    account.listeners.set(id, onAllowance);
    const change = (state: PayerAccount): void => this.#change(payer, account, state);
    change(joinAccount(account.state, { id, ...seat }));
    return {
      served: (total) => this.#set(payer, account, noteServed(account.state, id, total)),
      paid: (bytes) => change(notePaid(account.state, id, bytes)),
      recovered: (bytes) => change(noteRecovered(account.state, bytes)),
      rest: () => {
        const waiting = account.state.seats.some((other) => other.id !== id && starved(account.state, other.id));
        if (waiting) change(reclaim(account.state, id));
      },
      get starved() {
        return starved(account.state, id);
      },
      get exposureBytes() {
        return balanceBytes(account.state);
      },
      get creditBytes() {
        return accountCredit(account.state);
      },
      leave: () => {
        account.listeners.delete(id);
        change(leaveAccount(account.state, id));
      },
    };
  }

  #account(payer: Address): Account {
    const known = this.#accounts.get(payer);
    if (known !== undefined) return known;
    const history = [...this.payees.values()].reduce(
      (sum, { terms, paidBytes }) => (terms.payer === payer ? sum + paidBytes : sum),
      0,
    );
    const account: Account = { state: payerAccount(this.#debts.get(payer) ?? 0, history), listeners: new Map() };
    this.#accounts.set(payer, account);
    return account;
  }

  #set(payer: Address, account: Account, state: PayerAccount): void {
    account.state = state;
    const balance = balanceBytes(state);
    if (balance === this.#debts.get(payer)) return;
    this.#debts.set(payer, balance);
    this.#store.noteDebt(payer, balance);
  }

  /** What was paid, or taken back, may allow more. What was served never does. */
  #change(payer: Address, account: Account, state: PayerAccount): void {
    const before = account.state;
    this.#set(payer, account, state);
    // Telling a connection makes it serve, which comes back here: work from the list as it was.
    for (const seat of state.seats) {
      const old = before.seats.find(({ id }) => id === seat.id);
      if (old?.allowanceBytes !== seat.allowanceBytes) account.listeners.get(seat.id)?.(seat.allowanceBytes);
    }
  }

  lanesInUse(id: string): ReadonlySet<string> {
    return this.#used.get(id) ?? new Set();
  }

  useLane(id: string, root: string): void {
    const used = this.#used.get(id) ?? new Set();
    this.#used.set(id, used.add(root));
  }

  releaseLane(id: string, root: string): void {
    this.#used.get(id)?.delete(root);
  }

  flush(): Promise<void> {
    return this.#store.flush();
  }
}
