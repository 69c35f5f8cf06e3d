/**
 * Bans that grow. A first missed tick costs the slot alone, repeats cost a ban that doubles each time; data that fails
 * verification is counted the same way against sellers. A record fades: each quiet period takes one offence away.
 *
 * Invariant: the book is bounded, and a flood of new names cannot push out a ban that lasts longer than theirs.
 */

const FIRST_BAN_MS = 60_000;
const MAX_BAN_MS = 24 * 3_600_000;
/** An offence is forgotten after so long without another. */
const FADE_MS = 3_600_000;
const MAX_OFFENCES = 16;

export interface BanRecord {
  readonly offences: number;
  readonly lastAt: number;
  /** Banned while `now` is below. Milliseconds. */
  readonly until: number;
}

/** The record after one more offence at `now`. The first one bans nobody: the peer is choked. */
export function offend(record: BanRecord | undefined, now: number): BanRecord {
  const before = record === undefined ? 0 : remaining(record, now);
  const offences = Math.min(MAX_OFFENCES, before + 1);
  const banMs = offences < 2 ? 0 : Math.min(MAX_BAN_MS, FIRST_BAN_MS * 2 ** (offences - 2));
  return { offences, lastAt: now, until: Math.max(record?.until ?? 0, now + banMs) };
}

function remaining({ offences, lastAt, until }: BanRecord, now: number): number {
  const quietMs = Math.max(0, now - Math.max(lastAt, until));
  return Math.max(0, offences - Math.floor(quietMs / FADE_MS));
}

export interface BanBook {
  /** Counts an offence against a name (an address, an address group); true when it is banned now. */
  offend(name: string, now: number): boolean;
  banned(name: string, now: number): boolean;
  readonly size: number;
}

export function createBanBook(capacity = 4_096): BanBook {
  const records = new Map<string, BanRecord>();
  /** Drops what has faded; then what ends first. */
  const makeRoom = (now: number): void => {
    let first: [string, BanRecord] | undefined;
    for (const entry of records) {
      if (remaining(entry[1], now) === 0 && entry[1].until <= now) records.delete(entry[0]);
      else if (first === undefined || entry[1].until < first[1].until) first = entry;
    }
    if (records.size >= capacity && first !== undefined) records.delete(first[0]);
  };
  return {
    offend(name, now) {
      if (!records.has(name) && records.size >= capacity) makeRoom(now);
      const record = offend(records.get(name), now);
      records.set(name, record);
      return record.until > now;
    },
    banned: (name, now) => (records.get(name)?.until ?? 0) > now,
    get size() {
      return records.size;
    },
  };
}
