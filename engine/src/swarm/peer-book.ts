/** Addresses a torrent may connect to: bounded, each tried again only after a wait that grows with its failures. */

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** How a peer was reached. */
export interface WayName {
  /** Of `Transport`. */
  readonly transport: string;
  readonly encrypted: boolean;
}

const MAX_ADDRESSES = 2_000;
const MAX_FAILURES = 6;
const FIRST_RETRY_MS = 2_000;
/** A peer that went away may be back: clients that got a magnet's metadata hang up and start anew. */
const REJOIN_MS = 10_000;
/** Two seeders have nothing to tell each other: they part at once, and must not meet again every second. */
const REST_MS = 120_000;
/** Each time they meet in vain they rest twice as long: a swarm of seeders alone would do nothing but greet. */
const MAX_REST_MS = 3_600_000;

interface Entry {
  readonly address: PeerAddress;
  failures: number;
  /** Meetings in a row in which neither side wanted anything. */
  rests: number;
  retryAt: number;
  /** It waits because it is a seed and so were we. */
  resting: boolean;
  busy: boolean;
  /** The way that worked last. */
  way: WayName | undefined;
}

export class PeerBook {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  add(address: PeerAddress): void {
    const key = keyOf(address);
    if (address.port < 1 || address.port > 65535 || this.#entries.has(key)) return;
    if (this.#entries.size >= MAX_ADDRESSES && !this.#forgetWorst()) return;
    this.#entries.set(key, {
      address,
      failures: 0,
      rests: 0,
      retryAt: Number.NEGATIVE_INFINITY,
      resting: false,
      busy: false,
      way: undefined,
    });
  }

  /** Makes room at the cost of the address that failed most: a flood of false hints must not keep out true ones. */
  #forgetWorst(): boolean {
    let worst: Entry | undefined;
    for (const entry of this.#entries.values())
      if (!entry.busy && entry.failures > (worst?.failures ?? 0)) worst = entry;
    return worst !== undefined && this.#entries.delete(keyOf(worst.address));
  }

  /**
   * The next address worth trying at `now` (ms); it is busy until `failed` or `left` is called. `wanting`: we lack something, and
   * those who rest may have it.
   */
  next(now: number, allowed: (host: string) => boolean, wanting = false): PeerAddress | undefined {
    for (const entry of this.#entries.values()) {
      const waits = entry.retryAt > now && !(wanting && entry.resting);
      if (entry.busy || waits || !allowed(entry.address.host)) continue;
      entry.busy = true;
      return entry.address;
    }
    return undefined;
  }

  /** The way by which it answered last. */
  wayTo(address: PeerAddress): WayName | undefined {
    return this.#entries.get(keyOf(address))?.way;
  }

  /** It answered as a peer does. */
  answered(address: PeerAddress, way: WayName): void {
    const entry = this.#entries.get(keyOf(address));
    if (entry !== undefined) entry.way = way;
  }

  /** It could not be reached, or is no peer of this torrent. */
  failed(address: PeerAddress, now: number): void {
    const key = keyOf(address);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.busy = false;
    entry.failures++;
    entry.resting = false;
    entry.retryAt = now + FIRST_RETRY_MS * 2 ** entry.failures;
    if (entry.failures > MAX_FAILURES) this.#entries.delete(key);
  }

  /**
   * The connection to `remote` (`host:port`) is over. `useful`: either side still wants something. `seed`: it showed that it has
   * everything, which does not change in two minutes: it rests longest at once.
   */
  left(remote: string, useful: boolean, now: number, seed = false): void {
    const entry = this.#entries.get(remote);
    if (entry === undefined) return;
    entry.busy = false;
    entry.failures = 0;
    entry.resting = !useful && seed;
    entry.retryAt = now + (useful ? REJOIN_MS : seed ? MAX_REST_MS : Math.min(MAX_REST_MS, REST_MS * 2 ** entry.rests));
    entry.rests = useful ? 0 : entry.rests + 1;
  }
}

/** As `Connection.remote` names it. */
function keyOf({ host, port }: PeerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
