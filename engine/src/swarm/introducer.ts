/**
 * What happens on a fresh connection before its torrent takes it over: the encrypted handshake where there is one
 * (`encryption/handshake.ts`), then the 68 bytes of BEP 3 from each side.
 *
 * Invariant: each introduction ends, once, within 10 seconds; it holds no more than a step of a handshake and the chunk
 * that came last; unless the torrent took the connection it is closed.
 */
import { type Clock, equalBytes, ProtocolError, type RandomBytes, wireInfoHash } from "@everseed/core";
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES, type Handshake } from "@everseed/wire";
import { encryptConnection, SlabPool } from "../encryption/encrypted-connection.ts";
import { type HandshakeSide, Initiator, isPlainHandshake, Receiver, type Secured } from "../encryption/handshake.ts";
import { Intake } from "../encryption/intake.ts";
import {
  acceptsEncrypted,
  acceptsPlain,
  type ConnectionEncryption,
  type EncryptionPolicy,
  offeredMethods,
  selectMethod,
} from "../encryption/policy.ts";
import type { Connection } from "../transport.ts";
import type { TableEntry, TorrentTable } from "./torrent-table.ts";

const TIMEOUT_MS = 10_000;

/**
 * `refused`: the torrent has this peer already, or has enough. `stranger`: it answered, and is us or has another torrent.
 * `failed`: it never came to an answer.
 */
export type Outcome = "joined" | "refused" | "stranger" | "failed";

export interface Greeting {
  readonly encrypted: boolean;
  /** The name that the torrent is called by: 20 bytes. @default its first */
  readonly name?: Uint8Array;
}

export interface IntroducerInit {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly policy: EncryptionPolicy;
  readonly peerId: Uint8Array;
  readonly table: TorrentTable;
  /** Says so in our handshakes. @default false */
  readonly dht?: boolean;
}

/** What the two sides of a connection do differently. */
interface Side {
  /** `unknown`: the first bytes of the peer will tell. */
  readonly opening: HandshakeSide | "plain" | "unknown";
  /** Sent before anything is received. */
  readonly first?: Uint8Array;
  /** The torrent that the peer means, where it is welcome. `skey`: the name that the encrypted handshake was about. */
  readonly accept: (theirs: Handshake, skey: Uint8Array | undefined) => TableEntry | undefined;
  /** We greet only when we know what the peer wants. */
  readonly reply: boolean;
}

export class Introducer {
  readonly #init: IntroducerInit;
  readonly #slabs = new SlabPool();

  constructor(init: IntroducerInit) {
    this.#init = init;
  }

  /** Opens as the one who dialled. Never rejects. */
  greet(connection: Connection, entry: TableEntry, how: Greeting): Promise<Outcome> {
    const { random, policy, peerId } = this.#init;
    const { encrypted, name: skey = wireInfoHash(entry.hashes[0] as TableEntry["hashes"][0]) } = how;
    const greeting = this.#greeting(skey, entry);
    const offer = offeredMethods(policy);
    const opening = encrypted ? new Initiator({ random, skey, offer, firstPayload: greeting }) : "plain";
    return this.#introduce(connection, {
      opening,
      first: opening === "plain" ? greeting : opening.hello,
      // A hybrid's peer may answer a v1 handshake with the v2 name (BEP 52, "upgrade path").
      accept: ({ wireInfoHash: name, peerId: theirs }) =>
        entry.torrent.answersTo(name) && !equalBytes(theirs, peerId) ? entry : undefined,
      reply: false,
    });
  }

  /** Waits for what the peer, who dialled, has to say. Never rejects. */
  answer(connection: Connection): Promise<Outcome> {
    const { peerId, table } = this.#init;
    return this.#introduce(connection, {
      opening: "unknown",
      accept: (theirs, skey) => {
        const entry = equalBytes(theirs.peerId, peerId) ? undefined : table.byName(theirs.wireInfoHash);
        return skey === undefined || table.byName(skey) === entry ? entry : undefined;
      },
      reply: true,
    });
  }

  #introduce(connection: Connection, side: Side): Promise<Outcome> {
    return new Promise((resolve) => {
      const cancel = this.#init.clock.after(TIMEOUT_MS, () => introduction.end("failed"));
      const introduction = new Introduction(connection, side, {
        receiver: () => this.#receiver(),
        policy: this.#init.policy,
        slabs: this.#slabs,
        greeting: (name, entry) => this.#greeting(name, entry),
        onEnd: (outcome) => {
          cancel();
          resolve(outcome);
        },
      });
    });
  }

  #receiver(): Receiver {
    const { random, policy, table } = this.#init;
    return new Receiver({
      random,
      findTorrent: (hash) => table.nameByHash(hash),
      select: (offered) => selectMethod(policy, offered),
    });
  }

  #greeting(name: Uint8Array, { hashes }: TableEntry): Uint8Array {
    return encodeHandshake({
      wireInfoHash: name,
      peerId: this.#init.peerId,
      extensions: {
        extended: true,
        fast: true,
        dht: this.#init.dht ?? false,
        v2: hashes.some((hash) => hash.version === 2),
      },
    });
  }
}

interface IntroductionInit {
  readonly receiver: () => Receiver;
  readonly policy: EncryptionPolicy;
  readonly slabs: SlabPool;
  readonly greeting: (name: Uint8Array, entry: TableEntry) => Uint8Array;
  readonly onEnd: (outcome: Outcome) => void;
}

/** One connection, from its first byte to its torrent. */
class Introduction {
  readonly #side: Side;
  readonly #init: IntroductionInit;
  readonly #intake = new Intake();
  /** Decrypts, once that is agreed. */
  #connection: Connection;
  #stage: HandshakeSide | "plain" | "unknown";
  #encryption: ConnectionEncryption = "none";
  #skey: Uint8Array | undefined;
  #ended = false;

  constructor(connection: Connection, side: Side, init: IntroductionInit) {
    this.#side = side;
    this.#init = init;
    this.#connection = connection;
    this.#stage = side.opening;
    this.#listen();
    if (side.first !== undefined) connection.send([side.first]);
  }

  /** The first call counts. */
  end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    if (outcome === "failed" || outcome === "stranger") this.#connection.close();
    this.#init.onEnd(outcome);
  }

  #listen(): void {
    this.#connection.handlers = {
      onData: (chunk) => this.#onData(chunk),
      onDrain() {},
      onClose: () => this.end("failed"),
    };
  }

  #onData(chunk: Uint8Array): void {
    if (this.#ended) return;
    try {
      if (this.#stage === "unknown") this.#onFirstBytes(chunk);
      else if (this.#stage === "plain") {
        this.#intake.add(chunk);
        this.#readGreeting();
      } else this.#onEncrypted(this.#stage, chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end("failed");
    }
  }

  #onFirstBytes(chunk: Uint8Array): void {
    this.#intake.add(chunk);
    const plain = isPlainHandshake(this.#intake.peek(HANDSHAKE_BYTES));
    if (plain === undefined) return;
    const { policy } = this.#init;
    if (!(plain ? acceptsPlain(policy) : acceptsEncrypted(policy))) return this.end("failed");
    this.#stage = plain ? "plain" : this.#init.receiver();
    if (plain) this.#readGreeting();
    else this.#onData(this.#intake.take(this.#intake.length));
  }

  #onEncrypted(side: HandshakeSide, chunk: Uint8Array): void {
    const { send, secured } = side.receive(chunk);
    if (send !== undefined) this.#connection.send([send]);
    if (secured !== undefined) this.#onSecured(secured);
  }

  #onSecured({ skey, ciphers, payload }: Secured): void {
    this.#skey = skey;
    this.#stage = "plain";
    this.#encryption = ciphers === undefined ? "handshake" : "rc4";
    if (ciphers !== undefined) {
      this.#connection = encryptConnection(this.#connection, ciphers, this.#init.slabs);
      this.#listen();
    }
    if (payload.length > 0) this.#onData(payload);
  }

  /** Reads the peer's 68 bytes, and hands the connection with all that follows them to the torrent. */
  #readGreeting(): void {
    const intake = this.#intake;
    if (intake.length < HANDSHAKE_BYTES) return;
    const theirs = decodeHandshake(intake.take(HANDSHAKE_BYTES));
    const entry = this.#side.accept(theirs, this.#skey);
    if (entry === undefined) return this.end("stranger");
    if (this.#side.reply) this.#connection.send([this.#init.greeting(theirs.wireInfoHash, entry)]);
    const peer = entry.torrent.addPeer(this.#connection, theirs, this.#encryption);
    this.end(peer === undefined ? "refused" : "joined");
    if (intake.length > 0) peer?.feed(intake.take(intake.length));
  }
}
