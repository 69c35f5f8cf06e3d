/** Counts faults by address and bans after repeats, longer each time. Bounded: the oldest entries are forgotten. */

const FAULTS_BEFORE_BAN = 3;
const FIRST_BAN_MS = 60_000;
const LONGEST_BAN_MS = 24 * 3_600_000;
const FORGET_MS = 3_600_000;
const MAX_ENTRIES = 10_000;

interface Entry {
  faults: number;
  bans: number;
  bannedUntil: number;
  lastAt: number;
}

export class FaultLedger {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Records one fault at `now` (ms); every third one bans the address, for a minute at first, then four times as long. */
  record(host: string, now: number): void {
    const entry = this.#entries.get(host) ?? { faults: 0, bans: 0, bannedUntil: 0, lastAt: now };
    if (now - entry.lastAt > FORGET_MS) entry.faults = 0;
    entry.faults++;
    entry.lastAt = now;
    if (entry.faults >= FAULTS_BEFORE_BAN) {
      entry.faults = 0;
      entry.bannedUntil = now + Math.min(LONGEST_BAN_MS, FIRST_BAN_MS * 4 ** entry.bans);
      entry.bans++;
    }
    this.#entries.delete(host);
    this.#entries.set(host, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_ENTRIES) break;
      this.#entries.delete(oldest);
    }
  }

  banned(host: string, now: number): boolean {
    return (this.#entries.get(host)?.bannedUntil ?? Number.NEGATIVE_INFINITY) > now;
  }
}
