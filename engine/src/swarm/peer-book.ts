/** Addresses a torrent may connect to: bounded, each tried again only after a wait that grows with its failures. */

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

const MAX_ADDRESSES = 2_000;
const MAX_FAILURES = 6;
const FIRST_RETRY_MS = 2_000;
/** Two seeders have nothing to tell each other: they part at once, and must not meet again every second. */
const REJOIN_MS = 120_000;

interface Entry {
  readonly address: PeerAddress;
  failures: number;
  retryAt: number;
  busy: boolean;
}

export class PeerBook {
  readonly #entries = new Map<string, Entry>();

  add(address: PeerAddress): void {
    const key = `${address.host}:${address.port}`;
    if (address.port < 1 || address.port > 65535 || this.#entries.has(key) || this.#entries.size >= MAX_ADDRESSES)
      return;
    this.#entries.set(key, { address, failures: 0, retryAt: Number.NEGATIVE_INFINITY, busy: false });
  }

  /** The next address worth trying at `now` (ms); it is busy until `ended` is called. */
  next(now: number, allowed: (host: string) => boolean): PeerAddress | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.busy || entry.retryAt > now || !allowed(entry.address.host)) continue;
      entry.busy = true;
      return entry.address;
    }
    return undefined;
  }

  /** The attempt is over: joined the torrent, or failed. */
  ended(address: PeerAddress, joined: boolean, now: number): void {
    const key = `${address.host}:${address.port}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.busy = false;
    entry.failures = joined ? 0 : entry.failures + 1;
    // A peer that joined is tried again too, in case it goes away; as long as it is there the torrent refuses the second connection.
    entry.retryAt = now + (joined ? REJOIN_MS : FIRST_RETRY_MS * 2 ** entry.failures);
    if (entry.failures > MAX_FAILURES) this.#entries.delete(key);
  }
}
