/**
 * Dials whom peers introduce us to (BEP 55), over uTP alone and at once: the other side does the same, and both NATs open.
 * Peers choose these addresses, so their number is bounded whoever sends them: a hostile relay gets no more out of us than
 * a few packets a minute towards any one host.
 */
import { type Clock, toHex } from "@everseed/core";
import { Pace } from "../limits/pace.ts";
import { UTP } from "../torrent/contact.ts";
import type { Dialer } from "./dialer.ts";
import type { PeerAddress } from "./peer-book.ts";
import type { TableEntry } from "./torrent-table.ts";

const MINUTE_MS = 60_000;
/** Of all torrents and relays together. */
const MAX_A_MINUTE = 60;
const MAX_A_MINUTE_TO_HOST = 3;
const MAX_OPEN = 16;

export interface PuncherInit {
  readonly clock: Clock;
  readonly dialer: Pick<Dialer, "dial">;
  /** Addresses that are no peers of ours. */
  readonly refused: (host: string, now: number) => boolean;
  /** One more connection may be. */
  readonly hasRoom: () => boolean;
}

export class Puncher {
  readonly #init: PuncherInit;
  readonly #all = new Pace(MAX_A_MINUTE, MINUTE_MS);
  /** At most as many as are dialled a minute. */
  readonly #hosts = new Map<string, { readonly pace: Pace; usedAt: number }>();
  /** Those that are being dialled: when both sides ask, each is told twice. */
  readonly #open = new Set<string>();

  constructor(init: PuncherInit) {
    this.#init = init;
  }

  dial(entry: TableEntry, address: PeerAddress): void {
    const now = this.#init.clock.now();
    const { refused, hasRoom, dialer } = this.#init;
    if (this.#open.size >= MAX_OPEN || !hasRoom() || !entry.torrent.wantsPeers || refused(address.host, now)) return;
    const key = `${address.host}|${address.port}|${toHex(entry.torrent.wireInfoHashes[0] as Uint8Array)}`;
    if (this.#open.has(key) || !this.#mayDial(address.host, now)) return;
    this.#open.add(key);
    void dialer.dial(entry, address, UTP).then(() => {
      this.#open.delete(key);
    });
  }

  #mayDial(host: string, now: number): boolean {
    for (const [name, { usedAt }] of this.#hosts) if (now - usedAt >= MINUTE_MS) this.#hosts.delete(name);
    const known = this.#hosts.get(host) ?? { pace: new Pace(MAX_A_MINUTE_TO_HOST, MINUTE_MS), usedAt: now };
    if (!known.pace.take(now) || !this.#all.take(now)) return false;
    known.usedAt = now;
    this.#hosts.set(host, known);
    return true;
  }
}
