/**
 * Channels in memory, for browsers without storage, the simulator and tests. The disk outlives the store: a new store on
 * the same disk is a restart, and `failAfterWrite` is a crash at a chosen durable write.
 *
 * Invariant: the same promises as any `ChannelStore` (`channelStoreCompliance`): what `save` resolved for is on the disk.
 */
import type { PayeeState, PayerState } from "@everseed/channel";
import { type Clock, EverseedError } from "@everseed/core";
import type { ChannelRecords, ChannelStore } from "./ports.ts";

/** Group commit of notes. */
const COMMIT_MS = 150;

/** What survives a crash. */
export interface MemoryDisk {
  readonly payers: Map<string, PayerState>;
  readonly payees: Map<string, PayeeState>;
  readonly debts: Map<string, number>;
  /** Durable writes so far. */
  writes: number;
}

export function createMemoryDisk(): MemoryDisk {
  return { payers: new Map(), payees: new Map(), debts: new Map(), writes: 0 };
}

export interface MemoryStoreInit {
  readonly clock: Clock;
  readonly disk?: MemoryDisk;
  /** @default 150 */
  readonly commitMs?: number;
}

export interface MemoryChannelStore extends ChannelStore {
  /**
   * The process dies at the n-th durable write from now (1 is the next): after it is on the disk, or, with `lost`, before.
   * From then on nothing is written and no `save` ever settles. `onCrash` is called once.
   */
  failAfterWrite(n: number, onCrash?: () => void, lost?: boolean): void;
}

export function createMemoryChannelStore(init: MemoryStoreInit): MemoryChannelStore {
  const disk = init.disk ?? createMemoryDisk();
  const commitMs = init.commitMs ?? COMMIT_MS;
  let payers = new Map<string, PayerState>();
  let payees = new Map<string, PayeeState>();
  let debts = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let closed = false;
  let dead = false;
  let crash: { left: number; readonly onCrash: () => void; readonly lost: boolean } | undefined;

  /** False when the process died at this write. */
  const commit = (): boolean => {
    cancel?.();
    cancel = undefined;
    if (dead) return false;
    if (payers.size + payees.size + debts.size === 0) return true;
    const dies = crash !== undefined && --crash.left === 0;
    if (!dies || crash?.lost !== true) {
      for (const [id, state] of payers) disk.payers.set(id, state);
      for (const [id, state] of payees) disk.payees.set(id, state);
      for (const [payer, bytes] of debts) disk.debts.set(payer, bytes);
      disk.writes++;
    }
    payers = new Map();
    payees = new Map();
    debts = new Map();
    if (dies) {
      dead = true;
      crash?.onCrash();
    }
    return !dies;
  };
  const later = (): void => {
    if (!closed) cancel ??= init.clock.after(commitMs, commit);
  };
  const save = (): Promise<void> => {
    if (closed) return Promise.reject(new EverseedError("store-failed", "Cannot save a channel: the store is closed"));
    return commit() ? Promise.resolve() : new Promise(() => undefined);
  };

  return {
    async load(): Promise<ChannelRecords> {
      return { payers: new Map(disk.payers), payees: new Map(disk.payees), debts: new Map(disk.debts) };
    },
    savePayer(id, state) {
      payers.set(id, state);
      return save();
    },
    savePayee(id, state) {
      payees.set(id, state);
      return save();
    },
    notePayer(id, state) {
      payers.set(id, state);
      later();
    },
    notePayee(id, state) {
      payees.set(id, state);
      later();
    },
    noteDebt(payer, bytes) {
      debts.set(payer, bytes);
      later();
    },
    flush: save,
    async close() {
      if (closed) return;
      commit();
      closed = true;
    },
    failAfterWrite(n, onCrash = () => undefined, lost = false) {
      crash = { left: n, onCrash, lost };
    },
  };
}
