/**
 * A web seed (BEP 19) as a peer: a `Connection` that speaks the peer wire towards our own engine, has everything, and gets
 * what is asked of it by HTTP ranges. So the picker, the check of hashes, blame and rates are those of any peer, and there is
 * no second way of downloading.
 *
 * Invariant: at most one range is fetched at a time, of at most `MAX_RANGE_BYTES`, and what has come is handed on before more
 * is read; requests are answered in the order in which they came, or the connection ends with the reason.
 */
import { EverseedError, type RandomBytes, utf8 } from "@everseed/core";
import type { Metainfo } from "@everseed/metainfo";
import {
  decodeHandshake,
  decodeMessage,
  encodeHandshake,
  encodeMessage,
  encodePieceHeader,
  HANDSHAKE_BYTES,
} from "@everseed/wire";
import { FrameReader } from "../peer/frame-reader.ts";
import { createSpans } from "../storage-layout.ts";
import type { Connection, ConnectionHandlers } from "../transport.ts";

/** Adjacent requests are fetched as one range. */
const MAX_RANGE_BYTES = 4 << 20;
const MAX_QUEUED = 4_096;
const MAX_MESSAGE_BYTES = 1 << 20;

/**
 * Bytes [start, end) of a file. Rejects with EverseedError `web-seed-*` when the server has not exactly those; the signal ends
 * the transfer.
 */
export type HttpRange = (
  url: string,
  range: { readonly start: number; readonly end: number; readonly signal: AbortSignal },
) => Promise<AsyncIterable<Uint8Array>>;

export interface WebSeedInit {
  readonly url: string;
  readonly metainfo: Metainfo;
  readonly http: HttpRange;
  readonly random: RandomBytes;
  /** Called once, when the connection ends, by whichever side. */
  readonly onClose: (error?: Error) => void;
}

interface Request {
  readonly piece: number;
  readonly begin: number;
  readonly length: number;
}

/** Hand it to `Engine.addConnection`. */
export function openWebSeed(init: WebSeedInit): Connection {
  return new WebSeed(init);
}

/** Where the file lies (BEP 19): a URL that ends in a slash is a folder, another is the file of a single-file torrent. */
export function webSeedUrl(url: string, metainfo: Metainfo, file: number): string {
  const { name, singleFile, files } = metainfo;
  if (singleFile && !url.endsWith("/")) return url;
  const path = singleFile ? [name] : [name, ...(files[file]?.path ?? [])];
  return `${url.replace(/\/?$/, "/")}${path.map((part) => encodeURIComponent(part.toWellFormed())).join("/")}`;
}

class WebSeed implements Connection {
  readonly remote: string;
  readonly initiator = true;
  readonly queuedBytes = 0;
  handlers: ConnectionHandlers = { onData() {}, onDrain() {}, onClose() {} };
  readonly #init: WebSeedInit;
  readonly #spans: ReturnType<typeof createSpans>;
  readonly #reader: FrameReader;
  readonly #queue: Request[] = [];
  readonly #abort = new AbortController();
  #greeting: Uint8Array = new Uint8Array();
  #greeted = false;
  #fetching = false;
  #paused: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #closed = false;

  constructor(init: WebSeedInit) {
    this.#init = init;
    const { hostname, port, protocol } = new URL(init.url);
    this.remote = `web:${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    this.#spans = createSpans(init.metainfo);
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
      while (!this.#closed && this.#queue.length > 0) await this.#serve(this.#takeRun());
    } catch (error) {
      this.#end(error as Error);
    } finally {
      this.#fetching = false;
    }
  }

  /** The first request and those that follow it without a gap. */
  #takeRun(): Request[] {
    const at = ({ piece, begin }: Request): number => piece * this.#init.metainfo.pieceLengthBytes + begin;
    const first = this.#queue[0] as Request;
    let count = 1;
    let end = at(first) + first.length;
    for (; count < this.#queue.length; count++) {
      const next = this.#queue[count] as Request;
      if (at(next) !== end || end + next.length - at(first) > MAX_RANGE_BYTES) break;
      end += next.length;
    }
    return this.#queue.splice(0, count);
  }

  async #serve(run: readonly Request[]): Promise<void> {
    const [first] = run as [Request];
    const start = first.piece * this.#init.metainfo.pieceLengthBytes + first.begin;
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
        done += part.length;
        if (filled < block.length) continue;
        const { piece, begin, length } = run[index] as Request;
        this.#say(encodePieceHeader(piece, begin, length), block);
        index++;
        filled = 0;
        block = new Uint8Array(run[index]?.length ?? 0);
      }
    };
    for (const span of this.#spans(start, total)) {
      // What lies between files is padding, which nobody stores.
      if (span.rangeOffsetBytes > done) take(new Uint8Array(span.rangeOffsetBytes - done));
      const url = webSeedUrl(this.#init.url, this.#init.metainfo, span.file);
      const range = { start: span.fileOffsetBytes, end: span.fileOffsetBytes + span.lengthBytes };
      const body = await this.#init.http(url, { ...range, signal: this.#abort.signal });
      let left = span.lengthBytes;
      for await (const chunk of body) {
        await this.#paused;
        if (this.#closed) return;
        left -= chunk.length;
        if (left < 0) break;
        take(chunk);
      }
      if (left !== 0) {
        throw new EverseedError(
          "web-seed-length",
          `Cannot use ${url}: expected ${span.lengthBytes} bytes, received ${span.lengthBytes - left}`,
        );
      }
    }
    if (done < total) take(new Uint8Array(total - done));
  }
}
