/**
 * Dialling: the ways to an address, each a transport with or without encryption, tried one after the other until a peer
 * answers by one of them. The way that worked is remembered with the address and comes first the next time.
 */
import type { Clock } from "@everseed/core";
import { dialOrder, type EncryptionPolicy } from "../encryption/policy.ts";
import type { Connection, Transport } from "../transport.ts";
import type { Introducer } from "./introducer.ts";
import type { PeerAddress, WayName } from "./peer-book.ts";
import type { TableEntry } from "./torrent-table.ts";

const CONNECT_TIMEOUT_MS = 10_000;

interface Way {
  readonly transport: Transport;
  readonly encrypted: boolean;
}

export interface DialerInit {
  readonly clock: Clock;
  /** In the order in which they are tried. */
  readonly transports: readonly Transport[];
  readonly policy: EncryptionPolicy;
  readonly introducer: Pick<Introducer, "greet">;
  readonly stopped: () => boolean;
}

export class Dialer {
  readonly #init: DialerInit;

  constructor(init: DialerInit) {
    this.#init = init;
  }

  /**
   * Resolves with whether a peer answered; if not, every way has failed and the book knows. `only`: the one transport to
   * try. Never rejects.
   */
  async dial(entry: TableEntry, address: PeerAddress, only?: string): Promise<boolean> {
    const { clock, introducer, stopped } = this.#init;
    const { book, torrent } = entry;
    const unreachable = new Set<Transport>();
    for (const { transport, encrypted } of this.#ways(book.wayTo(address), only)) {
      // Encryption changes nothing about an address that does not even take the connection.
      if (unreachable.has(transport)) continue;
      if (stopped() || !torrent.wantsPeers) break;
      let connection: Connection;
      try {
        connection = await transport.connect(address.host, address.port, { timeoutMs: CONNECT_TIMEOUT_MS });
      } catch {
        unreachable.add(transport);
        continue;
      }
      const outcome = await introducer.greet(connection, entry, { encrypted });
      if (outcome === "failed") continue;
      if (outcome === "stranger") break;
      book.answered(address, { transport: transport.name, encrypted });
      if (outcome === "refused") book.left(connection.remote, false, clock.now());
      return true;
    }
    // Whom others send us to is in nobody's book, or is being dialled by it as well.
    if (only === undefined) book.failed(address, clock.now());
    return false;
  }

  #ways(worked: WayName | undefined, only: string | undefined): Way[] {
    const { policy } = this.#init;
    const transports = this.#init.transports.filter(({ name }) => only === undefined || name === only);
    const ways = transports.flatMap((transport) => dialOrder(policy).map((encrypted) => ({ transport, encrypted })));
    const known = ({ transport, encrypted }: Way): boolean =>
      transport.name === worked?.transport && encrypted === worked.encrypted;
    return [...ways.filter(known), ...ways.filter((way) => !known(way))];
  }
}
