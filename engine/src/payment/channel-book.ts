/**
 * All channels of this node in memory, in front of the store. Changes to one channel happen one after the other, so that
 * several connections to the same peer never sign past each other.
 */
import type { PayeeState, PayerState } from "@everseed/channel";
import type { Address } from "@everseed/core";
import type { ChannelStore } from "./ports.ts";

export class ChannelBook {
  readonly #store: ChannelStore;
  readonly payers = new Map<string, PayerState>();
  readonly payees = new Map<string, PayeeState>();
  readonly #debts = new Map<string, number>();
  readonly #queues = new Map<string, Promise<unknown>>();
  /** Roots of lanes in use by live connections, by channel. */
  readonly #used = new Map<string, Set<string>>();

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

  payerChannel(payee: Address, token: Address): [string, PayerState] | undefined {
    return [...this.payers].find(([, state]) => state.terms.payee === payee && state.terms.token === token);
  }

  payeeChannels(payer: Address, token: Address): PayeeState[] {
    return [...this.payees.values()].filter(({ terms }) => terms.payer === payer && terms.token === token);
  }

  /** Makes the payer's state durable; only then may what it signed be sent. */
  async savePayer(id: string, state: PayerState): Promise<void> {
    this.payers.set(id, state);
    await this.#store.savePayer(id, state);
  }

  notePayer(id: string, state: PayerState): void {
    this.payers.set(id, state);
    this.#store.notePayer(id, state);
  }

  /** Makes the payee's state durable; only then may its voucher be served. */
  async savePayee(id: string, state: PayeeState): Promise<void> {
    this.payees.set(id, state);
    await this.#store.savePayee(id, state);
  }

  notePayee(id: string, state: PayeeState): void {
    this.payees.set(id, state);
    this.#store.notePayee(id, state);
  }

  debt(payer: Address): number {
    return this.#debts.get(payer) ?? 0;
  }

  setDebt(payer: Address, bytes: number): void {
    this.#debts.set(payer, bytes);
    this.#store.noteDebt(payer, bytes);
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
