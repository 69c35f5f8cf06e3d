/**
 * A web server as a peer: a `Connection` that speaks the peer wire towards our own engine, has everything, and gets what is
 * asked of it by HTTP. So the picker, the check of hashes, blame and rates are those of any peer, and there is no second way
 * of downloading. How a range is asked for is the source's: `web-seed.ts` (BEP 19), `http-seed.ts` (BEP 17).
 *
 * Invariant: at most one range is fetched at a time, of at most `MAX_RANGE_BYTES`, and what has come is handed on before more
 * is read; requests are answered in the order in which they came, or rejected, or the connection ends with the reason. While
 * the server is busy the peer chokes us.
 */
import { type Clock, EverseedError, type RandomBytes, utf8 } from "@everseed/core";
import {
  decodeHandshake,
  decodeMessage,
  encodeHandshake,
  encodeMessage,
  encodePieceHeader,
  HANDSHAKE_BYTES,
} from "@everseed/wire";
import { FrameReader } from "../peer/frame-reader.ts";
import type { Connection, ConnectionHandlers } from "../transport.ts";

/** Adjacent requests are fetched as one range. */
const MAX_RANGE_BYTES = 4 << 20;
const MAX_QUEUED = 4_096;
const MAX_MESSAGE_BYTES = 1 << 20;
const MAX_WAIT_SECONDS = 3_600;
/** The engine drops peers that say nothing for long. */
const KEEP_ALIVE_MS = 60_000;

/** A server of one torrent's data. */
export interface HttpSource {
  readonly url: string;
  readonly pieceLengthBytes: number;
  /** A range ends where its piece ends. */
  readonly pieceByPiece: boolean;
  /**
   * Bytes of the torrent's linear space, in chunks of any size, padding as zeros. Rejects with EverseedError when the server
   * does not have them, or with `ServerBusy` before the first.
   */
  read(startBytes: number, lengthBytes: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** The server asks for patience. */
export class ServerBusy extends Error {
  readonly seconds: number;

  constructor(seconds: number) {
    super(`busy for ${seconds} s`);
    this.seconds = Math.min(MAX_WAIT_SECONDS, Math.max(1, seconds));
  }
}

export interface HttpPeerInit {
  readonly source: HttpSource;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Called once, when the connection ends, by whichever side. */
  readonly onClose: (error?: Error) => void;
}

interface Request {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

export class HttpPeer implements Connection {
  readonly remote: string;
  readonly initiator = true;
  readonly queuedBytes = 0;
  handlers: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };
  readonly #init: HttpPeerInit;
  readonly #reader: FrameReader;
  readonly #queue: Request[] = [];
  readonly #abort = new AbortController();
  #greeting: Uint8Array = new Uint8Array();
  #greeted = false;
  #fetching = false;
  #paused: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #closed = false;
  #cancelWait: (() => void) | undefined;

  constructor(init: HttpPeerInit) {
    this.#init = init;
    const { hostname, port, protocol } = new URL(init.source.url);
    this.remote = `web:${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    this.#reader = new FrameReader(
      { onMessage: (payload) => this.#onMessage(payload), onBlockStart: () => undefined, onBlockEnd() {} },
      { maxMessageBytes: MAX_MESSAGE_BYTES, maxBlockBytes: 1 << 17 },
    );
  }

  send(parts: readonly Uint8Array[], sent?: () => void): boolean {
    for (const part of parts) this.#receive(part);
    sent?.();
    return true;
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
  }

  close(): void {
    this.#end();
  }

  #end(error?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#abort.abort();
    this.#cancelWait?.();
    this.resume();
    this.#queue.length = 0;
    // As with a socket, whoever closes hears of it in a later turn.
    queueMicrotask(() => {
      this.handlers.onClose(error);
      this.#init.onClose(error);
    });
  }

  /** What our engine says. */
  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    let rest = bytes;
    if (!this.#greeted) {
      const both = new Uint8Array(this.#greeting.length + rest.length);
      both.set(this.#greeting);
      both.set(rest, this.#greeting.length);
      this.#greeting = both;
      if (both.length < HANDSHAKE_BYTES) return;
      this.#greeted = true;
      const { wireInfoHash, extensions } = decodeHandshake(both.slice(0, HANDSHAKE_BYTES));
      rest = both.subarray(HANDSHAKE_BYTES);
      const peerId = this.#init.random(20);
      peerId.set(utf8("-WS0100-"));
      queueMicrotask(() => {
        this.#say(
          encodeHandshake({
            wireInfoHash,
            peerId,
            extensions: { ...extensions, extended: false, dht: false, fast: true },
          }),
          encodeMessage({ type: "haveAll" }),
          encodeMessage({ type: "unchoke" }),
        );
      });
    }
    this.#reader.push(rest);
  }

  #say(...parts: readonly Uint8Array[]): void {
    for (const part of parts) if (!this.#closed) this.handlers.onData(part);
  }

  #onMessage(payload: Uint8Array): void {
    if (payload.length === 0) return;
    const message = decodeMessage(payload);
    if (message.type === "request") {
      const { piece, begin, length } = message;
      if (this.#queue.length >= MAX_QUEUED) return void queueMicrotask(() => this.#reject({ piece, begin, length }));
      this.#queue.push({ piece, begin, length });
      if (!this.#fetching) {
        this.#fetching = true;
        queueMicrotask(() => void this.#fetch());
      }
    } else if (message.type === "cancel") {
      const at = this.#queue.findIndex(
        ({ piece, begin, length }) => piece === message.piece && begin === message.begin && length === message.length,
      );
      const [cancelled] = at < 0 ? [] : this.#queue.splice(at, 1);
      if (cancelled !== undefined) queueMicrotask(() => this.#reject(cancelled));
    }
  }

  #reject(request: Request): void {
    this.#say(encodeMessage({ type: "reject", ...request }));
  }

  async #fetch(): Promise<void> {
    try {
      while (!this.#closed && this.#queue.length > 0) {
        const run = this.#takeRun();
        await this.#serve(run).catch((error: unknown) => {
          if (!(error instanceof ServerBusy)) throw error;
          this.#choke(run, error.seconds);
        });
      }
    } catch (error) {
      this.#end(error as Error);
    } finally {
      this.#fetching = false;
    }
  }

  /** As a peer does that has no slot for us: gives back what was asked for, and says when there is one again. */
  #choke(run: readonly Request[], seconds: number): void {
    const { clock } = this.#init;
    const until = clock.now() + seconds * 1_000;
    this.#say(encodeMessage({ type: "choke" }));
    for (const request of [...run, ...this.#queue.splice(0)]) this.#reject(request);
    const wait = (): void => {
      this.#cancelWait = undefined;
      const leftMs = until - clock.now();
      if (leftMs <= 0) return this.#say(encodeMessage({ type: "unchoke" }));
      this.#say(encodeMessage({ type: "keepAlive" }));
      this.#cancelWait = clock.after(Math.min(leftMs, KEEP_ALIVE_MS), wait);
    };
    wait();
  }

  /** The first request and those that follow it without a gap. */
  #takeRun(): Request[] {
    const { pieceLengthBytes, pieceByPiece } = this.#init.source;
    const at = ({ piece, begin }: Request): number => piece * pieceLengthBytes + begin;
    const first = this.#queue[0] as Request;
    let count = 1;
    let end = at(first) + first.length;
    for (; count < this.#queue.length; count++) {
      const next = this.#queue[count] as Request;
      if (pieceByPiece && next.piece !== first.piece) break;
      if (at(next) !== end || end + next.length - at(first) > MAX_RANGE_BYTES) break;
      end += next.length;
    }
    return this.#queue.splice(0, count);
  }

  async #serve(run: readonly Request[]): Promise<void> {
    const { source } = this.#init;
    const [first] = run as [Request];
    const total = run.reduce((sum, { length }) => sum + length, 0);
    let index = 0;
    let block = new Uint8Array(first.length);
    let filled = 0;
    let done = 0;
    /** Hands bytes on, block by block. */
    const take = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + block.length - filled);
        block.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < block.length) continue;
        const { piece, begin, length } = run[index] as Request;
        this.#say(encodePieceHeader(piece, begin, length), block);
        index++;
        filled = 0;
        block = new Uint8Array(run[index]?.length ?? 0);
      }
    };
    const start = first.piece * source.pieceLengthBytes + first.begin;
    for await (const chunk of source.read(start, total, this.#abort.signal)) {
      await this.#paused;
      if (this.#closed) return;
      done += chunk.length;
      if (done > total) break;
      take(chunk);
    }
    if (done === total) return;
    const what = `Cannot use ${source.url}: expected ${total} bytes, received ${done}`;
    throw new EverseedError("web-seed-length", done > total ? `${what} or more` : what);
  }
}
