/**
 * Channels on disk: SQLite in WAL mode with full synchronisation, one row a channel and side. `save` commits at once;
 * `note` is gathered and committed every `COMMIT_MS`, because a sync per tick would cost more than the data it pays for.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PayeeState, PayerState } from "@everseed/channel";
import { EverseedError, fromHex, toHex } from "@everseed/core";
import type { ChannelRecords, ChannelStore } from "@everseed/engine";

/** Ticks of this much time can be lost in a crash; the counterparty's copy restores them. */
export const COMMIT_MS = 150;
const SCHEMA_VERSION = 1;

type Side = "payer" | "payee";

/** Opens (or makes) the store in `dir`. Throws EverseedError `store-busy` or `store-damaged`. */
export function openChannelStore(dir: string): ChannelStore {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "channels.sqlite");
  const db = openDatabase(path);
  const upsert = db.prepare(
    "INSERT INTO channel (id, side, state) VALUES (?, ?, ?) ON CONFLICT (id, side) DO UPDATE SET state = excluded.state",
  );
  const upsertDebt = db.prepare(
    "INSERT INTO debt (payer, bytes) VALUES (?, ?) ON CONFLICT (payer) DO UPDATE SET bytes = excluded.bytes",
  );
  const noted = new Map<string, { id: string; side: Side; state: PayerState | PayeeState }>();
  const debts = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const commit = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (closed || (noted.size === 0 && debts.size === 0)) return;
    db.exec("BEGIN IMMEDIATE");
    for (const { id, side, state } of noted.values()) upsert.run(id, side, encode(state));
    for (const [payer, bytes] of debts) upsertDebt.run(payer, bytes);
    db.exec("COMMIT");
    noted.clear();
    debts.clear();
  };
  const later = (): void => {
    timer ??= setTimeout(commit, COMMIT_MS);
  };
  const note = (id: string, side: Side, state: PayerState | PayeeState): void => {
    noted.set(`${side}:${id}`, { id, side, state });
    later();
  };
  const save = async (id: string, side: Side, state: PayerState | PayeeState): Promise<void> => {
    noted.set(`${side}:${id}`, { id, side, state });
    commit();
  };
  return {
    async load(): Promise<ChannelRecords> {
      const rows = db.prepare("SELECT id, side, state FROM channel").all() as {
        id: string;
        side: Side;
        state: string;
      }[];
      const states = (side: Side): [string, unknown][] =>
        rows.filter((row) => row.side === side).map((row) => [row.id, decode(row.state, path)]);
      const owed = db.prepare("SELECT payer, bytes FROM debt").all() as { payer: string; bytes: number }[];
      return {
        payers: new Map(states("payer") as [string, PayerState][]),
        payees: new Map(states("payee") as [string, PayeeState][]),
        debts: new Map(owed.map(({ payer, bytes }) => [payer, bytes])),
      };
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
    },
    async close() {
      commit();
      closed = true;
      db.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path);
    db.exec("PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    const check = db.prepare("PRAGMA quick_check").get() as { quick_check: string };
    if (check.quick_check !== "ok") throw new Error(check.quick_check);
    db.exec(`CREATE TABLE IF NOT EXISTS channel (id TEXT NOT NULL, side TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (id, side)) STRICT;
      CREATE TABLE IF NOT EXISTS debt (payer TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
      PRAGMA user_version = ${SCHEMA_VERSION};`);
    return db;
  } catch (cause) {
    throw new EverseedError("store-damaged", `Cannot open the channel store ${path}: ${(cause as Error).message}`, {
      cause,
      hint: "Move the file away: the counterparties' copies restore what they owe you at the next contact.",
    });
  }
}

function encode(state: PayerState | PayeeState): string {
  return JSON.stringify(state, (_key, value: unknown) => {
    if (typeof value === "bigint") return { $n: value.toString() };
    if (value instanceof Uint8Array) return { $b: toHex(value) };
    return value;
  });
}

function decode(text: string, path: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== "object" || value === null) return value;
      if ("$n" in value) return BigInt(value.$n as string);
      if ("$b" in value) return fromHex(value.$b as string);
      return value;
    });
  } catch (cause) {
    throw new EverseedError("store-damaged", `Cannot read a channel in ${path}: it is not what was written`, { cause });
  }
}
