/**
 * Channels on disk: SQLite in WAL mode, one row a channel and side. `save` commits at once; `note` is gathered and
 * committed every `COMMIT_MS`, because a sync per tick would cost more than the data it pays for. SQLite leaves the sync of
 * the log to us (`synchronous = NORMAL`), and `save` resolves after one on the thread pool: its own would hold up the whole
 * node for as long as the disk takes. Saves that come meanwhile share the next.
 *
 * Invariants: one process at a time (two would sign past each other); every row carries a digest of itself, checked when
 * it is loaded; after a write has failed every `save` rejects until one works again, and after a failed sync for good, so
 * that nothing is signed or served on what is not on disk.
 */

import { createHash } from "node:crypto";
import { chmodSync, closeSync, existsSync, fdatasync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PayeeState, PayerState } from "@everseed/channel";
import { EverseedError, equalBytes, fromHex, toHex } from "@everseed/core";
import type { ChannelRecords, ChannelStore } from "@everseed/engine";

/** Ticks of this much time can be lost in a crash; the counterparty's copy restores them. */
export const COMMIT_MS = 250;
const SCHEMA_VERSION = 2;
const BUSY_MS = 2_000;

type Side = "payer" | "payee";
type State = PayerState | PayeeState;

interface Row {
  readonly id: string;
  readonly side: Side;
  readonly state: string;
  readonly digest: Uint8Array;
}

/** Opens (or makes) the store in `dir`. Throws EverseedError `store-busy`, `store-version` or `store-damaged`. */
export function openChannelStore(dir: string): ChannelStore {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "channels.sqlite");
  const lock = takeLock(dir, path);
  let db: DatabaseSync;
  try {
    db = openDatabase(path);
  } catch (error) {
    lock.close();
    throw error;
  }
  const upsert = db.prepare(
    `INSERT INTO channel (id, side, state, digest) VALUES (?, ?, ?, ?)
     ON CONFLICT (id, side) DO UPDATE SET state = excluded.state, digest = excluded.digest`,
  );
  const upsertDebt = db.prepare(
    "INSERT INTO debt (payer, bytes) VALUES (?, ?) ON CONFLICT (payer) DO UPDATE SET bytes = excluded.bytes",
  );
  const noted = new Map<string, { id: string; side: Side; state: State }>();
  const debts = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const log = openLog(dir, path);

  const commit = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (closed) throw new EverseedError("store-failed", "Cannot save a channel: the store is closed");
    if (noted.size === 0 && debts.size === 0) return;
    log.written();
    try {
      db.exec("BEGIN IMMEDIATE");
      for (const { id, side, state } of noted.values()) {
        const text = encode(state);
        upsert.run(id, side, text, digestOf(id, side, text));
      }
      for (const [payer, bytes] of debts) upsertDebt.run(payer, bytes);
      db.exec("COMMIT");
    } catch (cause) {
      // What could not be written stays noted: the next commit tries it again.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw new EverseedError("store-failed", `Cannot save a channel in ${path}: ${(cause as Error).message}`, {
        cause,
        retryable: true,
        hint: "Check that the disk has room and can be written.",
      });
    }
    noted.clear();
    debts.clear();
  };
  const later = (): void => {
    if (closed) return;
    timer ??= setTimeout(() => {
      try {
        commit();
        // A failure is remembered: the next `save` says so to whoever wants to go on.
        log.synced().catch(() => undefined);
      } catch {
        // Not lost yet: this is tried again.
        later();
      }
    }, COMMIT_MS);
  };
  const note = (id: string, side: Side, state: State): void => {
    noted.set(`${side}:${id}`, { id, side, state });
    later();
  };
  const save = async (id: string, side: Side, state: State): Promise<void> => {
    noted.set(`${side}:${id}`, { id, side, state });
    try {
      commit();
    } catch (error) {
      later();
      throw error;
    }
    await log.synced();
  };
  return {
    async load(): Promise<ChannelRecords> {
      return loadRecords(db, path);
    },
    savePayer: (id, state) => save(id, "payer", state),
    savePayee: (id, state) => save(id, "payee", state),
    notePayer: (id, state) => note(id, "payer", state),
    notePayee: (id, state) => note(id, "payee", state),
    noteDebt(payer, bytes) {
      debts.set(payer, bytes);
      later();
    },
    async flush() {
      commit();
      await log.synced();
    },
    async close() {
      if (closed) return;
      try {
        commit();
        await log.synced();
      } finally {
        clearTimeout(timer);
        closed = true;
        log.close();
        db.close();
        lock.close();
      }
    },
  };
}

interface Log {
  /** Something was, or is about to be, written that is not synced. */
  written(): void;
  /** Resolves when all that was written before the call is on disk. Rejects with `store-failed`, and always from then on. */
  synced(): Promise<void>;
  close(): void;
}

function openLog(dir: string, path: string): Log {
  const file = openSync(`${path}-wal`, "r+");
  // The log's own name must survive a crash as well. Systems that cannot sync a folder need it not.
  try {
    const folder = openSync(dir, "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch {}
  let writes = 0;
  let durable = 0;
  let running: Promise<void> | undefined;
  let broken: EverseedError | undefined;

  const sync = (): Promise<void> => {
    const target = writes;
    return new Promise((resolve, reject) => {
      fdatasync(file, (cause) => {
        running = undefined;
        if (cause === null) {
          durable = target;
          return resolve();
        }
        // What the system could not write it may have forgotten: to sync again would only seem to work.
        broken = new EverseedError("store-failed", `Cannot save a channel in ${path}: ${cause.message}`, {
          cause,
          hint: "Check the disk and start again: the counterparties' copies restore what is missing.",
        });
        reject(broken);
      });
    });
  };
  return {
    written: () => {
      writes++;
    },
    async synced() {
      const target = writes;
      while (durable < target) {
        if (broken !== undefined) throw broken;
        running ??= sync();
        await running;
      }
      if (broken !== undefined) throw broken;
    },
    close: () => closeSync(file),
  };
}

/** What is stored in `dir` now, without taking the store: for showing what a running node holds. */
export function readChannelStore(dir: string): ChannelRecords {
  const path = join(dir, "channels.sqlite");
  if (!existsSync(path)) return { payers: new Map(), payees: new Map(), debts: new Map() };
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    return loadRecords(db, path);
  } catch (cause) {
    throw cause instanceof EverseedError ? cause : damaged(path, (cause as Error).message, cause);
  } finally {
    db?.close();
  }
}

function loadRecords(db: DatabaseSync, path: string): ChannelRecords {
  const rows = db.prepare("SELECT id, side, state, digest FROM channel ORDER BY rowid").all() as unknown as Row[];
  const states = (side: Side): [string, State][] =>
    rows.filter((row) => row.side === side).map((row) => [row.id, decode(row, path)]);
  // Stores of before there were settlements name none.
  const payers = (states("payer") as [string, PayerState][]).map(
    ([id, state]) => [id, { ...state, settled: state.settled ?? [] }] as const,
  );
  const owed = db.prepare("SELECT payer, bytes FROM debt").all() as { payer: string; bytes: number }[];
  return {
    payers: new Map(payers),
    payees: new Map(states("payee") as [string, PayeeState][]),
    debts: new Map(owed.map(({ payer, bytes }) => [payer, bytes])),
  };
}

/** An exclusive transaction on a file of its own, held while the store is open: the system ends it with the process. */
function takeLock(dir: string, path: string): DatabaseSync {
  const lock = new DatabaseSync(join(dir, "channels.lock"), { timeout: BUSY_MS });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new EverseedError("store-busy", `Cannot open the channel store ${path}: another process uses it`, {
      cause,
      retryable: true,
      hint: "Stop the other node of this wallet, or give this one a wallet of its own.",
    });
  }
}

function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS });
    // The file holds what lanes are worth: for its owner alone.
    chmodSync(path, 0o600);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    const check = db.prepare("PRAGMA quick_check").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw new Error(check.quick_check);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new EverseedError(
        "store-version",
        `Cannot open the channel store ${path}: it has version ${version}, this program reads ${SCHEMA_VERSION}`,
        { hint: "Move the file away: the counterparties' copies restore the channels at the next contact." },
      );
    }
    db.exec(`CREATE TABLE IF NOT EXISTS channel (
        id TEXT NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (id, side)) STRICT;
      CREATE TABLE IF NOT EXISTS debt (payer TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
      PRAGMA user_version = ${SCHEMA_VERSION};`);
    db.exec("PRAGMA synchronous = NORMAL");
    return db;
  } catch (cause) {
    if (db?.isOpen === true) db.close();
    if (cause instanceof EverseedError) throw cause;
    throw damaged(path, (cause as Error).message, cause);
  }
}

function damaged(path: string, reason: string, cause?: unknown): EverseedError {
  return new EverseedError("store-damaged", `Cannot use the channel store ${path}: ${reason}`, {
    cause,
    hint: "Move the file away: the counterparties' copies restore the channels at the next contact.",
  });
}

function digestOf(id: string, side: Side, state: string): Uint8Array {
  return createHash("sha256").update(`${side}:${id}:`).update(state).digest();
}

function encode(state: State): string {
  return JSON.stringify(state, (_key, value: unknown) => {
    if (typeof value === "bigint") return { $n: value.toString() };
    if (value instanceof Uint8Array) return { $b: toHex(value) };
    return value;
  });
}

function decode(row: Row, path: string): State {
  if (!equalBytes(new Uint8Array(row.digest), digestOf(row.id, row.side, row.state))) {
    throw damaged(path, `channel ${row.id.slice(0, 16)} is not what was written`);
  }
  return JSON.parse(row.state, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$n" in value) return BigInt(value.$n as string);
    if ("$b" in value) return fromHex(value.$b as string);
    return value;
  }) as State;
}
