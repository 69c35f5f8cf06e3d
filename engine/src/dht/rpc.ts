/**
 * Questions and answers over one UDP port. Invariant: every question ends once, with an answer or without; an answer counts
 * only from the address that was asked, with the transaction that was sent, and questions under way are bounded.
 */
import { type Clock, type RandomBytes, toHex } from "@everseed/core";
import type { BencodeInput } from "@everseed/metainfo";
import {
  decodeKrpc,
  encodeKrpcError,
  encodeQuery,
  encodeResponse,
  type KrpcQuery,
  type KrpcResponse,
  type PeerEndpoint,
} from "@everseed/wire";
import type { DatagramPort } from "../datagrams.ts";

const TIMEOUT_MS = 5_000;
const MAX_PENDING = 1_024;
const TRANSACTION_BYTES = 4;
/** Queries that one address may ask in ten seconds. */
const QUERIES_PER_WINDOW = 100;
const WINDOW_MS = 10_000;
const MAX_COUNTED_HOSTS = 8_192;

/** Values of an answer, or an error to send, or nothing at all. */
export type Reply =
  | { readonly values: Readonly<Record<string, BencodeInput>> }
  | { readonly error: readonly [code: number, message: string] }
  | undefined;

export interface RpcInit {
  readonly port: DatagramPort;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly ownId: () => Uint8Array;
  readonly readOnly: boolean;
  readonly onQuery: (query: KrpcQuery, from: PeerEndpoint) => Reply;
  readonly onAnswer: (answer: KrpcResponse, from: PeerEndpoint) => void;
  readonly onSilence: (from: PeerEndpoint) => void;
}

export class Rpc {
  readonly #init: RpcInit;
  readonly #pending = new Map<string, { end: (answer: KrpcResponse | undefined) => void }>();
  readonly #asked = new Map<string, { since: number; count: number }>();
  #unsubscribe: (() => void) | undefined;

  constructor(init: RpcInit) {
    this.#init = init;
  }

  start(): void {
    this.#unsubscribe ??= this.#init.port.subscribe((packet, host, port) => {
      if (packet[0] !== 0x64) return false;
      this.#receive(packet, { host, port });
      return true;
    });
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const { end } of [...this.#pending.values()]) end(undefined);
  }

  /** Resolves with the answer; undefined: none came in five seconds, or it was an error. */
  ask(
    to: PeerEndpoint,
    method: string,
    args: Readonly<Record<string, BencodeInput>>,
  ): Promise<KrpcResponse | undefined> {
    const { clock, random, port, ownId, readOnly } = this.#init;
    if (this.#pending.size >= MAX_PENDING || this.#unsubscribe === undefined) return Promise.resolve(undefined);
    const transaction = random(TRANSACTION_BYTES);
    const key = keyOf(transaction, to);
    return new Promise((resolve) => {
      const cancel = clock.after(TIMEOUT_MS, () => {
        end(undefined);
        this.#init.onSilence(to);
      });
      const end = (answer: KrpcResponse | undefined): void => {
        cancel();
        this.#pending.delete(key);
        resolve(answer);
      };
      this.#pending.set(key, { end });
      port.send(encodeQuery({ transaction, method, args: { ...args, id: ownId() }, readOnly }), to.host, to.port);
    });
  }

  #receive(packet: Uint8Array, from: PeerEndpoint): void {
    const message = decodeKrpc(packet);
    if (message === undefined) return;
    if (message.type === "query") return this.#answer(message, from);
    const asked = this.#pending.get(keyOf(message.transaction, from));
    if (asked === undefined) return;
    if (message.type === "response") this.#init.onAnswer(message, from);
    asked.end(message.type === "response" ? message : undefined);
  }

  #answer(query: KrpcQuery, from: PeerEndpoint): void {
    if (this.#init.readOnly || this.#tooMany(from.host)) return;
    const reply = this.#init.onQuery(query, from);
    if (reply === undefined) return;
    const { transaction } = query;
    const packet =
      "values" in reply
        ? encodeResponse(transaction, { ...reply.values, id: this.#init.ownId() }, from)
        : encodeKrpcError(transaction, ...reply.error);
    this.#init.port.send(packet, from.host, from.port);
  }

  #tooMany(host: string): boolean {
    const now = this.#init.clock.now();
    const seen = this.#asked.get(host);
    if (seen !== undefined && now - seen.since < WINDOW_MS) return ++seen.count > QUERIES_PER_WINDOW;
    // Forged senders must not make the table grow: it begins anew, which at worst lets a window's worth through.
    if (this.#asked.size >= MAX_COUNTED_HOSTS) this.#asked.clear();
    this.#asked.set(host, { since: now, count: 1 });
    return false;
  }
}

function keyOf(transaction: Uint8Array, { host, port }: PeerEndpoint): string {
  return `${toHex(transaction)}|${host}|${port}`;
}
